//! ElevenLabs voice (component 19).

use crate::errors::exception;
use crate::session::{Outcome, Session, now, seconds, unsigned};
use crate::to_python;
use geminivideo::Error;
use geminivideo::generation::elevenlabs_voice::{
    Alignment, CaptionOptions, Catalog, CloneRequest, ElevenLabsClient, ElevenLabsOptions,
    MockElevenLabsClient, VoiceOver, VoiceOverRequest, VoiceSettings, Voices,
};
use geminivideo::generation::http::{Cancel, Chunks, RetryPolicy, drive};
use geminivideo::generation::journal::Books;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Settings as a tuple: stability, similarity, style, boost, speed.
type Settings = (f64, f64, f64, bool, Option<f64>);

fn outcome(spoken: VoiceOver) -> Outcome {
    Outcome { fields: spoken.to_json(), audio: Some(spoken.audio) }
}

fn settings_of(given: Settings) -> VoiceSettings {
    let (stability, similarity_boost, style, use_speaker_boost, speed) = given;
    VoiceSettings { stability, use_speaker_boost, similarity_boost, style, speed }
}

#[expect(clippy::too_many_arguments, reason = "they are the fields of a Python dataclass")]
fn request(
    text: String,
    voice: String,
    model: Option<String>,
    settings: Option<Settings>,
    output_format: String,
    language: Option<String>,
    seed: Option<i64>,
    timestamps: bool,
    fresh: bool,
) -> Result<VoiceOverRequest, Error> {
    let mut made = VoiceOverRequest::new(text, voice)
        .output_format(output_format)
        .timestamps(timestamps)
        .fresh(fresh);
    made.model = model;
    made.settings = settings.map(settings_of);
    made.language = language;
    made.seed = seed.map(|seed| unsigned("seed", seed)).transpose()?;
    Ok(made)
}

/// The client of ElevenLabs, without an event loop of its own.
#[pyclass(frozen)]
pub(crate) struct ElevenLabs {
    client: ElevenLabsClient,
}

impl ElevenLabs {
    fn checked<T>(py: Python<'_>, result: Result<T, Error>) -> PyResult<T> {
        crate::logging::deliver(py)?;
        result.map_err(|error| exception(py, &error))
    }
}

