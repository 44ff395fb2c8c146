//! Conversations with a remote service as state machines.

use crate::{Failure, Request, Response};
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

/// What time it is, as the driver of an exchange says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moment {
    /// Time since an origin that stays the same during an exchange; it never goes back.
    pub elapsed: Duration,
    /// Wall clock time since 1970-01-01T00:00:00Z; it may jump.
    pub unix: Duration,
}

impl Moment {
    /// This machine's clocks; `elapsed` counts from the first call in this process.
    pub fn now() -> Self {
        static ORIGIN: OnceLock<Instant> = OnceLock::new();
        Self {
            elapsed: ORIGIN.get_or_init(Instant::now).elapsed(),
            unix: SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default(),
        }
    }

    /// This moment a while later.
    #[must_use]
    pub fn after(self, time: Duration) -> Self {
        Self { elapsed: self.elapsed.saturating_add(time), unix: self.unix.saturating_add(time) }
    }
}

/// What happened since the last step.
#[derive(Debug)]
pub enum Event {
    /// Nothing yet: the first step of an exchange.
    Start,
    /// The request was answered, with whatever status.
    Replied(Response),
    /// The request was not answered in full.
    Failed(Failure),
    /// The wait is over.
    Woken,
    /// The caller wants an end. It may come in place of any other event.
    Cancelled,
}

/// What to do next.
#[derive(Debug)]
pub enum Step<T> {
    /// Send this request; answer with [`Event::Replied`] or [`Event::Failed`].
    Send(Box<Request>),
    /// Do nothing for this time; answer with [`Event::Woken`].
    Wait(Duration),
    /// The exchange is over. It is not stepped again.
    Done(T),
}

impl<T> Step<T> {
    /// The step with the result of [`Done`](Self::Done) changed.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Step<U> {
        match self {
            Self::Send(request) => Step::Send(request),
            Self::Wait(time) => Step::Wait(time),
            Self::Done(result) => Step::Done(change(result)),
        }
    }
}

/// A conversation with a remote service.
///
/// # For implementers
///
/// - The first event is [`Event::Start`]; each later one answers the last step.
/// - A step returns at once: it does not sleep, and it touches neither the network nor a clock.
/// - [`Event::Cancelled`] is answered with [`Step::Done`]. What was begun remotely and would be lost
///   (a task that is paid for) belongs into the result.
/// - After [`Step::Done`] a step is a mistake of the driver; it is answered with another `Done` that
///   says so, not with a panic.
pub trait Exchange {
    /// What the exchange ends with.
    type Output;

    /// Takes what happened and says what to do next.
    fn step(&mut self, now: Moment, event: Event) -> Step<Self::Output>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_does_not_go_back_and_does_not_overflow() {
        let first = Moment::now();
        assert!(Moment::now().elapsed >= first.elapsed);
        assert_eq!(first.after(Duration::MAX).elapsed, Duration::MAX);
    }
}
