//! An ad from generated clips and a voice-over: the example, run.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]
#![allow(dead_code, unreachable_pub, reason = "the example's own entry point is not called here")]

#[path = "../examples/assemble_ad.rs"]
mod example;

use example::{SCENES, SCRIPT, SECONDS};

#[test]
fn generated_clips_and_a_voice_become_an_ad_whose_cuts_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let (videos, voices, studio) = example::loopback(folder.path()).unwrap();
    let ad = example::assemble(&studio, folder.path()).unwrap();
    assert_eq!(videos.created().len(), SCENES.len());
    assert_eq!(voices.billed(), SCRIPT.chars().count() as u64 / 2);

    let analysis = example::look(&ad).unwrap();
    let length = SECONDS * SCENES.len() as f64;
    assert!((analysis.duration() - length).abs() < 0.1, "{}", analysis.duration());
    assert!(analysis.audio.is_some());
    let cuts: Vec<f64> = analysis.shots.boundaries.iter().map(|cut| cut.time).collect();
    assert_eq!(cuts.len(), SCENES.len() - 1, "{cuts:?}");
    for (at, cut) in cuts.iter().enumerate() {
        assert!((cut - SECONDS * (at + 1) as f64).abs() < 0.05, "{cuts:?}");
    }
    let captions = std::fs::read_to_string(folder.path().join("captions.srt")).unwrap();
    assert!(captions.contains("Cold coffee again?"), "{captions}");

    example::assemble(&studio, folder.path()).unwrap();
    assert_eq!(videos.created().len(), SCENES.len(), "an ad made again pays nothing again");
}
