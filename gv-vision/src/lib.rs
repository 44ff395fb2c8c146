//! Frames, optical flow, shots and motion.
//!
//! Frames enter through the [`FrameSource`] seam, are brought to analysis size once
//! ([`AnalysisFrame`]), and are then read by every analysis in one pass.

mod error;
mod flow;
mod frame;
mod image;
mod scale;
mod source;

pub use error::{Error, Result};
pub use flow::{FlowField, FlowWalk, OpticalFlow};
pub use frame::{AnalysisFrame, Frame, Layout, PlaneView};
pub use image::GrayImage;
pub use scale::FrameScaler;
pub use source::FrameSource;
