//! Paid services through the C functions, over the library's transport and over a program's, against services on the
//! loopback address.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they should")]
#![allow(unsafe_code, reason = "the tests call what C calls")]

mod called;
mod common;

use called::message;
use gv_ffi::capi_feedback_loop::*;
use gv_ffi::elevenlabs_voice::*;
use gv_ffi::runway_gen3::*;
use gv_ffi::status::*;
use gv_ffi::store::*;
use gv_ffi::transport::*;
use gv_gen::testing::{ELEVENLABS_KEY, ElevenLabsService, RUNWAY_KEY, RunwayService};
use gv_http::testing::transport_suite;
use gv_http::{
    Body, Cancel, Failure, Head, Method, Reached, Request, Sink, Transport, UreqOptions,
    UreqTransport,
};
use serde_json::{Value, json};
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::mem::size_of;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn c(value: &Value) -> CString {
    CString::new(value.to_string()).unwrap()
}

fn told(ask: impl FnOnce(*mut *mut c_char) -> gv_status) -> Result<Value, gv_status> {
    let mut text = null_mut();
    match ask(&raw mut text) {
        GV_OK => {
            let value = unsafe { CStr::from_ptr(text) }.to_str().unwrap().to_owned();
            unsafe { gv_string_free(text) };
            Ok(serde_json::from_str(&value).unwrap())
        }
        status => Err(status),
    }
}

/// A program's HTTP client, as far as this test is one: ureq, told what C is told.
struct Program {
    client: UreqTransport,
    calls: AtomicUsize,
}

struct Into<'a> {
    reply: *mut gv_http_reply,
    cancel: &'a Cancel,
}

impl Sink for Into<'_> {
    fn head(&mut self, head: Head) -> Result<(), Failure> {
        unsafe { gv_http_reply_status(self.reply, u32::from(head.status)) };
        for (name, value) in head.headers.iter() {
            let (name, value) = (CString::new(name).unwrap(), CString::new(value).unwrap());
            unsafe { gv_http_reply_header(self.reply, name.as_ptr(), value.as_ptr()) };
        }
        Ok(())
    }

    fn chunk(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match unsafe { gv_http_reply_body(self.reply, bytes.as_ptr(), bytes.len()) } {
            GV_OK => Ok(()),
            _ => {
                self.cancel.cancel();
                Err(Failure::Cancelled { reached: Reached::MaybeSent })
            }
        }
    }
}

unsafe extern "C-unwind" fn send(
    given: *const gv_http_request,
    reply: *mut gv_http_reply,
    userdata: *mut c_void,
) -> c_int {
    let (given, program) = unsafe { (&*given, &*userdata.cast::<Program>()) };
    program.calls.fetch_add(1, Ordering::SeqCst);
    let text = |pointer| unsafe { CStr::from_ptr(pointer) }.to_str().unwrap();
    let method = match text(given.method) {
        "GET" => Method::Get,
        "POST" => Method::Post,
        _ => Method::Delete,
    };
    let mut request = Request::new(method, text(given.url));
    for header in unsafe { std::slice::from_raw_parts(given.headers, given.headers_len) } {
        request.headers.set(text(header.name), text(header.value)).unwrap();
    }
    if given.body_len > 0 {
        let body = unsafe { std::slice::from_raw_parts(given.body, given.body_len) };
        request.body = Body::Bytes(body.into());
    }
    request.timeout = Duration::from_millis(given.timeout_ms);
    request.idle_timeout = Duration::from_millis(given.idle_timeout_ms);
    request.max_redirects = given.max_redirects;
    let cancel = Cancel::new();
    let failure = match program.client.send(&request, &mut Into { reply, cancel: &cancel }, &cancel)
    {
        Ok(()) => return GV_HTTP_ANSWERED,
        Err(failure) => failure,
    };
    let problem = CString::new(failure.to_string()).unwrap();
    unsafe { gv_explain(problem.as_ptr()) };
    match failure {
        Failure::Connect { .. } => GV_HTTP_NO_CONNECTION,
        Failure::Timeout { .. } => GV_HTTP_TIMED_OUT,
        Failure::Protocol { .. } => GV_HTTP_NOT_HTTP,
        Failure::Cancelled { .. } => GV_HTTP_STOPPED,
        other if other.reached() == Reached::NotSent => GV_HTTP_NOT_SENT,
        _ => GV_HTTP_BROKEN,
    }
}

static DROPPED: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C-unwind" fn counted_drop(_: *mut c_void) {
    DROPPED.fetch_add(1, Ordering::SeqCst);
}

