//! Objects found by a network.

use super::{COCO_CLASSES, Object, ObjectDetector, ObjectLayout};
use crate::inference::{BoxF, InferenceModel, Letterbox, describe, rgb_pixels, suppress};
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
        for (name, value) in [("confidence", options.confidence), ("overlap", options.overlap)] {
            if !(0.0..=1.0).contains(&value) {
                let given = value.to_string();
                return Err(Error::InvalidParameter { name, given, allowed: "0 to 1" });
            }
        }
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
        let (model, size) = (&self.model, self.model.size());
        let (fit, bgr, scale) = self.layout.preparation();
        let place = Letterbox::new((frame.width(), frame.height()), size, fit)?;
        let outputs = model.run(&place.tensor(&rgb_pixels(frame), bgr, scale, 0.0)?)?;
        let finite = outputs.iter().all(|all| all.data().iter().all(|number| number.is_finite()));
        let Some(output) = outputs.first().filter(|_| finite) else {
            let message = format!("{} gives numbers that are not finite", model.name());
            return Err(Error::ModelRun { message });
        };
        let found = self.layout.decode(size, output, self.options.confidence);
        let mut objects: Vec<Object> = Vec::new();
        for class_id in 0..COCO_CLASSES.len() {
            let boxes: Vec<BoxF> = found
                .iter()
                .filter(|(_, class)| *class == class_id)
                .map(|(place, _)| *place)
                .collect();
            let kept = suppress(&boxes, self.options.overlap);
            objects.extend(kept.into_iter().filter_map(|at| {
                inside(&boxes[at], &place, (frame.width(), frame.height()), class_id)
            }));
        }
        objects.sort_by(|a, b| {
            b.confidence.total_cmp(&a.confidence).then(a.class_id.cmp(&b.class_id))
        });
        Ok(objects)
    }
}

/// The part of a box that is inside of the picture; `None` where nothing is.
fn inside(
    found: &BoxF,
    place: &Letterbox,
    (width, height): (usize, usize),
    class_id: usize,
) -> Option<Object> {
    let (left, top) = place.to_source(found.x, found.y);
    let (right, bottom) = place.to_source(found.x + found.width, found.y + found.height);
    let (x, y) = (left.clamp(0.0, width as f32), top.clamp(0.0, height as f32));
    let (width, height) =
        (right.clamp(0.0, width as f32) - x, bottom.clamp(0.0, height as f32) - y);
    (width > 0.0 && height > 0.0).then_some(Object {
        class_id,
        confidence: found.score,
        x,
        y,
        width,
        height,
    })
}
