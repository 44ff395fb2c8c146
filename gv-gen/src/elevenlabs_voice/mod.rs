//! Voice-overs by ElevenLabs (component 19).
//!
//! [`ElevenLabsClient::generate_voiceover`] blocks; [`ElevenLabsClient::start`] gives the same as an exchange for an
//! event loop. Facts about the service (models, limits, prices, voices) are dated tables, [`Catalog`] and [`Voices`].

mod audio;
mod captions;
mod catalog;
mod client;
mod format;
mod library;
mod mock;
mod refusal;
mod request;
mod settings;
pub(crate) mod silence;
mod speak;
mod split;
mod voices;

pub use captions::{Alignment, Caption, CaptionOptions, WordTime};
pub use catalog::{Catalog, Model, Removed};
pub use client::{
    CostEstimate, DEFAULT_BASE_URL, ElevenLabsClient, ElevenLabsOptions, Subscription,
};
pub use format::{Codec, OutputFormat};
pub use library::{CloneRequest, CloneVoice, ListVoices, Voice};
pub use mock::MockElevenLabsClient;
pub use request::{MAX_SCRIPT_CHARACTERS, VoiceOverRequest};
pub use settings::VoiceSettings;
pub use speak::{Speak, VoiceOver};
pub use voices::{AdVoice, Preset, Voices};
