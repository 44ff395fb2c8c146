//! Looks at a video ad and at the numbers of running campaigns, offline, on a plain CPU.

mod analyze;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(any(feature = "cli", feature = "report"))]
mod clock;
mod error;
#[cfg(feature = "cli")]
pub mod models;
#[cfg(any(feature = "cli", feature = "report"))]
mod output;
mod pipeline;
#[cfg(feature = "report")]
pub mod report;
mod scan;
mod settings;
mod silero_voice;

pub use analyze::{
    Analysis, AnalyzeOptions, FaceAnalysis, FaceLook, NotAnalyzed, ObjectAnalysis, ObjectLook,
    TextAnalysis, TextLook, VoiceModel, analyze, analyze_observed, analyze_source, listen,
    motion_flow, sound_evidence,
};
pub use error::{Error, ErrorKind, Result};
pub use gv_audio as audio;
pub use gv_gen as generation;
pub use gv_media as media;
pub use gv_optimize as optimize;
pub use gv_patterns as patterns;
pub use gv_timing as timing;
pub use gv_vision as vision;
pub use pipeline::{Observer, Progress};
pub use scan::{
    FaceScan, ObjectScan, ScanOptions, ShotScan, WeightedScan, face_weighted_motion,
    face_weighted_motion_of, scan_faces, scan_objects, scan_shots,
};
pub use settings::Settings;
pub use silero_voice::SileroVoice;
