//! Voices: where somebody speaks or sings.

mod builtin;
mod detector;
mod manner;
mod network;

pub use detector::{VOICE_THRESHOLDS, VoiceDetector, voice_scores};

use crate::features::{Features, percentile};
use crate::mono::Mono;
use crate::resample::Resampler;
use crate::{AudioOptions, Result};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Scores at which a voice begins, and below which it ends once it has begun.
const BEGIN: f32 = 0.6;
const END: f32 = 0.35;
/// Shortest voice, and longest pause within one, in seconds.
const SHORTEST: f64 = 0.25;
const LONGEST_PAUSE: f64 = 0.35;
/// Mean probability below which a stretch is none.
const LEAST_CONFIDENCE: f64 = 0.5;
/// Level of loud passages that a detector gets: quiet sound is heard as loud one is.
const LEVEL: f64 = 0.1;
/// Power of loud passages below which there is nothing to hear.
const NOTHING: f32 = 1e-12;

/// A stretch in which somebody speaks or sings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VoiceStretch {
    /// Where it starts, in seconds.
    pub start: f64,
    /// Where it ends; not part of it.
    pub end: f64,
    /// Mean probability of a voice in it, 0 to 1: that of the built-in classifier, or the scores of the detector
    /// that was given.
    pub confidence: f64,
}

/// Scores of consecutive frames.
struct Scores {
    /// Where they reach the first threshold a voice begins, where they fall below the second it ends.
    values: Vec<f32>,
    thresholds: (f32, f32),
    /// What the confidence is the mean of.
    probabilities: Vec<f32>,
    /// Seconds from one to the next, and of the first.
    step: f64,
    first: f64,
}

/// The name of the built-in classifier.
const BUILT_IN: &str = "built-in";

/// What looks for voices.
pub(crate) fn detector_name(options: &AudioOptions) -> String {
    let given = options.voice_detector.as_ref();
    given.map_or(BUILT_IN, |detector| detector.name()).to_owned()
}

/// Finds voices in mono sound; times are in seconds after the first sample.
pub(crate) fn find(
    mono: &Mono,
    features: &Features,
    options: &AudioOptions,
) -> Result<Vec<VoiceStretch>> {
    let loud = percentile(&mut features.power.clone(), 0.95);
    if loud <= NOTHING {
        return Ok(Vec::new());
    }
    let gain = (LEVEL / f64::from(loud).sqrt()) as f32;
    let scores = match &options.voice_detector {
        Some(detector) => given(&**detector, mono, gain, options)?,
        None => builtin::scores(mono, gain, features, options)?,
    };
    Ok(stretches(&scores))
}

/// The scores of a detector of the caller's.
fn given(
    detector: &dyn VoiceDetector,
    mono: &Mono,
    gain: f32,
    options: &AudioOptions,
) -> Result<Scores> {
    detector::check_detector_rate(detector)?;
    let (rate, frame) = (detector.rate(), detector.frame().max(1));
    let sound = at_level(mono, 0..mono.len(), gain, options.rate, rate)?;
    options.cancel.check()?;
    let values = voice_scores(detector, &sound)?;
    let step = frame as f64 / f64::from(rate);
    let thresholds = detector.thresholds();
    Ok(Scores { probabilities: values.clone(), values, thresholds, step, first: 0.0 })
}

/// A range of sound at another level, within full scale, and at another rate.
fn at_level(mono: &Mono, range: Range<usize>, gain: f32, from: u32, to: u32) -> Result<Vec<f32>> {
    let mut sound = Vec::new();
    mono.read(range, &mut sound);
    if from != to {
        let mut resampler = Resampler::new(from, to)?;
        let mut resampled = Vec::new();
        resampler.push(&sound, &mut resampled)?;
        resampler.finish(&mut resampled)?;
        sound = resampled;
    }
    sound.iter_mut().for_each(|sample| *sample = (*sample * gain).clamp(-1.0, 1.0));
    Ok(sound)
}

fn stretches(scores: &Scores) -> Vec<VoiceStretch> {
    let time = |frame: usize| (scores.first + frame as f64 * scores.step).max(0.0);
    let (begin, end) = scores.thresholds;
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut since = None;
    for (at, &score) in scores.values.iter().enumerate() {
        match since {
            None if score >= begin => since = Some(at),
            Some(start) if score < end => {
                found.push((start, at));
                since = None;
            }
            _ => {}
        }
    }
    found.extend(since.map(|start| (start, scores.values.len())));
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (start, end) in found {
        match joined.last_mut() {
            Some(last) if time(start) - time(last.1) <= LONGEST_PAUSE => last.1 = end,
            _ => joined.push((start, end)),
        }
    }
    let voice = |(first, last): (usize, usize)| VoiceStretch {
        start: time(first),
        end: time(last),
        confidence: crate::lanes::mean(&scores.probabilities[first..last]),
    };
    let counts = |v: &VoiceStretch| v.end - v.start >= SHORTEST && v.confidence >= LEAST_CONFIDENCE;
    joined.into_iter().map(voice).filter(counts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_pause_does_not_part_a_voice_and_a_click_is_none() {
        let mut values = vec![0.0; 200];
        values[20..60].fill(0.9);
        values[62..100].fill(0.8);
        values[150..153].fill(1.0);
        let thresholds = (BEGIN, END);
        let probabilities = values.clone();
        let scores = Scores { probabilities, values, thresholds, step: 0.016, first: -0.024 };
        let voices = stretches(&scores);
        assert_eq!(voices.len(), 1);
        assert!((voices[0].start - (0.32 - 0.024)).abs() < 1e-9);
        assert!((voices[0].end - (1.6 - 0.024)).abs() < 1e-9);
        assert!(voices[0].confidence > 0.8 && voices[0].confidence < 0.9);
    }
}
