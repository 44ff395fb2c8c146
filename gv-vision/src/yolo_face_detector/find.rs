//! The best face detector that is there.

use super::FaceDetector;
use crate::Result;
use crate::inference::find_model;
use std::path::PathBuf;
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

/// Makes the detector that `model` asks for; it gives faces of at least `confidence` (0 to 1).
///
/// A model file that is found and cannot be used is an error; the next best is never taken in its place.
///
/// # Errors
///
/// [`ModelFile`](crate::Error::ModelFile), [`Model`](crate::Error::Model) and
/// [`ModelOutputs`](crate::Error::ModelOutputs) for a file that is no face model, [`NoModel`](crate::Error::NoModel) where
/// this build can run none of what is asked for, [`InvalidParameter`](crate::Error::InvalidParameter) for a confidence out
/// of range.
pub fn find_face_detector(model: &FaceModel, confidence: f32) -> Result<Box<dyn FaceDetector>> {
    match model {
        FaceModel::BuiltIn => built_in(confidence),
        FaceModel::Own(detector) => Ok(Box::new(Arc::clone(detector))),
        FaceModel::File(path) => from_file(path.clone(), confidence),
        FaceModel::Best => match find_model(&KINDS) {
            Some(path) if cfg!(feature = "onnx") => from_file(path, confidence),
            _ => built_in(confidence),
        },
    }
}

#[cfg(feature = "onnx")]
fn from_file(path: PathBuf, confidence: f32) -> Result<Box<dyn FaceDetector>> {
    use super::{FaceOptions, ModelFaceDetector};
    use crate::inference::{ModelLimits, TractModel};
    let model = TractModel::open(&path, ModelLimits::default())?;
    let options = FaceOptions { confidence, ..FaceOptions::default() };
    Ok(Box::new(ModelFaceDetector::new(Box::new(model), options)?))
}

#[cfg(not(feature = "onnx"))]
fn from_file(path: PathBuf, _: f32) -> Result<Box<dyn FaceDetector>> {
    let what = format!("{}: built without the feature onnx", path.display());
    Err(crate::Error::NoModel { what })
}

#[cfg(feature = "cascade")]
fn built_in(confidence: f32) -> Result<Box<dyn FaceDetector>> {
    use super::{CascadeFaceDetector, CascadeOptions};
    let options = CascadeOptions { confidence, ..CascadeOptions::default() };
    Ok(Box::new(CascadeFaceDetector::new(options)?))
}

#[cfg(not(feature = "cascade"))]
fn built_in(_: f32) -> Result<Box<dyn FaceDetector>> {
    Err(crate::Error::NoModel { what: "faces: built without the feature cascade".to_owned() })
}
