//! What is to be said, and what that means on the wire.

use super::catalog::{Catalog, Model};
use super::format::OutputFormat;
use super::settings::VoiceSettings;
use super::split::split;
use super::voices::Voices;
use crate::Result;
use crate::content_hash::content_hash;
use crate::error::invalid;
use gv_http::Chunks;
use serde::Serialize;

/// The longest script of one call, in characters.
pub const MAX_SCRIPT_CHARACTERS: usize = 100_000;

/// A text to be spoken.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VoiceOverRequest {
    /// The script.
    pub text: String,
    /// The voice: its id, or a preset's name.
    pub voice: String,
    /// The model; `None` takes the table's default.
    pub model: Option<String>,
    /// How the voice speaks; `None` leaves it to what is stored with the voice.
    pub settings: Option<VoiceSettings>,
    /// The audio format, for example `mp3_44100_128`.
    pub output_format: String,
    /// The language as ISO 639-1, for models that take one.
    pub language: Option<String>,
    /// A seed makes speech repeatable, as far as the service can.
    pub seed: Option<u32>,
    /// Asks for the time of each character.
    pub timestamps: bool,
    /// Takes the audio piece by piece as it comes. It is not taken from the cache then.
    pub stream: Option<Chunks>,
    /// Pays again even where the same request was paid before.
    pub fresh: bool,
}

impl VoiceOverRequest {
    /// A text in a voice, as `mp3_44100_128`.
    pub fn new(text: impl Into<String>, voice: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            voice: voice.into(),
            model: None,
            settings: None,
            output_format: "mp3_44100_128".to_owned(),
            language: None,
            seed: None,
            timestamps: false,
            stream: None,
            fresh: false,
        }
    }

    /// The request with a model.
    #[must_use]
    pub fn model(mut self, value: impl Into<String>) -> Self {
        self.model = Some(value.into());
        self
    }

    /// The request with settings.
    #[must_use]
    pub const fn settings(mut self, value: VoiceSettings) -> Self {
        self.settings = Some(value);
        self
    }

    /// The request with a format.
    #[must_use]
    pub fn output_format(mut self, value: impl Into<String>) -> Self {
        self.output_format = value.into();
        self
    }

    /// The request with a language.
    #[must_use]
    pub fn language(mut self, value: impl Into<String>) -> Self {
        self.language = Some(value.into());
        self
    }

    /// The request with a seed.
    #[must_use]
    pub const fn seed(mut self, value: u32) -> Self {
        self.seed = Some(value);
        self
    }

    /// The request with or without times.
    #[must_use]
    pub const fn timestamps(mut self, value: bool) -> Self {
        self.timestamps = value;
        self
    }

    /// The request with somebody who takes the audio as it comes.
    #[must_use]
    pub fn stream(mut self, value: Chunks) -> Self {
        self.stream = Some(value);
        self
    }

    /// The request, paid again even where it was paid before.
    #[must_use]
    pub const fn fresh(mut self, value: bool) -> Self {
        self.fresh = value;
        self
    }
}

#[derive(Serialize)]
struct Wire<'a> {
    text: &'a str,
    model_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    language_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    voice_settings: Option<VoiceSettings>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_text: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    previous_request_ids: &'a [String],
}

/// A script that passed every check that can be made here.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) pieces: Vec<String>,
    pub(crate) voice_id: String,
    pub(crate) voice_state: Option<String>,
    pub(crate) model: Model,
    pub(crate) format: OutputFormat,
    pub(crate) timestamps: bool,
    pub(crate) stream: Option<Chunks>,
    pub(crate) fresh: bool,
    pub(crate) notes: Vec<String>,
    settings: Option<VoiceSettings>,
    language: Option<String>,
    seed: Option<u32>,
}

