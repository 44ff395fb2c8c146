//! Moves budget from ads that lose to ads that earn, no further than the evidence carries.
//!
//! Revenue of an ad at a daily budget `b` is `ROAS · b_ref · (b / b_ref)^g`; the expected total is
//! maximised within bounds on every ad, exactly, and rounded to cents that add up exactly. A share
//! of the choice follows Thompson draws.
//!
//! # Examples
//!
//! ```
//! use gv_optimize::budget_optimizer::{AdPerformance, BudgetOptimizer, BudgetOptions};
//!
//! let ad = |id: &str, conversions, revenue| AdPerformance {
//!     ad_id: id.into(),
//!     spend: 500.0,
//!     daily_budget: 50.0,
//!     impressions: 50_000,
//!     clicks: 600,
//!     conversions,
//!     revenue,
//!     hours_active: 240.0,
//!     ..AdPerformance::default()
//! };
//! let ads = [ad("good", 40, 2000.0), ad("bad", 6, 150.0)];
//! let plan = BudgetOptimizer::new(BudgetOptions::default())?.plan(&ads, None)?;
//! assert_eq!(plan.recommendations.len(), 2);
//! assert_eq!(plan.budgets.iter().map(|b| b.budget.cents()).sum::<i64>(), 10_000);
//! # Ok::<(), gv_optimize::Error>(())
//! ```

mod ad;
mod allocate;
mod assess;
mod bounds;
mod options;
mod plan;
mod recommend;
mod report;
mod shared;
mod simulate;

pub use ad::{AdPerformance, AdStatus, EXPECTED_SD};
pub use allocate::{round_to_cents, water_fill};
pub use assess::{AdAssessment, Category};
pub use bounds::Hold;
pub use options::{BudgetOptions, BudgetPolicy, Pooling};
pub use plan::{BudgetPlan, PlannedBudget};
pub use recommend::{BudgetRecommendation, Impact};
pub use report::{Distribution, OptimizationReport};
pub use simulate::{DailyProjection, Projection};

use crate::Result;

/// Judges ads and plans their budgets.
#[derive(Debug, Clone)]
pub struct BudgetOptimizer {
    options: BudgetOptions,
}

impl BudgetOptimizer {
    /// Takes its rules.
    ///
    /// # Errors
    ///
    /// As [`BudgetOptions::check`].
    pub fn new(options: BudgetOptions) -> Result<Self> {
        options.check()?;
        Ok(Self { options })
    }

    /// The rules.
    pub fn options(&self) -> &BudgetOptions {
        &self.options
    }

    /// Judges each ad against the account; by id.
    ///
    /// # Errors
    ///
    /// [`InvalidAd`](crate::Error::InvalidAd) where a figure cannot be true,
    /// [`DuplicateAd`](crate::Error::DuplicateAd) where an id is given twice.
    pub fn assess(&self, ads: &[AdPerformance]) -> Result<Vec<AdAssessment>> {
        Ok(assess::judge(ads, &self.options)?.iter().map(assess::Judged::assessment).collect())
    }

    /// Plans the running ads' daily budgets so that they add up to `total_daily_budget` currency
    /// units, the sum of their present ones where not given.
    ///
    /// Ads that share a budget, by [`budget_owner`](AdPerformance::budget_owner), are one row of the plan.
    /// Ads with too little evidence keep theirs, one with contradictory counts too; a total lower
    /// than that allows cuts them after all and says so. What no ad may take is left
    /// [`unallocated`](BudgetPlan::unallocated). No ads give an empty plan.
    ///
    /// # Errors
    ///
    /// As [`assess`](Self::assess); [`InvalidParameter`](crate::Error::InvalidParameter) for a
    /// total that is not above 0; [`BudgetBelowMinimums`](crate::Error::BudgetBelowMinimums).
    pub fn plan(
        &self,
        ads: &[AdPerformance],
        total_daily_budget: Option<f64>,
    ) -> Result<BudgetPlan> {
        BudgetPlan::make(ads, total_daily_budget, &self.options)
    }

    /// Sums up the account.
    ///
    /// # Errors
    ///
    /// As [`assess`](Self::assess).
    pub fn report(&self, ads: &[AdPerformance]) -> Result<OptimizationReport> {
        let plan = self.plan(ads, None)?;
        OptimizationReport::new(&assess::judge(ads, &self.options)?, &plan, &self.options)
    }

    /// Projects the next days: futures drawn from the posterior, in each of which the policy acts
    /// every day on what it would see, against holding on the same random numbers. It may say that
    /// the policy does worse.
    ///
    /// Ads that share a budget are put together. Assumes that true returns stay as they are and that conversions are reported at once.
    ///
    /// # Errors
    ///
    /// As [`assess`](Self::assess); [`InvalidParameter`](crate::Error::InvalidParameter) unless
    /// `days` is from 1 to 365.
    pub fn simulate(&self, ads: &[AdPerformance], days: u32) -> Result<Projection> {
        simulate::simulate(ads, days, &self.options)
    }
}

#[cfg(test)]
mod tests;
