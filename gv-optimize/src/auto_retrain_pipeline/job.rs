//! A run of the pipeline.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// Why a model learns again; the first of these that applies is the one that is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetrainTrigger {
    /// Someone asked.
    Manual,
    /// Misses have risen.
    DriftDetected,
    /// Accuracy is surely below the threshold.
    AccuracyDrop,
    /// Enough new outcomes are there.
    DataThreshold,
    /// It is the day and hour for it.
    Scheduled,
}

impl RetrainTrigger {
    /// Every trigger.
    pub const ALL: [Self; 5] = [
        Self::Manual,
        Self::DriftDetected,
        Self::AccuracyDrop,
        Self::DataThreshold,
        Self::Scheduled,
    ];

    /// The name used in files and in Python.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::DriftDetected => "drift_detected",
            Self::AccuracyDrop => "accuracy_drop",
            Self::DataThreshold => "data_threshold",
            Self::Scheduled => "scheduled",
        }
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetrainStatus {
    /// Recorded, not begun.
    Pending,
    /// Learning.
    Running,
    /// Done; whether the new model is live is another question.
    Completed,
    /// Ended without a model.
    Failed,
}

impl RetrainStatus {
    /// The name used in files and in Python.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

/// A run of the pipeline, with what was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RetrainJob {
    /// Identifies the run.
    pub job_id: String,
    /// Kind of model.
    pub model_type: String,
    /// Why.
    pub trigger: RetrainTrigger,
    /// How far.
    pub status: RetrainStatus,
    /// Examples that the judged model was fitted on.
    pub training_samples: usize,
    /// Examples that it was judged by.
    pub validation_samples: usize,
    /// Share of the validation examples that the live predictions got within the tolerance.
    pub old_accuracy: f64,
    /// The same of the new model.
    pub new_accuracy: f64,
    /// New accuracy less old.
    pub improvement: f64,
    /// Relative improvement of the deviance, which decides.
    pub deviance_improvement: f64,
    /// Probability that the new model is better, by a paired bootstrap over campaigns.
    pub probability_better: f64,
    /// The version that was made; `None` before.
    pub new_version: Option<String>,
    /// Whether it became the champion.
    pub promoted: bool,
    /// Why it did or did not.
    pub reason: String,
    /// When the run was recorded.
    pub created_at: Timestamp,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// What went wrong.
    pub error: Option<String>,
}

impl RetrainJob {
    pub(super) fn new(
        job_id: String,
        model_type: &str,
        trigger: RetrainTrigger,
        created_at: Timestamp,
    ) -> Self {
        Self {
            job_id,
            model_type: model_type.to_owned(),
            trigger,
            status: RetrainStatus::Pending,
            training_samples: 0,
            validation_samples: 0,
            old_accuracy: 0.0,
            new_accuracy: 0.0,
            improvement: 0.0,
            deviance_improvement: 0.0,
            probability_better: 0.5,
            new_version: None,
            promoted: false,
            reason: String::new(),
            created_at,
            started_at: None,
            completed_at: None,
            error: None,
        }
    }
}
