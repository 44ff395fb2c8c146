//! Faces in pictures.

mod layout;
mod model_detector;

use crate::{Frame, Result};
pub use layout::FaceLayout;
pub use model_detector::{FaceOptions, ModelFaceDetector};
use std::fmt::Debug;

/// Five places of a face in pixels, as (x, y); left and right are the picture's.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Landmarks {
    /// The eye on the picture's left where the person is upright and faces the camera.
    pub left_eye: (f32, f32),
    /// The other eye.
    pub right_eye: (f32, f32),
    /// Tip of the nose.
    pub nose: (f32, f32),
    /// The corner of the mouth below `left_eye`.
    pub mouth_left: (f32, f32),
    /// The corner of the mouth below `right_eye`.
    pub mouth_right: (f32, f32),
}

/// A face in a picture, in pixels, inside of the picture.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Face {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
    /// How sure the detector is, 0 to 1; not a probability that was calibrated.
    pub confidence: f32,
    /// Eyes, nose and mouth, where the detector finds them.
    pub landmarks: Option<Landmarks>,
}

/// Finds faces in pictures.
///
/// # For implementers
///
/// - Faces are in pixels of the frame, inside of it, surest first; each face is given once.
/// - The same frame gives the same faces. Calls come from several threads at once.
/// - What cannot be looked at is an error, never an empty list.
pub trait FaceDetector: Debug + Send + Sync {
    /// What results call the detector (`model_used`).
    fn name(&self) -> &str;

    /// Finds the faces of `frame`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for a frame without pixels, and
    /// whatever makes the detector fail.
    fn detect(&self, frame: &Frame) -> Result<Vec<Face>>;
}
