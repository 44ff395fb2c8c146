//! Voices: where somebody speaks or sings.

use crate::features::Features;
use crate::resample::Resampler;
use crate::{AudioOptions, Result};
use earshot::Detector;
use serde::{Deserialize, Serialize};

/// Rate in Hz and samples of a frame that the detector takes.
const RATE: u32 = 16_000;
const FRAME: usize = 256;
/// Seconds by which a score is late: the detector sees 48 ms.
const LATE: f64 = 0.024;
/// Scores between which a voice goes on once it has begun.
const BEGIN: f32 = 0.6;
const END: f32 = 0.35;
/// Shortest voice, and longest pause within one, in seconds.
const SHORTEST: f64 = 0.25;
const LONGEST_PAUSE: f64 = 0.35;
/// Level of loud passages that the detector gets: quiet sound is heard as loud one is.
const LEVEL: f64 = 0.1;

/// A stretch in which somebody speaks or sings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VoiceStretch {
    /// Where it starts, in seconds.
    pub start: f64,
    /// Where it ends; not part of it.
    pub end: f64,
    /// Mean of the detector's scores in it, 0 to 1.
    pub confidence: f64,
}

/// Finds voices in mono sound; times are in seconds after the first sample.
pub(crate) fn find(
    samples: &[f32],
    features: &Features,
    options: &AudioOptions,
) -> Result<Vec<VoiceStretch>> {
    let loud = crate::features::percentile(&mut features.power.clone(), 0.95);
    if loud <= 1e-12 {
        return Ok(Vec::new());
    }
    let gain = (LEVEL / f64::from(loud).sqrt()) as f32;
    let mut sound = Vec::new();
    let mut resampler = Resampler::new(options.rate, RATE)?;
    resampler.push(samples, &mut sound)?;
    resampler.finish(&mut sound)?;
    sound.iter_mut().for_each(|sample| *sample = (*sample * gain).clamp(-1.0, 1.0));
    let mut detector = Detector::default_boxed();
    let mut scores = Vec::with_capacity(sound.len() / FRAME);
    for frame in sound.as_chunks::<FRAME>().0 {
        if scores.len() % 1000 == 0 {
            options.cancel.check()?;
        }
        scores.push(detector.predict_f32(frame));
    }
    Ok(stretches(&scores))
}

fn stretches(scores: &[f32]) -> Vec<VoiceStretch> {
    let time = |frame: usize| ((frame * FRAME) as f64 / f64::from(RATE) - LATE).max(0.0);
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut since = None;
    for (at, &score) in scores.iter().enumerate() {
        match since {
            None if score >= BEGIN => since = Some(at),
            Some(start) if score < END => {
                found.push((start, at));
                since = None;
            }
            _ => {}
        }
    }
    found.extend(since.map(|start| (start, scores.len())));
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
        confidence: scores[first..last].iter().map(|&s| f64::from(s)).sum::<f64>()
            / (last - first).max(1) as f64,
    };
    joined.into_iter().map(voice).filter(|voice| voice.end - voice.start >= SHORTEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_pause_does_not_part_a_voice_and_a_click_is_none() {
        let mut scores = vec![0.0; 200];
        scores[20..60].fill(0.9);
        scores[62..100].fill(0.8);
        scores[150..153].fill(1.0);
        let voices = stretches(&scores);
        assert_eq!(voices.len(), 1);
        assert!((voices[0].start - (0.32 - LATE)).abs() < 1e-9);
        assert!((voices[0].end - (1.6 - LATE)).abs() < 1e-9);
        assert!(voices[0].confidence > 0.8 && voices[0].confidence < 0.9);
    }
}
