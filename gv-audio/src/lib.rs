//! Samples, spectra, onsets, beats, voice and loudness, for geminivideo.

mod error;

pub use error::{Error, Result};
