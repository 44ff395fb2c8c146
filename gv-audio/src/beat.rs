//! Beats: where a listener taps.

use crate::features::{Features, percentile};
use crate::onset::Onset;
use crate::periodicity::{Periodicity, moving_mean, value_at};
use crate::simd::kernel;
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
/// Steps that are compared together.
const LANES: usize = 8;
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
    let mut weights = OfPeriod::new(|period: f64| {
        let width = period / 32.0;
        let reach = (3.0 * width).ceil() as i32;
        let weight = |away: i32| (-0.5 * (f64::from(away) / width).powi(2)).exp();
        (-reach..=reach).map(weight).collect()
    });
    let smooth = |at: usize| {
        let weights = weights.of(rhythm.period_at(at));
        let reach = weights.len() / 2;
        let (first, last) = (at.saturating_sub(reach), (at + reach + 1).min(curve.len()));
        let weights = &weights[first + reach - at..];
        let weighted = curve[first..last].iter().zip(weights).map(|(&v, w)| f64::from(v) * w);
        weighted.sum::<f64>() / deviation
    };
    (0..curve.len()).map(smooth).collect()
}

/// A table that depends on the period of the beat, and is made anew where that changes.
struct OfPeriod<F> {
    make: F,
    period: f64,
    table: Vec<f64>,
}

impl<F: Fn(f64) -> Vec<f64>> OfPeriod<F> {
    const fn new(make: F) -> Self {
        Self { make, period: f64::NAN, table: Vec::new() }
    }

    fn of(&mut self, period: f64) -> &[f64] {
        if self.period != period {
            (self.period, self.table) = (period, (self.make)(period));
        }
        &self.table
    }
}

/// The series of frames whose strengths, less what uneven steps cost, have the largest sum.
fn best_path(local: &[f64], rhythm: &Rhythm) -> Vec<usize> {
    let steps = |period: f64| ((period / 2.0).round().max(1.0) as usize, (2.0 * period) as usize);
    // What each step costs, the longest first.
    let mut costs = OfPeriod::new(|period: f64| {
        let (near, far) = steps(period);
        let cost = |step: usize| TIGHTNESS * (step as f64 / period).ln().powi(2);
        (near..=far).rev().map(cost).collect()
    });
    let gate = 0.01 * local.iter().copied().fold(0.0, f64::max);
    let mut sums = vec![0.0; local.len()];
    let mut from: Vec<Option<usize>> = vec![None; local.len()];
    let mut started = false;
    for at in 0..local.len() {
        let period = rhythm.period_at(at);
        let (near, far) = steps(period);
        sums[at] = local[at];
        if started && at >= near {
            let first = at.saturating_sub(far);
            let costs = &costs.of(period)[far - (at - first)..];
            let (best, place) = best_step(&sums[first..=at - near], costs);
            if best > 0.0 {
                sums[at] += best;
                from[at] = Some(first + place);
            }
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

kernel! {
    /// The largest of sums less their costs, and where it is: the last place of equal ones.
    fn best_step(sums: &[f64], costs: &[f64]) -> (f64, usize) {
        let mut tops = [f64::NEG_INFINITY; LANES];
        let (sums_whole, sums_rest) = sums.as_chunks::<LANES>();
        let (costs_whole, costs_rest) = costs[..sums.len()].as_chunks::<LANES>();
        for (sums, costs) in sums_whole.iter().zip(costs_whole) {
            for lane in 0..LANES {
                let left = sums[lane] - costs[lane];
                tops[lane] = if left > tops[lane] { left } else { tops[lane] };
            }
        }
        let rest = sums_rest.iter().zip(costs_rest).map(|(sum, cost)| sum - cost);
        let best = rest.chain(tops).fold(f64::NEG_INFINITY, f64::max);
        let place = sums.iter().zip(costs).rposition(|(sum, cost)| sum - cost >= best);
        (best, place.unwrap_or(0))
    }
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
