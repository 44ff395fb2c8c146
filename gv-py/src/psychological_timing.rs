//! Psychological timing (component 4).

use crate::{errors, to_python};
use geminivideo::timing::psychological_timing::{
    MotionSample, TriggerType, analyze_motion_windows, optimize_trigger_placement,
};
use geminivideo::{Error, timing};
use pyo3::prelude::*;

type Sample = (f64, f64, Option<bool>);

fn samples(given: Vec<Sample>) -> Vec<MotionSample> {
    given
        .into_iter()
        .map(|(time, energy, has_face)| MotionSample { time, energy, has_face })
        .collect()
}

fn exception(py: Python<'_>, error: timing::Error) -> PyErr {
    errors::exception(py, &Error::from(error))
}

/// Cuts samples of time, energy and face into windows.
#[pyfunction]
pub(crate) fn trigger_windows<'py>(
    py: Python<'py>,
    motion: Vec<Sample>,
) -> PyResult<Bound<'py, PyAny>> {
    let windows = py
        .detach(|| analyze_motion_windows(&samples(motion)))
        .map_err(|error| exception(py, error))?;
    to_python(py, &windows)
}

/// Places triggers in samples of time, energy and face.
#[pyfunction]
pub(crate) fn trigger_plan<'py>(
    py: Python<'py>,
    motion: Vec<Sample>,
) -> PyResult<Bound<'py, PyAny>> {
    let plan = py
        .detach(|| optimize_trigger_placement(&samples(motion)))
        .map_err(|error| exception(py, error))?;
    to_python(py, &plan)
}

/// The table of triggers.
#[pyfunction]
pub(crate) fn trigger_table(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let table: Vec<_> = TriggerType::ALL.into_iter().map(TriggerType::config).collect();
    to_python(py, &table)
}
