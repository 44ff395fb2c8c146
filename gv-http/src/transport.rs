//! The seam requests are sent through.

use crate::{Cancel, Failure, Head, Request};

/// Takes an answer as it comes.
pub trait Sink {
    /// Takes status and header fields; called once, before any piece of the body.
    ///
    /// # Errors
    ///
    /// Why the body is not wanted; the transport ends the transfer and returns it.
    fn head(&mut self, head: Head) -> Result<(), Failure>;

    /// Takes the next piece of the body.
    ///
    /// # Errors
    ///
    /// As [`head`](Self::head).
    fn chunk(&mut self, bytes: &[u8]) -> Result<(), Failure>;
}

/// Sends one request and hands over its answer.
///
/// # For implementers
///
/// - A status of 400 or 500 is an answer, not a failure. Nothing is retried here.
/// - The header fields of the request are sent as they are, in their order; `Host`, `Content-Length` and the like
///   are the transport's. `Content-Length` is [`Body::len`](crate::Body::len); a `POST` without body sends `0`.
/// - At most [`allowed_redirects`](Request::allowed_redirects) redirects are followed; beyond that the redirect
///   itself is the answer.
/// - The body is handed over as it was sent: whatever coding was asked for in the request's fields is left in.
/// - A body that ends before its announced length is [`Failure::Cut`], never a short success.
/// - [`Failure::reached`] is `NotSent` only where the service cannot have acted on the request.
/// - `cancel` is looked at at least between pieces of the body; the answer is [`Failure::Cancelled`].
/// - What the sink returns as an error is returned unchanged.
/// - Neither header values nor queries are logged or put into a failure.
/// - `send` may be called from many threads at once.
///
/// `testing::transport_suite` (feature `testing`) checks all of this.
pub trait Transport: Send + Sync {
    /// The transport's name and version, for results and logs to carry.
    fn name(&self) -> &str;

    /// Sends the request and hands its answer to `sink`.
    ///
    /// # Errors
    ///
    /// The [`Failure`] that kept the answer from coming in full.
    fn send(&self, request: &Request, sink: &mut dyn Sink, cancel: &Cancel) -> Result<(), Failure>;
}
