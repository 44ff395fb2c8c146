//! Requests.

use crate::{Headers, Multipart, Result, redacted_url};
use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Request methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates or acts.
    Post,
    /// Removes.
    Delete,
}

impl Method {
    /// The method's name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// Whether a request does harm when the service gets it twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// Twice is as good as once.
    Harmless,
    /// Twice may be paid twice: it is repeated only where the first attempt cannot have been acted on.
    MayPayTwice,
}

/// What a request carries.
#[derive(Clone, Default)]
pub enum Body {
    /// Nothing.
    #[default]
    Empty,
    /// Bytes; clones share them.
    Bytes(Arc<[u8]>),
    /// A form with files.
    Multipart(Arc<Multipart>),
}

impl Body {
    /// The number of bytes that will be sent.
    pub fn len(&self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Multipart(form) => form.len(),
        }
    }

    /// Whether nothing will be sent.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads the body from its beginning; each call starts anew, so a retry sends every field again.
    pub fn reader(&self) -> Box<dyn std::io::Read + Send + '_> {
        match self {
            Self::Empty => Box::new(std::io::empty()),
            Self::Bytes(bytes) => Box::new(&bytes[..]),
            Self::Multipart(form) => Box::new(form.reader()),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Multipart(form) => write!(f, "Multipart({} bytes)", form.len()),
        }
    }
}

/// A file that a body goes into.
///
/// Bytes go into `<path>.part`, which takes the name `path` only when it is complete and on the disk: whoever
/// sees `path` sees all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileTarget {
    /// The file to make.
    pub path: PathBuf,
    /// Bytes allowed.
    pub limit: u64,
    /// Beginnings of media types that are stored; a success of another type is kept in memory instead. Empty: all.
    pub media_types: Vec<&'static str>,
    /// Bytes of the part file that a reply with status 206 goes on after.
    pub resume_from: u64,
}

type Taker = dyn Fn(&[u8]) -> ControlFlow<()> + Send + Sync;

/// Hands pieces of a body to the caller.
#[derive(Clone)]
pub struct Chunks(Arc<Taker>);

impl Chunks {
    /// Calls `take` with each piece as it comes; `Break` ends the transfer as cancelled.
    pub fn new(take: impl Fn(&[u8]) -> ControlFlow<()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    /// Hands a piece over.
    pub fn push(&self, bytes: &[u8]) -> ControlFlow<()> {
        (self.0)(bytes)
    }
}

impl fmt::Debug for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chunks")
    }
}

/// Where the body of a success goes; the body of an error is always kept in memory, cut after 64 KiB.
#[derive(Debug, Clone)]
pub enum Destination {
    /// Memory, at most this many bytes.
    Memory {
        /// Bytes allowed; a larger body is [`Failure::TooLarge`](crate::Failure::TooLarge).
        limit: u64,
    },
    /// A file.
    File(FileTarget),
    /// The caller, piece by piece.
    Chunks {
        /// Who takes the pieces.
        to: Chunks,
        /// Bytes allowed.
        limit: u64,
    },
}

/// A request, ready to be sent.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// Header fields. `Content-Length` and `Host` are the transport's.
    pub headers: Headers,
    /// What it carries.
    pub body: Body,
    /// Where the answer's body goes.
    pub destination: Destination,
    /// Whether sending it twice does harm.
    pub repeat: Repeat,
    /// Time for the whole request, the answer's body included.
    pub timeout: Duration,
    /// Longest time without a single byte coming or going.
    pub idle_timeout: Duration,
    /// Redirects that are followed; a request with a secret follows none, whatever this says.
    pub max_redirects: u32,
}

/// 4 MiB: more than any JSON answer of the services needs.
const DEFAULT_LIMIT: u64 = 4 << 20;

impl Request {
    /// A request without body that keeps at most 4 MiB of answer and has 60 s.
    ///
    /// `POST` starts as [`Repeat::MayPayTwice`], other methods as [`Repeat::Harmless`].
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Headers::new(),
            body: Body::Empty,
            destination: Destination::Memory { limit: DEFAULT_LIMIT },
            repeat: match method {
                Method::Post => Repeat::MayPayTwice,
                Method::Get | Method::Delete => Repeat::Harmless,
            },
            timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(60),
            max_redirects: 0,
        }
    }

    /// The request carrying JSON text, with its `Content-Type`.
    ///
    /// # Errors
    ///
    /// None in practice: the field is a constant.
    pub fn json(mut self, text: impl Into<Vec<u8>>) -> Result<Self> {
        self.headers.set("Content-Type", "application/json")?;
        self.body = Body::Bytes(text.into().into());
        Ok(self)
    }

    /// The request carrying a form, with its `Content-Type`.
    ///
    /// # Errors
    ///
    /// None in practice: the boundary is visible ASCII.
    pub fn multipart(mut self, form: Multipart) -> Result<Self> {
        self.headers.set("Content-Type", &form.content_type())?;
        self.body = Body::Multipart(Arc::new(form));
        Ok(self)
    }

    /// Redirects that are followed: none where the request carries a secret, which must not reach another host.
    pub fn allowed_redirects(&self) -> u32 {
        if self.headers.has_secret() { 0 } else { self.max_redirects }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &redacted_url(&self.url))
            .field("headers", &self.headers)
            .field("body", &self.body)
            .field("destination", &self.destination)
            .field("repeat", &self.repeat)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_shows_neither_secrets_nor_query_nor_body() {
        let mut request =
            Request::new(Method::Post, "https://h/p?token=T0").json("{\"prompt\":\"P0\"}").unwrap();
        request.headers.set_secret("Authorization", "Bearer K0").unwrap();
        let shown = format!("{request:?}");
        for secret in ["T0", "P0", "K0"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert_eq!(request.repeat, Repeat::MayPayTwice);
    }

    #[test]
    fn a_secret_is_not_carried_to_where_a_redirect_points() {
        let mut request = Request::new(Method::Get, "https://h/");
        request.max_redirects = 5;
        assert_eq!(request.allowed_redirects(), 5);
        request.headers.set_secret("xi-api-key", "k").unwrap();
        assert_eq!(request.allowed_redirects(), 0);
    }
}
