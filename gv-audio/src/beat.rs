//! Beats: where a listener taps.

use crate::features::{Features, percentile};
use crate::onset::Onset;
use crate::periodicity::{Periodicity, moving_mean, value_at};
use crate::tempo::{Rhythm, Tempo};
use serde::{Deserialize, Serialize};

/// How much an uneven step costs beside the strength of a beat (Ellis 2007).
const TIGHTNESS: f64 = 300.0;
/// Seconds within which a beat is the onset beside it.
const SNAP: f64 = 0.03;
/// Share of the rhythm of the whole that a passage with beats has at least.
const LEAST_RHYTHM: f64 = 0.25;
/// Power of a passage without beats, as a share of that of loud frames.
const LEAST_POWER: f32 = 1e-4;
/// Share of the usual strength from which on the first and the last beat count.
const EDGE: f64 = 0.25;
/// Fewer beats are none.
const FEWEST: usize = 4;

/// A beat.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Beat {
    /// When it is, in seconds.
    pub time: f64,
    /// How much the sound rises there, as a share of the strongest rise; 0 for a beat at which nothing is struck.
    pub strength: f64,
}

/// Places beats of a rhythm; times are in seconds after the first sample.
pub(crate) fn place(
    features: &Features,
    curve: &[f32],
    rhythm: &Rhythm,
    short: &Periodicity,
    onsets: &[Onset],
) -> Vec<Beat> {
    let local = local_scores(curve, rhythm);
    let frames = best_path(&local, rhythm);
    let loud = percentile(&mut features.power.clone(), 0.95);
    let around = moving_mean(&features.power, (0.5 * features.fps) as usize);
    let has_rhythm = |frame: usize| {
        let Some(window) = short.window_at(frame) else { return true };
        let period = rhythm.period_at(frame);
        let known = [1.0, 2.0, 4.0].map(|times| value_at(window, times * period));
        let known: Vec<f64> = known.into_iter().flatten().collect();
        let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
        mean >= LEAST_RHYTHM * rhythm.strength
    };
    let heard = |&frame: &usize| around[frame] > LEAST_POWER * loud && has_rhythm(frame);
    let mut frames: Vec<usize> = frames.into_iter().filter(heard).collect();
    trim(&mut frames, &local);
    if frames.len() < FEWEST {
        return Vec::new();
    }
    let strongest = features.novelty.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let mut beats: Vec<Beat> = Vec::with_capacity(frames.len());
    for frame in frames {
        let time = snap(frame as f64 / features.fps, onsets);
        let near = frame.saturating_sub(2)..(frame + 3).min(features.frames());
        let rise = features.novelty[near].iter().copied().fold(0.0, f32::max);
        let strength = f64::from(rise / strongest);
        if beats.last().is_none_or(|last| time > last.time) {
            beats.push(Beat { time, strength });
        }
    }
    beats
}

/// The curve of rises, smoothed over a part of the beat, in standard deviations.
fn local_scores(curve: &[f32], rhythm: &Rhythm) -> Vec<f64> {
    let count = curve.len().max(1) as f64;
    let mean = curve.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
    let variance = curve.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / count;
    let deviation = variance.sqrt().max(1e-9);
    let smooth = |at: usize| {
        let width = rhythm.period_at(at) / 32.0;
        let reach = (3.0 * width).ceil() as usize;
        let (first, last) = (at.saturating_sub(reach), (at + reach + 1).min(curve.len()));
        let weigh = |i: usize| {
            let away = (i as f64 - at as f64) / width;
            f64::from(curve[i]) * (-0.5 * away * away).exp()
        };
        (first..last).map(weigh).sum::<f64>() / deviation
    };
    (0..curve.len()).map(smooth).collect()
}

