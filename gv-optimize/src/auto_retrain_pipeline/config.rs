//! When and how models learn again.

use crate::Result;
use crate::error::parameter;
use serde::{Deserialize, Serialize};

/// The thresholds of retraining.
///
/// # Examples
///
/// ```
/// use gv_optimize::auto_retrain_pipeline::RetrainConfig;
///
/// let config = RetrainConfig::default().min_samples_for_retrain(200).utc_offset_minutes(-300);
/// assert_eq!(config.daily_retrain_hour, 2);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RetrainConfig {
    /// Share of accurate predictions below which a model learns again. Default: 0.6.
    pub min_accuracy_threshold: f64,
    /// New outcomes that call for learning again, and the fewest to learn from. Default: 100.
    pub min_samples_for_retrain: usize,
    /// Most outcomes to learn from, the newest, with a tenth drawn from the older ones. Default: 10,000.
    pub max_samples_per_retrain: usize,
    /// Hour of the day, local time, from which the day's scheduled check may learn. Default: 2.
    pub daily_retrain_hour: u32,
    /// Day on which a model learns again though nothing else calls for it, 0 Monday to 6 Sunday. Default: 0.
    pub weekly_retrain_day: u32,
    /// Share of the outcomes, the newest, that a new model is judged by. Default: 0.2.
    pub validation_split: f64,
    /// Relative improvement of the deviance that a new model must reach. Default: 0.01.
    pub min_improvement_threshold: f64,
    /// How sure it has to be that the new model is better, by a paired bootstrap. Default: 0.9.
    pub min_probability_better: f64,
    /// Whether a live model that fails is taken back. Default: yes.
    pub enable_auto_rollback: bool,
    /// Share of accurate predictions below which a live model is taken back. Default: 0.5.
    pub rollback_accuracy_threshold: f64,
    /// Minutes that local time is ahead of UTC. Default: 0.
    pub utc_offset_minutes: i32,
    /// How long a run may take before it is held to have died. Default: 4 hours.
    pub lease_hours: f64,
}

impl Default for RetrainConfig {
    fn default() -> Self {
        Self {
            min_accuracy_threshold: 0.6,
            min_samples_for_retrain: 100,
            max_samples_per_retrain: 10_000,
            daily_retrain_hour: 2,
            weekly_retrain_day: 0,
            validation_split: 0.2,
            min_improvement_threshold: 0.01,
            min_probability_better: 0.9,
            enable_auto_rollback: true,
            rollback_accuracy_threshold: 0.5,
            utc_offset_minutes: 0,
            lease_hours: 4.0,
        }
    }
}

impl RetrainConfig {
    /// Learns again from this many new outcomes on.
    #[must_use]
    pub fn min_samples_for_retrain(mut self, samples: usize) -> Self {
        self.min_samples_for_retrain = samples;
        self
    }

    /// Takes local time to be this far ahead of UTC.
    #[must_use]
    pub fn utc_offset_minutes(mut self, minutes: i32) -> Self {
        self.utc_offset_minutes = minutes;
        self
    }

    /// Checks the ranges.
    pub(super) fn check(&self) -> Result<()> {
        let share = |name, value: f64| match (0.0..=1.0).contains(&value) {
            true => Ok(()),
            false => Err(parameter(name, value, "0 to 1")),
        };
        share("min_accuracy_threshold", self.min_accuracy_threshold)?;
        share("rollback_accuracy_threshold", self.rollback_accuracy_threshold)?;
        share("min_improvement_threshold", self.min_improvement_threshold)?;
        share("min_probability_better", self.min_probability_better)?;
        if !(self.validation_split > 0.0 && self.validation_split < 1.0) {
            return Err(parameter("validation_split", self.validation_split, "between 0 and 1"));
        }
        if self.min_samples_for_retrain < 20 {
            return Err(parameter(
                "min_samples_for_retrain",
                self.min_samples_for_retrain,
                "20 or more",
            ));
        }
        if self.max_samples_per_retrain < self.min_samples_for_retrain {
            return Err(parameter(
                "max_samples_per_retrain",
                self.max_samples_per_retrain,
                "at least min_samples_for_retrain",
            ));
        }
        if self.daily_retrain_hour > 23 {
            return Err(parameter("daily_retrain_hour", self.daily_retrain_hour, "0 to 23"));
        }
        if self.weekly_retrain_day > 6 {
            return Err(parameter("weekly_retrain_day", self.weekly_retrain_day, "0 to 6"));
        }
        if self.utc_offset_minutes.abs() > 14 * 60 {
            return Err(parameter("utc_offset_minutes", self.utc_offset_minutes, "-840 to 840"));
        }
        if !(self.lease_hours > 0.0 && self.lease_hours <= 168.0) {
            return Err(parameter("lease_hours", self.lease_hours, "above 0, at most 168"));
        }
        Ok(())
    }
}
