//! Makes variations of one concept that teach the most, not merely many.
//!
//! # Examples
//!
//! ```
//! use gv_optimize::variation_generator::{
//!     Basis, CreativeConcept, VariationGenerator, VariationOptions,
//! };
//!
//! let concept = CreativeConcept {
//!     id: "concept_001".into(),
//!     product: "ProGain Protein".into(),
//!     key_benefit: "faster muscle recovery".into(),
//!     pain_point: "slow recovery after workouts".into(),
//!     brand_colors: vec!["#FF6B6B".into(), "#4ECDC4".into()],
//!     hook_script: "Tired of slow recovery?".into(),
//!     cta_text: "Get 20% Off Today".into(),
//!     ..CreativeConcept::default()
//! };
//! let set = VariationGenerator::new(VariationOptions::default())?.generate(&concept, 50)?;
//! assert_eq!(set.variations.len(), 50);
//! assert_eq!(set.variations[0].hook, "Tired of slow recovery?");
//! assert_eq!(set.variations[0].basis, Basis::Unranked);
//! # Ok::<(), gv_optimize::Error>(())
//! ```

mod color;
mod concept;
mod design;
mod export;
mod factors;
mod learned;
mod options;
mod performance;
mod templates;
mod texts;
mod timeline;

pub use color::{ACCENT_CONTRAST, TEXT_CONTRAST, contrast_ratio};
pub use concept::{CreativeConcept, CreativeVariation, VariationType};
pub use export::{EXPORT_JSON_SCHEMA, EXPORT_SCHEMA, ExportedVariation, Scene};
pub use learned::LearnedModel;
pub use options::{Strategy, VariationOptions};
pub use performance::{Basis, PerformanceModel, Prediction, PriorLifts};
pub use templates::TextLimits;

use crate::Result;
use crate::clock::{Clock, SystemClock};
use crate::error::parameter;
use design::{balanced, pair_coverage};
use export::better_first;
use factors::Factors;
use performance::predict_all;
use serde::Serialize;
use std::collections::HashSet;
use std::sync::Arc;

/// Most variations that one call makes.
pub const MAX_VARIATIONS: usize = 10_000;

/// Variations with what is to be known about them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct VariationSet {
    /// The variations; the first is the original.
    pub variations: Vec<CreativeVariation>,
    /// What the predictions rest on.
    pub basis: Basis,
    /// Share of all pairs of levels that occur together in a variation.
    pub pair_coverage: f64,
    /// The same share of the pairs that so many variations can cover at most.
    pub attainable_coverage: f64,
    /// What was left out or changed, and why.
    pub notes: Vec<String>,
}

/// Makes, ranks and exports variations.
#[derive(Debug, Clone)]
pub struct VariationGenerator {
    options: VariationOptions,
    model: Option<Arc<dyn PerformanceModel>>,
    clock: Arc<dyn Clock>,
}

impl VariationGenerator {
    /// Takes its options.
    ///
    /// # Errors
    ///
    /// As [`VariationOptions::check`].
    pub fn new(options: VariationOptions) -> Result<Self> {
        options.check()?;
        Ok(Self { options, model: None, clock: Arc::new(SystemClock) })
    }

    /// Predicts with `model`; without one, variations stay unranked.
    pub fn with_model(self, model: Arc<dyn PerformanceModel>) -> Self {
        Self { model: Some(model), ..self }
    }

    /// Takes the time from `clock`.
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Makes `count` variations, no two with the same content, the original first; fewer where
    /// there are not so many, which [`VariationSet::notes`] says. The same concept, options and
    /// seed give the same variations.
    ///
    /// # Errors
    ///
    /// [`InvalidParameter`](crate::Error::InvalidParameter) where `count` is above
    /// [`MAX_VARIATIONS`] or a brand colour is none;
    /// [`PerformanceModel`](crate::Error::PerformanceModel) where the model fails, and
    /// [`Predictions`](crate::Error::Predictions) where what it gives is unusable.
    pub fn generate(&self, concept: &CreativeConcept, count: usize) -> Result<VariationSet> {
        if count > MAX_VARIATIONS {
            return Err(parameter("count", count, "at most 10000"));
        }
        let mut notes = Vec::new();
        let factors = Factors::new(concept, &self.options, &mut notes)?;
        let levels = factors.levels();
        let seed = self.options.seed;
        let model = self.model.as_deref();
        let rows = match self.options.strategy {
            Strategy::Balanced => self.unique(&factors, balanced(&levels, count, seed), count),
            Strategy::Spec => {
                let list = factors.specification_list(count);
                self.unique(&factors, list, count)
            }
            Strategy::Exploit if model.is_none() => {
                notes.push("no model to exploit; the variations are balanced".to_owned());
                self.unique(&factors, balanced(&levels, count, seed), count)
            }
            Strategy::Exploit => self.exploit(concept, &factors, count)?,
        };
        if rows.len() < count {
            notes.push(format!("there are only {} different variations", rows.len()));
        }
        let mut variations = self.build(concept, &factors, &rows);
        predict_all(model, concept, &mut variations)?;
        let (attainable_coverage, pair_coverage) = pair_coverage(&levels, &rows);
        Ok(VariationSet {
            basis: model.map_or(Basis::Unranked, PerformanceModel::basis),
            variations,
            pair_coverage,
            attainable_coverage,
            notes,
        })
    }

