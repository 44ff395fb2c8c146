//! The retraining pipeline (component 16), and trainers written in Python.

use crate::ads::{exception, options};
use crate::prediction_accuracy_tracker::parse_features;
use crate::store::Store;
use crate::{errors, to_python};
use geminivideo::ErrorKind;
use geminivideo::optimize::auto_retrain_pipeline::{AutoRetrainPipeline, RetrainTrigger};
use geminivideo::optimize::trainer::{
    BoostedLinear, Dataset, Estimate, Features, TrainedModel, Trainer,
};
use geminivideo::optimize::{Error, Result, SystemClock, Timestamp};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Serialize;
use std::sync::Arc;

/// Retrains models from the outcomes in a store.
#[pyclass(frozen, module = "geminivideo._core")]
pub(crate) struct RetrainPipeline(pub(crate) AutoRetrainPipeline);

#[pymethods]
impl RetrainPipeline {
    #[new]
    #[pyo3(signature = (store, config_json, trainer = None, trainer_name = None))]
    fn new(
        py: Python<'_>,
        store: &Store,
        config_json: &str,
        trainer: Option<Py<PyAny>>,
        trainer_name: Option<String>,
    ) -> PyResult<Self> {
        let (store, config) = (Arc::clone(&store.0), options(py, config_json)?);
        let trainer: Arc<dyn Trainer> = match trainer {
            Some(object) => Arc::new(PythonTrainer {
                object: Arc::new(object),
                name: trainer_name.unwrap_or_else(|| "python".into()),
            }),
            None => Arc::new(BoostedLinear::default()),
        };
        py.detach(|| AutoRetrainPipeline::with(store, config, trainer, Arc::new(SystemClock)))
            .map(Self)
            .map_err(|error| exception(py, error))
    }

    fn check<'py>(&self, py: Python<'py>, model_type: &str) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, |pipeline| pipeline.check_retrain_needed(model_type))
    }

    fn start<'py>(
        &self,
        py: Python<'py>,
        model_type: &str,
        trigger: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let known = RetrainTrigger::ALL.into_iter().find(|known| known.name() == trigger);
        let trigger = known.ok_or_else(|| {
            let message = format!("{trigger} is no trigger of RetrainTrigger");
            errors::of_kind(py, ErrorKind::InvalidInput, &message)
        })?;
        self.tell(py, |pipeline| pipeline.start_retrain(model_type, trigger))
    }

    fn job<'py>(&self, py: Python<'py>, job_id: &str) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, |pipeline| pipeline.job_status(job_id))
    }

    #[pyo3(signature = (model_type, limit))]
    fn history<'py>(
        &self,
        py: Python<'py>,
        model_type: Option<&str>,
        limit: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, |pipeline| pipeline.training_history(model_type, limit))
    }

    fn run_scheduled_check<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, AutoRetrainPipeline::run_scheduled_check)
    }

    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, AutoRetrainPipeline::pipeline_status)
    }

    fn rollback<'py>(&self, py: Python<'py>, model_type: &str) -> PyResult<Bound<'py, PyAny>> {
        let now = now();
        self.tell(py, |pipeline| pipeline.registry().rollback(model_type, now))
    }

    fn promote<'py>(
        &self,
        py: Python<'py>,
        model_type: &str,
        version: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let now = now();
        self.tell(py, |pipeline| pipeline.registry().promote(model_type, version, now))
    }

    fn aliases<'py>(&self, py: Python<'py>, model_type: &str) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, |pipeline| pipeline.registry().aliases(model_type))
    }

    fn live_at(&self, py: Python<'_>, model_type: &str, at: i64) -> PyResult<Option<String>> {
        py.detach(|| self.0.registry().live_at(model_type, Timestamp(at)))
            .map_err(|error| exception(py, error))
    }

    /// The live version and an estimate for each row of features, or `None`.
    fn predict<'py>(
        &self,
        py: Python<'py>,
        model_type: &str,
        rows: Vec<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let rows: Vec<Features> =
            rows.iter().map(|row| parse_features(py, row)).collect::<PyResult<_>>()?;
        self.tell(py, |pipeline| pipeline.predict(model_type, &rows))
    }
}

