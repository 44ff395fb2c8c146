//! A process that is killed while it writes loses nothing that it was told is kept, and leaves no half of a
//! batch.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail where they should"
)]

use gv_patterns::store::{Change, Collection, Expect, Filter, open};
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

const KILLS: u64 = 200;
const STORE: &str = "GV_CRASH_TEST_STORE";
const MADE: &str = "GV_CRASH_TEST_MADE";
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

/// Not a test by itself: the process that is killed while it makes a store.
#[test]
fn child_makes_a_store_until_it_is_killed() {
    let Ok(address) = std::env::var(MADE) else { return };
    let mut out = std::io::stdout();
    writeln!(out, "begins").unwrap();
    out.flush().unwrap();
    let store = open(&address).unwrap();
    store.ensure(&COUNTERS).unwrap();
    writeln!(out, "made").unwrap();
    out.flush().unwrap();
    std::thread::sleep(Duration::from_secs(5));
}

#[test]
fn a_store_whose_making_is_cut_off_is_made_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let mut cut_off = 0;
    for kill in 0..KILLS {
        let address = folder.path().join(format!("made-{kill}.db")).display().to_string();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_makes_a_store_until_it_is_killed", "--nocapture"])
            .env(MADE, &address)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut told = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(told.any(|line| line.ends_with("begins")));
        // Making one takes milliseconds: a time within them that differs with each kill.
        std::thread::sleep(Duration::from_micros(kill * 7_919 % 4_000));
        child.kill().unwrap();
        cut_off += u64::from(!told.any(|line| line == "made"));
        child.wait().unwrap();
        let store = open(&address).unwrap();
        store.ensure(&COUNTERS).unwrap();
        store.apply(&[Change::put("counter", "x", Expect::Absent, json!({"n": 1}))]).unwrap();
        assert_eq!(store.count("counter", &Filter::new()).unwrap(), 1, "after kill {kill}");
    }
    assert!(cut_off > KILLS / 20, "only {cut_off} were cut off");
}

#[test]
fn nothing_kept_is_lost_and_nothing_is_there_by_half() {
    let folder = tempfile::tempdir().unwrap();
    let address = folder.path().join("crash.db").display().to_string();
    let mut kept = 0;
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_writes_until_it_is_killed", "--nocapture"])
            .env(STORE, &address)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Before the first batch, in the middle of one, between two: a time that differs with each kill.
        std::thread::sleep(Duration::from_micros(2_000 + kill * 7_919 % 28_000));
        child.kill().unwrap();
        let told = BufReader::new(child.stdout.take().unwrap());
        for line in told.lines().map_while(Result::ok) {
            if let Some(number) = line.strip_prefix("kept ").and_then(|n| n.parse::<u64>().ok()) {
                kept = kept.max(number);
            }
        }
        child.wait().unwrap();
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
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_makes_a_store"])
            .env(MAKE, &path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(500 + kill * 7_919 % 16_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let store = open(&path.display().to_string()).unwrap();
        unfinished += usize::from(store.read_log("made", 0, 1).unwrap().is_empty());
        store.ensure(&FRUIT).unwrap();
        let apple = json!({"kind": "apple", "weight": 1, "label": "a red one"});
        store.apply(&[Change::put("fruit", "a", Expect::Absent, apple)]).unwrap();
        assert_eq!(store.search("fruit", "red", 1).unwrap().len(), 1, "kill {kill}");
        drop(store);
        std::fs::remove_file(path).unwrap();
    }
    assert!(unfinished > 10, "only {unfinished} of {KILLS} were killed in time");
}
