//! Neural networks: the seam behind which they run, and the pure steps before and after them.

#[cfg(feature = "onnx")]
mod branch;
mod files;
mod inputs;
mod letterbox;
mod look;
mod model;
mod nms;
#[cfg(feature = "onnx")]
mod onnx_file;
#[cfg(feature = "onnxruntime")]
mod onnxruntime;
mod rgb;
mod runtime;
#[cfg(feature = "onnx")]
mod strips;
#[cfg(feature = "onnx")]
mod tract;

pub(crate) use files::find_model;
pub use files::{model_cache, model_files};
pub use inputs::{ChooseInputs, Input, ModelLimits};
pub use letterbox::{Fit, Letterbox};
pub(crate) use look::{Preparation, check_shares, look};
pub use model::{InferenceModel, Port, Tensor, describe};
pub use nms::{BoxF, suppress};
#[cfg(feature = "onnxruntime")]
pub use onnxruntime::OnnxRuntimeModel;
pub use rgb::rgb_pixels;
pub(crate) use runtime::open_model;
pub use runtime::{Device, Runtime, open_model_with};
#[cfg(feature = "onnx")]
pub use tract::TractModel;