impl RetrainPipeline {
    fn tell<'py, T: Serialize + Send>(
        &self,
        py: Python<'py>,
        ask: impl FnOnce(&AutoRetrainPipeline) -> Result<T> + Send,
    ) -> PyResult<Bound<'py, PyAny>> {
        let answer = py.detach(|| ask(&self.0)).map_err(|error| exception(py, error))?;
        to_python(py, &answer)
    }
}

fn now() -> Timestamp {
    use geminivideo::optimize::Clock as _;
    SystemClock.now()
}

/// A trainer whose `fit(rows, values, weights) -> bytes` and `predict(bytes, rows) -> list[float]` are
/// Python's.
#[derive(Debug)]
struct PythonTrainer {
    object: Arc<Py<PyAny>>,
    name: String,
}

/// What Python saved, and the spread that it left on its own examples.
#[derive(Debug)]
struct PythonModel {
    object: Arc<Py<PyAny>>,
    name: String,
    bytes: Vec<u8>,
    sd: f64,
}

impl PythonTrainer {
    fn model(&self, bytes: Vec<u8>, sd: f64) -> PythonModel {
        PythonModel { object: Arc::clone(&self.object), name: self.name.clone(), bytes, sd }
    }
}

fn failed(name: &str, raised: PyErr) -> Error {
    Error::Trainer { name: name.to_owned(), source: raised.into() }
}

fn unusable(name: &str, problem: impl Into<String>) -> Error {
    Error::BadModel { trainer: name.to_owned(), problem: problem.into() }
}

impl Trainer for PythonTrainer {
    fn name(&self) -> &str {
        &self.name
    }

    fn fit(&self, data: &Dataset) -> Result<Box<dyn TrainedModel>> {
        let rows: Vec<Features> = data.examples().iter().map(|e| e.features.clone()).collect();
        let values: Vec<f64> = data.examples().iter().map(|e| e.value).collect();
        let weights: Vec<f64> = data.examples().iter().map(|e| e.weight()).collect();
        let bytes = Python::attach(|py| -> PyResult<Vec<u8>> {
            let rows = to_python(py, &rows)?;
            self.object.call_method1(py, "fit", (rows, values, weights))?.extract(py)
        })
        .map_err(|raised| failed(&self.name, raised))?;
        let model = self.model(bytes, 0.0);
        let target = data.target();
        let residuals: Vec<f64> = model
            .predict(&rows)?
            .iter()
            .zip(data.examples())
            .map(|(said, example)| target.to_working(said.mean) - target.to_working(example.value))
            .collect();
        let square = residuals.iter().map(|r| r * r).sum::<f64>() / residuals.len().max(1) as f64;
        Ok(Box::new(PythonModel { sd: square.sqrt(), ..model }))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn TrainedModel>> {
        let (sd, bytes) = bytes
            .split_first_chunk::<8>()
            .ok_or_else(|| unusable(&self.name, "it is cut short"))?;
        Ok(Box::new(self.model(bytes.to_vec(), f64::from_le_bytes(*sd))))
    }
}

impl TrainedModel for PythonModel {
    fn predict(&self, rows: &[Features]) -> Result<Vec<Estimate>> {
        let means = Python::attach(|py| -> PyResult<Vec<f64>> {
            let bytes = PyBytes::new(py, &self.bytes);
            self.object.call_method1(py, "predict", (bytes, to_python(py, rows)?))?.extract(py)
        })
        .map_err(|raised| failed(&self.name, raised))?;
        if means.len() != rows.len() {
            let problem = format!("{} predictions for {} rows", means.len(), rows.len());
            return Err(unusable(&self.name, problem));
        }
        if let Some(odd) = means.iter().find(|mean| !mean.is_finite()) {
            return Err(unusable(&self.name, format!("it predicts {odd}")));
        }
        Ok(means.into_iter().map(|mean| Estimate { mean, sd: self.sd }).collect())
    }

    fn save(&self) -> Result<Vec<u8>> {
        Ok([self.sd.to_le_bytes().as_slice(), &self.bytes].concat())
    }
}
