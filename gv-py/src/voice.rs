//! Detectors of voices: a Python object, and Silero's network.

use crate::numbers::Count;
use crate::{errors, runtime};
use geminivideo::SileroVoice;
use geminivideo::audio::{Error, Result, VoiceDetector};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use std::path::Path;
use std::sync::Arc;

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

/// What the caller gave to find voices with; without it the built-in classifier decides.
pub(crate) fn given(
    py: Python<'_>,
    object: Option<Py<PyAny>>,
) -> PyResult<Option<Arc<dyn VoiceDetector>>> {
    let Some(object) = object else { return Ok(None) };
    Ok(Some(match object.bind(py).cast::<Silero>() {
        Ok(silero) => Arc::clone(&silero.get().0) as Arc<dyn VoiceDetector>,
        Err(_) => Arc::new(PythonVoiceDetector::new(py, object)?),
    }))
}

/// An object with `rate`, `frame` and `scores(samples)`.
struct PythonVoiceDetector {
    object: Py<PyAny>,
    name: String,
    rate: u32,
    frame: usize,
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
        Ok(Self { object, name, rate, frame })
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
        scores.map_err(|raised| Error::VoiceDetector {
            name: self.name.clone(),
            source: raised.into(),
        })
    }
}
