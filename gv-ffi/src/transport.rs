//! HTTP by the program itself, where the library's own client (rustls, blocking) is not wanted.
//!
//! A program gives a function that sends one request and hands its answer over piece by piece. A status of 400 or 500 is
//! an answer, no failure. Header fields are sent as they are, in their order; among them are secrets, so nothing of a
//! request is logged. Nothing is retried: the library does that.

use crate::argument::{Place, Visible, free, object_mut, record, text, values};
use crate::call::{Failure as Refusal, Outcome, c_string, caught, guard, take_explanation};
use crate::callback::Userdata;
use crate::status::gv_status;
use geminivideo::ErrorKind;
use geminivideo::generation::http::{
    Cancel, Failure, Head, Reached, Request, Sink, Transport, UreqOptions, UreqTransport,
};
use std::ffi::{CString, c_char, c_int, c_void};
use std::io::Read;
use std::mem::size_of;
use std::sync::Arc;

/// The whole answer was handed over.
pub const GV_HTTP_ANSWERED: c_int = 0;
/// No connection came about: the service cannot have acted on the request.
pub const GV_HTTP_NO_CONNECTION: c_int = 1;
/// Not all of the request was handed over: the service cannot have acted on it.
pub const GV_HTTP_NOT_SENT: c_int = 2;
/// The connection broke; the service may have acted on the request.
pub const GV_HTTP_BROKEN: c_int = 3;
/// A time limit of the request was reached.
pub const GV_HTTP_TIMED_OUT: c_int = 4;
/// What came is not HTTP.
pub const GV_HTTP_NOT_HTTP: c_int = 5;
/// A function of the reply said that the transfer is to end, and it was ended.
pub const GV_HTTP_STOPPED: c_int = 6;

/// One field of a header.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_http_header {
    /// Its name.
    pub name: *const c_char,
    /// Its value; it may be a secret.
    pub value: *const c_char,
}

/// One request; lent for the call.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_http_request {
    /// sizeof(gv_http_request) of the library that runs.
    pub struct_size: u32,
    /// Redirects to follow at most; beyond that the redirect itself is the answer.
    pub max_redirects: u32,
    /// "GET", "POST" or "DELETE".
    pub method: *const c_char,
    /// The absolute URL.
    pub url: *const c_char,
    /// Fields to be sent in this order; Host and Content-Length are the transport's.
    pub headers: *const gv_http_header,
    /// Number of fields.
    pub headers_len: usize,
    /// What is to be sent; a POST without a body sends Content-Length: 0.
    pub body: *const u8,
    /// Bytes to be sent.
    pub body_len: usize,
    /// Time for the whole request with its answer, in milliseconds.
    pub timeout_ms: u64,
    /// Longest time without a byte coming or going, in milliseconds.
    pub idle_timeout_ms: u64,
}

/// Where the answer of one request goes; valid until the function that was given it returns.
#[derive(Debug)]
pub struct gv_http_reply {
    /// The receiving side; it outlives the call that lends this reply.
    sink: *mut dyn Sink,
    cancel: Cancel,
    head: Head,
    handed: bool,
    received: u64,
    refused: Option<Failure>,
}

/// Sends one request and hands its answer to the reply: GV_HTTP_ANSWERED, or how it failed; gv_explain says why, without
/// header values. A C++ exception must not leave it. Called by whichever thread asks the library, by several at once.
pub type gv_http_send_fn = Option<
    unsafe extern "C-unwind" fn(
        request: *const gv_http_request,
        reply: *mut gv_http_reply,
        userdata: *mut c_void,
    ) -> c_int,
>;

/// A way to send requests, as a program gives it.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_transport_functions {
    /// sizeof(gv_transport_functions).
    pub struct_size: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// Its name and version, for results and logs.
    pub name: *const c_char,
    /// Sends a request.
    pub send: gv_http_send_fn,
    /// Handed to send and drop.
    pub userdata: *mut c_void,
    /// Called once, when nothing uses userdata any more; may be NULL.
    pub drop: Option<unsafe extern "C-unwind" fn(userdata: *mut c_void)>,
}

unsafe impl Visible for gv_transport_functions {}

/// A way to send requests; threads may share it. What was made with it keeps it after gv_transport_free.
pub struct gv_transport(pub(crate) Arc<dyn Transport>);

impl std::fmt::Debug for gv_transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("gv_transport").field(&self.0.name()).finish()
    }
}

impl gv_transport {
    /// The transport, for Rust programs that link this crate.
    pub fn transport(&self) -> &dyn Transport {
        &*self.0
    }
}

