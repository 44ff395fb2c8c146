//! One run: fit, judge, decide, write down.

use super::examples::{Evidence, evidence, features};
use super::registry::ModelVersion;
use super::{AutoRetrainPipeline, JOBS, RetrainJob, RetrainStatus, RetrainTrigger, STATES};
use crate::prediction_accuracy_tracker::{from_json, to_json};
use crate::trainer::{
    Dataset, Estimate, Features, Split, TrainedModel, compare, expanding_windows, newest_groups,
    score,
};
use crate::{Error, Result, Timestamp};
use base64::Engine as _;
use gv_patterns::store::{Change, Expect, Filter};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const HOUR: i64 = 3_600_000;
/// Below this many examples a single split would leave too few to judge by.
const SMALL: usize = 250;
const WINDOWS: usize = 5;
/// Hours to wait after the first, second, ... run that brought nothing better.
const BACK_OFF_HOURS: [i64; 4] = [24, 48, 96, 168];

/// What is remembered of a kind of model between runs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) running: Option<String>,
    pub(super) lease_until: Option<Timestamp>,
    pub(super) learned_until: Option<Timestamp>,
    pub(super) last_run: Option<Timestamp>,
    /// Runs in a row that brought nothing better.
    pub(super) fruitless: usize,
    pub(super) not_before: Option<Timestamp>,
}

/// What judging came to.
struct Judgement {
    training: usize,
    validation: usize,
    old_accuracy: f64,
    new_accuracy: f64,
    improvement: f64,
    probability_better: f64,
}

impl AutoRetrainPipeline {
    /// Retrains a kind of model and returns the run, completed or failed.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] with a conflict where another run of the same kind is at work, and the store's. What
    /// keeps a model from being learned is not an error: it stands in [`RetrainJob::error`].
    pub fn start_retrain(&self, model_type: &str, trigger: RetrainTrigger) -> Result<RetrainJob> {
        if model_type.is_empty() {
            return Err(crate::error::parameter("model_type", "empty", "a name"));
        }
        let (mut job, mut state) = self.begin(model_type, trigger)?;
        match self.learn(&mut job) {
            Ok(learned_until) => {
                job.status = RetrainStatus::Completed;
                state.learned_until = Some(learned_until);
            }
            Err(error) if is_the_stores(&error) => return Err(error),
            Err(error) => {
                log::error!("{model_type}: retraining failed: {error}");
                job.status = RetrainStatus::Failed;
                job.error = Some(error.to_string());
            }
        }
        let now = self.clock.now();
        job.completed_at = Some(now);
        if job.promoted {
            (state.fruitless, state.not_before) = (0, None);
        } else {
            let wait = BACK_OFF_HOURS[state.fruitless.min(BACK_OFF_HOURS.len() - 1)];
            state.fruitless += 1;
            state.not_before = Some(Timestamp(now.0 + wait * HOUR));
        }
        (state.running, state.lease_until, state.last_run) = (None, None, Some(now));
        self.store.apply(&[
            Change::put(JOBS.name(), &job.job_id, Expect::Any, to_json(&job)?),
            Change::put(STATES.name(), model_type, Expect::Any, to_json(&state)?),
        ])?;
        log::info!("{model_type}: run {} {}: {}", job.job_id, job.status.name(), job.reason);
        Ok(job)
    }