/// The series of frames whose strengths, less what uneven steps cost, have the largest sum.
fn best_path(local: &[f64], rhythm: &Rhythm) -> Vec<usize> {
    let longest = 2.0 * rhythm.periods.iter().copied().fold(1.0, f64::max);
    let logs: Vec<f64> = (0..longest as usize + 2).map(|i| (i.max(1) as f64).ln()).collect();
    let gate = 0.01 * local.iter().copied().fold(0.0, f64::max);
    let mut sums = vec![0.0; local.len()];
    let mut from: Vec<Option<usize>> = vec![None; local.len()];
    let mut started = false;
    for at in 0..local.len() {
        let period = rhythm.period_at(at);
        let log_period = period.ln();
        let (near, far) = ((period / 2.0).round().max(1.0) as usize, (2.0 * period) as usize);
        let mut best = (f64::NEG_INFINITY, 0);
        for step in near..=far.min(at) {
            let sum = sums[at - step] - TIGHTNESS * (logs[step] - log_period).powi(2);
            if sum > best.0 {
                best = (sum, at - step);
            }
        }
        sums[at] = local[at];
        if started && best.0 > 0.0 {
            sums[at] += best.0;
            from[at] = Some(best.1);
        }
        started |= local[at] >= gate;
    }
    let tail = local.len().saturating_sub(1);
    let reach = rhythm.period_at(tail).ceil() as usize;
    let last =
        (tail.saturating_sub(reach)..local.len()).max_by(|&a, &b| sums[a].total_cmp(&sums[b]));
    let mut path: Vec<usize> = std::iter::successors(last, |&at| from[at]).collect();
    path.reverse();
    path
}

/// Takes weak beats off both ends.
fn trim(frames: &mut Vec<usize>, local: &[f64]) {
    let strengths: Vec<f64> = frames.iter().map(|&frame| local[frame]).collect();
    let usual =
        (strengths.iter().map(|s| s * s).sum::<f64>() / strengths.len().max(1) as f64).sqrt();
    let counts = |&at: &usize| strengths[at] >= EDGE * usual;
    let first = (0..frames.len()).find(counts).unwrap_or(frames.len());
    let last = (0..frames.len()).rfind(counts).map_or(first, |last| last + 1);
    *frames = frames[first..last].to_vec();
}

/// The onset beside a time, if there is one.
fn snap(time: f64, onsets: &[Onset]) -> f64 {
    let first = onsets.partition_point(|onset| onset.time < time - SNAP);
    let near = onsets[first..].iter().take_while(|onset| onset.time <= time + SNAP);
    let worth = |onset: &Onset| onset.strength * (1.0 - (onset.time - time).abs() / (2.0 * SNAP));
    near.max_by(|a, b| worth(a).total_cmp(&worth(b))).map_or(time, |onset| onset.time)
}

/// The tempo that beats have.
pub(crate) fn tempo(beats: &[Beat], rhythm: &Rhythm, fps: f64) -> Option<Tempo> {
    let mut intervals: Vec<f64> =
        beats.windows(2).map(|pair| pair[1].time - pair[0].time).collect();
    intervals.sort_by(f64::total_cmp);
    let median = *intervals.get(intervals.len() / 2)?;
    let steady = rhythm.steady_period(fps).map(|period| period / fps);
    let period = steady.map_or(median, |period| steady_period(beats, period));
    let candidates = rhythm.candidates.clone();
    let strength = candidates
        .iter()
        .find(|candidate| (candidate.bpm * period / 60.0 - 1.0).abs() < 0.04)
        .or_else(|| candidates.first())
        .map_or(0.0, |candidate| candidate.strength);
    let confidence = strength * rhythm.certainty;
    (period > 0.0).then_some(Tempo {
        bpm: 60.0 / period,
        confidence,
        steady: steady.is_some(),
        candidates,
    })
}

/// The period of a line through beats: each is counted on from the one before, so that a missing one is no
/// slower tempo.
fn steady_period(beats: &[Beat], period: f64) -> f64 {
    let mut count = 0.0;
    let mut points = vec![(0.0, beats[0].time)];
    for pair in beats.windows(2) {
        count += ((pair[1].time - pair[0].time) / period).round().max(1.0);
        points.push((count, pair[1].time));
    }
    let n = points.len() as f64;
    let (sum_x, sum_y) = points.iter().fold((0.0, 0.0), |(x, y), p| (x + p.0, y + p.1));
    let (x, y) = (sum_x / n, sum_y / n);
    let (xy, xx) = points
        .iter()
        .fold((0.0, 0.0), |(xy, xx), p| (xy + (p.0 - x) * (p.1 - y), xx + (p.0 - x).powi(2)));
    let slope = xy / xx;
    if (slope / period - 1.0).abs() < 0.03 { slope } else { period }
}
