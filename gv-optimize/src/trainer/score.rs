//! How good predictions are, and whether one model's are better than another's.

use super::{Dataset, Estimate};
use crate::posterior::Stream;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Resamples of a comparison.
const RESAMPLES: u64 = 1000;

/// How close predictions come to the outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Scores {
    /// Number of examples.
    pub count: usize,
    /// Weighted mean squared error on the working scale.
    pub deviance: f64,
    /// `1 - deviance / deviance of the weighted mean`; 0 is no better than the mean, `None` where
    /// all outcomes are equal.
    pub r2: Option<f64>,
    /// Rank correlation of predictions and outcomes; `None` where either does not vary.
    pub spearman: Option<f64>,
    /// Weighted mean of prediction less outcome on the working scale.
    pub bias: f64,
    /// Share of predictions within the tolerance that was given.
    pub accuracy: f64,
}

/// Scores estimates of a data set's outcomes; `tolerance` is the relative error that counts as
/// accurate (0.3 is 30 %).
///
/// # Errors
///
/// [`Error::InvalidParameter`] where there are not as many estimates as examples, or none.
pub fn score(data: &Dataset, estimates: &[Estimate], tolerance: f64) -> Result<Scores> {
    let terms = terms(data, estimates)?;
    let outcomes = data.outcomes();
    let weights = data.weights();
    let total: f64 = weights.iter().sum();
    let mean = outcomes.iter().zip(&weights).map(|(y, w)| y * w).sum::<f64>() / total;
    let spread: f64 =
        outcomes.iter().zip(&weights).map(|(y, w)| w * (y - mean) * (y - mean)).sum::<f64>()
            / total;
    let deviance = terms.iter().sum::<f64>() / total;
    let working = |estimate: &Estimate| data.target().to_working(estimate.mean);
    let bias = estimates
        .iter()
        .zip(outcomes.iter().zip(&weights))
        .map(|(estimate, (y, w))| w * (working(estimate) - y))
        .sum::<f64>()
        / total;
    let accurate = data.examples().iter().zip(estimates).filter(|(example, estimate)| {
        (estimate.mean - example.value).abs() <= tolerance * example.value.abs()
    });
    let predicted: Vec<f64> = estimates.iter().map(|estimate| estimate.mean).collect();
    let actual: Vec<f64> = data.examples().iter().map(|example| example.value).collect();
    Ok(Scores {
        count: data.len(),
        deviance,
        r2: (spread > 1e-300).then(|| 1.0 - deviance / spread),
        spearman: spearman(&predicted, &actual),
        bias,
        accuracy: accurate.count() as f64 / data.len() as f64,
    })
}

/// Weighted squared errors on the working scale, example by example.
fn terms(data: &Dataset, estimates: &[Estimate]) -> Result<Vec<f64>> {
    if estimates.len() != data.len() || data.is_empty() {
        return Err(Error::InvalidParameter {
            name: "estimates",
            given: format!("{} for {} examples", estimates.len(), data.len()),
            allowed: "one for each example, and at least one",
        });
    }
    let outcomes = data.outcomes();
    let weights = data.weights();
    Ok(estimates
        .iter()
        .zip(outcomes.iter().zip(&weights))
        .map(|(estimate, (y, w))| {
            let error = data.target().to_working(estimate.mean) - y;
            w * error * error
        })
        .collect())
}

/// How two models compare on the same examples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Comparison {
    /// `1 - deviance of the new / deviance of the old`; 0.01 is one per cent better.
    pub improvement: f64,
    /// Share of resamples of whole groups in which the new one has the smaller deviance.
    pub probability_better: f64,
}

