//! The best face detector that is there.

use super::{FaceDetector, FaceOptions, ModelFaceDetector};
use crate::Result;
use crate::inference::{Runtime, find_model, open_model};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Names of face models in the order in which they are preferred.
const KINDS: [&[&str]; 5] = [&["yolo", "face"], &["yunet"], &["rfb"], &["ultraface"], &["face"]];

/// Which face detector is asked for.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum FaceModel {
    /// A face model of `GV_MODEL_DIR`, else of the model cache, else the built-in cascade.
    #[default]
    Best,
    /// The built-in cascade.
    BuiltIn,
    /// This ONNX file.
    File(PathBuf),
    /// A detector of the program's own, which has a least confidence of its own.
    Own(Arc<dyn FaceDetector>),
}

/// Detectors of a program's own are equal where they are the same object.
impl PartialEq for FaceModel {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Best, Self::Best) | (Self::BuiltIn, Self::BuiltIn) => true,
            (Self::File(a), Self::File(b)) => a == b,
            (Self::Own(a), Self::Own(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// Makes the detector that `model` asks for; it gives faces of at least `confidence` (0 to 1). A network is run by
/// `runtime`; the built-in cascade has none.
///
/// A model file that is found and cannot be used is an error; the next best is never taken in its place.
///
/// # Errors
///
/// [`ModelFile`](crate::Error::ModelFile), [`Model`](crate::Error::Model) and
/// [`ModelOutputs`](crate::Error::ModelOutputs) for a file that is no face model, [`NoModel`](crate::Error::NoModel) where
/// this build can run none of what is asked for, [`Runtime`](crate::Error::Runtime) where the runtime is not there,
/// [`InvalidParameter`](crate::Error::InvalidParameter) for a confidence out
/// of range.
pub fn find_face_detector(
    model: &FaceModel,
    confidence: f32,
    runtime: &Runtime,
) -> Result<Box<dyn FaceDetector>> {
    let detector = match model {
        FaceModel::Own(detector) => Box::new(Arc::clone(detector)),
        FaceModel::BuiltIn => built_in(confidence, runtime)?,
        FaceModel::File(path) => from_file(path, confidence, runtime)?,
        FaceModel::Best => match find_model(&KINDS) {
            Some(path) if cfg!(feature = "onnx") => from_file(&path, confidence, runtime)?,
            _ => built_in(confidence, runtime)?,
        },
    };
    log::debug!("faces are looked for by {}", detector.name());
    Ok(detector)
}

fn from_file(path: &Path, confidence: f32, runtime: &Runtime) -> Result<Box<dyn FaceDetector>> {
    let options = FaceOptions { confidence, ..FaceOptions::default() };
    Ok(Box::new(ModelFaceDetector::new(open_model(path, runtime)?, options)?))
}

#[cfg(feature = "cascade")]
fn built_in(confidence: f32, runtime: &Runtime) -> Result<Box<dyn FaceDetector>> {
    use super::{CascadeFaceDetector, CascadeOptions};
    use crate::inference::Device;
    if let Runtime::OnnxRuntime { device: Device::Cuda(_), .. } = runtime {
        let given = "a card, and no face model is there".to_owned();
        let allowed = "cpu for the built-in cascade, which is no network";
        return Err(crate::Error::InvalidParameter { name: "device", given, allowed });
    }
    let options = CascadeOptions { confidence, ..CascadeOptions::default() };
    Ok(Box::new(CascadeFaceDetector::new(options)?))
}

#[cfg(not(feature = "cascade"))]
fn built_in(_: f32, _: &Runtime) -> Result<Box<dyn FaceDetector>> {
    Err(crate::Error::NoModel { what: "faces: built without the feature cascade".to_owned() })
}
