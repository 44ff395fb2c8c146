//! Time and memory grow no faster than a sound, to twenty minutes; alone in its process, whose memory it measures.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails where it unwraps")]

mod common;

use common::{RATE, rock};
use gv_audio::{AudioAnalysis, AudioOptions, Listener};

const BPM: f64 = 117.0;
/// Bytes for a second of sound that the analysis may take.
const MOST: f64 = 100_000.0;

/// The most memory that the process ever had, in bytes.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() * 1024.0
}

/// Seconds that this thread has worked.
fn worked() -> f64 {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    times.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}

/// Hears a groove again and again, without holding it; eight bars, so that it goes on without a seam.
fn hear(minutes: usize) -> (AudioAnalysis, f64) {
    let period = 60.0 / BPM;
    let (sound, _) = rock(0.3 + 33.0 * period, |_| BPM);
    let first = (0.3 * f64::from(RATE)) as usize;
    let length = (32.0 * period * f64::from(RATE)).round() as usize;
    let bars = &sound.samples[first..first + length];
    let options = AudioOptions::default().threads(1);
    let started = worked();
    let mut listener = Listener::new(1, RATE, &options).unwrap();
    let mut heard = 0;
    while heard < minutes * 60 * RATE as usize {
        listener.push(heard as f64 / f64::from(RATE), bars).unwrap();
        heard += bars.len();
    }
    (listener.finish().unwrap(), worked() - started)
}

#[test]
fn twenty_minutes_take_five_times_what_four_take() {
    let ((short, quick), before) = (hear(4), peak());
    let ((long, slow), after) = (hear(20), peak());
    let times = long.duration / short.duration;
    let bytes = (after - before) / (long.duration - short.duration);
    eprintln!(
        "4 min: {quick:.2} s, 20 min: {slow:.2} s, {:.0} kB more for each second",
        bytes / 1e3
    );
    assert!((long.duration - 1200.0).abs() < 20.0, "{}", long.duration);
    assert!(bytes < MOST, "{bytes}");
    assert!(slow < 1.4 * times * quick, "{quick} {slow}");
    let tempo = long.tempo.unwrap();
    assert!((tempo.bpm / BPM - 1.0).abs() < 1e-3 && tempo.steady, "{tempo:?}");
    let expected = long.duration * BPM / 60.0;
    assert!((long.beats.len() as f64 / expected - 1.0).abs() < 0.01, "{}", long.beats.len());
}