/// Compares a new model's estimates with an old one's by a paired bootstrap over groups, so that ads
/// of one campaign count as the one observation that they nearly are. The same input gives the same
/// answer.
///
/// # Errors
///
/// Those of [`score`].
pub fn compare(data: &Dataset, old: &[Estimate], new: &[Estimate]) -> Result<Comparison> {
    let (old, new) = (terms(data, old)?, terms(data, new)?);
    let mut by_group: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for (at, example) in data.examples().iter().enumerate() {
        let sums = by_group.entry(&example.group).or_default();
        sums.0 += old[at];
        sums.1 += new[at];
    }
    let groups: Vec<(f64, f64)> = by_group.into_values().collect();
    let better = (0..RESAMPLES)
        .map(|resample| {
            let mut random = Stream::new(16, "compare", resample);
            let difference: f64 = groups
                .iter()
                .map(|_| {
                    let (old, new) = groups[random.below(groups.len())];
                    old - new
                })
                .sum();
            // Equal models are better in half of the resamples.
            if difference == 0.0 { 0.5 } else { f64::from(u8::from(difference > 0.0)) }
        })
        .sum::<f64>();
    let (old, new): (f64, f64) = (old.iter().sum(), new.iter().sum());
    Ok(Comparison {
        improvement: if old > 0.0 { 1.0 - new / old } else { 0.0 },
        probability_better: better / RESAMPLES as f64,
    })
}

/// Spearman's rank correlation, ties given their mean rank; `None` where either list does not vary.
pub(crate) fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() as f64 - 1.0) / 2.0;
    let mut sums = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(&b) {
        let (x, y) = (x - mean, y - mean);
        sums = (sums.0 + x * y, sums.1 + x * x, sums.2 + y * y);
    }
    let spread = (sums.1 * sums.2).sqrt();
    (spread > 0.0).then(|| sums.0 / spread)
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    let mut at = 0;
    while at < order.len() {
        let mut end = at + 1;
        while end < order.len() && values[order[end]] == values[order[at]] {
            end += 1;
        }
        let rank = (at + end - 1) as f64 / 2.0;
        for &position in &order[at..end] {
            ranks[position] = rank;
        }
        at = end;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::super::{Example, Features, Target};
    use super::*;

    fn data() -> Dataset {
        let example = |i: usize| {
            let value = 1.0 + i as f64;
            Example::new(format!("{i:02}"), format!("g{}", i / 2), Features::new(), value)
                .events(1e9)
        };
        Dataset::new(Target::Positive, (0..20).map(example).collect()).unwrap()
    }

    fn estimates(of: impl Fn(f64) -> f64) -> Vec<Estimate> {
        (0..20).map(|i| Estimate { mean: of(1.0 + f64::from(i)), sd: 0.0 }).collect()
    }

    #[test]
    fn the_truth_scores_full_marks_and_a_constant_none() {
        let perfect = score(&data(), &estimates(|y| y), 0.3).unwrap();
        assert_eq!((perfect.deviance, perfect.accuracy), (0.0, 1.0));
        assert!((perfect.r2.unwrap() - 1.0).abs() < 1e-12);
        assert!((perfect.spearman.unwrap() - 1.0).abs() < 1e-12);
        let constant = score(&data(), &estimates(|_| 8.0), 0.3).unwrap();
        assert_eq!(constant.spearman, None);
        assert!(constant.r2.unwrap() <= 0.0);
        let doubled = score(&data(), &estimates(|y| 2.0 * y), 0.3).unwrap();
        assert!((doubled.bias - 2f64.ln()).abs() < 1e-9);
        assert_eq!(doubled.accuracy, 0.0);
    }

    #[test]
    fn a_better_model_is_told_from_an_equal_one() {
        let equal = compare(&data(), &estimates(|y| 1.2 * y), &estimates(|y| 1.2 * y)).unwrap();
        assert_eq!((equal.improvement, equal.probability_better), (0.0, 0.5));
        let better = compare(&data(), &estimates(|y| 1.5 * y), &estimates(|y| 1.1 * y)).unwrap();
        assert!(better.improvement > 0.5 && better.probability_better == 1.0);
        let worse = compare(&data(), &estimates(|y| 1.1 * y), &estimates(|y| 1.5 * y)).unwrap();
        assert_eq!(worse.probability_better, 0.0);
    }

    #[test]
    fn ties_share_their_rank() {
        assert_eq!(ranks(&[2.0, 1.0, 2.0]), [1.5, 0.0, 1.5]);
    }

    #[test]
    fn a_missing_estimate_is_an_error() {
        assert!(score(&data(), &[], 0.3).is_err());
    }
}
