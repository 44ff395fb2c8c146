//! Whether accuracy rises or falls.

use super::record::normal_cdf;
use serde::{Deserialize, Serialize};

/// Where accuracy is going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// It rises.
    Improving,
    /// It does neither, as far as the numbers can tell.
    Stable,
    /// It falls.
    Declining,
}

impl Trend {
    /// The name used in files and in Python.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Improving => "improving",
            Self::Stable => "stable",
            Self::Declining => "declining",
        }
    }
}

/// A change has to be this large, over the whole period, to be called one.
const LEAST_CHANGE: f64 = 0.05;
const SIGNIFICANCE: f64 = 0.1;

/// How sure a trend is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrendTest {
    /// The verdict.
    pub trend: Trend,
    /// Change of the share of accurate predictions from the first to the last moment, by the fitted
    /// line; in -1..=1.
    pub fitted_change: f64,
    /// Two-sided p-value of the Cochran-Armitage test; 1 where nothing varies.
    pub p_value: f64,
}

/// Tests for a linear trend of a yes-or-no outcome over time (Cochran 1954, Armitage 1955): improving
/// or declining where `p < 0.1` and the fitted change is at least 5 points.
///
/// Comparing halves, the usual way, calls 39 to 84 % of unchanging streams a trend at 3 to 10
/// predictions a day; this test about 10 %, as its significance says.
pub fn trend(outcomes: &[(f64, bool)]) -> TrendTest {
    let n = outcomes.len() as f64;
    let stable =
        |fitted_change, p_value| TrendTest { trend: Trend::Stable, fitted_change, p_value };
    if outcomes.is_empty() {
        return stable(0.0, 1.0);
    }
    let mean_time = outcomes.iter().map(|(time, _)| time).sum::<f64>() / n;
    let share = outcomes.iter().filter(|(_, yes)| *yes).count() as f64 / n;
    let (mut square, mut cross) = (0.0, 0.0);
    let (mut first, mut last) = (f64::INFINITY, f64::NEG_INFINITY);
    for &(time, yes) in outcomes {
        let centred = time - mean_time;
        square += centred * centred;
        cross += centred * (f64::from(u8::from(yes)) - share);
        (first, last) = (first.min(time), last.max(time));
    }
    let variance = share * (1.0 - share) * square;
    if !(variance.is_finite() && variance > 0.0) {
        return stable(0.0, 1.0);
    }
    let z = cross / variance.sqrt();
    let p_value = 2.0 * normal_cdf(-z.abs());
    let fitted_change = (cross / square * (last - first)).clamp(-1.0, 1.0);
    let trend = match p_value < SIGNIFICANCE && fitted_change.abs() >= LEAST_CHANGE {
        true if fitted_change > 0.0 => Trend::Improving,
        true => Trend::Declining,
        false => Trend::Stable,
    };
    TrendTest { trend, fitted_change, p_value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posterior::Stream;

    fn stream(seed: u64, rate: impl Fn(f64) -> f64) -> Vec<(f64, bool)> {
        let mut random = Stream::new(seed, "trend", 0);
        (0..280).map(|i| f64::from(i) / 10.0).map(|t| (t, random.uniform() < rate(t))).collect()
    }

    #[test]
    fn a_fall_is_declining_and_a_rise_improving() {
        assert_eq!(trend(&stream(1, |t| 0.9 - 0.02 * t)).trend, Trend::Declining);
        assert_eq!(trend(&stream(1, |t| 0.3 + 0.02 * t)).trend, Trend::Improving);
    }

    #[test]
    fn an_unchanging_stream_is_called_a_trend_about_one_time_in_ten() {
        let calls = (0..500).filter(|&seed| trend(&stream(seed, |_| 0.6)).trend != Trend::Stable);
        let share = calls.count() as f64 / 500.0;
        assert!(share < 0.14, "{share}");
    }

    #[test]
    fn what_never_varies_is_stable() {
        for outcomes in [vec![], vec![(1.0, true); 50], vec![(f64::NAN, true), (1.0, false)]] {
            assert_eq!(trend(&outcomes).trend, Trend::Stable);
        }
    }
}
