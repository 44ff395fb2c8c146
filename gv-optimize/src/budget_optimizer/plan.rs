//! The plan: who gets what, to the cent.

use super::allocate::{round_to_cents, water_fill, water_fill_from};
use super::assess::{Category, Judged, judge};
use super::bounds::{Bounds, Hold, relax};
use super::recommend::{BudgetRecommendation, rank, recommendation};
use super::shared::Units;
use super::{AdPerformance, BudgetOptions, BudgetPolicy, Impact, Pooling};
use crate::error::parameter;
use crate::posterior::{Stream, stream_key};
use crate::{Money, Result};
use serde::Serialize;
use std::collections::BTreeMap;

/// The budget of one running ad in a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PlannedBudget {
    /// The ad.
    pub ad_id: String,
    /// Other ads that spend from the same budget.
    pub shares_with: Vec<String>,
    /// Its budget before.
    pub current: Money,
    /// Its budget in the plan.
    pub budget: Money,
    /// The lowest it was allowed.
    pub low: Money,
    /// The highest it was allowed.
    pub high: Money,
    /// Why it could not move freely.
    pub hold: Option<Hold>,
}

/// Who gets what.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BudgetPlan {
    /// Every running ad's budget, by id. With `unallocated` they add up to `total` to the cent.
    pub budgets: Vec<PlannedBudget>,
    /// The changes, the most important first.
    pub recommendations: Vec<BudgetRecommendation>,
    /// Money to share out per day.
    pub total: Money,
    /// Money that no ad may take.
    pub unallocated: Money,
    /// Why money is left, or which gates gave way.
    pub notes: Vec<String>,
    /// What the changes are expected to bring.
    pub expected_impact: Impact,
}

/// One pool's solution in the order of its ads.
struct Solution {
    budgets: Vec<f64>,
    water_level: f64,
}

impl BudgetPlan {
    pub(crate) fn make(
        ads: &[AdPerformance],
        total: Option<f64>,
        options: &BudgetOptions,
    ) -> Result<Self> {
        let units = Units::of(ads, options)?;
        let mut judged = judge(&units.ads, options)?;
        for unit in &mut judged {
            unit.issues.extend_from_slice(units.issues(&unit.ad.ad_id));
        }
        let running: Vec<&Judged<'_>> = judged.iter().filter(|j| j.ad.is_running()).collect();
        let bounds = |level| {
            running.iter().map(|j| Bounds::of(j, level, options)).collect::<Result<Vec<_>>>()
        };
        let mut bounds = {
            let first = bounds(None)?;
            let level = marginal_of_the_whole(&running, &first, options);
            bounds(Some(level))?
        };
        let current: Money = bounds.iter().map(|b| b.current).sum();
        let total = match total {
            None => current,
            Some(units) => Money::from_units(units)
                .filter(|money| *money > Money::ZERO)
                .ok_or_else(|| parameter("total_daily_budget", units, "above 0, at most 1e10"))?,
        };
        let hour = ads.iter().map(|ad| ad.hours_active).fold(0.0, f64::max) as u64;
        let pools = pools_of(&running, &bounds, total, current, options.pooling);
        let mut budgets: Vec<Money> = bounds.iter().map(|b| b.current).collect();
        let mut levels = vec![0.0; running.len()];
        let mut notes = Vec::new();
        let mut unallocated = total - pools.iter().map(|(_, _, share)| *share).sum();
        for (name, members, share) in &pools {
            let mut pool_bounds: Vec<Bounds> = members.iter().map(|i| bounds[*i]).collect();
            let suffix =
                if name.is_empty() { String::new() } else { format!(" in campaign {name}") };
            for text in relax(&mut pool_bounds, *share, &suffix)? {
                notes.push(format!("{text}{suffix}"));
            }
            let pool_ads: Vec<&Judged<'_>> = members.iter().map(|i| running[*i]).collect();
            let solution = match options.policy {
                BudgetPolicy::Posterior => {
                    posterior(&pool_ads, &pool_bounds, *share, hour, options)
                }
                BudgetPolicy::Spec => spec(&pool_ads, &pool_bounds, *share, options),
            };
            let final_budgets = settle(&solution.budgets, &pool_bounds, *share, options);
            let left = *share - final_budgets.iter().copied().sum();
            if left > Money::ZERO {
                unallocated += left;
                notes.push(format!(
                    "{left} a day is left{suffix}: every budget is at the most that its evidence \
                     and the {:.0} % rule allow",
                    options.max_increase_percent
                ));
            }
            for (place, member) in members.iter().enumerate() {
                budgets[*member] = final_budgets[place];
                levels[*member] = solution.water_level;
                bounds[*member] = pool_bounds[place];
            }
        }
        let mut recommendations: Vec<BudgetRecommendation> = (0..running.len())
            .filter(|i| budgets[*i] != bounds[*i].current)
            .map(|i| recommendation(running[i], &bounds[i], budgets[i], levels[i], options))
            .collect();
        rank(&mut recommendations);
        let expected_impact = Impact::of(&recommendations);
        Ok(Self {
            budgets: (0..running.len())
                .map(|i| PlannedBudget {
                    ad_id: running[i].ad.ad_id.clone(),
                    shares_with: running[i].ad.shares_with.clone(),
                    current: bounds[i].current,
                    budget: budgets[i],
                    low: bounds[i].low,
                    high: bounds[i].high,
                    hold: bounds[i].hold,
                })
                .collect(),
            recommendations,
            total,
            unallocated,
            notes,
            expected_impact,
        })
    }
}