    /// Records the run and takes the lease, in one transaction.
    fn begin(&self, model_type: &str, trigger: RetrainTrigger) -> Result<(RetrainJob, State)> {
        let now = self.clock.now();
        let (mut state, expect) = self.state(model_type)?;
        if state.lease_until.is_some_and(|until| until > now) {
            return Err(Error::Store(gv_patterns::Error::Conflict {
                collection: STATES.name().into(),
                id: model_type.to_owned(),
                expected: "no run at work".into(),
                found: format!("run {}", state.running.as_deref().unwrap_or("unknown")),
            }));
        }
        let taken =
            self.store.count(JOBS.name(), &Filter::new().equals("model_type", model_type))?;
        let job_id = format!("{model_type}-{}", taken + 1);
        let mut job = RetrainJob::new(job_id.clone(), model_type, trigger, now);
        job.status = RetrainStatus::Running;
        job.started_at = Some(now);
        let lease = (self.config.lease_hours * HOUR as f64) as i64;
        state.running = Some(job_id);
        state.lease_until = Some(Timestamp(now.0.saturating_add(lease)));
        self.store.apply(&[
            Change::put(STATES.name(), model_type, expect, to_json(&state)?),
            Change::put(JOBS.name(), &job.job_id, Expect::Absent, to_json(&job)?),
        ])?;
        Ok((job, state))
    }

    /// Fits, judges and registers; returns when the newest outcome became known.
    fn learn(&self, job: &mut RetrainJob) -> Result<Timestamp> {
        let settled = self.tracker.settled(&job.model_type, usize::MAX)?;
        let needed = self.config.min_samples_for_retrain;
        if settled.len() < needed {
            return Err(Error::TooFewExamples { given: settled.len(), needed });
        }
        let evidence = evidence(settled, self.config.max_samples_per_retrain)?;
        let judgement = self.judge(&job.model_type, &evidence)?;
        job.training_samples = judgement.training;
        job.validation_samples = judgement.validation;
        job.old_accuracy = judgement.old_accuracy;
        job.new_accuracy = judgement.new_accuracy;
        job.improvement = judgement.new_accuracy - judgement.old_accuracy;
        job.deviance_improvement = judgement.improvement;
        job.probability_better = judgement.probability_better;
        let promote = judgement.improvement >= self.config.min_improvement_threshold
            && judgement.probability_better >= self.config.min_probability_better;
        let learned_until = evidence.data.examples().last().map_or(Timestamp(0), |e| e.known_at);
        let model = self.trainer.fit(&evidence.data)?;
        let made = self.registry.add(self.describe(job, &evidence, model.as_ref())?, promote)?;
        job.promoted = promote;
        job.reason = format!(
            "{} {}: deviance {:+.1} % on {} unseen outcomes, better with a probability of {:.0} %",
            made.version,
            if promote { "is live" } else { "stays a challenger" },
            -100.0 * judgement.improvement,
            judgement.validation,
            100.0 * judgement.probability_better,
        );
        job.new_version = Some(made.version);
        Ok(learned_until)
    }

    /// Compares the new kind of fit with what was live, on outcomes that neither had seen.
    fn judge(&self, model_type: &str, evidence: &Evidence) -> Result<Judgement> {
        let data = &evidence.data;
        let splits = if data.len() < SMALL {
            expanding_windows(data, WINDOWS)
        } else {
            vec![newest_groups(data, self.config.validation_split)]
        };
        let splits: Vec<Split> =
            splits.into_iter().filter(|split| !split.validation.is_empty()).collect();
        if splits.is_empty() {
            return Err(Error::OneGroup);
        }
        let live = self.live_estimates(model_type, evidence)?;
        let mut positions = Vec::new();
        let (mut old, mut new) = (Vec::new(), Vec::new());
        let mut training = 0;
        for split in &splits {
            let train = data.select(&split.train);
            // The first windows of small data may be too small to fit on: they judge nothing.
            let model = match self.trainer.fit(&train) {
                Ok(model) => model,
                Err(Error::TooFewExamples { .. }) if splits.len() > 1 => continue,
                Err(error) => return Err(error),
            };
            training = training.max(train.len());
            new.extend(model.predict(&rows(&data.select(&split.validation)))?);
            old.extend(split.validation.iter().map(|&at| live[at]));
            positions.extend(&split.validation);
        }
        let validation = data.select(&positions);
        let tolerance = evidence.metric.acceptable_error();
        let comparison = compare(&validation, &old, &new)?;
        Ok(Judgement {
            training,
            validation: validation.len(),
            old_accuracy: score(&validation, &old, tolerance)?.accuracy,
            new_accuracy: score(&validation, &new, tolerance)?.accuracy,
            improvement: comparison.improvement,
            probability_better: comparison.probability_better,
        })
    }

