//! How a sound moves: speech in syllables, music in steps.

use crate::features::Features;
use crate::lanes::{ln, sum};

/// Seconds of the window that each measure is taken over.
const WINDOW: f64 = 1.5;
/// Seconds of the two means between which syllables lie.
const SYLLABLE: (f64, f64) = (0.08, 0.336);
/// Hz of the bands that syllables are looked for in.
const MIDDLE: std::ops::Range<f64> = 250.0..3500.0;
/// Bands over which a spectrum is evened out, and seconds between two that are compared.
const NEAR_BANDS: usize = 9;
const LATER: f64 = 0.07;

/// How the sound around each frame moves.
pub(super) struct Manner {
    fps: f64,
    /// Logarithm of the energy of the levels between 3 and 12 Hz, where syllables are (Scheirer and Slaney 1997).
    syllables: Vec<f32>,
    /// Correlation of the spectrum's shape with that 70 ms later: tones stay, voices glide.
    steadiness: Vec<f32>,
    /// Logarithm of the standard deviation of the rise over its mean: strokes part in loud and silent.
    unevenness: Vec<f32>,
}

impl Manner {
    pub(super) fn of(features: &Features) -> Self {
        let half = |seconds: f64| (seconds * features.fps / 2.0).round() as usize;
        let window = half(WINDOW);
        let flux = flux(features);
        let squares: Vec<f32> = flux.iter().map(|value| value * value).collect();
        let means = moving_mean(&flux, window).into_iter().zip(moving_mean(&squares, window));
        let uneven = |(mean, square): (f32, f32)| {
            let deviation = (square - mean * mean).max(0.0).sqrt();
            ln(deviation / (mean + 1e-4) + 1e-3)
        };
        let unevenness = means.map(uneven).collect();
        let energy = syllable_energy(features, half(SYLLABLE.0), half(SYLLABLE.1));
        let syllables = moving_mean(&energy, window);
        Self {
            fps: features.fps,
            syllables: syllables.into_iter().map(|energy| ln(energy + 1e-4)).collect(),
            steadiness: moving_mean(&steadiness(features, 2 * half(LATER)), window),
            unevenness,
        }
    }

    pub(super) const fn frames(&self) -> usize {
        self.syllables.len()
    }

    /// Log odds of a voice around a frame, before a detector was asked.
    pub(super) fn odds(&self, frame: usize) -> f32 {
        9.588 + 4.732 * self.syllables[frame]
            - 4.568 * self.steadiness[frame]
            - 5.335 * self.unevenness[frame]
    }

    /// Probability of a voice at a time in seconds, where a detector gives `long` on average around it, and `short`
    /// right there.
    pub(super) fn probability(&self, time: f64, long: f32, short: f32) -> f32 {
        let frame = ((time * self.fps).round().max(0.0) as usize).min(self.frames() - 1);
        let odds = 0.587 + 3.793 * self.syllables[frame]
            - 12.244 * self.steadiness[frame]
            - 4.19 * self.unevenness[frame]
            + 5.704 * long
            + 9.464 * short;
        1.0 / (1.0 + (-odds).exp())
    }
}

/// Means over `2 * half + 1` values, fewer at the ends.
pub(super) fn moving_mean(values: &[f32], half: usize) -> Vec<f32> {
    crate::periodicity::moving_mean(values, half)
}

/// Mean rise over the bands from one frame to the next.
fn flux(features: &Features) -> Vec<f32> {
    let mut rises = vec![0.0; features.bands];
    let rise = |frame: usize| {
        let (before, now) = (features.level(frame.saturating_sub(1)), features.level(frame));
        for (rise, (before, now)) in rises.iter_mut().zip(before.iter().zip(now)) {
            *rise = if now > before { now - before } else { 0.0 };
        }
        sum(&rises) / features.bands as f32
    };
    (0..features.frames()).map(rise).collect()
}

/// Mean square over the middle bands of what a short moving mean exceeds a long one by.
fn syllable_energy(features: &Features, short: usize, long: usize) -> Vec<f32> {
    let bands = features.bands_between(MIDDLE);
    let (width, frames) = (bands.len().max(1), features.frames());
    let mut sums = vec![0.0f64; (frames + 1) * width];
    for frame in 0..frames {
        let (before, after) = sums[frame * width..(frame + 2) * width].split_at_mut(width);
        let levels = &features.level(frame)[bands.clone()];
        for ((after, before), level) in after.iter_mut().zip(before).zip(levels) {
            *after = *before + f64::from(*level);
        }
    }
    let mut squares = vec![0.0f32; width];
    let energy = |frame: usize| {
        let row = |frame: usize| &sums[frame * width..(frame + 1) * width];
        let span = |half: usize| (frame.saturating_sub(half), (frame + half + 1).min(frames));
        let (near, far) = (span(short), span(long));
        let share = |span: (usize, usize)| 1.0 / (span.1 - span.0) as f64;
        let (near_share, far_share) = (share(near), share(far));
        let (near, far) = ((row(near.0), row(near.1)), (row(far.0), row(far.1)));
        for (band, square) in squares.iter_mut().enumerate() {
            let near = near_share * (near.1[band] - near.0[band]);
            let away = (near - far_share * (far.1[band] - far.0[band])) as f32;
            *square = away * away;
        }
        sum(&squares) / width as f32
    };
    (0..frames).map(energy).collect()
}

/// Correlation of each frame's shape with that of an earlier frame; 0 where there is none.
fn steadiness(features: &Features, lag: usize) -> Vec<f32> {
    let bands = features.bands;
    let mut shapes = Vec::with_capacity(features.levels.len());
    for frame in 0..features.frames() {
        let levels = features.level(frame);
        let near = moving_mean(levels, NEAR_BANDS / 2);
        let mut shape: Vec<f32> =
            levels.iter().zip(&near).map(|(level, near)| level - near).collect();
        let mean = sum(&shape) / bands as f32;
        shape.iter_mut().for_each(|value| *value -= mean);
        let squares: Vec<f32> = shape.iter().map(|value| value * value).collect();
        let norm = sum(&squares).sqrt() + 1e-6;
        shapes.extend(shape.iter().map(|value| value / norm));
    }
    let shape = |frame: usize| &shapes[frame * bands..(frame + 1) * bands];
    let mut products = vec![0.0; bands];
    let alike = |frame: usize| {
        let Some(before) = frame.checked_sub(lag) else { return 0.0 };
        for (product, (a, b)) in products.iter_mut().zip(shape(before).iter().zip(shape(frame))) {
            *product = a * b;
        }
        sum(&products)
    };
    (0..features.frames()).map(alike).collect()
}
