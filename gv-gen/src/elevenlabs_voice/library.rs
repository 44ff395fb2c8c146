//! Listing voices, and cloning one.

use super::client::Settings;
use super::refusal::{SERVICE, is_api_refusal, refusal};
use super::speak::call_error;
use super::voices::is_voice_id;
use crate::error::invalid;
use crate::{Error, Result};
use gv_http::{Call, CallError, Event, Exchange, Method, Moment, Multipart, Part, Response, Step};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Pages of voices that are read at most.
const MAX_PAGES: usize = 1000;
/// Bytes of one sample.
const SAMPLE_LIMIT: usize = 50_000_000;
/// Samples of one voice.
const MAX_SAMPLES: usize = 25;

/// A voice as the service describes it; `voice_id` and `name` are always there.
pub type Voice = Map<String, Value>;

#[derive(Deserialize)]
struct Page {
    voices: Vec<Voice>,
    #[serde(default)]
    has_more: bool,
    #[serde(default)]
    next_page_token: Option<String>,
}

/// Reads the voices of an account, page by page.
pub struct ListVoices {
    settings: Arc<Settings>,
    call: Option<Call>,
    voices: Vec<Voice>,
    pages: usize,
    token: Option<String>,
}

impl std::fmt::Debug for ListVoices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ListVoices").field("pages", &self.pages).finish_non_exhaustive()
    }
}

impl ListVoices {
    pub(crate) fn new(settings: Arc<Settings>) -> Self {
        Self { settings, call: None, voices: Vec::new(), pages: 0, token: None }
    }

    fn page(&mut self, now: Moment) -> Step<Result<Vec<Voice>>> {
        let token = self.token.as_deref().map(|token| ("next_page_token", token));
        let query = gv_http::encode_query(token.into_iter().chain([("page_size", "100")]));
        match self.settings.request(Method::Get, &format!("/v2/voices?{query}")) {
            Ok(mut request) => {
                request.destination = gv_http::Destination::Memory { limit: 32 << 20 };
                let call = self.settings.service.call(request);
                self.advance(call, now, Event::Start)
            }
            Err(error) => Step::Done(Err(error)),
        }
    }

    fn advance(&mut self, mut call: Call, now: Moment, event: Event) -> Step<Result<Vec<Voice>>> {
        match call.step(now, event) {
            Step::Send(request) => {
                self.call = Some(call);
                Step::Send(request)
            }
            Step::Wait(time) => {
                self.call = Some(call);
                Step::Wait(time)
            }
            Step::Done(Err(error)) => Step::Done(Err(call_error(error))),
            Step::Done(Ok(response)) if !response.head.is_success() => {
                Step::Done(Err(refusal(&response)))
            }
            Step::Done(Ok(response)) => self.read(now, &response),
        }
    }

    fn read(&mut self, now: Moment, response: &Response) -> Step<Result<Vec<Voice>>> {
        let protocol = |reason: String| {
            Step::Done(Err(Error::Protocol { service: SERVICE, reason, task: None }))
        };
        let page: Page = match serde_json::from_slice(response.bytes()) {
            Ok(page) => page,
            Err(error) => return protocol(format!("{error} in the list of voices")),
        };
        for mut voice in page.voices {
            if !voice.get("voice_id").is_some_and(Value::is_string) {
                return protocol("a voice without an id".to_owned());
            }
            voice.entry("name").or_insert_with(|| Value::String(String::new()));
            self.voices.push(voice);
        }
        self.pages += 1;
        match page.next_page_token.filter(|token| page.has_more && !token.is_empty()) {
            None => Step::Done(Ok(std::mem::take(&mut self.voices))),
            Some(token) if self.token.as_ref() == Some(&token) || self.pages >= MAX_PAGES => {
                protocol("the list of voices does not end".to_owned())
            }
            Some(token) => {
                self.token = Some(token);
                self.page(now)
            }
        }
    }
}

impl Exchange for ListVoices {
    type Output = Result<Vec<Voice>>;

    fn step(&mut self, now: Moment, event: Event) -> Step<Self::Output> {
        match (self.call.take(), event) {
            (None, Event::Start) => self.page(now),
            (None, Event::Cancelled) => Step::Done(Err(Error::Cancelled { task: None })),
            (Some(call), event) => self.advance(call, now, event),
            (None, _) => Step::Done(Err(call_error(CallError::OutOfOrder))),
        }
    }
}

/// A voice to be cloned from samples.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloneRequest {
    /// The voice's name.
    pub name: String,
    /// Recordings: the bytes of MP3, WAV, Ogg, FLAC or M4A files.
    pub samples: Vec<Vec<u8>>,
    /// What it is for; empty says nothing.
    pub description: String,
    /// Labels such as `accent`; empty says nothing.
    pub labels: BTreeMap<String, String>,
    /// Whether noise is removed from the samples first.
    pub remove_background_noise: bool,
}

