//! From variations over budgets to kills on one platform: the example's steps, and that all of it can be undone.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]
#![allow(dead_code, unreachable_pub, reason = "the example's own entry point is not called here")]

#[path = "../examples/run_campaign.rs"]
mod example;

use example::{BUDGET, choose, figures, shift, stop};
use geminivideo::optimize::Money;
use geminivideo::optimize::platform::{ChangeJournal, Executor, Limits};

#[test]
fn money_leaves_the_losers_before_they_are_stopped_and_all_of_it_can_be_undone() {
    let ads = figures(&choose().unwrap());
    let platform = example::platform(&ads);
    let journal = ChangeJournal::in_memory();
    let executor = Executor::new(&platform, &journal, Limits::default());
    let before = platform.states();
    let budget = |place: usize| platform.states()[&ads[place].ad_id].daily_budget.unwrap();
    let total = || (0..ads.len()).map(budget).sum::<Money>();
    assert_eq!(total(), Money::from_cents(30_000));

    let (plan, shifted) = shift(&ads, &executor).unwrap();
    assert!(shifted.is_clean());
    assert_eq!(total() + plan.unallocated, Money::from_cents(30_000), "to the cent");
    assert!(budget(0) > BUDGET && budget(5) < BUDGET);

    let (kills, paused) = stop(&ads, &executor).unwrap();
    assert!(paused.is_clean());
    let stopped: Vec<&str> = kills.iter().map(|kill| kill.ad_id.as_str()).collect();
    assert!(stopped.contains(&ads[5].ad_id.as_str()) && !stopped.contains(&ads[0].ad_id.as_str()));
    for (id, state) in platform.states() {
        assert_eq!(state.running, !stopped.contains(&id.as_str()), "{id}");
    }

    executor.revert(&paused.run).unwrap();
    executor.revert(&shifted.run).unwrap();
    assert_eq!(platform.states(), before);
}

#[test]
fn the_notebook_comes_to_the_same() {
    let ads = figures(&choose().unwrap());
    let platform = example::platform(&ads);
    let journal = ChangeJournal::in_memory();
    let executor = Executor::new(&platform, &journal, Limits::default());
    shift(&ads, &executor).unwrap();
    stop(&ads, &executor).unwrap();
    let left: Vec<String> = ads
        .iter()
        .map(|ad| (&ad.ad_id, platform.states()[&ad.ad_id].clone()))
        .filter(|(_, state)| state.running)
        .map(|(id, state)| format!("\"{id}\": {}", state.daily_budget.unwrap()))
        .collect();
    let notebook = include_str!("../examples/notebooks/optimise_a_campaign.ipynb");
    let notebook: serde_json::Value = serde_json::from_str(notebook).unwrap();
    let asserted = format!("assert platform.budgets == {{{}}}", left.join(", "));
    let cells = notebook["cells"].as_array().unwrap().iter();
    let lines = cells.flat_map(|cell| cell["source"].as_array().unwrap());
    assert!(
        lines.filter_map(|line| line.as_str()).any(|line| line.trim() == asserted),
        "{asserted}"
    );
}
