//! Motion moments (component 1).

use crate::{arrays, call, errors, to_python};
use geminivideo::vision::motion_energy::PairScale;
use geminivideo::vision::motion_moment_sdk::{
    MotionMoment, analyze_temporal_window, find_optimal_cut_points,
};
use geminivideo::vision::{Farneback, FarnebackOptions};
use geminivideo::{Error, ErrorKind};
use pyo3::prelude::*;

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
    num_threads: Option<usize>,
) -> PyResult<Bound<'py, PyAny>> {
    let pictures = frames
        .iter()
        .enumerate()
        .map(|(number, frame)| arrays::gray(frame, &format!("frames[{number}]")))
        .collect::<PyResult<Vec<_>>>()?;
    let window = call::run(py, None, |_| {
        let flow = Farneback::new(FarnebackOptions::default().num_threads(num_threads))?;
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
