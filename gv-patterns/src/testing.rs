//! The conformance suite of [`Store`], what every implementation keeps; and processes that tests kill.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a suite fails where an implementation does")]

use crate::Error;
use crate::store::{Applied, Change, Collection, Expect, Filter, Store};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

const FRUIT: Collection =
    Collection::new("fruit").index(&["kind", "weight"]).text(&["label", "tags"]);

/// Checks the rules of [`Store`] on an empty store.
///
/// # Panics
///
/// Where a rule is broken, naming it.
pub fn store_suite(store: &dyn Store) {
    store.ensure(&FRUIT).unwrap();
    store.ensure(&FRUIT).unwrap();
    documents_have_versions(store);
    a_batch_is_applied_whole_or_not_at_all(store);
    a_large_batch_is_the_same_as_its_changes_one_by_one(store);
    entries_with_one_key_are_one(store);
    filters_and_orders(store);
    fields_are_scanned_in_order(store);
    words_are_found(store);
    names_and_sizes_are_checked(store);
}

fn put(id: &str, expect: Expect, body: Value) -> Change {
    Change::put("fruit", id, expect, body)
}

fn documents_have_versions(store: &dyn Store) {
    let body = json!({"kind": "apple", "weight": 1.5, "nested": {"a": [1, null, "ü"]}});
    let applied = store.apply(&[put("a", Expect::Absent, body.clone())]).unwrap();
    assert_eq!(applied, [Applied::Put { version: 1 }]);
    let document = store.get("fruit", "a").unwrap().unwrap();
    assert_eq!((document.version, &document.body), (1, &body), "a body comes back as it was");
    let again = store.apply(&[put("a", Expect::Version(1), json!({"kind": "pear"}))]).unwrap();
    assert_eq!(again, [Applied::Put { version: 2 }]);
    let stale = store.apply(&[put("a", Expect::Version(1), json!({}))]).unwrap_err();
    assert!(matches!(stale, Error::Conflict { .. }), "{stale}");
    assert!(matches!(
        store.apply(&[put("a", Expect::Absent, json!({}))]),
        Err(Error::Conflict { .. })
    ));
    let gone = store.apply(&[Change::delete("fruit", "a", Expect::Version(2))]).unwrap();
    assert_eq!(gone, [Applied::Deleted]);
    assert_eq!(store.get("fruit", "a").unwrap(), None);
    store.apply(&[Change::delete("fruit", "a", Expect::Any)]).unwrap();
}

fn a_batch_is_applied_whole_or_not_at_all(store: &dyn Store) {
    let batch = [
        put("whole", Expect::Absent, json!({"kind": "fig"})),
        Change::append("suite", "whole", 5, json!({})),
        put("missing", Expect::Version(7), json!({})),
    ];
    assert!(store.apply(&batch).is_err());
    assert_eq!(store.get("fruit", "whole").unwrap(), None, "a failed batch leaves nothing");
    assert!(store.read_log("suite", 0, 10).unwrap().is_empty());
}

fn a_large_batch_is_the_same_as_its_changes_one_by_one(store: &dyn Store) {
    let any = |id: &str, n: u64| put(id, Expect::Any, json!({"kind": "berry", "weight": n}));
    let entry = |key: &str, n: u64| Change::append("large", key, n as i64, json!({"n": n}));
    store.apply(&[any("l1", 0), entry("k1", 0)]).unwrap();
    let applied = store
        .apply(&[
            any("l0", 1),
            any("l1", 2),
            any("l0", 3),
            put("l2", Expect::Absent, json!({"kind": "berry", "weight": 4})),
            any("l3", 5),
            Change::put("other_fruit", "l3", Expect::Any, json!({})),
            entry("k0", 6),
            entry("k1", 7),
            entry("k2", 8),
            entry("k0", 9),
            Change::append("larger", "k0", 10, json!({})),
        ])
        .unwrap();
    let versions: Vec<u64> = applied[..6]
        .iter()
        .map(|done| match done {
            Applied::Put { version } => *version,
            other => panic!("a document is put: {other:?}"),
        })
        .collect();
    assert_eq!(versions, [1, 2, 2, 1, 1, 1]);
    assert_eq!(store.get("fruit", "l0").unwrap().unwrap().body["weight"], json!(3));
    let log = store.read_log("large", 0, 10).unwrap();
    let seen: Vec<(&str, i64)> = log.iter().map(|e| (e.key.as_str(), e.at)).collect();
    assert_eq!(seen, [("k1", 0), ("k0", 6), ("k2", 8)], "entries are in the order of the batch");
    assert_eq!(applied[6], Applied::Appended { sequence: log[1].sequence });
    assert_eq!(applied[7], Applied::Duplicate { sequence: log[0].sequence });
    assert_eq!(applied[9], Applied::Duplicate { sequence: log[1].sequence });
    assert!(matches!(applied[10], Applied::Appended { .. }));
    let many: Vec<Change> = (0..2500).map(|n| any(&format!("m{n:04}"), n)).collect();
    assert_eq!(store.apply(&many).unwrap().len(), 2500);
    assert_eq!(store.get("fruit", "m2499").unwrap().unwrap().body["weight"], json!(2499));
    let clear = |id: &str| Change::delete("fruit", id, Expect::Any);
    let gone: Vec<Change> = (0..2500).map(|n| clear(&format!("m{n:04}"))).collect();
    store.apply(&gone).unwrap();
    store.apply(&["l0", "l1", "l2", "l3"].map(clear)).unwrap();
}

