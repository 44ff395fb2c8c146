//! The short-time Fourier transform.

use crate::{Error, Result};
use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use std::sync::Arc;

/// A short-time Fourier transform with a periodic Hann window.
///
/// Frame `t` is centred on sample `t * hop`; beyond the ends of the sound lie zeros. As `librosa.stft` with
/// its defaults.
#[derive(Clone)]
pub struct Stft {
    transform: Arc<dyn RealToComplex<f32>>,
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
        Ok(Self { transform: RealFftPlanner::new().plan_fft_forward(size), window, hop })
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
    pub fn powers(
        &self,
        samples: &[f32],
        frames: std::ops::Range<usize>,
        mut each: impl FnMut(usize, &[f32]),
    ) {
        let mut input = self.transform.make_input_vec();
        let mut output = self.transform.make_output_vec();
        let mut scratch = self.transform.make_scratch_vec();
        let mut power = vec![0.0; self.bins()];
        let half = self.size() / 2;
        for frame in frames {
            let centre = frame * self.hop;
            let first = centre.saturating_sub(half).min(samples.len());
            let last = (centre + half).min(samples.len());
            let lead = half.saturating_sub(centre);
            input[..lead].fill(0.0);
            let inside = lead + (last - first);
            let sound = samples[first..last].iter().zip(&self.window[lead..inside]);
            for (value, (sample, weight)) in input[lead..inside].iter_mut().zip(sound) {
                *value = sample * weight;
            }
            input[inside..].fill(0.0);
            let done = self.transform.process_with_scratch(&mut input, &mut output, &mut scratch);
            if done.is_err() {
                output.fill(Complex::new(0.0, 0.0));
            }
            for (power, value) in power.iter_mut().zip(&output) {
                *power = value.re * value.re + value.im * value.im;
            }
            each(frame, &power);
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
    fn odd_sizes_and_no_hop_are_refused() {
        assert!(Stft::new(15, 4).is_err() && Stft::new(1023, 4).is_err());
        assert!(Stft::new(1024, 0).is_err());
    }
}
