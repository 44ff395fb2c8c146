//! How accurate a model has been, and whether it is time to learn again.

use super::record::PredictionRecord;
use super::trend::{Trend, TrendTest, trend};
use crate::Timestamp;
use crate::drift::HddmA;
use crate::posterior::{beta_inc, beta_prime_quantile};
use crate::trainer::Isotonic;
use serde::{Deserialize, Serialize};

/// Fewest outcomes for a judgement.
pub const MIN_SAMPLES_FOR_REPORT: usize = 20;
/// The share of accurate predictions below which a model should learn again; a prior of the
/// specification.
pub const RETRAIN_ACCURACY_THRESHOLD: f64 = 0.6;
/// How sure it has to be that accuracy is below the threshold.
const SURE: f64 = 0.9;
/// Outcomes that the stated confidence counts as, when observed and stated are weighed.
const STATED_WEIGHT: f64 = 20.0;

/// What calls for learning again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RetrainCause {
    /// Accuracy is surely below the threshold.
    BelowThreshold,
    /// Misses rose by more than chance explains.
    Drift,
}

/// How accurate a model has been over a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccuracyReport {
    /// Which kind of model; `all` for all.
    pub model_type: String,
    /// Which version; `all` for all.
    pub model_version: String,
    /// Beginning of the period.
    pub period_start: Timestamp,
    /// End of the period.
    pub period_end: Timestamp,
    /// Predictions made in the period.
    pub total_predictions: usize,
    /// Those whose outcome is final.
    pub predictions_with_actuals: usize,
    /// Those that were accurate.
    pub accurate_predictions: usize,
    /// Share of accurate ones, 0 to 1; 0 without outcomes.
    pub accuracy_rate: f64,
    /// Mean absolute error in the metric's unit.
    pub mean_absolute_error: f64,
    /// Mean of absolute error over outcome, outcomes of 0 left out; 0.3 is 30 %.
    pub mean_absolute_percentage_error: f64,
    /// Root of the mean squared error.
    pub root_mean_squared_error: f64,
    /// Where accuracy is going.
    pub accuracy_trend: Trend,
    /// Whether the model should learn again.
    pub needs_retraining: bool,
    /// Factor that takes stated confidences to what was observed, 0.5 to 1.5; 1 where nothing is known.
    pub confidence_adjustment: f64,
    /// Why, or why not, it should learn again.
    pub reason: String,
    /// What calls for learning again; `None` where nothing does.
    pub retrain_cause: Option<RetrainCause>,
    /// Predictions whose outcome is there but may still change.
    pub provisional: usize,
    /// Outcomes of 0, which have no percentage.
    pub zero_actuals: usize,
    /// Central 80 % of the share of accurate ones, under a flat prior; `None` without outcomes.
    pub accuracy_interval: Option<(f64, f64)>,
    /// Share that a perfect model could have reached, given how few events outcomes rest on; `None` where
    /// the numbers of events are unknown.
    pub accuracy_ceiling: Option<f64>,
    /// Share of outcomes within the central 90 % of what prediction and counting noise make likely.
    pub consistency_rate: Option<f64>,
    /// Sum of absolute errors over sum of outcomes.
    pub weighted_percentage_error: Option<f64>,
    /// Median of `|ln(prediction / outcome)|`.
    pub median_log_error: Option<f64>,
    /// Mean of `ln(prediction / outcome)`: above 0 the model promises too much.
    pub bias: Option<f64>,
    /// `1 - squared log error / that of always predicting the period's mean`; above 0 it beats that.
    pub skill: Option<f64>,
    /// Rank correlation of predictions and outcomes.
    pub rank_correlation: Option<f64>,
    /// Mean gap between stated confidence and observed accuracy, in tenths of confidence.
    pub calibration_error: Option<f64>,
    /// The test of the trend.
    pub trend_test: TrendTest,
}

