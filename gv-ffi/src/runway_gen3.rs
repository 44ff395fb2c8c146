//! Runway video: paid tasks that are journaled, so that nothing is lost or paid twice (component 18).
//!
//! Requests and results are JSON; every text that is given as char * is freed with gv_string_free. A key given in options
//! is never shown; without one it is read from the environment.

use crate::argument::{Place, Visible, blank, free, json, object, optional_json, tell, text};
use crate::call::{Outcome, c_string, guard};
use crate::exchange::{ServiceOptions, called, run, seconds};
use crate::status::gv_status;
use crate::transport::{gv_transport, transport_or_own};
use geminivideo::generation::http::{Cancel, RetryPolicy};
use geminivideo::generation::journal::Books;
use geminivideo::generation::runway_gen3::{
    AspectRatio, Generate, GenerationRequest, ImageInput, RunwayClient, RunwayOptions,
};
use serde::Deserialize;
use serde_json::json;
use std::ffi::{c_char, c_int, c_void};

/// Speaks to Runway; threads may share it.
#[derive(Debug)]
pub struct gv_runway(RunwayClient);

/// Where a generation stands; lent for the call.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_generation_progress {
    /// sizeof(gv_generation_progress) of the library that runs.
    pub struct_size: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// The service's name for the task, or NULL before it has one.
    pub task_id: *const c_char,
    /// The state in the service's words, or NULL.
    pub status: *const c_char,
    /// Share that is done, 0 to 1; NaN where the service does not say.
    pub progress: f64,
    /// Seconds since the first request.
    pub elapsed: f64,
}

unsafe impl Visible for gv_generation_progress {
    fn initial() -> Self {
        Self { progress: f64::NAN, ..blank() }
    }
}

/// Hears of a generation about every 50 ms, on the thread that asked for it; another value than 0 cancels it, as far as
/// the service allows. A C++ exception must not leave it.
pub type gv_generation_fn = Option<
    unsafe extern "C-unwind" fn(
        progress: *const gv_generation_progress,
        userdata: *mut c_void,
    ) -> c_int,
>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    prompt: String,
    model: Option<String>,
    duration: Option<u32>,
    aspect_ratio: Option<String>,
    seed: Option<u32>,
    image: Option<String>,
    style: Option<String>,
    #[serde(default)]
    fresh: bool,
}

impl Wanted {
    fn request(self) -> Outcome<GenerationRequest> {
        let mut request = GenerationRequest::new(self.prompt).fresh(self.fresh);
        if let Some(duration) = self.duration {
            request = request.duration(duration);
        }
        if let Some(ratio) = self.aspect_ratio {
            request = request.aspect_ratio(AspectRatio::parse(&ratio)?);
        }
        (request.model, request.seed, request.style) = (self.model, self.seed, self.style);
        request.image = self.image.map(|image| ImageInput::parse(&image));
        Ok(request)
    }
}

/// Makes a client. options_json is an object with any of api_key, base_url, allow_http, state_dir, spending_cap_usd,
/// timeout, poll_interval, max_wait (seconds), max_retries and download, or NULL. transport may be NULL: then the library
/// sends requests itself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_runway_new(
    options_json: *const c_char,
    transport: *const gv_transport,
    runway: *mut *mut gv_runway,
) -> gv_status {
    guard(|| unsafe {
        let given: ServiceOptions = optional_json("options_json", options_json)?;
        let place = Place::new("runway", runway)?;
        let books = Books::of_user(given.state_dir, given.spending_cap_usd)?;
        let mut options = RunwayOptions::new(books).download(given.download);
        if let Some(timeout) = given.timeout {
            options = options.timeout(seconds("timeout", timeout)?);
        }
        if let Some(interval) = given.poll_interval {
            options = options.poll_interval(seconds("poll_interval", interval)?);
        }
        if let Some(wait) = given.max_wait {
            options = options.max_wait(seconds("max_wait", wait)?);
        }
        if let Some(retries) = given.max_retries {
            options = options.retries(RetryPolicy::default().max_retries(retries));
        }
        (options.api_key, options.base_url) = (given.api_key, given.base_url);
        options.allow_http = given.allow_http;
        let transport = transport_or_own(transport)?;
        place.give(gv_runway(RunwayClient::with_transport(options, transport)?));
        Ok(())
    })
}