    /// What the live version says of each example whose outcome it cannot have learned from; what was
    /// predicted at the time for the others, and where no version is live.
    fn live_estimates(&self, model_type: &str, evidence: &Evidence) -> Result<Vec<Estimate>> {
        let mut estimates = evidence.recorded.clone();
        let Some(version) = self.registry.aliases(model_type)?.champion else {
            return Ok(estimates);
        };
        let Some(champion) = self.registry.version(model_type, &version)? else {
            return Ok(estimates);
        };
        let model = match self.load(&champion) {
            Ok(model) => model,
            Err(error) => {
                log::warn!("{model_type}: {version} is compared by its records alone: {error}");
                return Ok(estimates);
            }
        };
        let said = model.predict(&rows(&evidence.data))?;
        for (at, example) in evidence.data.examples().iter().enumerate() {
            if example.known_at > champion.learned_until {
                estimates[at] = said[at];
            }
        }
        Ok(estimates)
    }

    fn describe(
        &self,
        job: &RetrainJob,
        evidence: &Evidence,
        model: &dyn TrainedModel,
    ) -> Result<ModelVersion> {
        let metrics = BTreeMap::from([
            ("old_accuracy".to_owned(), job.old_accuracy),
            ("new_accuracy".to_owned(), job.new_accuracy),
            ("deviance_improvement".to_owned(), job.deviance_improvement),
            ("probability_better".to_owned(), job.probability_better),
            ("validation_samples".to_owned(), job.validation_samples as f64),
        ]);
        Ok(ModelVersion {
            model_type: job.model_type.clone(),
            version: String::new(),
            number: 0,
            trainer: self.trainer.name().to_owned(),
            created_at: self.clock.now(),
            learned_until: evidence.data.examples().last().map_or(Timestamp(0), |e| e.known_at),
            samples: evidence.data.len(),
            data_hash: evidence.data_hash.clone(),
            library_version: env!("CARGO_PKG_VERSION").to_owned(),
            metrics,
            artifact: base64::engine::general_purpose::STANDARD.encode(model.save()?),
        })
    }

    pub(super) fn state(&self, model_type: &str) -> Result<(State, Expect)> {
        match self.store.get(STATES.name(), model_type)? {
            Some(document) => Ok((from_json(document.body)?, Expect::Version(document.version))),
            None => Ok((State::default(), Expect::Absent)),
        }
    }

    /// Marks runs as failed whose lease has run out: their process died.
    pub(super) fn bury_the_dead(&self) -> Result<()> {
        let now = self.clock.now();
        let running = Filter::new().equals("status", RetrainStatus::Running.name());
        for mut job in self.jobs(&running)? {
            let (mut state, expect) = self.state(&job.model_type)?;
            let holds_lease = state.running.as_deref() == Some(job.job_id.as_str());
            if holds_lease && state.lease_until.is_some_and(|until| until > now) {
                continue;
            }
            job.status = RetrainStatus::Failed;
            job.error = Some("interrupted: its process ended before the run did".into());
            job.completed_at = Some(now);
            let mut changes =
                vec![Change::put(JOBS.name(), &job.job_id, Expect::Any, to_json(&job)?)];
            if holds_lease {
                (state.running, state.lease_until) = (None, None);
                changes.push(Change::put(STATES.name(), &job.model_type, expect, to_json(&state)?));
            }
            self.store.apply(&changes)?;
            log::warn!("{}: run {} was interrupted", job.model_type, job.job_id);
        }
        Ok(())
    }
}

fn rows(data: &Dataset) -> Vec<Features> {
    data.examples().iter().map(|example| features(&example.features, 0.0)).collect()
}

fn is_the_stores(error: &Error) -> bool {
    matches!(error, Error::Store(_) | Error::Stored { .. })
}
