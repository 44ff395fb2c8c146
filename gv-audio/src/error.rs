//! What can go wrong with sound.

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Opening or decoding a media file failed.
    #[error(transparent)]
    Media(#[from] gv_media::Error),
    /// An argument breaks a rule.
    #[error("{name} is {given}, allowed is {allowed}")]
    InvalidParameter {
        /// The argument's name.
        name: &'static str,
        /// The value given.
        given: String,
        /// The rule.
        allowed: &'static str,
    },
    /// A detector of voices that was given failed.
    #[error("the voice detector {name} failed: {source}")]
    VoiceDetector {
        /// What it is called.
        name: String,
        /// What it said, or the failure itself.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What a detector of voices gave cannot be used.
    #[error("the voice detector {name} gave {problem}")]
    VoiceScores {
        /// What it is called.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl Error {
    /// Whether it is the detector of voices that failed, and not the sound.
    pub const fn is_of_detector(&self) -> bool {
        matches!(self, Self::VoiceDetector { .. } | Self::VoiceScores { .. })
    }
}

/// A result whose error is this crate's.
pub type Result<T, E = Error> = std::result::Result<T, E>;
