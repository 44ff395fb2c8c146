//! Priors learned from the account's own ads.

use super::Evidence;
use crate::Result;
use crate::error::parameter;
use crate::trainer::Estimate;
use serde::{Deserialize, Serialize};

/// What is believed before any of the account's data, and how strongly ads differ.
///
/// These are priors of this library, not measurements; an account's own ads soon outweigh the
/// first four.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Benchmark {
    /// Clicks per impression. Default: 0.01, worth 2,000 impressions.
    pub ctr: f64,
    /// Conversions per click. Default: 0.02, worth 50 clicks.
    pub cvr: f64,
    /// Cost of a click in currency units. Default: 1, worth 2 clicks.
    pub cpc: f64,
    /// Value of an order in currency units. Default: 50, worth 2 orders.
    pub order_value: f64,
    /// Relative spread of conversion rates between ads. Default: 0.55.
    pub cvr_spread: f64,
    /// Relative spread of mean order values between ads. Default: 0.3.
    pub order_value_spread: f64,
    /// Relative spread of single orders within an ad. Default: 0.8.
    pub order_spread: f64,
}

impl Default for Benchmark {
    fn default() -> Self {
        Self {
            ctr: 0.01,
            cvr: 0.02,
            cpc: 1.0,
            order_value: 50.0,
            cvr_spread: 0.55,
            order_value_spread: 0.3,
            order_spread: 0.8,
        }
    }
}

impl Benchmark {
    /// Sets the value of an order, in currency units.
    pub fn order_value(self, order_value: f64) -> Self {
        Self { order_value, ..self }
    }

    /// Sets the conversions per click.
    pub fn cvr(self, cvr: f64) -> Self {
        Self { cvr, ..self }
    }

    /// Sets the clicks per impression.
    pub fn ctr(self, ctr: f64) -> Self {
        Self { ctr, ..self }
    }

    /// Sets the cost of a click, in currency units.
    pub fn cpc(self, cpc: f64) -> Self {
        Self { cpc, ..self }
    }

    /// Checks every field.
    ///
    /// # Errors
    ///
    /// [`InvalidParameter`](crate::Error::InvalidParameter) where a field is not finite and above
    /// 0, or a rate is not below 1.
    pub fn check(&self) -> Result<()> {
        for (name, value, limit) in [
            ("benchmark ctr", self.ctr, 1.0),
            ("benchmark cvr", self.cvr, 1.0),
            ("benchmark cpc", self.cpc, 1e9),
            ("benchmark order_value", self.order_value, 1e9),
            ("benchmark cvr_spread", self.cvr_spread, 1e3),
            ("benchmark order_value_spread", self.order_value_spread, 1e3),
            ("benchmark order_spread", self.order_spread, 1e3),
        ] {
            if !(value > 0.0 && value < limit) {
                return Err(parameter(name, value, "above 0, rates below 1, amounts below 1e9"));
            }
        }
        Ok(())
    }
}

/// What one conversion brings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversionValue {
    /// Order values are observed through revenue and vary.
    Observed,
    /// Each conversion is worth this many currency units (leads, installs).
    Fixed(f64),
}

/// The account's prior: what a new ad of it is expected to do.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccountPrior {
    /// Beta shapes of the click-through rate: clicks and non-clicks.
    pub ctr_shapes: (f64, f64),
    /// Gamma shape of the conversion rate.
    pub cvr_shape: f64,
    /// Mean conversions per click.
    pub cvr_mean: f64,
    /// Cost of a click, in currency units.
    pub cpc: f64,
    /// Inverse-gamma shape of the mean order value.
    pub value_shape: f64,
    /// Mean order value, in currency units.
    pub value_mean: f64,
    /// Gamma shape of a single order about its ad's mean.
    pub order_shape: f64,
    /// What a conversion brings.
    pub value: ConversionValue,
}

impl AccountPrior {
    /// Smallest number of ads from which the spread between ads is learned.
    pub const MIN_ADS_FOR_SPREAD: usize = 10;