/// Makes a transport out of a program's function. On an error drop is not called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_transport_new(
    functions: *const gv_transport_functions,
    transport: *mut *mut gv_transport,
) -> gv_status {
    guard(|| unsafe {
        let given = record("functions", functions)?;
        let name = text("functions.name", given.name)?.to_owned();
        let send = given.send.ok_or_else(|| Refusal::invalid("functions.send is NULL"))?;
        let place = Place::new("transport", transport)?;
        let functions =
            Functions { name, send, userdata: Userdata::new(given.userdata, given.drop) };
        place.give(gv_transport(Arc::new(functions)));
        Ok(())
    })
}

/// Frees a transport. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_transport_free(transport: *mut gv_transport) {
    unsafe { free(transport) };
}

/// Takes the status of the answer, 100 to 599; to be called first. Again where a redirect was followed: fields that were
/// taken before are then forgotten.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_http_reply_status(reply: *mut gv_http_reply, status: u32) -> gv_status {
    guard(|| unsafe {
        let reply = object_mut("reply", reply)?;
        match u16::try_from(status) {
            Ok(status @ 100..=599) => reply.head = Head { status, ..Head::default() },
            _ => {
                return Err(Refusal::invalid(format!("status is {status}, allowed is 100 to 599")));
            }
        }
        Ok(())
    })
}

/// Takes a field of the answer's header; to be called before the body.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_http_reply_header(
    reply: *mut gv_http_reply,
    name: *const c_char,
    value: *const c_char,
) -> gv_status {
    guard(|| unsafe {
        let reply = object_mut("reply", reply)?;
        reply.head.headers.add_received(text("name", name)?, text("value", value)?);
        Ok(())
    })
}

/// Takes the next piece of the answer's body, as it was sent. On another status than GV_OK the transfer is to end, and
/// the function to return GV_HTTP_STOPPED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_http_reply_body(
    reply: *mut gv_http_reply,
    bytes: *const u8,
    len: usize,
) -> gv_status {
    guard(|| unsafe {
        let reply = object_mut("reply", reply)?;
        let bytes = values("bytes", bytes, len)?;
        let taken = reply.take(bytes);
        taken.map_err(|failure| {
            let kind = match failure {
                Failure::Cancelled { .. } => ErrorKind::Cancelled,
                _ => ErrorKind::Conflict,
            };
            let message = failure.to_string();
            reply.refused = Some(failure);
            Refusal::new(kind, message)
        })
    })
}

/// Whether the request is to end at once: 1, and the function is to return GV_HTTP_STOPPED; else 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_http_reply_is_cancelled(reply: *const gv_http_reply) -> c_int {
    let reply = unsafe { crate::argument::object("reply", reply) };
    c_int::from(reply.is_ok_and(|reply| reply.cancel.is_cancelled()))
}

impl gv_http_reply {
    fn hand_head_over(&mut self) -> Result<(), Failure> {
        if !self.handed {
            self.handed = true;
            unsafe { &mut *self.sink }.head(self.head.clone())?;
        }
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if let Some(refused) = &self.refused {
            return Err(refused.clone());
        }
        if self.cancel.is_cancelled() {
            return Err(Failure::Cancelled { reached: Reached::MaybeSent });
        }
        self.hand_head_over()?;
        self.received += bytes.len() as u64;
        unsafe { &mut *self.sink }.chunk(bytes)
    }
}

/// A program's functions as a transport.
struct Functions {
    name: String,
    send: unsafe extern "C-unwind" fn(
        *const gv_http_request,
        *mut gv_http_reply,
        *mut c_void,
    ) -> c_int,
    userdata: Userdata,
}

impl Transport for Functions {
    fn name(&self) -> &str {
        &self.name
    }

