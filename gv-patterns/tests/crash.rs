//! A process that is killed while it writes loses nothing that it was told is kept, and leaves no half of a
//! batch.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail where they should"
)]

use gv_patterns::store::{Change, Collection, Expect, Filter, open};
use gv_patterns::testing::run_and_kill;
use serde_json::json;
use std::io::Write;
use std::time::Duration;

const KILLS: u64 = 200;
const STORE: &str = "GV_CRASH_TEST_STORE";
const COUNTERS: Collection = Collection::new("counter");

/// Not a test by itself: the process that is killed. Each batch adds two entries and moves a counter; its
/// number is told once it is kept.
#[test]
fn child_writes_until_it_is_killed() {
    let Ok(address) = std::env::var(STORE) else { return };
    let store = open(&address).unwrap();
    store.ensure(&COUNTERS).unwrap();
    let mut out = std::io::stdout();
    loop {
        let found = store.get("counter", "batches").unwrap();
        let (number, expect) = match &found {
            Some(document) => {
                (document.body["n"].as_u64().unwrap() + 1, Expect::Version(document.version))
            }
            None => (1, Expect::Absent),
        };
        store
            .apply(&[
                Change::append("batch", format!("{number}/a"), 0, json!({"n": number})),
                Change::append("batch", format!("{number}/b"), 0, json!({"n": number})),
                Change::put("counter", "batches", expect, json!({"n": number})),
            ])
            .unwrap();
        writeln!(out, "kept {number}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn nothing_kept_is_lost_and_nothing_is_there_by_half() {
    let folder = tempfile::tempdir().unwrap();
    let address = folder.path().join("crash.db").display().to_string();
    let mut kept = 0;
    for kill in 0..KILLS {
        // Before the first batch, in the middle of one, between two: a time that differs with each kill.
        let wait = Duration::from_micros(2_000 + kill * 7_919 % 28_000);
        for line in run_and_kill("child_writes_until_it_is_killed", STORE, &address, wait) {
            if let Some(number) = line.strip_prefix("kept ").and_then(|n| n.parse::<u64>().ok()) {
                kept = kept.max(number);
            }
        }
    }
    assert!(kept > KILLS, "only {kept} batches were written");
    let store = open(&address).unwrap();
    let counted = store.get("counter", "batches").unwrap().unwrap().body["n"].as_u64().unwrap();
    assert!(counted >= kept, "{kept} were told to be kept, {counted} are");
    let mut entries = Vec::new();
    let mut after = 0;
    loop {
        let page = store.read_log("batch", after, 10_000).unwrap();
        let Some(last) = page.last() else { break };
        after = last.sequence;
        entries.extend(page.into_iter().map(|entry| entry.key));
    }
    let expected: Vec<String> =
        (1..=counted).flat_map(|n| [format!("{n}/a"), format!("{n}/b")]).collect();
    assert_eq!(entries, expected, "every batch is there whole, once");
    assert_eq!(store.count("counter", &Filter::new()).unwrap(), 1);
}

/// Not a test by itself: a process that makes a store, which is what a migration does from nothing.
#[test]
fn child_makes_a_store() {
    let Ok(address) = std::env::var(MAKE) else { return };
    let store = open(&address).unwrap();
    store.ensure(&FRUIT).unwrap();
    store.apply(&[Change::append("made", "1", 0, json!({}))]).unwrap();
}

const MAKE: &str = "GV_CRASH_TEST_MAKE";
const FRUIT: Collection = Collection::new("fruit").index(&["kind", "weight"]).text(&["label"]);

#[test]
fn a_migration_that_is_killed_is_done_by_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut unfinished = 0;
    for kill in 0..KILLS {
        let path = folder.path().join(format!("{kill}.db"));
        let address = path.display().to_string();
        let wait = Duration::from_micros(500 + kill * 7_919 % 16_000);
        run_and_kill("child_makes_a_store", MAKE, &address, wait);
        let store = open(&address).unwrap();
        unfinished += usize::from(store.read_log("made", 0, 1).unwrap().is_empty());
        store.ensure(&FRUIT).unwrap();
        let apple = json!({"kind": "apple", "weight": 1, "label": "a red one"});
        store.apply(&[Change::put("fruit", "a", Expect::Absent, apple)]).unwrap();
        assert_eq!(store.search("fruit", "red", 1).unwrap().len(), 1, "kill {kill}");
        assert_eq!(store.count("fruit", &Filter::new()).unwrap(), 1, "kill {kill}");
        drop(store);
        std::fs::remove_file(path).unwrap();
    }
    assert!(unfinished > 10, "only {unfinished} of {KILLS} were killed in time");
}