fn functions(program: &Program) -> gv_transport_functions {
    gv_transport_functions {
        struct_size: size_of::<gv_transport_functions>() as u32,
        reserved: 0,
        name: c"program 1.0".as_ptr(),
        send: Some(send),
        userdata: std::ptr::from_ref(program).cast_mut().cast(),
        drop: None,
    }
}

fn program() -> Program {
    let client = UreqTransport::new(&UreqOptions::default()).unwrap();
    Program { client, calls: AtomicUsize::new(0) }
}

fn transport(functions: &gv_transport_functions) -> *mut gv_transport {
    let mut transport = null_mut();
    assert_eq!(unsafe { gv_transport_new(functions, &raw mut transport) }, GV_OK, "{}", message());
    transport
}

#[test]
fn a_transport_in_c_keeps_to_the_contract_of_all_transports() {
    let program = program();
    let transport = transport(&functions(&program));
    transport_suite(unsafe { &*transport }.transport());
    assert!(program.calls.load(Ordering::SeqCst) > 20);
    unsafe { gv_transport_free(transport) };
}

fn runway(
    service: &RunwayService,
    folder: &std::path::Path,
    transport: *const gv_transport,
) -> *mut gv_runway {
    let options = c(&json!({
        "api_key": RUNWAY_KEY, "base_url": service.url(), "state_dir": folder, "poll_interval": 0.005,
    }));
    let mut runway = null_mut();
    let status = unsafe { gv_runway_new(options.as_ptr(), transport, &raw mut runway) };
    assert_eq!(status, GV_OK, "{}", message());
    runway
}

unsafe extern "C-unwind" fn note(
    progress: *const gv_generation_progress,
    userdata: *mut c_void,
) -> c_int {
    let (progress, seen) = unsafe { (&*progress, &mut *userdata.cast::<Vec<String>>()) };
    if !progress.status.is_null() {
        let status = unsafe { CStr::from_ptr(progress.status) }.to_str().unwrap();
        seen.push(status.to_owned());
    }
    0
}

unsafe extern "C-unwind" fn stop(_: *const gv_generation_progress, _: *mut c_void) -> c_int {
    1
}

unsafe extern "C-unwind" fn panics(_: *const gv_generation_progress, _: *mut c_void) -> c_int {
    panic!("the window is closed");
}

#[test]
fn a_video_is_generated_over_either_transport_and_paid_once() {
    let program = program();
    let in_c = transport(&functions(&program));
    for transport in [null(), in_c.cast_const()] {
        let (service, folder) = (RunwayService::start(), tempfile::tempdir().unwrap());
        let runway = runway(&service, folder.path(), transport);
        let request = c(&json!({"prompt": "a cup #running=2", "seed": 7}));
        unsafe {
            let cost = told(|out| gv_runway_estimate(runway, request.as_ptr(), out)).unwrap();
            assert!(cost["credits"].as_f64().unwrap() > 0.0);
            let mut seen: Vec<String> = Vec::new();
            let userdata = (&raw mut seen).cast();
            let generate =
                |out| gv_runway_generate(runway, request.as_ptr(), Some(note), userdata, out);
            let result = told(generate).unwrap();
            assert_eq!(result["status"], "completed");
            let path = result["video_path"].as_str().unwrap();
            assert_eq!(std::fs::read(path).unwrap(), service.video());
            assert!(seen.iter().any(|status| status == "RUNNING"), "{seen:?}");
            assert_eq!(told(generate).unwrap()["cached"], true);
            assert_eq!(service.created().len(), 1);
            let ledger = told(|out| gv_runway_ledger(runway, out)).unwrap();
            assert_eq!(ledger["entries"][0]["phase"], "completed");
            assert_eq!(told(|out| gv_runway_open_tasks(runway, out)).unwrap(), json!([]));
            gv_runway_free(runway);
        }
    }
    assert!(program.calls.load(Ordering::SeqCst) > 3);
    unsafe { gv_transport_free(in_c) };
}

#[test]
fn a_generation_that_is_stopped_or_whose_watcher_panics_ends_with_a_status() {
    let (service, folder) = (RunwayService::start(), tempfile::tempdir().unwrap());
    let runway = runway(&service, folder.path(), null());
    let request = c(&json!({"prompt": "a cup #running=500"}));
    unsafe {
        let stopped =
            told(|out| gv_runway_generate(runway, request.as_ptr(), Some(stop), null_mut(), out));
        assert_eq!(stopped, Err(GV_CANCELLED), "{}", message());
        let panicked =
            told(|out| gv_runway_generate(runway, request.as_ptr(), Some(panics), null_mut(), out));
        assert_eq!(panicked, Err(GV_CALLBACK));
        assert!(message().contains("the window is closed"), "{}", message());
        let wrong = c(&json!({"prompt": "a", "ratio": "16:9"}));
        let refused = told(|out| gv_runway_generate(runway, wrong.as_ptr(), None, null_mut(), out));
        assert_eq!(refused, Err(GV_INVALID_INPUT));
        gv_runway_free(runway);
    }
}