/// What the last unit brings where the budgets of all ads may move between their floors and their
/// highest.
fn marginal_of_the_whole(
    running: &[&Judged<'_>],
    bounds: &[Bounds],
    options: &BudgetOptions,
) -> f64 {
    let open: Vec<Bounds> = bounds
        .iter()
        .map(|bound| match bound.hold {
            Some(Hold::TooFewConversions) => Bounds { low: bound.floor, ..*bound },
            _ => *bound,
        })
        .collect();
    let total = bounds.iter().map(|b| b.current).sum();
    let greedy = BudgetOptions { exploration: 0.0, ..options.clone() };
    posterior(running, &open, total, 0, &greedy).water_level
}

/// Groups running ads and shares the total between the groups by their present budgets.
fn pools_of(
    running: &[&Judged<'_>],
    bounds: &[Bounds],
    total: Money,
    current: Money,
    pooling: Pooling,
) -> Vec<(String, Vec<usize>, Money)> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, judged) in running.iter().enumerate() {
        let key = match pooling {
            Pooling::Account => "",
            Pooling::Campaign => judged.ad.campaign_id.as_str(),
        };
        groups.entry(key).or_default().push(i);
    }
    let present: Vec<f64> = groups
        .values()
        .map(|members| members.iter().map(|i| bounds[*i].current).sum::<Money>().units())
        .collect();
    let scale = if current > Money::ZERO { total.units() / current.units() } else { 0.0 };
    let wanted: Vec<f64> = present.iter().map(|units| units * scale).collect();
    let shares = round_to_cents(
        &wanted,
        &vec![Money::ZERO; wanted.len()],
        &vec![total; wanted.len()],
        total,
    );
    groups
        .into_iter()
        .zip(shares)
        .map(|((name, members), share)| (name.to_owned(), members, share))
        .collect()
}

