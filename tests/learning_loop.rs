//! The learning loop from events to better predictions: the example, run.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]
#![allow(dead_code, unreachable_pub, reason = "the example's own entry point is not called here")]

#[path = "../examples/learning_loop.rs"]
mod example;

#[test]
fn predictions_get_better_than_a_guess_that_never_learns() {
    let weeks = example::run().unwrap();
    let mean = |of: fn(&example::Week) -> f64| {
        let last = &weeks[weeks.len() - 4..];
        last.iter().map(of).sum::<f64>() / last.len() as f64
    };
    assert!(weeks[0].version.is_none(), "the first week can only be guessed");
    assert!(weeks.last().unwrap().version.is_some());
    let (learned, guessed) = (mean(|week| week.error), mean(|week| week.guess_error));
    assert!(learned < 0.6 * guessed, "{learned} against {guessed}");
}
