//! Changes, their reasons and what they are expected to bring.

use super::assess::Judged;
use super::bounds::Bounds;
use super::{AdPerformance, BudgetOptions};
use crate::Money;
use crate::loser_kill_switch::percent;
use crate::posterior::RoasPosterior;
use serde::Serialize;

/// A change of one ad's budget.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BudgetRecommendation {
    /// The ad.
    pub ad_id: String,
    /// Other ads that spend from the same budget.
    pub shares_with: Vec<String>,
    /// Its daily budget now.
    pub current_budget: Money,
    /// The daily budget recommended.
    pub recommended_budget: Money,
    /// The difference.
    pub change_amount: Money,
    /// The difference in percent of the present budget.
    pub change_percent: f64,
    /// Why, in a sentence.
    pub reason: String,
    /// Posterior probability that the change goes in the right direction: that the ad's next unit
    /// brings more (for a rise) or less (for a cut) than the last unit brings across its pool.
    pub confidence: f64,
    /// 1 for the changes that bring the first half of the plan's gain, 2 up to 80 %, then 3.
    pub priority: u8,
    /// Expected revenue gained per day beyond what the moved money brings elsewhere at the margin,
    /// in currency units.
    pub expected_gain: f64,
    /// Expected change of revenue per day, in currency units.
    pub expected_revenue_change: f64,
    /// Standard deviation of that change.
    pub revenue_change_sd: f64,
    /// Loss per day that a cut avoids, in currency units; 0 for a rise.
    pub expected_savings: f64,
    /// Expected revenue per day at the present budget, in currency units.
    pub expected_revenue: f64,
}

/// What a list of changes is expected to bring per day.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Impact {
    /// Expected change of the changed ads' return, in percent of their present one.
    pub estimated_roas_improvement: f64,
    /// Loss avoided by cuts, in currency units per day.
    pub estimated_daily_savings: f64,
    /// Expected change of revenue, in currency units per day.
    pub revenue_change: f64,
    /// 10 % and 90 % quantiles of the change of revenue, ads taken as independent.
    pub revenue_change_interval: (f64, f64),
    /// Change of spend, in currency units per day.
    pub spend_change: f64,
}

impl BudgetRecommendation {
    /// Makes a change of one's own, in currency units, expected to bring nothing until
    /// [`with_expectation`](Self::with_expectation) says otherwise.
    ///
    /// # Errors
    ///
    /// [`InvalidAd`](crate::Error::InvalidAd) where a budget is negative, not finite or above 1e10.
    pub fn from_units(ad_id: &str, current: f64, recommended: f64) -> crate::Result<Self> {
        crate::counts::amount(ad_id, "current_budget", current)?;
        crate::counts::amount(ad_id, "recommended_budget", recommended)?;
        let cents = |units: f64| Money::from_units(units).unwrap_or(Money::ZERO);
        let change = cents(recommended) - cents(current);
        Ok(Self {
            ad_id: ad_id.to_owned(),
            shares_with: Vec::new(),
            current_budget: cents(current),
            recommended_budget: cents(recommended),
            change_amount: change,
            change_percent: if current > 0.0 { change.units() / current * 100.0 } else { 0.0 },
            reason: "asked for".to_owned(),
            confidence: 0.5,
            priority: 3,
            expected_gain: 0.0,
            expected_revenue_change: 0.0,
            revenue_change_sd: 0.0,
            expected_savings: 0.0,
            expected_revenue: 0.0,
        })
    }

    /// Sets what the change is expected to bring per day, in currency units.
    pub fn with_expectation(
        self,
        revenue: f64,
        revenue_change: f64,
        revenue_change_sd: f64,
        savings: f64,
    ) -> Self {
        Self {
            expected_revenue: revenue,
            expected_revenue_change: revenue_change,
            revenue_change_sd,
            expected_savings: savings,
            ..self
        }
    }
}

impl Impact {
    /// The money that recommendations move: the larger of what is cut and what is added.
    pub fn shifted(recommendations: &[BudgetRecommendation]) -> Money {
        let sum = |rises: bool| -> Money {
            recommendations
                .iter()
                .map(|r| r.change_amount)
                .filter(|change| (*change > Money::ZERO) == rises)
                .map(Money::abs)
                .sum()
        };
        sum(true).max(sum(false))
    }

    /// Sums up recommendations.
    pub fn of(recommendations: &[BudgetRecommendation]) -> Self {
        let sum = |f: fn(&BudgetRecommendation) -> f64| recommendations.iter().map(f).sum::<f64>();
        let revenue_change = sum(|r| r.expected_revenue_change);
        let sd = sum(|r| r.revenue_change_sd.powi(2)).sqrt();
        let (revenue, spend) = (sum(|r| r.expected_revenue), sum(|r| r.current_budget.units()));
        let spend_change = sum(|r| r.change_amount.units());
        let before = revenue / spend;
        let after = (revenue + revenue_change) / (spend + spend_change);
        let improvement = (after / before - 1.0) * 100.0;
        Self {
            estimated_roas_improvement: if improvement.is_finite() { improvement } else { 0.0 },
            estimated_daily_savings: sum(|r| r.expected_savings),
            revenue_change,
            revenue_change_interval: (
                revenue_change - 1.281_551_565_545 * sd,
                revenue_change + 1.281_551_565_545 * sd,
            ),
            spend_change,
        }
    }
}

