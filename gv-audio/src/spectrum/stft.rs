//! The short-time Fourier transform.

use crate::simd::kernel;
use crate::{Error, Result};
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;

/// A short-time Fourier transform with a periodic Hann window.
///
/// Frame `t` is centred on sample `t * hop`; beyond the ends of the sound lie zeros. As `librosa.stft` with
/// its defaults.
#[derive(Clone)]
pub struct Stft {
    transform: Arc<dyn Fft<f32>>,
    window: Vec<f32>,
    hop: usize,
}

impl std::fmt::Debug for Stft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stft {{ size: {}, hop: {} }}", self.size(), self.hop)
    }
}

impl Stft {
    /// Prepares transforms of `size` samples, `hop` samples apart.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for an odd size, one outside 16 to 65536, or a hop of 0.
    pub fn new(size: usize, hop: usize) -> Result<Self> {
        if !(16..=65_536).contains(&size) || !size.is_multiple_of(2) || hop == 0 {
            return Err(Error::InvalidParameter {
                name: "size",
                given: format!("{size} with a hop of {hop}"),
                allowed: "an even number from 16 to 65536 with a hop of at least 1",
            });
        }
        Ok(Self { transform: FftPlanner::new().plan_fft_forward(size), window: hann(size), hop })
    }

    /// Samples in a frame.
    pub fn size(&self) -> usize {
        self.window.len()
    }

    /// Samples from one frame to the next.
    pub const fn hop(&self) -> usize {
        self.hop
    }

    /// Values of a spectrum.
    pub fn bins(&self) -> usize {
        self.size() / 2 + 1
    }

    /// Frames of a sound of `samples` samples.
    pub const fn frames(&self, samples: usize) -> usize {
        if samples == 0 { 0 } else { 1 + samples / self.hop }
    }

    /// Calls `each` with the index and the power spectrum of each frame in a range.
    ///
    /// Two frames are the real and the imaginary part of one transform; rounding leaves up to 1e-14 of the power of
    /// one in the other.
    pub fn powers(
        &self,
        samples: &[f32],
        frames: std::ops::Range<usize>,
        mut each: impl FnMut(usize, &[f32]),
    ) {
        let mut pair = Pair::new(Arc::clone(&self.transform));
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let half = (self.size() / 2) as i64;
        for frame in frames.clone().step_by(2) {
            let last = (frame + 1).min(frames.end - 1);
            let first = |frame: usize| (frame * self.hop) as i64 - half;
            let one = stretch(samples, first(frame), self.size(), &mut before);
            let other = stretch(samples, first(last), self.size(), &mut after);
            let [one, other] = pair.powers(&self.window, one, other);
            each(frame, one);
            if last > frame {
                each(last, other);
            }
        }
    }
}

/// A periodic Hann window.
pub(crate) fn hann(size: usize) -> Vec<f32> {
    let phase = |i: usize| 2.0 * std::f64::consts::PI * i as f64 / size as f64;
    (0..size).map(|i| (0.5 - 0.5 * phase(i).cos()) as f32).collect()
}

/// The `length` samples from `first` on; beyond the ends of the sound lie zeros.
pub(crate) fn stretch<'a>(
    samples: &'a [f32],
    first: i64,
    length: usize,
    space: &'a mut Vec<f32>,
) -> &'a [f32] {
    let within = usize::try_from(first).ok().and_then(|first| samples.get(first..first + length));
    within.unwrap_or_else(|| {
        let at = |place: i64| usize::try_from(place).unwrap_or(0).min(samples.len());
        let known = at(first)..at(first.saturating_add(length as i64));
        space.clear();
        space.resize(usize::try_from(-first).unwrap_or(0).min(length), 0.0);
        space.extend_from_slice(&samples[known]);
        space.resize(length, 0.0);
        space
    })
}

/// Power spectra of two real signals at a time: they are the real and the imaginary part of one transform.
pub(crate) struct Pair {
    transform: Arc<dyn Fft<f32>>,
    both: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    powers: [Vec<f32>; 2],
}

