//! Looks at a video ad and at the numbers of running campaigns, offline, on a plain CPU.

mod analyze;
#[cfg(feature = "cli")]
pub mod cli;
mod error;
#[cfg(feature = "cli")]
mod output;

pub use analyze::{
    Analysis, AnalyzeOptions, NotAnalyzed, Observer, Progress, analyze, analyze_observed,
    analyze_source, motion_flow,
};
pub use error::{Error, ErrorKind, Result};
pub use gv_audio as audio;
pub use gv_gen as generation;
pub use gv_media as media;
pub use gv_optimize as optimize;
pub use gv_patterns as patterns;
pub use gv_timing as timing;
pub use gv_vision as vision;
