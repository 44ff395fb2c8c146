//! Faces in pictures and videos (component 5): where they are, for how long, and whose moment is best.
//!
//! [`FaceDetector`] is the seam. Behind it are networks from ONNX files ([`ModelFaceDetector`]: YuNet, UltraFace,
//! YOLOv8) and a cascade that needs no file ([`CascadeFaceDetector`]); [`find_face_detector`] takes the best that is there.

mod attributes;
#[cfg(feature = "cascade")]
mod cascade;
mod find;
mod layout;
mod look;
mod model_detector;
mod moments;
mod presence;
mod tracks;

pub use attributes::{
    AttributeOptions, Attributes, Emotion, FER_2013, FER_PLUS, FaceAttributes, ModelFaceAttributes,
};
#[cfg(feature = "cascade")]
pub use cascade::{CascadeFaceDetector, CascadeOptions};
pub use find::{FaceModel, find_face_detector};
pub use layout::FaceLayout;
pub use look::look_for_faces;
pub use model_detector::{FaceOptions, ModelFaceDetector};
pub use moments::{FaceMoment, best_face_moments};
pub use presence::{FacePresence, Streak};
pub use tracks::{FaceTrack, TrackOptions, TrackedFace, track_faces};

use crate::inference::BoxF;
use crate::{Frame, Result};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;
use std::sync::Arc;

/// Five places of a face in pixels, as (x, y); left and right are the picture's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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

impl Landmarks {
    /// The same places after `moved`.
    #[must_use]
    pub fn map(&self, moved: impl Fn((f32, f32)) -> (f32, f32)) -> Self {
        Self {
            left_eye: moved(self.left_eye),
            right_eye: moved(self.right_eye),
            nose: moved(self.nose),
            mouth_left: moved(self.mouth_left),
            mouth_right: moved(self.mouth_right),
        }
    }

    /// How far the face is turned to the camera, 0 (profile) to 1 (frontal): how evenly the nose divides the distance
    /// between the eyes. `None` where the eyes are in one place.
    pub fn frontal(&self) -> Option<f32> {
        let (left, right) = (self.left_eye, self.right_eye);
        let (across, down) = (right.0 - left.0, right.1 - left.1);
        let length = across * across + down * down;
        if length.is_nan() || length <= 1e-3 {
            return None;
        }
        let along = (self.nose.0 - left.0) * across + (self.nose.1 - left.1) * down;
        let share = along / length;
        Some((1.0 - 2.0 * (share - 0.5).abs()).clamp(0.0, 1.0))
    }
}

/// A face in a picture, in pixels, inside of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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

impl Face {
    /// A face in a box that is inside of its picture.
    pub(crate) const fn new(place: BoxF, landmarks: Option<Landmarks>) -> Self {
        let BoxF { x, y, width, height, score } = place;
        Self { x, y, width, height, confidence: score, landmarks }
    }

    const fn place(&self) -> BoxF {
        let Self { x, y, width, height, confidence, .. } = *self;
        BoxF { x, y, width, height, score: confidence }
    }

    /// The same face in a picture that is `factor` times as large.
    #[must_use]
    pub fn scaled(&self, factor: f32) -> Self {
        Self {
            x: self.x * factor,
            y: self.y * factor,
            width: self.width * factor,
            height: self.height * factor,
            confidence: self.confidence,
            landmarks: self.landmarks.map(|places| places.map(|(x, y)| (x * factor, y * factor))),
        }
    }

    /// Area in square pixels.
    pub fn area(&self) -> f32 {
        self.width * self.height
    }

    /// Overlap with another face: shared area over the area of both, 0 to 1.
    pub fn iou(&self, other: &Self) -> f32 {
        self.place().iou(&other.place())
    }

    /// Middle of the box as (x, y).
    pub fn middle(&self) -> (f32, f32) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// Distance of the middle from a place, in mean sides of this face and another.
    pub(crate) fn distance(&self, (x, y): (f32, f32), other: &Self) -> f32 {
        let side = ((self.area() + other.area()) / 2.0).sqrt().max(1e-6);
        let (u, v) = self.middle();
        (u - x).hypot(v - y) / side
    }

    /// The box that is a `share` of the way (0 to 1) to another face's; landmarks are those of the nearer.
    pub(crate) fn towards(&self, other: &Self, share: f32) -> Self {
        let between = |a: f32, b: f32| a + (b - a) * share;
        Self {
            x: between(self.x, other.x),
            y: between(self.y, other.y),
            width: between(self.width, other.width),
            height: between(self.height, other.height),
            confidence: between(self.confidence, other.confidence),
            landmarks: if share < 0.5 { self.landmarks } else { other.landmarks },
        }
    }
}

/// What a detector saw in one frame of a video; faces are in source pixels.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FaceFrame {
    /// Number of the frame in the video, from 0.
    pub frame: u64,
    /// The moment at which it is shown, in seconds.
    pub time: f64,
    /// The faces, surest first.
    pub faces: Vec<Face>,
    /// How sharp the largest face is, 0 to 1; `None` where there is none.
    pub sharpness: Option<f32>,
}

/// Finds faces in pictures.
///
/// # For implementers
///
/// - Faces are in pixels of the frame, inside of it, surest first; each face is given once.
/// - The same frame gives the same faces. Calls come from several threads at once.
/// - What cannot be looked at is an error, never an empty list.
///
/// `testing::face_detector_suite` (feature `testing`) checks this.
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

impl<T: FaceDetector + ?Sized> FaceDetector for Arc<T> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn detect(&self, frame: &Frame) -> Result<Vec<Face>> {
        (**self).detect(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looking(nose: f32) -> Landmarks {
        Landmarks {
            left_eye: (10.0, 10.0),
            right_eye: (30.0, 10.0),
            nose: (nose, 20.0),
            mouth_left: (12.0, 30.0),
            mouth_right: (28.0, 30.0),
        }
    }

    #[test]
    fn a_face_is_frontal_where_the_nose_is_between_the_eyes() {
        assert_eq!(looking(20.0).frontal(), Some(1.0));
        assert_eq!(looking(15.0).frontal(), Some(0.5));
        assert_eq!(looking(5.0).frontal(), Some(0.0));
        let mut one_eyed = looking(20.0);
        one_eyed.right_eye = one_eyed.left_eye;
        assert_eq!(one_eyed.frontal(), None);
    }
}
