//! What goes wrong with a store's file: each time a typed error, and nothing half-written.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail where they should"
)]

use gv_patterns::Error;
use gv_patterns::store::{Applied, Change, Collection, Expect, Filter, Sqlite, Store, open};
use serde_json::json;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

const THINGS: Collection = Collection::new("thing").index(&["n"]).text(&["label"]);
const STORE: &str = "GV_FAULT_TEST_STORE";
const WRITER: &str = "GV_FAULT_TEST_WRITER";
const BATCHES: u64 = 150;

fn thing(n: u64) -> Change {
    Change::append("thing_log", format!("{n}"), 0, json!({"n": n, "text": "x".repeat(2000)}))
}

/// The keys of a log, in order.
fn keys(store: &dyn Store, log: &str) -> Vec<String> {
    let (mut keys, mut after) = (Vec::new(), 0);
    loop {
        let page = store.read_log(log, after, 1000).unwrap();
        let Some(last) = page.last() else { return keys };
        after = last.sequence;
        keys.extend(page.into_iter().map(|entry| entry.key));
    }
}

#[test]
fn a_full_disk_is_an_error_and_what_was_kept_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("full.db");
    let store = Sqlite::open(&path).unwrap();
    store.limit_pages(60).unwrap();
    let mut kept = 0;
    let error = loop {
        match store.apply(&[thing(2 * kept), thing(2 * kept + 1)]) {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
        assert!(kept < 1000, "the disk is full before that");
    };
    assert!(matches!(error, Error::Unusable { transient: false, .. }), "{error}");
    assert!(error.to_string().contains("full"), "{error}");
    assert_eq!(keys(&store, "thing_log").len() as u64, 2 * kept, "no half of a batch");
    store.limit_pages(100_000).unwrap();
    store.apply(&[thing(2 * kept), thing(2 * kept + 1)]).unwrap();
    drop(store);
    let again = Sqlite::open(&path).unwrap();
    assert_eq!(keys(&again, "thing_log").len() as u64, 2 * kept + 2);
}

#[test]
#[cfg(unix)]
fn a_file_that_may_not_grow_is_an_error_and_what_was_kept_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("limited.db");
    drop(Sqlite::open(&path).unwrap());
    let limited = format!("trap '' XFSZ; ulimit -f 400; exec \"$0\" --exact {CHILD} --nocapture");
    let output = Command::new("sh")
        .args(["-c", &limited])
        .arg(std::env::current_exe().unwrap())
        .env(STORE, &path)
        .env(WRITER, "a")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let kept = told.lines().filter(|line| line.contains("kept ")).count();
    assert!(told.contains("ended by Unusable"), "{told}");
    assert!(kept > 0 && (kept as u64) < BATCHES, "{kept} batches");
    let store = Sqlite::open(&path).unwrap();
    let found = keys(&store, "thing_log");
    assert!(found.len() >= 2 * kept && found.len().is_multiple_of(2), "{} of {kept}", found.len());
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    for place in ["/proc/geminivideo/store.db", "/dev/null/store.db"] {
        if !Path::new("/proc").is_dir() {
            return;
        }
        let error = open(place).unwrap_err();
        assert!(matches!(error, Error::Unusable { .. }), "{error}");
        assert!(error.to_string().contains(place), "{error}");
    }
}

#[test]
#[cfg(unix)]
fn a_read_only_folder_is_an_error_unless_one_is_root() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let locked = folder.path().join("locked");
    std::fs::create_dir(&locked).unwrap();
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o555)).unwrap();
    match Sqlite::open(&locked.join("store.db")) {
        Ok(_) => println!("skipped: this user may write everywhere"),
        Err(error) => {
            assert!(matches!(error, Error::Unusable { .. }), "{error}");
            assert_eq!(std::fs::read_dir(&locked).unwrap().count(), 0);
        }
    }
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_damaged_file_is_named_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.db");
    let store = Sqlite::open(&path).unwrap();
    store.apply(&(0..400).map(thing).collect::<Vec<_>>()).unwrap();
    drop(store);
    let mut bytes = std::fs::read(&path).unwrap();
    let length = bytes.len();
    for byte in &mut bytes[length / 2..] {
        *byte ^= 0x5a;
    }
    std::fs::write(&path, &bytes).unwrap();
    let store = Sqlite::open(&path).unwrap();
    let read = || -> Result<(), Error> {
        let (mut after, mut more) = (0, true);
        while more {
            let page = store.read_log("thing_log", after, 50)?;
            more = !page.is_empty();
            after = page.last().map_or(after, |entry| entry.sequence);
        }
        Ok(())
    };
    let error = read().unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    drop(store);
    assert_eq!(std::fs::read(&path).unwrap(), bytes, "reading repairs nothing");
}

