//! Mel bands.

use super::Stft;
use crate::Result;

/// Triangular filters on the mel scale of Slaney's Auditory Toolbox, each of area one, as `librosa.filters.mel`
/// makes them by default.
#[derive(Debug, Clone)]
pub struct MelBank {
    filters: Vec<(usize, Vec<f32>)>,
}

impl MelBank {
    /// Makes `bands` filters from 0 Hz to half the rate, for spectra of `size` samples.
    pub fn new(rate: u32, size: usize, bands: usize) -> Self {
        let nyquist = f64::from(rate) / 2.0;
        let top = mel(nyquist);
        let edge = |i: usize| hertz(top * i as f64 / (bands + 1) as f64);
        let bins = size / 2 + 1;
        let filter = |band: usize| {
            let (low, peak, high) = (edge(band), edge(band + 1), edge(band + 2));
            let area = 2.0 / (high - low).max(f64::MIN_POSITIVE);
            let weight = |bin: usize| {
                let frequency = nyquist * bin as f64 / (bins - 1) as f64;
                let rise = (frequency - low) / (peak - low);
                let fall = (high - frequency) / (high - peak);
                (rise.min(fall).max(0.0) * area) as f32
            };
            let weights: Vec<f32> = (0..bins).map(weight).collect();
            let first = weights.iter().position(|&w| w > 0.0).unwrap_or(0);
            let last = weights.iter().rposition(|&w| w > 0.0).map_or(first, |last| last + 1);
            (first, weights[first..last].to_vec())
        };
        Self { filters: (0..bands).map(filter).collect() }
    }

    /// Number of bands.
    pub fn bands(&self) -> usize {
        self.filters.len()
    }

    /// Sums a power spectrum into `bands`.
    pub fn apply(&self, power: &[f32], bands: &mut [f32]) {
        for (band, (first, weights)) in bands.iter_mut().zip(&self.filters) {
            let power = power.get(*first..).unwrap_or_default();
            *band = weights.iter().zip(power).map(|(weight, power)| weight * power).sum();
        }
    }
}

fn mel(hertz: f64) -> f64 {
    if hertz < 1000.0 {
        hertz * 3.0 / 200.0
    } else {
        15.0 + (hertz / 1000.0).ln() * 27.0 / 6.4f64.ln()
    }
}

fn hertz(mel: f64) -> f64 {
    if mel < 15.0 { mel * 200.0 / 3.0 } else { 1000.0 * ((mel - 15.0) * 6.4f64.ln() / 27.0).exp() }
}

/// The power of mono sound in 128 mel bands, frame by frame: `frames * 128` values.
///
/// Frames of 2048 samples, 512 apart; as `librosa.feature.melspectrogram` with its defaults.
///
/// # Errors
///
/// [`crate::Error::InvalidParameter`] for a rate outside 1 kHz to 768 kHz.
pub fn mel_spectrogram(samples: &[f32], rate: u32) -> Result<Vec<f32>> {
    crate::samples::check_rate("rate", rate)?;
    let stft = Stft::new(2048, 512)?;
    let bank = MelBank::new(rate, stft.size(), 128);
    let frames = stft.frames(samples.len());
    let mut mels = vec![0.0; frames * bank.bands()];
    stft.powers(samples, 0..frames, |frame, power| {
        bank.apply(power, &mut mels[frame * 128..(frame + 1) * 128]);
    });
    Ok(mels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_its_own_inverse() {
        for frequency in [0.0, 440.0, 999.0, 1000.0, 8000.0] {
            assert!((hertz(mel(frequency)) - frequency).abs() < 1e-9);
        }
    }

    #[test]
    fn silence_has_no_power() {
        assert!(mel_spectrogram(&[0.0; 4000], 22_050).unwrap().iter().all(|&power| power == 0.0));
        assert!(mel_spectrogram(&[], 22_050).unwrap().is_empty());
    }
}
