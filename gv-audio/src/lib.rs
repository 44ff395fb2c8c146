//! The sound of an ad: where its onsets, beats, bars, drops and voices are, and how loud it is.
//!
//! [`analyze_file`] takes a file, [`analyze`] samples in memory, [`Listener`] blocks as they are decoded; all of
//! them give an [`AudioAnalysis`], whose times are those of the presentation.
//!
//! # Examples
//!
//! ```
//! use gv_audio::{AudioOptions, Samples, analyze};
//!
//! let click = |i: usize| if i % 11_025 < 200 { 0.5 * (i as f32 * 0.9).sin() } else { 0.0 };
//! let samples = Samples::mono((0..12 * 22_050).map(click).collect(), 22_050)?;
//! let heard = analyze(&samples, &AudioOptions::default())?;
//! let tempo = heard.tempo.unwrap();
//! assert!((tempo.bpm - 120.0).abs() < 0.5);
//! assert!((heard.beats[4].time - heard.beats[0].time - 2.0).abs() < 0.01, "{:?}", heard.beats);
//! # Ok::<(), gv_audio::Error>(())
//! ```

mod analysis;
mod beat;
mod downbeat;
mod drop;
mod error;
mod features;
mod lanes;
mod listener;
mod loudness;
mod mono;
mod onset;
mod options;
mod periodicity;
mod resample;
mod samples;
mod section;
mod simd;
pub mod source;
pub mod spectrum;
mod tempo;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod voice;

pub use analysis::{AudioAnalysis, AudioPeak, PeakType, analyze, analyze_file, analyze_source};
pub use beat::Beat;
pub use downbeat::Bars;
pub use drop::Drop;
pub use error::{Error, Result};
pub use listener::Listener;
pub use loudness::Loudness;
pub use onset::Onset;
pub use options::AudioOptions;
pub use samples::Samples;
pub use section::Section;
pub use source::AudioSource;
pub use tempo::{Tempo, TempoCandidate};
pub use voice::{VOICE_THRESHOLDS, VoiceDetector, VoiceStretch, voice_scores};

use serde::{Deserialize, Serialize};

/// A stretch of time; its end is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    /// Where it starts, in seconds.
    pub start: f64,
    /// Where it ends, in seconds.
    pub end: f64,
}
