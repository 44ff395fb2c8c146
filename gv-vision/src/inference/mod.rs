//! Neural networks: the seam behind which they run, and the pure steps before and after them.

mod files;
mod letterbox;
mod look;
mod model;
mod nms;
mod rgb;
#[cfg(feature = "onnx")]
mod tract;

pub(crate) use files::find_model;
pub use files::{model_cache, model_files};
pub use letterbox::{Fit, Letterbox};
pub(crate) use look::{Preparation, check_shares, look};
pub(crate) use model::describe;
pub use model::{InferenceModel, Port, Tensor};
pub use nms::{BoxF, suppress};
pub use rgb::rgb_pixels;
#[cfg(feature = "onnx")]
pub use tract::{ModelLimits, TractModel};
