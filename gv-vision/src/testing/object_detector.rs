//! The contract of `ObjectDetector`.

use crate::yolo_object_detector::{COCO_CLASSES, ObjectDetector};
use crate::{Frame, Layout};
use gv_media::Timestamp;

/// Checks the contract of [`ObjectDetector`] on pictures of every layout and of odd sizes.
///
/// # Panics
///
/// Where the contract is broken; the message says how.
#[expect(clippy::panic, reason = "a test suite reports by panicking")]
pub fn object_detector_suite(detector: &dyn ObjectDetector) {
    assert!(!detector.name().is_empty(), "the detector has no name");
    let sizes = [(1, 1), (7, 300), (300, 7), (65, 33), (320, 180)];
    let layouts = [Layout::Gray8, Layout::Yuv420p, Layout::Bgr24, Layout::Rgb24];
    for ((width, height), layout) in sizes.into_iter().flat_map(|size| layouts.map(|l| (size, l))) {
        let bytes = layout.frame_bytes(width, height).unwrap_or(0);
        let data = (0..bytes).map(|at| (at * 31 % 251) as u8).collect();
        let picture = format!("{layout:?} of {width}x{height}");
        let Ok(frame) = Frame::new(0, Timestamp::ZERO, width, height, layout, data) else {
            panic!("{picture} is no frame")
        };
        let detect = || match detector.detect(&frame) {
            Ok(objects) => objects,
            Err(error) => panic!("{picture} cannot be looked at: {error}"),
        };
        let objects = detect();
        assert!(objects == detect(), "{picture} gives other objects the second time");
        for object in &objects {
            let inside = object.x >= 0.0
                && object.y >= 0.0
                && object.x + object.width <= width as f32 + 0.01
                && object.y + object.height <= height as f32 + 0.01;
            assert!(inside && object.area() > 0.0, "{picture} gives {object:?}, not inside of it");
            let known = object.class_id < COCO_CLASSES.len();
            assert!(known && (0.0..=1.0).contains(&object.confidence), "{picture}: {object:?}");
        }
        let falling = objects.windows(2).all(|pair| pair[0].confidence >= pair[1].confidence);
        assert!(falling, "{picture}: the surest object is not the first");
    }
    assert!(detector.detect(&Frame::default()).is_err(), "a frame without pixels must be an error");
}
