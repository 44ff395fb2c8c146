//! The workspace is as its design says: edges, stems, one place for each fact.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they should")]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every edge that may exist between the workspace's crates, development dependencies left out.
const EDGES: &[(&str, &[&str])] = &[
    ("gv-media", &[]),
    ("gv-vision", &["gv-media"]),
    ("gv-audio", &["gv-media"]),
    ("gv-timing", &["gv-vision", "gv-audio"]),
    ("gv-patterns", &[]),
    ("gv-http", &[]),
    ("gv-optimize", &["gv-patterns", "gv-http"]),
    ("gv-gen", &["gv-http"]),
    (
        "geminivideo",
        &[
            "gv-media",
            "gv-vision",
            "gv-audio",
            "gv-timing",
            "gv-patterns",
            "gv-http",
            "gv-optimize",
            "gv-gen",
        ],
    ),
    ("gv-ffi", &["geminivideo"]),
    ("gv-py", &["geminivideo"]),
];

/// The crates that hold logic: nothing native is linked into them by default.
const LOGIC: &[&str] = &[
    "gv-media",
    "gv-vision",
    "gv-audio",
    "gv-timing",
    "gv-patterns",
    "gv-http",
    "gv-optimize",
    "gv-gen",
];

/// Bundled C that a logic crate may build: SQLite, which is the default store.
const BUNDLED: &[&str] = &["sqlite3"];

/// The components, in the specification's order, and the crate whose core module each is.
const COMPONENTS: &[(&str, &str)] = &[
    ("motion_moment_sdk", "gv-vision"),
    ("face_weighted_analyzer", "gv-vision"),
    ("precision_av_sync", "gv-timing"),
    ("psychological_timing", "gv-timing"),
    ("yolo_face_detector", "gv-vision"),
    ("yolo_object_detector", "gv-vision"),
    ("motion_energy", "gv-vision"),
    ("hook_optimizer", "gv-timing"),
    ("cta_optimizer", "gv-timing"),
    ("variation_generator", "gv-optimize"),
    ("budget_optimizer", "gv-optimize"),
    ("loser_kill_switch", "gv-optimize"),
    ("cross_campaign_learning", "gv-optimize"),
    ("capi_feedback_loop", "gv-optimize"),
    ("prediction_accuracy_tracker", "gv-optimize"),
    ("auto_retrain_pipeline", "gv-optimize"),
    ("winning_patterns_db", "gv-patterns"),
    ("runway_gen3", "gv-gen"),
    ("elevenlabs_voice", "gv-gen"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The platform of this machine: the crates of others are not there without a network.
fn host() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let told = Command::new(rustc).arg("-vV").output().unwrap().stdout;
    let told = String::from_utf8(told).unwrap();
    told.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

fn metadata(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline"])
        .args(["--filter-platform", &host()])
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[test]
fn crates_depend_on_each_other_one_way_only() {
    let metadata = metadata(&["--no-deps"]);
    let allowed: BTreeMap<_, _> = EDGES.iter().copied().collect();
    let members: BTreeSet<_> =
        list(&metadata, "packages").iter().map(|package| text(package, "name")).collect();
    for package in list(&metadata, "packages") {
        let name = text(package, "name");
        let allowed =
            allowed.get(name).unwrap_or_else(|| panic!("{name} is no crate of the design"));
        for dependency in list(package, "dependencies") {
            let target = text(dependency, "name");
            let built = dependency["kind"].as_str() != Some("dev");
            if built && members.contains(target) {
                assert!(allowed.contains(&target), "{name} must not depend on {target}");
            }
        }
    }
}

#[test]
fn logic_crates_link_no_native_library_by_default() {
    let metadata = metadata(&[]);
    let packages: BTreeMap<_, _> =
        list(&metadata, "packages").iter().map(|package| (text(package, "id"), package)).collect();
    let nodes: BTreeMap<_, _> =
        list(&metadata["resolve"], "nodes").iter().map(|node| (text(node, "id"), node)).collect();
    let mut waiting: Vec<&str> = packages
        .iter()
        .filter(|(_, package)| LOGIC.contains(&text(package, "name")))
        .map(|(&id, _)| id)
        .collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        let package = packages[id];
        if let Some(library) = package["links"].as_str() {
            let harmless = BUNDLED.contains(&library) || is_marker(package);
            assert!(harmless, "{} links the native library {library}", text(package, "name"));
        }
        for dependency in list(nodes[id], "deps") {
            let normal = |kind: &Value| kind["kind"].is_null();
            if list(dependency, "dep_kinds").iter().any(normal) {
                waiting.push(text(dependency, "pkg"));
            }
        }
    }
    assert!(seen.len() > 2, "the dependency graph was not read");
}

/// Whether `links` only keeps a crate from being there twice.
fn is_marker(package: &Value) -> bool {
    matches!(text(package, "name"), "rayon-core" | "prettyplease" | "ring")
}

#[test]
fn version_msrv_and_licence_are_stated_once() {
    let members = list(&metadata(&["--no-deps"]), "packages").to_vec();
    for package in &members {
        let manifest = std::fs::read_to_string(text(package, "manifest_path")).unwrap();
        let package_table = manifest.split("[package]").nth(1).unwrap();
        let package_table = package_table.split("\n[").next().unwrap();
        for key in ["version", "edition", "rust-version", "license"] {
            let inherited = format!("{key}.workspace = true");
            assert!(
                package_table.lines().any(|line| line.trim() == inherited),
                "{} must say {inherited}",
                text(package, "name"),
            );
        }
    }
}

#[test]
fn versions_of_dependencies_are_stated_in_the_root_only() {
    for package in list(&metadata(&["--no-deps"]), "packages") {
        let path = text(package, "manifest_path");
        if Path::new(path).parent() == Some(&root()) {
            continue;
        }
        let manifest = std::fs::read_to_string(path).unwrap();
        let versions = manifest.lines().filter(|line| {
            let line = line.trim();
            line.contains("version = \"") || line.contains("git = \"")
        });
        assert_eq!(versions.collect::<Vec<_>>(), Vec::<&str>::new(), "in {path}");
    }
}

#[test]
fn a_component_has_one_stem_in_every_layer() {
    let is_module = |folder: PathBuf, stem: &str, ending: &str| {
        folder.join(format!("{stem}.{ending}")).is_file()
            || folder.join(stem).join(format!("mod.{ending}")).is_file()
    };
    for (stem, home) in COMPONENTS {
        let core = is_module(root().join(home).join("src"), stem, "rs");
        let binding = is_module(root().join("gv-py/src"), stem, "rs");
        let python = is_module(root().join("gv-py/python/geminivideo"), stem, "py");
        assert_eq!(binding, python, "{stem}: gv-py/src and the Python module come together");
        assert!(core || !python, "{stem} is in Python, but not in {home}/src");
        if python {
            let test = root().join(format!("gv-py/tests/test_{stem}.py"));
            assert!(test.is_file(), "{} is missing", test.display());
        }
    }
}

#[test]
fn no_module_of_the_python_package_is_unknown_to_the_design() {
    let others = [
        "__init__", "__main__", "analysis", "batch", "checks", "config", "errors", "platform",
        "plot", "testing",
    ];
    for entry in std::fs::read_dir(root().join("gv-py/python/geminivideo")).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let is_python = path.extension().is_some_and(|ending| ending == "py");
        let known = COMPONENTS.iter().any(|(component, _)| *component == stem)
            || others.contains(&stem)
            || (stem.starts_with('_') && stem != "_core");
        assert!(!is_python || known, "{} belongs to no component", path.display());
    }
}
