//! Motion energy (component 7).

mod video;

pub(crate) use video::{video_cut_points, video_motion};

use crate::numbers::Count;
use crate::{arrays, call, to_python};
use geminivideo::vision::motion_energy::{PairMotion, PairScale, classify_motion as classify};
use geminivideo::vision::{Farneback, FarnebackOptions, FlowField, OpticalFlow};
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
