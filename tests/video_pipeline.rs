//! The video analysis pipeline from a file to what to change: the example, run on real videos.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]
#![allow(dead_code, unreachable_pub, reason = "the example's own entry point is not called here")]

#[path = "../examples/video_pipeline.rs"]
mod example;

use geminivideo::timing::checks::Outcome;
use std::path::{Path, PathBuf};

fn media(name: &str) -> Option<PathBuf> {
    let given = std::env::var_os("GV_TEST_MEDIA").map(PathBuf::from);
    let folder =
        given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media"));
    let path = folder.join(name);
    let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(path.is_file() || !required, "{} is missing", path.display());
    path.is_file().then_some(path)
}

#[test]
fn a_person_who_talks_is_seen_heard_and_judged_in_one_go() {
    let Some(clip) = media("video_people/friday.mp4") else { return };
    let said = example::run(&clip, "ecommerce", Some("feed")).unwrap();
    let analysis = &said.analysis;
    let faces = analysis.faces.as_ref().unwrap();
    assert!(faces.presence.face_presence_ratio > 0.8, "{:?}", faces.presence);
    let motion = &said.weighted.motion;
    assert_eq!(said.weighted.model_used, faces.model_used);
    assert!(motion.average_face_coverage > 0.0 && motion.face_to_background_ratio > 0.0);
    let pairs = analysis.motion.frames.len().abs_diff(motion.frames.len());
    assert!(pairs <= 2, "both walks see the same pairs of frames");

    let sync = said.sync.as_ref().unwrap();
    let heard = analysis.sound.as_ref().unwrap();
    assert_eq!(sync.total_audio_peaks, heard.peaks.len());
    assert!(heard.voice.as_ref().is_some_and(|voices| !voices.is_empty()));

    let (start, end) = (analysis.motion.start_time, analysis.motion.end_time);
    for placed in &said.triggers.recommended_structure {
        assert!((start..=end).contains(&placed.time), "{placed:?}");
    }
    let parts: f64 = said.hook.parts.iter().map(|part| part.value).sum();
    assert!(
        (parts - said.hook.effectiveness_score).abs() < 1e-6,
        "a score is the sum of its parts"
    );
    assert!(said.hook.first_face_time.is_some_and(|time| time < 1.0), "{:?}", said.hook);
    assert!(said.cta_place.end_time <= end + 1e-6, "{:?}", said.cta_place);

    let findings = &said.checks.findings;
    let outcome =
        |name: &str| findings.iter().find(|finding| finding.check.name() == name).unwrap().outcome;
    assert_eq!(outcome("first_face"), Outcome::Pass);
    let known = |what: &str| analysis.not_analyzed.iter().all(|part| part.what != what);
    assert!(known("faces") && known("sound") && known("text"));
    assert_eq!(known("objects"), analysis.objects.is_some());
}

#[test]
fn a_video_without_sound_is_judged_by_what_can_be_known() {
    let Some(clip) = media("video_people/intel_asl_book.mkv") else { return };
    let said = example::run(&clip, "ecommerce", None).unwrap();
    assert!(said.sync.is_none() && said.analysis.audio.is_none());
    let quiet = said.checks.findings.iter().find(|finding| finding.check.name() == "loudness");
    assert_ne!(quiet.unwrap().outcome, Outcome::Pass, "{quiet:?}");
}
