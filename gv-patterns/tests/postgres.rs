//! The store in PostgreSQL, a real server running in the test.
#![cfg(all(unix, feature = "postgres"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests")]

use gv_patterns::Error;
use gv_patterns::store::{Change, Collection, Expect, Filter, Postgres, Store as _, open};
use gv_patterns::testing::store_suite;
use serde_json::json;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A server on a free port, in a folder of its own.
struct Server {
    child: Child,
    address: String,
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
}

/// The folder of PostgreSQL's programs, the newest first.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|folder| folder.join("initdb").is_file())
        .collect();
    found.sort();
    found.pop()
}

/// The server refuses to run as root: another user then runs it.
fn as_user(program: PathBuf) -> Command {
    let is_root = std::env::var("USER").is_ok_and(|user| user == "root")
        || Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    if is_root {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

impl Server {
    fn start(name: &str) -> Option<Self> {
        let Some(programs) = programs() else {
            let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(!required, "PostgreSQL is not installed (Debian: postgresql)");
            println!("skipped: PostgreSQL is not installed (Debian: postgresql)");
            return None;
        };
        let folder =
            std::env::temp_dir().join(format!("gv-postgres-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let made = as_user("mkdir".into()).arg(&folder).status().unwrap();
        assert!(made.success());
        let done = as_user(programs.join("initdb"))
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "-D"])
            .arg(folder.join("data"))
            .current_dir("/")
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("postgresql://postgres:s3cret@127.0.0.1:{port}/postgres");
        let child = Self::run(&programs, &folder, port);
        let server = Self { child, address, folder, programs, port };
        server.wait();
        Some(server)
    }

    fn run(programs: &std::path::Path, folder: &std::path::Path, port: u16) -> Child {
        as_user(programs.join("postgres"))
            .arg("-D")
            .arg(folder.join("data"))
            .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-k"])
            .arg(folder)
            .current_dir("/")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn wait(&self) {
        let begun = Instant::now();
        while let Err(error) = open(&self.address) {
            assert!(begun.elapsed() < Duration::from_secs(30), "{error}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn stop(&mut self) {
        let _ = as_user(self.programs.join("pg_ctl"))
            .args(["stop", "-m", "immediate", "-D"])
            .arg(self.folder.join("data"))
            .current_dir("/")
            .output();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn postgres_conforms_keeps_secrets_and_outlives_its_server() {
    let Some(mut server) = Server::start("restart") else { return };
    let store = open(&server.address).unwrap();
    store_suite(store.as_ref());
    let shown = format!("{store:?} {}", store.describe());
    assert!(!shown.contains("s3cret") && shown.contains("127.0.0.1"), "{shown}");
    let put = |n: u64| Change::put("fruit", "restart", Expect::Any, json!({"n": n}));
    store.apply(&[put(1)]).unwrap();
    server.stop();
    let error = store.apply(&[put(2)]).unwrap_err();
    assert!(matches!(error, Error::Unusable { transient: true, .. }), "{error}");
    assert!(!error.to_string().contains("s3cret"), "{error}");
    server.child = Server::run(&server.programs, &server.folder, server.port);
    server.wait();
    store.apply(&[put(3)]).unwrap();
    let body = store.get("fruit", "restart").unwrap().unwrap().body;
    assert_eq!(body, json!({"n": 3}), "the same store recovers");
    assert!(store.count("fruit", &Filter::new()).unwrap() > 5);
    let refused = open("postgresql://postgres@127.0.0.1:1/nothing").unwrap_err();
    assert!(matches!(refused, Error::Unusable { transient: true, .. }), "{refused}");
}

/// Writers go on while the server is stopped as by a power cut and started again, several times.
#[test]
fn what_was_acknowledged_outlives_a_server_that_stops_in_mid_write() {
    const WRITERS: u64 = 4;
    const STOPS: usize = 5;
    let Some(mut server) = Server::start("mid-write") else { return };
    let store = open(&server.address).unwrap();
    let stop = AtomicBool::new(false);
    let entry = |writer: u64, n: u64, half: &str| {
        Change::append("mid_write", format!("{writer}/{n}/{half}"), 0, json!({"n": n}))
    };
    let written: Vec<(u64, u64)> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (store, stop, entry) = (store.as_ref(), &stop, &entry);
                scope.spawn(move || {
                    let (mut n, mut failures) = (0, 0);
                    while !stop.load(Ordering::Relaxed) {
                        match store.apply(&[entry(writer, n, "a"), entry(writer, n, "b")]) {
                            Ok(_) => n += 1,
                            // Whether it was kept is unknown: the same again is the same.
                            Err(Error::Unusable { transient: true, .. }) => {
                                failures += 1;
                                std::thread::sleep(Duration::from_millis(5));
                            }
                            Err(error) => panic!("a stopped server is no {error:?}"),
                        }
                    }
                    (n, failures)
                })
            })
            .collect();
        for stop in 0..STOPS {
            std::thread::sleep(Duration::from_millis(150 + 37 * stop as u64));
            server.stop();
            std::thread::sleep(Duration::from_millis(30));
            server.child = Server::run(&server.programs, &server.folder, server.port);
            server.wait();
        }
        std::thread::sleep(Duration::from_millis(150));
        stop.store(true, Ordering::Relaxed);
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    let (mut keys, mut after) = (Vec::new(), 0);
    loop {
        let page = store.read_log("mid_write", after, 10_000).unwrap();
        let Some(last) = page.last() else { break };
        after = last.sequence;
        keys.extend(page.into_iter().map(|entry| entry.key));
    }
    let mut expected: Vec<String> = Vec::new();
    for (writer, (acknowledged, failures)) in written.iter().enumerate() {
        assert!(*acknowledged > 10, "writer {writer} wrote {acknowledged} batches");
        assert!(*failures > 0, "writer {writer} saw no stop");
        let halves = |n| [format!("{writer}/{n}/a"), format!("{writer}/{n}/b")];
        expected.extend((0..*acknowledged).flat_map(halves));
    }
    keys.sort_unstable();
    expected.sort_unstable();
    assert_eq!(keys, expected, "each batch once, and whole");
}

#[test]
fn a_few_of_many_are_read_from_an_index_in_their_order() {
    let Some(server) = Server::start("order") else { return };
    let store = Postgres::open(&server.address).unwrap();
    let things = Collection::new("thing")
        .index(&["kind", "place", "shade", "n"])
        .index(&["kind", "n"])
        .index(&["shade", "n"])
        .carry(&["kind", "place", "shade"]);
    store.ensure(&things).unwrap();
    let thing = |n: u64| {
        let body = json!({"kind": n % 3, "place": n % 5, "shade": n % 7, "n": n * 7919 % 10_007});
        Change::put("thing", format!("{n}"), Expect::Any, body)
    };
    store.apply(&(0..20_000).map(thing).collect::<Vec<_>>()).unwrap();
    let filter = Filter::new().equals("kind", 1.0).equals("shade", 2.0).descending("n").limit(10);
    let plan = store.query_plan("thing", &filter).unwrap().join("; ");
    assert!(plan.contains("Index") && !plan.contains("Sort"), "{plan}");
    let found = store.find("thing", &filter).unwrap();
    let best = (0..20_000).filter(|n| n % 3 == 1 && n % 7 == 2).map(|n| n * 7919 % 10_007).max();
    assert_eq!(found.len(), 10);
    assert_eq!(found[0].body["n"].as_u64(), best);
    let all = Filter::new().equals("kind", 1.0).equals("shade", 2.0).descending("n");
    assert_eq!(store.find("thing", &all).unwrap()[..10], found);
    assert_eq!(store.count("thing", &all).unwrap(), 952);
}
