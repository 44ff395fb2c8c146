//! The shots of a video.

use super::{MOTION_LONG_SIDE, walk};
use crate::pipeline::{Observer, Sizes};
use crate::{Error, Result};
use gv_media::{Decoder, VideoInfo};
use gv_vision::shots::{ShotDetector, ShotList, ShotOptions};
use serde::Serialize;
use std::path::Path;

/// The shots of a video.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ShotScan {
    /// The facts of the video stream.
    pub video: VideoInfo,
    /// What decoded it.
    pub decoder: Decoder,
    /// Number of frames that were decoded.
    pub total_frames: u64,
    /// Number of reports of damage in the file.
    pub damage: u64,
    /// Shots, and the boundaries between them.
    #[serde(flatten)]
    pub list: ShotList,
}

/// Finds the shots of the video file at `path` and nothing else: about as fast as it can be decoded.
///
/// `ffmpeg` is the program that decodes; `None` for `GV_FFMPEG`, else the one on `PATH`. The picture is 320 pixels long
/// where [`analyze`](crate::analyze) begins with a larger one, so that the evidence for a boundary may differ in the last
/// digits.
///
/// # Errors
///
/// Those of [`analyze`](crate::analyze), and [`Error::InvalidOption`] for a threshold that is not 0 to 1.
///
/// # Examples
///
/// ```no_run
/// use geminivideo::vision::shots::ShotOptions;
/// use std::ops::ControlFlow;
///
/// let mut observer = |_: geminivideo::Progress| ControlFlow::Continue(());
/// let found = geminivideo::scan_shots("ad.mp4", ShotOptions::default(), None, &mut observer)?;
/// for boundary in &found.list.boundaries {
///     println!("{} at {:.2} s", boundary.kind.as_str(), boundary.time);
/// }
/// # Ok::<(), geminivideo::Error>(())
/// ```
pub fn scan_shots(
    path: impl AsRef<Path>,
    options: ShotOptions,
    ffmpeg: Option<&Path>,
    observer: &mut dyn Observer,
) -> Result<ShotScan> {
    if !(0.0..=1.0).contains(&options.threshold) {
        let (name, given) = ("threshold", options.threshold.to_string());
        return Err(Error::InvalidOption { name, given, allowed: "0 to 1" });
    }
    let mut detector = ShotDetector::new(options);
    let walked =
        walk(path.as_ref(), ffmpeg, Sizes::small(MOTION_LONG_SIDE), observer, |_, pictures| {
            detector.push(&pictures.small);
            Ok(())
        })?;
    Ok(ShotScan {
        list: detector.finish_at(walked.end_time),
        damage: walked.damage,
        video: walked.video,
        decoder: walked.decoder,
        total_frames: walked.frames,
    })
}