#[pymethods]
impl ElevenLabs {
    #[new]
    #[pyo3(signature = (*, api_key=None, base_url=None, state_dir=None, spending_cap_usd=None, timeout=240.0,
        max_retries=4, allow_http=false, catalog=None, voices=None))]
    #[expect(clippy::too_many_arguments, reason = "they are options by name")]
    fn new(
        py: Python<'_>,
        api_key: Option<String>,
        base_url: Option<String>,
        state_dir: Option<PathBuf>,
        spending_cap_usd: Option<f64>,
        timeout: f64,
        max_retries: u32,
        allow_http: bool,
        catalog: Option<&str>,
        voices: Option<&str>,
    ) -> PyResult<Self> {
        let make = || -> Result<ElevenLabsClient, Error> {
            let mut options = ElevenLabsOptions::new(Books::of_user(state_dir, spending_cap_usd)?)
                .timeout(seconds("timeout", timeout)?)
                .retries(RetryPolicy::default().max_retries(max_retries));
            options.api_key = api_key;
            options.base_url = base_url;
            options.allow_http = allow_http;
            if let Some(text) = catalog {
                options.catalog = Arc::new(Catalog::from_json(text)?);
            }
            if let Some(text) = voices {
                options.voices = Arc::new(Voices::from_json(text)?);
            }
            Ok(ElevenLabsClient::new(options)?)
        };
        Ok(Self { client: Self::checked(py, make())? })
    }

    /// Begins a voice-over.
    #[pyo3(signature = (text, voice, model, settings, output_format, language, seed, timestamps, fresh))]
    #[expect(clippy::too_many_arguments, reason = "they are the fields of a Python dataclass")]
    fn start(
        &self,
        py: Python<'_>,
        text: String,
        voice: String,
        model: Option<String>,
        settings: Option<Settings>,
        output_format: String,
        language: Option<String>,
        seed: Option<i64>,
        timestamps: bool,
        fresh: bool,
    ) -> PyResult<Session> {
        crate::logging::follow_levels(py)?;
        let made =
            request(text, voice, model, settings, output_format, language, seed, timestamps, fresh)
                .and_then(|request| Ok(self.client.start(&request)?));
        let exchange = Self::checked(py, made)?;
        Ok(Session::new(exchange, Arc::clone(self.client.transport()), outcome, |_| None))
    }

    /// Begins a voice-over that is read as it comes.
    #[pyo3(signature = (text, voice, model, settings, output_format, language, seed))]
    #[expect(clippy::too_many_arguments, reason = "they are the fields of a Python dataclass")]
    fn stream(
        &self,
        py: Python<'_>,
        text: String,
        voice: String,
        model: Option<String>,
        settings: Option<Settings>,
        output_format: String,
        language: Option<String>,
        seed: Option<i64>,
    ) -> PyResult<VoiceStream> {
        let (send, pieces) = sync_channel::<Vec<u8>>(16);
        let chunks = Chunks::new(move |bytes| match send.send(bytes.to_vec()) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        });
        let made =
            request(text, voice, model, settings, output_format, language, seed, false, false)
                .and_then(|request| Ok(self.client.start(&request.stream(chunks))?));
        let mut exchange = Self::checked(py, made)?;
        let transport = Arc::clone(self.client.transport());
        let result = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&result);
        let worker = std::thread::Builder::new().name("geminivideo".into()).spawn(move || {
            let output = drive(&mut exchange, &*transport, &Cancel::new());
            *slot.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(output.map_err(Error::from));
            drop(exchange);
        });
        if let Err(error) = worker {
            let message = format!("cannot start a thread: {error}");
            return Err(exception(py, &Error::Internal { message }));
        }
        Ok(VoiceStream { pieces: Mutex::new(pieces), result })
    }

    /// Begins to list the voices.
    fn list_voices(&self) -> Session {
        let exchange = self.client.start_list();
        let convert = |voices| Outcome { fields: json!(voices), audio: None };
        Session::new(exchange, Arc::clone(self.client.transport()), convert, |_| None)
    }

    /// Begins to clone a voice.
    fn clone_voice(
        &self,
        py: Python<'_>,
        name: String,
        samples: Vec<Vec<u8>>,
        description: String,
    ) -> PyResult<Session> {
        let request = CloneRequest::new(name, samples).description(description);
        let exchange = Self::checked(py, self.client.start_clone(&request).map_err(Error::from))?;
        let convert = |id: String| Outcome { fields: json!(id), audio: None };
        Ok(Session::new(exchange, Arc::clone(self.client.transport()), convert, |_| None))
    }

    /// Voice and settings for a type of ad.
    fn ad_voice(&self, py: Python<'_>, voice_type: &str) -> PyResult<(String, Settings)> {
        let made = self.client.voices().ad_voice(voice_type).map_err(Error::from);
        let voice = Self::checked(py, made)?;
        let s = voice.settings;
        let settings = (s.stability, s.similarity_boost, s.style, s.use_speaker_boost, s.speed);
        Ok((voice.preset.clone(), settings))
    }

    /// Model for a language.
    fn multilingual(
        &self,
        py: Python<'_>,
        text: &str,
        voice: &str,
        language: &str,
    ) -> PyResult<Option<String>> {
        let made = self.client.multilingual(text, voice, language).map_err(Error::from);
        Ok(Self::checked(py, made)?.model)
    }

    /// What a text will cost.
    #[pyo3(signature = (text, model))]
    fn estimate<'py>(
        &self,
        py: Python<'py>,
        text: &str,
        model: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let cost = Self::checked(py, self.client.estimate_cost(text, model).map_err(Error::from))?;
        let shown = json!({
            "characters": cost.characters,
            "billed_characters": cost.billed_characters,
            "estimated_cost_usd": cost.estimated_cost_usd,
            "estimated_duration_seconds": cost.estimated_duration_seconds,
        });
        to_python(py, &shown)
    }

    /// Characters used and included.
    fn subscription(&self, py: Python<'_>) -> PyResult<(String, u64, u64)> {
        let told = py.detach(|| self.client.subscription(&Cancel::new()));
        let told = Self::checked(py, told.map_err(Error::from))?;
        Ok((told.tier, told.character_count, told.character_limit))
    }

    /// What was spent.
    fn ledger<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let shown = Self::checked(py, self.client.books().to_json().map_err(Error::from))?;
        to_python(py, &shown)
    }

    /// Declares an uncertain entry unpaid.
    fn release(&self, py: Python<'_>, entry: &str) -> PyResult<()> {
        Self::checked(py, self.client.books().release(entry, now()).map_err(Error::from))
    }
}

