//! The conversions feedback loop (component 14).

use crate::ads::{exception, options};
use crate::store::Store;
use crate::{errors, to_python};
use geminivideo::generation::http::{UreqOptions, UreqTransport};
use geminivideo::optimize::Result;
use geminivideo::optimize::capi_feedback_loop::{
    CapiFeedbackLoop, ConversionsApi, InsightRow, Processed, WebhookKeys,
};
use geminivideo::{Error, ErrorKind};
use pyo3::prelude::*;
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

/// What became of an event among others.
#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    Kept(Processed),
    Refused { processed: bool, error: String },
}

impl From<Result<Processed>> for Outcome {
    fn from(outcome: Result<Processed>) -> Self {
        match outcome {
            Ok(kept) => Self::Kept(kept),
            Err(error) => Self::Refused { processed: false, error: error.to_string() },
        }
    }
}

/// Takes conversions and retrains; events, rows and options are JSON documents.
#[pyclass(frozen, module = "geminivideo._core")]
pub(crate) struct FeedbackLoop(CapiFeedbackLoop);

#[pymethods]
impl FeedbackLoop {
    #[new]
    fn new(py: Python<'_>, store: &Store, options_json: &str) -> PyResult<Self> {
        let (store, options) = (Arc::clone(&store.0), options(py, options_json)?);
        py.detach(|| CapiFeedbackLoop::new(store, options))
            .map(Self)
            .map_err(|error| exception(py, error))
    }

    fn process<'py>(&self, py: Python<'py>, event_json: &str) -> PyResult<Bound<'py, PyAny>> {
        let event: Value = options(py, event_json)?;
        self.tell(py, |feedback| feedback.process_capi_event(&event))
    }

    fn process_all<'py>(&self, py: Python<'py>, events_json: &str) -> PyResult<Bound<'py, PyAny>> {
        let events: Vec<Value> = options(py, events_json)?;
        self.tell(py, |feedback| {
            let outcomes = feedback.process_events(&events)?.into_iter();
            Ok(outcomes.map(Outcome::from).collect::<Vec<_>>())
        })
    }

    fn record_insights(&self, py: Python<'_>, rows_json: &str) -> PyResult<usize> {
        let rows: Vec<InsightRow> = options(py, rows_json)?;
        py.detach(|| self.0.record_insights(&rows)).map_err(|error| exception(py, error))
    }

    fn match_predictions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, CapiFeedbackLoop::match_predictions_to_actuals)
    }

    fn should_retrain(&self, py: Python<'_>) -> PyResult<bool> {
        py.detach(|| self.0.should_retrain()).map_err(|error| exception(py, error))
    }

    fn trigger_retrain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, CapiFeedbackLoop::trigger_retrain)
    }

    fn metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, CapiFeedbackLoop::feedback_metrics)
    }

    #[expect(clippy::too_many_arguments, reason = "an HTTP request and what it is checked against")]
    fn handle_webhook(
        &self,
        py: Python<'_>,
        app_secret: String,
        verify_token: String,
        method: &str,
        target: &str,
        headers: Vec<(String, String)>,
        body: &[u8],
    ) -> PyResult<(u16, &'static str, String)> {
        let keys = WebhookKeys { app_secret, verify_token };
        let answer = py
            .detach(|| self.0.handle_webhook(&keys, method, target, &headers, body))
            .map_err(|error| exception(py, error))?;
        Ok((answer.status, answer.content_type, answer.body))
    }

    #[pyo3(signature = (pixel_id, access_token, base_url, app_secret, test_event_code))]
    fn flush_outbox<'py>(
        &self,
        py: Python<'py>,
        pixel_id: Option<String>,
        access_token: Option<String>,
        base_url: Option<String>,
        app_secret: Option<String>,
        test_event_code: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let api = match (pixel_id, access_token) {
            (Some(pixel), Some(token)) => Some(ConversionsApi::new(pixel, token)),
            _ => ConversionsApi::from_environment(),
        };
        let Some(mut api) = api else {
            let message = "META_PIXEL_ID and META_ACCESS_TOKEN are not set";
            return Err(errors::of_kind(py, ErrorKind::Unavailable, message));
        };
        if let Some(url) = base_url {
            api.base_url = url;
        }
        api.app_secret = app_secret.or(api.app_secret);
        api.test_event_code = test_event_code;
        let transport = UreqTransport::new(&UreqOptions::default()).map_err(|error| {
            errors::exception(py, &Error::from(geminivideo::generation::Error::from(error)))
        })?;
        self.tell(py, |feedback| feedback.flush_outbox(&api, &transport))
    }
}

impl FeedbackLoop {
    fn tell<'py, T: Serialize + Send>(
        &self,
        py: Python<'py>,
        ask: impl FnOnce(&CapiFeedbackLoop) -> Result<T> + Send,
    ) -> PyResult<Bound<'py, PyAny>> {
        let answer = py.detach(|| ask(&self.0)).map_err(|error| exception(py, error))?;
        to_python(py, &answer)
    }
}
