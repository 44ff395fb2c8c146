//! ElevenLabs voice: paid speech that is journaled and stored, so that nothing is paid twice (component 19).
//!
//! Requests and reports are JSON; every text that is given as char * is freed with gv_string_free. A key given in options
//! is never shown; without one it is read from the environment.

use crate::argument::{
    Place, free, json, object, optional_json, optional_text, tell, text, values,
};
use crate::call::{Failure, Outcome, guard};
use crate::exchange::{ServiceOptions, called, run, seconds};
use crate::status::gv_status;
use crate::transport::{gv_transport, transport_or_own};
use geminivideo::generation::elevenlabs_voice::{
    CloneRequest, ElevenLabsClient, ElevenLabsOptions, VoiceOver, VoiceOverRequest, VoiceSettings,
};
use geminivideo::generation::http::{Cancel, RetryPolicy};
use geminivideo::generation::journal::Books;
use serde::Deserialize;
use serde_json::json;
use std::ffi::{c_char, c_int, c_void};

/// Speaks to ElevenLabs; threads may share it.
#[derive(Debug)]
pub struct gv_elevenlabs(ElevenLabsClient);

/// What a script became; never changes, so threads may share it.
#[derive(Debug)]
pub struct gv_voice_over(VoiceOver);

/// Asked about every 50 ms, on the thread that asked for the voice: another value than 0 ends it. A C++ exception must
/// not leave it.
pub type gv_cancel_fn = Option<unsafe extern "C-unwind" fn(userdata: *mut c_void) -> c_int>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    text: String,
    voice: String,
    model: Option<String>,
    settings: Option<VoiceSettings>,
    output_format: Option<String>,
    language: Option<String>,
    seed: Option<u32>,
    #[serde(default)]
    timestamps: bool,
    #[serde(default)]
    fresh: bool,
}

impl From<Wanted> for VoiceOverRequest {
    fn from(wanted: Wanted) -> Self {
        let mut request =
            Self::new(wanted.text, wanted.voice).timestamps(wanted.timestamps).fresh(wanted.fresh);
        if let Some(format) = wanted.output_format {
            request = request.output_format(format);
        }
        (request.model, request.settings) = (wanted.model, wanted.settings);
        (request.language, request.seed) = (wanted.language, wanted.seed);
        request
    }
}

/// Makes a client. options_json is an object with any of api_key, base_url, allow_http, state_dir, spending_cap_usd,
/// timeout (seconds) and max_retries, or NULL. transport may be NULL: then the library sends requests itself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_elevenlabs_new(
    options_json: *const c_char,
    transport: *const gv_transport,
    elevenlabs: *mut *mut gv_elevenlabs,
) -> gv_status {
    guard(|| unsafe {
        let given: ServiceOptions = optional_json("options_json", options_json)?;
        if given.poll_interval.is_some() || given.max_wait.is_some() {
            let message = "options_json: poll_interval and max_wait are Runway's alone";
            return Err(Failure::invalid(message));
        }
        let place = Place::new("elevenlabs", elevenlabs)?;
        let books = Books::of_user(given.state_dir, given.spending_cap_usd)?;
        let mut options = ElevenLabsOptions::new(books);
        if let Some(timeout) = given.timeout {
            options = options.timeout(seconds("timeout", timeout)?);
        }
        if let Some(retries) = given.max_retries {
            options = options.retries(RetryPolicy::default().max_retries(retries));
        }
        (options.api_key, options.base_url) = (given.api_key, given.base_url);
        options.allow_http = given.allow_http;
        let transport = transport_or_own(transport)?;
        place.give(gv_elevenlabs(ElevenLabsClient::with_transport(options, transport)?));
        Ok(())
    })
}

/// Frees a client. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_elevenlabs_free(elevenlabs: *mut gv_elevenlabs) {
    unsafe { free(elevenlabs) };
}

/// What a text will cost. model may be NULL. Nothing is sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_elevenlabs_estimate(
    elevenlabs: *const gv_elevenlabs,
    script: *const c_char,
    model: *const c_char,
    cost_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("elevenlabs", elevenlabs, "cost_json", cost_json, |elevenlabs| {
            let model = optional_text("model", model)?;
            let cost = elevenlabs.0.estimate_cost(text("script", script)?, model)?;
            Ok(json!({
                "characters": cost.characters,
                "billed_characters": cost.billed_characters,
                "estimated_cost_usd": cost.estimated_cost_usd,
                "estimated_duration_seconds": cost.estimated_duration_seconds,
            }))
        })
    }
}

