//! What is known about an ad, as probability distributions.
//!
//! All decisions of this crate read their confidence here, so that a confidence means one thing:
//! the posterior probability of a stated sentence, under a prior learned from the account.
//!
//! # Examples
//!
//! ```
//! use gv_optimize::posterior::{
//!     AccountPrior, Benchmark, ConversionValue, Evidence, EvidenceOptions, FunnelPosterior,
//! };
//!
//! let options = EvidenceOptions::default();
//! let ad = Evidence::from_totals(120.0, 15_000, 30, 0, 0.0, 72.0, &options);
//! let benchmark = Benchmark::default().order_value(100.0);
//! let prior = AccountPrior::learn(&[ad], &benchmark, ConversionValue::Observed)?;
//! let posterior = FunnelPosterior::new(&ad, &prior);
//! assert!(posterior.roas.probability_below(1.0) > 0.95);
//! # Ok::<(), gv_optimize::Error>(())
//! ```

mod evidence;
mod prior;
mod roas;
mod sampling;
mod special;

pub use evidence::{Evidence, EvidenceOptions, HourlyRow};
pub use prior::{AccountPrior, Benchmark, ConversionValue};
pub use roas::RoasPosterior;
pub use sampling::{Stream, stream_key};
pub use special::{
    beta_inc, beta_prime_quantile, gamma_inc, gamma_quantile, ln_beta_inc, ln_gamma, ln_gamma_inc,
    normal_quantile,
};

use serde::{Deserialize, Serialize};

/// The posterior of an ad's funnel: click-through, conversion rate, order value, return.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FunnelPosterior {
    /// Beta shapes of the click-through rate.
    pub ctr_shapes: (f64, f64),
    /// Shape `A` of the conversion rate's gamma distribution.
    pub cvr_shape: f64,
    /// Rate `B` of the conversion rate's gamma distribution, in clicks.
    pub cvr_rate: f64,
    /// Cost of a click, in currency units.
    pub cpc: f64,
    /// Shape `P` and scale `Q` of the mean order value's inverse-gamma distribution; `None` where
    /// a conversion has a fixed value.
    pub value: Option<(f64, f64)>,
    /// The return on ad spend.
    pub roas: RoasPosterior,
}

impl FunnelPosterior {
    /// Updates the account's prior by an ad's evidence.
    ///
    /// `A = a₀ + N`, `B = a₀/m + C_eff`, `P = p₀ + kN`, `Q = (p₀ - 1) v₀ + kR`, cost per click
    /// `(S + 2 c₀) / (C + 2)`.
    pub fn new(evidence: &Evidence, prior: &AccountPrior) -> Self {
        let clicks = evidence.clicks.min(evidence.impressions);
        let cvr_shape = prior.cvr_shape + evidence.conversions;
        let cvr_rate = prior.cvr_shape / prior.cvr_mean + evidence.effective_clicks;
        let cpc = (evidence.spend + 2.0 * prior.cpc) / (evidence.clicks + 2.0);
        let (value, roas) = match prior.value {
            ConversionValue::Observed => {
                let shape = prior.value_shape + prior.order_shape * evidence.conversions;
                let scale = (prior.value_shape - 1.0) * prior.value_mean
                    + prior.order_shape * evidence.revenue;
                let roas = RoasPosterior {
                    rate_shape: cvr_shape,
                    value_shape: Some(shape),
                    scale: scale / (cvr_rate * cpc),
                };
                (Some((shape, scale)), roas)
            }
            ConversionValue::Fixed(units) => {
                let scale = units / (cvr_rate * cpc);
                (None, RoasPosterior { rate_shape: cvr_shape, value_shape: None, scale })
            }
        };
        Self {
            ctr_shapes: (
                prior.ctr_shapes.0 + clicks,
                prior.ctr_shapes.1 + (evidence.impressions - clicks),
            ),
            cvr_shape,
            cvr_rate,
            cpc,
            value,
            roas,
        }
    }

    /// Returns the probability that the click-through rate is below `rate`.
    pub fn probability_ctr_below(&self, rate: f64) -> f64 {
        beta_inc(self.ctr_shapes.0, self.ctr_shapes.1, rate)
    }

    /// Returns the probability that the conversion rate is below `rate`.
    pub fn probability_cvr_below(&self, rate: f64) -> f64 {
        gamma_inc(self.cvr_shape, self.cvr_rate * rate)
    }

    /// Returns the probability that a conversion costs more than `amount` currency units.
    pub fn probability_cpa_above(&self, amount: f64) -> f64 {
        self.probability_cvr_below(self.cpc / amount)
    }

    /// Returns the probability of no conversion in the next `clicks` clicks at an unchanged rate:
    /// `(B / (B + clicks))^A`.
    pub fn probability_of_silence(&self, clicks: f64) -> f64 {
        (-self.cvr_shape * (clicks.max(0.0) / self.cvr_rate).ln_1p()).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posterior_of(conversions: u64, revenue: f64, value: ConversionValue) -> FunnelPosterior {
        let options = EvidenceOptions::default().conversion_delay_hours(0.0);
        let ad = Evidence::from_totals(500.0, 50_000, 500, conversions, revenue, 100.0, &options);
        let prior = AccountPrior::learn(&[], &Benchmark::default(), value).unwrap();
        FunnelPosterior::new(&ad, &prior)
    }

    #[test]
    fn much_evidence_outweighs_the_prior() {
        let ad = Evidence {
            spend: 1e6,
            impressions: 1e8,
            clicks: 1e6,
            effective_clicks: 1e6,
            conversions: 4e4,
            revenue: 3e6,
        };
        let prior =
            AccountPrior::learn(&[], &Benchmark::default(), ConversionValue::Observed).unwrap();
        let posterior = FunnelPosterior::new(&ad, &prior);
        assert!((posterior.roas.mean() - 3.0).abs() < 0.01);
        assert!(posterior.roas.probability_above(2.9) > 0.99);
        assert!(posterior.probability_ctr_below(0.0101) > 0.99);
    }

    #[test]
    fn a_fixed_value_leaves_revenue_unread() {
        let with = posterior_of(10, 900.0, ConversionValue::Fixed(40.0));
        let without = posterior_of(10, 0.0, ConversionValue::Fixed(40.0));
        assert_eq!(with.roas, without.roas);
        assert!((with.roas.mean() - 40.0 * 13.3 / (665.3 + 0.3) / 1.0).abs() < 0.01);
    }

    #[test]
    fn more_conversions_mean_a_higher_return_and_fewer_silences() {
        let few = posterior_of(2, 100.0, ConversionValue::Observed);
        let many = posterior_of(20, 1000.0, ConversionValue::Observed);
        assert!(few.roas.probability_below(1.0) > many.roas.probability_below(1.0));
        assert!(few.probability_of_silence(100.0) > many.probability_of_silence(100.0));
        assert!(few.probability_cpa_above(50.0) > many.probability_cpa_above(50.0));
        assert!(few.probability_cvr_below(0.01) > many.probability_cvr_below(0.01));
    }

    #[test]
    fn no_evidence_and_huge_evidence_stay_finite() {
        let prior =
            AccountPrior::learn(&[], &Benchmark::default(), ConversionValue::Observed).unwrap();
        for n in [0.0, 1.0, 1e9] {
            let ad = Evidence {
                spend: n,
                impressions: n,
                clicks: n,
                effective_clicks: n,
                conversions: n,
                revenue: n,
            };
            let p = FunnelPosterior::new(&ad, &prior).roas.probability_below(1.0);
            assert!((0.0..=1.0).contains(&p), "{n} {p}");
        }
    }
}
