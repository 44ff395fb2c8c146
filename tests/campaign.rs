//! From variations over budgets to kills, on one platform, as one pipeline.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]

use geminivideo::optimize::Money;
use geminivideo::optimize::budget_optimizer::{AdPerformance, BudgetOptimizer, BudgetOptions};
use geminivideo::optimize::loser_kill_switch::{AdMetrics, KillOptions, LoserKillSwitch};
use geminivideo::optimize::platform::{
    AdState, Change, ChangeJournal, DryRunClient, Executor, Limits,
};
use geminivideo::optimize::variation_generator::{
    CreativeConcept, VariationGenerator, VariationOptions,
};

#[test]
fn money_leaves_the_losers_before_they_are_stopped_and_all_of_it_can_be_undone() {
    let concept = CreativeConcept {
        id: "c".into(),
        product: "Cup".into(),
        hook_script: "Cold coffee?".into(),
        cta_text: "Buy".into(),
        ..CreativeConcept::default()
    };
    let generator = VariationGenerator::new(VariationOptions::default()).unwrap();
    let set = generator.generate(&concept, 12).unwrap();
    let ads: Vec<AdPerformance> = set
        .variations
        .iter()
        .zip([45_u64, 40, 30, 22, 20, 15, 12, 10, 8, 6, 1, 0])
        .map(|(variation, conversions)| AdPerformance {
            ad_id: variation.id.clone(),
            spend: 500.0,
            daily_budget: 50.0,
            impressions: 60_000,
            clicks: 600,
            conversions,
            revenue: conversions as f64 * 40.0,
            hours_active: 240.0,
            ..AdPerformance::default()
        })
        .collect();
    let states = ads.iter().map(|ad| (ad.ad_id.clone(), AdState::running(Money::from_cents(5000))));
    let (platform, journal) = (DryRunClient::new(states), ChangeJournal::in_memory());
    let executor = Executor::new(&platform, &journal, Limits::default());
    let before = platform.states();
    let total = |platform: &DryRunClient| -> Money {
        platform.states().values().filter_map(|ad| ad.daily_budget).sum()
    };

    let plan = BudgetOptimizer::new(BudgetOptions::default()).unwrap().plan(&ads, None).unwrap();
    let shifts: Vec<Change> = plan
        .recommendations
        .iter()
        .map(|item| Change::budget(&item.ad_id, item.current_budget, item.recommended_budget))
        .collect();
    let shifted = executor.apply(&shifts).unwrap();
    assert!(shifted.is_clean());
    assert_eq!(total(&platform) + plan.unallocated, Money::from_cents(60_000));
    let budget = |ad: &AdPerformance| platform.states()[&ad.ad_id].daily_budget.unwrap();
    assert!(budget(&ads[0]) > Money::from_cents(5000));
    assert!(budget(&ads[11]) < Money::from_cents(5000));

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
    let kills = LoserKillSwitch::new(KillOptions::default()).unwrap();
    let kills = kills.batch_evaluate(&metrics).unwrap();
    let pauses: Vec<Change> = kills.iter().map(|kill| Change::pause(&kill.ad_id)).collect();
    let paused = executor.apply(&pauses).unwrap();
    assert!(paused.is_clean());
    assert!(!platform.states()[&ads[11].ad_id].running);
    assert!(platform.states()[&ads[0].ad_id].running);

    executor.revert(&paused.run).unwrap();
    executor.revert(&shifted.run).unwrap();
    assert_eq!(platform.states(), before);
}
