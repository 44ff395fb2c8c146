//! The best object detector that is there.

use super::{ModelObjectDetector, ObjectDetector, ObjectOptions};
use crate::inference::{Runtime, find_model, open_model};
use crate::{Error, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Which object detector is asked for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ObjectModel {
    /// An object model of `GV_MODEL_DIR`, else of the model cache: YOLOv8 of the size named (`n`, `s`, `m`, `l`, `x`),
    /// else YOLOX, else YOLOv5.
    Best {
        /// The size of YOLOv8 that is preferred.
        size: String,
    },
    /// This ONNX file.
    File(PathBuf),
    /// A detector of the program's own, which has a least confidence of its own.
    Own(Arc<dyn ObjectDetector>),
}

/// Detectors of a program's own are equal where they are the same object.
impl PartialEq for ObjectModel {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Best { size: a }, Self::Best { size: b }) => a == b,
            (Self::File(a), Self::File(b)) => a == b,
            (Self::Own(a), Self::Own(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl Default for ObjectModel {
    fn default() -> Self {
        Self::Best { size: "n".to_owned() }
    }
}

/// Makes the detector that `model` asks for, run by `runtime`; it gives objects of at least `confidence` (0 to 1).
///
/// # Errors
///
/// [`Error::NoModel`] where no model is found, [`Error::ModelFile`], [`Error::Model`] and [`Error::ModelOutputs`] for a
/// file that is no object model, [`Error::Runtime`] where the runtime is not there, [`Error::InvalidParameter`] for a size or confidence out of range.
pub fn find_object_detector(
    model: &ObjectModel,
    confidence: f32,
    runtime: &Runtime,
) -> Result<Box<dyn ObjectDetector>> {
    let detector: Box<dyn ObjectDetector> = match model {
        ObjectModel::Own(detector) => Box::new(Arc::clone(detector)),
        ObjectModel::File(path) => from_file(path, confidence, runtime)?,
        ObjectModel::Best { size } => {
            if !["n", "s", "m", "l", "x"].contains(&size.as_str()) {
                let given = size.clone();
                let allowed = "n, s, m, l or x";
                return Err(Error::InvalidParameter { name: "model_size", given, allowed });
            }
            let yolov8 = format!("yolov8{size}.onnx");
            let kinds: [&[&str]; 3] = [&[&yolov8], &["yolox"], &["yolov5"]];
            match find_model(&kinds) {
                Some(path) => from_file(&path, confidence, runtime)?,
                None => {
                    return Err(Error::NoModel {
                        what: "objects: neither GV_MODEL_DIR nor the model cache has one; \
                               `geminivideo models fetch yolox-nano` gets one, or give a YOLOX, YOLOv8 or YOLOv5 ONNX file"
                            .to_owned(),
                    });
                }
            }
        }
    };
    log::debug!("objects are looked for by {}", detector.name());
    Ok(detector)
}

fn from_file(path: &Path, confidence: f32, runtime: &Runtime) -> Result<Box<dyn ObjectDetector>> {
    let options = ObjectOptions { confidence, ..ObjectOptions::default() };
    Ok(Box::new(ModelObjectDetector::new(open_model(path, runtime)?, options)?))
}
