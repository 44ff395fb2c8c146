//! Kill policies side by side.

use super::campaign::Campaign;
use super::world::{Truth, World, draw_truths};
use crate::Result;
use crate::clock::{FixedClock, Timestamp};
use crate::loser_kill_switch::{AdMetrics, KillOptions, KillPolicy, LoserKillSwitch};
use crate::posterior::{Benchmark, EvidenceOptions};
use serde::Serialize;
use std::sync::Arc;

/// What a kill policy did to a population of ads.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct KillOutcome {
    /// Ads.
    pub ads: usize,
    /// Ads whose true return is at least 1.
    pub good: usize,
    /// Of those, killed.
    pub good_killed: usize,
    /// Ads whose true return is at least 2.
    pub very_good: usize,
    /// Of those, killed.
    pub very_good_killed: usize,
    /// Ads whose true return is below 0.5.
    pub bad: usize,
    /// Of those, killed.
    pub bad_killed: usize,
    /// Money spent on the bad ads that were killed, in currency units.
    pub bad_waste: f64,
    /// Expected revenue less spend of all ads, in currency units.
    pub net_profit: f64,
    /// Confidence and truth of the reason of each kill.
    pub stated: Vec<(f64, bool)>,
    /// Probability of losing money and whether that is true, of each ad after three days.
    pub beliefs: Vec<(f64, bool)>,
}

/// A population of ads at 50 a day for 14 days.
pub fn kill_world(median_roas: f64, ads: usize) -> World {
    World { name: format!("median return {median_roas}"), ads, median_roas, ..World::steady() }
}

fn metrics(campaign: &Campaign, ads: &[usize]) -> Vec<AdMetrics> {
    ads.iter()
        .map(|i| {
            let ad = &campaign.ads()[*i];
            AdMetrics {
                ad_id: ad.ad_id.clone(),
                spend: ad.spend,
                impressions: ad.impressions,
                clicks: ad.clicks,
                conversions: ad.conversions,
                revenue: ad.revenue,
                hours_running: ad.hours_active,
                ..AdMetrics::default()
            }
        })
        .collect()
}

/// Options that know the population's delay, with the target that its order value implies.
pub fn kill_options(policy: KillPolicy) -> KillOptions {
    KillOptions::default()
        .policy(policy)
        .target_cpa(25.0)
        .target_roas(2.0)
        .evidence(EvidenceOptions::default())
        .benchmark(Benchmark::default().cvr(0.03))
}

/// Runs a kill policy, looking every `every` hours; `None` never kills.
///
/// The switch learns the account from 300 other ads of the same population.
///
/// # Errors
///
/// As [`LoserKillSwitch::batch_evaluate`].
pub fn run_kills(
    world: &World,
    seed: u64,
    options: Option<KillOptions>,
    every: u32,
) -> Result<KillOutcome> {
    let mut campaign = Campaign::new(world, seed);
    let mut switch = None;
    if let Some(options) = options {
        let mut built =
            LoserKillSwitch::new(options)?.with_clock(Arc::new(FixedClock(Timestamp::default())));
        let past_world = World { ads: 300, days: 7, ..world.clone() };
        let mut past = Campaign::new(&past_world, seed ^ 0xFACE);
        past.run(&vec![world.daily_budget; 300], 168);
        built.learn_account(&metrics(&past, &(0..300).collect::<Vec<_>>()))?;
        switch = Some(built);
    }
    let mut outcome = KillOutcome { ads: world.ads, ..KillOutcome::default() };
    let budgets = vec![world.daily_budget; world.ads];
    while !campaign.is_over() {
        campaign.run(&budgets, every);
        let Some(switch) = &switch else { continue };
        let running: Vec<usize> = (0..world.ads).filter(|i| !campaign.is_stopped(*i)).collect();
        let seen = metrics(&campaign, &running);
        if campaign.hour() == 72 {
            for (decision, i) in switch.evaluate_all(&seen)?.iter().zip(&running) {
                let loses = campaign.truths()[*i].roas() < 1.0;
                outcome.beliefs.push((decision.probability_unprofitable, loses));
            }
        }
        for kill in switch.batch_evaluate(&seen)? {
            let Some(i) = running.iter().copied().find(|i| campaign.ads()[*i].ad_id == kill.ad_id)
            else {
                continue;
            };
            let truth = campaign.truths()[i];
            let holds = kill.reason.is_some_and(|reason| is_true(reason, &truth, switch.options()));
            outcome.stated.push((kill.confidence, holds));
            campaign.stop(i);
        }
    }
    for i in 0..world.ads {
        let roas = campaign.truths()[i].roas();
        let killed = usize::from(campaign.is_stopped(i));
        let spend = campaign.ads()[i].spend;
        outcome.net_profit += campaign.expected_revenue_of(i) - spend;
        if roas >= 1.0 {
            outcome.good += 1;
            outcome.good_killed += killed;
        }
        if roas >= 2.0 {
            outcome.very_good += 1;
            outcome.very_good_killed += killed;
        }
        if roas < 0.5 {
            outcome.bad += 1;
            outcome.bad_killed += killed;
            outcome.bad_waste += if killed == 1 { spend } else { 0.0 };
        }
    }
    Ok(outcome)
}

