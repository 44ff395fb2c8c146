//! A client without a service.

use super::catalog::Catalog;
use super::library::Voice;
use super::request::{Script, VoiceOverRequest};
use super::speak::VoiceOver;
use super::voices::Voices;
use crate::{Error, RefusalKind, Result};
use serde_json::Value;
use std::sync::{Mutex, PoisonError};

/// Answers without a service, as told: for the tests of users.
///
/// Its audio is silence, as long as the text would take by the table's rate, in the format that was asked for where that is
/// PCM, WAV or MP3 at 44.1 kHz. Checks are those of the real client.
#[derive(Debug, Default)]
pub struct MockElevenLabsClient {
    failures: Mutex<Vec<String>>,
}

impl MockElevenLabsClient {
    /// A client that speaks.
    pub fn new() -> Self {
        Self::default()
    }

    /// The client, failing the next request with a message; each call adds one.
    #[must_use]
    pub fn failing(self, message: impl Into<String>) -> Self {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).push(message.into());
        self
    }

    /// Answers a request at once: with silence, or as [`failing`](Self::failing) said.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] for what the real client refuses, and for formats whose silence cannot be made here;
    /// [`Error::Refused`] as told.
    pub fn generate_voiceover(&self, request: &VoiceOverRequest) -> Result<VoiceOver> {
        let catalog = Catalog::built_in();
        let script = Script::new(request, &catalog, &Voices::built_in())?;
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if !failures.is_empty() {
            return Err(Error::Refused {
                service: "ElevenLabs (mock)",
                status: 500,
                code: None,
                message: failures.remove(0),
                hint: None,
                kind: RefusalKind::Server,
            });
        }
        let characters: usize = script.pieces.iter().map(|piece| piece.chars().count()).sum();
        let seconds = characters as f64 / catalog.characters_per_second;
        let audio = super::silence::silence(script.format, seconds)?;
        let measured = super::audio::measure(&audio, script.format).map_err(|reason| {
            Error::Protocol { service: "ElevenLabs (mock)", reason, task: None }
        })?;
        let mut notes = script.notes.clone();
        notes.push("made by a mock client: the audio is silence".to_owned());
        let billed = (0..script.pieces.len()).map(|at| script.billed(at)).sum();
        Ok(VoiceOver {
            audio,
            duration_seconds: measured.seconds,
            characters_used: characters,
            billed_characters: billed,
            billed: false,
            cost_usd: crate::error::usd(catalog.micros(billed)),
            generation_time: 0.0,
            request_ids: Vec::new(),
            alignment: None,
            files: Vec::new(),
            cached: false,
            model_used: script.model.id,
            notes,
        })
    }

    /// The presets as voices.
    pub fn get_available_voices(&self) -> Vec<Voice> {
        let voice = |preset: &super::voices::Preset| {
            let mut voice = Voice::new();
            voice.insert("voice_id".to_owned(), Value::String(preset.voice_id.clone()));
            voice.insert("name".to_owned(), Value::String(preset.name.clone()));
            voice
        };
        Voices::built_in().presets.iter().map(voice).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_speaks_silence_fails_as_told_and_refuses_what_the_real_one_refuses() {
        let client = MockElevenLabsClient::new().failing("out of order");
        let request = VoiceOverRequest::new("Fifteen letters", "adam");
        assert!(
            client.generate_voiceover(&request).unwrap_err().to_string().contains("out of order")
        );
        let spoken = client.generate_voiceover(&request).unwrap();
        assert!((spoken.duration_seconds - 1.0).abs() < 0.03, "{}", spoken.duration_seconds);
        let pcm = client.generate_voiceover(&request.clone().output_format("pcm_16000")).unwrap();
        assert_eq!(pcm.audio.len(), 32_000);
        assert!(client.generate_voiceover(&request.output_format("opus_48000_32")).is_err());
        assert!(client.generate_voiceover(&VoiceOverRequest::new("", "adam")).is_err());
        assert_eq!(client.get_available_voices().len(), 8);
    }
}
