//! How well predictions come true (component 15).
//!
//! Predictions and their outcomes are kept in a [`Store`], so that they survive a restart and several
//! processes can add to them. A report knows that outcomes are noisy: it says how accurate a perfect
//! model could have been with as few conversions, and calls for retraining only where chance does not
//! explain the misses.
//!
//! # Examples
//!
//! ```
//! use gv_optimize::prediction_accuracy_tracker::{
//!     Actual, MetricType, NewPrediction, PredictionAccuracyTracker,
//! };
//!
//! let tracker = PredictionAccuracyTracker::new(gv_patterns::store::open(":memory:")?)?;
//! let prediction =
//!     NewPrediction::new("pred_001", "roas_predictor", "v1", 3.5, 0.85, MetricType::Roas);
//! tracker.record_prediction(prediction.campaign("camp_001"))?;
//! tracker.record_actual("pred_001", Actual::new(3.2))?;
//! let report = tracker.accuracy_report(Some("roas_predictor"), None, 7.0)?;
//! assert_eq!(report.accuracy_rate, 1.0);
//! assert!(!report.needs_retraining);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod record;
mod report;
mod trend;

pub use record::{Actual, MetricType, NewPrediction, PredictionRecord};
pub use report::{
    AccuracyReport, MIN_SAMPLES_FOR_REPORT, RETRAIN_ACCURACY_THRESHOLD, RetrainCause,
};
pub(crate) use report::{mean, probability_below, reachable};
pub use trend::{Trend, TrendTest, trend};

use crate::{Clock, Error, Result, SystemClock, Timestamp};
use gv_patterns::store::{Change, Collection, Expect, Filter, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

const PREDICTIONS: Collection = Collection::new("prediction")
    .index(&["model_type", "predicted_at"])
    .index(&["campaign_id", "creative_id", "predicted_at"])
    .index(&["campaign_id", "predicted_at"])
    .index(&["matured", "predicted_at"])
    .index(&["predicted_at"])
    .carry(&["is_accurate", "actual_value"]);
/// One document for each kind of model.
const KINDS: Collection = Collection::new("prediction_kind");
/// Every outcome that was recorded, the revised ones too.
const OUTCOMES: &str = "prediction_outcome";
const DAY: f64 = 86_400_000.0;
/// Days that a dashboard and [`PredictionAccuracyTracker::should_retrain`] look back.
const RECENT_DAYS: f64 = 7.0;

/// Records predictions and outcomes and says how they compare.
#[derive(Debug, Clone)]
pub struct PredictionAccuracyTracker {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

/// The state of all models at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Dashboard {
    /// Predictions recorded.
    pub total_predictions: usize,
    /// Those with an outcome, provisional ones too.
    pub predictions_with_outcomes: usize,
    /// Share of accurate ones among final outcomes; 0 without any.
    pub overall_accuracy: f64,
    /// Predictions without an outcome.
    pub pending_outcomes: usize,
    /// Number of kinds of model.
    pub models_tracked: usize,
    /// A line for each kind of model, over the last seven days.
    pub latest_reports: Vec<DashboardLine>,
}

/// One model on the dashboard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DashboardLine {
    /// Kind of model.
    pub model: String,
    /// Share of accurate predictions.
    pub accuracy: f64,
    /// Where it is going.
    pub trend: Trend,
    /// Number of final outcomes.
    pub outcomes: usize,
}

