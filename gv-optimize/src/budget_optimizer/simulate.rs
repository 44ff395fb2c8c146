//! What the policy would do over the next days, against leaving the budgets as they are.

use super::assess::judge;
use super::recommend::response;
use super::shared::Units;
use super::{AdPerformance, BudgetOptions, BudgetPlan};
use crate::Result;
use crate::error::parameter;
use crate::posterior::{Stream, stream_key};
use serde::Serialize;

/// One day of a projection.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DailyProjection {
    /// 1 for the first day.
    pub day: u32,
    /// Mean return of the day under the policy.
    pub projected_roas: f64,
    /// 10 % and 90 % quantiles.
    pub interval: (f64, f64),
    /// Mean return of the day with the budgets left as they are.
    pub hold_roas: f64,
}

/// A projection over days, as a distribution.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Projection {
    /// Observed revenue per unit spent so far.
    pub current_roas: f64,
    /// Mean return over the days under the policy.
    pub projected_roas_after_optimization: f64,
    /// 10 % and 90 % quantiles.
    pub projected_interval: (f64, f64),
    /// Mean return over the days with the budgets left as they are.
    pub hold_roas: f64,
    /// Mean improvement over holding, in percent; below 0 where the policy does worse.
    pub improvement_percent: f64,
    /// 10 % and 90 % quantiles of the improvement, in percent.
    pub improvement_interval: (f64, f64),
    /// Share of futures in which the policy does worse than holding.
    pub probability_worse: f64,
    /// Day by day.
    pub daily_projections: Vec<DailyProjection>,
    /// Futures drawn.
    pub futures: u32,
}

const FUTURES: u32 = 64;

/// Draws futures from the posterior, lets the policy act every day in each, and compares with
/// holding on the same random numbers.
pub(crate) fn simulate(
    ads: &[AdPerformance],
    days: u32,
    options: &BudgetOptions,
) -> Result<Projection> {
    if !(1..=365).contains(&days) {
        return Err(parameter("days", days, "from 1 to 365"));
    }
    let units = Units::of(ads, options)?;
    let judged = judge(&units.ads, options)?;
    let spend: f64 = judged.iter().map(|j| j.ad.spend).sum();
    let revenue: f64 = judged.iter().map(|j| j.ad.revenue).sum();
    let running: Vec<_> = judged.iter().filter(|j| j.ad.is_running()).collect();
    let keys: Vec<u64> =
        running.iter().map(|j| stream_key(options.seed ^ 0x51D, &j.ad.ad_id)).collect();
    let mut policy_days = vec![Vec::with_capacity(FUTURES as usize); days as usize];
    let mut hold_days = vec![Vec::with_capacity(FUTURES as usize); days as usize];
    let mut totals = Vec::with_capacity(FUTURES as usize);
    for future in 0..FUTURES {
        let truths: Vec<f64> = running
            .iter()
            .zip(&keys)
            .map(|(j, key)| j.roas.sample(&mut Stream::of_key(*key, u64::from(future))))
            .collect();
        let mut state: Vec<AdPerformance> = running.iter().map(|j| j.ad.clone()).collect();
        let mut sums = [[0.0; 2]; 2];
        for day in 0..days {
            let plan = BudgetPlan::make(&state, None, options)?;
            let mut day_sums = [[0.0; 2]; 2];
            for (i, judged) in running.iter().enumerate() {
                let reference = judged.ad.reference_budget();
                let budgets = [plan.budgets[i].budget.units(), judged.ad.daily_budget];
                let index = (u64::from(future) << 32) | u64::from(day) | (1 << 31);
                for (arm, budget) in budgets.into_iter().enumerate() {
                    let expected = truths[i] * response(budget, reference, options.elasticity);
                    let value = order_value(judged.ad, options);
                    let mut stream = Stream::of_key(keys[i], index);
                    let orders = stream.poisson(expected / value);
                    let spread = options.benchmark.order_spread.powi(-2);
                    let earned = if orders > 0.0 {
                        value * stream.gamma(spread * orders) / spread
                    } else {
                        0.0
                    };
                    day_sums[arm][0] += earned;
                    day_sums[arm][1] += budget;
                    if arm == 0 {
                        advance(&mut state[i], budget, orders, earned);
                    }
                }
            }
            let ratio = |sums: [f64; 2]| if sums[1] > 0.0 { sums[0] / sums[1] } else { 0.0 };
            policy_days[day as usize].push(ratio(day_sums[0]));
            hold_days[day as usize].push(ratio(day_sums[1]));
            for arm in 0..2 {
                sums[arm][0] += day_sums[arm][0];
                sums[arm][1] += day_sums[arm][1];
            }
        }
        let ratio = |sums: [f64; 2]| if sums[1] > 0.0 { sums[0] / sums[1] } else { 0.0 };
        totals.push((ratio(sums[0]), ratio(sums[1])));
    }
    let mut policy: Vec<f64> = totals.iter().map(|t| t.0).collect();
    let hold: Vec<f64> = totals.iter().map(|t| t.1).collect();
    let mut gains: Vec<f64> =
        totals.iter().map(|(a, b)| if *b > 0.0 { (a / b - 1.0) * 100.0 } else { 0.0 }).collect();
    let worse = gains.iter().filter(|gain| **gain < 0.0).count();
    let (projected, hold_roas) = (mean(&policy), mean(&hold));
    Ok(Projection {
        current_roas: if spend > 0.0 { revenue / spend } else { 0.0 },
        projected_roas_after_optimization: projected,
        projected_interval: interval(&mut policy),
        hold_roas,
        improvement_percent: if hold_roas > 0.0 {
            (projected / hold_roas - 1.0) * 100.0
        } else {
            0.0
        },
        improvement_interval: interval(&mut gains),
        probability_worse: worse as f64 / f64::from(FUTURES),
        daily_projections: policy_days
            .iter_mut()
            .zip(&hold_days)
            .zip(1..)
            .map(|((policy, hold), day)| DailyProjection {
                day,
                projected_roas: mean(policy),
                interval: interval(policy),
                hold_roas: mean(hold),
            })
            .collect(),
        futures: FUTURES,
    })
}

/// The value of the ad's orders; the benchmark's where there is none.
fn order_value(ad: &AdPerformance, options: &BudgetOptions) -> f64 {
    if let Some(value) = options.value_per_conversion {
        return value;
    }
    let value = ad.revenue / ad.conversions as f64;
    if value > 0.0 && value.is_finite() { value } else { options.benchmark.order_value }
}

/// Adds a day's outcome to an ad's totals, its clicks at the cost and rate seen so far.
fn advance(ad: &mut AdPerformance, budget: f64, orders: f64, earned: f64) {
    let grown = if ad.spend > 0.0 { 1.0 + budget / ad.spend } else { 1.0 };
    let orders = orders as u64;
    ad.clicks = ((ad.clicks as f64 * grown) as u64).max(ad.conversions + orders);
    ad.impressions = ((ad.impressions as f64 * grown) as u64).max(ad.clicks);
    ad.conversions += orders;
    ad.revenue += earned;
    ad.spend += budget;
    ad.hours_active += 24.0;
    ad.budget_24h_ago = Some(ad.daily_budget);
    ad.daily_budget = budget;
    ad.history = None;
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn interval(values: &mut [f64]) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    let at =
        |p: f64| values.get((p * values.len().saturating_sub(1) as f64).round() as usize).copied();
    (at(0.1).unwrap_or(0.0), at(0.9).unwrap_or(0.0))
}
