//! From conversions over patterns to better predictions, in one store: the example, run.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]
#![allow(dead_code, unreachable_pub, reason = "the example's own entry point is not called here")]

#[path = "../examples/data_flow.rs"]
mod example;

use example::{CREATIVES, TARGET, WEEKS};
use geminivideo::optimize::prediction_accuracy_tracker::PredictionAccuracyTracker;
use geminivideo::patterns::store::open;
use geminivideo::patterns::winning_patterns_db::{PatternQuery, WinningPatternsDB};
use std::sync::Arc;

#[test]
fn what_was_earned_is_kept_and_makes_the_next_predictions_better() {
    let folder = tempfile::tempdir().unwrap();
    let address = folder.path().join("flow.db").display().to_string();
    let weeks = example::run(&open(&address).unwrap()).unwrap();
    assert!(weeks[0].version.is_none() && weeks.iter().any(|week| week.promoted), "{weeks:?}");
    let last = weeks.last().unwrap();
    assert!(last.version.is_some() && last.error < 0.6 * weeks[0].error, "{weeks:?}");

    // Another process that opens the file finds all of it.
    let store = open(&address).unwrap();
    let patterns = WinningPatternsDB::new(Arc::clone(&store)).unwrap();
    let mut query = PatternQuery { limit: 1000, ..PatternQuery::default() };
    let winners = patterns.find_patterns(&query).unwrap();
    assert!(winners.iter().all(|pattern| pattern.estimated_roas >= TARGET));
    assert_eq!(winners[0].hook_pattern.hook_type, "question");
    query.include_losers = true;
    assert_eq!(patterns.find_patterns(&query).unwrap().len() as u64, WEEKS * CREATIVES);

    let tracker = PredictionAccuracyTracker::new(store).unwrap();
    let history = tracker.prediction_history(None, 10_000).unwrap();
    assert_eq!(history.len() as u64, WEEKS * CREATIVES);
    let matched = history.iter().filter(|record| record.actual_value.is_some()).count() as u64;
    assert!(matched >= (WEEKS - 1) * CREATIVES, "{matched} of {} are matched", history.len());
}
