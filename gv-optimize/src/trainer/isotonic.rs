//! Calibration that keeps the order: isotonic regression by pooling adjacent violators.

use serde::{Deserialize, Serialize};

/// A function that never falls, constant beyond its ends and linear between its points.
///
/// # Examples
///
/// ```
/// use gv_optimize::trainer::Isotonic;
///
/// let stated = [(0.2, 0.0, 1.0), (0.4, 1.0, 1.0), (0.6, 0.0, 1.0), (0.8, 1.0, 1.0)];
/// let map = Isotonic::fit(&stated).ok_or("no points")?;
/// assert_eq!(map.value(0.5), 0.5);
/// assert_eq!(map.value(0.9), 1.0);
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Isotonic {
    points: Vec<(f64, f64)>,
}

impl Isotonic {
    /// Fits to points `(x, y, weight)` by weighted least squares; `None` where none is finite and has
    /// a weight above 0.
    pub fn fit(points: &[(f64, f64, f64)]) -> Option<Self> {
        let mut sorted: Vec<(f64, f64, f64)> = points
            .iter()
            .copied()
            .filter(|(x, y, w)| x.is_finite() && y.is_finite() && w.is_finite() && *w > 0.0)
            .collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        // A pool: first and last x, mean y, weight.
        let mut pools: Vec<(f64, f64, f64, f64)> = Vec::new();
        for (x, y, weight) in sorted {
            pools.push((x, x, y, weight));
            while let [.., before, last] = pools.as_slice()
                && (before.2 >= last.2 || before.1 == last.0)
            {
                let sum = before.3 + last.3;
                let mean = (before.2 * before.3 + last.2 * last.3) / sum;
                let merged = (before.0, last.1, mean, sum);
                pools.pop();
                pools.pop();
                pools.push(merged);
            }
        }
        let mut points = Vec::with_capacity(2 * pools.len());
        for (first, last, mean, _) in pools {
            points.push((first, mean));
            if last > first {
                points.push((last, mean));
            }
        }
        (!points.is_empty()).then_some(Self { points })
    }

    /// The calibrated value; NaN for NaN.
    pub fn value(&self, x: f64) -> f64 {
        if x.is_nan() {
            return x;
        }
        let after = self.points.partition_point(|point| point.0 < x);
        match (after.checked_sub(1).and_then(|at| self.points.get(at)), self.points.get(after)) {
            (Some(low), Some(high)) => {
                low.1 + (high.1 - low.1) * ((x - low.0) / (high.0 - low.0)).clamp(0.0, 1.0)
            }
            (Some(end), None) | (None, Some(end)) => end.1,
            (None, None) => x,
        }
    }

    /// Whether the points ascend, as in one that was fitted here.
    pub(super) fn is_sound(&self) -> bool {
        let finite = self.points.iter().all(|(x, y)| x.is_finite() && y.is_finite());
        let ascends =
            self.points.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
        finite && ascends && !self.points.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_fit_never_falls_and_stays_within_what_it_saw(
            points in prop::collection::vec((-5.0..5.0f64, 0.0..1.0f64, 0.1..2.0f64), 1..40),
            a in -6.0..6.0f64,
            b in -6.0..6.0f64,
        ) {
            let map = Isotonic::fit(&points).unwrap();
            prop_assert!(map.is_sound());
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(map.value(low) <= map.value(high) + 1e-12);
            prop_assert!((0.0..=1.0).contains(&map.value(a)));
        }
    }

    #[test]
    fn nothing_gives_nothing() {
        assert!(Isotonic::fit(&[]).is_none());
        assert!(Isotonic::fit(&[(f64::NAN, 1.0, 1.0), (1.0, 1.0, 0.0)]).is_none());
    }
}
