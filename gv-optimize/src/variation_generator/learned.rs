//! Predictions by the model that an account has learned.

use super::concept::{CreativeConcept, CreativeVariation};
use super::performance::{Basis, PerformanceModel, Prediction};
use crate::auto_retrain_pipeline::AutoRetrainPipeline;
use crate::posterior::normal_quantile;
use crate::prediction_accuracy_tracker::MetricType;
use crate::trainer::{Estimate, Features, TrainedModel};
use crate::{Error, Result};
use std::sync::Arc;

/// Outcomes that a prediction is placed among: the newest.
const OUTCOMES: usize = 1000;
/// Points at which the spread of a prediction is looked at.
const POINTS: usize = 9;

/// Predicts a variation's place among the account's outcomes by the version of a model that is live.
///
/// Predictions recorded with [`CreativeVariation::features`] are what it learns from.
#[derive(Debug, Clone)]
pub struct LearnedModel {
    version: String,
    model: Arc<dyn TrainedModel>,
    metric: MetricType,
    /// Recorded outcomes on the working scale, smallest first.
    outcomes: Vec<f64>,
}

impl LearnedModel {
    /// Takes the live version of a kind of model; `None` where there is none yet.
    ///
    /// # Errors
    ///
    /// [`Error::BadModel`] where the live version cannot be read, and the store's.
    pub fn live(pipeline: &AutoRetrainPipeline, model_type: &str) -> Result<Option<Self>> {
        let Some((version, model)) = pipeline.live_model(model_type)? else { return Ok(None) };
        let records = pipeline.tracker().settled(model_type, OUTCOMES)?;
        let Some(metric) = records.first().map(|record| record.metric_type) else {
            return Ok(None);
        };
        let actual = records.iter().filter_map(|record| record.actual_value);
        let mut outcomes: Vec<f64> =
            actual.map(|value| metric.target().to_working(value)).collect();
        outcomes.sort_by(f64::total_cmp);
        Ok(Some(Self { version, model: model.into(), metric, outcomes }))
    }

    /// The version that predicts.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What variations are expected to come to, in the metric's own unit.
    ///
    /// # Errors
    ///
    /// The model's.
    pub fn estimates(
        &self,
        concept: &CreativeConcept,
        variations: &[CreativeVariation],
    ) -> Result<Vec<Estimate>> {
        let rows: Vec<Features> = variations.iter().map(|v| v.features(concept)).collect();
        self.model.predict(&rows)
    }

    /// The share of outcomes that are worse, over what the estimate leaves open.
    fn place(&self, estimate: Estimate) -> Prediction {
        let middle = self.metric.target().to_working(estimate.mean);
        let places: Vec<f64> = (0..POINTS)
            .map(|point| {
                let z = normal_quantile((point as f64 + 0.5) / POINTS as f64);
                let below = self.outcomes.partition_point(|y| *y < middle + z * estimate.sd);
                let share = below as f64 / self.outcomes.len().max(1) as f64;
                // A low cost is a good one.
                if self.metric == MetricType::Cpa { 1.0 - share } else { share }
            })
            .collect();
        let mean = places.iter().sum::<f64>() / POINTS as f64;
        let variance = places.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / POINTS as f64;
        Prediction { mean, sd: variance.sqrt() }
    }
}

impl PerformanceModel for LearnedModel {
    fn basis(&self) -> Basis {
        Basis::Model
    }

