//! Onset strength as librosa computes it, for comparison with what was measured by it.

use super::mel::mel_spectrogram;
use crate::Result;

const BANDS: usize = 128;
/// Decibels below the loudest cell at which the spectrum is cut off.
const RANGE: f32 = 80.0;
const LEAST_POWER: f32 = 1e-10;
/// Frames by which the difference is late: one, and half a window of two hops.
const SHIFT: usize = 3;

/// The mean rise of mono sound over the mel bands, in dB a frame; one value for each 512 samples.
///
/// Equals `librosa.onset.onset_strength` (0.11) with its defaults. The analysis of this crate does not use it:
/// its frames are wide, and what it finds comes late (about 30 ms).
///
/// # Errors
///
/// [`crate::Error::InvalidParameter`] for a rate outside 1 kHz to 768 kHz.
pub fn onset_strength(samples: &[f32], rate: u32) -> Result<Vec<f32>> {
    let mut levels = mel_spectrogram(samples, rate)?;
    let mut loudest = f32::NEG_INFINITY;
    for level in &mut levels {
        *level = 10.0 * level.max(LEAST_POWER).log10();
        loudest = loudest.max(*level);
    }
    for level in &mut levels {
        *level = level.max(loudest - RANGE);
    }
    let frames = levels.len() / BANDS;
    let rise = |frame: usize| {
        let (before, after) = levels[frame * BANDS..(frame + 2) * BANDS].split_at(BANDS);
        before.iter().zip(after).map(|(before, after)| (after - before).max(0.0)).sum::<f32>()
            / BANDS as f32
    };
    let mut strength = vec![0.0; SHIFT.min(frames)];
    strength.extend((0..frames.saturating_sub(SHIFT)).map(rise));
    Ok(strength)
}
