//! The command line, as a person or a script calls it.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]

use geminivideo::cli::{Context, run};
use std::path::Path;
use std::process::Command;

struct Outcome {
    status: u8,
    out: String,
    err: String,
}

fn call(arguments: &[&str], interrupted: bool) -> Outcome {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = ["geminivideo"].iter().chain(arguments).map(|word| (*word).into());
    let status = run(
        arguments,
        &mut Context {
            out: &mut out,
            err: &mut err,
            width: 80,
            interrupted: &mut || interrupted,
            find_ffmpeg: &|| None,
        },
    );
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Outcome { status, out: text(out), err: text(err) }
}

/// A clip of two seconds with one cut at 1 s.
fn clip(folder: &Path) -> String {
    let path = folder.join("two shots.mp4").to_string_lossy().into_owned();
    let program = std::env::var("GV_FFMPEG").unwrap_or_else(|_| "ffmpeg".into());
    let made = Command::new(program)
        .args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1"])
        .args(["-f", "lavfi", "-i", "mandelbrot=s=320x180:r=25,trim=duration=1"])
        .args([
            "-filter_complex",
            "[0][1]concat,format=yuv420p",
            "-c:v",
            "mpeg4",
            "-q:v",
            "3",
            &path,
        ])
        .status();
    assert!(made.unwrap().success());
    path
}

#[test]
fn a_clip_is_summed_up_for_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = call(&["analyze", &clip(folder.path())], false);
    assert_eq!((outcome.status, outcome.err.as_str()), (0, ""));
    for part in ["two shots.mp4", "320 x 180", "Attention", "1 cut", "Motion", "Unknown    faces"] {
        assert!(outcome.out.contains(part), "{part} is missing in\n{}", outcome.out);
    }
    assert!(outcome.out.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn json_and_csv_go_where_they_are_sent() {
    let folder = tempfile::tempdir().unwrap();
    let path = clip(folder.path());
    let table = folder.path().join("frames.csv").to_string_lossy().into_owned();
    let outcome = call(&["analyze", &path, "--json", "-", "--csv", &table], false);
    let document: serde_json::Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(document["shots"]["boundaries"][0]["frame"], 25);
    let rows = std::fs::read_to_string(&table).unwrap();
    assert_eq!(rows.lines().count(), 1 + 48);
}

#[test]
fn an_interrupted_call_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = clip(folder.path());
    let json = folder.path().join("result.json").to_string_lossy().into_owned();
    let outcome = call(&["analyze", &path, "--json", &json], true);
    assert_eq!((outcome.status, outcome.err.as_str()), (130, "geminivideo: interrupted\n"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn an_output_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let outcome =
        call(&["analyze", &clip(folder.path()), "--json", "/no/such/folder/a.json"], false);
    assert_eq!(outcome.status, 1);
    assert!(outcome.err.starts_with("geminivideo: cannot write /no/such/folder/a.json"));
}

#[test]
fn a_wrong_command_line_is_explained() {
    let outcome = call(&["analyse", "ad.mp4"], false);
    assert_eq!(outcome.status, 2);
    assert!(outcome.err.contains("similar subcommand"), "{}", outcome.err);
    let help = call(&["analyze", "--help"], false);
    assert_eq!(help.status, 0);
    assert!(help.out.contains("--json <FILE>"));
}
