//! The state of an account at a glance.

use super::assess::{Category, Judged};
use super::bounds::Bounds;
use super::recommend::response;
use super::{BudgetOptions, BudgetPlan};
use crate::Result;
use serde::Serialize;

/// How many ads are in which group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Distribution {
    /// Very probably reach the target.
    pub winners: usize,
    /// Rather reach the target.
    pub stable: usize,
    /// Rather miss the target.
    pub underperforming: usize,
    /// Very probably lose money.
    pub losers: usize,
    /// Too young to say.
    pub learning: usize,
}

/// The state of an account.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OptimizationReport {
    /// Revenue per unit spent, over all ads; 0 where nothing was spent.
    pub overall_roas: f64,
    /// Money spent, in currency units.
    pub total_spend: f64,
    /// Revenue, in currency units.
    pub total_revenue: f64,
    /// Ads given.
    pub ad_count: usize,
    /// Ads in each group.
    pub distribution: Distribution,
    /// Expected loss per day of the losers at their present spend, in currency units.
    pub potential_savings: f64,
    /// 10 % and 90 % quantiles of that loss, losers taken as sure together.
    pub potential_savings_interval: (f64, f64),
    /// Expected revenue per day, less its cost, that the winners would add if each rose as far as
    /// one shift allows, in currency units.
    pub scaling_opportunity: f64,
    /// Changes that the plan recommends.
    pub recommendations_count: usize,
}

impl OptimizationReport {
    pub(crate) fn new(
        judged: &[Judged<'_>],
        plan: &BudgetPlan,
        options: &BudgetOptions,
    ) -> Result<Self> {
        let total_spend: f64 = judged.iter().map(|j| j.ad.spend).sum();
        let total_revenue: f64 = judged.iter().map(|j| j.ad.revenue).sum();
        let mut distribution = Distribution::default();
        let mut savings = (0.0, 0.0, 0.0);
        let mut scaling_opportunity = 0.0;
        for item in judged {
            *match item.category {
                Category::Winners => &mut distribution.winners,
                Category::Stable => &mut distribution.stable,
                Category::Underperforming => &mut distribution.underperforming,
                Category::Losers => &mut distribution.losers,
                Category::Learning => &mut distribution.learning,
            } += 1;
            if !item.ad.is_running() {
                continue;
            }
            let lost = |r: f64| item.ad.daily_spend() * (options.min_roas - r).max(0.0);
            if item.category == Category::Losers {
                savings.0 += item.ad.daily_spend() * item.roas.expected_shortfall(options.min_roas);
                savings.1 += lost(item.roas.quantile(0.9));
                savings.2 += lost(item.roas.quantile(0.1));
            }
            if item.category == Category::Winners {
                let bounds = Bounds::of(item, None, options)?;
                let (now, most) = (bounds.current.units(), bounds.high.units());
                let reference = item.ad.reference_budget();
                let more = response(most, reference, options.elasticity)
                    - response(now, reference, options.elasticity);
                scaling_opportunity += (item.roas.mean() * more - (most - now)).max(0.0);
            }
        }
        Ok(Self {
            overall_roas: if total_spend > 0.0 { total_revenue / total_spend } else { 0.0 },
            total_spend,
            total_revenue,
            ad_count: judged.len(),
            distribution,
            potential_savings: savings.0,
            potential_savings_interval: (savings.1, savings.2),
            scaling_opportunity,
            recommendations_count: plan.recommendations.len(),
        })
    }
}
