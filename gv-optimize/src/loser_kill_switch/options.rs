//! Thresholds of the kill switch.

use crate::Result;
use crate::error::parameter;
use crate::posterior::{Benchmark, EvidenceOptions};
use serde::{Deserialize, Serialize};

/// How evidence becomes a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KillPolicy {
    /// Stops an ad where its posterior says that it loses money. The most profit.
    #[default]
    Economic,
    /// Stops an ad where an e-process rejects that it is good enough: looked at as often as one
    /// likes, a good ad is stopped with at most `alpha` probability. Slower.
    AnytimeValid,
    /// The specification's five rules on observed ratios, in their order.
    Spec,
}

/// The money an ad would still spend, which a kill saves in part.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlannedSpend {
    /// What is left of the ad's budget; where no budget is known, seven days at the present rate.
    RemainingBudget,
    /// That many days at the present rate, within the budget.
    Days(f64),
}

/// Options of [`LoserKillSwitch`](super::LoserKillSwitch).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct KillOptions {
    /// How evidence becomes a decision. Default: economic.
    pub policy: KillPolicy,
    /// What a conversion may cost, in currency units. Default: 50.
    pub target_cpa: f64,
    /// The return aimed at; with the target cost it gives the expected order value. Default: 2.
    pub target_roas: f64,
    /// The return below which an ad loses money: 1 / margin. Default: 1.
    pub keep_roas: f64,
    /// Probability of losing money from which an ad is stopped. Default: 0.9.
    pub kill_confidence: f64,
    /// Probability from which a rate counts as below its threshold. Default: 0.95.
    pub rate_confidence: f64,
    /// A rate below its threshold stops no ad that loses money with less than this probability.
    /// Default: 0.6.
    pub veto_below: f64,
    /// A paused ad is revived where it loses money with at most this probability. Default: 0.5.
    pub revive_below: f64,
    /// Spend before an ad is judged, in currency units; economic policy. Default: 50.
    pub min_spend: f64,
    /// Hours before an ad is judged; economic policy. Default: 24.
    pub min_hours: f64,
    /// Probability of ever stopping a good ad; anytime-valid policy. Default: 0.05.
    pub alpha: f64,
    /// Click-through rate that is too low. Default: 0.005.
    pub min_ctr: f64,
    /// Impressions before the click-through rate is judged. Default: 1,000.
    pub min_ctr_impressions: u64,
    /// Conversion rate that is too low. Default: 0.005.
    pub min_cvr: f64,
    /// Clicks before the conversion rate is judged. Default: 100.
    pub min_cvr_clicks: u64,
    /// Times the target that a conversion may cost at most. Default: 3.
    pub max_cpa_multiplier: f64,
    /// Conversions before their cost is judged. Default: 3.
    pub min_cpa_conversions: u64,
    /// Observed return that is too low; policy spec. Default: 0.5.
    pub min_roas: f64,
    /// Spend before the return is judged, in currency units; policy spec. Default: 100.
    pub min_roas_spend: f64,
    /// Spend without a conversion that is too much, in currency units. Default: 100.
    pub no_conversion_spend_limit: f64,
    /// Share of its former rate below which an ad has declined. Default: 0.5.
    pub decline_threshold: f64,
    /// Hours without a conversion before a decline is considered. Default: 24.
    pub decline_hours: f64,
    /// Whether an ad whose budget is used up is stopped, not only reported. Default: false.
    pub kill_when_budget_exhausted: bool,
    /// The money that a kill saves. Default: the remaining budget.
    pub planned_spend: PlannedSpend,
    /// Delay of conversions and age of evidence.
    pub evidence: EvidenceOptions,
    /// What is believed before any data; its order value is ignored for `target_cpa ·
    /// target_roas`.
    pub benchmark: Benchmark,
}

