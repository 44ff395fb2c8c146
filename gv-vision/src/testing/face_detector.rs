//! The contract of `FaceDetector`.

use crate::yolo_face_detector::FaceDetector;
use crate::{Frame, Layout};
use gv_media::Timestamp;

/// Checks the contract of [`FaceDetector`] on pictures of every layout and of odd sizes.
///
/// # Panics
///
/// Where the contract is broken; the message says how.
#[expect(clippy::panic, reason = "a test suite reports by panicking")]
pub fn face_detector_suite(detector: &dyn FaceDetector) {
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
            Ok(faces) => faces,
            Err(error) => panic!("{picture} cannot be looked at: {error}"),
        };
        let faces = detect();
        assert!(faces == detect(), "{picture} gives other faces the second time");
        for face in &faces {
            let inside = face.x >= 0.0
                && face.y >= 0.0
                && face.x + face.width <= width as f32 + 0.01
                && face.y + face.height <= height as f32 + 0.01;
            assert!(inside && face.area() > 0.0, "{picture} gives {face:?}, not inside of it");
            assert!((0.0..=1.0).contains(&face.confidence), "{picture} gives {face:?}");
        }
        let falling = faces.windows(2).all(|pair| pair[0].confidence >= pair[1].confidence);
        assert!(falling, "{picture}: the surest face is not the first");
    }
    let empty = Frame::default();
    assert!(detector.detect(&empty).is_err(), "a frame without pixels must be an error");
}
