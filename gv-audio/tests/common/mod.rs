//! Sounds that the tests make, and what they run.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails where it unwraps")]

use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) const RATE: u32 = 22_050;

/// A random number from 0 to 1, the same for the same seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> f32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1u64 << 24) as f32
    }

    /// About normal, of deviation 1.
    pub(crate) fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.next()).sum::<f32>() - 6.0
    }
}

/// What is struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stroke {
    Kick,
    Snare,
    Hat,
    Pluck,
}

/// Silence of some seconds, to strike things in.
pub(crate) struct Sound {
    pub(crate) samples: Vec<f32>,
    random: Random,
}

impl Sound {
    pub(crate) fn new(seconds: f64) -> Self {
        let samples = vec![0.0; (seconds * f64::from(RATE)) as usize];
        Self { samples, random: Random(1) }
    }

    pub(crate) fn strike(&mut self, stroke: Stroke, at: f64, level: f32) {
        let first = (at * f64::from(RATE)).round() as usize;
        let (attack, decay) = match stroke {
            Stroke::Kick => (0.002, 0.12),
            Stroke::Snare => (0.001, 0.08),
            Stroke::Hat => (0.000_5, 0.03),
            Stroke::Pluck => (0.001, 0.15),
        };
        for i in 0..(RATE as usize * 2) {
            let Some(sample) = self.samples.get_mut(first + i) else { break };
            let t = i as f32 / RATE as f32;
            let tone = |hertz: f32| (std::f32::consts::TAU * hertz * t).sin();
            let noise = self.random.normal() * 0.3;
            let source = match stroke {
                Stroke::Kick => tone(55.0),
                Stroke::Snare => noise + 0.4 * tone(190.0),
                Stroke::Hat => noise,
                Stroke::Pluck => {
                    (1..8).map(|k| tone(220.0 * k as f32) / k as f32).sum::<f32>() * 0.5
                }
            };
            *sample += level * source * (t / attack).min(1.0) * (-t / decay).exp();
        }
    }

    /// Holds a chord of a bass note and two others.
    pub(crate) fn hold(&mut self, hertz: f32, from: f64, to: f64, level: f32) {
        let (first, last) = ((from * f64::from(RATE)) as usize, (to * f64::from(RATE)) as usize);
        let length = last.min(self.samples.len()).saturating_sub(first);
        for i in 0..length {
            let t = i as f32 / RATE as f32;
            let edge = (t / 0.02).min((length - i) as f32 / RATE as f32 / 0.02).min(1.0);
            let tone = |times: f32| (std::f32::consts::TAU * hertz * times * t).sin();
            self.samples[first + i] +=
                level * edge * (tone(1.0) + 0.5 * tone(4.0) + 0.5 * tone(5.0));
        }
    }

    pub(crate) fn add_noise(&mut self, level: f32) {
        let random = &mut self.random;
        self.samples.iter_mut().for_each(|sample| *sample += level * random.normal());
    }
}

/// Rock: kick on one and three, snare on two and four, hats on eighths, a chord for each bar. Gives the beats.
pub(crate) fn rock(seconds: f64, bpm_at: impl Fn(f64) -> f64) -> (Sound, Vec<f64>) {
    let mut sound = Sound::new(seconds);
    let (mut time, mut beats) = (0.3, Vec::new());
    while time < seconds - 0.5 {
        let (period, beat) = (60.0 / bpm_at(time), beats.len() % 4);
        let stroke = if beat % 2 == 0 { Stroke::Kick } else { Stroke::Snare };
        sound.strike(stroke, time, 0.7);
        sound.strike(Stroke::Hat, time, 0.25);
        sound.strike(Stroke::Hat, time + period / 2.0, 0.2);
        if beat == 0 {
            let hertz = [65.4, 55.0, 43.7, 49.0][beats.len() / 4 % 4];
            sound.hold(hertz, time, time + 4.0 * period, 0.12);
        }
        beats.push(time);
        time += period;
    }
    sound.add_noise(1e-3);
    (sound, beats)
}

/// Shares of `truth` that are found within a window, and of `found` that are true.
pub(crate) fn recall_and_precision(truth: &[f64], found: &[f64], window: f64) -> (f64, f64) {
    let hits = |a: &[f64], b: &[f64]| {
        a.iter().filter(|x| b.iter().any(|y| (*x - y).abs() <= window)).count() as f64
    };
    (hits(truth, found) / truth.len() as f64, hits(found, truth) / found.len().max(1) as f64)
}

/// The folder of real media; `None`, with a note, where there is none and CI does not ask for it.
pub(crate) fn media(test: &str) -> Option<PathBuf> {
    let given = std::env::var_os("GV_TEST_MEDIA").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/media");
    let folder = given.unwrap_or_else(beside);
    if folder.is_dir() {
        return Some(folder);
    }
    let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!required, "{test}: there are no media at {}", folder.display());
    eprintln!("skipped {test}: there are no media at {}", folder.display());
    None
}

/// A folder of this test's own, emptied.
pub(crate) fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    drop(std::fs::remove_dir_all(&path));
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Runs the ffmpeg in `PATH` to make a file.
pub(crate) fn ffmpeg(args: &str, output: &Path) {
    let ffmpeg = gv_media::Ffmpeg::locate(None).unwrap();
    let status = Command::new(ffmpeg.path())
        .args(["-v", "error", "-nostdin", "-y"])
        .args(args.split_ascii_whitespace())
        .arg(output)
        .status();
    assert!(status.unwrap().success(), "ffmpeg {args}");
}