    /// Learns the prior from the account's ads, which are few or many, or none.
    ///
    /// Means are pooled with the benchmark's pseudo-observations: `cvr = (ΣN + 50 cvr₀) / (ΣC +
    /// 50)` and alike. From [`MIN_ADS_FOR_SPREAD`](Self::MIN_ADS_FOR_SPREAD) ads on, the spreads of
    /// conversion and click rates come from the method of moments (variance between ads beyond
    /// that of counting, together with ten pseudo-ads of the benchmark's spread); the gamma shape
    /// is kept in 0.5..=20, the beta size in 20..=20,000.
    ///
    /// # Errors
    ///
    /// As [`Benchmark::check`].
    pub fn learn(ads: &[Evidence], benchmark: &Benchmark, value: ConversionValue) -> Result<Self> {
        benchmark.check()?;
        if let ConversionValue::Fixed(units) = value
            && !(units > 0.0 && units < 1e9)
        {
            return Err(parameter("value per conversion", units, "above 0 and below 1e9"));
        }
        let sum = |field: fn(&Evidence) -> f64| ads.iter().map(field).sum::<f64>();
        let conversions = sum(|e| e.conversions);
        let cvr_mean = (conversions + 50.0 * benchmark.cvr) / (sum(|e| e.effective_clicks) + 50.0);
        let ctr_mean = (sum(|e| e.clicks.min(e.impressions)) + 2000.0 * benchmark.ctr)
            / (sum(|e| e.impressions) + 2000.0);
        let cpc = (sum(|e| e.spend) + 2.0 * benchmark.cpc) / (sum(|e| e.clicks) + 2.0);
        let value_mean = (sum(|e| e.revenue) + 2.0 * benchmark.order_value) / (conversions + 2.0);
        let mut cvr_shape = benchmark.cvr_spread.powi(-2);
        let mut ctr_size = 200.0_f64.max(2.0 / ctr_mean);
        if ads.len() >= Self::MIN_ADS_FOR_SPREAD {
            cvr_shape = 1.0
                / relative_variance(
                    ads.iter().map(|e| (e.conversions, e.effective_clicks)),
                    cvr_mean,
                    benchmark.cvr_spread.powi(2),
                );
            let spread = relative_variance(
                ads.iter().map(|e| (e.clicks.min(e.impressions), e.impressions)),
                ctr_mean,
                0.25,
            );
            ctr_size = (1.0 - ctr_mean) / (ctr_mean * spread) - 1.0;
        }
        let ctr_size = ctr_size.clamp(20.0, 20_000.0);
        Ok(Self {
            ctr_shapes: (ctr_mean * ctr_size, (1.0 - ctr_mean) * ctr_size),
            cvr_shape: cvr_shape.clamp(0.5, 20.0),
            cvr_mean,
            cpc,
            value_shape: 2.0 + benchmark.order_value_spread.powi(-2),
            value_mean,
            order_shape: benchmark.order_spread.powi(-2),
            value,
        })
    }

    /// The prior of an ad of which a model expects a return: its conversion rate is such that the logarithm of the
    /// return has the expected middle and the expected spread before the ad's own figures. Order values stay the account's.
    ///
    /// The logarithms of a gamma variable of shape `a` and of its reciprocal have the variance `ψ'(a)`, which is near
    /// `1/a + 1/2a²`; the shape is kept in 1..=200.
    pub fn expecting(&self, expected: &Estimate) -> Self {
        let (value, value_variance) = match self.value {
            ConversionValue::Observed => (
                self.value_mean * (self.value_shape - 1.0) / exp_digamma(self.value_shape),
                trigamma(self.value_shape),
            ),
            ConversionValue::Fixed(units) => (units, 0.0),
        };
        let variance = (expected.sd.powi(2) - value_variance).max(1e-9);
        let cvr_shape =
            ((1.0 + (1.0 + 2.0 * variance).sqrt()) / (2.0 * variance)).clamp(1.0, 200.0);
        let median_to_mean = cvr_shape / exp_digamma(cvr_shape);
        Self { cvr_shape, cvr_mean: expected.mean * self.cpc / value * median_to_mean, ..*self }
    }
}

/// `exp(ψ(a))` for `a >= 1`, within 2 %.
fn exp_digamma(a: f64) -> f64 {
    a - 0.5 + 1.0 / (24.0 * a)
}

/// `ψ'(a)` for `a >= 1`, within 10 %.
fn trigamma(a: f64) -> f64 {
    1.0 / a + 0.5 / (a * a)
}

