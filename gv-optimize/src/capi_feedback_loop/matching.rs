//! Predictions beside what really happened, and learning from the difference.

use super::actuals::{InsightRow, Known, Totals};
use super::event::ConversionEvent;
use super::outbox::OUTBOX;
use super::{CapiFeedbackLoop, EVENTS, INSIGHTS, NEWS, STATE, TOTALS, creative_key, news};
use crate::auto_retrain_pipeline::{RetrainJob, RetrainTrigger};
use crate::prediction_accuracy_tracker::{
    Actual, MetricType, PredictionRecord, from_json, to_json,
};
use crate::{Result, Timestamp};
use gv_patterns::store::{Change, Expect, Filter};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const PAGE: usize = 5000;
const HOUR: f64 = 3_600_000.0;

/// Predictions of one creative beside what happened to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PredictionActualPair {
    /// The newest of the predictions.
    pub prediction_id: String,
    /// The campaign.
    pub campaign_id: String,
    /// The creative.
    pub creative_id: String,
    /// Predicted click-through rate; `None` where there was no such prediction.
    pub predicted_ctr: Option<f64>,
    /// Predicted return.
    pub predicted_roas: Option<f64>,
    /// Predicted conversions.
    pub predicted_conversions: Option<f64>,
    /// Clicks over impressions; `None` where nothing was shown.
    pub actual_ctr: Option<f64>,
    /// Revenue over spend; `None` where nothing was spent.
    pub actual_roas: Option<f64>,
    /// Conversions.
    pub actual_conversions: f64,
    /// Revenue, in currency units.
    pub actual_revenue: f64,
    /// Spend, in currency units.
    pub actual_spend: f64,
    /// Absolute error of the click-through rate as a share of the actual one.
    pub ctr_error: Option<f64>,
    /// The same of the return.
    pub roas_error: Option<f64>,
    /// The same of the conversions.
    pub conversion_error: Option<f64>,
    /// When they were matched.
    pub timestamp: Timestamp,
}

/// What a call for retraining came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
#[non_exhaustive]
pub enum RetrainOutcome {
    /// Nothing was done.
    Skipped {
        /// Why.
        reason: String,
    },
    /// Models were retrained.
    Completed {
        /// Outcomes learned from.
        samples_used: usize,
        /// Mean relative error of the click-through rates so far; `None` without such predictions.
        avg_ctr_error_before: Option<f64>,
        /// The same of the returns.
        avg_roas_error_before: Option<f64>,
        /// The runs, one for each kind of model.
        retrain_result: Vec<RetrainJob>,
        /// When the next run may be.
        next_retrain_eligible: Timestamp,
    },
}

/// The state of the loop at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FeedbackMetrics {
    /// Events that are kept and not yet counted.
    pub pending_events: usize,
    /// When models were retrained last.
    pub last_retrain: Option<Timestamp>,
    /// New mature pairs that call for retraining.
    pub retrain_threshold: usize,
    /// Hours between two runs at least.
    pub retrain_interval_hours: f64,
    /// Events counted so far.
    pub counted_events: u64,
    /// Of those, how many named no campaign.
    pub unmatched_events: u64,
    /// Of those, how many came later than the platform takes events.
    pub late_events: u64,
    /// Outcomes since the last run.
    pub new_outcomes: u64,
    /// Events that wait for the Conversions API.
    pub outbox_waiting: u64,
    /// Events that it refused.
    pub outbox_refused: u64,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct State {
    /// Sequence number of the last event that is in the totals.
    watermark: u64,
    counted: u64,
    unmatched: u64,
    late: u64,
    last_retrain: Option<Timestamp>,
    /// Outcomes recorded since the last run.
    new_outcomes: u64,
}

