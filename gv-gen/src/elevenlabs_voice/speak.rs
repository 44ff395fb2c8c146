//! A script turned into audio, as an exchange.

use super::audio::{join, measure};
use super::captions::Alignment;
use super::client::Settings;
use super::refusal::{SERVICE, is_api_refusal, refusal};
use super::request::Script;
use crate::journal::{Entry, Outcome, Record, Reservation, Service};
use crate::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gv_http::{
    Call, CallError, Chunks, Destination, Event, Exchange, Failure, Method, Moment, Reached,
    Response, Step,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Bytes of audio that are taken for one piece.
const AUDIO_LIMIT: u64 = 256 << 20;

/// What a script became.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct VoiceOver {
    /// The audio.
    pub audio: Vec<u8>,
    /// Its length in seconds, from the audio itself.
    pub duration_seconds: f64,
    /// Characters of the script (Unicode code points).
    pub characters_used: usize,
    /// Characters that were billed for this call: the service's figures where it gave them, else the table's.
    pub billed_characters: u64,
    /// Whether `billed_characters` is the service's own figure.
    pub billed: bool,
    /// What this call cost in dollars, by the table's price.
    pub cost_usd: f64,
    /// Seconds from the first request to the end.
    pub generation_time: f64,
    /// The service's names for the requests, where it gave them.
    pub request_ids: Vec<String>,
    /// When each character is said, where that was asked for.
    pub alignment: Option<Alignment>,
    /// Where the audio is stored on this machine; one file for each piece of the script.
    pub files: Vec<PathBuf>,
    /// Whether all of it was paid earlier.
    pub cached: bool,
    /// The model that spoke.
    pub model_used: String,
    /// What differs from what was asked for, and what else is worth knowing.
    pub notes: Vec<String>,
}