    /// Sorts by prediction, best first, then by number.
    pub fn rank(&self, variations: &[CreativeVariation]) -> Vec<CreativeVariation> {
        self.rank_order(variations).into_iter().map(|i| variations[i].clone()).collect()
    }

    /// The places of [`rank`](Self::rank)'s variations in the list given.
    pub fn rank_order(&self, variations: &[CreativeVariation]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..variations.len()).collect();
        order.sort_by(|a, b| better_first(&variations[*a], &variations[*b]));
        order
    }

    /// Takes the best `count`, each unlike those before it: the next maximises `0.7 · prediction -
    /// 0.3 · likeness to the most alike taken` (maximal marginal relevance; Carbonell and
    /// Goldstein, 1998).
    pub fn top(&self, variations: &[CreativeVariation], count: usize) -> Vec<CreativeVariation> {
        self.top_order(variations, count).into_iter().map(|i| variations[i].clone()).collect()
    }

    /// The places of [`top`](Self::top)'s variations in the list given.
    pub fn top_order(&self, variations: &[CreativeVariation], count: usize) -> Vec<usize> {
        let mut left = self.rank_order(variations);
        let mut taken = Vec::new();
        let mut likeness = vec![0.0_f64; left.len()];
        while taken.len() < count && !left.is_empty() {
            let score =
                |i: usize| 0.7 * variations[left[i]].predicted_performance - 0.3 * likeness[i];
            let best =
                (1..left.len()).fold(0, |best, i| if score(i) > score(best) { i } else { best });
            let next = left.remove(best);
            likeness.remove(best);
            for (other, like) in left.iter().zip(&mut likeness) {
                *like = like.max(variations[next].similarity(&variations[*other]));
            }
            taken.push(next);
        }
        taken
    }

    /// Puts variations into the renderer's form; `concept` supplies the main script.
    pub fn export(
        &self,
        variations: &[CreativeVariation],
        concept: Option<&CreativeConcept>,
    ) -> Vec<ExportedVariation> {
        export::export(variations, concept.map_or("", |concept| &concept.main_script))
    }

    /// Puts variations into OpenTimelineIO's JSON form, one document each, at `rate` frames a second; written to files
    /// that end in `.otio`, editing programs open them. Scenes are clips whose media are still missing.
    ///
    /// # Errors
    ///
    /// [`InvalidParameter`](crate::Error::InvalidParameter) unless `rate` is from 1 to 1,000.
    pub fn export_timelines(
        &self,
        variations: &[CreativeVariation],
        concept: Option<&CreativeConcept>,
        rate: f64,
    ) -> Result<Vec<serde_json::Value>> {
        self.export(variations, concept).iter().map(|v| timeline::timeline(v, rate)).collect()
    }

    /// Removes repeated content and fills up with combinations not seen yet.
    fn unique(&self, factors: &Factors, rows: Vec<Vec<usize>>, count: usize) -> Vec<Vec<usize>> {
        let mut seen = HashSet::new();
        let mut kept: Vec<Vec<usize>> = Vec::with_capacity(count);
        for row in rows {
            if kept.len() < count && seen.insert(row.clone()) {
                kept.push(row);
            }
        }
        let combinations = factors.combinations();
        let mut stream =
            crate::posterior::Stream::new(self.options.seed, "more combinations", count as u64);
        let start = stream.below(combinations);
        for step in 0..combinations {
            if kept.len() >= count {
                break;
            }
            let stride = factors.stride();
            let row = factors.combination(
                (start as u128 + step as u128 * stride as u128) as usize % combinations.max(1),
            );
            if seen.insert(row.clone()) {
                kept.push(row);
            }
        }
        kept
    }

    /// Three fifths the most promising of a wide pool, unlike each other, the rest balanced.
    fn exploit(
        &self,
        concept: &CreativeConcept,
        factors: &Factors,
        count: usize,
    ) -> Result<Vec<Vec<usize>>> {
        let levels = factors.levels();
        let wanted = (count * 10).clamp(100, 5000);
        let pool = self.unique(factors, balanced(&levels, wanted, self.options.seed ^ 1), wanted);
        let mut candidates = self.build(concept, factors, &pool);
        predict_all(self.model.as_deref(), concept, &mut candidates)?;
        let promising = count * 3 / 5;
        let mut rows = Vec::with_capacity(count);
        if count > 0 {
            rows.push(vec![0; levels.len()]);
        }
        for chosen in self.top(&candidates, promising) {
            if let Some(row) = pool.get((chosen.variation_number as usize).wrapping_sub(1)) {
                rows.push(row.clone());
            }
        }
        rows.extend(balanced(&levels, count, self.options.seed));
        Ok(self.unique(factors, rows, count))
    }

    fn build(
        &self,
        concept: &CreativeConcept,
        factors: &Factors,
        rows: &[Vec<usize>],
    ) -> Vec<CreativeVariation> {
        let now = self.clock.now();
        rows.iter()
            .zip(1..)
            .map(|(row, number)| {
                let mut variation = factors.variation(row);
                variation.id = format!("{}_v{number:03}", concept.id);
                variation.concept_id = concept.id.clone();
                variation.variation_number = number;
                variation.created_at = now;
                variation.variation_hash = texts::content_hash(&variation);
                variation
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
