//! Onsets: when a sound begins.

use crate::features::Features;
use crate::lanes::ln_precise;
use serde::{Deserialize, Serialize};

/// Mean rise above its surroundings from which on a peak is an onset, in nepers a band.
const LEAST_RISE: f32 = 0.12;
/// Share of the strongest rise that an onset has at least.
const LEAST_SHARE: f32 = 0.06;
/// Seconds around a peak in which none is higher.
const PEAK: f64 = 0.03;
/// Seconds before and after over which the surroundings are averaged.
const AROUND: (f64, f64) = (0.12, 0.08);
/// Seconds before and after a peak in which the moment of the onset is looked for.
const SEARCH: (f64, f64) = (0.05, 0.03);
/// Seconds that both sides of the moment have at least.
const SIDE: f64 = 0.004;
/// Seconds between the moments that are tried.
const STEP: f64 = 0.000_5;
/// Share of the mean energy of a band below which nothing is heard: what an encoder smears ahead of an onset.
const FLOOR: f64 = 4e-3;
/// Hz at which the sound is split for the search.
const SPLITS: [f64; 3] = [250.0, 1000.0, 4000.0];
/// Weight of a band in the search: the wider, the more independent samples it has.
const WEIGHTS: [f64; 4] = [0.3, 0.5, 0.8, 1.0];

/// The beginning of a sound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Onset {
    /// When its energy begins to rise, in seconds.
    pub time: f64,
    /// How much it rises, as a share of the strongest rise of the sound.
    pub strength: f64,
}

/// Finds the onsets of mono sound; times are in seconds after the first sample.
pub(crate) fn find(samples: &[f32], rate: f64, features: &Features) -> Vec<Onset> {
    let novelty = &features.novelty;
    let strongest = novelty.iter().copied().fold(0.0, f32::max);
    if strongest <= 0.0 {
        return Vec::new();
    }
    let mut onsets: Vec<Onset> = Vec::new();
    for frame in peaks(features, strongest) {
        let peak = frame as f64 / features.fps;
        let earliest = onsets.last().map_or(f64::NEG_INFINITY, |last| last.time + SIDE);
        let time = moment(samples, rate, peak, earliest);
        let strength = f64::from(novelty[frame] / strongest);
        match onsets.last_mut() {
            Some(last) if time - last.time < PEAK / 2.0 => {
                last.strength = last.strength.max(strength);
            }
            _ => onsets.push(Onset { time, strength }),
        }
    }
    onsets
}

/// Frames at which the rise has a peak that stands out.
fn peaks(features: &Features, strongest: f32) -> Vec<usize> {
    let novelty = &features.novelty;
    let frames = |seconds: f64| (seconds * features.fps).round().max(1.0) as usize;
    let (near, before, after) = (frames(PEAK), frames(AROUND.0), frames(AROUND.1));
    let mut sums = Vec::with_capacity(novelty.len() + 1);
    let mut sum = 0.0;
    sums.push(sum);
    for &rise in novelty {
        sum += f64::from(rise);
        sums.push(sum);
    }
    let stands_out = |&frame: &usize| {
        let rise = novelty[frame];
        if rise < strongest * LEAST_SHARE {
            return false;
        }
        let (first, last) = (frame.saturating_sub(near), (frame + near + 1).min(novelty.len()));
        let highest = novelty[first..frame].iter().all(|&other| other < rise)
            && novelty[frame..last].iter().all(|&other| other <= rise);
        let (first, last) = (frame.saturating_sub(before), (frame + after + 1).min(novelty.len()));
        let mean = ((sums[last] - sums[first]) / (last - first) as f64) as f32;
        highest && rise >= mean + LEAST_RISE
    };
    (0..novelty.len()).filter(stands_out).collect()
}

/// The moment around a peak at which the energy changes most.
///
/// The sound around it is split into four bands; the moment is where two noises, one before and a louder one after,
/// explain the bands best: the sum of `n ln σ²` of both sides over the bands is least (the picker that seismology
/// names after Akaike, Maeda 1985).
fn moment(samples: &[f32], rate: f64, peak: f64, earliest: f64) -> f64 {
    let sample_at = |time: f64| ((time * rate).round().max(0.0) as usize).min(samples.len());
    let begin = (peak - SEARCH.0).max(earliest.min(peak - SIDE));
    let (first, last) = (sample_at(begin.max(0.0)), sample_at(peak + SEARCH.1));
    let side = (SIDE * rate).ceil() as usize;
    let lead = if begin < 0.0 { (-begin * rate).round() as usize } else { 0 };
    if last < first + side || lead + (last - first) <= 2 * side {
        return peak.max(0.0);
    }
    let energy =
        band_energy(&samples[first.saturating_sub(side)..last], first.min(side), lead, rate);
    let count = energy.len() - 1;
    let step = ((STEP * rate).round() as usize).max(1);
    let total = energy[count];
    let floor: [f64; 4] = std::array::from_fn(|band| total[band] / count as f64 * FLOOR + 1e-20);
    let even: [f64; 4] = std::array::from_fn(|band| total[band] / count as f64 + floor[band]);
    let cost = |at: usize| {
        let (before, after) = (at as f64, (count - at) as f64);
        let costs: [f64; 4] = std::array::from_fn(|band| {
            let early = energy[at][band] / before + floor[band];
            let late = (total[band] - energy[at][band]) / after + floor[band];
            let rises = late > early;
            let (early, late) = if rises { (early, late) } else { (even[band], even[band]) };
            WEIGHTS[band] * (before * ln_precise(early) + after * ln_precise(late))
        });
        costs.iter().sum::<f64>()
    };
    let least = |tried: &mut dyn Iterator<Item = usize>| {
        let costs = tried.map(|at| (cost(at), at));
        costs.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(side, |(_, at)| at)
    };
    let coarse = least(&mut (side..=count - side).step_by(step));
    let near = coarse.saturating_sub(step).max(side)..=(coarse + step).min(count - side);
    let at = least(&mut near.into_iter()) as f64;
    ((first as f64 + at - lead as f64) / rate).max(0.0)
}

/// Sums of squares up to each sample, in four bands; `lead` zeros come first, `warm` samples only settle the
/// filters.
fn band_energy(samples: &[f32], warm: usize, lead: usize, rate: f64) -> Vec<[f64; 4]> {
    let pole = SPLITS.map(|hertz| 1.0 - (-2.0 * std::f64::consts::PI * hertz / rate).exp());
    let mut low = [0.0f64; 3];
    let mut sum = [0.0f64; 4];
    let mut sums = vec![sum; lead + 1];
    sums.reserve(samples.len());
    for (at, &sample) in samples.iter().enumerate() {
        let sample = f64::from(sample);
        for (low, pole) in low.iter_mut().zip(pole) {
            *low = (1.0 - pole) * *low + pole * sample;
        }
        if at < warm {
            continue;
        }
        let bands = [low[0], low[1] - low[0], low[2] - low[1], sample - low[2]];
        for (sum, band) in sum.iter_mut().zip(bands) {
            *sum += band * band;
        }
        sums.push(sum);
    }
    sums
}
