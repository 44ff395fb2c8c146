//! How loud sound is: EBU R128 and true peak, silence, clipping.

mod clipping;
mod gate;
mod silence;
mod true_peak;
mod weighting;

use crate::{AudioOptions, Stretch};
use clipping::Clipping;
use gate::Gate;
use serde::{Deserialize, Serialize};
use silence::Silence;
use true_peak::TruePeak;
use weighting::Weighting;

/// Seconds between two points of the curve.
const STEP: f64 = 0.1;
/// Samples of a channel that are looked at together: they stay near the processor.
const PIECE: usize = 1024;

/// How loud a sound is, after ITU-R BS.1770 and EBU R128.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Loudness {
    /// Integrated loudness in LUFS; `None` where nothing is louder than the gate of -70 LUFS.
    pub integrated: Option<f64>,
    /// Loudness range in LU; `None` for less than three seconds, and where nothing is loud enough.
    pub range: Option<f64>,
    /// Largest true peak of any channel in dBTP, from 192 kHz on the sample peak; `None` for digital silence.
    pub true_peak: Option<f64>,
    /// Largest sample of any channel in dBFS; `None` for digital silence.
    pub sample_peak: Option<f64>,
    /// Largest momentary loudness (400 ms) in LUFS.
    pub momentary_max: Option<f64>,
    /// Largest short-term loudness (3 s) in LUFS.
    pub short_term_max: Option<f64>,
    /// Momentary loudness in LUFS of the 400 ms that end 0.1, 0.2, ... seconds after the start; -120 at least.
    pub momentary: Vec<f64>,
}

/// What a meter has seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Levels {
    pub(crate) loudness: Option<Loudness>,
    pub(crate) silence: Vec<Stretch>,
    pub(crate) clipping: Vec<Stretch>,
    pub(crate) clipped_samples: u64,
}

/// Measures interleaved sound piece by piece.
pub(crate) struct Meter {
    channels: Vec<Channel>,
    silence: Silence,
    clipping: Clipping,
    /// `None` where loudness is not wanted.
    gate: Option<Gate>,
    step_frames: usize,
    until_step: usize,
}

/// A channel: the samples of the present step, after those before it that the filters still need, and what is kept of it.
struct Channel {
    line: Vec<f32>,
    weight: f64,
    weighting: Weighting,
    true_peak: TruePeak,
    sample_peak: f32,
}

impl Meter {
    pub(crate) fn new(channels: usize, rate: u32, start: f64, options: &AudioOptions) -> Self {
        let step_frames = (f64::from(rate) * STEP).round().max(1.0) as usize;
        let channel = |at| Channel {
            line: vec![0.0; true_peak::BEFORE],
            weight: weight(at, channels),
            weighting: Weighting::new(f64::from(rate), step_frames),
            true_peak: TruePeak::new(rate),
            sample_peak: 0.0,
        };
        Self {
            channels: (0..channels).map(channel).collect(),
            silence: Silence::new(channels, f64::from(rate), start, options),
            clipping: Clipping::new(channels, f64::from(rate), start),
            gate: options.loudness.then(|| Gate::new(step_frames)),
            step_frames,
            until_step: step_frames,
        }
    }

    /// Takes finite interleaved samples in.
    pub(crate) fn push(&mut self, mut block: &[f32]) {
        let count = self.channels.len();
        while block.len() >= count {
            let frames = block.len() / count;
            let frames = frames.min(PIECE).min(self.until_step).min(self.silence.until_cell());
            let (piece, later) = block.split_at(frames * count);
            block = later;
            self.take(piece, frames);
        }
    }

    fn take(&mut self, piece: &[f32], frames: usize) {
        let count = self.channels.len();
        for (at, channel) in self.channels.iter_mut().enumerate() {
            let first = channel.line.len();
            match count {
                1 => channel.line.extend_from_slice(piece),
                2 => channel.line.extend(piece.as_chunks::<2>().0.iter().map(|pair| pair[at])),
                _ => channel.line.extend(piece.chunks_exact(count).map(|frame| frame[at])),
            }
            let samples = &channel.line[first..];
            let peak = self.silence.push(at, samples);
            self.clipping.push(at, samples, peak);
            if self.gate.is_some() {
                channel.sample_peak = channel.sample_peak.max(peak);
                channel.true_peak.push(&channel.line[first - true_peak::BEFORE..], peak);
            }
        }
        self.silence.advance(frames);
        self.clipping.advance(frames);
        self.until_step -= frames;
        if self.until_step == 0 {
            self.until_step = self.step_frames;
            self.end_step();
        }
    }

    fn end_step(&mut self) {
        for channel in &mut self.channels {
            if let Some(gate) = self.gate.as_mut().filter(|_| channel.weight > 0.0) {
                let step = &channel.line[true_peak::BEFORE..];
                gate.add(channel.weight * channel.weighting.energy(step));
            }
            let kept = channel.line.len() - true_peak::BEFORE;
            channel.line.drain(..kept);
        }
        if let Some(gate) = &mut self.gate {
            gate.step();
        }
    }

    pub(crate) fn finish(self) -> Levels {
        let decibel = |peak: f32| (peak > 0.0).then(|| 20.0 * f64::from(peak).log10());
        let sample_peak = self.channels.iter().map(|c| c.sample_peak).fold(0.0, f32::max);
        let true_peak = self.channels.iter().map(|c| c.true_peak.peak()).fold(0.0, f32::max);
        let loudness = self.gate.map(|gate| Loudness {
            sample_peak: decibel(sample_peak),
            true_peak: decibel(true_peak.max(sample_peak)),
            ..gate.finish()
        });
        let (clipping, clipped_samples) = self.clipping.finish();
        Levels { loudness, silence: self.silence.finish(), clipping, clipped_samples }
    }
}

/// Weight of a channel in the loudness: surround channels count more, the low-frequency one (the fourth of six) and
/// those beyond the sixth not at all.
fn weight(channel: usize, channels: usize) -> f64 {
    match (channels, channel) {
        (4, 2 | 3) | (5, 3 | 4) => 1.41,
        (4 | 5, _) | (_, 0..=2) => 1.0,
        (_, 4 | 5) => 1.41,
        _ => 0.0,
    }
}
