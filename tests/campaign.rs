//! From variations over budgets to kills, on one platform, as one pipeline: the example, run.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]
#![allow(dead_code, unreachable_pub, reason = "the example's own entry point is not called here")]

#[path = "../examples/run_campaign.rs"]
mod example;

use example::OUTCOMES;
use geminivideo::optimize::Money;
use geminivideo::optimize::platform::{AdState, Executor, Limits};

#[test]
fn money_leaves_the_losers_before_they_are_stopped_and_all_of_it_can_be_undone() {
    let campaign = example::run().unwrap();
    assert!(campaign.shifted.is_clean() && campaign.paused.is_clean());
    let states = campaign.platform.states();
    let before = Money::from_cents(5000);
    let total: Money = states.values().filter_map(|ad| ad.daily_budget).sum();
    let given: Money = OUTCOMES.iter().map(|_| before).sum();
    assert_eq!(total + campaign.plan.unallocated, given, "to the cent");
    let state = |place: usize| &states[&campaign.ads[place].id];
    assert!(state(0).daily_budget.unwrap() > before && state(0).running);
    let last = OUTCOMES.len() - 1;
    assert!(state(last).daily_budget.unwrap() < before && !state(last).running);
    assert!(campaign.kills.iter().all(|kill| kill.waste_prevented > 0.0));

    let executor = Executor::new(&campaign.platform, &campaign.journal, Limits::default());
    executor.revert(&campaign.paused.run).unwrap();
    executor.revert(&campaign.shifted.run).unwrap();
    let as_before = |state: &AdState| state.running && state.daily_budget == Some(before);
    assert!(campaign.platform.states().values().all(as_before));
}
