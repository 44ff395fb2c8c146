//! What every model that ranks variations must keep to.

use crate::variation_generator::{
    Basis, CreativeConcept, PerformanceModel, VariationGenerator, VariationOptions,
};

/// Checks a model against the contract of [`PerformanceModel`] on forty variations of a concept, and on none.
///
/// # Panics
///
/// Where the contract is not kept; the message says how.
#[expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a conformance suite ends the test at the line that was wrong"
)]
pub fn performance_model_suite(model: &dyn PerformanceModel) {
    assert!(model.basis() != Basis::Unranked, "a model that predicts rests on something");
    let concept = CreativeConcept {
        id: "cup".into(),
        product: "Cup".into(),
        key_benefit: "hot coffee".into(),
        pain_point: "cold coffee".into(),
        hook_script: "Cold again?".into(),
        cta_text: "Buy".into(),
        ..CreativeConcept::default()
    };
    let generator = VariationGenerator::new(VariationOptions::default()).unwrap();
    let variations = generator.generate(&concept, 40).unwrap().variations;
    let predict = |count: usize| match model.predict(&concept, &variations[..count]) {
        Ok(predictions) => predictions,
        Err(error) => panic!("{count} variations cannot be predicted: {error}"),
    };
    for count in [variations.len(), 1, 0] {
        let (first, second) = (predict(count), predict(count));
        assert_eq!(first.len(), count, "there is one prediction for each variation");
        assert_eq!(first, second, "the same variations are predicted alike");
        for prediction in first {
            let is_sound = (0.0..=1.0).contains(&prediction.mean)
                && prediction.sd >= 0.0
                && prediction.sd.is_finite();
            assert!(is_sound, "{prediction:?} is no place among the account's creatives");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variation_generator::{CreativeVariation, Prediction, PriorLifts, VariationType};
    use crate::{Error, Result};

    #[test]
    fn a_belief_passes() {
        performance_model_suite(&PriorLifts::new().with(VariationType::Pacing, "fast", 0.7));
    }

    /// Predicts the first variation alone, or fails.
    #[derive(Debug)]
    struct Hasty(bool);

    impl PerformanceModel for Hasty {
        fn basis(&self) -> Basis {
            Basis::Model
        }

        fn predict(&self, _: &CreativeConcept, _: &[CreativeVariation]) -> Result<Vec<Prediction>> {
            match self.0 {
                true => Err(Error::PerformanceModel { source: "no weights".into() }),
                false => Ok(vec![Prediction { mean: 0.5, sd: 0.1 }]),
            }
        }
    }

    #[test]
    #[should_panic(expected = "one prediction for each variation")]
    fn a_prediction_too_few_is_refused() {
        performance_model_suite(&Hasty(false));
    }

    #[test]
    #[should_panic(expected = "the performance model failed: no weights")]
    fn a_model_that_fails_is_told_with_its_cause() {
        performance_model_suite(&Hasty(true));
    }
}