impl Pair {
    pub(crate) fn new(transform: Arc<dyn Fft<f32>>) -> Self {
        let (size, scratch) = (transform.len(), transform.get_inplace_scratch_len());
        Self {
            both: vec![Complex::default(); size],
            scratch: vec![Complex::default(); scratch],
            powers: [vec![0.0; size / 2 + 1], vec![0.0; size / 2 + 1]],
            transform,
        }
    }

    /// The power spectra of two stretches under a window, all as long; zeros follow them up to the size of the
    /// transform.
    pub(crate) fn powers(&mut self, window: &[f32], one: &[f32], other: &[f32]) -> [&[f32]; 2] {
        weave(&mut self.both, window, one, other);
        self.transform.process_with_scratch(&mut self.both, &mut self.scratch);
        let [one, other] = &mut self.powers;
        part(&self.both, one, other);
        [one, other]
    }
}

kernel! {
    /// Puts two windowed signals into the real and the imaginary parts, and zeros behind them.
    fn weave(both: &mut [Complex<f32>], window: &[f32], one: &[f32], other: &[f32]) {
        let count = window.len().min(one.len()).min(other.len()).min(both.len());
        let (both, rest) = both.split_at_mut(count);
        let signals = one[..count].iter().zip(&other[..count]).zip(&window[..count]);
        for (to, ((one, other), weight)) in both.iter_mut().zip(signals) {
            *to = Complex::new(one * weight, other * weight);
        }
        rest.fill(Complex::default());
    }
}

kernel! {
    /// Takes the power spectra of two real signals out of the transform of the one plus i times the other.
    fn part(both: &[Complex<f32>], first: &mut [f32], second: &mut [f32]) {
        let half = both.len() / 2;
        for at in [0, half] {
            (first[at], second[at]) = (both[at].re * both[at].re, both[at].im * both[at].im);
        }
        let mirrored = both[1..half].iter().zip(both[half + 1..].iter().rev());
        let powers = first[1..half].iter_mut().zip(&mut second[1..half]);
        for ((first, second), (a, b)) in powers.zip(mirrored) {
            let (sum, difference) = (a + b, a - b);
            *first = 0.25 * (sum.re * sum.re + difference.im * difference.im);
            *second = 0.25 * (sum.im * sum.im + difference.re * difference.re);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_in_its_bin() {
        let stft = Stft::new(64, 16).unwrap();
        let tone = |i: usize| (2.0 * std::f32::consts::PI * 8.0 * i as f32 / 64.0).sin();
        let samples: Vec<f32> = (0..640).map(tone).collect();
        let mut loudest = Vec::new();
        stft.powers(&samples, 4..30, |_, power| {
            loudest.push((0..33).max_by(|&a, &b| power[a].total_cmp(&power[b])).unwrap());
        });
        assert_eq!(loudest, vec![8; 26]);
    }

    #[test]
    fn a_frame_is_the_same_beside_any_other() {
        let stft = Stft::new(64, 16).unwrap();
        let samples: Vec<f32> = (0..333).map(|i| ((i * i) as f32 * 0.01).sin()).collect();
        let spectrum = |frame: usize, first: usize| {
            let mut found = Vec::new();
            let keep = |at: usize, power: &[f32]| {
                if at == frame {
                    found = power.to_vec();
                }
            };
            stft.powers(&samples, first..frame + 2, keep);
            found
        };
        for frame in 1..20 {
            let (left, right) = (spectrum(frame, frame), spectrum(frame, frame - 1));
            let top = left.iter().copied().fold(0.0, f32::max);
            assert!(left.iter().zip(&right).all(|(a, b)| (a - b).abs() <= 1e-6 * top), "{frame}");
        }
    }

    #[test]
    fn odd_sizes_and_no_hop_are_refused() {
        assert!(Stft::new(15, 4).is_err() && Stft::new(1023, 4).is_err());
        assert!(Stft::new(1024, 0).is_err());
    }
}
