//! The command line, as a person or a script calls it.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]

use geminivideo::cli::{Context, run};
use geminivideo::optimize::testing::MetaServer;
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
            find_onnxruntime: &|| None,
            read_parquet: &geminivideo::cli::ads::no_parquet,
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
    for part in ["two shots.mp4", "320 x 180", "Attention", "1 cut", "Motion", "Unknown    objects"]
    {
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
fn a_model_of_voices_that_is_none_is_named_before_the_video_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("silero.onnx").to_string_lossy().into_owned();
    let hear = || call(&["analyze", "no video.mp4", "--voice-model", &model], false);
    assert!(hear().err.contains(&model), "{}", hear().err);
    std::fs::write(&model, "no model").unwrap();
    let outcome = hear();
    assert_eq!(outcome.status, 1);
    assert!(outcome.err.contains(&model), "{}", outcome.err);
    let both = call(&["analyze", "a.mp4", "--motion-only", "--voice-model", &model], false);
    assert_eq!(both.status, 2);
}

#[test]
fn shots_are_listed_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let video = clip(folder.path());
    let json = folder.path().join("shots.json").to_string_lossy().into_owned();
    let outcome = call(&["shots", &video, "--json", &json], false);
    assert_eq!(outcome.status, 0, "{}", outcome.err);
    let lines: Vec<&str> = outcome.out.lines().collect();
    assert_eq!(lines.len(), 3, "{}", outcome.out);
    assert!(lines[0].contains("0:00.0 to 0:01.0     25 frames"), "{}", outcome.out);
    assert!(lines[1].contains("25 frames  after a cut"), "{}", outcome.out);
    assert_eq!(lines[2], "2 shots");
    let written: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    assert_eq!(written["boundaries"][0]["frame"], 25);
    assert_eq!(written["total_frames"], 50);
    let outcome = call(&["shots", &video, "--threshold", "2"], false);
    assert_eq!(outcome.status, 1);
    assert!(outcome.err.contains("threshold"), "{}", outcome.err);
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

const ADS: &str = "Ad ID,Amount spent (USD),Impressions,Link clicks,Purchases,Purchases conversion value,\
    Ad set budget,Reporting starts,Reporting ends,CTR (all)\n\
    11,500,50000,600,40,2000,50,2026-11-01,2026-11-10,1.2\n\
    12,500,50000,600,6,150,50,2026-11-01,2026-11-10,1.2\n\
    13,400,150000,300,0,0,50,2026-11-01,2026-11-10,0.2\n";

#[test]
fn an_export_of_a_platform_becomes_budgets_and_kills() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ads.csv");
    std::fs::write(&path, ADS).unwrap();
    let path = path.to_string_lossy().into_owned();
    let budget = call(&["budget", &path], false);
    assert_eq!((budget.status, budget.err.as_str()), (0, ""));
    for part in ["150.00 a day USD", "+50 %", "Expected:", "Nothing was changed", "CTR (all)"] {
        assert!(budget.out.contains(part), "{part} is missing in\n{}", budget.out);
    }
    let kill = call(&["kill", &path, "--json"], false);
    let value: serde_json::Value = serde_json::from_str(&kill.out).unwrap();
    assert_eq!(value["decisions"][0]["ad_id"], "13");
    assert_eq!(value["dry_run"], true);
    let shown = call(&["kill", &path, "--all"], false);
    assert!(shown.out.contains("keep") && shown.out.contains("kill"), "{}", shown.out);
}

#[test]
fn a_table_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let of = |text: &[u8]| {
        let path = folder.path().join("ads");
        std::fs::write(&path, text).unwrap();
        call(&["budget", &path.to_string_lossy()], false)
    };
    for (text, part) in [
        (&b"ad_id,spend\n"[..], "columns are missing"),
        (b"PAR1....", "Parquet"),
        (b"ad_id,spend,impressions,clicks,conversions,hours\na,1,1,1,0,9\n", "daily budgets"),
        (b"[{}]", "columns are missing"),
    ] {
        let outcome = of(text);
        assert_eq!(outcome.status, 1);
        assert!(outcome.err.contains(part), "{}", outcome.err);
    }
    assert_eq!(call(&["kill", "/no/such/file"], false).status, 1);
    assert_eq!(call(&["budget", "x", "--apply", "nowhere"], false).status, 2);
    assert_eq!(call(&["budget", "x", "--apply", "meta", "--dry-run"], false).status, 2);
}

