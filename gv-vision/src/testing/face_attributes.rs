//! The contract of `FaceAttributes`.

use super::detector_pictures::pictures;
use crate::yolo_face_detector::{Face, FaceAttributes};
use crate::{Error, Frame};

/// Checks the contract of [`FaceAttributes`] on faces inside of a picture, at its edge and outside of it.
///
/// # Panics
///
/// Where the contract is broken; the message says how.
#[expect(clippy::panic, reason = "a test suite reports by panicking")]
pub fn face_attributes_suite(seam: &dyn FaceAttributes) {
    let at = |x: f32, side: f32| Face {
        x,
        y: -0.5,
        width: side,
        height: side,
        confidence: 0.9,
        landmarks: None,
    };
    for (picture, frame) in pictures() {
        for face in [at(0.0, 20.0), at(-8.0, 20.0), at(0.0, 1.0)] {
            let tell = || match seam.attributes(&frame, &face) {
                Ok(told) => told,
                Err(error) => panic!("{picture}: {face:?} cannot be looked at: {error}"),
            };
            let told = tell();
            assert!(told == tell(), "{picture}: {face:?} is told differently the second time");
            if let Some(emotion) = &told.emotion {
                assert!(!emotion.label.is_empty(), "an emotion has no label");
                let share = emotion.share;
                assert!((0.0..=1.0).contains(&share), "the share of an emotion is {share}");
            }
            if let Some(age) = told.age {
                assert!(age.is_finite() && age >= 0.0, "an age is {age}");
            }
        }
        let outside = seam.attributes(&frame, &at(1e6, 20.0));
        let is_refused = matches!(outside, Err(Error::InvalidParameter { .. }));
        assert!(is_refused, "a face outside of the picture gives {outside:?}");
    }
    let nothing = seam.attributes(&Frame::default(), &at(0.0, 9.0));
    assert!(nothing.is_err(), "a frame without pixels gives {nothing:?}");
}
