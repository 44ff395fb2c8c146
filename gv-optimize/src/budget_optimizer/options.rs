//! Rules of the budget optimiser.

use crate::Result;
use crate::error::parameter;
use crate::posterior::{Benchmark, EvidenceOptions};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How budgets are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetPolicy {
    /// Most expected revenue under the posterior, with a share for exploration.
    #[default]
    Posterior,
    /// The specification's thresholds on the observed return.
    Spec,
}

/// Between which ads money may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    /// Between all.
    #[default]
    Account,
    /// Only inside a campaign.
    Campaign,
}

/// Options of [`BudgetOptimizer`](super::BudgetOptimizer).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BudgetOptions {
    /// How budgets are chosen. Default: posterior.
    pub policy: BudgetPolicy,
    /// The return aimed at. Default: 2.
    pub target_roas: f64,
    /// The return below which an ad loses. Default: 1.
    pub min_roas: f64,
    /// The return from which the specification's rule raises a budget most. Default: 3.
    pub scale_roas: f64,
    /// Spend before a budget changes, in currency units. Default: 50.
    pub min_spend: f64,
    /// Conversions before a budget rises; also before it falls, unless the ad probably loses
    /// money. Default: 5.
    pub min_conversions: u64,
    /// Hours before a budget changes. Default: 24.
    pub learning_hours: f64,
    /// Most that a budget rises at once, in percent. Default: 50.
    pub max_increase_percent: f64,
    /// Most that a budget falls at once, in percent. Default: 50.
    pub max_decrease_percent: f64,
    /// Factor by which a budget rises or falls at most within 24 hours. Default: 4.
    pub max_daily_factor: f64,
    /// Smallest daily budget, in currency units. Default: 10.
    pub min_budget: f64,
    /// Probability of losing money from which an ad without conversions may be cut, and from which
    /// it is called a loser. Default: 0.8.
    pub loser_confidence: f64,
    /// Probability of reaching the target from which an ad is called a winner. Default: 0.8.
    pub winner_confidence: f64,
    /// Exponent of revenue over budget: 1 means no diminishing returns. Default: 0.8.
    pub elasticity: f64,
    /// Share of the choice that is left to Thompson draws. Default: 0.3.
    pub exploration: f64,
    /// Thompson draws; at most 80,000 / ads, but 4. Default: 24.
    pub draws: u32,
    /// Changes below this percentage are dropped. Default: 5.
    pub min_change_percent: f64,
    /// Changes below this amount are dropped, in currency units. Default: 1.
    pub min_change: f64,
    /// Between which ads money may move. Default: all.
    pub pooling: Pooling,
    /// Ads whose budgets stay.
    pub locked: BTreeSet<String>,
    /// What a conversion is worth in an account that reports no revenue, in currency units; where
    /// not given, so much that the account as a whole just reaches the target.
    pub value_per_conversion: Option<f64>,
    /// Seed of the draws. Default: 0.
    pub seed: u64,
    /// Delay of conversions and age of evidence.
    pub evidence: EvidenceOptions,
    /// What is believed before any data.
    pub benchmark: Benchmark,
}

impl Default for BudgetOptions {
    fn default() -> Self {
        Self {
            policy: BudgetPolicy::default(),
            target_roas: 2.0,
            min_roas: 1.0,
            scale_roas: 3.0,
            min_spend: 50.0,
            min_conversions: 5,
            learning_hours: 24.0,
            max_increase_percent: 50.0,
            max_decrease_percent: 50.0,
            max_daily_factor: 4.0,
            min_budget: 10.0,
            loser_confidence: 0.8,
            winner_confidence: 0.8,
            elasticity: 0.8,
            exploration: 0.3,
            draws: 24,
            min_change_percent: 5.0,
            min_change: 1.0,
            pooling: Pooling::default(),
            locked: BTreeSet::new(),
            value_per_conversion: None,
            seed: 0,
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

impl BudgetOptions {
    setters! {
        /// Sets how budgets are chosen.
        policy: BudgetPolicy,
        /// Sets the return aimed at.
        target_roas: f64,
        /// Sets the most that a budget rises at once, in percent.
        max_increase_percent: f64,
        /// Sets the most that a budget falls at once, in percent.
        max_decrease_percent: f64,
        /// Sets the smallest daily budget, in currency units.
        min_budget: f64,
        /// Sets the exponent of revenue over budget.
        elasticity: f64,
        /// Sets the share of the choice that is left to Thompson draws.
        exploration: f64,
        /// Sets between which ads money may move.
        pooling: Pooling,
        /// Sets the ads whose budgets stay.
        locked: BTreeSet<String>,
        /// Sets what a conversion is worth where no revenue is reported, in currency units.
        value_per_conversion: Option<f64>,
        /// Sets the seed of the draws.
        seed: u64,
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
    /// range.
    pub fn check(&self) -> Result<()> {
        let rules: [(&'static str, f64, std::ops::RangeInclusive<f64>, &'static str); 16] = [
            ("target_roas", self.target_roas, 1e-6..=1e6, "from 1e-6 to 1e6"),
            ("min_roas", self.min_roas, 1e-6..=1e6, "from 1e-6 to 1e6"),
            ("scale_roas", self.scale_roas, 1e-6..=1e6, "from 1e-6 to 1e6"),
            ("min_spend", self.min_spend, 0.0..=1e10, "from 0 to 1e10"),
            ("learning_hours", self.learning_hours, 0.0..=1e7, "from 0 to 1e7"),
            ("max_increase_percent", self.max_increase_percent, 0.0..=1e4, "from 0 to 10000"),
            ("max_decrease_percent", self.max_decrease_percent, 0.0..=100.0, "from 0 to 100"),
            ("max_daily_factor", self.max_daily_factor, 1.0..=1e6, "from 1 to 1e6"),
            ("min_budget", self.min_budget, 0.01..=1e9, "from 0.01 to 1e9"),
            ("loser_confidence", self.loser_confidence, 0.5..=0.9999, "from 0.5 to 0.9999"),
            ("winner_confidence", self.winner_confidence, 0.5..=0.9999, "from 0.5 to 0.9999"),
            ("elasticity", self.elasticity, 0.1..=0.99, "from 0.1 to 0.99"),
            ("exploration", self.exploration, 0.0..=1.0, "from 0 to 1"),
            ("draws", f64::from(self.draws), 0.0..=10_000.0, "from 0 to 10000"),
            ("min_change_percent", self.min_change_percent, 0.0..=100.0, "from 0 to 100"),
            ("min_change", self.min_change, 0.0..=1e9, "from 0 to 1e9"),
        ];
        for (name, value, range, allowed) in rules {
            if !range.contains(&value) {
                return Err(parameter(name, value, allowed));
            }
        }
        if let Some(value) = self.value_per_conversion
            && !(value > 0.0 && value < 1e9)
        {
            return Err(parameter("value_per_conversion", value, "above 0 and below 1e9"));
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
        BudgetOptions::default().check().unwrap();
        for wrong in [
            BudgetOptions::default().target_roas(f64::NAN),
            BudgetOptions::default().max_decrease_percent(101.0),
            BudgetOptions::default().elasticity(1.0),
            BudgetOptions::default().exploration(-0.1),
            BudgetOptions::default().value_per_conversion(Some(0.0)),
        ] {
            assert!(wrong.check().is_err());
        }
    }
}
