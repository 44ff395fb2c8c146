//! Motion moments (component 1).

use crate::numbers::Count;
use crate::{analysis, arrays, call, config, errors, to_python};
use geminivideo::vision::motion_energy::PairScale;
use geminivideo::vision::motion_moment_sdk::{
    MotionMoment, analyze_temporal_window, find_optimal_cut_points,
};
use geminivideo::vision::{Farneback, FarnebackOptions};
use geminivideo::{AnalyzeOptions, Error, ErrorKind};
use pyo3::prelude::*;
use serde::Serialize;
use std::path::PathBuf;

/// Refuses a frame rate that is not finite and above zero.
#[pyfunction]
pub(crate) fn check_fps(py: Python<'_>, fps: f64) -> PyResult<()> {
    PairScale::consecutive(fps)
        .map(drop)
        .map_err(|error| errors::exception(py, &Error::from(error)))
}

/// Measures the motion inside of a window of consecutive frames.
#[pyfunction]
#[pyo3(signature = (frames, face_detections, *, num_threads=None))]
pub(crate) fn temporal_window<'py>(
    py: Python<'py>,
    frames: Vec<Bound<'py, PyAny>>,
    face_detections: Vec<bool>,
    num_threads: Option<Count>,
) -> PyResult<Bound<'py, PyAny>> {
    let pictures = frames
        .iter()
        .enumerate()
        .map(|(number, frame)| arrays::gray(frame, &format!("frames[{number}]")))
        .collect::<PyResult<Vec<_>>>()?;
    let window = call::run(py, None, |_| {
        let flow =
            Farneback::new(FarnebackOptions::default().num_threads(num_threads.map(|Count(n)| n)))?;
        Ok(analyze_temporal_window(&flow, &pictures, &face_detections)?)
    })?;
    let result = to_python(py, &window)?;
    if window.peak_index.is_none() {
        result.set_item("peak_index", -1)?;
    }
    Ok(result)
}

/// Says where moments, given as one JSON document, let one cut.
#[pyfunction]
pub(crate) fn optimal_cut_points(py: Python<'_>, moments: &str) -> PyResult<Vec<f64>> {
    let moments: Vec<MotionMoment> = serde_json::from_str(moments).map_err(|error| {
        let message = format!("the moments are not as detect_motion_moments gives them: {error}");
        errors::of_kind(py, ErrorKind::InvalidInput, &message)
    })?;
    Ok(find_optimal_cut_points(&moments))
}

/// Finds the moments of a video.
#[pyfunction]
#[pyo3(signature = (path, *, progress=None, num_threads=None, settings=None))]
pub(crate) fn video_moments<'py>(
    py: Python<'py>,
    path: PathBuf,
    progress: Option<Py<PyAny>>,
    num_threads: Option<Count>,
    settings: Option<Vec<(String, String)>>,
) -> PyResult<Bound<'py, PyAny>> {
    let found = analysis::run(py, &path, options(py, num_threads, settings)?, progress.as_ref())?;
    to_python(py, &found.moments)
}

/// What `MotionMomentSDK.get_attention_curve` returns.
#[derive(Serialize)]
struct AttentionOverTime<'a> {
    timeline: &'a [f64],
    attention: &'a [f64],
    moments: Vec<f64>,
}

/// Predicts attention over a video.
#[pyfunction]
#[pyo3(signature = (path, *, progress=None, num_threads=None, settings=None))]
pub(crate) fn video_attention<'py>(
    py: Python<'py>,
    path: PathBuf,
    progress: Option<Py<PyAny>>,
    num_threads: Option<Count>,
    settings: Option<Vec<(String, String)>>,
) -> PyResult<Bound<'py, PyAny>> {
    let found = analysis::run(py, &path, options(py, num_threads, settings)?, progress.as_ref())?;
    let curve = &found.attention;
    let moments = found.moments.iter().map(|moment| moment.timestamp_start).collect();
    let (timeline, attention) = (&curve.timeline, &curve.attention);
    to_python(py, &AttentionOverTime { timeline, attention, moments })
}

fn options(
    py: Python<'_>,
    num_threads: Option<Count>,
    settings: Option<Vec<(String, String)>>,
) -> PyResult<AnalyzeOptions> {
    let mut options =
        config::analyze_options_of(py, settings)?.objects(None).text(None).sound(false);
    options.num_threads = num_threads.map(|Count(threads)| threads);
    Ok(options)
}
