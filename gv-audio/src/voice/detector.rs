//! The seam: a detector of voices of the caller's.

use crate::Result;
use std::fmt::Debug;

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
        (super::BEGIN, super::END)
    }

    /// The probability of a voice in each whole frame.
    ///
    /// # Errors
    ///
    /// [`crate::Error::VoiceDetector`] where the detector fails: its source arrives at whoever asked for the analysis.
    fn scores(&self, samples: &[f32]) -> Result<Vec<f32>>;
}