fn is_true(
    reason: crate::loser_kill_switch::KillReason,
    truth: &Truth,
    options: &KillOptions,
) -> bool {
    use crate::loser_kill_switch::KillReason as R;
    match reason {
        R::LowCtr => truth.ctr < options.min_ctr,
        R::LowCvr => truth.cvr < options.min_cvr,
        R::HighCpa => truth.cpc / truth.cvr > options.max_cpa_multiplier * options.target_cpa,
        R::NegativeRoas if options.policy == KillPolicy::Spec => truth.roas() < options.min_roas,
        R::NegativeRoas | R::NoConversions => truth.roas() < options.keep_roas,
        R::DecliningPerformance => false,
        R::BudgetExhausted | R::Manual => true,
    }
}

/// The share of ads exactly at every threshold of [`KillPolicy::AnytimeValid`] that it ever stops
/// under hourly looks.
///
/// # Errors
///
/// As [`LoserKillSwitch::batch_evaluate`].
pub fn error_at_the_edge(ads: usize, seed: u64) -> Result<f64> {
    let world = kill_world(1.0, ads);
    let mut options = kill_options(KillPolicy::AnytimeValid);
    options.min_ctr = 0.01;
    options.min_cvr = 0.02;
    let edge = Truth { ctr: 0.01, cvr: 0.02, order_value: 50.0, cpc: 1.0, dies: false };
    let mut campaign = Campaign::with_truths(&world, seed, vec![edge; ads]);
    let switch = LoserKillSwitch::new(options)?;
    let budgets = vec![world.daily_budget; ads];
    let mut stopped = 0;
    while !campaign.is_over() {
        campaign.run(&budgets, 1);
        let running: Vec<usize> = (0..ads).filter(|i| !campaign.is_stopped(*i)).collect();
        for kill in switch.batch_evaluate(&metrics(&campaign, &running))? {
            if let Some(i) =
                running.iter().copied().find(|i| campaign.ads()[*i].ad_id == kill.ad_id)
            {
                campaign.stop(i);
                stopped += 1;
            }
        }
    }
    Ok(f64::from(stopped) / ads as f64)
}

/// Draws the truths of a population without running it.
pub fn truths(world: &World, seed: u64) -> Vec<Truth> {
    draw_truths(world, seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_economic_policy_earns_more_than_never_killing_and_the_literal_rules_among_poor_ads() {
        let world = kill_world(0.6, 200);
        let economic = run_kills(&world, 1, Some(kill_options(KillPolicy::Economic)), 6).unwrap();
        let never = run_kills(&world, 1, None, 6).unwrap();
        assert!(economic.net_profit > never.net_profit);
        assert!(economic.bad_killed * 10 > economic.bad * 8, "{economic:?}");
        let literal = run_kills(&world, 1, Some(kill_options(KillPolicy::Spec)), 6).unwrap();
        assert!(economic.net_profit > literal.net_profit);
    }

    #[test]
    fn anytime_valid_stops_few_ads_at_the_edge_under_hourly_looks() {
        let share = error_at_the_edge(200, 5).unwrap();
        assert!(share <= 0.05, "{share}");
    }
}
