//! Objects found by a network.

use super::{COCO_CLASSES, Object, ObjectDetector, ObjectLayout};
use crate::inference::{BoxF, InferenceModel, check_shares, describe, look, suppress};
use crate::{Error, Frame, Result};

/// How sure an object must be, and how far two of one class may overlap.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ObjectOptions {
    /// Least confidence, 0 to 1; 0.4 by default.
    pub confidence: f32,
    /// Overlap (IoU) above which the less sure of two objects of one class goes, 0 to 1; 0.45 by default.
    pub overlap: f32,
}

impl Default for ObjectOptions {
    fn default() -> Self {
        Self { confidence: 0.4, overlap: 0.45 }
    }
}

/// An object detector around a network whose kind is found from its output.
#[derive(Debug)]
pub struct ModelObjectDetector {
    model: Box<dyn InferenceModel>,
    layout: ObjectLayout,
    options: ObjectOptions,
}

impl ModelObjectDetector {
    /// Takes a network.
    ///
    /// # Errors
    ///
    /// [`Error::ModelOutputs`] where the network is none that is understood,
    /// [`Error::InvalidParameter`] for an option outside 0 to 1.
    pub fn new(model: Box<dyn InferenceModel>, options: ObjectOptions) -> Result<Self> {
        check_shares(&[("confidence", options.confidence), ("overlap", options.overlap)])?;
        let layout = ObjectLayout::recognize(model.size(), model.outputs()).ok_or_else(|| {
            let (name, given) = (model.name().to_owned(), describe(model.outputs()));
            Error::ModelOutputs { name, given, understood: ObjectLayout::UNDERSTOOD }
        })?;
        Ok(Self { model, layout, options })
    }

    /// Which network it is.
    pub const fn layout(&self) -> ObjectLayout {
        self.layout
    }
}

impl ObjectDetector for ModelObjectDetector {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn detect(&self, frame: &Frame) -> Result<Vec<Object>> {
        let model = self.model.as_ref();
        let (place, outputs) = look(model, frame, self.layout.preparation())?;
        let decode = |output| self.layout.decode(model.size(), output, self.options.confidence);
        let found = outputs.first().map(decode).unwrap_or_default();
        let mut objects: Vec<Object> = Vec::new();
        for class_id in 0..COCO_CLASSES.len() {
            let boxes: Vec<BoxF> = found
                .iter()
                .filter(|(_, class)| *class == class_id)
                .map(|(place, _)| *place)
                .collect();
            let kept = suppress(&boxes, self.options.overlap);
            objects.extend(kept.into_iter().filter_map(|at| {
                let BoxF { x, y, width, height, score } = place.box_in_source(&boxes[at])?;
                Some(Object { class_id, confidence: score, x, y, width, height })
            }));
        }
        objects.sort_by(|a, b| {
            b.confidence.total_cmp(&a.confidence).then(a.class_id.cmp(&b.class_id))
        });
        Ok(objects)
    }
}