    fn predict(
        &self,
        concept: &CreativeConcept,
        variations: &[CreativeVariation],
    ) -> Result<Vec<Prediction>> {
        let estimates = self.estimates(concept, variations)?;
        if estimates.iter().any(|estimate| !(estimate.mean.is_finite() && estimate.sd >= 0.0)) {
            return Err(Error::Predictions {
                problem: format!("{} gives estimates that are not finite", self.version),
            });
        }
        Ok(estimates.into_iter().map(|estimate| self.place(estimate)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auto_retrain_pipeline::{RetrainConfig, RetrainTrigger};
    use crate::posterior::Stream;
    use crate::prediction_accuracy_tracker::{Actual, NewPrediction};
    use crate::trainer::BoostedLinear;
    use crate::variation_generator::{Strategy, VariationGenerator, VariationOptions};
    use crate::{FixedClock, Timestamp};
    use gv_patterns::store::open;

    fn concept() -> CreativeConcept {
        CreativeConcept {
            id: "c".into(),
            product: "Cup".into(),
            key_benefit: "hot coffee".into(),
            pain_point: "cold coffee".into(),
            hook_script: "Cold again?".into(),
            cta_text: "Buy".into(),
            ..CreativeConcept::default()
        }
    }

    /// What a variation truly returns: fast ones sell, and so do questions.
    fn truth(variation: &CreativeVariation) -> f64 {
        let pace: f64 = if variation.pacing == "fast" { 0.5 } else { 0.0 };
        let question = if variation.hook.ends_with('?') { 0.4 } else { 0.0 };
        (0.4 + pace + question).exp()
    }

    fn pipeline(now: i64) -> AutoRetrainPipeline {
        let (clock, trainer) =
            (Arc::new(FixedClock(Timestamp(now))), Arc::new(BoostedLinear::default()));
        let store = open(":memory:").unwrap();
        AutoRetrainPipeline::with(store, RetrainConfig::default(), trainer, clock).unwrap()
    }

    fn learned(metric: MetricType) -> (AutoRetrainPipeline, Vec<CreativeVariation>) {
        let pipeline = pipeline(1_800_000_000_000);
        let options = VariationOptions::default();
        let set = VariationGenerator::new(options).unwrap().generate(&concept(), 400).unwrap();
        for (n, variation) in set.variations.iter().enumerate() {
            let prediction = NewPrediction::new(&variation.id, "own", "guess", 1.0, 0.5, metric)
                .campaign(format!("c{}", n / 5))
                .features(variation.features(&concept()));
            pipeline.tracker().record_prediction(prediction).unwrap();
            let noise = 0.1 * Stream::new(5, "noise", n as u64).normal();
            let at = Timestamp(1_799_000_000_000 + n as i64);
            let actual = Actual::new(truth(variation) * noise.exp()).events(100.0).recorded_at(at);
            pipeline.tracker().record_actual(&variation.id, actual).unwrap();
        }
        let job = pipeline.start_retrain("own", RetrainTrigger::Manual).unwrap();
        assert!(job.promoted, "{}", job.reason);
        (pipeline, set.variations)
    }

    #[test]
    fn what_was_learned_ranks_new_variations_and_chooses_better_ones() {
        let (pipeline, _) = learned(MetricType::Roas);
        let model = Arc::new(LearnedModel::live(&pipeline, "own").unwrap().unwrap());
        assert_eq!(model.version(), "v1");
        let mean = |options: VariationOptions, model: Option<Arc<LearnedModel>>| {
            let mut generator = VariationGenerator::new(options).unwrap();
            if let Some(model) = model {
                generator = generator.with_model(model);
            }
            let set = generator.generate(&concept(), 30).unwrap();
            let sum: f64 = set.variations.iter().map(truth).sum();
            (sum / set.variations.len() as f64, set)
        };
        let options = || VariationOptions::default().seed(9);
        let (plain, _) = mean(options(), None);
        let (exploited, set) = mean(options().strategy(Strategy::Exploit), Some(model));
        assert_eq!(set.basis, Basis::Model);
        assert!(exploited > 1.15 * plain, "{exploited} against {plain}");
        let best = set
            .variations
            .iter()
            .max_by(|a, b| a.predicted_performance.total_cmp(&b.predicted_performance));
        assert!(truth(best.unwrap()) > 2.9, "{best:?}");
    }

    #[test]
    fn a_low_cost_is_a_high_place() {
        let (pipeline, variations) = learned(MetricType::Cpa);
        let model = LearnedModel::live(&pipeline, "own").unwrap().unwrap();
        let places = model.predict(&concept(), &variations).unwrap();
        let dear = variations.iter().position(|v| truth(v) > 3.0).unwrap();
        let cheap = variations.iter().position(|v| truth(v) < 1.6).unwrap();
        assert!(places[cheap].mean > 0.6 && places[dear].mean < 0.4, "{places:?}");
        crate::testing::performance_model_suite(&model);
    }

    #[test]
    fn without_a_live_version_there_is_no_model() {
        assert!(LearnedModel::live(&pipeline(0), "own").unwrap().is_none());
    }
}
