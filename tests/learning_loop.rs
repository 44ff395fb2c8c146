//! The learning loop from variations over budgets and conversions to better predictions: the example, run.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]
#![allow(dead_code, unreachable_pub, reason = "the example's own entry point is not called here")]

#[path = "../examples/learning_loop.rs"]
mod example;

#[test]
fn what_is_learned_predicts_chooses_and_pays_better_than_what_never_learns() {
    let weeks = example::run().unwrap();
    assert!(weeks[0].version.is_none(), "the first week can only be guessed");
    assert!((weeks[0].chosen - weeks[0].balanced).abs() < 1e-12, "and its variations are balanced");
    assert!((weeks[0].planned - weeks[0].unaided).abs() < 1e-12, "and nothing is expected of them");
    let last = &weeks[weeks.len() - 4..];
    assert!(last.iter().all(|week| week.version.as_ref().is_some_and(|version| version != "v1")));
    let mean =
        |of: &dyn Fn(&example::Week) -> f64| last.iter().map(of).sum::<f64>() / last.len() as f64;
    let (learned, guessed) = (mean(&|week| week.error), mean(&|week| week.guess_error));
    assert!(learned < 0.5 * guessed, "error {learned}, of the guess {guessed}");
    let first = mean(&|week| week.first_error.unwrap());
    assert!(learned < 0.75 * first, "error {learned}, of the first version {first}");
    let (chosen, balanced) = (mean(&|week| week.chosen), mean(&|week| week.balanced));
    assert!(chosen > 1.3 * balanced, "return {chosen}, of balanced variations {balanced}");
    let (planned, unaided) = (mean(&|week| week.planned), mean(&|week| week.unaided));
    assert!(planned > unaided + 0.01, "revenue {planned}, planned without the model {unaided}");
    assert!(unaided > 1.0, "revenue {unaided} of that of equal budgets");
}
