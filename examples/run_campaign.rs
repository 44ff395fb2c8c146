//! Variations become ads, ads earn figures, figures move budgets, and losers stop: on a platform in memory.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

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

/// Orders and mean order value of each ad after ten days at 50 a day.
pub const OUTCOMES: [(u64, f64); 6] =
    [(42, 48.0), (18, 52.0), (12, 45.0), (9, 40.0), (2, 30.0), (0, 0.0)];

/// A campaign after its ten days, and what was done about it.
#[derive(Debug)]
pub struct Campaign {
    /// The variations that run, in the order of [`OUTCOMES`].
    pub ads: Vec<CreativeVariation>,
    /// Who gets what.
    pub plan: BudgetPlan,
    /// The change of budgets.
    pub shifted: Run,
    /// The ads to stop.
    pub kills: Vec<KillDecision>,
    /// The stops.
    pub paused: Run,
    /// Where the ads run.
    pub platform: DryRunClient,
    /// What was changed on it.
    pub journal: ChangeJournal,
}

/// Goes from variations over budgets to kills.
///
/// # Errors
///
/// The library's.
pub fn run() -> Result<Campaign, Error> {
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
    let ads = generator.top(&set.variations, OUTCOMES.len());

    let budget = Money::from_cents(5000);
    let states = ads.iter().map(|ad| (ad.id.clone(), AdState::running(budget)));
    let (platform, journal) = (DryRunClient::new(states), ChangeJournal::in_memory());
    let executor = Executor::new(&platform, &journal, Limits::default());

    let figures: Vec<AdPerformance> = ads
        .iter()
        .zip(OUTCOMES)
        .map(|(variation, (conversions, value))| AdPerformance {
            ad_id: variation.id.clone(),
            campaign_id: concept.id.clone(),
            creative_id: variation.variation_hash.clone(),
            spend: 500.0,
            daily_budget: budget.units(),
            impressions: 60_000,
            clicks: 600,
            conversions,
            revenue: conversions as f64 * value,
            hours_active: 240.0,
            ..AdPerformance::default()
        })
        .collect();
    let plan = BudgetOptimizer::new(BudgetOptions::default())?.plan(&figures, None)?;
    let shifts: Vec<Change> = plan
        .recommendations
        .iter()
        .map(|item| Change::budget(&item.ad_id, item.current_budget, item.recommended_budget))
        .collect();
    let shifted = executor.apply(&shifts)?;

    let metrics: Vec<AdMetrics> = figures
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
    let pauses: Vec<Change> = kills.iter().map(|kill| Change::pause(&kill.ad_id)).collect();
    let paused = executor.apply(&pauses)?;
    Ok(Campaign { ads, plan, shifted, kills, paused, platform, journal })
}

fn main() -> Result<(), Error> {
    let campaign = run()?;
    for item in &campaign.plan.recommendations {
        println!("{} to {} a day: {}", item.ad_id, item.recommended_budget, item.reason);
    }
    for kill in &campaign.kills {
        println!("{}", kill.recommendation);
    }
    let running = campaign.platform.states().into_values().filter(|ad| ad.running);
    let running: Money = running.filter_map(|ad| ad.daily_budget).sum();
    println!("{} ads stopped, {running} a day still runs", campaign.kills.len());
    Ok(())
}
