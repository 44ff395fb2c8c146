//! A process that is killed while it takes and counts conversions loses none that it acknowledged, and counts none twice.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail where they should"
)]

use gv_optimize::capi_feedback_loop::{CapiFeedbackLoop, FeedbackOptions, InsightRow};
use gv_optimize::prediction_accuracy_tracker::{MetricType, NewPrediction};
use gv_optimize::trainer::BoostedLinear;
use gv_optimize::{FixedClock, Timestamp};
use gv_patterns::store::open;
use gv_patterns::testing::run_and_kill;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

const KILLS: u64 = 200;
const STORE: &str = "GV_INGESTION_TEST_STORE";
const NOW: i64 = 1_800_000_000_000;

fn feedback(address: &str) -> CapiFeedbackLoop {
    let clock = Arc::new(FixedClock(Timestamp(NOW)));
    let trainer = Arc::new(BoostedLinear::default());
    let store = open(address).unwrap();
    CapiFeedbackLoop::with(store, FeedbackOptions::default(), trainer, clock).unwrap()
}

fn purchase(number: usize) -> Value {
    json!({
        "event_id": format!("e{number}"), "event_name": "Purchase", "event_time": NOW / 1000 - 100,
        "custom_data": {"value": 20.0, "currency": "USD", "campaign_id": "c", "creative_id": "k"}
    })
}

/// Not a test by itself: the process that is killed. It takes two events at a time, the second of which it sends again with
/// the next two, and counts them now and then.
#[test]
fn child_takes_conversions_until_it_is_killed() {
    let Ok(address) = std::env::var(STORE) else { return };
    let feedback = feedback(&address);
    let mut out = std::io::stdout();
    let begun = open(&address).unwrap().count_log("capi_event", 0).unwrap() as usize;
    for number in begun.. {
        for outcome in feedback.process_events(&[purchase(number), purchase(number + 1)]).unwrap() {
            outcome.unwrap();
        }
        writeln!(out, "kept {}", number + 1).unwrap();
        out.flush().unwrap();
        if number % 3 == 0 {
            feedback.match_predictions_to_actuals().unwrap();
        }
    }
}

#[test]
fn no_acknowledged_conversion_is_lost_and_none_is_counted_twice() {
    let folder = tempfile::tempdir().unwrap();
    let address = folder.path().join("events.db").display().to_string();
    let before = feedback(&address);
    let prediction = NewPrediction::new("p", "orders", "v1", 10.0, 0.6, MetricType::Conversions)
        .campaign("c")
        .creative("k");
    before.pipeline().tracker().record_prediction(prediction).unwrap();
    let mut row = InsightRow::default();
    (row.campaign_id, row.creative_id) = ("c".into(), "k".into());
    (row.date, row.impressions, row.clicks, row.spend) = ("2026-11-02".into(), 1e6, 1e5, 100.0);
    before.record_insights(&[row]).unwrap();
    drop(before);
    let mut kept = 0;
    for kill in 0..KILLS {
        let wait = Duration::from_micros(6_000 + kill * 7_919 % 24_000);
        for line in
            run_and_kill("child_takes_conversions_until_it_is_killed", STORE, &address, wait)
        {
            let number = line.rsplit_once("kept ").and_then(|(_, n)| n.parse::<usize>().ok());
            kept = kept.max(number.map_or(kept, |number| number + 1));
        }
    }
    assert!(kept as u64 > KILLS / 4, "only {kept} conversions were taken");
    let after = feedback(&address);
    after.match_predictions_to_actuals().unwrap();
    let log = open(&address).unwrap().read_log("capi_event", 0, 10_000_000).unwrap();
    let ids: BTreeSet<&str> =
        log.iter().map(|entry| entry.body["event_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), log.len(), "an event sent again is the same");
    for number in 0..kept {
        assert!(ids.contains(format!("e{number}").as_str()), "e{number} was acknowledged");
    }
    let metrics = after.feedback_metrics().unwrap();
    assert_eq!((metrics.counted_events, metrics.pending_events), (log.len() as u64, 0));
    let history = after.pipeline().tracker().prediction_history(Some("c"), 10).unwrap();
    assert_eq!(history[0].actual_value, Some(log.len() as f64), "each counts once");
}
