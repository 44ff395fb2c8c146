//! ElevenLabs on the loopback address, as its interface is described, with failures on demand.
//!
//! A text tells how its request goes by a word that begins with `#`: `#fail=KIND` with `429`, `429-after`, `concurrent`
//! (each once), `busy` (429 always), `503` (once), `502-page`, `quota`, `credits`, `plan`, `voice`, `permissions`,
//! `page` (200 with a page), `truncated` (audio that ends in a frame), `cut` (connection closed in the middle), `drop`
//! (spoken, no answer), `slow` (answered after 3 s), `huge` (5 GB announced). Voices whose id begins with `missing` are
//! not found, with `paid` need a plan. Raw samples (`pcm_…`) hum where a character is said; other formats are silent.

use crate::elevenlabs_voice::silence::silence;
use crate::elevenlabs_voice::{Codec, OutputFormat};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gv_http::testing::{Answer, Received, Server};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The key the service takes.
pub const ELEVENLABS_KEY: &str = "xi_test";

/// Characters the service speaks in a second.
const RATE: f64 = 15.0;

#[derive(Debug, Default)]
struct State {
    failed: HashSet<String>,
    billed: u64,
    spoken: u64,
    voices: usize,
    clone_attempts: u64,
}

/// The service; it ends when it is dropped.
#[derive(Debug)]
pub struct ElevenLabsService {
    server: Server,
    state: Arc<Mutex<State>>,
}

impl ElevenLabsService {
    /// Starts the service on a free port, with 230 voices.
    pub fn start() -> Self {
        Self::start_on("127.0.0.1:0", true)
    }

    /// Starts the service on an address; `keep` says whether requests are kept.
    pub fn start_on(address: &str, keep: bool) -> Self {
        let state = Arc::new(Mutex::new(State { voices: 230, ..State::default() }));
        let shared = Arc::clone(&state);
        let server = Server::start_on(address, keep, move |request| {
            answer(request, &mut shared.lock().unwrap_or_else(PoisonError::into_inner))
        });
        Self { server, state }
    }

    /// The API's address.
    pub fn url(&self) -> String {
        self.server.url("")
    }

    /// The requests so far.
    pub fn received(&self) -> Vec<Received> {
        self.server.received()
    }

    /// Characters that were billed so far.
    pub fn billed(&self) -> u64 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).billed
    }

    /// Texts that were spoken and billed so far.
    pub fn spoken(&self) -> u64 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).spoken
    }
}

fn detail(status: u16, code: &str, legacy: &str, message: &str) -> Answer {
    let body = json!({"detail": {"type": "error", "code": code, "status": legacy, "message": message, "request_id": "r"}});
    Answer::status(status).json(&body.to_string())
}