#[test]
fn a_script_is_spoken_over_either_transport() {
    let program = program();
    let in_c = transport(&functions(&program));
    for transport in [null(), in_c.cast_const()] {
        let (service, folder) = (ElevenLabsService::start(), tempfile::tempdir().unwrap());
        let options = c(&json!({
            "api_key": ELEVENLABS_KEY, "base_url": service.url() + "/v1", "state_dir": folder.path(),
        }));
        let request = c(&json!({"text": "Hello there.", "voice": "josh", "timestamps": true}));
        let (mut client, mut spoken) = (null_mut(), null_mut());
        unsafe {
            assert_eq!(gv_elevenlabs_new(options.as_ptr(), transport, &raw mut client), GV_OK);
            let cost =
                told(|out| gv_elevenlabs_estimate(client, c"Hello there.".as_ptr(), null(), out));
            assert_eq!(cost.unwrap()["characters"], 12);
            let status =
                gv_elevenlabs_speak(client, request.as_ptr(), None, null_mut(), &raw mut spoken);
            assert_eq!(status, GV_OK, "{}", message());
            let (mut bytes, mut size) = (null(), 0);
            assert_eq!(gv_voice_over_audio(spoken, &raw mut bytes, &raw mut size), GV_OK);
            let report = told(|out| gv_voice_over_json(spoken, out)).unwrap();
            let stored = std::fs::read(report["audio_path"].as_str().unwrap()).unwrap();
            assert_eq!(std::slice::from_raw_parts(bytes, size), stored);
            assert!(report["duration_seconds"].as_f64().unwrap() > 0.0);
            assert!(report["characters"].is_array());
            assert!(told(|out| gv_elevenlabs_voices(client, out)).unwrap().is_array());
            let sample = [0u8; 64];
            let (starts, sizes) = ([sample.as_ptr()], [usize::MAX]);
            let mut id = null_mut();
            let status = gv_elevenlabs_clone_voice(
                client,
                c"me".as_ptr(),
                null(),
                starts.as_ptr(),
                sizes.as_ptr(),
                1,
                &raw mut id,
            );
            assert_eq!(status, GV_INVALID_INPUT);
            assert!(
                told(|out| gv_elevenlabs_ledger(client, out)).unwrap()["spent_usd"].is_number()
            );
            gv_voice_over_free(spoken);
            gv_elevenlabs_free(client);
        }
    }
    unsafe { gv_transport_free(in_c) };
}

unsafe extern "C-unwind" fn odd(
    _: *const gv_http_request,
    reply: *mut gv_http_reply,
    what: *mut c_void,
) -> c_int {
    let what = unsafe { *what.cast::<c_int>() };
    match what {
        100 => panic!("out of sockets"),
        101 => GV_HTTP_ANSWERED,
        102 => {
            assert_eq!(unsafe { gv_http_reply_status(reply, 99) }, GV_INVALID_INPUT);
            unsafe { gv_http_reply_status(reply, 200) };
            unsafe { gv_http_reply_header(reply, c"Content-Length".as_ptr(), c"9".as_ptr()) };
            unsafe { gv_http_reply_body(reply, b"abc".as_ptr(), 3) };
            GV_HTTP_ANSWERED
        }
        code => code,
    }
}

#[test]
fn whatever_a_program_s_transport_does_is_a_failure_with_a_name() {
    let cancel = Cancel::new();
    for (what, said) in [
        (100, "out of sockets"),
        (101, "gave no status"),
        (102, "ended after 3 bytes of 9"),
        (GV_HTTP_NO_CONNECTION, "no connection to h"),
        (GV_HTTP_BROKEN, "the connection to h broke"),
        (GV_HTTP_NOT_HTTP, "did not answer in HTTP"),
        (77, "ended with 77"),
    ] {
        let mut functions = functions(&program());
        let mut userdata: c_int = what;
        functions.send = Some(odd);
        functions.userdata = (&raw mut userdata).cast();
        let transport = transport(&functions);
        let request = Request::new(Method::Get, "http://user:secret@h/p?key=secret");
        let failure = gv_http::fetch(unsafe { &*transport }.transport(), &request, &cancel);
        let text = failure.unwrap_err().to_string();
        assert!(text.contains(said), "{what}: {text}");
        assert!(!text.contains("secret"), "{text}");
        unsafe { gv_transport_free(transport) };
    }
}

