//! Spectra: the short-time Fourier transform, mel bands, onset strength.

mod mel;
mod onset_strength;
mod stft;

pub use mel::{MelBank, mel_spectrogram};
pub use onset_strength::onset_strength;
pub use stft::Stft;
pub(crate) use stft::{Pair, hann, stretch};
