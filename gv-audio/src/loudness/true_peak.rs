//! True peak: the largest value between samples, by interpolation.

use crate::lanes::largest;
use crate::simd::kernel;

/// Samples before a piece that the filters reach back to.
pub(super) const BEFORE: usize = 24;
/// Taps of all phases of the interpolation, as in `libebur128`.
const TAPS: usize = 48;
/// Values that are interpolated together.
const LANES: usize = 16;
/// Samples that are passed over together where they are too small.
const CELL: usize = 4 * LANES;

/// The true peak of one channel: four times as many samples up to 96 kHz, twice as many up to 192 kHz (BS.1770, annex
/// 2), by a sinc under a Hann window.
///
/// No interpolated value exceeds the largest of the samples around it times the sum of the sizes of the filter's
/// taps. Where that is below the peak so far, nothing is interpolated.
pub(super) struct TruePeak {
    /// Taps of the phases that lie between samples, the oldest sample first.
    phases: Vec<Vec<f32>>,
    most_gain: f32,
    /// The largest sample that the filters reach back to from the next piece, or a larger one.
    before: f32,
    peak: f32,
}

impl TruePeak {
    pub(super) fn new(rate: u32) -> Self {
        let factor = match rate {
            0..96_000 => 4,
            96_000..192_000 => 2,
            _ => 1,
        };
        let tap = |at: usize| {
            let phase = 2.0 * std::f64::consts::PI * at as f64 / TAPS as f64;
            let x = (at as f64 - TAPS as f64 / 2.0) * std::f64::consts::PI / factor as f64;
            (0.5 * (1.0 - phase.cos()) * x.sin() / x) as f32
        };
        let phase = |phase: usize| (0..TAPS / factor).rev().map(move |k| tap(k * factor + phase));
        let phases: Vec<Vec<f32>> = (1..factor).map(|at| phase(at).collect()).collect();
        let gain = |taps: &Vec<f32>| taps.iter().map(|tap| tap.abs()).sum::<f32>();
        // The sum of the sizes may itself be rounded down.
        let most_gain = 1.000_01 * phases.iter().map(gain).fold(0.0, f32::max);
        Self { phases, most_gain, before: 0.0, peak: 0.0 }
    }

    /// Looks at the samples of `line` after the first [`BEFORE`], which come again from the piece before; `peak` is the
    /// largest of them.
    pub(super) fn push(&mut self, line: &[f32], peak: f32) {
        let largest_near = peak.max(self.before);
        self.before = if line.len() >= 2 * BEFORE { peak } else { largest_near };
        if largest_near * self.most_gain <= self.peak {
            return;
        }
        let Some(length) = self.phases.first().map(Vec::len) else { return };
        let line = &line[(BEFORE + 1 - length).min(line.len())..];
        let count = (line.len() + 1).saturating_sub(length);
        for first in (0..count).step_by(CELL) {
            let last = (first + CELL).min(count);
            let around = &line[first..last + length - 1];
            if largest(around) * self.most_gain > self.peak {
                for taps in &self.phases {
                    self.peak = self.peak.max(interpolated_peak(around, taps));
                }
            }
        }
    }

    /// The largest interpolated value so far.
    pub(super) const fn peak(&self) -> f32 {
        self.peak
    }
}

kernel! {
    /// The largest size of the values that one phase interpolates.
    fn interpolated_peak(line: &[f32], taps: &[f32]) -> f32 {
        let count = line.len() + 1 - taps.len();
        let mut tops = [0.0f32; LANES];
        let whole = count - count % LANES;
        for first in (0..whole).step_by(LANES) {
            let mut sums = [0.0f32; LANES];
            for (tap, samples) in taps.iter().zip(line[first..].windows(LANES)) {
                for (sum, sample) in sums.iter_mut().zip(samples) {
                    *sum += tap * sample;
                }
            }
            for (top, sum) in tops.iter_mut().zip(sums) {
                let size = sum.abs();
                *top = if size > *top { size } else { *top };
            }
        }
        let one =
            |at: usize| taps.iter().zip(&line[at..]).map(|(tap, sample)| tap * sample).sum::<f32>();
        (whole..count).map(|at| one(at).abs()).chain(tops).fold(0.0, f32::max)
    }
}