/// Speaks a script. request_json is an object with text and voice (a name of a preset, or an id), and any of model,
/// settings, output_format ("mp3_44100_128"), language, seed, timestamps and fresh. stop may be NULL.
///
/// A script that fails in the middle pays for the missing pieces alone when it is asked for again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_elevenlabs_speak(
    elevenlabs: *const gv_elevenlabs,
    request_json: *const c_char,
    stop: gv_cancel_fn,
    userdata: *mut c_void,
    voice_over: *mut *mut gv_voice_over,
) -> gv_status {
    guard(|| unsafe {
        let client = &object("elevenlabs", elevenlabs)?.0;
        let wanted: Wanted = json("request_json", request_json)?;
        let place = Place::new("voice_over", voice_over)?;
        let mut exchange = client.start(&wanted.into())?;
        let spoken = run(&mut exchange, &**client.transport(), |_| stopped(stop, userdata))??;
        place.give(gv_voice_over(spoken));
        Ok(())
    })
}

/// Voices of the account.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_elevenlabs_voices(
    elevenlabs: *const gv_elevenlabs,
    voices_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("elevenlabs", elevenlabs, "voices_json", voices_json, |elevenlabs| {
            Ok(elevenlabs.0.get_available_voices(&Cancel::new())?)
        })
    }
}

/// Clones a voice from samples_len recordings (MP3, WAV, Ogg, FLAC or M4A), each of which has samples_sizes bytes.
/// description may be NULL. voice_id is the new voice's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_elevenlabs_clone_voice(
    elevenlabs: *const gv_elevenlabs,
    name: *const c_char,
    description: *const c_char,
    samples: *const *const u8,
    samples_sizes: *const usize,
    samples_len: usize,
    voice_id: *mut *mut c_char,
) -> gv_status {
    guard(|| unsafe {
        let client = &object("elevenlabs", elevenlabs)?.0;
        let name = text("name", name)?;
        let starts = values("samples", samples, samples_len)?;
        let sizes = values("samples_sizes", samples_sizes, samples_len)?;
        let mut recordings = Vec::new();
        for (index, (&start, &size)) in starts.iter().zip(sizes).enumerate() {
            recordings.push(values(&format!("samples[{index}]"), start, size)?.to_vec());
        }
        let description = optional_text("description", description)?.unwrap_or_default();
        let place = Place::new("voice_id", voice_id)?;
        let request = CloneRequest::new(name, recordings).description(description);
        place.give_text(&client.clone_voice(&request, &Cancel::new())?);
        Ok(())
    })
}

/// What was spent, and on what.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_elevenlabs_ledger(
    elevenlabs: *const gv_elevenlabs,
    ledger_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("elevenlabs", elevenlabs, "ledger_json", ledger_json, |elevenlabs| {
            Ok(elevenlabs.0.books().to_json()?)
        })
    }
}

/// The audio: size bytes in the format that was asked for, lent by the voice-over.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_voice_over_audio(
    voice_over: *const gv_voice_over,
    bytes: *mut *const u8,
    size: *mut usize,
) -> gv_status {
    guard(|| unsafe {
        let audio = &object("voice_over", voice_over)?.0.audio;
        let (bytes, size) = (Place::new("bytes", bytes)?, Place::new("size", size)?);
        bytes.put(audio.as_ptr());
        size.put(audio.len());
        Ok(())
    })
}

/// Everything but the audio: length, cost, files, times of the characters.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_voice_over_json(
    voice_over: *const gv_voice_over,
    json: *mut *mut c_char,
) -> gv_status {
    unsafe { tell("voice_over", voice_over, "json", json, |spoken| Ok(spoken.0.to_json())) }
}

/// Frees a voice-over. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_voice_over_free(voice_over: *mut gv_voice_over) {
    unsafe { free(voice_over) };
}

fn stopped(stop: gv_cancel_fn, userdata: *mut c_void) -> Outcome<c_int> {
    match stop {
        Some(function) => called(|| unsafe { function(userdata) }),
        None => Ok(0),
    }
}