fn answer(request: &Received, state: &mut State) -> Answer {
    if request.header("xi-api-key") != Some(ELEVENLABS_KEY) {
        return detail(401, "unauthorized", "invalid_api_key", "Invalid API key");
    }
    let path = request.path().to_owned();
    match (request.method.as_str(), path.as_str()) {
        ("GET", "/v2/voices") => voices(request, state),
        ("POST", "/v1/voices/add") => clone(request, state),
        ("GET", "/v1/user/subscription") => Answer::status(200).json(
            r#"{"tier":"creator","character_count":100,"character_limit":100000,"can_use_instant_voice_cloning":true,"voice_slots_used":3,"voice_limit":30}"#,
        ),
        ("POST", path) => match path.strip_prefix("/v1/text-to-speech/") {
            Some(rest) => speak(rest, request, state),
            None => Answer::status(404).json(r#"{"detail":"Not Found"}"#),
        },
        _ => Answer::status(404).json(r#"{"detail":"Not Found"}"#),
    }
}

fn query<'a>(request: &'a Received, name: &str) -> Option<&'a str> {
    request.query().split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

fn voices(request: &Received, state: &State) -> Answer {
    let size: usize = query(request, "page_size").and_then(|v| v.parse().ok()).unwrap_or(10);
    if size == 0 || size > 100 {
        return Answer::status(422)
            .json(r#"{"detail":[{"loc":["query","page_size"],"msg":"at most 100","type":"x"}]}"#);
    }
    let from: usize = query(request, "next_page_token").and_then(|v| v.parse().ok()).unwrap_or(0);
    let to = (from + size).min(state.voices);
    let list: Vec<Value> = (from..to)
        .map(|n| json!({"voice_id": format!("{n:020}"), "name": format!("Voice {n}"), "category": "premade", "labels": {"gender": "female"}}))
        .collect();
    let more = to < state.voices;
    let token = if more { json!(to.to_string()) } else { Value::Null };
    let body = json!({"voices": list, "has_more": more, "total_count": state.voices, "next_page_token": token});
    Answer::status(200).json(&body.to_string())
}

fn clone(request: &Received, state: &mut State) -> Answer {
    let body = String::from_utf8_lossy(&request.body);
    let has = |text: &str| body.contains(text);
    if !has("name=\"name\"\r\n\r\n") || !has("name=\"files\"; filename=\"") {
        return Answer::status(422).json(
            r#"{"detail":[{"loc":["body","name"],"msg":"field required","type":"missing"}]}"#,
        );
    }
    state.clone_attempts += 1;
    if has("#retry") && state.clone_attempts == 1 {
        return detail(503, "system_busy", "system_busy", "try again").header("Retry-After", "0");
    }
    if has("#full") {
        return detail(400, "voice_limit_reached", "voice_limit_reached", "no slot is free");
    }
    Answer::status(200)
        .json(r#"{"voice_id":"clonedvoice000000001","requires_verification":false,"library_voice_match":null}"#)
}

fn fault(kind: &str, text: &str, state: &mut State) -> Option<Answer> {
    let mut once = || state.failed.insert(format!("{kind} {text}"));
    match kind {
        "429" if once() => Some(detail(429, "rate_limit_exceeded", "", "slow down")),
        "429-after" if once() => {
            Some(detail(429, "system_busy", "", "busy").header("Retry-After", "1"))
        }
        "concurrent" if once() => Some(detail(
            429,
            "concurrent_limit_exceeded",
            "too_many_concurrent_requests",
            "too many",
        )),
        "503" if once() => Some(detail(503, "system_busy", "", "busy")),
        "busy" => Some(detail(429, "system_busy", "system_busy", "busy")),
        "502-page" => Some(
            Answer::status(502)
                .header("Content-Type", "text/html")
                .body(b"<html>Bad Gateway</html>"),
        ),
        "quota" => Some(detail(401, "", "quota_exceeded", "You have 0 credits remaining")),
        "credits" => Some(detail(402, "insufficient_credits", "", "out of credits")),
        "plan" => Some(detail(
            402,
            "paid_plan_required",
            "payment_required",
            "Free users cannot use library voices via the API.",
        )),
        "voice" => Some(detail(404, "", "voice_not_found", "A voice was not found.")),
        "permissions" => {
            Some(detail(401, "", "missing_permissions", "missing the permission text_to_speech"))
        }
        _ => None,
    }
}

fn speak(rest: &str, request: &Received, state: &mut State) -> Answer {
    let (voice, kind) = rest.split_once('/').unwrap_or((rest, ""));
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
        return Answer::status(422)
            .json(r#"{"detail":[{"loc":["body"],"msg":"not JSON","type":"json_invalid"}]}"#);
    };
    let Some(text) = body.get("text").and_then(Value::as_str) else {
        return Answer::status(422).json(
            r#"{"detail":[{"loc":["body","text"],"msg":"Field required","type":"missing"}]}"#,
        );
    };
    let model = body.get("model_id").and_then(Value::as_str).unwrap_or("eleven_multilingual_v2");
    let characters = text.chars().count();
    let limit = match model {
        "eleven_v3" => 5000,
        "eleven_multilingual_v2" => 10_000,
        "eleven_flash_v2_5" => 40_000,
        "eleven_flash_v2" | "eleven_turbo_v2" => 30_000,
        _ => return detail(400, "", "model_not_found", "A model was not found."),
    };
    if characters > limit {
        let message = format!(
            "Request text length ({characters}) exceeds the maximum text length of {limit} characters"
        );
        return detail(400, "text_too_long", "max_character_limit_exceeded", &message);
    }
    if voice.starts_with("missing") {
        return detail(404, "", "voice_not_found", "A voice with this id was not found.");
    }
    if voice.starts_with("paid") {
        return detail(
            402,
            "paid_plan_required",
            "payment_required",
            "Free users cannot use library voices via the API.",
        );
    }
    let word = text.split_whitespace().find_map(|word| word.strip_prefix("#fail="));
    let word = word.map(|word| word.trim_end_matches(['.', '!']).to_owned()).unwrap_or_default();
    if let Some(refusal) = fault(&word, text, state) {
        return refusal;
    }
    let name = query(request, "output_format").unwrap_or("mp3_44100_128");
    let Ok(format) = OutputFormat::parse(name) else {
        return detail(403, "invalid_output_format", "invalid_output_format", "unknown format");
    };
    let Ok(mut audio) = silence(format, characters as f64 / RATE) else {
        return detail(
            403,
            "subscription_required",
            "output_format_not_allowed",
            "not in this plan",
        );
    };
    if format.codec == Codec::Pcm {
        hum(&mut audio, text, f64::from(format.sample_rate));
    }
    let half = model.contains("flash") || model.contains("turbo");
    let billed = if half { characters.div_ceil(2) } else { characters } as u64;
    state.billed += billed;
    state.spoken += 1;
    let media_type = if name.starts_with("mp3") { "audio/mpeg" } else { "audio/pcm" };
    let spoken = Answer::status(200)
        .header("request-id", &format!("req{}", state.spoken))
        .header("character-cost", &billed.to_string());
    if kind == "with-timestamps" {
        let each: Vec<String> = text.chars().map(String::from).collect();
        let times =
            |add: usize| (0..each.len()).map(|n| (n + add) as f64 / RATE).collect::<Vec<_>>();
        let timed = json!({
            "audio_base64": STANDARD.encode(&audio),
            "alignment": {"characters": each, "character_start_times_seconds": times(0), "character_end_times_seconds": times(1)},
            "normalized_alignment": null
        });
        return spoken.json(&timed.to_string());
    }
    let sound = spoken.clone().header("Content-Type", media_type);
    match word.as_str() {
        "page" => spoken.header("Content-Type", "text/html").body(b"<html>maintenance</html>"),
        "truncated" => sound.body(&audio[..audio.len() - 100]),
        "cut" => sound.chunked().close().body(&audio[..audio.len() / 2]),
        "drop" => Answer::raw(b""),
        "slow" => sound.delay(Duration::from_secs(3)).body(&audio),
        "huge" => sound.announce(5 << 30).body(b"x"),
        _ if kind == "stream" => {
            sound.chunked().slow(audio.len() / 4 + 1, Duration::from_millis(5)).body(&audio)
        }
        _ => sound.chunked().body(&audio),
    }
}

/// Sounds a tone of 150 Hz in the time of each character that is no space.
fn hum(samples: &mut [u8], text: &str, rate: f64) {
    let said: Vec<bool> = text.chars().map(|c| !c.is_whitespace()).collect();
    for (at, sample) in samples.chunks_exact_mut(2).enumerate() {
        let time = at as f64 / rate;
        if said.get((time * RATE) as usize) == Some(&true) {
            let value = 8000.0 * (time * 150.0 * std::f64::consts::TAU).sin();
            sample.copy_from_slice(&(value as i16).to_le_bytes());
        }
    }
}
