//! The short-time Fourier transform.

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
        let hann = |i: usize| {
            let phase = 2.0 * std::f64::consts::PI * i as f64 / size as f64;
            (0.5 - 0.5 * phase.cos()) as f32
        };
        let window = (0..size).map(hann).collect();
        Ok(Self { transform: FftPlanner::new().plan_fft_forward(size), window, hop })
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
        let mut both = vec![Complex::default(); self.size()];
        let mut scratch = vec![Complex::default(); self.transform.get_inplace_scratch_len()];
        let (mut first, mut second) = (vec![0.0; self.bins()], vec![0.0; self.bins()]);
        for frame in frames.clone().step_by(2) {
            let is_pair = frame + 1 < frames.end;
            both.fill(Complex::default());
            self.window(samples, frame, |at, value| both[at].re = value);
            if is_pair {
                self.window(samples, frame + 1, |at, value| both[at].im = value);
            }
            self.transform.process_with_scratch(&mut both, &mut scratch);
            part(&both, &mut first, &mut second);
            each(frame, &first);
            if is_pair {
                each(frame + 1, &second);
            }
        }
    }

    /// Calls `set` with the places and windowed samples of a frame that lie within the sound.
    #[inline(always)]
    fn window(&self, samples: &[f32], frame: usize, mut set: impl FnMut(usize, f32)) {
        let (half, centre) = (self.size() / 2, frame * self.hop);
        let first = centre.saturating_sub(half).min(samples.len());
        let last = (centre + half).min(samples.len());
        let lead = half.saturating_sub(centre);
        let sound = samples[first..last].iter().zip(&self.window[lead..]);
        sound.enumerate().for_each(|(at, (sample, weight))| set(lead + at, sample * weight));
    }
}

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
