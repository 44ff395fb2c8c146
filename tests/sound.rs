//! Sound that does not fit its video is heard at its own times, and a video without sound says so.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]

use geminivideo::audio::testing::LostVoiceDetector;
use geminivideo::{Analysis, AnalyzeOptions, ErrorKind, VoiceModel, analyze};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// Two seconds of picture, with what more is asked of ffmpeg.
fn clip(path: &Path, more: &str) -> Analysis {
    let program = std::env::var("GV_FFMPEG").unwrap_or_else(|_| "ffmpeg".into());
    let made = Command::new(program)
        .args(["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=s=160x96:r=25:d=2"])
        .args(more.split_ascii_whitespace())
        .args(["-c:v", "mpeg4"])
        .arg(path)
        .status();
    assert!(made.unwrap().success(), "{more}");
    analyze(path, &AnalyzeOptions::default().faces(None).objects(None).text(None)).unwrap()
}

/// A beep at 1 s, of a sound that is `seconds` long.
fn beep(seconds: f64) -> String {
    format!("-f lavfi -i aevalsrc=gte(t\\,1)*lt(t\\,1.2)*0.8*sin(2*PI*880*t):s=48000:d={seconds}")
}

#[test]
fn sound_may_be_longer_shorter_or_later_than_the_picture() {
    let folder = tempfile::tempdir().unwrap();
    for (name, more, onset, end) in [
        ("longer", beep(5.0), 1.0, 5.0),
        ("shorter", beep(1.3), 1.0, 1.3),
        ("later", format!("-itsoffset 0.4 {}", beep(1.5)), 1.4, 1.9),
    ] {
        let seen = clip(&folder.path().join(format!("{name}.mp4")), &format!("{more} -c:a aac"));
        let heard = seen.sound.as_ref().unwrap();
        assert!((heard.onsets[0].time - onset).abs() < 2e-3, "{name}: {:?}", heard.onsets);
        let last = heard.start + heard.duration;
        assert!((last - end).abs() < 0.05, "{name}: {last}");
        assert!((seen.motion.end_time - 2.0).abs() < 0.05, "{name}: {}", seen.motion.end_time);
        assert_eq!(heard.voice_detector.as_deref(), Some("built-in"));
    }
}

#[test]
fn a_video_without_sound_says_so_and_so_does_one_that_was_not_listened_to() {
    let folder = tempfile::tempdir().unwrap();
    let mute = clip(&folder.path().join("mute.mp4"), "-an");
    assert!(mute.sound.is_none());
    let said = |seen: &Analysis| seen.not_analyzed.iter().any(|part| part.what == "sound");
    assert!(mute.evidence().sound.is_none_or(|sound| !sound.has_track));
    let path = folder.path().join("sound.mp4");
    clip(&path, &beep(2.0));
    let unheard = analyze(&path, &AnalyzeOptions::default().motion_only()).unwrap();
    assert!(unheard.sound.is_none() && said(&unheard), "{:?}", unheard.not_analyzed);
}

#[test]
fn a_detector_of_voices_that_fails_ends_the_analysis_with_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sound.mp4");
    clip(&path, &beep(2.0));
    let options = AnalyzeOptions::default().voices(VoiceModel::Own(Arc::new(LostVoiceDetector)));
    let failed = analyze(&path, &options).unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Callback);
    assert_eq!(failed.to_string(), "the voice detector lost failed: broken pipe");
}
