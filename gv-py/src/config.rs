//! The optional settings of this process: those that were given, else those of the environment.

use crate::{errors, to_python};
use geminivideo::{AnalyzeOptions, Settings};
use pyo3::prelude::*;
use std::sync::{Mutex, PoisonError};

static GIVEN: Mutex<Option<Settings>> = Mutex::new(None);

fn settings_of(py: Python<'_>, given: Vec<(String, String)>) -> PyResult<Settings> {
    let set = |settings: Settings, (name, value): (String, String)| settings.set(&name, &value);
    let settings = given.into_iter().try_fold(Settings::default(), set);
    settings.map_err(|error| errors::exception(py, &error))
}

/// Reads settings by name, without making them those of the process.
#[pyfunction]
pub(crate) fn read_settings(
    py: Python<'_>,
    given: Vec<(String, String)>,
) -> PyResult<Bound<'_, PyAny>> {
    to_python(py, &settings_of(py, given)?)
}

/// Makes settings by name those of the process, in place of the ones before.
#[pyfunction]
pub(crate) fn give_settings(py: Python<'_>, given: Vec<(String, String)>) -> PyResult<()> {
    let settings = settings_of(py, given)?;
    *GIVEN.lock().unwrap_or_else(PoisonError::into_inner) = Some(settings);
    Ok(())
}

/// Threads that this process may use, by its affinity and its share of the machine.
#[pyfunction]
pub(crate) fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What is set; `None` where a component's own default counts.
fn current(py: Python<'_>) -> PyResult<Settings> {
    let given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default();
    let environment = Settings::from_env().map_err(|error| errors::exception(py, &error))?;
    Ok(given.or(environment))
}

/// The settings as they are now, `None` where one is not set.
#[pyfunction]
pub(crate) fn current_settings(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    to_python(py, &current(py)?)
}

/// The options of an analysis under these settings.
pub(crate) fn analyze_options(py: Python<'_>) -> PyResult<AnalyzeOptions> {
    Ok(current(py)?.analyze_options())
}

/// The options of an analysis under settings that were handed over, else under those of the process.
pub(crate) fn analyze_options_of(
    py: Python<'_>,
    given: Option<Vec<(String, String)>>,
) -> PyResult<AnalyzeOptions> {
    match given {
        Some(given) => Ok(settings_of(py, given)?.analyze_options()),
        None => analyze_options(py),
    }
}