impl AccuracyReport {
    /// Reports on the records predicted in a period; `records` are of one model or of all.
    pub(super) fn new(
        model: (&str, &str),
        period: (Timestamp, Timestamp),
        records: &[&PredictionRecord],
    ) -> Self {
        let judged: Vec<&PredictionRecord> = in_order_of_outcome(records);
        let n = judged.len();
        let accurate = judged.iter().filter(|record| record.is_accurate == Some(true)).count();
        let provisional = records.iter().filter(|r| r.actual_value.is_some() && !r.matured).count();
        let errors = || judged.iter().filter_map(|record| record.error);
        let percents: Vec<f64> = judged.iter().filter_map(|record| record.error_percent).collect();
        let logs: Vec<f64> = judged.iter().filter_map(|record| record.log_error()).collect();
        let ceilings: Vec<f64> = judged.iter().filter_map(|record| record.ceiling()).collect();
        let consistent: Vec<bool> =
            judged.iter().filter_map(|record| record.is_consistent()).collect();
        let accuracy_ceiling = mean(&ceilings);
        let trend_test = trend(&outcomes_over_time(&judged));
        let (retrain_cause, reason) = verdict(&judged, accurate, accuracy_ceiling);
        Self {
            model_type: model.0.to_owned(),
            model_version: model.1.to_owned(),
            period_start: period.0,
            period_end: period.1,
            total_predictions: records.len(),
            predictions_with_actuals: n,
            accurate_predictions: accurate,
            accuracy_rate: if n == 0 { 0.0 } else { accurate as f64 / n as f64 },
            mean_absolute_error: mean(&errors().map(f64::abs).collect::<Vec<_>>()).unwrap_or(0.0),
            mean_absolute_percentage_error: mean(&percents).unwrap_or(0.0),
            root_mean_squared_error: mean(&errors().map(|e| e * e).collect::<Vec<_>>())
                .unwrap_or(0.0)
                .sqrt(),
            accuracy_trend: trend_test.trend,
            needs_retraining: retrain_cause.is_some(),
            confidence_adjustment: confidence_adjustment(&judged),
            reason,
            retrain_cause,
            provisional,
            zero_actuals: n - percents.len(),
            accuracy_interval: (n > 0).then(|| {
                (accuracy_quantile(accurate, n, 0.1), accuracy_quantile(accurate, n, 0.9))
            }),
            accuracy_ceiling,
            consistency_rate: mean(
                &consistent.iter().map(|&yes| f64::from(u8::from(yes))).collect::<Vec<_>>(),
            ),
            weighted_percentage_error: weighted_percentage_error(&judged),
            median_log_error: median(logs.iter().map(|log| log.abs()).collect()),
            bias: mean(&logs),
            skill: skill(&judged),
            rank_correlation: rank_correlation(&judged),
            calibration_error: calibration_error(&judged),
            trend_test,
        }
    }
}

/// Records whose outcome is final, in the order in which outcomes came.
pub(super) fn in_order_of_outcome<'a>(
    records: &[&'a PredictionRecord],
) -> Vec<&'a PredictionRecord> {
    let mut judged: Vec<&PredictionRecord> =
        records.iter().copied().filter(|r| r.actual_value.is_some() && r.matured).collect();
    judged.sort_by(|a, b| {
        (a.actual_recorded_at, &a.prediction_id).cmp(&(b.actual_recorded_at, &b.prediction_id))
    });
    judged
}

/// Whether to learn again, and why: surely below the threshold (lowered where outcomes are so noisy that
/// no model could reach it), or a rise of misses that chance does not explain.
fn verdict(
    judged: &[&PredictionRecord],
    accurate: usize,
    ceiling: Option<f64>,
) -> (Option<RetrainCause>, String) {
    let n = judged.len();
    if n < MIN_SAMPLES_FOR_REPORT {
        return (
            None,
            format!(
                "{n} outcomes are too few to judge, at least {MIN_SAMPLES_FOR_REPORT} are needed"
            ),
        );
    }
    let threshold = reachable(RETRAIN_ACCURACY_THRESHOLD, ceiling);
    let below = probability_below(accurate, n, threshold);
    let rate = accurate as f64 / n as f64;
    let (low, high) = (accuracy_quantile(accurate, n, 0.1), accuracy_quantile(accurate, n, 0.9));
    let measured = format!(
        "{:.0} % of {n} predictions were accurate (80 % interval {:.0} to {:.0} %)",
        100.0 * rate,
        100.0 * low,
        100.0 * high
    );
    if below >= SURE {
        let noise = match ceiling {
            Some(ceiling) if threshold < RETRAIN_ACCURACY_THRESHOLD => {
                format!("; a perfect model would reach {:.0} %", 100.0 * ceiling)
            }
            _ => String::new(),
        };
        return (
            Some(RetrainCause::BelowThreshold),
            format!(
                "{measured}, below {:.0} % with a probability of {:.0} %{noise}",
                100.0 * threshold,
                100.0 * below
            ),
        );
    }
    let mut detector = HddmA::default();
    let mut alarm = None;
    for (at, record) in judged.iter().enumerate() {
        let missed = !record.is_consistent().or(record.is_accurate).unwrap_or(true);
        if detector.update(f64::from(u8::from(missed))) {
            alarm = Some(at);
        }
    }
    match alarm {
        Some(at) => (
            Some(RetrainCause::Drift),
            format!("{measured}; misses rose at outcome {} of {n} (HDDM-A)", at + 1),
        ),
        None => (None, format!("{measured}; no sign of drift")),
    }
}

