//! How good a variation will be, as a seam.

use super::concept::{CreativeConcept, CreativeVariation, VariationType};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a prediction rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A model trained on the account's outcomes.
    Model,
    /// Patterns of past winners and losers.
    Patterns,
    /// Someone's belief, not data.
    Prior,
    /// Nothing: the variations are in no order of merit.
    #[default]
    Unranked,
}

impl Basis {
    /// The name used in files and in Python.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Patterns => "patterns",
            Self::Prior => "prior",
            Self::Unranked => "unranked",
        }
    }
}

/// A predicted place among the account's creatives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// 0 worst to 1 best.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

/// Predicts how variations will do.
///
/// # For implementers
///
/// `predict` returns one prediction for each variation, in their order; means lie in 0..=1 and
/// standard deviations are at least 0, else the caller refuses all of them. The same input gives
/// the same output. `basis` says truthfully what the predictions rest on.
/// `testing::performance_model_suite` checks an implementation.
pub trait PerformanceModel: Send + Sync + std::fmt::Debug {
    /// What the predictions rest on.
    fn basis(&self) -> Basis;

    /// Predicts each variation's place.
    ///
    /// # Errors
    ///
    /// Whatever keeps the model from predicting; that of a model of one's own as the source of
    /// [`Error::PerformanceModel`].
    fn predict(
        &self,
        concept: &CreativeConcept,
        variations: &[CreativeVariation],
    ) -> Result<Vec<Prediction>>;
}

/// Someone's belief about single texts, colours and forms, as lifts that add up.
///
/// # Examples
///
/// ```
/// use gv_optimize::variation_generator::{PriorLifts, VariationType};
///
/// let belief = PriorLifts::new().with(VariationType::Pacing, "fast", 0.1);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PriorLifts {
    lifts: BTreeMap<(VariationType, String), f64>,
}

impl PriorLifts {
    /// Believes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Believes that `value` of a type lifts the index by `lift`; a lift that is not finite counts
    /// as 0.
    pub fn with(mut self, kind: VariationType, value: &str, lift: f64) -> Self {
        self.lifts.insert((kind, value.to_owned()), if lift.is_finite() { lift } else { 0.0 });
        self
    }
}

impl PerformanceModel for PriorLifts {
    fn basis(&self) -> Basis {
        Basis::Prior
    }

    fn predict(
        &self,
        _concept: &CreativeConcept,
        variations: &[CreativeVariation],
    ) -> Result<Vec<Prediction>> {
        Ok(variations
            .iter()
            .map(|variation| {
                let lift: f64 = VariationType::ALL
                    .into_iter()
                    .filter_map(|kind| self.lifts.get(&(kind, variation.value(kind))))
                    .sum();
                Prediction { mean: (0.5 + lift).clamp(0.0, 1.0), sd: UNRANKED.sd }
            })
            .collect())
    }
}

/// Every place is as likely as any other.
pub(crate) const UNRANKED: Prediction = Prediction { mean: 0.5, sd: 0.288_675_134_594_812_9 };

/// Fills in the predictions of a model, or says that there are none.
pub(crate) fn predict_all(
    model: Option<&dyn PerformanceModel>,
    concept: &CreativeConcept,
    variations: &mut [CreativeVariation],
) -> Result<()> {
    let (basis, predictions) = match model {
        None => (Basis::Unranked, vec![UNRANKED; variations.len()]),
        Some(model) => (model.basis(), model.predict(concept, variations)?),
    };
    if predictions.len() != variations.len() {
        return Err(Error::Predictions {
            problem: format!(
                "{} predictions for {} variations",
                predictions.len(),
                variations.len()
            ),
        });
    }
    for (variation, prediction) in variations.iter_mut().zip(predictions) {
        let sound = (0.0..=1.0).contains(&prediction.mean)
            && prediction.sd >= 0.0
            && prediction.sd.is_finite();
        if !sound {
            return Err(Error::Predictions {
                problem: format!(
                    "a mean of {} and a standard deviation of {}; allowed are means from 0 to 1 \
                     and deviations of at least 0",
                    prediction.mean, prediction.sd
                ),
            });
        }
        variation.predicted_performance = prediction.mean;
        variation.predicted_sd = prediction.sd;
        variation.basis = basis;
    }
    Ok(())
}
