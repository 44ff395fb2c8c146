//! A prediction and what came of it.

use crate::error::parameter;
use crate::trainer::{Features, Target};
use crate::{Result, Timestamp};
use serde::{Deserialize, Serialize};

/// What is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricType {
    /// Click-through rate, 0 to 1.
    Ctr,
    /// Conversion rate, 0 to 1.
    Cvr,
    /// Cost per action, in currency units.
    Cpa,
    /// Return on ad spend.
    Roas,
    /// Number of conversions.
    Conversions,
}

impl MetricType {
    /// Every metric.
    pub const ALL: [Self; 5] = [Self::Ctr, Self::Cvr, Self::Cpa, Self::Roas, Self::Conversions];

    /// The name used in files and in Python.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ctr => "ctr",
            Self::Cvr => "cvr",
            Self::Cpa => "cpa",
            Self::Roas => "roas",
            Self::Conversions => "conversions",
        }
    }

    /// The relative error up to which a prediction counts as accurate; a prior of the specification.
    pub const fn acceptable_error(self) -> f64 {
        match self {
            Self::Ctr => 0.25,
            Self::Cvr | Self::Roas => 0.30,
            Self::Cpa => 0.35,
            Self::Conversions => 0.40,
        }
    }

    /// The scale on which a model of the metric works.
    pub const fn target(self) -> Target {
        match self {
            Self::Ctr | Self::Cvr => Target::Rate,
            Self::Cpa | Self::Roas | Self::Conversions => Target::Positive,
        }
    }

    /// Variance of the logarithm of an observed value that rests on one event: counting, and for the
    /// return the spread of order values beside it (a coefficient of variation of 0.8 is a prior).
    pub(super) const fn variance_of_one_event(self) -> f64 {
        match self {
            Self::Roas => 1.64,
            Self::Ctr | Self::Cvr | Self::Cpa | Self::Conversions => 1.0,
        }
    }
}

/// A prediction, and the outcome once it is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PredictionRecord {
    /// Identifies the prediction.
    pub prediction_id: String,
    /// Which kind of model made it.
    pub model_type: String,
    /// Which version of it.
    pub model_version: String,
    /// What it predicted.
    pub predicted_value: f64,
    /// The probability it stated of being accurate, 0 to 1.
    pub confidence: f64,
    /// The outcome.
    pub actual_value: Option<f64>,
    /// The campaign.
    pub campaign_id: String,
    /// The creative.
    pub creative_id: String,
    /// What was predicted.
    pub metric_type: MetricType,
    /// When it was predicted.
    pub predicted_at: Timestamp,
    /// When the outcome was recorded.
    pub actual_recorded_at: Option<Timestamp>,
    /// Prediction less outcome.
    pub error: Option<f64>,
    /// Absolute error as a share of the outcome; `None` for an outcome of 0.
    pub error_percent: Option<f64>,
    /// Whether the error is within [`MetricType::acceptable_error`].
    pub is_accurate: Option<bool>,
    /// How many events (clicks, conversions) the outcome rests on, where known.
    pub events: Option<f64>,
    /// Whether the outcome is final; one that conversions still arrive for is not judged.
    pub matured: bool,
    /// What the model looked at, for learning from the outcome.
    #[serde(default)]
    pub features: Features,
}

/// A prediction as it is made.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NewPrediction {
    /// See [`PredictionRecord`].
    pub prediction_id: String,
    /// See [`PredictionRecord`].
    pub model_type: String,
    /// See [`PredictionRecord`].
    pub model_version: String,
    /// See [`PredictionRecord`].
    pub predicted_value: f64,
    /// See [`PredictionRecord`].
    pub confidence: f64,
    /// See [`PredictionRecord`].
    pub metric_type: MetricType,
    /// See [`PredictionRecord`].
    pub campaign_id: String,
    /// See [`PredictionRecord`].
    pub creative_id: String,
    /// See [`PredictionRecord`].
    pub features: Features,
    /// When it was made; `None` for now.
    pub predicted_at: Option<Timestamp>,
}

impl NewPrediction {
    /// Takes what every prediction has.
    pub fn new(
        prediction_id: impl Into<String>,
        model_type: impl Into<String>,
        model_version: impl Into<String>,
        predicted_value: f64,
        confidence: f64,
        metric_type: MetricType,
    ) -> Self {
        Self {
            prediction_id: prediction_id.into(),
            model_type: model_type.into(),
            model_version: model_version.into(),
            predicted_value,
            confidence,
            metric_type,
            campaign_id: String::new(),
            creative_id: String::new(),
            features: Features::new(),
            predicted_at: None,
        }
    }

