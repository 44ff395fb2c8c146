//! The cross-campaign learner (component 13).

use crate::ads::{exception, options};
use crate::store::Store;
use crate::to_python;
use geminivideo::optimize::Result;
use geminivideo::optimize::cross_campaign_learning::CrossCampaignLearner;
use pyo3::prelude::*;
use serde::Serialize;
use std::sync::Arc;

/// Learns from campaigns that are kept in a store; learnings and options are JSON documents.
#[pyclass(frozen, module = "geminivideo._core")]
pub(crate) struct CampaignLearner(CrossCampaignLearner);

#[pymethods]
impl CampaignLearner {
    #[new]
    fn new(py: Python<'_>, store: &Store, options_json: &str) -> PyResult<Self> {
        let (store, options) = (Arc::clone(&store.0), options(py, options_json)?);
        py.detach(|| CrossCampaignLearner::new(store, options))
            .map(Self)
            .map_err(|error| exception(py, error))
    }

    fn add(&self, py: Python<'_>, learning_json: &str) -> PyResult<()> {
        let learning = options(py, learning_json)?;
        py.detach(|| self.0.add_campaign_learning(&learning)).map_err(|error| exception(py, error))
    }

    #[pyo3(signature = (industry, objective, account, audience_json))]
    fn recommendations<'py>(
        &self,
        py: Python<'py>,
        industry: &str,
        objective: &str,
        account: Option<&str>,
        audience_json: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let audience = options(py, audience_json)?;
        self.tell(py, |learner| learner.recommendations(industry, objective, account, &audience))
    }

    fn insight<'py>(&self, py: Python<'py>, industry: &str) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, |learner| learner.industry_insight(industry))
    }

    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, CrossCampaignLearner::learning_stats)
    }

    fn export<'py>(&self, py: Python<'py>, redact: bool) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, |learner| learner.export_knowledge_base(redact))
    }

    fn merge(&self, py: Python<'_>, exported_json: &str) -> PyResult<usize> {
        let exported = options(py, exported_json)?;
        py.detach(|| self.0.merge_knowledge_base(&exported)).map_err(|error| exception(py, error))
    }
}

impl CampaignLearner {
    fn tell<'py, T: Serialize + Send>(
        &self,
        py: Python<'py>,
        ask: impl FnOnce(&CrossCampaignLearner) -> Result<T> + Send,
    ) -> PyResult<Bound<'py, PyAny>> {
        let answer = py.detach(|| ask(&self.0)).map_err(|error| exception(py, error))?;
        to_python(py, &answer)
    }
}
