//! Variations become ads, ads earn figures, figures move budgets, and losers stop: on a platform in memory.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use geminivideo::optimize::budget_optimizer::{AdPerformance, BudgetOptimizer, BudgetOptions};
use geminivideo::optimize::loser_kill_switch::{AdMetrics, KillOptions, LoserKillSwitch};
use geminivideo::optimize::platform::{
    AdState, Change, ChangeJournal, DryRunClient, Executor, Limits,
};
use geminivideo::optimize::variation_generator::{
    CreativeConcept, VariationGenerator, VariationOptions,
};
use geminivideo::optimize::{Error, Money};

/// Figures after ten days at 50 a day: orders and mean order value of each ad.
const OUTCOMES: [(u64, f64); 6] =
    [(42, 48.0), (18, 52.0), (12, 45.0), (9, 40.0), (2, 30.0), (0, 0.0)];

fn main() -> Result<(), Error> {
    let concept = CreativeConcept {
        id: "concept_001".into(),
        product: "ProGain Protein".into(),
        key_benefit: "faster muscle recovery".into(),
        pain_point: "slow recovery after workouts".into(),
        hook_script: "Tired of slow recovery?".into(),
        cta_text: "Get 20% Off Today".into(),
        ..CreativeConcept::default()
    };
    let generator = VariationGenerator::new(VariationOptions::default())?;
    let set = generator.generate(&concept, 50)?;
    let chosen = generator.top(&set.variations, OUTCOMES.len());
    println!("{} variations, {} of them run as ads", set.variations.len(), chosen.len());

    let ads: Vec<AdPerformance> = chosen
        .iter()
        .zip(OUTCOMES)
        .map(|(variation, (conversions, value))| AdPerformance {
            ad_id: variation.id.clone(),
            campaign_id: concept.id.clone(),
            creative_id: variation.variation_hash.clone(),
            spend: 500.0,
            daily_budget: 50.0,
            impressions: 60_000,
            clicks: 600,
            conversions,
            revenue: conversions as f64 * value,
            hours_active: 240.0,
            ..AdPerformance::default()
        })
        .collect();
    let states = ads.iter().map(|ad| (ad.ad_id.clone(), AdState::running(Money::from_cents(5000))));
    let (platform, journal) = (DryRunClient::new(states), ChangeJournal::in_memory());
    let executor = Executor::new(&platform, &journal, Limits::default());

    let plan = BudgetOptimizer::new(BudgetOptions::default())?.plan(&ads, None)?;
    let shifts: Vec<Change> = plan
        .recommendations
        .iter()
        .map(|item| Change::budget(&item.ad_id, item.current_budget, item.recommended_budget))
        .collect();
    for step in executor.apply(&shifts)?.steps {
        println!("{}: {:?}, {:?}", step.ad_id, step.target, step.outcome);
    }

    let metrics: Vec<AdMetrics> = ads
        .iter()
        .map(|ad| AdMetrics {
            ad_id: ad.ad_id.clone(),
            spend: ad.spend,
            impressions: ad.impressions,
            clicks: ad.clicks,
            conversions: ad.conversions,
            revenue: ad.revenue,
            hours_running: ad.hours_active,
            ..AdMetrics::default()
        })
        .collect();
    let kills = LoserKillSwitch::new(KillOptions::default())?.batch_evaluate(&metrics)?;
    for kill in &kills {
        println!("{}: {}", kill.ad_id, kill.recommendation);
    }
    let pauses: Vec<Change> = kills.iter().map(|kill| Change::pause(&kill.ad_id)).collect();
    executor.apply(&pauses)?;

    let running: Money =
        platform.states().values().filter(|ad| ad.running).filter_map(|ad| ad.daily_budget).sum();
    println!("{} ads stopped, {running} a day still runs", kills.len());
    Ok(())
}