    /// Says when it was made.
    #[must_use]
    pub fn made_at(mut self, moment: Timestamp) -> Self {
        self.predicted_at = Some(moment);
        self
    }

    /// Says which campaign it is about.
    #[must_use]
    pub fn campaign(mut self, campaign_id: impl Into<String>) -> Self {
        self.campaign_id = campaign_id.into();
        self
    }

    /// Says which creative it is about.
    #[must_use]
    pub fn creative(mut self, creative_id: impl Into<String>) -> Self {
        self.creative_id = creative_id.into();
        self
    }

    /// Keeps what the model looked at.
    #[must_use]
    pub fn features(mut self, features: Features) -> Self {
        self.features = features;
        self
    }

    /// Checks it and makes the record.
    pub(super) fn at(self, predicted_at: Timestamp) -> Result<PredictionRecord> {
        if self.prediction_id.is_empty() {
            return Err(parameter("prediction_id", "empty", "a text of at least one character"));
        }
        if self.model_type.is_empty() {
            return Err(parameter("model_type", "empty", "a text of at least one character"));
        }
        check_value("predicted_value", self.predicted_value)?;
        if !(0.0..=1.0).contains(&self.confidence) {
            return Err(parameter("confidence", self.confidence, "a probability from 0 to 1"));
        }
        Ok(PredictionRecord {
            prediction_id: self.prediction_id,
            model_type: self.model_type,
            model_version: self.model_version,
            predicted_value: self.predicted_value,
            confidence: self.confidence,
            actual_value: None,
            campaign_id: self.campaign_id,
            creative_id: self.creative_id,
            metric_type: self.metric_type,
            predicted_at,
            actual_recorded_at: None,
            error: None,
            error_percent: None,
            is_accurate: None,
            events: None,
            matured: false,
            features: self.features,
        })
    }
}

/// An outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Actual {
    /// The outcome's value.
    pub value: f64,
    /// How many events it rests on, where known.
    pub events: Option<f64>,
    /// Whether it is final.
    pub matured: bool,
    /// When it became known; `None` for now.
    pub at: Option<Timestamp>,
}

impl Actual {
    /// Takes a final outcome that rests on an unknown number of events.
    pub fn new(value: f64) -> Self {
        Self { value, events: None, matured: true, at: None }
    }

    /// Says when it became known.
    #[must_use]
    pub fn recorded_at(mut self, moment: Timestamp) -> Self {
        self.at = Some(moment);
        self
    }

    /// Says how many events it rests on.
    #[must_use]
    pub fn events(mut self, events: f64) -> Self {
        self.events = Some(events);
        self
    }

    /// Says that it may still change.
    #[must_use]
    pub fn provisional(mut self) -> Self {
        self.matured = false;
        self
    }
}

impl PredictionRecord {
    /// Whether it says the same of the same, whenever it was made and whatever came of it.
    pub(super) fn is_of_the_same_prediction(&self, other: &Self) -> bool {
        let said = |record: &Self| {
            let Self { model_type, model_version, campaign_id, creative_id, .. } = record.clone();
            let numbers = [record.predicted_value.to_bits(), record.confidence.to_bits()];
            (model_type, model_version, campaign_id, creative_id, numbers, record.metric_type)
        };
        said(self) == said(other)
    }

    /// Enters the outcome, or a revised one.
    pub(super) fn settle(&mut self, actual: Actual, at: Timestamp) -> Result<()> {
        check_value("actual_value", actual.value)?;
        if let Some(events) = actual.events {
            check_value("events", events)?;
        }
        let error = self.predicted_value - actual.value;
        let error_percent = (actual.value != 0.0).then(|| (error / actual.value).abs());
        self.actual_value = Some(actual.value);
        self.actual_recorded_at = Some(at);
        self.error = Some(error);
        self.error_percent = error_percent;
        // Of nothing, only nothing is accurate.
        self.is_accurate = Some(match error_percent {
            Some(share) => share <= self.metric_type.acceptable_error(),
            None => error == 0.0,
        });
        self.events = actual.events;
        self.matured = actual.matured;
        Ok(())
    }

