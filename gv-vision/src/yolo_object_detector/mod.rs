//! Objects in pictures and videos (component 6): what is there, what kind of scene it makes, how long the product shows.
//!
//! [`ObjectDetector`] is the seam; [`ModelObjectDetector`] runs YOLOX, YOLOv8 and YOLOv5 networks from ONNX files. No
//! weights come with this crate, so without a file there is no detector, and what it would say is unknown.

mod classes;
mod find;
mod layout;
mod model_detector;
mod safety;
mod scene;
mod summary;
mod visibility;

pub use classes::{AD_RELEVANT_CATEGORIES, COCO_CLASSES, category_of, is_product};
pub use find::{ObjectModel, find_object_detector};
pub use layout::ObjectLayout;
pub use model_detector::{ModelObjectDetector, ObjectOptions};
pub use safety::{BRAND_UNSAFE_CLASSES, BrandSafety, SafetySighting, Verdict, brand_safety};
pub use scene::{SceneAnalysis, SceneShare, SceneType, analyze_scene};
pub use summary::{ObjectFrame, ObjectSummary, look_for_objects, summarize};
pub use visibility::{ProductVisibility, product_visibility};

use crate::{Frame, Result};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;
use std::sync::Arc;

/// An object in a picture, in pixels, inside of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Object {
    /// Its class, the number in [`COCO_CLASSES`].
    pub class_id: usize,
    /// How sure the detector is, 0 to 1; not a probability that was calibrated.
    pub confidence: f32,
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl Object {
    /// The class in words.
    pub fn class_name(&self) -> &'static str {
        COCO_CLASSES.get(self.class_id).copied().unwrap_or("unknown")
    }

    /// What the class is to an ad.
    pub fn category(&self) -> &'static str {
        category_of(self.class_id)
    }

    /// Area in square pixels.
    pub fn area(&self) -> f32 {
        self.width * self.height
    }

    /// The same object in a picture that is `factor` times as large.
    #[must_use]
    pub fn scaled(&self, factor: f32) -> Self {
        Self {
            x: self.x * factor,
            y: self.y * factor,
            width: self.width * factor,
            height: self.height * factor,
            ..*self
        }
    }
}

/// Finds objects of the 80 COCO classes in pictures.
///
/// # For implementers
///
/// - Objects are in pixels of the frame, inside of it, surest first; each is given once.
/// - The same frame gives the same objects. Calls come from several threads at once.
/// - What cannot be looked at is an error, never an empty list.
///
/// `testing::object_detector_suite` (feature `testing`) checks this.
pub trait ObjectDetector: Debug + Send + Sync {
    /// What results call the detector.
    fn name(&self) -> &str;

    /// Finds the objects of `frame`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for a frame without pixels, and
    /// whatever makes the detector fail.
    fn detect(&self, frame: &Frame) -> Result<Vec<Object>>;
}

impl<T: ObjectDetector + ?Sized> ObjectDetector for Arc<T> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn detect(&self, frame: &Frame) -> Result<Vec<Object>> {
        (**self).detect(frame)
    }
}