/// Audio as it comes.
#[pyclass(frozen)]
pub(crate) struct VoiceStream {
    pieces: Mutex<Receiver<Vec<u8>>>,
    result: Arc<Mutex<Option<Result<VoiceOver, Error>>>>,
}

#[pymethods]
impl VoiceStream {
    /// The next piece, or `None` at the end; an error is raised where the audio did not come whole.
    fn read<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let piece = py.detach(|| self.pieces.lock().unwrap_or_else(PoisonError::into_inner).recv());
        crate::logging::deliver(py)?;
        if let Ok(piece) = piece {
            return Ok(Some(PyBytes::new(py, &piece)));
        }
        let result = self.result.lock().unwrap_or_else(PoisonError::into_inner);
        match &*result {
            Some(Err(error)) => Err(exception(py, error)),
            _ => Ok(None),
        }
    }
}

/// The mock client: the next failures are messages.
#[pyclass(frozen)]
pub(crate) struct MockElevenLabs {
    client: MockElevenLabsClient,
}

#[pymethods]
impl MockElevenLabs {
    #[new]
    fn new(failures: Vec<String>) -> Self {
        let client =
            failures.into_iter().fold(MockElevenLabsClient::new(), MockElevenLabsClient::failing);
        Self { client }
    }

    #[pyo3(signature = (text, voice, model, settings, output_format, language, seed))]
    #[expect(clippy::too_many_arguments, reason = "they are the fields of a Python dataclass")]
    fn generate<'py>(
        &self,
        py: Python<'py>,
        text: String,
        voice: String,
        model: Option<String>,
        settings: Option<Settings>,
        output_format: String,
        language: Option<String>,
        seed: Option<i64>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyBytes>)> {
        let made =
            request(text, voice, model, settings, output_format, language, seed, false, false)
                .and_then(|request| Ok(self.client.generate_voiceover(&request)?));
        let spoken = made.map_err(|error| exception(py, &error))?;
        Ok((to_python(py, &spoken.to_json())?, PyBytes::new(py, &spoken.audio)))
    }

    fn voices<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.client.get_available_voices())
    }
}

/// Preset voices by name, what is known about each, and settings by style.
#[pyfunction]
pub(crate) fn voice_tables(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let voices = Voices::built_in();
    let presets: Vec<_> = voices
        .presets
        .iter()
        .map(|p| json!([p.name, p.voice_id, p.description, p.state]))
        .collect();
    let styles: serde_json::Map<String, Value> =
        voices.styles.iter().map(|(name, s)| (name.clone(), json!(s))).collect();
    to_python(py, &json!({"presets": presets, "styles": styles, "as_of": voices.as_of}))
}

/// Words, SubRip and WebVTT of an alignment.
#[pyfunction]
pub(crate) fn captions(
    characters: Vec<(String, f64, f64)>,
    line_characters: usize,
    lines: usize,
) -> (Vec<(String, f64, f64)>, String, String) {
    let alignment = Alignment { characters };
    let mut options = CaptionOptions::default();
    options.line_characters = line_characters;
    options.lines = lines;
    let words =
        alignment.words().into_iter().map(|word| (word.word, word.start, word.end)).collect();
    (words, alignment.srt(&options), alignment.vtt(&options))
}
