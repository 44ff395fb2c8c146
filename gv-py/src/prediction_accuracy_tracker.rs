//! The accuracy tracker (component 15).

use crate::ads::exception;
use crate::store::Store;
use crate::{errors, to_python};
use geminivideo::ErrorKind;
use geminivideo::optimize::prediction_accuracy_tracker::{
    Actual, MetricType, NewPrediction, PredictionAccuracyTracker,
};
use geminivideo::optimize::trainer::Features;
use geminivideo::optimize::{Result, Timestamp};
use pyo3::prelude::*;
use serde::Serialize;
use std::sync::Arc;

/// Records predictions and outcomes in a store.
#[pyclass(frozen, module = "geminivideo._core")]
pub(crate) struct AccuracyTracker(PredictionAccuracyTracker);

#[pymethods]
impl AccuracyTracker {
    #[new]
    fn new(py: Python<'_>, store: &Store) -> PyResult<Self> {
        let store = Arc::clone(&store.0);
        py.detach(|| PredictionAccuracyTracker::new(store))
            .map(Self)
            .map_err(|error| exception(py, error))
    }

    #[pyo3(signature = (
        prediction_id, model_type, model_version, predicted_value, confidence, metric_type,
        campaign_id, creative_id, features, predicted_at,
    ))]
    #[expect(clippy::too_many_arguments, reason = "the fields of a prediction")]
    fn record_prediction<'py>(
        &self,
        py: Python<'py>,
        prediction_id: &str,
        model_type: &str,
        model_version: &str,
        predicted_value: f64,
        confidence: f64,
        metric_type: &str,
        campaign_id: &str,
        creative_id: &str,
        features: Option<&str>,
        predicted_at: Option<i64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let metric = metric(py, metric_type)?;
        let mut prediction = NewPrediction::new(
            prediction_id,
            model_type,
            model_version,
            predicted_value,
            confidence,
            metric,
        )
        .campaign(campaign_id)
        .creative(creative_id);
        if let Some(features) = features {
            prediction = prediction.features(parse_features(py, features)?);
        }
        prediction.predicted_at = predicted_at.map(Timestamp);
        self.tell(py, |tracker| tracker.record_prediction(prediction))
    }

    #[pyo3(signature = (prediction_id, value, events, matured, at))]
    fn record_actual<'py>(
        &self,
        py: Python<'py>,
        prediction_id: &str,
        value: f64,
        events: Option<f64>,
        matured: bool,
        at: Option<i64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mut actual = Actual::new(value);
        (actual.events, actual.matured, actual.at) = (events, matured, at.map(Timestamp));
        self.tell(py, |tracker| tracker.record_actual(prediction_id, actual))
    }

    #[pyo3(signature = (model_type, model_version, days))]
    fn accuracy_report<'py>(
        &self,
        py: Python<'py>,
        model_type: Option<&str>,
        model_version: Option<&str>,
        days: f64,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, |tracker| tracker.accuracy_report(model_type, model_version, days))
    }

    #[pyo3(signature = (campaign_id, limit))]
    fn prediction_history<'py>(
        &self,
        py: Python<'py>,
        campaign_id: Option<&str>,
        limit: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, |tracker| tracker.prediction_history(campaign_id, limit))
    }

    fn should_retrain(&self, py: Python<'_>, model_type: &str) -> PyResult<(bool, String)> {
        py.detach(|| self.0.should_retrain(model_type)).map_err(|error| exception(py, error))
    }

    fn calibrated_confidence(
        &self,
        py: Python<'_>,
        model_type: &str,
        stated: f64,
    ) -> PyResult<f64> {
        py.detach(|| self.0.calibrated_confidence(model_type, stated))
            .map_err(|error| exception(py, error))
    }

    fn dashboard_metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, PredictionAccuracyTracker::dashboard_metrics)
    }
}

impl AccuracyTracker {
    fn tell<'py, T: Serialize + Send>(
        &self,
        py: Python<'py>,
        ask: impl FnOnce(&PredictionAccuracyTracker) -> Result<T> + Send,
    ) -> PyResult<Bound<'py, PyAny>> {
        let answer = py.detach(|| ask(&self.0)).map_err(|error| exception(py, error))?;
        to_python(py, &answer)
    }
}

fn metric(py: Python<'_>, name: &str) -> PyResult<MetricType> {
    MetricType::ALL.into_iter().find(|metric| metric.name() == name).ok_or_else(|| {
        let message = format!("{name} is no metric of MetricType");
        errors::of_kind(py, ErrorKind::InvalidInput, &message)
    })
}

/// Features given as one JSON object.
pub(crate) fn parse_features(py: Python<'_>, json: &str) -> PyResult<Features> {
    serde_json::from_str(json).map_err(|error| {
        errors::of_kind(py, ErrorKind::InvalidInput, &format!("the features: {error}"))
    })
}
