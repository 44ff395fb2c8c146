//! Whether it is time.

use super::run::State;
use super::{AutoRetrainPipeline, RetrainJob, RetrainTrigger};
use crate::prediction_accuracy_tracker::{
    MIN_SAMPLES_FOR_REPORT, PredictionRecord, RetrainCause, mean, probability_below, reachable,
};
use crate::{Result, Timestamp};
use serde::{Deserialize, Serialize};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// How sure a rollback has to be.
const SURE: f64 = 0.9;

/// Whether a model should learn again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Need {
    /// Whether it should.
    pub needed: bool,
    /// By which trigger; where nothing calls for it, the schedule is what it waits for.
    pub trigger: RetrainTrigger,
    /// Why, or why not.
    pub reason: String,
}

impl Need {
    fn yes(trigger: RetrainTrigger, reason: String) -> Self {
        Self { needed: true, trigger, reason }
    }

    fn no(reason: String) -> Self {
        Self { needed: false, trigger: RetrainTrigger::Scheduled, reason }
    }
}

impl AutoRetrainPipeline {
    /// Says whether a kind of model should learn again.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn check_retrain_needed(&self, model_type: &str) -> Result<Need> {
        let settled = self.tracker.settled(model_type, self.config.max_samples_per_retrain)?;
        let least = self.config.min_samples_for_retrain;
        if settled.len() < least {
            return Ok(Need::no(format!(
                "{} outcomes to learn from, at least {least} are needed",
                settled.len()
            )));
        }
        let now = self.clock.now();
        let state = self.state(model_type)?.0;
        if let Some(until) = state.lease_until.filter(|until| *until > now) {
            let minutes = (until.0 - now.0) / 60_000;
            return Ok(Need::no(format!(
                "run {} is at work, for {minutes} more minutes at most",
                state.running.as_deref().unwrap_or("of another process")
            )));
        }
        if let Some(not_before) = state.not_before.filter(|moment| *moment > now) {
            let hours = (not_before.0 - now.0 + HOUR - 1) / HOUR;
            return Ok(Need::no(format!(
                "the last {} runs brought nothing better; the next is due in {hours} h",
                state.fruitless
            )));
        }
        let fresh =
            settled.iter().filter(|record| record.actual_recorded_at > state.learned_until).count();
        if fresh > 0 {
            let report = self.tracker.recent_report(model_type)?;
            if report.retrain_cause == Some(RetrainCause::Drift) {
                return Ok(Need::yes(RetrainTrigger::DriftDetected, report.reason));
            }
            let due = report.needs_retraining;
            let below = if due { Some(report.reason) } else { self.below_threshold(&settled) };
            if let Some(reason) = below {
                return Ok(Need::yes(RetrainTrigger::AccuracyDrop, reason));
            }
        }
        if fresh >= least {
            return Ok(Need::yes(
                RetrainTrigger::DataThreshold,
                format!("{fresh} outcomes since the last run, {least} call for one"),
            ));
        }
        if fresh > 0 && self.is_the_day(&state, now) {
            return Ok(Need::yes(
                RetrainTrigger::Scheduled,
                format!("the weekly run is due, with {fresh} new outcomes"),
            ));
        }
        Ok(Need::no(format!("{fresh} outcomes since the last run, accuracy as expected")))
    }

    /// Checks every kind of model: takes a failing live version back, then retrains what needs it, if the
    /// day's hour has come. Returns the runs.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn run_scheduled_check(&self) -> Result<Vec<RetrainJob>> {
        let mut jobs = Vec::new();
        for model_type in self.tracker.model_types()? {
            if self.config.enable_auto_rollback {
                self.roll_back_if_failing(&model_type)?;
            }
            if !self.hour_has_come() {
                continue;
            }
            let need = self.check_retrain_needed(&model_type)?;
            log::info!("{model_type}: {}", need.reason);
            if need.needed {
                jobs.push(self.start_retrain(&model_type, need.trigger)?);
            }
        }
        Ok(jobs)
    }

    /// Takes the live version back where its own predictions are surely below the threshold. Returns the
    /// version that is live again.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn roll_back_if_failing(&self, model_type: &str) -> Result<Option<String>> {
        let Some(champion) = self.registry.aliases(model_type)?.champion else { return Ok(None) };
        let report = self.tracker.accuracy_report(Some(model_type), Some(&champion), 30.0)?;
        let (n, accurate) = (report.predictions_with_actuals, report.accurate_predictions);
        if n < MIN_SAMPLES_FOR_REPORT {
            return Ok(None);
        }
        let threshold = reachable(self.config.rollback_accuracy_threshold, report.accuracy_ceiling);
        let failing = probability_below(accurate, n, threshold);
        if failing < SURE {
            return Ok(None);
        }
        let back = self.registry.rollback(model_type, self.clock.now())?;
        if let Some(aliases) = &back {
            log::warn!(
                "{model_type}: {champion} had {accurate} of {n} predictions accurate and was taken back; \
                 {} is live again",
                aliases.champion.as_deref().unwrap_or("none")
            );
        }
        Ok(back.and_then(|aliases| aliases.champion))
    }

    /// Why the newest outcomes are surely below the configured threshold, which may be above the tracker's.
    fn below_threshold(&self, settled: &[PredictionRecord]) -> Option<String> {
        let recent = &settled[settled.len().saturating_sub(self.config.min_samples_for_retrain)..];
        let accurate = recent.iter().filter(|record| record.is_accurate == Some(true)).count();
        let ceilings: Vec<f64> = recent.iter().filter_map(PredictionRecord::ceiling).collect();
        let threshold = reachable(self.config.min_accuracy_threshold, mean(&ceilings));
        (probability_below(accurate, recent.len(), threshold) >= SURE).then(|| {
            format!(
                "{accurate} of the last {} predictions were accurate, below {:.0} %",
                recent.len(),
                100.0 * self.config.min_accuracy_threshold
            )
        })
    }

    fn local(&self, moment: Timestamp) -> i64 {
        moment.0 + i64::from(self.config.utc_offset_minutes) * 60_000
    }

    fn hour_has_come(&self) -> bool {
        let hour = self.local(self.clock.now()).rem_euclid(DAY) / HOUR;
        hour >= i64::from(self.config.daily_retrain_hour)
    }

    /// Whether today is the weekly day and no run has been on it. 1970-01-01 was a Thursday.
    fn is_the_day(&self, state: &State, now: Timestamp) -> bool {
        let day = |moment: Timestamp| self.local(moment).div_euclid(DAY);
        let weekday = (day(now) + 3).rem_euclid(7);
        let ran_today = state.last_run.is_some_and(|run| day(run) == day(now));
        weekday == i64::from(self.config.weekly_retrain_day) && !ran_today
    }
}
