//! How regularly a sound repeats: autocorrelation of its rises, over the whole and piece by piece.

use crate::features::Features;
use realfft::RealFftPlanner;

/// Seconds over which the mean is taken off and the strength evened out.
const LOCAL_MEAN: f64 = 0.5;
const LOCAL_STRENGTH: f64 = 4.0;

/// Curves of rises in which strong and weak passages count alike: of all bands, and of those below 150 Hz.
pub(crate) struct Curves {
    all: Vec<f32>,
    low: Vec<f32>,
}

impl Curves {
    pub(crate) fn of(features: &Features) -> Self {
        let even = |rises: &[f32]| evened(rises, features.fps);
        Self { all: even(&features.novelty), low: even(&features.low_novelty) }
    }

    /// The curve in which rises below 150 Hz count once more, with a weight.
    pub(crate) fn weighted(&self, low_weight: f32) -> Vec<f32> {
        self.all.iter().zip(&self.low).map(|(all, low)| all + low_weight * low).collect()
    }
}

fn evened(rises: &[f32], fps: f64) -> Vec<f32> {
    let mean = moving_mean(rises, (LOCAL_MEAN * fps) as usize);
    let above: Vec<f32> =
        rises.iter().zip(&mean).map(|(rise, mean)| (rise - mean).max(0.0)).collect();
    let squares: Vec<f32> = above.iter().map(|value| value * value).collect();
    let overall = squares.iter().sum::<f32>() / squares.len().max(1) as f32;
    let local = moving_mean(&squares, (LOCAL_STRENGTH * fps) as usize);
    let strength = |local: f32| (local.max(0.05 * overall)).sqrt().max(1e-9);
    above.iter().zip(&local).map(|(value, &local)| (value / strength(local)).min(6.0)).collect()
}

/// Means over `2 * half + 1` values, fewer at the ends.
pub(crate) fn moving_mean(values: &[f32], half: usize) -> Vec<f32> {
    let mut sums = Vec::with_capacity(values.len() + 1);
    let mut sum = 0.0f64;
    sums.push(sum);
    for &value in values {
        sum += f64::from(value);
        sums.push(sum);
    }
    let mean = |at: usize| {
        let (first, last) = (at.saturating_sub(half), (at + half + 1).min(values.len()));
        ((sums[last] - sums[first]) / (last - first) as f64) as f32
    };
    (0..values.len()).map(mean).collect()
}

/// Autocorrelation of windows of a curve.
#[derive(Debug, Clone, Default)]
pub(crate) struct Periodicity {
    /// Values of each window at lags from 0 on, 1 at lag 0.
    pub(crate) windows: Vec<Vec<f32>>,
    /// Frames from one window to the next.
    pub(crate) hop: usize,
    /// Frames of a window.
    pub(crate) length: usize,
    /// Mean over the windows, each with its energy.
    pub(crate) overall: Vec<f32>,
    /// Share of the variance of white noise that a lag of the whole has.
    pub(crate) noise: f64,
}

impl Periodicity {
    /// Correlates windows of `length` frames, `hop` apart, up to half a window.
    pub(crate) fn of(curve: &[f32], length: usize, hop: usize) -> Self {
        let length = length.min(curve.len());
        let hop = hop.max(1);
        if length < 16 {
            return Self::default();
        }
        let lags = length * 2 / 3;
        let mut correlate = Correlator::new(length);
        let count = (curve.len() - length) / hop + 1;
        let mut overall = vec![0.0f64; lags];
        let mut weight = 0.0;
        let mut windows = Vec::with_capacity(count);
        for at in 0..count {
            let window = &curve[at * hop..at * hop + length];
            let (values, energy) = correlate.of(window, lags);
            for (sum, value) in overall.iter_mut().zip(&values) {
                *sum += energy * f64::from(*value);
            }
            weight += energy;
            windows.push(values);
        }
        let overall: Vec<f32> = overall
            .iter()
            .map(|sum| if weight > 0.0 { (sum / weight) as f32 } else { 0.0 })
            .collect();
        let short: f64 =
            overall.iter().skip(1).take(6).map(|value| f64::from(*value).powi(2)).sum();
        let noise = (1.0 + 2.0 * short) / curve.len() as f64;
        Self { windows, hop, length, overall, noise }
    }

    /// The window whose middle is nearest to a frame.
    pub(crate) fn window_at(&self, frame: usize) -> Option<&[f32]> {
        let at = (frame.saturating_sub(self.length / 2) + self.hop / 2) / self.hop.max(1);
        let at = at.min(self.windows.len().checked_sub(1)?);
        self.windows.get(at).map(Vec::as_slice)
    }
}

struct Correlator {
    planner: RealFftPlanner<f32>,
    size: usize,
}

impl Correlator {
    fn new(length: usize) -> Self {
        Self { planner: RealFftPlanner::new(), size: (2 * length).next_power_of_two() }
    }

    /// Unbiased autocorrelation of a window around its mean, and its energy.
    fn of(&mut self, window: &[f32], lags: usize) -> (Vec<f32>, f64) {
        let mean = window.iter().sum::<f32>() / window.len() as f32;
        let mut input = vec![0.0; self.size];
        for (value, sample) in input.iter_mut().zip(window) {
            *value = sample - mean;
        }
        let forward = self.planner.plan_fft_forward(self.size);
        let mut spectrum = forward.make_output_vec();
        let backward = self.planner.plan_fft_inverse(self.size);
        let done = forward.process(&mut input, &mut spectrum);
        for value in &mut spectrum {
            *value = (value.norm_sqr()).into();
        }
        if done.is_err() || backward.process(&mut spectrum, &mut input).is_err() {
            return (vec![0.0; lags], 0.0);
        }
        let energy = f64::from(input[0]) / self.size as f64;
        if input[0] <= 1e-6 * self.size as f32 {
            return (vec![0.0; lags], 0.0);
        }
        let count = window.len() as f32;
        let unbiased = |lag: usize| input[lag] / input[0] * count / (count - lag as f32);
        ((0..lags).map(unbiased).collect(), energy)
    }
}

/// A lag between frames.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lag {
    whole: usize,
    part: f32,
}

impl Lag {
    pub(crate) fn new(lag: f64) -> Self {
        Self { whole: lag as usize, part: (lag - lag.floor()) as f32 }
    }

    /// Value of a correlation: the largest within a frame of the lag; `None` where it is not known.
    pub(crate) fn of(self, correlation: &[f32]) -> Option<f64> {
        let near = correlation.get(self.whole.checked_sub(1)?..self.whole + 3)?;
        let between =
            |at: usize| f64::from(near[at] * (1.0 - self.part) + near[at + 1] * self.part);
        Some(between(0).max(between(1)).max(between(2)))
    }
}

/// Value of a correlation at a lag between frames: as [`Lag::of`].
pub(crate) fn value_at(correlation: &[f32], lag: f64) -> Option<f64> {
    Lag::new(lag).of(correlation)
}
