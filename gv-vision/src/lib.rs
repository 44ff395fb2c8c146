//! Frames, optical flow, shots, motion, faces, objects and text on the screen.
//!
//! Frames enter through the [`FrameSource`] seam, are brought to analysis size once
//! ([`AnalysisFrame`]), and are then read by every analysis in one pass.

mod color;
mod detections;
#[cfg(test)]
mod doubles;
mod error;
pub mod face_weighted_analyzer;
mod flow;
mod frame;
mod image;
pub mod inference;
pub mod motion_energy;
pub mod motion_moment_sdk;
mod parallel;
pub mod picture;
mod scale;
pub mod shots;
mod simd;
mod source;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod text;
pub mod yolo_face_detector;
pub mod yolo_object_detector;

pub use color::{gray_from_bgr, gray_from_rgb};
pub use detections::{Detection, check_detection, detections_within};
pub use error::{Error, Result};
#[cfg(feature = "opencv")]
pub use flow::OpenCvFarneback;
pub use flow::{
    BlockMatching, BlockMatchingOptions, DifferenceFlow, Farneback, FarnebackOptions, FlowField,
    FlowWalk, FrameDifference, Hybrid, MOVING_THRESHOLD, OpticalFlow, frame_diff,
};
pub use frame::{AnalysisFrame, Frame, Layout, PlaneView, check_pixels};
pub use image::GrayImage;
pub use parallel::Parallel;
pub use scale::FrameScaler;
#[cfg(feature = "opencv")]
pub use source::OpenCvSource;
pub use source::{
    FfmpegOptions, FfmpegSource, FramePusher, FrameSource, MemorySource, PushOptions, PushSource,
    SoundSink,
};
