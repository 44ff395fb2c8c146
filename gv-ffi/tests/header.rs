//! The committed header says what the functions say.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]

use cbindgen::{Builder, Config};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The sources that are sections of the header, in its order.
const SECTIONS: [&str; 43] = [
    "status",
    "log",
    "analysis",
    "motion_energy",
    "motion_moment_sdk",
    "picture",
    "yolo_face_detector",
    "faces",
    "yolo_object_detector",
    "objects",
    "text",
    "voice_detector",
    "samples",
    "sound",
    "heard",
    "listening",
    "precision_av_sync",
    "analyze",
    "pushing",
    "analyzer",
    "face_weighted_analyzer",
    "checks",
    "psychological_timing",
    "ledger",
    "hook_optimizer",
    "cta_optimizer",
    "cta_place",
    "variation_generator",
    "budget_optimizer",
    "loser_kill_switch",
    "store",
    "store_functions",
    "transport",
    "ad_insights",
    "ad_platform",
    "executor",
    "winning_patterns_db",
    "cross_campaign_learning",
    "capi_feedback_loop",
    "prediction_accuracy_tracker",
    "auto_retrain_pipeline",
    "runway_gen3",
    "elevenlabs_voice",
];

const TOP: &str = "\
/* geminivideo: looks at a video ad and at the numbers of running campaigns, offline, on a plain CPU.
 *
 * Written by `GV_WRITE_HEADER=1 cargo test -p gv-ffi --test header` out of the functions themselves. */

#ifndef GEMINIVIDEO_H
#define GEMINIVIDEO_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern \"C\" {
#endif
";

const BOTTOM: &str = "
#ifdef __cplusplus
} /* extern \"C\" */
#endif

#endif /* GEMINIVIDEO_H */
";

fn crate_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn section(name: &str) -> String {
    let source = crate_file("src").join(format!("{name}.rs"));
    let mut written = Vec::new();
    Builder::new()
        .with_config(Config::from_file(crate_file("cbindgen.toml")).unwrap())
        .with_src(&source)
        .generate()
        .unwrap()
        .write(&mut written);
    let code = String::from_utf8(written).unwrap();
    let about: Vec<String> = std::fs::read_to_string(&source)
        .unwrap()
        .lines()
        .map_while(|line| line.strip_prefix("//!").map(|line| line.trim().to_owned()))
        .collect();
    let mut text = format!("\n/* ---- {} ----\n", about[0].trim_end_matches('.'));
    for line in &about[1..] {
        writeln!(text, "{}", format!(" * {line}").trim_end()).unwrap();
    }
    text.push_str(" */\n\n");
    text.push_str(code.trim());
    text.push('\n');
    text
}

fn header() -> String {
    let sections: String = SECTIONS.iter().map(|name| section(name)).collect();
    format!("{TOP}{sections}{BOTTOM}")
}

#[test]
fn the_committed_header_is_what_the_sources_say() {
    let path = crate_file("include/geminivideo.h");
    let header = header();
    if std::env::var_os("GV_WRITE_HEADER").is_some() {
        std::fs::write(&path, &header).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == header,
        "include/geminivideo.h is out of date: GV_WRITE_HEADER=1 cargo test -p gv-ffi --test header"
    );
}

#[test]
fn every_module_with_exported_functions_is_a_section() {
    for entry in std::fs::read_dir(crate_file("src")).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let exports = std::fs::read_to_string(&path).unwrap().contains("#[unsafe(no_mangle)]");
        assert_eq!(exports, SECTIONS.contains(&stem.as_str()), "{}", path.display());
    }
}