    /// Standard deviation of the logarithm of the outcome by counting alone; `None` where the number of
    /// events is unknown or none.
    pub(super) fn noise(&self) -> Option<f64> {
        let events = self.events.filter(|&events| events > 0.0)?;
        Some((self.metric_type.variance_of_one_event() / events).sqrt())
    }

    /// Whether the outcome is what the prediction and the noise of counting make likely: within the
    /// central 90 %. `None` where the noise is unknown.
    pub fn is_consistent(&self) -> Option<bool> {
        let log_error = self.log_error()?;
        Some(log_error.abs() <= 1.645 * self.noise()?)
    }

    /// `ln(prediction / outcome)`; `None` unless both are above 0.
    pub(super) fn log_error(&self) -> Option<f64> {
        let actual = self.actual_value?;
        (self.predicted_value > 0.0 && actual > 0.0).then(|| (self.predicted_value / actual).ln())
    }

    /// Probability that a perfect prediction would have counted as accurate, given the noise.
    pub(crate) fn ceiling(&self) -> Option<f64> {
        let noise = self.noise()?;
        let tolerance = self.metric_type.acceptable_error();
        let below = normal_cdf(-(1.0 + tolerance).ln() / noise);
        let above = normal_cdf(-(1.0 - tolerance).ln() / noise);
        Some(above - below)
    }
}

fn check_value(name: &'static str, value: f64) -> Result<()> {
    if (0.0..=f64::MAX).contains(&value) {
        Ok(())
    } else {
        Err(parameter(name, value, "a finite number of at least 0"))
    }
}

/// `Φ(x)` by the incomplete gamma function.
pub(super) fn normal_cdf(x: f64) -> f64 {
    let tail = 0.5 * (1.0 - crate::posterior::gamma_inc(0.5, 0.5 * x * x));
    if x > 0.0 { 1.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(predicted: f64, actual: Actual) -> PredictionRecord {
        let new = NewPrediction::new("p", "m", "1", predicted, 0.8, MetricType::Roas);
        let mut record = new.at(Timestamp(0)).unwrap();
        record.settle(actual, Timestamp(1)).unwrap();
        record
    }

    #[test]
    fn accuracy_is_the_relative_error_within_the_tolerance() {
        let record = settled(3.5, Actual::new(3.2));
        assert_eq!(record.is_accurate, Some(true));
        assert!((record.error.unwrap() - 0.3).abs() < 1e-12);
        assert!((record.error_percent.unwrap() - 0.09375).abs() < 1e-12);
        assert_eq!(settled(5.0, Actual::new(3.2)).is_accurate, Some(false));
    }

    #[test]
    fn an_outcome_of_nothing_has_no_relative_error() {
        let record = settled(1.0, Actual::new(0.0));
        assert_eq!((record.error_percent, record.is_accurate), (None, Some(false)));
        assert_eq!(settled(0.0, Actual::new(0.0)).is_accurate, Some(true));
    }

    #[test]
    fn few_conversions_excuse_a_large_error() {
        assert_eq!(settled(2.0, Actual::new(1.2).events(3.0)).is_consistent(), Some(true));
        assert_eq!(settled(2.0, Actual::new(1.2).events(300.0)).is_consistent(), Some(false));
        assert_eq!(settled(2.0, Actual::new(1.2)).is_consistent(), None);
    }

    #[test]
    fn a_perfect_prediction_is_seldom_accurate_with_few_conversions() {
        for (conversions, accurate) in [(5.0, 0.41), (20.0, 0.71), (100.0, 0.97)] {
            let ceiling = settled(2.0, Actual::new(2.0).events(conversions)).ceiling().unwrap();
            assert!((ceiling - accurate).abs() < 0.015, "{conversions}: {ceiling}");
        }
    }

    #[test]
    fn impossible_numbers_are_refused() {
        for value in [f64::NAN, -1.0, f64::INFINITY] {
            let new = NewPrediction::new("p", "m", "1", value, 0.8, MetricType::Ctr);
            assert!(new.at(Timestamp(0)).is_err());
            let mut record = settled(1.0, Actual::new(1.0));
            assert!(record.settle(Actual::new(value), Timestamp(2)).is_err());
            assert_eq!(record.actual_value, Some(1.0));
        }
        let new = NewPrediction::new("p", "m", "1", 1.0, 1.2, MetricType::Ctr);
        assert!(new.at(Timestamp(0)).is_err());
    }
}