impl VoiceOver {
    /// Everything but the audio as a JSON object.
    pub fn to_json(&self) -> Value {
        json!({
            "duration_seconds": self.duration_seconds,
            "characters_used": self.characters_used,
            "generation_time": self.generation_time,
            "billed_characters": self.billed_characters,
            "billed": self.billed,
            "cost_usd": self.cost_usd,
            "request_ids": self.request_ids,
            "audio_path": match self.files.as_slice() {
                [path] => Some(path.display().to_string()),
                _ => None,
            },
            "characters": self.alignment.as_ref().map(|alignment| &alignment.characters),
            "cached": self.cached,
            "model_used": self.model_used,
            "notes": self.notes,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct Timed {
    #[serde(default)]
    audio_base64: String,
    alignment: Option<WireAlignment>,
}

#[derive(Serialize, Deserialize, Clone)]
struct WireAlignment {
    characters: Vec<String>,
    character_start_times_seconds: Vec<f64>,
    character_end_times_seconds: Vec<f64>,
}

enum Stage {
    Begin,
    OthersSend,
    Send(Box<Call>),
    Over,
}

/// Speaks a script, one piece after the other; ends with the audio of all.
///
/// Each piece is reserved in the journal before it is sent, and stored when it is there: a script that fails in the
/// middle pays for the missing pieces alone when it is asked for again.
pub struct Speak {
    settings: Arc<Settings>,
    script: Script,
    stage: Stage,
    started: Option<Duration>,
    entry: Option<String>,
    heard: Arc<Mutex<Vec<u8>>>,
    done: Vec<(Vec<u8>, Option<WireAlignment>)>,
    ids: Vec<String>,
    files: Vec<PathBuf>,
    billed: (u64, bool),
    paid: bool,
    again: bool,
    notes: Vec<String>,
}

type Outputs = Step<Result<VoiceOver>>;

impl std::fmt::Debug for Speak {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Speak").field("pieces_done", &self.done.len()).finish_non_exhaustive()
    }
}

impl Speak {
    pub(crate) fn new(settings: Arc<Settings>, script: Script) -> Self {
        let again = script.fresh || script.stream.is_some();
        Self {
            notes: script.notes.clone(),
            settings,
            script,
            stage: Stage::Begin,
            started: None,
            entry: None,
            heard: Arc::default(),
            done: Vec::new(),
            ids: Vec::new(),
            files: Vec::new(),
            billed: (0, true),
            paid: false,
            again,
        }
    }

    fn piece(&mut self, now: Moment) -> Outputs {
        self.started.get_or_insert(now.elapsed);
        loop {
            let at = self.done.len();
            if at == self.script.pieces.len() {
                return self.finish(now);
            }
            let (hash, summary) = (self.script.hash(at), self.script.summary(at));
            let cost = self.settings.catalog.micros(self.script.billed(at));
            let (books, unix) = (&self.settings.books, now.unix.as_secs());
            let reserve =
                |fresh| books.reserve(Service::ElevenLabs, &hash, &summary, cost, fresh, unix);
            let mut reservation = reserve(self.again);
            if let Ok(Reservation::Paid(entry)) = &reservation {
                match self.stored(entry) {
                    Some(piece) => {
                        self.done.push(piece);
                        self.files.extend(entry.files.first().map(PathBuf::from));
                        continue;
                    }
                    None => reservation = reserve(true),
                }
            } else if matches!(reservation, Ok(Reservation::Failed(_) | Reservation::Running(_))) {
                reservation = reserve(true);
            }
            return match reservation {
                Ok(Reservation::New(id)) => {
                    self.entry = Some(id);
                    self.send(now)
                }
                Ok(_) => {
                    self.stage = Stage::OthersSend;
                    Step::Wait(Duration::from_millis(250))
                }
                Err(error) => Step::Done(Err(error)),
            };
        }
    }

    fn stored(&self, entry: &Entry) -> Option<(Vec<u8>, Option<WireAlignment>)> {
        let audio = std::fs::read(entry.files.first()?).ok()?;
        measure(&audio, self.script.format).ok()?;
        if !self.script.timestamps {
            return Some((audio, None));
        }
        let times = std::fs::read(entry.files.get(1)?).ok()?;
        let timed: Timed = serde_json::from_slice(&times).ok()?;
        Some((audio, Some(timed.alignment?)))
    }

    fn send(&mut self, now: Moment) -> Outputs {
        let body = self.script.body(self.done.len(), &self.ids);
        let request = self.settings.request(Method::Post, &self.script.target());
        let mut request = match request.and_then(|request| Ok(request.json(body)?)) {
            Ok(request) => request,
            Err(error) => return self.unpaid(now, error),
        };
        request.destination = match &self.script.stream {
            None => Destination::Memory { limit: AUDIO_LIMIT },
            Some(to) => {
                let (to, heard) = (to.clone(), Arc::clone(&self.heard));
                let both = Chunks::new(move |bytes| {
                    heard.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
                    if to.push(bytes).is_break() {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                });
                Destination::Chunks { to: both, limit: AUDIO_LIMIT }
            }
        };
        let call = self.settings.service.call(request).rejected(is_api_refusal);
        self.call(call, now, Event::Start)
    }

    fn call(&mut self, mut call: Call, now: Moment, event: Event) -> Outputs {
        match call.step(now, event) {
            Step::Send(request) => {
                self.stage = Stage::Send(Box::new(call));
                Step::Send(request)
            }
            Step::Wait(time) => {
                self.stage = Stage::Send(Box::new(call));
                Step::Wait(time)
            }
            Step::Done(result) => self.answered(now, result),
        }
    }

    fn answered(&mut self, now: Moment, result: Result<Response, CallError>) -> Outputs {
        let response = match result {
            Ok(response) => response,
            Err(CallError::Failed { failure, .. }) if failure.reached() == Reached::MaybeSent => {
                return self.unanswered(now, failure.to_string());
            }
            Err(CallError::Cancelled { unanswered: true }) => {
                return self.unanswered(now, "cancelled while it was being spoken".to_owned());
            }
            Err(error) => return self.unpaid(now, call_error(error)),
        };
        if !response.head.is_success() {
            let error = self.with_voice(refusal(&response));
            let refused =
                response.status() < 500 || (response.status() == 503 && is_api_refusal(&response));
            return if refused {
                self.unpaid(now, error)
            } else {
                self.unanswered(now, error.to_string())
            };
        }
        let field = |name: &str| response.head.headers.get(name).map(str::trim);
        let stated = field("character-cost").and_then(|cost| cost.parse::<u64>().ok());
        let id = field("request-id").filter(|id| !id.is_empty()).map(str::to_owned);
        let billed = stated.unwrap_or_else(|| self.script.billed(self.done.len()));
        self.billed = (self.billed.0.saturating_add(billed), self.billed.1 && stated.is_some());
        self.paid = true;
        let audio = self.audio(&response);
        let (outcome, failure) = match &audio {
            Ok(_) => (Outcome::Completed, None),
            Err(reason) => (Outcome::Failed, Some(reason.clone())),
        };
        let cost = self.settings.catalog.micros(billed);
        let at = now.unix.as_secs();
        let files = audio.as_ref().ok().map(|(audio, times)| self.store(audio, times.as_ref()));
        let Some(entry) = self.entry.take() else {
            return Step::Done(Err(out_of_order()));
        };
        let mut records = Vec::new();
        if let Some(task) = id.clone() {
            records.push(Record::Created { id: entry.clone(), at, task });
        }
        records.push(Record::Settled {
            id: entry.clone(),
            at,
            outcome,
            cost,
            billed: stated.is_some(),
            failure,
        });
        if let Some(files) = files.filter(|files| !files.is_empty()) {
            self.files.extend(files.first().map(PathBuf::from));
            records.push(Record::Stored { id: entry, at, files });
        }
        if let Err(error) = self.settings.books.write(records) {
            log::error!("{error}");
            self.notes.push(error.to_string());
        }
        match audio {
            Ok(piece) => {
                self.ids.extend(id);
                self.done.push(piece);
                self.piece(now)
            }
            Err(reason) => {
                log::error!("{SERVICE}: {reason}");
                Step::Done(Err(Error::Protocol { service: SERVICE, reason, task: id }))
            }
        }
    }

    fn audio(&self, response: &Response) -> Result<(Vec<u8>, Option<WireAlignment>), String> {
        let media_type = response.head.media_type();
        if self.script.timestamps {
            let timed: Timed = serde_json::from_slice(response.bytes())
                .map_err(|error| format!("{error} in the answer with times"))?;
            let audio = STANDARD
                .decode(&timed.audio_base64)
                .map_err(|error| format!("{error} in the audio"))?;
            measure(&audio, self.script.format)?;
            let times = timed.alignment.ok_or("the answer has no times")?;
            let count = times.characters.len();
            if times.character_start_times_seconds.len() != count
                || times.character_end_times_seconds.len() != count
            {
                return Err("the answer has not one time for each character".to_owned());
            }
            return Ok((audio, Some(times)));
        }
        if !(media_type.starts_with("audio/") || media_type == "application/octet-stream") {
            return Err(format!("{media_type:?} instead of audio: {:?}", response.excerpt(80)));
        }
        let audio = if self.script.stream.is_some() {
            std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner))
        } else {
            response.bytes().to_vec()
        };
        measure(&audio, self.script.format)?;
        Ok((audio, None))
    }

    fn store(&mut self, audio: &[u8], times: Option<&WireAlignment>) -> Vec<String> {
        let Some(folder) = self.settings.books.folder(Service::ElevenLabs) else {
            return Vec::new();
        };
        let name = &self.script.hash(self.done.len())[..32];
        let path = folder.join(format!("{name}.{}", self.script.format.extension()));
        let mut files = vec![(path, audio.to_vec())];
        if let Some(times) = times {
            let timed = Timed { audio_base64: String::new(), alignment: Some(times.clone()) };
            let text = serde_json::to_vec(&timed).unwrap_or_default();
            files.push((folder.join(format!("{name}.times.json")), text));
        }
        for (path, bytes) in &files {
            if let Err(error) = write_whole(path, bytes) {
                let note = format!("{} was not stored: {error}", path.display());
                log::error!("{note}");
                self.notes.push(note);
                return Vec::new();
            }
        }
        files.into_iter().map(|(path, _)| path.display().to_string()).collect()
    }

    fn finish(&mut self, now: Moment) -> Outputs {
        let pieces: Vec<Vec<u8>> =
            self.done.iter_mut().map(|(audio, _)| std::mem::take(audio)).collect();
        let (audio, starts, duration_seconds) = match join(&pieces, self.script.format) {
            Ok(joined) => joined,
            Err(reason) => {
                return Step::Done(Err(Error::Protocol { service: SERVICE, reason, task: None }));
            }
        };
        let alignment = self.script.timestamps.then(|| {
            let mut all = Alignment::default();
            for ((_, times), start) in self.done.iter().zip(&starts) {
                if let Some(times) = times {
                    if !all.characters.is_empty() {
                        all.characters.push((" ".to_owned(), *start, *start));
                    }
                    all.characters.extend(read(times).moved(*start).characters);
                }
            }
            all
        });
        let started = self.started.unwrap_or(now.elapsed);
        log::info!("{SERVICE} spoke {duration_seconds:.1} s");
        Step::Done(Ok(VoiceOver {
            audio,
            duration_seconds,
            characters_used: self.script.pieces.iter().map(|piece| piece.chars().count()).sum(),
            billed_characters: self.billed.0,
            billed: self.billed.1,
            cost_usd: crate::error::usd(self.settings.catalog.micros(self.billed.0)),
            generation_time: now.elapsed.saturating_sub(started).as_secs_f64(),
            request_ids: self.ids.clone(),
            alignment,
            files: self.files.clone(),
            cached: !self.paid,
            model_used: self.script.model.id.clone(),
            notes: self.notes.clone(),
        }))
    }

    fn with_voice(&self, error: Error) -> Error {
        match error {
            Error::Refused { service, status, code, message, hint, kind }
                if matches!(status, 402 | 404) && self.script.voice_state.is_some() =>
            {
                let state = self.script.voice_state.as_deref().unwrap_or("");
                let message =
                    format!("{message}; the preset voice {} is {state}", self.script.voice_id);
                Error::Refused { service, status, code, message, hint, kind }
            }
            error => error,
        }
    }

    fn unpaid(&mut self, now: Moment, error: Error) -> Outputs {
        log::error!("{error}");
        let (at, reason) = (now.unix.as_secs(), error.to_string());
        self.record(|id| Record::Released { id, at, reason });
        Step::Done(Err(error))
    }

    fn unanswered(&mut self, now: Moment, reason: String) -> Outputs {
        let (at, why) = (now.unix.as_secs(), reason.clone());
        let id = self.entry.clone().unwrap_or_default();
        self.record(|id| Record::Unanswered { id, at, reason: why });
        let error = Error::Unanswered { service: SERVICE, id, reason };
        log::error!("{error}");
        Step::Done(Err(error))
    }

    fn record(&mut self, make: impl FnOnce(String) -> Record) {
        let Some(id) = self.entry.take() else { return };
        if let Err(error) = self.settings.books.write(vec![make(id)]) {
            log::error!("{error}");
        }
    }
}

impl Exchange for Speak {
    type Output = Result<VoiceOver>;

    fn step(&mut self, now: Moment, event: Event) -> Outputs {
        match (std::mem::replace(&mut self.stage, Stage::Over), event) {
            (Stage::Begin, Event::Start) | (Stage::OthersSend, Event::Woken) => self.piece(now),
            (Stage::Send(call), event) => self.call(*call, now, event),
            (Stage::Begin | Stage::OthersSend, Event::Cancelled) => {
                Step::Done(Err(Error::Cancelled { task: None }))
            }
            _ => Step::Done(Err(out_of_order())),
        }
    }
}

fn read(times: &WireAlignment) -> Alignment {
    let bounds = times.character_start_times_seconds.iter().zip(&times.character_end_times_seconds);
    let characters = times.characters.iter().zip(bounds);
    Alignment {
        characters: characters.map(|(c, (start, end))| (c.clone(), *start, *end)).collect(),
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    let mut file = std::fs::File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&part, path)
}

fn out_of_order() -> Error {
    Error::Protocol { service: SERVICE, reason: CallError::OutOfOrder.to_string(), task: None }
}

pub(crate) fn call_error(error: CallError) -> Error {
    match error {
        CallError::Cancelled { .. } => Error::Cancelled { task: None },
        error => Error::Transport {
            service: SERVICE,
            timed_out: matches!(
                &error,
                CallError::Deadline { .. }
                    | CallError::Failed { failure: Failure::Timeout { .. }, .. }
            ),
            reason: error.to_string(),
            task: None,
        },
    }
}