impl PredictionAccuracyTracker {
    /// Keeps records in `store`.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn new(store: Arc<dyn Store>) -> Result<Self> {
        Self::with_clock(store, Arc::new(SystemClock))
    }

    /// Keeps records in `store` and reads the time from `clock`.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn with_clock(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Result<Self> {
        store.ensure(&PREDICTIONS)?;
        store.ensure(&KINDS)?;
        Ok(Self { store, clock })
    }

    /// Records a prediction, made now unless it says when.
    ///
    /// The same prediction again is the record that is there, so that whoever is unsure can simply record
    /// it again.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for an empty id, a value that is not finite or is negative, a confidence
    /// outside 0..=1; [`Error::Store`] with a conflict where another prediction has the id.
    pub fn record_prediction(&self, prediction: NewPrediction) -> Result<PredictionRecord> {
        let made_at = prediction.predicted_at;
        let record = prediction.at(made_at.unwrap_or_else(|| self.clock.now()))?;
        if let Some((found, version)) = self.find(&record.prediction_id)? {
            return if found.is_of_the_same_prediction(&record) {
                Ok(found)
            } else {
                Err(Error::Store(gv_patterns::Error::Conflict {
                    collection: PREDICTIONS.name().into(),
                    id: record.prediction_id,
                    expected: "no prediction of this id".into(),
                    found: format!("another prediction, version {version}"),
                }))
            };
        }
        let (id, body) = (&record.prediction_id, to_json(&record)?);
        let mut changes = vec![Change::put(PREDICTIONS.name(), id, Expect::Absent, body)];
        let kind = format!("={}", record.model_type);
        if self.store.get(KINDS.name(), &kind)?.is_none() {
            let body = serde_json::json!({"model_type": record.model_type});
            changes.push(Change::put(KINDS.name(), kind, Expect::Any, body));
        }
        self.store.apply(&changes)?;
        Ok(record)
    }

    /// Records an outcome, or a revised one; `None` where there is no such prediction.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for an outcome that is not finite or is negative, and the store's.
    pub fn record_actual(
        &self,
        prediction_id: &str,
        actual: Actual,
    ) -> Result<Option<PredictionRecord>> {
        let at = actual.at.unwrap_or_else(|| self.clock.now());
        let Some((mut record, version)) = self.find(prediction_id)? else {
            log::warn!("an outcome for the prediction {prediction_id}, which is not recorded");
            return Ok(None);
        };
        record.settle(actual, at)?;
        let body = to_json(&record)?;
        self.store.apply(&[
            Change::put(PREDICTIONS.name(), prediction_id, Expect::Version(version), body),
            Change::append(
                OUTCOMES,
                format!("{prediction_id}/{}", version + 1),
                at.0,
                serde_json::json!({"prediction_id": prediction_id, "actual_value": actual.value}),
            ),
        ])?;
        Ok(Some(record))
    }

    /// Reports on the predictions made in the last `days` days, of one kind and version of model or of
    /// all.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] where `days` is not above 0, and the store's.
    pub fn accuracy_report(
        &self,
        model_type: Option<&str>,
        model_version: Option<&str>,
        days: f64,
    ) -> Result<AccuracyReport> {
        if days.is_nan() || days <= 0.0 {
            return Err(crate::error::parameter("days", days, "above 0"));
        }
        let now = self.clock.now();
        let start = Timestamp((now.0 as f64 - days * DAY) as i64);
        let mut filter = Filter::new().at_least("predicted_at", start.0 as f64);
        if let Some(model_type) = model_type {
            filter = filter.equals("model_type", model_type);
        }
        if let Some(version) = model_version {
            filter = filter.equals("model_version", version);
        }
        let records = self.records(&filter)?;
        let of = |name: Option<&str>| name.unwrap_or("all").to_owned();
        let (model_type, version) = (of(model_type), of(model_version));
        let records: Vec<&PredictionRecord> = records.iter().collect();
        Ok(AccuracyReport::new((&model_type, &version), (start, now), &records))
    }

    /// The latest predictions, newest first, of one campaign or of all.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn prediction_history(
        &self,
        campaign_id: Option<&str>,
        limit: usize,
    ) -> Result<Vec<PredictionRecord>> {
        let mut filter = Filter::new().descending("predicted_at").limit(limit);
        if let Some(campaign_id) = campaign_id {
            filter = filter.equals("campaign_id", campaign_id);
        }
        self.records(&filter)
    }

    /// Whether a kind of model should learn again, and why, by its last seven days.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn should_retrain(&self, model_type: &str) -> Result<(bool, String)> {
        let report = self.recent_report(model_type)?;
        Ok((report.needs_retraining, report.reason))
    }

    /// The report of a kind of model on its last seven days.
    pub(crate) fn recent_report(&self, model_type: &str) -> Result<AccuracyReport> {
        self.accuracy_report(Some(model_type), None, RECENT_DAYS)
    }

    /// What a stated confidence has meant for this kind of model so far: by an isotonic map of its last
    /// outcomes where there are 200, else by [`AccuracyReport::confidence_adjustment`].
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn calibrated_confidence(&self, model_type: &str, stated: f64) -> Result<f64> {
        let filter = Filter::new()
            .equals("model_type", model_type)
            .descending("predicted_at")
            .limit(MOST_FOR_CALIBRATION);
        let records = self.records(&filter)?;
        let judged = report::in_order_of_outcome(&records.iter().collect::<Vec<_>>());
        let calibrated = match report::confidence_map(&judged) {
            Some(map) => map.value(stated),
            None => stated * report::confidence_adjustment(&judged),
        };
        Ok(calibrated.clamp(0.0, 1.0))
    }

    /// The state of all models at a glance.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn dashboard_metrics(&self) -> Result<Dashboard> {
        let count = |filter: Filter| -> Result<usize> {
            Ok(self.store.count(PREDICTIONS.name(), &filter)? as usize)
        };
        let matured = |yes: bool| Filter::new().equals("matured", yes);
        let total_predictions = count(Filter::new())?;
        let judged = count(matured(true))?;
        let provisional = count(matured(false).at_least("actual_value", 0.0))?;
        let accurate = count(matured(true).equals("is_accurate", true))?;
        let known = judged + provisional;
        let models = self.model_types()?;
        let latest_reports = models
            .iter()
            .map(|model| {
                let report = self.accuracy_report(Some(model), None, RECENT_DAYS)?;
                Ok(DashboardLine {
                    model: model.clone(),
                    accuracy: report.accuracy_rate,
                    trend: report.accuracy_trend,
                    outcomes: report.predictions_with_actuals,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Dashboard {
            total_predictions,
            predictions_with_outcomes: known,
            overall_accuracy: accurate as f64 / judged.max(1) as f64,
            pending_outcomes: total_predictions.saturating_sub(known),
            models_tracked: models.len(),
            latest_reports,
        })
    }

    /// Final outcomes of a kind of model, oldest first, at most the `limit` newest predictions.
    pub(crate) fn settled(&self, model_type: &str, limit: usize) -> Result<Vec<PredictionRecord>> {
        let filter =
            Filter::new().equals("model_type", model_type).descending("predicted_at").limit(limit);
        let records = self.records(&filter)?;
        Ok(report::in_order_of_outcome(&records.iter().collect::<Vec<_>>())
            .into_iter()
            .cloned()
            .collect())
    }

    /// Kinds of model with a prediction.
    pub(crate) fn model_types(&self) -> Result<BTreeSet<String>> {
        let kinds = self.store.find(KINDS.name(), &Filter::new())?;
        Ok(kinds
            .into_iter()
            .filter_map(|kind| Some(kind.id.strip_prefix('=')?.to_owned()))
            .collect())
    }

    /// Predictions of a creative, newest first.
    pub(crate) fn predictions_of(
        &self,
        campaign_id: &str,
        creative_id: &str,
    ) -> Result<Vec<PredictionRecord>> {
        let filter = Filter::new()
            .equals("campaign_id", campaign_id)
            .equals("creative_id", creative_id)
            .descending("predicted_at");
        self.records(&filter)
    }

    /// Campaigns and creatives with a prediction whose final outcome is not known.
    pub(crate) fn unsettled_creatives(&self) -> Result<BTreeSet<(String, String)>> {
        let filter = Filter::new().equals("matured", false).descending("predicted_at");
        let mut found = BTreeSet::new();
        let fields = ["campaign_id", "creative_id"];
        self.store.scan(PREDICTIONS.name(), &filter, &fields, &mut |_, values| {
            if let [Some(campaign), Some(creative)] = [values[0].as_str(), values[1].as_str()]
                && !campaign.is_empty()
            {
                found.insert((campaign.to_owned(), creative.to_owned()));
            }
            true
        })?;
        Ok(found)
    }

    /// Mean share by which final outcomes of a metric were missed; `None` without any.
    pub(crate) fn mean_error(&self, metric: MetricType) -> Result<Option<f64>> {
        let filter = Filter::new()
            .equals("matured", true)
            .equals("metric_type", metric.name())
            .descending("predicted_at");
        let mut errors = Vec::new();
        self.store.scan(PREDICTIONS.name(), &filter, &["error_percent"], &mut |_, values| {
            errors.extend(values[0].as_f64());
            true
        })?;
        Ok(mean(&errors))
    }

    fn find(&self, prediction_id: &str) -> Result<Option<(PredictionRecord, u64)>> {
        let found = self.store.get(PREDICTIONS.name(), prediction_id)?;
        found.map(|document| Ok((from_json(document.body)?, document.version))).transpose()
    }

    fn records(&self, filter: &Filter) -> Result<Vec<PredictionRecord>> {
        let documents = self.store.find(PREDICTIONS.name(), filter)?;
        documents.into_iter().map(|document| from_json(document.body)).collect()
    }
}

const MOST_FOR_CALIBRATION: usize = 5_000;

pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<serde_json::Value> {
    serde_json::to_value(value).map_err(|error| Error::Stored { problem: error.to_string() })
}

pub(crate) fn from_json<T: for<'de> Deserialize<'de>>(value: serde_json::Value) -> Result<T> {
    serde_json::from_value(value).map_err(|error| Error::Stored { problem: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FixedClock;
    use gv_patterns::store::open;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn tracker() -> PredictionAccuracyTracker {
        let store = open(":memory:").unwrap();
        PredictionAccuracyTracker::with_clock(store, Arc::new(FixedClock(NOW))).unwrap()
    }

    /// Records predictions of 1 with the given outcomes, an hour apart, ending now.
    fn record(tracker: &PredictionAccuracyTracker, outcomes: &[f64], events: Option<f64>) {
        for (i, &outcome) in outcomes.iter().enumerate() {
            let hours = (outcomes.len() - i) as i64;
            let at = Timestamp(NOW.0 - hours * 3_600_000);
            let id = format!("p{i:04}");
            let prediction = NewPrediction::new(&id, "roas", "1", 1.0, 0.8, MetricType::Roas);
            tracker.record_prediction(prediction.made_at(at)).unwrap();
            let mut actual = Actual::new(outcome).recorded_at(at);
            actual.events = events;
            tracker.record_actual(&id, actual).unwrap().unwrap();
        }
    }

    #[test]
    fn recording_again_changes_nothing_and_another_prediction_is_a_conflict() {
        let tracker = tracker();
        let prediction = |value| NewPrediction::new("p", "m", "1", value, 0.5, MetricType::Ctr);
        let first = tracker.record_prediction(prediction(0.03)).unwrap();
        assert_eq!(tracker.record_prediction(prediction(0.03)).unwrap(), first);
        let error = tracker.record_prediction(prediction(0.04)).unwrap_err();
        assert!(error.to_string().contains("another prediction"), "{error}");
        assert!(tracker.record_actual("unknown", Actual::new(1.0)).unwrap().is_none());
    }

    #[test]
    fn an_outcome_can_be_revised_and_every_one_is_kept() {
        let tracker = tracker();
        record(&tracker, &[1.0], None);
        let revised = tracker.record_actual("p0000", Actual::new(2.0)).unwrap().unwrap();
        assert_eq!(revised.is_accurate, Some(false));
        assert_eq!(tracker.store.read_log(OUTCOMES, 0, 10).unwrap().len(), 2);
    }

    #[test]
    fn a_provisional_outcome_is_not_judged() {
        let tracker = tracker();
        record(&tracker, &[1.0], None);
        tracker.record_actual("p0000", Actual::new(5.0).provisional()).unwrap();
        let report = tracker.accuracy_report(None, None, 7.0).unwrap();
        assert_eq!((report.predictions_with_actuals, report.provisional), (0, 1));
        assert_eq!(report.accuracy_interval, None);
    }

    #[test]
    fn figures_of_a_report_are_those_of_their_definitions() {
        let tracker = tracker();
        record(&tracker, &[1.0, 1.25, 2.0, 0.0], None);
        let report = tracker.accuracy_report(Some("roas"), Some("1"), 7.0).unwrap();
        assert_eq!((report.accurate_predictions, report.accuracy_rate), (2, 0.5));
        assert!((report.mean_absolute_error - (0.25 + 1.0 + 1.0) / 4.0).abs() < 1e-12);
        assert!((report.mean_absolute_percentage_error - (0.2 + 0.5) / 3.0).abs() < 1e-12);
        let square: f64 = (0.0625 + 1.0 + 1.0) / 4.0;
        assert!((report.root_mean_squared_error - square.sqrt()).abs() < 1e-12);
        assert_eq!(report.zero_actuals, 1);
        assert!((report.weighted_percentage_error.unwrap() - 2.25 / 4.25).abs() < 1e-12);
        assert!(report.bias.unwrap() < 0.0, "it promised too little");
    }

    #[test]
    fn a_model_that_misses_should_learn_again_and_one_that_hits_should_not() {
        let missing = tracker();
        record(&missing, &[3.0; 30], Some(500.0));
        let (yes, reason) = missing.should_retrain("roas").unwrap();
        assert!(yes && reason.contains("0 % of 30 predictions"), "{reason}");
        let hitting = tracker();
        record(&hitting, &[1.05; 30], Some(500.0));
        let (yes, reason) = hitting.should_retrain("roas").unwrap();
        assert!(!yes && reason.contains("no sign of drift"), "{reason}");
    }

    #[test]
    fn noise_alone_is_no_reason_to_learn_again() {
        // Half of the outcomes miss, but five conversions allow no better.
        let outcomes: Vec<f64> = (0..40).map(|i| if i % 2 == 0 { 1.0 } else { 1.5 }).collect();
        let noisy = tracker();
        record(&noisy, &outcomes, Some(5.0));
        assert!(!noisy.should_retrain("roas").unwrap().0);
        let sure = tracker();
        record(&sure, &outcomes, Some(5000.0));
        assert!(sure.should_retrain("roas").unwrap().0);
    }

    #[test]
    fn a_rise_of_misses_is_seen_while_the_mean_is_still_good() {
        let mut outcomes = vec![1.0; 120];
        outcomes.extend([3.0; 30]);
        let tracker = tracker();
        record(&tracker, &outcomes, Some(500.0));
        let report = tracker.accuracy_report(Some("roas"), None, 7.0).unwrap();
        assert!(report.accuracy_rate > 0.75);
        assert!(report.needs_retraining && report.reason.contains("HDDM-A"), "{}", report.reason);
        assert_eq!(report.accuracy_trend, Trend::Declining);
        assert!(report.confidence_adjustment < 1.05);
    }

    #[test]
    fn too_few_outcomes_are_not_judged() {
        let tracker = tracker();
        record(&tracker, &[9.0; 19], Some(500.0));
        let (yes, reason) = tracker.should_retrain("roas").unwrap();
        assert!(!yes && reason.contains("19 outcomes are too few"), "{reason}");
        assert!(tracker.accuracy_report(None, None, 0.0).is_err());
        assert!(tracker.accuracy_report(None, None, f64::NAN).is_err());
    }

    #[test]
    fn the_period_counts_from_now() {
        let tracker = tracker();
        record(&tracker, &[1.0; 48], None);
        assert_eq!(tracker.accuracy_report(None, None, 1.0).unwrap().total_predictions, 24);
        assert_eq!(tracker.prediction_history(None, 5).unwrap()[0].prediction_id, "p0047");
        assert!(tracker.prediction_history(Some("other"), 5).unwrap().is_empty());
    }

    #[test]
    fn the_dashboard_adds_up() {
        let tracker = tracker();
        record(&tracker, &[1.0, 1.0, 5.0], None);
        let pending = NewPrediction::new("open", "ctr", "1", 0.02, 0.5, MetricType::Ctr);
        tracker.record_prediction(pending).unwrap();
        let dashboard = tracker.dashboard_metrics().unwrap();
        assert_eq!((dashboard.total_predictions, dashboard.pending_outcomes), (4, 1));
        assert_eq!((dashboard.models_tracked, dashboard.latest_reports.len()), (2, 2));
        assert!((dashboard.overall_accuracy - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn confidences_are_calibrated_by_what_came_true() {
        let tracker = tracker();
        let outcomes: Vec<f64> = (0..250).map(|i| if i % 2 == 0 { 1.0 } else { 3.0 }).collect();
        record(&tracker, &outcomes, None);
        let calibrated = tracker.calibrated_confidence("roas", 0.8).unwrap();
        assert!((calibrated - 0.5).abs() < 0.01, "{calibrated}");
        assert_eq!(tracker.calibrated_confidence("unknown", 0.8).unwrap(), 0.8);
    }
}