fn entries_with_one_key_are_one(store: &dyn Store) {
    let entry = |key: &str, at| Change::append("suite", key, at, json!({"at": at}));
    let first = store.apply(&[entry("x", 10), entry("y", 20), entry("x", 99)]).unwrap();
    let (Applied::Appended { sequence: x }, Applied::Appended { sequence: y }) =
        (first[0], first[1])
    else {
        panic!("new keys are appended: {first:?}");
    };
    assert!(y > x);
    assert_eq!(first[2], Applied::Duplicate { sequence: x });
    assert_eq!(store.apply(&[entry("x", 99)]).unwrap(), [Applied::Duplicate { sequence: x }]);
    let log = store.read_log("suite", 0, 10).unwrap();
    assert_eq!(
        log.iter().map(|e| (e.key.as_str(), e.at)).collect::<Vec<_>>(),
        [("x", 10), ("y", 20)]
    );
    assert_eq!(store.read_log("suite", x, 10).unwrap().len(), 1);
    assert!(store.read_log("another", 0, 10).unwrap().is_empty());
    let counts = [0, x, y].map(|after| store.count_log("suite", after).unwrap());
    assert_eq!((counts, store.count_log("another", 0).unwrap()), ([2, 1, 0], 0));
}

fn filters_and_orders(store: &dyn Store) {
    let fruit = |id: &str, kind: &str, weight: Value, ripe: bool| {
        put(id, Expect::Absent, json!({"kind": kind, "weight": weight, "ripe": ripe}))
    };
    store
        .apply(&[
            fruit("1", "plum", json!(3), true),
            fruit("2", "plum", json!(1.5), false),
            fruit("3", "plum", json!("heavy"), true),
            fruit("4", "plum", Value::Null, true),
            fruit("5", "date", json!(10), true),
            fruit("6", "plum", json!(3), false),
        ])
        .unwrap();
    let ids = |filter: Filter| -> Vec<String> {
        store.find("fruit", &filter).unwrap().into_iter().map(|d| d.id).collect()
    };
    let plums = || Filter::new().equals("kind", "plum");
    assert_eq!(ids(plums().at_least("weight", 1.5).descending("weight")), ["1", "6", "2"]);
    assert_eq!(ids(plums().at_most("weight", 2.0)), ["2"]);
    assert_eq!(ids(plums().equals("ripe", true).equals("weight", 3.0)), ["1"]);
    assert_eq!(ids(plums().at_least("weight", 0.0).ascending("weight")), ["2", "1", "6"]);
    assert_eq!(ids(plums().limit(2).offset(1)), ["2", "3"]);
    assert_eq!(ids(plums().ascending("weight")).last().map(String::as_str), Some("4"));
    assert_eq!(store.count("fruit", &plums()).unwrap(), 5);
    assert_eq!(store.count("nothing", &Filter::new()).unwrap(), 0);
}

fn fields_are_scanned_in_order(store: &dyn Store) {
    let deep = json!({"kind": "deep", "weight": 2, "a": {"b": ["x", null], "c": "ü"}});
    store
        .apply(&[
            put("s1", Expect::Any, deep),
            put("s2", Expect::Any, json!({"kind": "deep", "weight": 5})),
        ])
        .unwrap();
    let filter = Filter::new().equals("kind", "deep").descending("weight");
    let mut seen = Vec::new();
    store
        .scan("fruit", &filter, &["weight", "a.b", "a.c", "none"], &mut |id, fields| {
            seen.push((id.to_owned(), fields));
            true
        })
        .unwrap();
    let (null, list) = (Value::Null, json!(["x", null]));
    assert_eq!(
        seen,
        [
            ("s2".into(), vec![json!(5), null.clone(), null.clone(), null.clone()]),
            ("s1".into(), vec![json!(2), list, json!("ü"), null]),
        ]
    );
    let mut visits = 0;
    store
        .scan("fruit", &Filter::new(), &[], &mut |_, _| {
            visits += 1;
            visits < 3
        })
        .unwrap();
    assert_eq!(visits, 3, "a visitor may end the scan");
    let refused = store.scan("fruit", &filter, &["a'; DROP TABLE"], &mut |_, _| true);
    assert!(refused.is_err());
    let clear = |id| Change::delete("fruit", id, Expect::Any);
    store.apply(&[clear("s1"), clear("s2")]).unwrap();
}

