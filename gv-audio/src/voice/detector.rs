//! The seam: a detector of voices of the caller's.

use crate::samples::check_rate;
use crate::{Error, Result};
use std::fmt::Debug;

/// The score at which a voice begins, and the one below which it ends once it has begun, where a detector says nothing else.
pub const VOICE_THRESHOLDS: (f32, f32) = (super::BEGIN, super::END);

/// Says how likely somebody speaks, frame by frame: a network, behind whatever runs it. The crate `geminivideo` has
/// Silero's.
///
/// What it says stands as it is; the built-in classifier is not asked.
///
/// # For implementers
///
/// The sound is mono and within -1 to 1; its loud passages have a root mean square of 0.1. There is one score for each
/// whole frame, from 0 to 1, the same for the same sound. Whatever is kept from frame to frame begins anew at each
/// call.
pub trait VoiceDetector: Debug + Send + Sync {
    /// What the detector is called in messages.
    fn name(&self) -> &str;

    /// The rate in Hz at which it wants sound.
    fn rate(&self) -> u32;

    /// Samples of a frame, at least 1.
    fn frame(&self) -> usize;

    /// The score at which a voice begins, and the one below which it ends once it has begun.
    fn thresholds(&self) -> (f32, f32) {
        VOICE_THRESHOLDS
    }

    /// The probability of a voice in each whole frame.
    ///
    /// # Errors
    ///
    /// [`crate::Error::VoiceDetector`] where the detector fails: its source arrives at whoever asked for the analysis.
    fn scores(&self, samples: &[f32]) -> Result<Vec<f32>>;
}

/// Asks a detector about mono sound at its own rate: the probability of a voice in each whole frame.
///
/// # Errors
///
/// [`Error::VoiceScores`] where what it is or gives cannot be used: a rate that is none, another number of scores than of
/// whole frames, a score beyond 0 to 1. [`Error::VoiceDetector`] where it fails.
pub fn voice_scores(detector: &dyn VoiceDetector, samples: &[f32]) -> Result<Vec<f32>> {
    check_detector_rate(detector)?;
    let scores = detector.scores(samples)?;
    let expected = samples.len() / detector.frame().max(1);
    if scores.len() != expected {
        let problem = format!("{} scores for {expected} frames", scores.len());
        return Err(unusable(detector, problem));
    }
    match scores.iter().find(|score| !(0.0..=1.0).contains(*score)) {
        Some(score) => {
            Err(unusable(detector, format!("a score of {score}, which is no probability")))
        }
        None => Ok(scores),
    }
}

/// Refuses a detector that wants sound at a rate that is none.
pub(super) fn check_detector_rate(detector: &dyn VoiceDetector) -> Result<()> {
    let checked = check_rate("a rate that", detector.rate());
    checked.map_err(|error| unusable(detector, error.to_string()))
}

fn unusable(detector: &dyn VoiceDetector, problem: String) -> Error {
    Error::VoiceScores { name: detector.name().to_owned(), problem }
}
