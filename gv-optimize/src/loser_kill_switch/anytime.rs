//! E-processes: evidence against "good enough" that may be looked at as often as one likes.
//!
//! Under the null hypothesis the expected value of an e-process is at most 1 at every stopping
//! time, so the chance that it ever reaches `1/α` is at most `α` (Ville's inequality). Each is a
//! mixture of likelihood ratios over rates below the threshold; the alternative's mean is half the
//! threshold.

use crate::posterior::{ln_beta_inc, ln_gamma, ln_gamma_inc};

/// Returns the logarithm of the e-value against "each of `trials` succeeds with probability of at
/// least `threshold`", mixing over Beta(1, 2/threshold - 1) truncated to below `threshold`.
///
/// No evidence gives 0; counts that contradict each other give NaN.
pub fn ln_e_value_of_proportion(successes: f64, trials: f64, threshold: f64) -> f64 {
    if !(successes >= 0.0 && successes <= trials && threshold > 0.0 && threshold < 1.0) {
        return f64::NAN;
    }
    let (a, b) = (1.0, 2.0 / threshold - 1.0);
    let ln_mass =
        |a: f64, b: f64| ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b) + ln_beta_inc(a, b, threshold);
    ln_mass(a + successes, b + trials - successes)
        - ln_mass(a, b)
        - successes * threshold.ln()
        - (trials - successes) * (-threshold).ln_1p()
}

/// Returns the logarithm of the e-value against "events come at a rate of at least `threshold` per
/// unit of exposure", mixing over Gamma(1, 2/threshold) truncated to below `threshold`.
pub fn ln_e_value_of_rate(events: f64, exposure: f64, threshold: f64) -> f64 {
    if !(events >= 0.0 && exposure >= 0.0 && threshold > 0.0) {
        return f64::NAN;
    }
    let (a, b) = (1.0, 2.0 / threshold);
    a * b.ln() - ln_gamma(a) + ln_gamma(a + events) - (a + events) * (b + exposure).ln()
        + ln_gamma_inc(a + events, (b + exposure) * threshold)
        - ln_gamma_inc(a, b * threshold)
        - events * threshold.ln()
        + threshold * exposure
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posterior::Stream;

    #[test]
    fn nothing_seen_is_no_evidence() {
        assert!(ln_e_value_of_proportion(0.0, 0.0, 0.005).abs() < 1e-12);
        assert!(ln_e_value_of_rate(0.0, 0.0, 0.02).abs() < 1e-12);
        assert!(ln_e_value_of_proportion(2.0, 1.0, 0.005).is_nan());
    }

    #[test]
    fn e_values_have_a_mean_of_one_at_the_edge_of_the_null() {
        let draws = 100_000;
        let mean = (0..draws)
            .map(|i| {
                let mut stream = Stream::new(3, "edge", i);
                ln_e_value_of_rate(stream.poisson(5.0), 250.0, 0.02).exp()
            })
            .sum::<f64>()
            / draws as f64;
        assert!((mean - 1.0).abs() < 0.03, "{mean}");
    }

    #[test]
    fn looking_every_hour_stops_a_good_ad_in_at_most_the_stated_share() {
        let (runs, hours, alpha) = (1000_u64, 400, 0.05_f64);
        let limit = (1.0 / alpha).ln();
        let mut stopped = 0;
        for run in 0..runs {
            let mut stream = Stream::new(9, "peek", run);
            let (mut clicks, mut shown) = (0.0, 0.0);
            for _ in 0..hours {
                clicks += stream.poisson(0.005 * 200.0).min(200.0);
                shown += 200.0;
                if ln_e_value_of_proportion(clicks, shown, 0.005) >= limit {
                    stopped += 1;
                    break;
                }
            }
        }
        let share = f64::from(stopped) / runs as f64;
        assert!(share <= alpha && share > 0.005, "{share}");
    }

    #[test]
    fn a_bad_ad_is_found_out() {
        assert!(ln_e_value_of_proportion(30.0, 15_000.0, 0.005) > 20.0_f64.ln());
        assert!(ln_e_value_of_rate(0.0, 250.0, 0.02) > 20.0_f64.ln());
    }
}
