//! The motion of whole videos, for Python.

use super::method_of;
use crate::numbers::Count;
use crate::{analysis, config, to_python};
use geminivideo::AnalyzeOptions;
use geminivideo::vision::motion_energy::{
    EnergyStats, MotionDistribution, MotionOptions, MotionSegment, Recommendation, TimelinePoint,
};
use pyo3::prelude::*;
use serde::Serialize;
use std::path::PathBuf;

/// What `MotionEnergyCalculator.analyze_video` returns.
#[derive(Serialize)]
struct VideoMotion<'a> {
    video_path: &'a str,
    total_frames: u64,
    analyzed_frames: u64,
    fps: f64,
    duration: f64,
    energy_stats: Option<EnergyStats>,
    motion_distribution: Option<MotionDistribution>,
    segments: Vec<Segment>,
    timeline: Vec<TimelinePoint>,
    recommendations: &'a [Recommendation],
    method: &'a str,
    decoder: String,
}

#[derive(Serialize)]
struct Segment {
    #[serde(flatten)]
    segment: MotionSegment,
    duration: f64,
}

/// Follows the motion through a video.
#[pyfunction]
#[pyo3(signature = (method, path, sample_rate, *, progress=None, num_threads=None))]
pub(crate) fn video_motion<'py>(
    py: Python<'py>,
    method: &str,
    path: PathBuf,
    sample_rate: Count,
    progress: Option<Py<PyAny>>,
    num_threads: Option<Count>,
) -> PyResult<Bound<'py, PyAny>> {
    let options = options(py, method, sample_rate, num_threads)?;
    let found = analysis::run(py, &path, options, progress.as_ref())?;
    let motion = &found.motion;
    to_python(
        py,
        &VideoMotion {
            video_path: &path.to_string_lossy(),
            total_frames: motion.total_frames,
            analyzed_frames: motion.analyzed_frames,
            fps: motion.fps,
            duration: motion.duration(),
            energy_stats: motion.energy_stats,
            motion_distribution: motion.motion_distribution,
            segments: motion
                .segments
                .iter()
                .map(|&segment| Segment { segment, duration: segment.duration() })
                .collect(),
            timeline: motion.timeline(),
            recommendations: &motion.recommendations,
            method: &motion.method,
            decoder: format!("{} {}", found.decoder.name, found.decoder.version),
        },
    )
}

/// Finds where else a video may be cut.
#[pyfunction]
#[pyo3(signature = (method, path, num_cuts, *, progress=None, num_threads=None))]
pub(crate) fn video_cut_points<'py>(
    py: Python<'py>,
    method: &str,
    path: PathBuf,
    num_cuts: Count,
    progress: Option<Py<PyAny>>,
    num_threads: Option<Count>,
) -> PyResult<Bound<'py, PyAny>> {
    let options = options(py, method, Count(1), num_threads)?;
    let found = analysis::run(py, &path, options, progress.as_ref())?;
    to_python(py, &found.motion.find_cut_points(num_cuts.0))
}

fn options(
    py: Python<'_>,
    method: &str,
    Count(sample_rate): Count,
    num_threads: Option<Count>,
) -> PyResult<AnalyzeOptions> {
    let mut options =
        config::analyze_options(py)?.motion_only().motion_method(method_of(py, method)?);
    options.motion = MotionOptions::default().sample_rate(sample_rate);
    options.num_threads = num_threads.map(|Count(threads)| threads);
    Ok(options)
}