    fn send(&self, request: &Request, sink: &mut dyn Sink, cancel: &Cancel) -> Result<(), Failure> {
        let sent = Sent::new(request)?;
        let sink: *mut dyn Sink = sink;
        let mut reply = gv_http_reply {
            // The reply does not outlive this call, and neither does whoever the program's function hands it to.
            sink: unsafe { std::mem::transmute::<*mut dyn Sink, *mut (dyn Sink + 'static)>(sink) },
            cancel: cancel.clone(),
            head: Head::default(),
            handed: false,
            received: 0,
            refused: None,
        };
        let (given, userdata) = (sent.in_c(), self.userdata.pointer());
        drop(take_explanation());
        let called =
            caught(|| Ok(unsafe { (self.send)(&raw const given, &raw mut reply, userdata) }));
        if let Some(refused) = reply.refused.take() {
            return Err(refused);
        }
        match called {
            Ok(GV_HTTP_ANSWERED) => answered(&sent, &mut reply),
            Ok(code) => Err(failed(&sent, &reply, code)),
            Err(panic) => Err(Failure::Local {
                what: format!("the transport {} failed", self.name),
                reason: panic.message,
                reached: Reached::MaybeSent,
            }),
        }
    }
}

/// A request in the shape that C reads.
struct Sent {
    host: String,
    method: CString,
    url: CString,
    fields: Vec<(CString, CString)>,
    pointers: Vec<gv_http_header>,
    body: Vec<u8>,
    max_redirects: u32,
    timeout: std::time::Duration,
    idle_timeout: std::time::Duration,
}

impl Sent {
    fn new(request: &Request) -> Result<Self, Failure> {
        let mut body = Vec::new();
        request.body.reader().read_to_end(&mut body).map_err(|error| Failure::Local {
            what: "cannot read the body to send".into(),
            reason: error.to_string(),
            reached: Reached::NotSent,
        })?;
        let fields: Vec<(CString, CString)> =
            request.headers.iter().map(|(name, value)| (c_string(name), c_string(value))).collect();
        let pointers = fields
            .iter()
            .map(|(name, value)| gv_http_header { name: name.as_ptr(), value: value.as_ptr() })
            .collect();
        let after = request.url.split_once("://").map_or(request.url.as_str(), |(_, rest)| rest);
        let authority = after.split(['/', '?', '#']).next().unwrap_or_default();
        Ok(Self {
            host: authority.rsplit('@').next().unwrap_or_default().to_owned(),
            method: c_string(request.method.as_str()),
            url: c_string(&request.url),
            fields,
            pointers,
            body,
            max_redirects: request.allowed_redirects(),
            timeout: request.timeout,
            idle_timeout: request.idle_timeout,
        })
    }

    fn in_c(&self) -> gv_http_request {
        debug_assert_eq!(self.fields.len(), self.pointers.len());
        let ms = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        gv_http_request {
            struct_size: size_of::<gv_http_request>() as u32,
            max_redirects: self.max_redirects,
            method: self.method.as_ptr(),
            url: self.url.as_ptr(),
            headers: self.pointers.as_ptr(),
            headers_len: self.pointers.len(),
            body: self.body.as_ptr(),
            body_len: self.body.len(),
            timeout_ms: ms(self.timeout),
            idle_timeout_ms: ms(self.idle_timeout),
        }
    }
}

/// An answer that the program calls whole.
fn answered(sent: &Sent, reply: &mut gv_http_reply) -> Result<(), Failure> {
    if reply.head.status == 0 {
        let reason = "the transport gave no status".into();
        return Err(Failure::Protocol { host: sent.host.clone(), reason });
    }
    reply.hand_head_over()?;
    let announced = reply.head.content_length();
    let bodiless = matches!(reply.head.status, 100..=199 | 204 | 304);
    if !bodiless && announced.is_some_and(|announced| reply.received < announced) {
        let reason = "the transport called it whole".to_owned();
        return Err(cut(sent, reply, reason));
    }
    Ok(())
}

fn cut(sent: &Sent, reply: &gv_http_reply, reason: String) -> Failure {
    Failure::Cut {
        host: sent.host.clone(),
        received: reply.received,
        announced: reply.head.content_length(),
        reason,
        head: None,
    }
}

/// The failure that a program's function tells.
fn failed(sent: &Sent, reply: &gv_http_reply, code: c_int) -> Failure {
    let host = sent.host.clone();
    let reason = take_explanation().unwrap_or_else(|| "the transport gives no reason".into());
    let broken = |reason: String, reached| match reply.handed {
        true => cut(sent, reply, reason),
        false => Failure::Broken { host: host.clone(), reason, reached },
    };
    match code {
        GV_HTTP_NO_CONNECTION => Failure::Connect { host, reason },
        GV_HTTP_NOT_SENT => broken(reason, Reached::NotSent),
        GV_HTTP_BROKEN => broken(reason, Reached::MaybeSent),
        GV_HTTP_TIMED_OUT => Failure::Timeout {
            host,
            phase: "in the transport",
            limit: sent.timeout.min(sent.idle_timeout),
            reached: Reached::MaybeSent,
        },
        GV_HTTP_NOT_HTTP => Failure::Protocol { host, reason },
        GV_HTTP_STOPPED => Failure::Cancelled { reached: Reached::MaybeSent },
        odd => broken(format!("the transport ended with {odd}: {reason}"), Reached::MaybeSent),
    }
}

/// The transport that was given, or the library's own where it is NULL.
pub(crate) unsafe fn transport_or_own(
    transport: *const gv_transport,
) -> Outcome<Arc<dyn Transport>> {
    if transport.is_null() {
        let own = UreqTransport::new(&UreqOptions::default())
            .map_err(geminivideo::generation::Error::from)?;
        return Ok(Arc::new(own));
    }
    Ok(Arc::clone(&unsafe { crate::argument::object("transport", transport) }?.0))
}