/// A threshold of accuracy, lowered where outcomes are so noisy that no model could reach it.
pub(crate) fn reachable(threshold: f64, ceiling: Option<f64>) -> f64 {
    threshold * ceiling.map_or(1.0, |ceiling| (ceiling / 0.9).min(1.0))
}

/// Probability that the share of accurate predictions is below a threshold, under a flat prior.
pub(crate) fn probability_below(accurate: usize, n: usize, threshold: f64) -> f64 {
    beta_inc((accurate + 1) as f64, (n - accurate + 1) as f64, threshold)
}

/// Quantile of the share of accurate predictions under a flat prior.
fn accuracy_quantile(accurate: usize, n: usize, p: f64) -> f64 {
    let odds = beta_prime_quantile((accurate + 1) as f64, (n - accurate + 1) as f64, p);
    odds / (1.0 + odds)
}

fn outcomes_over_time(judged: &[&PredictionRecord]) -> Vec<(f64, bool)> {
    judged
        .iter()
        .filter_map(|record| {
            Some((record.predicted_at.hours_since(Timestamp(0)), record.is_accurate?))
        })
        .collect()
}

pub(super) fn confidence_adjustment(judged: &[&PredictionRecord]) -> f64 {
    let n = judged.len() as f64;
    let stated = judged.iter().map(|record| record.confidence).sum::<f64>() / n.max(1.0);
    if stated <= 0.0 {
        return 1.0;
    }
    let accurate = judged.iter().filter(|record| record.is_accurate == Some(true)).count() as f64;
    let observed = (accurate + STATED_WEIGHT * stated) / (n + STATED_WEIGHT);
    (observed / stated).clamp(0.5, 1.5)
}

/// Takes stated confidences to observed accuracy; `None` below 200 outcomes.
pub(super) fn confidence_map(judged: &[&PredictionRecord]) -> Option<Isotonic> {
    let points: Vec<(f64, f64, f64)> = judged
        .iter()
        .filter_map(|r| Some((r.confidence, f64::from(u8::from(r.is_accurate?)), 1.0)))
        .collect();
    (points.len() >= 200).then(|| Isotonic::fit(&points)).flatten()
}

fn weighted_percentage_error(judged: &[&PredictionRecord]) -> Option<f64> {
    let actual: f64 = judged.iter().filter_map(|record| record.actual_value).sum();
    let error: f64 = judged.iter().filter_map(|record| record.error).map(f64::abs).sum();
    (actual > 0.0).then(|| error / actual)
}

fn skill(judged: &[&PredictionRecord]) -> Option<f64> {
    let pairs: Vec<(f64, f64)> = judged
        .iter()
        .filter_map(|record| Some((record.log_error()?, record.actual_value?.ln())))
        .collect();
    let outcomes: Vec<f64> = pairs.iter().map(|(_, outcome)| *outcome).collect();
    let mean = mean(&outcomes)?;
    let spread: f64 = outcomes.iter().map(|y| (y - mean) * (y - mean)).sum();
    let error: f64 = pairs.iter().map(|(error, _)| error * error).sum();
    (spread > 0.0).then(|| 1.0 - error / spread)
}

fn rank_correlation(judged: &[&PredictionRecord]) -> Option<f64> {
    let predicted: Vec<f64> = judged.iter().map(|record| record.predicted_value).collect();
    let actual: Vec<f64> = judged.iter().filter_map(|record| record.actual_value).collect();
    crate::trainer::spearman(&predicted, &actual)
}

fn calibration_error(judged: &[&PredictionRecord]) -> Option<f64> {
    let mut tenths = [(0.0, 0.0, 0.0); 10];
    for record in judged {
        let tenth = &mut tenths[((record.confidence * 10.0) as usize).min(9)];
        tenth.0 += 1.0;
        tenth.1 += record.confidence;
        tenth.2 += f64::from(u8::from(record.is_accurate == Some(true)));
    }
    let gaps: f64 = tenths.iter().map(|(_, stated, observed)| (stated - observed).abs()).sum();
    (!judged.is_empty()).then(|| gaps / judged.len() as f64)
}

pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}
