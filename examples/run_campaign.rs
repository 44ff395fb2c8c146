//! Variations become ads, ads earn figures, figures move budgets, and losers stop: on a platform in memory.
//!
//! `cargo run --example run_campaign`; `optimise_a_campaign.ipynb` is the same from Python. A
//! [`MetaClient`](geminivideo::optimize::platform::MetaClient) in place of the [`DryRunClient`] makes the changes real.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use geminivideo::optimize::budget_optimizer::{
    AdPerformance, BudgetOptimizer, BudgetOptions, BudgetPlan,
};
use geminivideo::optimize::loser_kill_switch::{
    AdMetrics, KillDecision, KillOptions, LoserKillSwitch,
};
use geminivideo::optimize::platform::{
    AdState, Change, ChangeJournal, DryRunClient, Executor, Limits, Run,
};
use geminivideo::optimize::variation_generator::{
    CreativeConcept, CreativeVariation, VariationGenerator, VariationOptions,
};
use geminivideo::optimize::{Error, Money};

/// Figures after ten days at [`BUDGET`] a day: orders and mean order value of each ad.
pub const OUTCOMES: [(u64, f64); 6] =
    [(42, 48.0), (18, 52.0), (12, 45.0), (9, 40.0), (2, 30.0), (0, 0.0)];
/// The daily budget of every ad at first.
pub const BUDGET: Money = Money::from_cents(5000);

/// Makes fifty variations of an idea and chooses those that run.
///
/// # Errors
///
/// Those of the generator.
pub fn choose() -> Result<Vec<CreativeVariation>, Error> {
    let concept = CreativeConcept {
        id: "concept_001".into(),
        name: "Launch".into(),
        description: "New protein powder".into(),
        target_audience: "athletes".into(),
        industry: "health".into(),
        objective: "conversions".into(),
        product: "ProGain Protein".into(),
        key_benefit: "faster muscle recovery".into(),
        pain_point: "slow recovery after workouts".into(),
        brand_colors: vec!["#FF6B6B".into(), "#4ECDC4".into()],
        tone: "energetic".into(),
        hook_script: "Tired of slow recovery?".into(),
        main_script: "ProGain delivers 30 g of protein.".into(),
        cta_text: "Get 20% Off Today".into(),
        ..CreativeConcept::default()
    };
    let generator = VariationGenerator::new(VariationOptions::default())?;
    let set = generator.generate(&concept, 50)?;
    Ok(generator.top(&set.variations, OUTCOMES.len()))
}

/// What the ads came to.
pub fn figures(chosen: &[CreativeVariation]) -> Vec<AdPerformance> {
    chosen
        .iter()
        .zip(OUTCOMES)
        .map(|(variation, (conversions, value))| AdPerformance {
            ad_id: variation.id.clone(),
            campaign_id: variation.concept_id.clone(),
            spend: 500.0,
            daily_budget: BUDGET.units(),
            impressions: 60_000,
            clicks: 600,
            conversions,
            revenue: conversions as f64 * value,
            hours_active: 240.0,
            ..AdPerformance::default()
        })
        .collect()
}

/// A platform in memory on which the ads run.
pub fn platform(ads: &[AdPerformance]) -> DryRunClient {
    DryRunClient::new(ads.iter().map(|ad| (ad.ad_id.clone(), AdState::running(BUDGET))))
}

/// Plans budgets and changes them on the platform.
///
/// # Errors
///
/// Those of the optimiser and of the journal.
pub fn shift(ads: &[AdPerformance], executor: &Executor) -> Result<(BudgetPlan, Run), Error> {
    let plan = BudgetOptimizer::new(BudgetOptions::default())?.plan(ads, None)?;
    let changes: Vec<Change> = plan
        .recommendations
        .iter()
        .map(|item| Change::budget(&item.ad_id, item.current_budget, item.recommended_budget))
        .collect();
    let run = executor.apply(&changes)?;
    Ok((plan, run))
}

/// Stops the losers on the platform.
///
/// # Errors
///
/// Those of the kill switch and of the journal.
pub fn stop(ads: &[AdPerformance], executor: &Executor) -> Result<(Vec<KillDecision>, Run), Error> {
    let metrics: Vec<AdMetrics> = ads
        .iter()
        .map(|ad| AdMetrics {
            ad_id: ad.ad_id.clone(),
            campaign_id: ad.campaign_id.clone(),
            spend: ad.spend,
            impressions: ad.impressions,
            clicks: ad.clicks,
            conversions: ad.conversions,
            revenue: ad.revenue,
            hours_running: ad.hours_active,
            ..AdMetrics::default()
        })
        .collect();
    // An order brings about 50: at a return of 2 it may cost 25.
    let kills = LoserKillSwitch::new(KillOptions::default().target_cpa(25.0))?;
    let kills = kills.batch_evaluate(&metrics)?;
    let pauses: Vec<Change> = kills.iter().map(|kill| Change::pause(&kill.ad_id)).collect();
    let run = executor.apply(&pauses)?;
    Ok((kills, run))
}

fn main() -> Result<(), Error> {
    let chosen = choose()?;
    for variation in &chosen {
        println!("{}: {} / {}", variation.id, variation.hook, variation.cta);
    }
    let ads = figures(&chosen);
    let (platform, journal) = (platform(&ads), ChangeJournal::in_memory());
    let executor = Executor::new(&platform, &journal, Limits::default());
    let (plan, shifted) = shift(&ads, &executor)?;
    for (item, step) in plan.recommendations.iter().zip(&shifted.steps) {
        println!(
            "{}: {} to {} a day, {}; {:?}",
            item.ad_id, item.current_budget, item.recommended_budget, item.reason, step.outcome
        );
    }
    let (kills, _) = stop(&ads, &executor)?;
    for kill in &kills {
        println!("{}: {}", kill.ad_id, kill.recommendation);
    }
    let running: Money =
        platform.states().values().filter(|ad| ad.running).filter_map(|ad| ad.daily_budget).sum();
    println!("{} ads stopped, {running} a day still runs", kills.len());
    Ok(())
}
