//! The learning loop from variations to better ones: the example, run.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]
#![allow(dead_code, unreachable_pub, reason = "the example's own entry point is not called here")]

#[path = "../examples/learning_loop.rs"]
mod example;

#[test]
fn what_was_learned_predicts_chooses_and_pays_better() {
    let weeks = example::run().unwrap();
    let mean = |of: fn(&example::Week) -> f64| {
        let last = &weeks[weeks.len() - 4..];
        last.iter().map(of).sum::<f64>() / last.len() as f64
    };
    assert!(weeks[0].version.is_none(), "the first week can only be guessed");
    assert!(weeks.last().unwrap().version.is_some());
    let (learned, guessed) = (mean(|week| week.error), mean(|week| week.guess_error));
    assert!(learned < 0.6 * guessed, "errors of {learned} against {guessed}");
    let (chosen, balanced) = (mean(|week| week.chosen), mean(|week| week.balanced));
    assert!(chosen > 1.15 * balanced, "returns of {chosen} against {balanced}");
    assert!(mean(|week| week.planned) > 1.01, "budgets follow the returns");
}