impl Default for KillOptions {
    fn default() -> Self {
        Self {
            policy: KillPolicy::default(),
            target_cpa: 50.0,
            target_roas: 2.0,
            keep_roas: 1.0,
            kill_confidence: 0.9,
            rate_confidence: 0.95,
            veto_below: 0.6,
            revive_below: 0.5,
            min_spend: 50.0,
            min_hours: 24.0,
            alpha: 0.05,
            min_ctr: 0.005,
            min_ctr_impressions: 1000,
            min_cvr: 0.005,
            min_cvr_clicks: 100,
            max_cpa_multiplier: 3.0,
            min_cpa_conversions: 3,
            min_roas: 0.5,
            min_roas_spend: 100.0,
            no_conversion_spend_limit: 100.0,
            decline_threshold: 0.5,
            decline_hours: 24.0,
            kill_when_budget_exhausted: false,
            planned_spend: PlannedSpend::RemainingBudget,
            evidence: EvidenceOptions::default(),
            benchmark: Benchmark::default(),
        }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty),* $(,)?) => {
        $($(#[$doc])* pub fn $name(self, $name: $type) -> Self { Self { $name, ..self } })*
    };
}

impl KillOptions {
    setters! {
        /// Sets how evidence becomes a decision.
        policy: KillPolicy,
        /// Sets what a conversion may cost, in currency units.
        target_cpa: f64,
        /// Sets the return aimed at.
        target_roas: f64,
        /// Sets the return below which an ad loses money.
        keep_roas: f64,
        /// Sets the probability from which an ad is stopped.
        kill_confidence: f64,
        /// Sets the probability of ever stopping a good ad.
        alpha: f64,
        /// Sets the spend before an ad is judged, in currency units.
        min_spend: f64,
        /// Sets the hours before an ad is judged.
        min_hours: f64,
        /// Sets whether an ad whose budget is used up is stopped.
        kill_when_budget_exhausted: bool,
        /// Sets the money that a kill saves.
        planned_spend: PlannedSpend,
        /// Sets delay of conversions and age of evidence.
        evidence: EvidenceOptions,
        /// Sets what is believed before any data.
        benchmark: Benchmark,
    }

    /// Checks every option.
    ///
    /// # Errors
    ///
    /// [`InvalidParameter`](crate::Error::InvalidParameter) naming the first option outside its
    /// range: amounts and returns above 0, probabilities inside (0, 1), gates at least 0.
    pub fn check(&self) -> Result<()> {
        for (name, value) in [
            ("target_cpa", self.target_cpa),
            ("target_roas", self.target_roas),
            ("keep_roas", self.keep_roas),
            ("max_cpa_multiplier", self.max_cpa_multiplier),
            ("min_roas", self.min_roas),
        ] {
            if !(value > 0.0 && value < 1e6) {
                return Err(parameter(name, value, "above 0 and below 1e6"));
            }
        }
        for (name, value) in [
            ("kill_confidence", self.kill_confidence),
            ("rate_confidence", self.rate_confidence),
            ("veto_below", self.veto_below),
            ("revive_below", self.revive_below),
            ("alpha", self.alpha),
            ("min_ctr", self.min_ctr),
            ("min_cvr", self.min_cvr),
            ("decline_threshold", self.decline_threshold),
        ] {
            if !(value > 0.0 && value < 1.0) {
                return Err(parameter(name, value, "between 0 and 1, both excluded"));
            }
        }
        for (name, value) in [
            ("min_spend", self.min_spend),
            ("min_hours", self.min_hours),
            ("min_roas_spend", self.min_roas_spend),
            ("no_conversion_spend_limit", self.no_conversion_spend_limit),
            ("decline_hours", self.decline_hours),
        ] {
            if value.is_nan() || value < 0.0 {
                return Err(parameter(name, value, "at least 0"));
            }
        }
        if let PlannedSpend::Days(days) = self.planned_spend
            && !(days > 0.0 && days < 1e5)
        {
            return Err(parameter("planned_spend days", days, "above 0 and below 1e5"));
        }
        if self.revive_below >= self.kill_confidence {
            return Err(parameter("revive_below", self.revive_below, "below kill_confidence"));
        }
        self.evidence.check()?;
        self.benchmark.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_sound_and_wrong_ones_are_named() {
        KillOptions::default().check().unwrap();
        let error = KillOptions::default().target_cpa(f64::NAN).check().unwrap_err();
        assert_eq!(error.to_string(), "target_cpa is NaN, allowed is above 0 and below 1e6");
        assert!(KillOptions::default().alpha(0.0).check().is_err());
        assert!(KillOptions::default().min_spend(-1.0).check().is_err());
        assert!(KillOptions::default().planned_spend(PlannedSpend::Days(0.0)).check().is_err());
    }
}