/// Expected revenue of a day at `budget`, per unit of true return.
pub(crate) fn response(budget: f64, reference: f64, elasticity: f64) -> f64 {
    reference * (budget / reference).powf(elasticity)
}

/// What the next unit at `budget` brings, per unit of true return.
pub(crate) fn marginal_per_roas(ad: &AdPerformance, budget: f64, elasticity: f64) -> f64 {
    elasticity * (ad.reference_budget() / budget).powf(1.0 - elasticity)
}

pub(crate) fn recommendation(
    judged: &Judged<'_>,
    bounds: &Bounds,
    budget: Money,
    water_level: f64,
    options: &BudgetOptions,
) -> BudgetRecommendation {
    let ad = judged.ad;
    let roas = &judged.roas;
    let g = options.elasticity;
    let reference = ad.reference_budget();
    let current = bounds.current.units();
    let change = budget - bounds.current;
    let at = |units: f64| response(units, reference, g);
    let revenue_per_roas = at(budget.units()) - at(current);
    let expected_revenue_change = roas.mean() * revenue_per_roas;
    let marginal_per_roas = marginal_per_roas(ad, current, g);
    let threshold = water_level / marginal_per_roas;
    let rises = change > Money::ZERO;
    let confidence =
        if rises { roas.probability_above(threshold) } else { roas.probability_below(threshold) };
    BudgetRecommendation {
        ad_id: ad.ad_id.clone(),
        shares_with: ad.shares_with.clone(),
        current_budget: bounds.current,
        recommended_budget: budget,
        change_amount: change,
        change_percent: change.units() / current * 100.0,
        reason: reason(judged, rises, roas.mean() * marginal_per_roas, water_level, options),
        confidence,
        priority: 3,
        expected_gain: expected_revenue_change - water_level * change.units(),
        expected_revenue_change,
        revenue_change_sd: standard_deviation(roas) * revenue_per_roas.abs(),
        expected_savings: if rises {
            0.0
        } else {
            change.abs().units() * roas.expected_shortfall(options.min_roas)
        },
        expected_revenue: roas.mean() * at(current),
    }
}

fn standard_deviation(roas: &RoasPosterior) -> f64 {
    let a = roas.rate_shape;
    let variance = match roas.value_shape {
        Some(p) => a * (a + p - 1.0) / ((p - 2.0) * (p - 1.0).powi(2)),
        None => a,
    };
    roas.scale * variance.sqrt()
}

fn reason(
    judged: &Judged<'_>,
    rises: bool,
    marginal: f64,
    water_level: f64,
    options: &BudgetOptions,
) -> String {
    let ad = judged.ad;
    let (low, high) = (judged.roas.quantile(0.1), judged.roas.quantile(0.9));
    let returns = format!(
        "{} conversions for {:.2} spent; the true return is about {:.2} (80 % interval {low:.2} \
         to {high:.2})",
        ad.conversions,
        ad.spend,
        judged.roas.mean()
    );
    if rises {
        format!(
            "{returns}, and the next unit brings about {marginal:.2}, more than the {water_level:.2} \
             it brings elsewhere"
        )
    } else if judged.below_min >= options.loser_confidence {
        format!(
            "{returns}; it returns less than {:.2} with a probability of {}",
            options.min_roas,
            percent(judged.below_min)
        )
    } else {
        format!(
            "{returns}, and its last unit brings about {marginal:.2}, less than the \
             {water_level:.2} it brings elsewhere"
        )
    }
}

/// Sets priorities by each change's part in the gain, then sorts: priority first, then the largest
/// change, then by id.
pub(crate) fn rank(recommendations: &mut [BudgetRecommendation]) {
    let gain = |r: &BudgetRecommendation| r.expected_gain.max(0.0);
    let total: f64 = recommendations.iter().map(gain).sum();
    recommendations
        .sort_by(|a, b| b.expected_gain.total_cmp(&a.expected_gain).then(a.ad_id.cmp(&b.ad_id)));
    let mut before = 0.0;
    for item in recommendations.iter_mut() {
        item.priority = if before < 0.5 * total {
            1
        } else if before < 0.8 * total {
            2
        } else {
            3
        };
        before += gain(item);
    }
    recommendations.sort_by(|a, b| {
        a.priority
            .cmp(&b.priority)
            .then(b.change_amount.abs().cmp(&a.change_amount.abs()))
            .then(a.ad_id.cmp(&b.ad_id))
    });
}
