//! Onsets: when a sound begins.

use crate::features::Features;
use crate::lanes::ln;
use crate::mono::Mono;
use crate::simd::kernel;
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
const WEIGHTS: [f32; 4] = [0.3, 0.5, 0.8, 1.0];

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
pub(crate) fn find(mono: &Mono, rate: f64, features: &Features) -> Vec<Onset> {
    let novelty = &features.novelty;
    let strongest = novelty.iter().copied().fold(0.0, f32::max);
    if strongest <= 0.0 {
        return Vec::new();
    }
    let mut onsets: Vec<Onset> = Vec::new();
    let mut search = Search { mono, rate, sound: Vec::new(), energy: Vec::new() };
    for frame in peaks(features, strongest) {
        let peak = frame as f64 / features.fps;
        let earliest = onsets.last().map_or(f64::NEG_INFINITY, |last| last.time + SIDE);
        let time = search.moment(peak, earliest);
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

/// Looks for the moments of onsets.
struct Search<'a> {
    mono: &'a Mono,
    rate: f64,
    /// The sound around a peak, and sums of its squares up to each sample, in four bands.
    sound: Vec<f32>,
    energy: Vec<[f64; 4]>,
}

impl Search<'_> {
    /// The moment around a peak at which the energy changes most; the peak where it rises nowhere.
    ///
    /// The sound around it is split into four bands; the moment is where two noises, one before and a louder one after,
    /// explain the bands best: the sum of `n ln σ²` of both sides over the bands is least (the picker that seismology
    /// names after Akaike, Maeda 1985).
    fn moment(&mut self, peak: f64, earliest: f64) -> f64 {
        let rate = self.rate;
        let sample_at = |time: f64| ((time * rate).round().max(0.0) as usize).min(self.mono.len());
        let begin = (peak - SEARCH.0).max(earliest.min(peak - SIDE));
        let (first, last) = (sample_at(begin.max(0.0)), sample_at(peak + SEARCH.1));
        let side = (SIDE * rate).ceil() as usize;
        let lead = if begin < 0.0 { (-begin * rate).round() as usize } else { 0 };
        if last < first + side || lead + (last - first) <= 2 * side {
            return peak.max(0.0);
        }
        self.mono.read(first.saturating_sub(side)..last, &mut self.sound);
        self.split(first.min(side), lead);
        let step = ((STEP * rate).round() as usize).max(1);
        let Some(at) = best_change(&self.energy, side, step) else { return peak.max(0.0) };
        ((first as f64 + at as f64 - lead as f64) / rate).max(0.0)
    }

    /// Sums the squares up to each sample, in four bands; `lead` zeros come first, `warm` samples only settle the
    /// filters.
    fn split(&mut self, warm: usize, lead: usize) {
        let pole = |hertz: f64| 1.0 - (-2.0 * std::f64::consts::PI * hertz / self.rate).exp();
        // What a low pass lets through comes last: all of the sound.
        let pole = [pole(SPLITS[0]), pole(SPLITS[1]), pole(SPLITS[2]), 1.0];
        let (settling, sound) = self.sound.split_at(warm);
        let mut low = [0.0; 4];
        self.energy.resize((lead + 1 + sound.len()).max(warm), [0.0; 4]);
        filter(settling, &pole, &mut low, &mut self.energy);
        self.energy.truncate(lead + 1 + sound.len());
        self.energy[..=lead].fill([0.0; 4]);
        filter(sound, &pole, &mut low, &mut self.energy[lead + 1..]);
    }
}

kernel! {
    /// Where two noises explain the energies best, at least `side` from both ends: sought `step` by `step`, then around
    /// the best of those; `None` where one noise throughout explains them as well.
    ///
    /// Energies are taken relative to that of one noise throughout, so that only what the two explain better counts.
    fn best_change(energy: &[[f64; 4]], side: usize, step: usize) -> Option<usize> {
        let count = energy.len() - 1;
        let total = energy[count];
        let even = total.map(|total| total / count as f64 * (1.0 + FLOOR) + 1e-20);
        let floor: [f32; 4] = std::array::from_fn(|band| {
            ((total[band] / count as f64 * FLOOR + 1e-20) / even[band]) as f32
        });
        let scale = even.map(|even| 1.0 / even);
        let noises = Noises { energy, total, scale, floor };
        let mut best = (0.0, side);
        for at in (side..=count - side).step_by(step) {
            let cost = noises.cost(at);
            best = if cost < best.0 { (cost, at) } else { best };
        }
        let coarse = best.1;
        for at in coarse.saturating_sub(step).max(side)..=(coarse + step).min(count - side) {
            let cost = noises.cost(at);
            best = if cost < best.0 { (cost, at) } else { best };
        }
        (best.0 < 0.0).then_some(best.1)
    }
}

/// Energies that two noises may explain: sums up to each sample, and of all.
struct Noises<'a> {
    energy: &'a [[f64; 4]],
    total: [f64; 4],
    /// One over the mean energy of each band, and the least energy of a noise as a share of that.
    scale: [f64; 4],
    floor: [f32; 4],
}

impl Noises<'_> {
    /// What two noises, the louder one from a sample on, leave unexplained; 0 for as much as one noise does, and less for
    /// less.
    #[inline(always)]
    fn cost(&self, at: usize) -> f32 {
        let (before, after) = (at as f32, (self.energy.len() - 1 - at) as f32);
        let (per_before, per_after) = (1.0 / before, 1.0 / after);
        let (mut early, mut late) = ([0.0f32; 4], [0.0f32; 4]);
        for band in 0..4 {
            let (energy, scale) = (self.energy[at][band], self.scale[band]);
            early[band] = (energy * scale) as f32 * per_before + self.floor[band];
            late[band] =
                ((self.total[band] - energy) * scale) as f32 * per_after + self.floor[band];
        }
        let mut costs = [0.0f32; 4];
        for band in 0..4 {
            let cost = WEIGHTS[band] * (before * ln(early[band]) + after * ln(late[band]));
            costs[band] = if late[band] > early[band] { cost } else { 0.0 };
        }
        (costs[0] + costs[1]) + (costs[2] + costs[3])
    }
}

kernel! {
    /// Splits samples by low passes, each of which takes off what the one before lets through, and sums the squares up
    /// to each sample.
    fn filter(samples: &[f32], pole: &[f64; 4], low: &mut [f64; 4], sums: &mut [[f64; 4]]) {
        let keep = pole.map(|pole| 1.0 - pole);
        let mut total = [0.0; 4];
        for (sums, &sample) in sums.iter_mut().zip(samples) {
            let sample = f64::from(sample);
            for band in 0..4 {
                low[band] = keep[band] * low[band] + pole[band] * sample;
            }
            let below = [0.0, low[0], low[1], low[2]];
            for band in 0..4 {
                let level = low[band] - below[band];
                total[band] += level * level;
            }
            *sums = total;
        }
    }
}
