//! Motion energy (component 7).

mod video;

pub(crate) use video::{video_cut_points, video_motion};

use crate::numbers::Count;
use crate::{arrays, call, errors, to_python};
use geminivideo::vision::motion_energy::{
    MotionMethod, PairMotion, PairScale, classify_motion as classify,
};
use geminivideo::vision::{
    Farneback, FarnebackOptions, FlowField, MOVING_THRESHOLD, OpticalFlow, frame_diff,
};
use geminivideo::{ErrorKind, motion_flow};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// What of [`PairMotion`] makes up a `FlowEnergy`.
const FLOW_ENERGY: [&str; 9] = [
    "total_energy",
    "mean_energy",
    "max_energy",
    "horizontal_motion",
    "vertical_motion",
    "dominant_direction",
    "center_energy",
    "edge_energy",
    "energy_distribution",
];

/// Measures the displacement of every pixel from one frame to the next.
#[pyfunction]
#[pyo3(signature = (frame1, frame2, *, num_threads=None))]
pub(crate) fn flow_energy<'py>(
    frame1: &Bound<'py, PyAny>,
    frame2: &Bound<'py, PyAny>,
    num_threads: Option<Count>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = frame1.py();
    let (flow, motion) = measure(frame1, frame2, num_threads)?;
    let values = to_python(py, &motion)?;
    let result = PyDict::new(py);
    for key in FLOW_ENERGY {
        result.set_item(key, values.get_item(key)?)?;
    }
    result.set_item("flow_field", arrays::flow_array(py, &flow)?)?;
    result.set_item("magnitude", arrays::magnitude_array(py, &flow)?)?;
    Ok(result)
}

/// Measures the mean displacement in pixels from one frame to the next.
#[pyfunction]
#[pyo3(signature = (frame1, frame2, *, num_threads=None))]
pub(crate) fn motion_energy(
    frame1: &Bound<'_, PyAny>,
    frame2: &Bound<'_, PyAny>,
    num_threads: Option<Count>,
) -> PyResult<f64> {
    Ok(measure(frame1, frame2, num_threads)?.1.mean_energy)
}

/// Names a mean energy.
#[pyfunction]
pub(crate) fn classify_motion(mean_energy: f64) -> &'static str {
    classify(mean_energy).as_str()
}

/// Measures how much grey values differ from one frame to the next.
#[pyfunction]
pub(crate) fn frame_diff_energy<'py>(
    frame1: &Bound<'py, PyAny>,
    frame2: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = frame1.py();
    let previous = arrays::gray(frame1, "frame1")?;
    let next = arrays::gray(frame2, "frame2")?;
    let difference = call::run(py, None, |_| Ok(frame_diff(&previous, &next, MOVING_THRESHOLD)?))?;
    let levels = difference.map.data();
    let result = PyDict::new(py);
    result.set_item("total_energy", levels.iter().map(|&level| f64::from(level)).sum::<f64>())?;
    result.set_item("mean_energy", difference.mean_absolute)?;
    result.set_item("max_energy", f64::from(levels.iter().copied().max().unwrap_or(0)))?;
    result.set_item("motion_ratio", difference.moving_ratio)?;
    result.set_item("diff_map", arrays::gray_array(py, &difference.map)?)?;
    Ok(result)
}

/// Measures the motion between two frames of a video by one of the methods.
#[pyfunction]
#[pyo3(signature = (method, frame1, frame2, frame_idx, fps, *, num_threads=None))]
pub(crate) fn frame_pair_motion<'py>(
    method: &str,
    frame1: &Bound<'py, PyAny>,
    frame2: &Bound<'py, PyAny>,
    frame_idx: Count,
    fps: f64,
    num_threads: Option<Count>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = frame1.py();
    let method = method_of(py, method)?;
    let previous = arrays::gray(frame1, "frame1")?;
    let next = arrays::gray(frame2, "frame2")?;
    let motion = call::run(py, None, |_| {
        let scale = PairScale::consecutive(fps)?;
        let flow = motion_flow(method, num_threads.map(|Count(n)| n))?;
        Ok(PairMotion::measure(&flow.calculate(&previous, &next)?, scale))
    })?;
    let values = to_python(py, &motion)?;
    let result = PyDict::new(py);
    result.set_item("frame_idx", frame_idx.0)?;
    result.set_item("timestamp", frame_idx.0 as f64 / fps)?;
    for key in FLOW_ENERGY.into_iter().chain(["motion_type", "diagonals_per_second"]) {
        result.set_item(key, values.get_item(key)?)?;
    }
    Ok(result)
}

/// The method that goes by a name.
fn method_of(py: Python<'_>, name: &str) -> PyResult<MotionMethod> {
    MotionMethod::from_name(name).ok_or_else(|| {
        let message = format!("there is no motion method {name}");
        errors::of_kind(py, ErrorKind::InvalidInput, &message)
    })
}

fn measure(
    frame1: &Bound<'_, PyAny>,
    frame2: &Bound<'_, PyAny>,
    num_threads: Option<Count>,
) -> PyResult<(FlowField, PairMotion)> {
    let previous = arrays::gray(frame1, "frame1")?;
    let next = arrays::gray(frame2, "frame2")?;
    call::run(frame1.py(), None, |_| {
        let method =
            Farneback::new(FarnebackOptions::default().num_threads(num_threads.map(|Count(n)| n)))?;
        let flow = method.calculate(&previous, &next)?;
        let motion = PairMotion::measure(&flow, PairScale::consecutive(1.0)?);
        Ok((flow, motion))
    })
}
