//! A detector of voices that is a Python object.

use crate::numbers::Count;
use geminivideo::audio::{Error, Result, VoiceDetector};
use numpy::PyArray1;
use pyo3::prelude::*;
use std::sync::{Arc, Mutex, PoisonError};

/// An object with `rate`, `frame` and `scores(samples)`.
pub(crate) struct PythonVoiceDetector {
    object: Py<PyAny>,
    name: String,
    rate: u32,
    frame: usize,
    raised: Mutex<Option<PyErr>>,
}

impl std::fmt::Debug for PythonVoiceDetector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PythonVoiceDetector {{ name: {:?}, rate: {} }}", self.name, self.rate)
    }
}

impl PythonVoiceDetector {
    /// Takes the object of a caller, if there is one.
    pub(crate) fn new(py: Python<'_>, object: Option<Py<PyAny>>) -> PyResult<Option<Arc<Self>>> {
        let Some(object) = object else { return Ok(None) };
        let bound = object.bind(py);
        let Count(rate) = bound.getattr("rate")?.extract()?;
        let Count(frame) = bound.getattr("frame")?.extract()?;
        let name = bound.get_type().name()?.to_string();
        let rate = u32::try_from(rate).unwrap_or(u32::MAX);
        Ok(Some(Arc::new(Self { object, name, rate, frame, raised: Mutex::new(None) })))
    }

    /// The exception that the object raised.
    pub(crate) fn raised(&self) -> Option<PyErr> {
        self.raised.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl VoiceDetector for PythonVoiceDetector {
    fn name(&self) -> &str {
        &self.name
    }

    fn rate(&self) -> u32 {
        self.rate
    }

    fn frame(&self) -> usize {
        self.frame
    }

    fn scores(&self, samples: &[f32]) -> Result<Vec<f32>> {
        let scores = Python::attach(|py| -> PyResult<Vec<f32>> {
            let samples = PyArray1::from_slice(py, samples);
            self.object.bind(py).call_method1("scores", (samples,))?.extract()
        });
        scores.map_err(|error| {
            let message = error.to_string();
            *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            Error::VoiceDetector { name: self.name.clone(), message }
        })
    }
}
