//! Answers that are written down beforehand.

use crate::{
    Cancel, Content, Event, Exchange, Failure, Head, Moment, Reached, Request, Response, Sink,
    Step, Transport,
};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// An answer of a script.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    head: Head,
    body: Vec<u8>,
    cut: bool,
}

impl Reply {
    /// An answer with this status, no fields and no body.
    pub fn status(status: u16) -> Self {
        Self { head: Head { status, ..Head::default() }, ..Self::default() }
    }

    /// The answer with a header field.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.head.headers.add_received(name, value);
        self
    }

    /// The answer with a body.
    #[must_use]
    pub fn body(mut self, bytes: &[u8]) -> Self {
        self.body = bytes.to_vec();
        self
    }

    /// The answer with a JSON body and its media type.
    #[must_use]
    pub fn json(self, text: &str) -> Self {
        self.header("Content-Type", "application/json").body(text.as_bytes())
    }

    /// The answer, cut after the body it has.
    #[must_use]
    pub const fn cut(mut self) -> Self {
        self.cut = true;
        self
    }

    /// The answer as an exchange sees it.
    pub fn response(self) -> Response {
        Response { head: self.head, content: Content::Bytes(self.body) }
    }
}

/// What happens to a request.
#[derive(Debug, Clone)]
pub enum Script {
    /// It is answered.
    Reply(Reply),
    /// It fails.
    Failure(Failure),
}

impl From<Reply> for Script {
    fn from(reply: Reply) -> Self {
        Self::Reply(reply)
    }
}

impl From<Failure> for Script {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// A transport that answers from a script and keeps the requests. Past its end no connection comes about.
#[derive(Debug, Default)]
pub struct ScriptedTransport {
    script: Mutex<VecDeque<Script>>,
    requests: Mutex<Vec<Request>>,
}

impl ScriptedTransport {
    /// A transport with this script.
    pub fn new<S: Into<Script>>(script: impl IntoIterator<Item = S>) -> Self {
        Self {
            script: Mutex::new(script.into_iter().map(Into::into).collect()),
            requests: Mutex::default(),
        }
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Transport for ScriptedTransport {
    fn name(&self) -> &str {
        "scripted"
    }

    fn send(&self, request: &Request, sink: &mut dyn Sink, cancel: &Cancel) -> Result<(), Failure> {
        if cancel.is_cancelled() {
            return Err(Failure::Cancelled { reached: Reached::NotSent });
        }
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        let next = self.script.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let host = crate::fetch::host_of(&request.url);
        match next {
            None => Err(Failure::Connect { host, reason: "the script is at its end".to_owned() }),
            Some(Script::Failure(failure)) => Err(failure),
            Some(Script::Reply(reply)) => {
                sink.head(reply.head.clone())?;
                for piece in reply.body.chunks(1000) {
                    sink.chunk(piece)?;
                }
                if reply.cut {
                    let received = reply.body.len() as u64;
                    let reason = "the script cuts here".to_owned();
                    return Err(Failure::Cut {
                        host,
                        received,
                        announced: None,
                        reason,
                        head: None,
                    });
                }
                Ok(())
            }
        }
    }
}

/// What an exchange did while it was played.
#[derive(Debug)]
pub struct Played<T> {
    /// What it ended with.
    pub output: T,
    /// The requests it sent.
    pub requests: Vec<Request>,
    /// The times it waited.
    pub waits: Vec<Duration>,
    /// When it ended.
    pub end: Moment,
}

/// Plays an exchange against a script, without socket and clock: each request takes `latency`, each wait its time.
///
/// Answers are handed over in memory whatever destination was asked for.
///
/// # Panics
///
/// Where the exchange sends more requests than the script answers, or takes more than 100 000 steps.
#[expect(clippy::panic, reason = "a test double ends the test")]
pub fn play<E: Exchange + ?Sized, S: Into<Script>>(
    exchange: &mut E,
    script: impl IntoIterator<Item = S>,
    latency: Duration,
) -> Played<E::Output> {
    let mut script = script.into_iter();
    let mut now = Moment { elapsed: Duration::ZERO, unix: Duration::from_secs(1_800_000_000) };
    let (mut requests, mut waits) = (Vec::new(), Vec::new());
    let mut event = Event::Start;
    for _ in 0..100_000 {
        match exchange.step(now, event) {
            Step::Done(output) => return Played { output, requests, waits, end: now },
            Step::Wait(time) => {
                waits.push(time);
                now = now.after(time);
                event = Event::Woken;
            }
            Step::Send(request) => {
                requests.push(*request);
                now = now.after(latency);
                event = match script.next().map(Into::into) {
                    Some(Script::Reply(reply)) => Event::Replied(reply.response()),
                    Some(Script::Failure(failure)) => Event::Failed(failure),
                    None => panic!("the script has no answer to {:?}", requests.last()),
                };
            }
        }
    }
    panic!("the exchange does not end")
}