impl Script {
    pub(crate) fn new(
        request: &VoiceOverRequest,
        catalog: &Catalog,
        voices: &Voices,
    ) -> Result<Self> {
        let mut notes = Vec::new();
        let text = request.text.trim();
        let characters = text.chars().count();
        if characters == 0 {
            return Err(invalid("text", "empty", "a text"));
        }
        if characters > MAX_SCRIPT_CHARACTERS {
            let rule = format!("at most {MAX_SCRIPT_CHARACTERS} characters");
            return Err(invalid("text", format!("{characters} characters"), rule));
        }
        let (voice_id, voice_state) = voices.id(&request.voice)?;
        let default = &catalog.default_model;
        let model = catalog.choose(request.model.as_ref().unwrap_or(default), &mut notes)?;
        if let Some(settings) = &request.settings {
            settings.check()?;
            if settings.style > 0.0 && !model.style {
                notes.push(format!("{} ignores style and use_speaker_boost", model.id));
            }
        }
        if let Some(language) = &request.language {
            model.check_language(language)?;
        }
        let format = OutputFormat::parse(&request.output_format)?;
        if request.stream.is_some() && !format.streams() {
            return Err(invalid("output format", format.as_str(), "one that streams: not wav"));
        }
        if request.stream.is_some() && request.timestamps {
            return Err(invalid("timestamps", "while streaming", "one of the two"));
        }
        let pieces = split(text, model.max_characters);
        if request.stream.is_some() && pieces.len() > 1 {
            let rule = format!("at most {} characters for {}", model.max_characters, model.id);
            return Err(invalid("text to stream", format!("{characters} characters"), rule));
        }
        Ok(Self {
            pieces,
            voice_id: voice_id.to_owned(),
            voice_state: voice_state.map(str::to_owned),
            model: model.clone(),
            format,
            timestamps: request.timestamps,
            stream: request.stream.clone(),
            fresh: request.fresh,
            notes,
            settings: request.settings,
            language: request.language.clone(),
            seed: request.seed,
        })
    }

    /// Path and query of a piece.
    pub(crate) fn target(&self) -> String {
        let end = match (self.timestamps, self.stream.is_some()) {
            (true, _) => "/with-timestamps",
            (false, true) => "/stream",
            (false, false) => "",
        };
        let query = gv_http::encode_query([("output_format", self.format.as_str())]);
        format!("/v1/text-to-speech/{}{end}?{query}", self.voice_id)
    }

    /// The JSON body of a piece, byte for byte as the official client writes it.
    pub(crate) fn body(&self, at: usize, previous_ids: &[String]) -> Vec<u8> {
        let stitches = self.model.stitching;
        let piece = |at: Option<usize>| {
            at.filter(|_| stitches).and_then(|at| self.pieces.get(at)).map(String::as_str)
        };
        let ids = &previous_ids[previous_ids.len().saturating_sub(3)..];
        let ids = if stitches { ids } else { &[] };
        let wire = Wire {
            text: self.pieces.get(at).map_or("", String::as_str),
            model_id: &self.model.id,
            language_code: self.language.as_deref(),
            voice_settings: self.settings,
            seed: self.seed,
            previous_text: if ids.is_empty() { piece(at.checked_sub(1)) } else { None },
            next_text: piece(at.checked_add(1)),
            previous_request_ids: ids,
        };
        serde_json::to_vec(&wire).unwrap_or_default()
    }

    /// What makes a piece the same: everything but the ids of the requests before it.
    pub(crate) fn hash(&self, at: usize) -> String {
        let kind = if self.timestamps { "with-timestamps" } else { "" };
        content_hash([
            b"text-to-speech".as_slice(),
            kind.as_bytes(),
            self.voice_id.as_bytes(),
            self.format.as_str().as_bytes(),
            &self.body(at, &[]),
        ])
    }

    /// Billed characters of a piece.
    pub(crate) fn billed(&self, at: usize) -> u64 {
        self.model.billed(self.pieces.get(at).map_or(0, |piece| piece.chars().count()))
    }