fn words_are_found(store: &dyn Store) {
    store
        .apply(&[
            put("w1", Expect::Any, json!({"label": "Stop scrolling! Save 50%", "tags": ["hook"]})),
            put("w2", Expect::Any, json!({"label": "Watch this", "tags": ["save", "summer"]})),
        ])
        .unwrap();
    let ids = |words: &str| -> Vec<String> {
        store.search("fruit", words, 10).unwrap().into_iter().map(|d| d.id).collect()
    };
    assert_eq!(ids("scrolling"), ["w1"]);
    assert_eq!(ids("SUMMER"), ["w2"]);
    assert_eq!(ids("save").len(), 2);
    assert!(ids("winter").is_empty());
    assert!(ids("\" OR ) AND *").is_empty(), "what is no word finds nothing and breaks nothing");
    store.apply(&[put("w1", Expect::Any, json!({"label": "Renamed"}))]).unwrap();
    assert!(ids("scrolling").is_empty(), "words follow the document");
}

fn names_and_sizes_are_checked(store: &dyn Store) {
    let refused = |change: Change| {
        let error = store.apply(&[change]).unwrap_err();
        assert!(matches!(error, Error::InvalidParameter { .. }), "{error}");
    };
    refused(Change::put("Bad Name", "a", Expect::Any, json!({})));
    refused(put("", Expect::Any, json!({})));
    refused(put("a\0b", Expect::Any, json!({})));
    refused(put("a", Expect::Any, json!([1])));
    refused(put("a", Expect::Any, json!({"x": "y".repeat(17 << 20)})));
    assert!(store.find("fruit", &Filter::new().equals("a' OR 1=1", "x")).is_err());
}

/// Runs the test `child` of the running test program as a process of its own, with the environment's `variable` set to
/// `value`, kills it after `wait`, and gives the whole lines that it printed until then.
///
/// # Panics
///
/// Where the process cannot be run or killed.
pub fn run_and_kill(child: &str, variable: &str, value: &str, wait: Duration) -> Vec<String> {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", child, "--nocapture"])
        .env(variable, value)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(wait);
    process.kill().unwrap();
    let printed = BufReader::new(process.stdout.take().unwrap());
    let lines = printed.lines().map_while(Result::ok).collect();
    process.wait().unwrap();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Sqlite, open};

    #[test]
    fn sqlite_in_memory_conforms() {
        store_suite(&Sqlite::in_memory().unwrap());
    }

    #[test]
    fn sqlite_in_a_file_conforms_and_keeps_what_it_was_given() {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite://{}/deep/er/", folder.path().display());
        store_suite(open(&address).unwrap().as_ref());
        let again = open(&address).unwrap();
        assert_eq!(again.read_log("suite", 0, 10).unwrap().len(), 2);
        let copy = folder.path().join("copy.db");
        again.backup(&copy).unwrap();
        let copied = open(&copy.display().to_string()).unwrap();
        assert_eq!(copied.count("fruit", &Filter::new()).unwrap(), 8);
        assert!(again.backup(&copy).is_err(), "a backup overwrites nothing");
    }

    #[test]
    fn other_files_are_left_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("notes.txt");
        std::fs::write(&text, "not a database, but long enough to be read as one\n".repeat(40))
            .unwrap();
        let before = std::fs::read(&text).unwrap();
        let error = Sqlite::open(&text).unwrap_err();
        assert!(matches!(error, Error::NotAStore { .. }), "{error}");
        assert_eq!(std::fs::read(&text).unwrap(), before);
    }

    #[test]
    fn a_later_schema_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        drop(Sqlite::open(&path).unwrap());
        let raw = rusqlite::Connection::open(&path).unwrap();
        raw.pragma_update(None, "user_version", 99).unwrap();
        drop(raw);
        let error = Sqlite::open(&path).unwrap_err();
        assert!(matches!(error, Error::NewerSchema { found: 99, .. }), "{error}");
    }
}