impl CapiFeedbackLoop {
    /// Counts new events, matches mature creatives with their predictions, and records the outcomes.
    ///
    /// A prediction is matched once; later corrections of the counts revise its outcome. Doing it again
    /// without news changes nothing.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn match_predictions_to_actuals(&self) -> Result<Vec<PredictionActualPair>> {
        self.count_events()?;
        let now = self.clock.now();
        let mut pairs = Vec::new();
        let (mut recorded, mut told) = (0, Vec::new());
        for ((campaign_id, creative_id), version) in self.creatives_to_look_at()? {
            let rows = self.insights(&campaign_id, &creative_id)?;
            let totals = self.totals(&campaign_id, &creative_id)?;
            if rows.is_empty() {
                continue;
            }
            let Some(known) = Known::new(&rows, totals.as_ref())? else {
                log::warn!("{campaign_id} {creative_id}: several currencies, which are not summed");
                continue;
            };
            if !known.is_mature(now, self.options.mature_after_days) {
                continue;
            }
            let predictions = self.pipeline.tracker().predictions_of(&campaign_id, &creative_id)?;
            let mut settled = 0;
            for prediction in &predictions {
                settled += u64::from(self.settle(prediction, &known)?);
            }
            if settled > 0 {
                recorded += settled;
                pairs.push(pair(&campaign_id, &creative_id, &predictions, &known, now));
            }
            if let Some(version) = version {
                let (id, expect) =
                    (creative_key(&campaign_id, &creative_id), Expect::Version(version));
                told.push(Change::delete(NEWS.name(), id, expect));
            }
        }
        if recorded > 0 {
            self.change_state(|state| state.new_outcomes += recorded)?;
        }
        self.forget(&told)?;
        Ok(pairs)
    }

    /// Whether enough new outcomes are there and the last run is long enough ago.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn should_retrain(&self) -> Result<bool> {
        self.match_predictions_to_actuals()?;
        Ok(self.reason_to_wait(&self.state()?.0).is_none())
    }

    /// Retrains every kind of model with outcomes, if it is time.
    ///
    /// # Errors
    ///
    /// The store's, and a conflict where a run is at work.
    pub fn trigger_retrain(&self) -> Result<RetrainOutcome> {
        self.match_predictions_to_actuals()?;
        if let Some(reason) = self.reason_to_wait(&self.state()?.0) {
            return Ok(RetrainOutcome::Skipped { reason });
        }
        let tracker = self.pipeline.tracker();
        let before = (tracker.mean_error(MetricType::Ctr)?, tracker.mean_error(MetricType::Roas)?);
        let mut jobs = Vec::new();
        for model_type in tracker.model_types()? {
            jobs.push(self.pipeline.start_retrain(&model_type, RetrainTrigger::DataThreshold)?);
        }
        let now = self.clock.now();
        self.change_state(|state| {
            state.last_retrain = Some(now);
            state.new_outcomes = 0;
        })?;
        let interval = (self.options.retrain_interval_hours * HOUR) as i64;
        Ok(RetrainOutcome::Completed {
            samples_used: jobs
                .iter()
                .map(|job| job.training_samples + job.validation_samples)
                .sum(),
            avg_ctr_error_before: before.0,
            avg_roas_error_before: before.1,
            retrain_result: jobs,
            next_retrain_eligible: Timestamp(now.0.saturating_add(interval)),
        })
    }

    /// The state of the loop at a glance.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn feedback_metrics(&self) -> Result<FeedbackMetrics> {
        let state = self.state()?.0;
        let in_state =
            |name: &str| self.store.count(OUTBOX.name(), &Filter::new().equals("state", name));
        Ok(FeedbackMetrics {
            pending_events: self.store.count_log(EVENTS, state.watermark)? as usize,
            last_retrain: state.last_retrain,
            retrain_threshold: self.options.retrain_threshold,
            retrain_interval_hours: self.options.retrain_interval_hours,
            counted_events: state.counted,
            unmatched_events: state.unmatched,
            late_events: state.late,
            new_outcomes: state.new_outcomes,
            outbox_waiting: in_state("waiting")?,
            outbox_refused: in_state("refused")?,
        })
    }

    fn reason_to_wait(&self, state: &State) -> Option<String> {
        let threshold = self.options.retrain_threshold as u64;
        if state.new_outcomes < threshold {
            return Some(format!(
                "{} new outcomes, {threshold} call for retraining",
                state.new_outcomes
            ));
        }
        let hours = state.last_retrain.map(|last| self.clock.now().hours_since(last));
        hours.filter(|hours| *hours < self.options.retrain_interval_hours).map(|hours| {
            format!(
                "the last run was {hours:.1} h ago, {} h must pass",
                self.options.retrain_interval_hours
            )
        })
    }

    /// Moves events from the log into the totals; the watermark moves with them, in one transaction.
    fn count_events(&self) -> Result<()> {
        loop {
            let (mut state, expect) = self.state()?;
            let entries = self.store.read_log(EVENTS, state.watermark, PAGE)?;
            let Some(last) = entries.last() else { return Ok(()) };
            state.watermark = last.sequence;
            let mut totals: BTreeMap<String, Totals> = BTreeMap::new();
            let mut creatives = BTreeMap::new();
            for entry in entries {
                let event: ConversionEvent = from_json(entry.body)?;
                state.counted += 1;
                state.late += u64::from(event.late);
                if event.unmatched.is_some() {
                    state.unmatched += 1;
                    continue;
                }
                let id = creative_key(&event.campaign_id, &event.creative_id);
                if !totals.contains_key(&id) {
                    let found = self.store.get(TOTALS.name(), &id)?;
                    let known = found.map(|document| from_json(document.body)).transpose()?;
                    totals.insert(id.clone(), known.unwrap_or_default());
                }
                totals.entry(id.clone()).or_default().add(&event);
                creatives.entry(id).or_insert_with(|| news(&event.campaign_id, &event.creative_id));
            }
            let mut changes = vec![Change::put(STATE.name(), "state", expect, to_json(&state)?)];
            for (id, total) in &totals {
                changes.push(Change::put(TOTALS.name(), id, Expect::Any, to_json(total)?));
            }
            changes.extend(creatives.into_values());
            match self.store.apply(&changes) {
                // Another process counted these meanwhile.
                Err(error) if is_conflict(&error) => {}
                done => drop(done?),
            }
        }
    }

    /// Creatives with news, by the version of their news, and those with a prediction that waits for its outcome.
    fn creatives_to_look_at(&self) -> Result<BTreeMap<(String, String), Option<u64>>> {
        let waiting = self.pipeline.tracker().unsettled_creatives()?;
        let mut creatives: BTreeMap<_, _> = waiting.into_iter().map(|key| (key, None)).collect();
        for document in self.store.find(NEWS.name(), &Filter::new())? {
            let text = |field: &str| document.body[field].as_str().unwrap_or_default().to_owned();
            creatives.insert((text("campaign_id"), text("creative_id")), Some(document.version));
        }
        Ok(creatives)
    }

    /// Removes news that outcomes have told; what came meanwhile stays.
    fn forget(&self, told: &[Change]) -> Result<()> {
        match self.store.apply(told) {
            Err(error) if is_conflict(&error) && told.len() > 1 => {
                told.iter().try_for_each(|one| self.forget(std::slice::from_ref(one)))
            }
            Err(error) if !is_conflict(&error) => Err(error.into()),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn insights(&self, campaign_id: &str, creative_id: &str) -> Result<Vec<InsightRow>> {
        let filter =
            Filter::new().equals("campaign_id", campaign_id).equals("creative_id", creative_id);
        let found = self.store.find(INSIGHTS.name(), &filter)?;
        found.into_iter().map(|document| from_json(document.body)).collect()
    }

    fn totals(&self, campaign_id: &str, creative_id: &str) -> Result<Option<Totals>> {
        let found = self.store.get(TOTALS.name(), &creative_key(campaign_id, creative_id))?;
        found.map(|document| from_json(document.body)).transpose()
    }

    /// Records a prediction's outcome; returns whether it is news.
    fn settle(&self, prediction: &PredictionRecord, known: &Known) -> Result<bool> {
        let Some((value, events)) = outcome(prediction.metric_type, known) else {
            return Ok(false);
        };
        let same = prediction.matured
            && prediction.actual_value == Some(value)
            && prediction.events == Some(events);
        if same {
            return Ok(false);
        }
        let actual = Actual::new(value).events(events);
        Ok(self.pipeline.tracker().record_actual(&prediction.prediction_id, actual)?.is_some())
    }

    fn state(&self) -> Result<(State, Expect)> {
        match self.store.get(STATE.name(), "state")? {
            Some(document) => Ok((from_json(document.body)?, Expect::Version(document.version))),
            None => Ok((State::default(), Expect::Absent)),
        }
    }

    fn change_state(&self, change: impl Fn(&mut State)) -> Result<()> {
        loop {
            let (mut state, expect) = self.state()?;
            change(&mut state);
            let put = Change::put(STATE.name(), "state", expect, to_json(&state)?);
            match self.store.apply(&[put]) {
                Err(error) if is_conflict(&error) => {}
                done => return Ok(done.map(drop)?),
            }
        }
    }
}

fn is_conflict(error: &gv_patterns::Error) -> bool {
    matches!(error, gv_patterns::Error::Conflict { .. })
}

/// The outcome of a metric and the events that it rests on; `None` where it has none.
fn outcome(metric: MetricType, known: &Known) -> Option<(f64, f64)> {
    let ratio = |top: f64, bottom: f64| (bottom > 0.0).then(|| top / bottom);
    let (value, events) = match metric {
        MetricType::Ctr => (ratio(known.clicks, known.impressions)?, known.clicks),
        MetricType::Cvr => (ratio(known.conversions, known.clicks)?.min(1.0), known.conversions),
        MetricType::Cpa => (ratio(known.spend, known.conversions)?, known.conversions),
        MetricType::Roas => (ratio(known.revenue, known.spend)?, known.conversions),
        MetricType::Conversions => (known.conversions, known.conversions),
    };
    Some((value, events))
}

fn pair(
    campaign_id: &str,
    creative_id: &str,
    predictions: &[PredictionRecord],
    known: &Known,
    timestamp: Timestamp,
) -> PredictionActualPair {
    let predicted = |metric: MetricType| {
        predictions.iter().find(|p| p.metric_type == metric).map(|p| p.predicted_value)
    };
    let actual = |metric: MetricType| outcome(metric, known).map(|(value, _)| value);
    let error = |metric: MetricType| {
        let (predicted, actual) = (predicted(metric)?, actual(metric)?);
        (actual > 0.0).then(|| (predicted - actual).abs() / actual)
    };
    PredictionActualPair {
        prediction_id: predictions.first().map(|p| p.prediction_id.clone()).unwrap_or_default(),
        campaign_id: campaign_id.to_owned(),
        creative_id: creative_id.to_owned(),
        predicted_ctr: predicted(MetricType::Ctr),
        predicted_roas: predicted(MetricType::Roas),
        predicted_conversions: predicted(MetricType::Conversions),
        actual_ctr: actual(MetricType::Ctr),
        actual_roas: actual(MetricType::Roas),
        actual_conversions: known.conversions,
        actual_revenue: known.revenue,
        actual_spend: known.spend,
        ctr_error: error(MetricType::Ctr),
        roas_error: error(MetricType::Roas),
        conversion_error: error(MetricType::Conversions),
        timestamp,
    }
}
