//! HTTP exchanges as state machines, and the transport they are sent over.
//!
//! An [`Exchange`] is a conversation with a remote service: it is told what happened ([`Event`]) and
//! answers what to do next ([`Step`]: send a request, wait, or done). It owns no socket, no clock and no
//! thread, so one piece of code serves blocking Rust, C callbacks and Python `await`, and its retries and
//! polling are tested with tables. [`drive`] runs an exchange over a [`Transport`].
//!
//! Secrets travel in headers alone ([`Headers::set_secret`]): no `Debug`, error or log line shows them,
//! and URLs are shown without their query.

mod call;
mod cancel;
mod download;
mod drive;
mod error;
mod exchange;
mod failure;
mod fetch;
mod headers;
mod multipart;
mod request;
mod response;
mod retry;
mod retry_after;
mod transport;
mod url;

#[cfg(feature = "ureq")]
mod ureq;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use call::{Call, CallError};
pub use cancel::Cancel;
pub use download::{Download, DownloadError, Downloaded};
pub use drive::{Pause, advance, drive, drive_all};
pub use error::{Error, Result};
pub use exchange::{Event, Exchange, Moment, Step};
pub use failure::{Failure, Reached};
pub use fetch::fetch;
pub use headers::Headers;
pub use multipart::{Multipart, Part, PartContent};
pub use request::{Body, Chunks, Destination, FileTarget, Method, Repeat, Request};
pub use response::{Content, Head, Response};
pub use retry::{Jitter, RetryPolicy, Verdict};
pub use retry_after::retry_after;
pub use transport::{Sink, Transport};
pub use url::{BaseUrl, encode_query, redacted_url};

#[cfg(feature = "ureq")]
pub use ureq::{UreqOptions, UreqTransport};
