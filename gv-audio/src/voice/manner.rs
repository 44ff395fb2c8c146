//! How a sound moves: speech in syllables, music in steps.

use crate::features::Features;
use crate::lanes::{add_up, dot, ln};
use crate::simd::kernel;

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
        sum_of_rises(features.level(frame.saturating_sub(1)), features.level(frame), &mut rises)
            / features.bands as f32
    };
    (0..features.frames()).map(rise).collect()
}

kernel! {
    fn sum_of_rises(before: &[f32], now: &[f32], rises: &mut [f32]) -> f32 {
        for (rise, (before, now)) in rises.iter_mut().zip(before.iter().zip(now)) {
            *rise = if now > before { now - before } else { 0.0 };
        }
        add_up(rises)
    }
}

/// Mean square over the middle bands of what a short moving mean exceeds a long one by.
fn syllable_energy(features: &Features, short: usize, long: usize) -> Vec<f32> {
    let bands = features.bands_between(MIDDLE);
    let (width, frames) = (bands.len().max(1), features.frames());
    let level = |frame: usize| &features.level(frame)[bands.clone()];
    let (mut near, mut far) = (Around::new(short, width), Around::new(long, width));
    let mut aways = vec![0.0f32; width];
    let energy = |frame: usize| {
        near.move_to(frame, frames, level);
        far.move_to(frame, frames, level);
        sum_of_squares(&near.sums, near.share, &far.sums, far.share, &mut aways) / width as f32
    };
    (0..frames).map(energy).collect()
}

kernel! {
    /// Sum of the squares of what sums exceed others by, each taken by its share.
    fn sum_of_squares(
        near: &[f64],
        near_share: f64,
        far: &[f64],
        far_share: f64,
        aways: &mut [f32],
    ) -> f32 {
        for (away, (near, far)) in aways.iter_mut().zip(near.iter().zip(far)) {
            *away = (near_share * near - far_share * far) as f32;
        }
        dot(aways, aways)
    }
}

/// Sums of the levels of the frames up to `half` before and after one that moves on.
struct Around {
    half: usize,
    /// The frame after the last one that was added.
    end: usize,
    sums: Vec<f64>,
    /// One over the number of frames.
    share: f64,
}

impl Around {
    fn new(half: usize, width: usize) -> Self {
        Self { half, end: 0, sums: vec![0.0; width], share: 1.0 }
    }

    /// Moves from the frame before to `frame` of `frames`.
    fn move_to<'a>(&mut self, frame: usize, frames: usize, level: impl Fn(usize) -> &'a [f32]) {
        while self.end < (frame + self.half + 1).min(frames) {
            add(&mut self.sums, level(self.end), 1.0);
            self.end += 1;
        }
        let first = frame.saturating_sub(self.half);
        if frame > self.half {
            add(&mut self.sums, level(first - 1), -1.0);
        }
        self.share = 1.0 / (self.end - first) as f64;
    }
}

kernel! {
    fn add(sums: &mut [f64], levels: &[f32], sign: f64) {
        for (sum, &level) in sums.iter_mut().zip(levels) {
            *sum += sign * f64::from(level);
        }
    }
}

/// Correlation of each frame's shape with that of an earlier frame; 0 where there is none.
fn steadiness(features: &Features, lag: usize) -> Vec<f32> {
    let (bands, half) = (features.bands, NEAR_BANDS / 2);
    let count = |band: usize| (band + half + 1).min(bands) - band.saturating_sub(half);
    let shares: Vec<f32> = (0..bands).map(|band| 1.0 / count(band) as f32).collect();
    let mut padded = vec![0.0; bands + 2 * half];
    let mut shape = vec![0.0; bands];
    // The shapes of the last frames: each takes the place of the one that it is compared with.
    let mut shapes = vec![0.0; bands * lag.max(1)];
    let alike = |frame: usize| {
        padded[half..half + bands].copy_from_slice(features.level(frame));
        let at = frame % lag.max(1) * bands;
        compare_shape(&padded, &shares, &mut shapes[at..at + bands], &mut shape)
    };
    (0..features.frames()).map(alike).collect()
}

kernel! {
    /// Puts the shape of levels, which zeros surround, in the place of an earlier one: how alike the two are.
    ///
    /// The shape is what levels differ from the mean of their neighbours by, around zero, of length one.
    fn compare_shape(padded: &[f32], shares: &[f32], earlier: &mut [f32], shape: &mut [f32]) -> f32 {
        shape.fill(0.0);
        for shift in 0..NEAR_BANDS {
            shape.iter_mut().zip(&padded[shift..]).for_each(|(sum, level)| *sum += level);
        }
        let levels = &padded[NEAR_BANDS / 2..];
        for (shape, (level, share)) in shape.iter_mut().zip(levels.iter().zip(shares)) {
            *shape = level - *shape * share;
        }
        let mean = add_up(shape) / shape.len() as f32;
        shape.iter_mut().for_each(|value| *value -= mean);
        let scale = 1.0 / (dot(shape, shape).sqrt() + 1e-6);
        shape.iter_mut().for_each(|value| *value *= scale);
        let alike = dot(earlier, shape);
        earlier.copy_from_slice(shape);
        alike
    }
}
