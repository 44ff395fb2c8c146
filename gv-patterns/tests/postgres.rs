//! The store in PostgreSQL, a real server running in the test.
#![cfg(all(unix, feature = "postgres"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests")]

use gv_patterns::Error;
use gv_patterns::store::{Change, Expect, Filter, open};
use gv_patterns::testing::store_suite;
use serde_json::json;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
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
    fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(!required, "PostgreSQL is not installed (Debian: postgresql)");
            println!("skipped: PostgreSQL is not installed (Debian: postgresql)");
            return None;
        };
        let folder = std::env::temp_dir().join(format!("gv-postgres-{}", std::process::id()));
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
    let Some(mut server) = Server::start() else { return };
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