/// Most expected revenue, mixed with the mean over Thompson draws.
fn posterior(
    ads: &[&Judged<'_>],
    bounds: &[Bounds],
    total: Money,
    hour: u64,
    options: &BudgetOptions,
) -> Solution {
    let power = 1.0 / (1.0 - options.elasticity);
    let low: Vec<f64> = bounds.iter().map(|b| b.low.units()).collect();
    let high: Vec<f64> = bounds.iter().map(|b| b.high.units()).collect();
    let reference: Vec<f64> = ads.iter().map(|j| j.ad.reference_budget()).collect();
    let weigh = |returns: &[f64], weights: &mut Vec<f64>| {
        let best = returns.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        weights.clear();
        weights.extend(
            returns.iter().zip(&reference).map(|(r, b)| b * ((r / best).ln() * power).exp()),
        );
        best
    };
    let mut weights = Vec::with_capacity(ads.len());
    let mut budgets = Vec::with_capacity(ads.len());
    let means: Vec<f64> = ads.iter().map(|j| j.roas.mean()).collect();
    let best = weigh(&means, &mut weights);
    let t = water_fill(&weights, &low, &high, total.units(), &mut budgets);
    let water_level = options.elasticity * best * t.powf(options.elasticity - 1.0);
    let draws = affordable_draws(options.draws, ads.len());
    if options.exploration > 0.0 && draws > 0 {
        let keys: Vec<u64> = ads.iter().map(|j| stream_key(options.seed, &j.ad.ad_id)).collect();
        let mut explored = vec![0.0; ads.len()];
        let mut sampled = vec![0.0; ads.len()];
        let mut shares = Vec::with_capacity(ads.len());
        let mut start = t;
        for draw in 0..draws {
            let index = hour.wrapping_mul(1 << 16).wrapping_add(u64::from(draw));
            for (i, judged) in ads.iter().enumerate() {
                sampled[i] = judged.roas.sample(&mut Stream::of_key(keys[i], index));
            }
            weigh(&sampled, &mut weights);
            start = water_fill_from(Some(start), &weights, &low, &high, total.units(), &mut shares);
            explored.iter_mut().zip(&shares).for_each(|(sum, share)| *sum += share);
        }
        for (budget, sum) in budgets.iter_mut().zip(explored) {
            *budget = (1.0 - options.exploration) * *budget
                + options.exploration * sum / f64::from(draws);
        }
    }
    Solution { budgets, water_level }
}

/// The draws that a call affords: as asked for up to 3,300 ads, fewer beyond, at least 4.
fn affordable_draws(asked: u32, ads: usize) -> u32 {
    let affordable = 80_000 / ads.max(1);
    asked.min(u32::try_from(affordable).unwrap_or(u32::MAX).max(4))
}

/// The specification's rule: +50 % from the scaling threshold, +25 % from the target, -50 % below
/// the least return; the raised and cut budgets are then brought to the total in proportion.
fn spec(ads: &[&Judged<'_>], bounds: &[Bounds], total: Money, options: &BudgetOptions) -> Solution {
    let wanted: Vec<f64> = ads
        .iter()
        .zip(bounds)
        .map(|(judged, bound)| {
            let current = bound.current.units();
            if bound.hold.is_some() {
                return current;
            }
            match judged.category {
                Category::Winners => current * (1.0 + options.max_increase_percent / 100.0),
                Category::Stable => current * (1.0 + options.max_increase_percent / 200.0),
                Category::Losers => current * (1.0 - options.max_decrease_percent / 100.0),
                Category::Underperforming | Category::Learning => current,
            }
        })
        .collect();
    let low: Vec<f64> = bounds.iter().map(|b| b.low.units()).collect();
    let high: Vec<f64> = bounds.iter().map(|b| b.high.units()).collect();
    let mut budgets = Vec::with_capacity(ads.len());
    water_fill(&wanted, &low, &high, total.units(), &mut budgets);
    let returns: Vec<f64> = ads.iter().map(|j| j.roas.mean()).collect();
    let water_level = returns.iter().sum::<f64>() / returns.len().max(1) as f64;
    Solution { budgets, water_level: options.elasticity * water_level }
}

/// Drops changes too small to be worth one, brings the rest to the total again, rounds to cents.
fn settle(wanted: &[f64], bounds: &[Bounds], total: Money, options: &BudgetOptions) -> Vec<Money> {
    let mut low: Vec<Money> = bounds.iter().map(|b| b.low).collect();
    let mut high: Vec<Money> = bounds.iter().map(|b| b.high).collect();
    let mut shares = wanted.to_vec();
    for _ in 0..4 {
        let (mut next_low, mut next_high) = (low.clone(), high.clone());
        for (i, bound) in bounds.iter().enumerate() {
            let current = bound.current.units();
            let change = (shares[i] - current).abs();
            let small = change < options.min_change
                || change < current * options.min_change_percent / 100.0;
            if small && bound.low <= bound.current && bound.high >= bound.current {
                next_low[i] = bound.current;
                next_high[i] = bound.current;
            }
        }
        let (least, most): (Money, Money) =
            (next_low.iter().copied().sum(), next_high.iter().copied().sum());
        let bounds_changed = next_low != low || next_high != high;
        if !bounds_changed || total < least || total > most {
            break;
        }
        (low, high) = (next_low, next_high);
        let units = |amounts: &[Money]| amounts.iter().map(|m| m.units()).collect::<Vec<_>>();
        water_fill(wanted, &units(&low), &units(&high), total.units(), &mut shares);
    }
    round_to_cents(&shares, &low, &high, total)
}