impl CloneRequest {
    /// A voice from samples.
    pub fn new(name: impl Into<String>, samples: Vec<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            samples,
            description: String::new(),
            labels: BTreeMap::new(),
            remove_background_noise: false,
        }
    }

    /// The request with a description.
    #[must_use]
    pub fn description(mut self, value: impl Into<String>) -> Self {
        self.description = value.into();
        self
    }

    fn form(&self) -> Result<Multipart> {
        if self.name.trim().is_empty() {
            return Err(invalid("voice name", "empty", "a name"));
        }
        if self.samples.is_empty() || self.samples.len() > MAX_SAMPLES {
            let given = format!("{} files", self.samples.len());
            return Err(invalid("audio files", given, format!("1 to {MAX_SAMPLES}")));
        }
        let mut parts = vec![Part::text("name", &self.name)];
        if self.remove_background_noise {
            parts.push(Part::text("remove_background_noise", "true"));
        }
        if !self.description.is_empty() {
            parts.push(Part::text("description", &self.description));
        }
        if !self.labels.is_empty() {
            parts.push(Part::text(
                "labels",
                &serde_json::to_string(&self.labels).unwrap_or_default(),
            ));
        }
        for (n, sample) in self.samples.iter().enumerate() {
            if sample.len() > SAMPLE_LIMIT {
                let given = format!("file {} of {} MB", n + 1, sample.len() / 1_000_000);
                return Err(invalid("audio file", given, "at most 50 MB"));
            }
            let (ending, media_type) = audio_type(sample).ok_or_else(|| {
                invalid("audio file", format!("file {}", n + 1), "MP3, WAV, Ogg, FLAC or M4A")
            })?;
            let name = format!("sample{}.{ending}", n + 1);
            parts.push(Part::bytes("files", name, media_type, sample.as_slice()));
        }
        Ok(Multipart::new(parts))
    }
}

fn audio_type(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    match bytes {
        [b'I', b'D', b'3', ..] => Some(("mp3", "audio/mpeg")),
        [0xff, second, ..] if second & 0xe0 == 0xe0 && second & 0x06 != 0 => {
            Some(("mp3", "audio/mpeg"))
        }
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => {
            Some(("wav", "audio/wav"))
        }
        [b'O', b'g', b'g', b'S', ..] => Some(("ogg", "audio/ogg")),
        [b'f', b'L', b'a', b'C', ..] => Some(("flac", "audio/flac")),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some(("m4a", "audio/mp4")),
        _ => None,
    }
}

/// Clones a voice; ends with its id.
pub struct CloneVoice {
    call: Call,
}

impl std::fmt::Debug for CloneVoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CloneVoice")
            .field("attempts", &self.call.attempts())
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Cloned {
    voice_id: String,
    #[serde(default)]
    requires_verification: bool,
}

impl CloneVoice {
    pub(crate) fn new(settings: &Settings, request: &CloneRequest) -> Result<Self> {
        let form = request.form()?;
        let mut http = settings.request(Method::Post, "/v1/voices/add")?;
        http.timeout = http.timeout.max(std::time::Duration::from_secs(300));
        let call = settings.service.call(http.multipart(form)?).rejected(is_api_refusal);
        Ok(Self { call })
    }
}

impl Exchange for CloneVoice {
    type Output = Result<String>;

    fn step(&mut self, now: Moment, event: Event) -> Step<Self::Output> {
        self.call.step(now, event).map(|result| {
            let response = result.map_err(call_error)?;
            if !response.head.is_success() {
                return Err(refusal(&response));
            }
            let protocol =
                |reason: String| Error::Protocol { service: SERVICE, reason, task: None };
            let cloned: Cloned = serde_json::from_slice(response.bytes())
                .map_err(|error| protocol(format!("{error} in the answer to a clone")))?;
            if !is_voice_id(&cloned.voice_id) {
                return Err(protocol("the clone has no voice id".to_owned()));
            }
            if cloned.requires_verification {
                log::warn!("voice {} must be verified before it speaks", cloned.voice_id);
            }
            Ok(cloned.voice_id)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_without_name_or_sound_is_refused_with_the_rule() {
        let mp3 = || vec![0xff, 0xfb, 0x90, 0xc0];
        for (request, rule) in [
            (CloneRequest::new(" ", vec![mp3()]), "a name"),
            (CloneRequest::new("n", Vec::new()), "1 to 25"),
            (CloneRequest::new("n", vec![mp3(); 26]), "1 to 25"),
            (CloneRequest::new("n", vec![mp3(), Vec::new()]), "file 2"),
            (CloneRequest::new("n", vec![b"GIF89a".to_vec()]), "MP3, WAV"),
        ] {
            let error = request.form().unwrap_err().to_string();
            assert!(error.contains(rule), "{rule}: {error}");
        }
    }

    #[test]
    fn kinds_of_audio_are_told_by_their_first_bytes() {
        for (bytes, ending) in [
            (&b"ID3\x04"[..], "mp3"),
            (b"\xff\xfb\x90\xc0", "mp3"),
            (b"RIFF\0\0\0\0WAVEfmt ", "wav"),
            (b"OggS\0", "ogg"),
            (b"fLaC\0", "flac"),
            (b"\0\0\0\x20ftypM4A ", "m4a"),
        ] {
            assert_eq!(audio_type(bytes).unwrap().0, ending);
        }
        assert_eq!(audio_type(b"\xff\xe0"), None);
        assert_eq!(audio_type(b""), None);
    }
}
