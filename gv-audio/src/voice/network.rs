//! The network that hears voices, fed from spectra of the sound as it is.

use crate::lanes::{dot, ln};
use crate::simd::kernel;
use crate::spectrum::{Pair, hann, stretch};
use earshot::{DefaultPredictor, Predictor};
use rustfft::FftPlanner;

/// Rate in Hz of the sound that the network was trained on, and samples of a frame, a window and a transform there.
pub(super) const RATE: u32 = 16_000;
const FRAME: usize = 256;
const WINDOW: usize = 768;
const SIZE: usize = 1024;
/// Seconds of a frame.
pub(super) const STEP: f64 = FRAME as f64 / RATE as f64;
/// Bands, and the last frames whose bands the network sees.
const BANDS: usize = 40;
const FRAMES: usize = 3;
/// Values that the network has room for its work in.
const ROOM: usize = 1026;
/// Hz between which the bands lie.
const RANGE: (f64, f64) = (72.0, 7600.0);
/// How much of a sample is taken off the one after it, ahead of the spectrum.
const EMPHASIS: f64 = 0.97;
/// Power that is added to each band.
const LEAST: f32 = 1e-20;

/// The crate `earshot`'s network, and what it looks at: levels of mel bands of 48 ms of sound, 16 ms apart.
///
/// The crate itself wants sound at 16 kHz. The same levels, within a few percent, are taken here from spectra of sound at
/// its own rate, whose bins are weighted by the bands and by the filter that the crate puts ahead of them: nothing is
/// resampled, and two frames are one transform.
pub(super) struct Network {
    /// Samples from one frame to the next.
    hop: f64,
    window: Vec<f32>,
    /// The first bin of each band, and the weights from there on.
    bands: Vec<(usize, Vec<f32>)>,
    pair: Pair,
}

impl Network {
    /// Prepares for sound at a rate of 16 kHz or more.
    pub(super) fn new(rate: u32) -> Self {
        let times = f64::from(rate) / f64::from(RATE);
        let size = size_from((SIZE as f64 * times).ceil() as usize);
        let pair = Pair::new(FftPlanner::new().plan_fft_forward(size));
        // Bins of the network's own transform from one bin to the next.
        let bin = f64::from(rate) / size as f64 * SIZE as f64 / f64::from(RATE);
        let bands = edges().windows(3).map(|edges| band(edges, bin, times)).collect();
        let window = hann((WINDOW as f64 * times).round() as usize);
        Self { hop: FRAME as f64 * times, window, bands, pair }
    }

    /// Scores of the first `count` frames of sound within -1 to 1; what lies before it is silence.
    pub(super) fn scores(&mut self, sound: &[f32], count: usize) -> Vec<f32> {
        let mut predictor = DefaultPredictor::new();
        let (mut seen, mut room) = ([0.0f32; BANDS * FRAMES], [0.0f32; ROOM]);
        let mut scores = Vec::with_capacity(count + 1);
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for frame in (0..count).step_by(2) {
            let length = self.window.len();
            let first =
                |frame: usize| (self.hop * (frame + 1) as f64).round() as i64 - length as i64;
            let one = stretch(sound, first(frame), length, &mut before);
            let other = stretch(sound, first(frame + 1), length, &mut after);
            for power in self.pair.powers(&self.window, one, other) {
                seen.copy_within(BANDS.., 0);
                let levels = &mut seen[BANDS * (FRAMES - 1)..];
                look(&self.bands, power, levels);
                predictor.normalize(levels);
                scores.push(predictor.predict(&seen, &mut room));
            }
        }
        scores.truncate(count);
        scores
    }
}

kernel! {
    /// Levels of the bands of a power spectrum.
    fn look(bands: &[(usize, Vec<f32>)], power: &[f32], levels: &mut [f32]) {
        for (level, (first, weights)) in levels.iter_mut().zip(bands) {
            *level = dot(weights, &power[*first..]) + LEAST;
        }
        levels.iter_mut().for_each(|level| *level = ln(*level));
    }
}

/// The smallest power of two, or three times one, that is not below a size: such are quick to transform.
fn size_from(least: usize) -> usize {
    let power = least.next_power_of_two();
    if power / 4 * 3 >= least { power / 4 * 3 } else { power }
}

/// Bins of the network's own transform at which its bands begin, peak and end: each ends where the next but one begins.
fn edges() -> Vec<f64> {
    let mel = |hertz: f64| (1.0 + hertz / 700.0).ln();
    let (low, high) = (mel(RANGE.0), mel(RANGE.1));
    let edge = |at: usize| {
        let mel = low + (high - low) * at as f64 / (BANDS + 1) as f64;
        (700.0 * (mel.exp() - 1.0) * (SIZE + 1) as f64 / f64::from(RATE)).floor()
    };
    (0..BANDS + 2).map(edge).collect()
}

/// The weights of a triangular band over bins that are `bin` of the network's apart, for a rate that is so many times the
/// network's.
fn band(edges: &[f64], bin: f64, times: f64) -> (usize, Vec<f32>) {
    let (first, last) = ((edges[0] / bin).ceil() as usize, (edges[2] / bin).floor() as usize);
    let weight = |at: usize| {
        let place = at as f64 * bin;
        let rise = (place - edges[0]) / (edges[1] - edges[0]);
        let fall = (edges[2] - place) / (edges[2] - edges[1]);
        let turn = (2.0 * std::f64::consts::PI * place / SIZE as f64).cos();
        let emphasis = 1.0 + EMPHASIS * EMPHASIS - 2.0 * EMPHASIS * turn;
        (rise.min(fall).max(0.0) * emphasis * bin / (times * times)) as f32
    };
    (first, (first..=last).map(weight).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use earshot::Detector;

    /// Harmonics of a pitch that glides, whose level comes and goes as that of syllables does, in a little noise.
    fn babble(rate: u32, seconds: f64) -> Vec<f32> {
        let mut noise = 1u32;
        let sample = |at: usize| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let time = at as f64 / f64::from(rate);
            let phase = std::f64::consts::TAU * (120.0 * time - 10.0 * (3.0 * time).cos());
            let voice = (1..40).map(|k| (f64::from(k) * phase).sin() / f64::from(k)).sum::<f64>();
            let noise = f64::from(noise >> 8) / f64::from(1 << 24) - 0.5;
            (0.2 * voice * (12.0 * time).sin().max(0.0) + 0.005 * noise) as f32
        };
        (0..(f64::from(rate) * seconds) as usize).map(sample).collect()
    }

    #[test]
    fn scores_are_those_of_the_crate() {
        let sound = babble(RATE, 8.0);
        let mut detector = Detector::default_boxed();
        let frames = sound.as_chunks::<FRAME>().0;
        let theirs: Vec<f32> = frames.iter().map(|frame| detector.predict_f32(frame)).collect();
        let ours = Network::new(RATE).scores(&sound, frames.len());
        let off = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(off < 0.03, "{off}");
        assert!(ours.iter().copied().fold(0.0, f32::max) > 0.5);
    }

    #[test]
    fn scores_do_not_depend_on_the_rate() {
        let expected = Network::new(RATE).scores(&babble(RATE, 8.0), 400);
        for rate in [22_050, 44_100, 48_000] {
            let scores = Network::new(rate).scores(&babble(rate, 8.0), 400);
            let off = scores.iter().zip(&expected).map(|(a, b)| (a - b).abs()).sum::<f32>() / 400.0;
            assert!(off < 0.03, "{rate}: {off}");
        }
    }
}
