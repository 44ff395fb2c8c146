//! The contract of `ObjectDetector`.

use super::detector_pictures::{is_inside, pictures};
use crate::Frame;
use crate::yolo_object_detector::{COCO_CLASSES, ObjectDetector};

/// Checks the contract of [`ObjectDetector`] on pictures of every layout and of odd sizes.
///
/// # Panics
///
/// Where the contract is broken; the message says how.
#[expect(clippy::panic, reason = "a test suite reports by panicking")]
pub fn object_detector_suite(detector: &dyn ObjectDetector) {
    assert!(!detector.name().is_empty(), "the detector has no name");
    for (picture, frame) in pictures() {
        let detect = || match detector.detect(&frame) {
            Ok(objects) => objects,
            Err(error) => panic!("{picture} cannot be looked at: {error}"),
        };
        let objects = detect();
        assert!(objects == detect(), "{picture} gives other objects the second time");
        for object in &objects {
            let inside = is_inside(&frame, [object.x, object.y, object.width, object.height]);
            assert!(inside, "{picture} gives {object:?}, not inside of it");
            let known = object.class_id < COCO_CLASSES.len();
            assert!(known && (0.0..=1.0).contains(&object.confidence), "{picture}: {object:?}");
        }
        let falling = objects.windows(2).all(|pair| pair[0].confidence >= pair[1].confidence);
        assert!(falling, "{picture}: the surest object is not the first");
    }
    assert!(detector.detect(&Frame::default()).is_err(), "a frame without pixels must be an error");
}
