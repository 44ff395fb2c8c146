//! Return on ad spend as a scaled beta-prime distribution, in closed form.

use super::Stream;
use super::special::{beta_prime_quantile, gamma_quantile, ln_beta_tails, ln_gamma_tails};
use serde::{Deserialize, Serialize};

/// The posterior of an ad's true return on ad spend.
///
/// With conversion rate `θ ~ Gamma(A, B)`, mean order value `v ~ InvGamma(P, Q)` and cost per
/// click `c`, the return `θ v / c` is `scale · X` with `X ~ BetaPrime(A, P)` and `scale = Q / (B
/// c)`. Where each conversion has a fixed value `v`, it is `scale · X` with `X ~ Gamma(A, 1)` and
/// `scale = v / (B c)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RoasPosterior {
    pub(crate) rate_shape: f64,
    pub(crate) value_shape: Option<f64>,
    pub(crate) scale: f64,
}

impl RoasPosterior {
    /// Returns the probability that the true return is below `r`.
    pub fn probability_below(&self, r: f64) -> f64 {
        self.ln_tails(r).0.exp()
    }

    /// Returns the probability that the true return is above `r`.
    pub fn probability_above(&self, r: f64) -> f64 {
        self.ln_tails(r).1.exp()
    }

    fn ln_tails(&self, r: f64) -> (f64, f64) {
        Self::ln_tails_of(self.rate_shape, self.value_shape, r / self.scale)
    }

    fn ln_tails_of(rate_shape: f64, value_shape: Option<f64>, x: f64) -> (f64, f64) {
        match value_shape {
            Some(_) if x == f64::INFINITY => (0.0, f64::NEG_INFINITY),
            Some(p) => ln_beta_tails(rate_shape, p, x / (1.0 + x), 1.0 / (1.0 + x)),
            None => ln_gamma_tails(rate_shape, x),
        }
    }

    /// Returns the expected return.
    pub fn mean(&self) -> f64 {
        self.scale * self.rate_shape / self.value_shape.map_or(1.0, |p| p - 1.0)
    }

    /// Returns the return below which the truth lies with probability `p`; 0 for `p <= 0`,
    /// infinity for `p >= 1`.
    pub fn quantile(&self, p: f64) -> f64 {
        self.scale
            * match self.value_shape {
                Some(shape) => beta_prime_quantile(self.rate_shape, shape, p),
                None => gamma_quantile(self.rate_shape, p),
            }
    }

    /// Returns the expected shortfall `E[(c - X)+]` of the return below `c`:
    /// `c F(c; A, P) - E[X] F(c; A + 1, P - 1)`.
    pub fn expected_shortfall(&self, c: f64) -> f64 {
        if c.is_nan() || c <= 0.0 {
            return 0.0;
        }
        let below = self.probability_below(c);
        let shifted = Self::ln_tails_of(
            self.rate_shape + 1.0,
            self.value_shape.map(|p| p - 1.0),
            c / self.scale,
        );
        (c * below - self.mean() * shifted.0.exp()).max(0.0)
    }

    /// Draws a return from the posterior.
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        let rate = stream.gamma(self.rate_shape);
        self.scale * rate / self.value_shape.map_or(1.0, |p| stream.gamma(p))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASES: [RoasPosterior; 3] = [
        RoasPosterior { rate_shape: 3.3, value_shape: Some(13.1), scale: 4.0 },
        RoasPosterior { rate_shape: 43.3, value_shape: Some(75.0), scale: 3.0 },
        RoasPosterior { rate_shape: 8.0, value_shape: None, scale: 0.2 },
    ];

    #[test]
    fn closed_forms_agree_with_monte_carlo() {
        for posterior in CASES {
            let mut stream = Stream::new(11, "roas", 0);
            let draws: Vec<f64> = (0..200_000).map(|_| posterior.sample(&mut stream)).collect();
            let n = draws.len() as f64;
            let mean = draws.iter().sum::<f64>() / n;
            let below = draws.iter().filter(|x| **x < 1.2).count() as f64 / n;
            let shortfall = draws.iter().map(|x| (1.2 - x).max(0.0)).sum::<f64>() / n;
            assert!((mean / posterior.mean() - 1.0).abs() < 0.01, "{posterior:?}");
            assert!((below - posterior.probability_below(1.2)).abs() < 0.005, "{posterior:?}");
            assert!((shortfall - posterior.expected_shortfall(1.2)).abs() < 0.005);
        }
    }

    #[test]
    fn quantiles_and_tails_are_inverse_and_the_two_tails_add_to_one() {
        for posterior in CASES {
            for p in [0.001, 0.1, 0.5, 0.9, 0.999] {
                let r = posterior.quantile(p);
                assert!((posterior.probability_below(r) - p).abs() < 1e-10);
                assert!((posterior.probability_above(r) - (1.0 - p)).abs() < 1e-10);
            }
        }
    }

    #[test]
    fn thresholds_at_the_ends_have_exact_answers() {
        for posterior in CASES {
            assert_eq!(posterior.probability_below(0.0), 0.0);
            assert_eq!(posterior.probability_below(f64::INFINITY), 1.0);
            assert_eq!(posterior.expected_shortfall(0.0), 0.0);
            assert!(posterior.probability_below(f64::NAN).is_nan());
        }
    }
}
