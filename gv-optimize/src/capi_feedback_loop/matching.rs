//! Predictions beside what really happened, and learning from the difference.

use super::actuals::{InsightRow, Known, Totals};
use super::event::ConversionEvent;
use super::outbox::OUTBOX;
use super::{CapiFeedbackLoop, EVENTS, INSIGHTS, STATE, TOTALS};
use crate::auto_retrain_pipeline::{RetrainJob, RetrainTrigger};
use crate::prediction_accuracy_tracker::{
    Actual, MetricType, PredictionRecord, from_json, mean, to_json,
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
        let mut recorded = 0;
        for ((campaign_id, creative_id), rows) in self.insights()? {
            let totals = self.totals(&campaign_id, &creative_id)?;
            let rows: Vec<&InsightRow> = rows.iter().collect();
            let Some(known) = Known::new(&rows, totals.as_ref())? else {
                log::warn!("{campaign_id} {creative_id}: several currencies, which are not summed");
                continue;
            };
            if !known.is_mature(now, self.options.mature_after_days) {
                continue;
            }
            let predictions = self.predictions(&campaign_id, &creative_id)?;
            let mut news = false;
            for prediction in &predictions {
                news |= self.settle(prediction, &known)?;
            }
            if news {
                recorded += predictions.len() as u64;
                pairs.push(pair(&campaign_id, &creative_id, &predictions, &known, now));
            }
        }
        if recorded > 0 {
            self.change_state(|state| state.new_outcomes += recorded)?;
        }
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
        let records = tracker.prediction_history(None, usize::MAX)?;
        let mean_error = |metric: MetricType| {
            let errors: Vec<f64> = records
                .iter()
                .filter(|record| record.metric_type == metric && record.matured)
                .filter_map(|record| record.error_percent)
                .collect();
            mean(&errors)
        };
        let before = (mean_error(MetricType::Ctr), mean_error(MetricType::Roas));
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
        let mut pending = 0;
        let mut after = state.watermark;
        loop {
            let entries = self.store.read_log(EVENTS, after, PAGE)?;
            let Some(last) = entries.last() else { break };
            after = last.sequence;
            pending += entries.len();
        }
        let in_state =
            |name: &str| self.store.count(OUTBOX.name(), &Filter::new().equals("state", name));
        Ok(FeedbackMetrics {
            pending_events: pending,
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
            for entry in entries {
                let event: ConversionEvent = from_json(entry.body)?;
                state.counted += 1;
                state.late += u64::from(event.late);
                if event.unmatched.is_some() {
                    state.unmatched += 1;
                    continue;
                }
                let id = total_id(&event.campaign_id, &event.creative_id);
                if !totals.contains_key(&id) {
                    let found = self.store.get(TOTALS.name(), &id)?;
                    let known = found.map(|document| from_json(document.body)).transpose()?;
                    totals.insert(id.clone(), known.unwrap_or_default());
                }
                totals.entry(id).or_default().add(&event);
            }
            let mut changes = vec![Change::put(STATE.name(), "state", expect, to_json(&state)?)];
            for (id, total) in &totals {
                changes.push(Change::put(TOTALS.name(), id, Expect::Any, to_json(total)?));
            }
            self.store.apply(&changes)?;
        }
    }

    fn insights(&self) -> Result<BTreeMap<(String, String), Vec<InsightRow>>> {
        let mut by_creative: BTreeMap<(String, String), Vec<InsightRow>> = BTreeMap::new();
        for document in self.store.find(INSIGHTS.name(), &Filter::new())? {
            let row: InsightRow = from_json(document.body)?;
            let key = (row.campaign_id.clone(), row.creative_id.clone());
            by_creative.entry(key).or_default().push(row);
        }
        Ok(by_creative)
    }

    fn totals(&self, campaign_id: &str, creative_id: &str) -> Result<Option<Totals>> {
        let found = self.store.get(TOTALS.name(), &total_id(campaign_id, creative_id))?;
        found.map(|document| from_json(document.body)).transpose()
    }

    fn predictions(&self, campaign_id: &str, creative_id: &str) -> Result<Vec<PredictionRecord>> {
        let of_campaign =
            self.pipeline.tracker().prediction_history(Some(campaign_id), usize::MAX)?;
        Ok(of_campaign.into_iter().filter(|record| record.creative_id == creative_id).collect())
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

    fn change_state(&self, change: impl FnOnce(&mut State)) -> Result<()> {
        let (mut state, expect) = self.state()?;
        change(&mut state);
        self.store.apply(&[Change::put(STATE.name(), "state", expect, to_json(&state)?)])?;
        Ok(())
    }
}

fn total_id(campaign_id: &str, creative_id: &str) -> String {
    format!("{campaign_id}/{creative_id}")
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
