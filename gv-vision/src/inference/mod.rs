//! Neural networks: the seam behind which they run, and the pure steps before and after them.

mod files;
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
pub use letterbox::{Fit, Letterbox};
pub(crate) use look::{Preparation, check_shares, look};
pub(crate) use model::describe;
pub use model::{InferenceModel, Port, Tensor};
pub use nms::{BoxF, suppress};
#[cfg(feature = "onnx")]
pub use onnx_file::ModelLimits;
#[cfg(feature = "onnxruntime")]
pub use onnxruntime::OnnxRuntimeModel;
pub use rgb::rgb_pixels;
pub(crate) use runtime::open_model;
pub use runtime::{Device, Runtime};
#[cfg(feature = "onnx")]
pub use tract::TractModel;