#[test]
fn what_belongs_to_a_transport_is_dropped_once_when_nobody_uses_it() {
    let (program, folder, service) =
        (program(), tempfile::tempdir().unwrap(), RunwayService::start());
    let mut functions = functions(&program);
    functions.drop = Some(counted_drop);
    let transport = transport(&functions);
    let runway = runway(&service, folder.path(), transport);
    unsafe {
        gv_transport_free(transport);
        assert_eq!(DROPPED.load(Ordering::SeqCst), 0);
        gv_runway_free(runway);
        assert_eq!(DROPPED.load(Ordering::SeqCst), 1);
        functions.send = None;
        let mut none = null_mut();
        assert_eq!(gv_transport_new(&raw const functions, &raw mut none), GV_INVALID_INPUT);
        assert_eq!(DROPPED.load(Ordering::SeqCst), 1);
    }
}

unsafe extern "C-unwind" fn takes_events(
    _: *const gv_http_request,
    reply: *mut gv_http_reply,
    _: *mut c_void,
) -> c_int {
    let body = b"{\"events_received\": 1}";
    unsafe {
        gv_http_reply_status(reply, 200);
        gv_http_reply_header(reply, c"Content-Type".as_ptr(), c"application/json".as_ptr());
        gv_http_reply_body(reply, body.as_ptr(), body.len());
    }
    GV_HTTP_ANSWERED
}

#[test]
fn conversions_go_to_the_platform_over_a_program_s_transport() {
    let mut functions = functions(&program());
    functions.send = Some(takes_events);
    let transport = transport(&functions);
    let (mut store, mut feedback) = (null_mut(), null_mut());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    unsafe {
        assert_eq!(gv_store_open(c":memory:".as_ptr(), &raw mut store), GV_OK);
        let options = c"{\"forward\": true}".as_ptr();
        assert_eq!(gv_feedback_loop_new(store, options, &raw mut feedback), GV_OK);
        let event = c(&json!({
            "event_name": "Purchase", "event_time": now - 60, "event_id": "e1", "action_source": "website",
            "user_data": {"em": "person@example.com"},
            "custom_data": {"value": 19.9, "currency": "EUR", "campaign_id": "c", "creative_id": "k"},
        }));
        told(|out| gv_feedback_loop_process(feedback, event.as_ptr(), out)).unwrap();
        let api = c(&json!({"pixel_id": "1", "access_token": "t"}));
        let delivery =
            told(|out| gv_feedback_loop_flush_outbox(feedback, api.as_ptr(), transport, out));
        assert_eq!(delivery.unwrap(), json!({"sent": 1, "refused": 0, "waiting": 0}));
        gv_feedback_loop_free(feedback);
        gv_store_free(store);
        gv_transport_free(transport);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_example_generates_over_libcurl_and_leaks_nothing() {
    use common::{FOR_C, Link, is_there, program, repository, succeeds, workshop};
    let header = std::process::Command::new("pkg-config").args(["--exists", "libcurl"]).status();
    let there = header.is_ok_and(|status| status.success());
    assert!(there || std::env::var_os("CI").is_none(), "libcurl4-openssl-dev is needed");
    if !there {
        return;
    }
    let folder = workshop("generate");
    for compiler in FOR_C.into_iter().take(2).filter(|compiler| is_there(compiler.program)) {
        let service = RunwayService::start();
        let source = repository("examples/c/generate.c");
        let path =
            compiler.compile(&source, &folder, Link::Shared, &["-lcurl", "-Wl,--no-as-needed"]);
        let state = tempfile::tempdir().unwrap();
        let run = |command: &mut std::process::Command, prompt: &str| {
            let command = command.args([prompt, state.path().to_str().unwrap(), &service.url()]);
            succeeds(command.env("RUNWAYML_API_SECRET", RUNWAY_KEY))
        };
        let first = run(&mut program(&path), "a cup #running=2");
        assert!(first.contains("\"status\":\"completed\""), "{first}");
        let again = run(&mut program(&path), "a cup #running=2");
        assert!(again.contains("\"cached\":true"), "{again}");
        if let Some(mut command) = common::under_valgrind(&path) {
            run(&mut command, "another cup #running=1");
        }
    }
}