    pub(crate) fn summary(&self, at: usize) -> String {
        let text = crate::error::shorten(self.pieces.get(at).map_or("", String::as_str), 60);
        format!("{} {} {text:?}", self.voice_id, self.model.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VOICE: &str = "abcdefghij0123456789";

    fn script(request: &VoiceOverRequest) -> Result<Script> {
        Script::new(request, &Catalog::built_in(), &Voices::built_in())
    }

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn the_request_is_what_the_official_client_writes() {
        let request =
            VoiceOverRequest::new("Héllo – 日", "rachel").settings(VoiceSettings::default());
        let script = script(&request).unwrap();
        assert_eq!(
            script.target(),
            "/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM?output_format=mp3_44100_128"
        );
        assert_eq!(
            text(script.body(0, &[])),
            r#"{"text":"Héllo – 日","model_id":"eleven_turbo_v2","voice_settings":{"stability":0.5,"use_speaker_boost":true,"similarity_boost":0.75,"style":0.5}}"#
        );
        assert_eq!(script.voice_state.as_deref(), Some("legacy, replaced by Janet"));
    }

    #[test]
    fn a_long_script_is_cut_and_each_piece_knows_its_neighbours() {
        let long = "A sentence of some length, said once more. ".repeat(500);
        let request = VoiceOverRequest::new(long, VOICE).model("eleven_multilingual_v2");
        let script = script(&request).unwrap();
        assert_eq!(script.pieces.len(), 3);
        let second = text(script.body(1, &[]));
        assert!(second.contains("\"previous_text\"") && second.contains("\"next_text\""));
        let ids: Vec<String> = ["a", "b", "c", "d"].map(str::to_owned).into();
        let second = text(script.body(1, &ids));
        assert!(second.contains(r#""previous_request_ids":["b","c","d"]"#), "{second}");
        assert!(!second.contains("previous_text"));
        assert_ne!(script.hash(0), script.hash(1));
        let v3 = VoiceOverRequest::new("Word. ".repeat(1000), VOICE).model("eleven_v3");
        let v3 = text(
            Script::new(&v3, &Catalog::built_in(), &Voices::built_in()).unwrap().body(1, &ids),
        );
        assert!(!v3.contains("previous"), "{v3}");
    }

    #[test]
    fn what_elevenlabs_would_refuse_is_refused_with_the_rule() {
        let new = || VoiceOverRequest::new("x", VOICE);
        let slow = VoiceSettings { speed: Some(0.1), ..VoiceSettings::default() };
        let take = || Chunks::new(|_| std::ops::ControlFlow::Continue(()));
        for (request, rule) in [
            (VoiceOverRequest::new(" \t", VOICE), "a text"),
            (VoiceOverRequest::new("x".repeat(200_000), VOICE), "at most 100000"),
            (VoiceOverRequest::new("x", "nobody"), "20 letters and digits"),
            (new().model("eleven_v9"), "eleven_v3"),
            (new().settings(slow), "0.7 to 1.2"),
            (new().output_format("mp3"), "mp3_44100_128"),
            (new().language("de"), "one of en for eleven_turbo_v2"),
            (new().model("eleven_multilingual_v2").language("de"), "by itself"),
            (new().stream(take()).output_format("wav_44100"), "not wav"),
            (new().stream(take()).timestamps(true), "one of the two"),
            (VoiceOverRequest::new("x".repeat(40_000), VOICE).stream(take()), "at most 30000"),
        ] {
            let error = script(&request).unwrap_err().to_string();
            assert!(error.contains(rule), "{rule}: {error}");
        }
    }

    #[test]
    fn cost_is_by_code_points_and_halved_for_turbo() {
        let turbo = script(&VoiceOverRequest::new("日本😀", VOICE)).unwrap();
        assert_eq!(turbo.billed(0), 2);
        let full = VoiceOverRequest::new("日本😀", VOICE).model("eleven_multilingual_v2");
        assert_eq!(script(&full).unwrap().billed(0), 3);
    }
}