const SHARED: &str = "Ad ID,Ad set ID,Amount spent (USD),Impressions,Link clicks,Purchases,Purchases conversion value,\
    Ad set budget,Reporting starts,Reporting ends\n\
    11,21,500,50000,600,40,2000,50,2026-11-01,2026-11-10\n\
    14,21,400,40000,500,30,1500,50,2026-11-01,2026-11-10\n\
    12,22,500,50000,600,6,150,50,2026-11-01,2026-11-10\n";

/// The program, with a platform on the loopback address and nothing else of it known.
fn on_meta(server: &MetaServer, token: &str, folder: &Path, arguments: &[&str]) -> Outcome {
    let output = Command::new(env!("CARGO_BIN_EXE_geminivideo"))
        .args(arguments)
        .current_dir(folder)
        .env("META_GRAPH_URL", server.url())
        .env("META_ACCESS_TOKEN", token)
        .env("META_APP_SECRET", "APPSECRET")
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let status = u8::try_from(output.status.code().unwrap()).unwrap();
    Outcome { status, out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn apply_changes_budgets_and_pauses_ads_on_the_platform_and_journals_it() {
    let (folder, server) = (tempfile::tempdir().unwrap(), MetaServer::start());
    let folder = folder.path();
    std::fs::write(folder.join("ads.csv"), SHARED).unwrap();
    let call = |arguments: &[&str]| on_meta(&server, "TOK|EN", folder, arguments);
    let planned = call(&["budget", "ads.csv"]);
    assert_eq!(planned.status, 0, "{}", planned.err);
    assert!(server.received().is_empty(), "without --apply the platform hears nothing");

    let capped = call(&["budget", "ads.csv", "--apply", "meta", "--max-change", "1"]);
    assert_eq!(capped.status, 1);
    assert!(capped.err.contains("1.00 is allowed"), "{}", capped.err);
    assert_eq!(server.budgets()["21"], 5000);

    let made = call(&["budget", "ads.csv", "--apply", "meta"]);
    assert_eq!(made.status, 0, "{}", made.err);
    assert!(made.out.contains("11 with 14") && made.out.contains("done"), "{}", made.out);
    let budgets = server.budgets();
    assert!(budgets["21"] > 5000 && budgets["22"] < 5000, "{budgets:?}");
    assert_eq!(budgets["21"] + budgets["22"], 10_000, "to the cent");
    let journal = std::fs::read_to_string(folder.join("geminivideo-changes.jsonl")).unwrap();
    assert_eq!(journal.lines().count(), 4, "each change before and after");

    let again = call(&["budget", "ads.csv", "--apply", "meta", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(value["run"]["steps"][0]["outcome"], "already_so", "{}", again.out);

    std::fs::write(folder.join("ads.csv"), ADS.replace("13,400", "12,400")).unwrap();
    let twice = call(&["kill", "ads.csv", "--apply", "meta"]);
    assert!(twice.err.contains("more than once"), "{}", twice.err);
    std::fs::write(folder.join("ads.csv"), ADS).unwrap();
    let killed = call(&["kill", "ads.csv", "--apply", "meta"]);
    assert_eq!(killed.status, 0, "{}", killed.err);
    assert!(!server.is_running("13") && server.is_running("11"), "{}", killed.out);
}

#[test]
fn a_platform_that_refuses_is_told_with_its_reason_and_without_the_token() {
    let (folder, server) = (tempfile::tempdir().unwrap(), MetaServer::start());
    std::fs::write(folder.path().join("ads.csv"), ADS).unwrap();
    let call = |token: &str| {
        on_meta(&server, token, folder.path(), &["kill", "ads.csv", "--apply", "meta"])
    };
    let refused = call("WRONG|SECRET");
    assert_eq!(refused.status, 1);
    assert!(refused.err.contains("access token"), "{}", refused.err);
    assert!(!refused.err.contains("WRONG") && !refused.out.contains("WRONG"));
    assert!(server.is_running("13"));
    let missing = call("");
    assert!(missing.err.contains("META_ACCESS_TOKEN"), "{}", missing.err);
}

#[test]
fn timelines_are_written_where_they_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let video = clip(folder.path());
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (otio, xml, edl) = (path("ad.otio"), path("ad.fcpxml"), path("ad.edl"));
    let outcome =
        call(&["analyze", &video, "-q", "--otio", &otio, "--fcpxml", &xml, "--edl", &edl], false);
    assert_eq!((outcome.status, outcome.err.as_str(), outcome.out.as_str()), (0, "", ""));
    let edl = std::fs::read_to_string(edl).unwrap();
    assert!(edl.contains("002  AX       V     C        00:00:01:00 00:00:02:00"), "{edl}");
    let otio: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(otio).unwrap()).unwrap();
    let clips = &otio["tracks"]["children"][0]["children"];
    assert_eq!(clips[1]["source_range"]["start_time"]["value"], 25.0);
    assert!(std::fs::read_to_string(xml).unwrap().contains("two%20shots.mp4"));
}

#[test]
fn a_report_is_one_page_with_pictures_and_loads_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let video = clip(folder.path());
    let page = folder.path().join("report.html").to_string_lossy().into_owned();
    let outcome = call(&["analyze", &video, "--html", &page, "-q"], false);
    assert_eq!((outcome.status, outcome.err.as_str(), outcome.out.as_str()), (0, "", ""));
    let html = std::fs::read_to_string(&page).unwrap();
    assert!(html.contains("<title>two shots.mp4") && html.ends_with("</html>\n"));
    assert!(html.matches("data:image/jpeg;base64,").count() >= 2, "no pictures of both shots");
    assert!(!html.replace("http://www.w3.org/2000/svg", "").contains("://"));
    let interrupted = folder.path().join("interrupted.html");
    let outcome = call(&["analyze", &video, "--html", &interrupted.to_string_lossy(), "-q"], true);
    assert_eq!((outcome.status, interrupted.exists()), (130, false));
}

#[test]
fn a_check_says_what_fails_and_its_status_tells_scripts() {
    let folder = tempfile::tempdir().unwrap();
    let video = clip(folder.path());
    let outcome = call(&["check", &video, "--placement", "reels"], false);
    assert_eq!((outcome.status, outcome.err.as_str()), (3, ""), "{}", outcome.out);
    for part in ["FAIL  aspect", "render for the placement's aspect", "pass  black", "for reels"] {
        assert!(outcome.out.contains(part), "{part} is missing in\n{}", outcome.out);
    }
    let json = call(&["check", &video, "--json", "-"], false);
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(report["findings"].as_array().unwrap().len(), 18);
    let told = call(&["check", &video, "--placement", "billboard"], false);
    assert_eq!(told.status, 1);
    assert!(told.err.contains("no placement \"billboard\""), "{}", told.err);
}

#[test]
fn the_rules_of_a_check_are_the_users() {
    let folder = tempfile::tempdir().unwrap();
    let video = clip(folder.path());
    let rules = folder.path().join("rules.json");
    let rule = r#"{"check": "black", "at_most": 0.5, "required": true, "fix": "trim it"}"#;
    std::fs::write(&rules, format!(r#"{{"dated": "2026-01", "rules": [{rule}]}}"#)).unwrap();
    let rules = rules.to_string_lossy();
    let outcome = call(&["check", &video, "--rules", &rules], false);
    assert_eq!(outcome.status, 0, "{}{}", outcome.out, outcome.err);
    assert!(outcome.out.contains("1 passed, 0 failed, 0 unknown"), "{}", outcome.out);
}
