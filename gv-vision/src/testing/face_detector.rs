//! The contract of `FaceDetector`.

use super::detector_pictures::{is_inside, pictures};
use crate::Frame;
use crate::yolo_face_detector::FaceDetector;

/// Checks the contract of [`FaceDetector`] on pictures of every layout and of odd sizes.
///
/// # Panics
///
/// Where the contract is broken; the message says how.
#[expect(clippy::panic, reason = "a test suite reports by panicking")]
pub fn face_detector_suite(detector: &dyn FaceDetector) {
    assert!(!detector.name().is_empty(), "the detector has no name");
    for (picture, frame) in pictures() {
        let detect = || match detector.detect(&frame) {
            Ok(faces) => faces,
            Err(error) => panic!("{picture} cannot be looked at: {error}"),
        };
        let faces = detect();
        assert!(faces == detect(), "{picture} gives other faces the second time");
        for face in &faces {
            let inside = is_inside(&frame, [face.x, face.y, face.width, face.height]);
            assert!(inside, "{picture} gives {face:?}, not inside of it");
            assert!((0.0..=1.0).contains(&face.confidence), "{picture} gives {face:?}");
        }
        let falling = faces.windows(2).all(|pair| pair[0].confidence >= pair[1].confidence);
        assert!(falling, "{picture}: the surest face is not the first");
    }
    let empty = Frame::default();
    assert!(detector.detect(&empty).is_err(), "a frame without pixels must be an error");
}