/// Frees a client; tasks go on at the service. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_runway_free(runway: *mut gv_runway) {
    unsafe { free(runway) };
}

/// What a request will cost by the table: {"credits": 60.0, "usd": 0.6}. Nothing is sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_runway_estimate(
    runway: *const gv_runway,
    request_json: *const c_char,
    cost_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("runway", runway, "cost_json", cost_json, |runway| {
            let wanted: Wanted = json("request_json", request_json)?;
            let (credits, usd) = runway.0.estimate(&wanted.request()?)?;
            Ok(json!({"credits": credits, "usd": usd}))
        })
    }
}

/// Generates a video, waits for it and downloads it. request_json is an object with prompt, and any of model, duration
/// (seconds), aspect_ratio ("16:9"), seed, image (a path, URL or data URI), style and fresh. A video that failed is a
/// result whose status says so, no error. progress may be NULL.
///
/// The same request is not paid twice: its earlier result is given, unless fresh is true.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_runway_generate(
    runway: *const gv_runway,
    request_json: *const c_char,
    progress: gv_generation_fn,
    userdata: *mut c_void,
    result_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("runway", runway, "result_json", result_json, |runway| {
            let wanted: Wanted = json("request_json", request_json)?;
            let exchange = runway.0.start(&wanted.request()?)?;
            watch(runway, exchange, progress, userdata)
        })
    }
}

/// Goes on to wait for a task that was paid for earlier, by this process or another.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_runway_resume(
    runway: *const gv_runway,
    task_id: *const c_char,
    progress: gv_generation_fn,
    userdata: *mut c_void,
    result_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("runway", runway, "result_json", result_json, |runway| {
            let exchange = runway.0.start_resume(text("task_id", task_id)?)?;
            watch(runway, exchange, progress, userdata)
        })
    }
}

/// Cancels a task that runs, or deletes one that ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_runway_cancel_task(
    runway: *const gv_runway,
    task_id: *const c_char,
) -> gv_status {
    guard(|| unsafe {
        let runway = object("runway", runway)?;
        Ok(runway.0.cancel_task(text("task_id", task_id)?, &Cancel::new())?)
    })
}

/// Tasks that were paid for and have not ended, as a list of their names.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_runway_open_tasks(
    runway: *const gv_runway,
    tasks_json: *mut *mut c_char,
) -> gv_status {
    unsafe { tell("runway", runway, "tasks_json", tasks_json, |runway| Ok(runway.0.open_tasks()?)) }
}

/// What was spent, and on what.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_runway_ledger(
    runway: *const gv_runway,
    ledger_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("runway", runway, "ledger_json", ledger_json, |runway| {
            Ok(runway.0.books().to_json()?)
        })
    }
}

fn watch(
    runway: &gv_runway,
    mut exchange: Generate,
    progress: gv_generation_fn,
    userdata: *mut c_void,
) -> Outcome<serde_json::Value> {
    let ask = |exchange: &Generate| {
        let Some(function) = progress else { return Ok(0) };
        let now = exchange.progress();
        let texts = now.as_ref().map(|now| (c_string(&now.task_id), c_string(now.status.as_str())));
        let mut told = gv_generation_progress::initial();
        if let (Some(now), Some((task_id, status))) = (&now, &texts) {
            (told.task_id, told.status) = (task_id.as_ptr(), status.as_ptr());
            (told.progress, told.elapsed) = (now.progress.unwrap_or(f64::NAN), now.elapsed);
        }
        called(|| unsafe { function(&raw const told, userdata) })
    };
    Ok(run(&mut exchange, &**runway.0.transport(), ask)??.to_json())
}