/// The variance of rates between ads over their squared mean, in excess of counting noise, with
/// ten pseudo-ads at `expected`.
fn relative_variance(
    ads: impl Iterator<Item = (f64, f64)> + Clone,
    mean: f64,
    expected: f64,
) -> f64 {
    let count = ads.clone().count() as f64;
    let exposure_squared: f64 = ads.clone().map(|(_, n)| n * n).sum();
    let excess: f64 = ads.map(|(x, n)| (x - mean * n).powi(2) - mean * n).sum();
    let pseudo = 10.0 * exposure_squared / count;
    let variance =
        (excess + pseudo * expected * mean * mean) / (exposure_squared + pseudo) / (mean * mean);
    if variance.is_finite() { variance.max(1e-6) } else { expected }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posterior::Stream;

    fn account(shape: f64, ads: usize, clicks: f64) -> Vec<Evidence> {
        (0..ads)
            .map(|i| {
                let mut stream = Stream::new(7, &format!("ad{i}"), 0);
                let rate = 0.03 * stream.gamma(shape) / shape;
                let conversions = stream.poisson(rate * clicks);
                Evidence {
                    spend: clicks,
                    impressions: clicks * 100.0,
                    clicks,
                    effective_clicks: clicks,
                    conversions,
                    revenue: conversions * 80.0,
                }
            })
            .collect()
    }

    #[test]
    fn an_empty_account_has_the_benchmark() {
        let benchmark = Benchmark::default();
        let prior = AccountPrior::learn(&[], &benchmark, ConversionValue::Observed).unwrap();
        assert!((prior.cvr_mean - 0.02).abs() < 1e-12);
        assert!((prior.value_mean - 50.0).abs() < 1e-12);
        assert!((prior.cpc - 1.0).abs() < 1e-12);
        assert!((prior.cvr_shape - 1.0 / 0.3025).abs() < 1e-9);
    }

    #[test]
    fn the_planted_spread_of_conversion_rates_is_found_again() {
        for shape in [1.0, 4.0, 12.0] {
            let ads = account(shape, 2000, 2000.0);
            let prior = AccountPrior::learn(&ads, &Benchmark::default(), ConversionValue::Observed)
                .unwrap();
            assert!((prior.cvr_shape / shape - 1.0).abs() < 0.2, "{shape} {}", prior.cvr_shape);
            assert!((prior.cvr_mean / 0.03 - 1.0).abs() < 0.1);
            assert!((prior.value_mean / 80.0 - 1.0).abs() < 0.01);
        }
    }

    #[test]
    fn an_expected_return_is_nearly_the_median_before_any_figures() {
        use crate::posterior::FunnelPosterior;
        let benchmark = Benchmark::default();
        for value in [ConversionValue::Observed, ConversionValue::Fixed(30.0)] {
            let prior = AccountPrior::learn(&account(4.0, 200, 500.0), &benchmark, value).unwrap();
            for (mean, sd) in [(0.5, 0.4), (2.0, 0.5), (8.0, 0.9)] {
                let own = prior.expecting(&Estimate { mean, sd });
                let roas = FunnelPosterior::new(&Evidence::default(), &own).roas;
                assert!((roas.quantile(0.5) / mean).ln().abs() < 0.15, "{mean} {sd} {roas:?}");
                let spread = (roas.quantile(0.841_345) / roas.quantile(0.158_655)).ln() / 2.0;
                assert!((spread / sd - 1.0).abs() < 0.12, "{spread} for {sd}");
            }
            let sure = prior.expecting(&Estimate { mean: 2.0, sd: 0.0 });
            assert!(sure.cvr_shape == 200.0 && sure.cvr_mean.is_finite());
        }
    }

    #[test]
    fn ads_without_data_leave_a_finite_prior() {
        let ads = vec![Evidence::default(); 50];
        let prior =
            AccountPrior::learn(&ads, &Benchmark::default(), ConversionValue::Observed).unwrap();
        assert!((0.5..=20.0).contains(&prior.cvr_shape));
        assert!(prior.ctr_shapes.0 > 0.0 && prior.ctr_shapes.1.is_finite());
    }

    #[test]
    fn a_benchmark_outside_its_range_is_an_error() {
        let wrong = Benchmark::default().cvr(f64::NAN);
        assert!(AccountPrior::learn(&[], &wrong, ConversionValue::Observed).is_err());
        let fixed = ConversionValue::Fixed(-1.0);
        assert!(AccountPrior::learn(&[], &Benchmark::default(), fixed).is_err());
    }
}
