//! The population stability index, with a threshold that knows the sample sizes.

use crate::posterior::gamma_inc;
use serde::{Deserialize, Serialize};

const BINS: usize = 10;
/// Fewest values on each side; below, the index is noise.
const MIN_VALUES: usize = 100;

/// How far a sample has moved from a reference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Psi {
    /// `Σ (p - q) ln(p / q)` over ten bins that the reference fills equally.
    pub value: f64,
    /// Probability of an index at least this large where nothing has changed: of
    /// `value / (1/n + 1/m)` under a chi-square of bins less one degrees of freedom (Yurdakul 2018).
    pub p_value: f64,
    /// Whether `p_value` is below 0.001. The rule of thumb of 0.1 and 0.2 is wrong for small samples:
    /// 100 unchanged values on each side have an index of about 0.1.
    pub drifted: bool,
}

/// Compares a sample with a reference; `None` with fewer than 100 finite values on a side, or where the
/// reference is one value.
pub fn psi(reference: &[f64], sample: &[f64]) -> Option<Psi> {
    let finite = |values: &[f64]| -> Vec<f64> {
        let mut values: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let (reference, sample) = (finite(reference), finite(sample));
    if reference.len() < MIN_VALUES || sample.len() < MIN_VALUES {
        return None;
    }
    let mut edges: Vec<f64> = (1..BINS).map(|i| reference[i * reference.len() / BINS]).collect();
    edges.dedup();
    if edges.first() == reference.first() {
        edges.remove(0);
    }
    let bins = edges.len() + 1;
    if bins < 2 {
        return None;
    }
    let shares = |values: &[f64]| -> Vec<f64> {
        let mut before = 0;
        let mut counts: Vec<f64> = edges
            .iter()
            .map(|edge| {
                let below = values.partition_point(|v| v < edge);
                let count = below - before;
                before = below;
                count as f64
            })
            .collect();
        counts.push((values.len() - before) as f64);
        // An empty bin would make the index infinite: half an observation in each.
        let total = values.len() as f64 + 0.5 * bins as f64;
        counts.iter().map(|count| (count + 0.5) / total).collect()
    };
    let (p, q) = (shares(&reference), shares(&sample));
    let value: f64 = p.iter().zip(&q).map(|(p, q)| (q - p) * (q / p).ln()).sum();
    let scale = 1.0 / reference.len() as f64 + 1.0 / sample.len() as f64;
    let p_value = 1.0 - gamma_inc((bins - 1) as f64 / 2.0, value / scale / 2.0);
    Some(Psi { value, p_value, drifted: p_value < 0.001 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posterior::Stream;

    fn sample(seed: u64, n: usize, shift: f64) -> Vec<f64> {
        let mut random = Stream::new(seed, "psi", 0);
        (0..n).map(|_| shift + random.normal()).collect()
    }

    #[test]
    fn samples_of_one_kind_seldom_seem_to_drift() {
        let alarms = (0..400)
            .filter(|&i| {
                let reference = sample(2 * i, 150, 0.0);
                psi(&reference, &sample(2 * i + 1, 150, 0.0)).unwrap().drifted
            })
            .count();
        assert!(alarms <= 3, "{alarms} of 400");
    }

    #[test]
    fn a_shift_is_seen_and_too_few_values_are_not_judged() {
        assert!(psi(&sample(1, 300, 0.0), &sample(2, 300, 1.0)).unwrap().drifted);
        assert!(psi(&sample(1, 300, 0.0), &sample(2, 99, 1.0)).is_none());
        assert!(psi(&[1.0; 200], &[2.0; 200]).is_none());
    }
}
