//! Detectors of voices: a Python object, and Silero's network.

use crate::numbers::Count;
use crate::{errors, runtime};
use geminivideo::SileroVoice;
use geminivideo::audio::{Error, Result, VoiceDetector};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Silero's network from a file.
#[pyclass(module = "geminivideo._core", frozen)]
#[derive(Debug)]
pub(crate) struct Silero(Arc<SileroVoice>);

#[pymethods]
impl Silero {
    #[new]
    #[pyo3(signature = (path, threshold, *, device=None, runtime=None))]
    fn new(
        py: Python<'_>,
        path: std::path::PathBuf,
        threshold: f32,
        device: Option<&str>,
        runtime: Option<&str>,
    ) -> PyResult<Self> {
        let silero = open(py, &path, &runtime::named(py, runtime, device)?)?;
        Ok(Self(Arc::new(silero.threshold(threshold))))
    }

    #[getter]
    fn name(&self) -> String {
        self.0.name().to_owned()
    }

    #[getter]
    fn rate(&self) -> u32 {
        self.0.rate()
    }

    #[getter]
    fn frame(&self) -> usize {
        self.0.frame()
    }

    fn scores<'py>(
        &self,
        py: Python<'py>,
        samples: PyReadonlyArray1<'py, f32>,
    ) -> PyResult<Bound<'py, PyArray1<f32>>> {
        let values = samples.as_array().to_vec();
        let scores = py.detach(|| self.0.scores(&values));
        let scores = scores.map_err(|error| errors::exception(py, &error.into()))?;
        Ok(scores.into_pyarray(py))
    }
}

/// Opens Silero's network.
pub(crate) fn open(
    py: Python<'_>,
    path: &Path,
    runtime: &geminivideo::vision::inference::Runtime,
) -> PyResult<SileroVoice> {
    py.detach(|| SileroVoice::open(path, runtime)).map_err(|error| errors::exception(py, &error))
}

/// What the caller gave to find voices with.
pub(crate) enum Given {
    BuiltIn,
    Silero(Arc<SileroVoice>),
    Object(Arc<PythonVoiceDetector>),
}

impl Given {
    pub(crate) fn new(py: Python<'_>, object: Option<Py<PyAny>>) -> PyResult<Self> {
        let Some(object) = object else { return Ok(Self::BuiltIn) };
        match object.bind(py).cast::<Silero>() {
            Ok(silero) => Ok(Self::Silero(Arc::clone(&silero.get().0))),
            Err(_) => PythonVoiceDetector::new(py, object).map(|own| Self::Object(Arc::new(own))),
        }
    }

    pub(crate) fn detector(&self) -> Option<Arc<dyn VoiceDetector>> {
        match self {
            Self::BuiltIn => None,
            Self::Silero(silero) => Some(Arc::clone(silero) as Arc<dyn VoiceDetector>),
            Self::Object(object) => Some(Arc::clone(object) as Arc<dyn VoiceDetector>),
        }
    }

    /// The exception that an object of the caller's raised.
    pub(crate) fn raised(&self) -> Option<PyErr> {
        match self {
            Self::Object(object) => object.raised(),
            _ => None,
        }
    }
}

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
    fn new(py: Python<'_>, object: Py<PyAny>) -> PyResult<Self> {
        let bound = object.bind(py);
        let Count(rate) = bound.getattr("rate")?.extract()?;
        let Count(frame) = bound.getattr("frame")?.extract()?;
        let name = bound.get_type().name()?.to_string();
        let rate = u32::try_from(rate).unwrap_or(u32::MAX);
        Ok(Self { object, name, rate, frame, raised: Mutex::new(None) })
    }

    fn raised(&self) -> Option<PyErr> {
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
