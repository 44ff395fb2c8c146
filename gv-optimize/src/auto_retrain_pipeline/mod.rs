//! Models that learn again from what came of their predictions (component 16).
//!
//! A run fits a new model on recorded outcomes, judges it on newer campaigns that it has not seen beside
//! what was predicted at the time, and makes it live only if it is better by more than chance. Every run,
//! every version and every change of the live version is kept in the store; a process that dies in
//! between leaves the live version as it was.
//!
//! # Examples
//!
//! ```
//! use gv_optimize::auto_retrain_pipeline::{AutoRetrainPipeline, RetrainConfig, RetrainTrigger};
//!
//! let store = gv_patterns::store::open(":memory:")?;
//! let pipeline = AutoRetrainPipeline::new(store, RetrainConfig::default())?;
//! let need = pipeline.check_retrain_needed("roas_predictor")?;
//! assert!(!need.needed, "there is nothing to learn from yet");
//! let job = pipeline.start_retrain("roas_predictor", RetrainTrigger::Manual)?;
//! assert_eq!(job.error.as_deref(), Some("0 examples to learn from, at least 100 are needed"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod config;
mod examples;
mod job;
mod registry;
mod run;
mod schedule;
#[cfg(test)]
mod tests;

pub use config::RetrainConfig;
pub use job::{RetrainJob, RetrainStatus, RetrainTrigger};
pub use registry::{Aliases, ModelRegistry, ModelVersion};
pub use schedule::Need;

use crate::prediction_accuracy_tracker::{PredictionAccuracyTracker, from_json};
use crate::trainer::{BoostedLinear, Estimate, Features, TrainedModel, Trainer};
use crate::{Clock, Error, Result, SystemClock};
use base64::Engine as _;
use gv_patterns::store::{Collection, Filter, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

const JOBS: Collection = Collection::new("retrain_job")
    .index(&["model_type", "created_at"])
    .index(&["created_at"])
    .index(&["status"]);
/// One document for each kind of model: the lease of a running job and what the last runs came to.
const STATES: Collection = Collection::new("retrain_state");

/// Retrains models and keeps their versions.
#[derive(Debug, Clone)]
pub struct AutoRetrainPipeline {
    config: RetrainConfig,
    store: Arc<dyn Store>,
    tracker: PredictionAccuracyTracker,
    registry: ModelRegistry,
    trainer: Arc<dyn Trainer>,
    clock: Arc<dyn Clock>,
}

/// The state of the pipeline at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PipelineStatus {
    /// Runs that are pending or running.
    pub active_jobs: usize,
    /// Runs that were ever recorded.
    pub total_jobs: usize,
    /// Runs that were completed.
    pub total_retrains: usize,
    /// The live version of each kind of model.
    pub current_versions: BTreeMap<String, String>,
}

impl AutoRetrainPipeline {
    /// Uses the built-in trainer and the computer's clock.
    ///
    /// Runs of a process that died are marked as failed.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a configuration out of range, and the store's.
    pub fn new(store: Arc<dyn Store>, config: RetrainConfig) -> Result<Self> {
        Self::with(store, config, Arc::new(BoostedLinear::default()), Arc::new(SystemClock))
    }

    /// Uses a trainer and a clock of the caller's.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new).
    pub fn with(
        store: Arc<dyn Store>,
        config: RetrainConfig,
        trainer: Arc<dyn Trainer>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        config.check()?;
        store.ensure(&JOBS)?;
        store.ensure(&STATES)?;
        let tracker =
            PredictionAccuracyTracker::with_clock(Arc::clone(&store), Arc::clone(&clock))?;
        let registry = ModelRegistry::new(Arc::clone(&store))?;
        let pipeline = Self { config, store, tracker, registry, trainer, clock };
        pipeline.bury_the_dead()?;
        Ok(pipeline)
    }

    /// The configuration.
    pub const fn config(&self) -> &RetrainConfig {
        &self.config
    }

    /// The tracker whose outcomes are learned from.
    pub const fn tracker(&self) -> &PredictionAccuracyTracker {
        &self.tracker
    }

    /// The registry of versions.
    pub const fn registry(&self) -> &ModelRegistry {
        &self.registry
    }

    /// Looks a run up; `None` where there is none.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn job_status(&self, job_id: &str) -> Result<Option<RetrainJob>> {
        let found = self.store.get(JOBS.name(), job_id)?;
        found.map(|document| from_json(document.body)).transpose()
    }

    /// The last runs, newest first, of one kind of model or of all.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn training_history(
        &self,
        model_type: Option<&str>,
        limit: usize,
    ) -> Result<Vec<RetrainJob>> {
        let mut filter = Filter::new().descending("created_at").limit(limit);
        if let Some(model_type) = model_type {
            filter = filter.equals("model_type", model_type);
        }
        self.jobs(&filter)
    }

    /// The live version of each kind of model.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn current_versions(&self) -> Result<BTreeMap<String, String>> {
        self.registry.champions()
    }

    /// The state of the pipeline at a glance.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn pipeline_status(&self) -> Result<PipelineStatus> {
        let count = |status: RetrainStatus| -> Result<usize> {
            let filter = Filter::new().equals("status", status.name());
            Ok(self.store.count(JOBS.name(), &filter)? as usize)
        };
        Ok(PipelineStatus {
            active_jobs: count(RetrainStatus::Pending)? + count(RetrainStatus::Running)?,
            total_jobs: self.store.count(JOBS.name(), &Filter::new())? as usize,
            total_retrains: count(RetrainStatus::Completed)?,
            current_versions: self.current_versions()?,
        })
    }

    /// Predicts with the live version; `None` where a kind of model has none. Also says which version it
    /// was, for [`NewPrediction`](crate::prediction_accuracy_tracker::NewPrediction).
    ///
    /// # Errors
    ///
    /// [`Error::BadModel`] where the live version was made by another trainer or is damaged, and the
    /// store's.
    pub fn predict(
        &self,
        model_type: &str,
        rows: &[Features],
    ) -> Result<Option<(String, Vec<Estimate>)>> {
        let Some((version, model)) = self.live_model(model_type)? else { return Ok(None) };
        let estimates = model.predict(rows)?;
        Ok(Some((version, estimates)))
    }

    /// Loads the live version; `None` where a kind of model has none.
    ///
    /// # Errors
    ///
    /// As [`predict`](Self::predict).
    pub fn live_model(&self, model_type: &str) -> Result<Option<(String, Box<dyn TrainedModel>)>> {
        let Some(version) = self.registry.aliases(model_type)?.champion else { return Ok(None) };
        let Some(model) = self.registry.version(model_type, &version)? else { return Ok(None) };
        Ok(Some((version, self.load(&model)?)))
    }

    fn load(&self, model: &ModelVersion) -> Result<Box<dyn TrainedModel>> {
        let bad = |problem: String| Error::BadModel { trainer: model.trainer.clone(), problem };
        if model.trainer != self.trainer.name() {
            return Err(bad(format!("this pipeline's trainer is {}", self.trainer.name())));
        }
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(&model.artifact)
            .map_err(|error| bad(error.to_string()))?;
        self.trainer.load(&bytes)
    }

    fn jobs(&self, filter: &Filter) -> Result<Vec<RetrainJob>> {
        let found = self.store.find(JOBS.name(), filter)?;
        found.into_iter().map(|document| from_json(document.body)).collect()
    }
}
