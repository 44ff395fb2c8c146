//! The motion of a video, weighed by faces.

use super::{MOTION_LONG_SIDE, ScanOptions, Walked, walk, walk_source};
use crate::analyze::motion_flow;
use crate::pipeline::{self, Observer, Pictures, Sampling, Sizes};
use crate::{Error, Result};
use gv_media::{Decoder, VideoInfo};
use gv_vision::FrameSource;
use gv_vision::face_weighted_analyzer::{FaceWeightedMotion, FaceWeightedWalk};
use gv_vision::motion_energy::MotionMethod;
use gv_vision::shots::{ShotDetector, ShotOptions};
use gv_vision::yolo_face_detector::{FaceDetector, look_for_faces};
use std::path::Path;
/// Frames a second in which faces are looked for; between them faces move straight.
const FACES_PER_SECOND: f64 = 5.0;

/// The motion of a video, weighed by faces.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WeightedScan {
    /// The facts of the video stream.
    pub video: VideoInfo,
    /// What decoded it.
    pub decoder: Decoder,
    /// Number of frames that were decoded.
    pub total_frames: u64,
    /// Length in seconds.
    pub duration: f64,
    /// What looked for faces.
    pub model_used: String,
    /// The motion.
    pub motion: FaceWeightedMotion,
}

/// Measures the motion of the video file at `path`, what moves in faces weighed by `weight`.
///
/// Faces are looked for five times a second. [`ScanOptions::sample_rate`] is not used.
///
/// # Errors
///
/// Those of [`analyze`](crate::analyze) and the detector's; [`Error::InvalidOption`] for a weight that is not finite or
/// below 0.
pub fn face_weighted_motion(
    path: impl AsRef<Path>,
    detector: &dyn FaceDetector,
    weight: f64,
    options: &ScanOptions,
    observer: &mut dyn Observer,
) -> Result<WeightedScan> {
    weighed(detector, weight, options, |sizes, consume| {
        walk(path.as_ref(), options.ffmpeg.as_deref(), sizes, observer, consume)
    })
}

/// Measures the motion of whatever a [`FrameSource`] gives, as [`face_weighted_motion`] does that of a file.
///
/// # Errors
///
/// Those of the source, and of [`face_weighted_motion`].
pub fn face_weighted_motion_of(
    source: &mut dyn FrameSource,
    detector: &dyn FaceDetector,
    weight: f64,
    options: &ScanOptions,
    observer: &mut dyn Observer,
) -> Result<WeightedScan> {
    weighed(detector, weight, options, |sizes, consume| {
        walk_source(source, sizes, observer, &|| {}, consume)
    })
}

/// What is done with each frame.
type Consume<'a> = dyn FnMut(&VideoInfo, &mut Pictures) -> Result<()> + 'a;

/// Weighs what `walk` walks along.
fn weighed(
    detector: &dyn FaceDetector,
    weight: f64,
    options: &ScanOptions,
    walk: impl FnOnce(Sizes, &mut Consume<'_>) -> Result<Walked>,
) -> Result<WeightedScan> {
    options.check()?;
    if !(weight.is_finite() && weight >= 0.0) {
        let (name, given) = ("weight", weight.to_string());
        return Err(Error::InvalidOption { name, given, allowed: "finite, 0 or more" });
    }
    let threads = pipeline::threads_beside_decoding(options.num_threads)?;
    let flow = motion_flow(MotionMethod::OpticalFlow, Some(threads))?;
    let mut shots = ShotDetector::new(ShotOptions::default());
    let mut weighed: Option<FaceWeightedWalk> = None;
    let sampling = Sampling::PerSecond(FACES_PER_SECOND);
    let sizes = Sizes { small: MOTION_LONG_SIDE, detail: options.long_side, sampling };
    let walked = walk(sizes, &mut |video, pictures| {
        let faces = match pictures.detail() {
            Some(picture) => Some(look_for_faces(detector, picture, &picture.to_rgb()?)?),
            None => None,
        };
        let rate = video.nominal_rate.map_or(0.0, gv_media::Rational::to_f64);
        let walk =
            weighed.get_or_insert_with(|| FaceWeightedWalk::new(flow.as_ref(), weight, rate));
        shots.push(&pictures.small);
        Ok(walk.push(&pictures.small, faces)?)
    })?;
    let boundaries = shots.finish_at(walked.end_time).boundaries;
    let weighed = weighed.unwrap_or_else(|| FaceWeightedWalk::new(flow.as_ref(), weight, 0.0));
    Ok(WeightedScan {
        motion: weighed.finish(&boundaries)?,
        duration: walked.duration(),
        video: walked.video,
        decoder: walked.decoder,
        total_frames: walked.frames,
        model_used: detector.name().to_owned(),
    })
}
