//! The objects of a video.

use super::{ScanOptions, look_through};
use crate::Result;
use crate::pipeline::Observer;
use gv_media::{Decoder, VideoInfo};
use gv_vision::AnalysisFrame;
use gv_vision::yolo_object_detector::{
    ObjectDetector, ObjectFrame, ProductVisibility, look_for_objects, product_visibility,
};
use std::path::Path;

/// The objects of a video.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ObjectScan {
    /// The facts of the video stream.
    pub video: VideoInfo,
    /// What decoded it.
    pub decoder: Decoder,
    /// Number of frames that were decoded.
    pub total_frames: u64,
    /// Length in seconds.
    pub duration: f64,
    /// What looked.
    pub model_used: String,
    /// What was seen in each frame that was looked at.
    pub frames: Vec<ObjectFrame>,
    /// For how long products are seen.
    pub product_visibility: ProductVisibility,
}

/// Looks for objects in every [`ScanOptions::sample_rate`]-th frame of the video file at `path`.
///
/// # Errors
///
/// Those of [`analyze`](crate::analyze), and the detector's.
pub fn scan_objects(
    path: impl AsRef<Path>,
    detector: &dyn ObjectDetector,
    options: &ScanOptions,
    observer: &mut dyn Observer,
) -> Result<ObjectScan> {
    let look = |picture: &AnalysisFrame| look_for_objects(detector, picture, &picture.to_rgb()?);
    let (walked, frames) = look_through(path.as_ref(), options, observer, look)?;
    Ok(ObjectScan {
        product_visibility: product_visibility(&frames, walked.end_time, walked.size()),
        duration: walked.duration(),
        video: walked.video,
        decoder: walked.decoder,
        total_frames: walked.frames,
        model_used: detector.name().to_owned(),
        frames,
    })
}
