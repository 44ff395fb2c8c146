//! The faces of a video.

use super::{ScanOptions, look_through};
use crate::Result;
use crate::pipeline::Observer;
use gv_media::{Decoder, VideoInfo};
use gv_vision::AnalysisFrame;
use gv_vision::yolo_face_detector::{
    FaceDetector, FaceFrame, FaceMoment, FacePresence, best_face_moments, look_for_faces,
};
use std::path::Path;

/// The faces of a video.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FaceScan {
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
    pub frames: Vec<FaceFrame>,
    /// For how long faces are seen.
    pub presence: FacePresence,
}

impl FaceScan {
    /// At most `count` moments at which a face is seen best, best first.
    pub fn best_moments(&self, count: usize) -> Vec<FaceMoment> {
        let size = (self.video.display_width() as usize, self.video.height as usize);
        best_face_moments(&self.frames, size, count)
    }
}

/// Looks for faces in every [`ScanOptions::sample_rate`]-th frame of the video file at `path`.
///
/// # Errors
///
/// Those of [`analyze`](crate::analyze), and the detector's.
pub fn scan_faces(
    path: impl AsRef<Path>,
    detector: &dyn FaceDetector,
    options: &ScanOptions,
    observer: &mut dyn Observer,
) -> Result<FaceScan> {
    let look = |picture: &AnalysisFrame| look_for_faces(detector, picture, &picture.to_rgb()?);
    let (walked, frames) = look_through(path.as_ref(), options, observer, look)?;
    Ok(FaceScan {
        presence: FacePresence::new(&frames, walked.end_time),
        duration: walked.duration(),
        video: walked.video,
        decoder: walked.decoder,
        total_frames: walked.frames,
        model_used: detector.name().to_owned(),
        frames,
    })
}
