//! A video looked at for one thing alone: faces, objects, shots, or motion weighed by faces.

mod face_weighted;
mod faces;
mod objects;
mod shots;

pub use face_weighted::{WeightedScan, face_weighted_motion, face_weighted_motion_of};
pub use faces::{FaceScan, scan_faces};
pub use objects::{ObjectScan, scan_objects};
pub use shots::{ShotScan, scan_shots};

use crate::pipeline::{self, Observer, Pictures, Sampling, Sizes};
use crate::{Error, Result};
use gv_media::{Decoder, VideoInfo};
use gv_vision::{AnalysisFrame, FrameSource};
use std::path::{Path, PathBuf};

/// Pixels on the long side of the picture in which motion and shots are looked at.
const MOTION_LONG_SIDE: usize = 320;

/// How a video is looked at.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ScanOptions {
    /// The ffmpeg program. Default: `GV_FFMPEG`, else the one on `PATH`.
    pub ffmpeg: Option<PathBuf>,
    /// Threads that look at motion, at most; results do not depend on it. Default: `GV_NUM_THREADS`, else half of what
    /// the process may use, since decoding wants the others.
    pub num_threads: Option<usize>,
    /// Every so many frames one is looked at, 1 or more. Default: 1.
    pub sample_rate: usize,
    /// Pixels on the long side of the picture that is looked at, 32 to 4096. Default: 640.
    pub long_side: usize,
}

impl Default for ScanOptions {
    fn default() -> Self {
        Self { ffmpeg: None, num_threads: None, sample_rate: 1, long_side: 640 }
    }
}

impl ScanOptions {
    /// Decodes with the ffmpeg at `program`.
    #[must_use]
    pub fn ffmpeg(mut self, program: impl Into<PathBuf>) -> Self {
        self.ffmpeg = Some(program.into());
        self
    }

    /// Looks at every so many frames.
    #[must_use]
    pub fn sample_rate(mut self, frames: usize) -> Self {
        self.sample_rate = frames;
        self
    }

    fn check(&self) -> Result<()> {
        let invalid = |name, given: usize, allowed| {
            Err(Error::InvalidOption { name, given: given.to_string(), allowed })
        };
        match (self.sample_rate, self.long_side) {
            (0, _) => invalid("sample_rate", 0, "1 or more"),
            (_, 32..=4096) => Ok(()),
            (_, pixels) => invalid("long_side", pixels, "32 to 4096"),
        }
    }
}

/// A video that was walked to its end.
#[derive(Debug)]
struct Walked {
    video: VideoInfo,
    decoder: Decoder,
    frames: u64,
    /// The end of the last frame, in seconds.
    end_time: f64,
    /// Number of reports of damage.
    damage: u64,
}

impl Walked {
    /// Length in seconds.
    fn duration(&self) -> f64 {
        self.end_time - self.video.start.seconds()
    }

    /// Width and height of the picture as it is shown, in pixels.
    fn size(&self) -> (usize, usize) {
        (self.video.display_width() as usize, self.video.height as usize)
    }
}

/// Walks the video file at `path`; frames come in `sizes`.
fn walk(
    path: &Path,
    ffmpeg: Option<&Path>,
    sizes: Sizes,
    observer: &mut dyn Observer,
    consume: impl FnMut(&VideoInfo, &mut Pictures) -> Result<()>,
) -> Result<Walked> {
    let (mut source, cancel) = pipeline::open(path, ffmpeg, sizes.longest())?;
    walk_source(&mut source, sizes, observer, &|| cancel.cancel(), consume)
}

/// Walks whatever a source gives; `cancel` ends its waiting.
fn walk_source(
    source: &mut dyn FrameSource,
    sizes: Sizes,
    observer: &mut dyn Observer,
    cancel: &dyn Fn(),
    mut consume: impl FnMut(&VideoInfo, &mut Pictures) -> Result<()>,
) -> Result<Walked> {
    let info = source.info().clone();
    let mut last = info.start.seconds();
    let frames = pipeline::run(source, sizes, observer, cancel, |pictures| {
        last = pictures.small.time;
        consume(&info, pictures)
    })?;
    let video = source.info().clone();
    let interval = video.nominal_rate.map_or(0.0, |rate| rate.to_f64().recip());
    let stated = video.duration.map(|duration| video.start.seconds() + duration);
    let end_time = stated.unwrap_or(last + interval).max(last);
    Ok(Walked { video, decoder: source.decoder(), frames, end_time, damage: source.damage() })
}

/// Walks the video file at `path` and looks at every [`ScanOptions::sample_rate`]-th frame; what was seen, in time order.
fn look_through<T>(
    path: &Path,
    options: &ScanOptions,
    observer: &mut dyn Observer,
    look: impl Fn(&AnalysisFrame) -> gv_vision::Result<T>,
) -> Result<(Walked, Vec<T>)> {
    options.check()?;
    let mut seen = Vec::new();
    let sampling = Sampling::Every(options.sample_rate);
    let sizes = Sizes { small: 0, detail: options.long_side, sampling };
    let walked = walk(path, options.ffmpeg.as_deref(), sizes, observer, |_, pictures| {
        if let Some(picture) = pictures.detail() {
            seen.push(look(picture)?);
        }
        Ok(())
    })?;
    Ok((walked, seen))
}