const CHILD: &str = "child_writes_its_batches";

/// Not a test by itself: a process that writes.
#[test]
fn child_writes_its_batches() {
    let (Ok(path), Ok(writer)) = (std::env::var(STORE), std::env::var(WRITER)) else { return };
    let store = open(&path).unwrap();
    store.ensure(&THINGS).unwrap();
    for batch in 0..BATCHES {
        let entry = |half: &str| {
            let text = "y".repeat(1500);
            Change::append("thing_log", format!("{writer}/{batch}/{half}"), 0, json!({"t": text}))
        };
        let counter = store.get("thing", "counter").unwrap();
        let (n, expect) = match &counter {
            Some(found) => (found.body["n"].as_u64().unwrap(), Expect::Version(found.version)),
            None => (0, Expect::Absent),
        };
        let put = Change::put("thing", "counter", expect, json!({"n": n + 1, "label": "count"}));
        match store.apply(&[entry("a"), entry("b"), put]) {
            Ok(_) => println!("kept {batch}"),
            Err(Error::Conflict { .. }) => {
                store.apply(&[entry("a"), entry("b")]).unwrap();
                println!("kept {batch}, conflict");
            }
            Err(error) => {
                let shown = format!("{error:?}");
                println!("ended by {}", shown.split(' ').next().unwrap());
                return;
            }
        }
    }
}

#[test]
fn two_processes_that_write_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shared.db");
    let writers: Vec<_> = ["a", "b", "c"]
        .map(|writer| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", CHILD, "--nocapture"])
                .env(STORE, &path)
                .env(WRITER, writer)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .into_iter()
        .map(|child| child.wait_with_output().unwrap())
        .collect();
    let told: Vec<String> =
        writers.iter().map(|w| String::from_utf8_lossy(&w.stdout).into_owned()).collect();
    assert!(writers.iter().all(|writer| writer.status.success()), "{told:?}");
    let store = open(&path.display().to_string()).unwrap();
    assert_eq!(keys(store.as_ref(), "thing_log").len() as u64, 3 * 2 * BATCHES);
    let conflicts = told.iter().map(|t| t.matches("conflict").count() as u64).sum::<u64>();
    let counted = store.get("thing", "counter").unwrap().unwrap().body["n"].as_u64().unwrap();
    assert_eq!(counted + conflicts, 3 * BATCHES, "each batch counted once, or was told so");
}

#[test]
fn waiting_threads_share_commits_and_each_hears_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> = Arc::new(Sqlite::open(&folder.path().join("group.db")).unwrap());
    store.ensure(&THINGS).unwrap();
    let put = |id: &str, n: u64| Change::put("thing", id, Expect::Absent, json!({"n": n}));
    std::thread::scope(|scope| {
        for thread in 0..16_u64 {
            let store = Arc::clone(&store);
            scope.spawn(move || {
                for turn in 0..40_u64 {
                    let id = format!("{thread}/{turn}");
                    let applied = store.apply(&[put(&id, turn), thing(thread * 1000 + turn)]);
                    assert!(matches!(applied.unwrap()[0], Applied::Put { version: 1 }));
                    // A rule that is broken undoes this batch and no other.
                    let refused = store.apply(&[put(&format!("{id}/no"), turn), put(&id, turn)]);
                    assert!(matches!(refused, Err(Error::Conflict { .. })), "{refused:?}");
                }
            });
        }
    });
    assert_eq!(store.count("thing", &Filter::new()).unwrap(), 16 * 40);
    assert_eq!(keys(store.as_ref(), "thing_log").len(), 16 * 40);
}
