//! Onset strength is librosa's, which runs beside it.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails where it unwraps")]

mod common;

use common::{RATE, rock};
use gv_audio::spectrum::onset_strength;
use std::io::Write;
use std::process::{Command, Stdio};

const SCRIPT: &str = "
import sys, numpy, librosa
y = numpy.frombuffer(sys.stdin.buffer.read(), dtype='<f4')
for value in librosa.onset.onset_strength(y=y, sr=22050):
    print(repr(float(value)))
";

#[test]
fn onset_strength_is_that_of_librosa() {
    let python = std::env::var("GV_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let there = Command::new(&python).args(["-c", "import librosa"]).stderr(Stdio::null()).status();
    if !there.is_ok_and(|status| status.success()) {
        let required = std::env::var("GV_PYTHON").is_ok();
        assert!(!required, "GV_PYTHON is set and has no librosa");
        eprintln!("skipped onset_strength_is_that_of_librosa: no python3 with librosa (GV_PYTHON)");
        return;
    }
    let (sound, _) = rock(8.0, |_| 117.0);
    let mut child = Command::new(&python)
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let bytes: Vec<u8> = sound.samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    child.stdin.take().unwrap().write_all(&bytes).unwrap();
    let told = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let theirs: Vec<f32> = told.lines().map(|line| line.parse().unwrap()).collect();
    let ours = onset_strength(&sound.samples, RATE).unwrap();
    assert_eq!(ours.len(), theirs.len());
    let largest = theirs.iter().copied().fold(0.0, f32::max);
    for (frame, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        let allowed = 1e-3 * theirs.abs().max(1e-2 * largest);
        assert!((ours - theirs).abs() <= allowed, "frame {frame}: {ours} and {theirs}");
    }
}
