//! One request with its retries.

use crate::{
    Event, Exchange, Failure, Jitter, Moment, Request, Response, RetryPolicy, Step, Verdict,
};
use std::time::Duration;

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The request failed and is not tried again.
    #[error("{failure}{}", times(*attempts))]
    Failed {
        /// Why the last attempt failed.
        failure: Failure,
        /// Attempts made.
        attempts: u32,
    },
    /// The time for the call is over.
    #[error("the time of {} s for the call is over{}", limit.as_secs_f64(), last.as_deref().map(|l| format!("; last: {l}")).unwrap_or_default())]
    Deadline {
        /// The time that was allowed.
        limit: Duration,
        /// What the last attempt ended with.
        last: Option<String>,
    },
    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled {
        /// Whether a request was sent whose answer nobody saw.
        unanswered: bool,
    },
    /// The call was stepped in an order that its contract excludes.
    #[error("the exchange was stepped out of order")]
    OutOfOrder,
}

fn times(attempts: u32) -> String {
    if attempts > 1 { format!(" ({attempts} attempts)") } else { String::new() }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Sent,
    Waiting,
    Over,
}

/// One request with its retries; ends with the last answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Call {
    request: Request,
    policy: RetryPolicy,
    jitter: Jitter,
    rejected: fn(&Response) -> bool,
    time: Option<Duration>,
    started: Duration,
    attempts: u32,
    state: State,
    last: Option<String>,
}

impl Call {
    /// A call of this request.
    pub fn new(request: Request, policy: RetryPolicy, jitter: Jitter) -> Self {
        Self {
            request,
            policy,
            jitter,
            rejected: |_| false,
            time: None,
            started: Duration::ZERO,
            attempts: 0,
            state: State::New,
            last: None,
        }
    }

    /// The call with a way to tell that the service itself refused a request (see [`RetryPolicy::judge_response`]).
    #[must_use]
    pub fn rejected(mut self, value: fn(&Response) -> bool) -> Self {
        self.rejected = value;
        self
    }

    /// The call with a time for all its attempts and waits.
    ///
    /// A wait that would not leave time for another attempt is not begun; a request under way keeps its own timeout,
    /// shortened to the time that is left.
    #[must_use]
    pub const fn time(mut self, value: Duration) -> Self {
        self.time = Some(value);
        self
    }

    /// Attempts made so far.
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    fn left(&self, now: Moment) -> Option<Duration> {
        let time = self.time?;
        Some(time.saturating_sub(now.elapsed.saturating_sub(self.started)))
    }

    fn send(&mut self, now: Moment) -> Step<Result<Response, CallError>> {
        let mut request = self.request.clone();
        if let Some(left) = self.left(now) {
            if left.is_zero() {
                return self.out_of_time();
            }
            request.timeout = request.timeout.min(left);
            request.idle_timeout = request.idle_timeout.min(left);
        }
        self.attempts += 1;
        self.state = State::Sent;
        Step::Send(Box::new(request))
    }

    fn out_of_time(&mut self) -> Step<Result<Response, CallError>> {
        let (limit, last) = (self.time.unwrap_or_default(), self.last.take());
        self.over(Err(CallError::Deadline { limit, last }))
    }

    fn over(&mut self, result: Result<Response, CallError>) -> Step<Result<Response, CallError>> {
        self.state = State::Over;
        Step::Done(result)
    }

    fn wait(&mut self, time: Duration, now: Moment) -> Option<Step<Result<Response, CallError>>> {
        if self.left(now).is_some_and(|left| left <= time) {
            return None;
        }
        self.state = State::Waiting;
        log::info!(
            "{} {} is tried again in {:.3} s: {}",
            self.request.method.as_str(),
            crate::redacted_url(&self.request.url),
            time.as_secs_f64(),
            self.last.as_deref().unwrap_or("")
        );
        Some(Step::Wait(time))
    }
}

impl Exchange for Call {
    type Output = Result<Response, CallError>;

    fn step(&mut self, now: Moment, event: Event) -> Step<Self::Output> {
        match (self.state, event) {
            (State::New, Event::Start) => {
                self.started = now.elapsed;
                self.send(now)
            }
            (State::Waiting, Event::Woken) => self.send(now),
            (State::Sent, Event::Replied(response)) => {
                let proof = (self.rejected)(&response);
                let attempt = self.attempts - 1;
                let (repeat, jitter) = (self.request.repeat, &mut self.jitter);
                let verdict =
                    self.policy.judge_response(attempt, &response, repeat, proof, now, jitter);
                if let Verdict::Retry(time) = verdict {
                    self.last = Some(format!("status {}", response.status()));
                    if let Some(step) = self.wait(time, now) {
                        return step;
                    }
                }
                self.over(Ok(response))
            }
            (State::Sent, Event::Failed(Failure::Cancelled { reached })) => {
                let unanswered = reached == crate::Reached::MaybeSent;
                self.over(Err(CallError::Cancelled { unanswered }))
            }
            (State::Sent, Event::Failed(failure)) => {
                let attempt = self.attempts - 1;
                let (repeat, jitter) = (self.request.repeat, &mut self.jitter);
                let verdict = self.policy.judge_failure(attempt, &failure, repeat, jitter);
                if let Verdict::Retry(time) = verdict {
                    self.last = Some(failure.to_string());
                    if let Some(step) = self.wait(time, now) {
                        return step;
                    }
                }
                let attempts = self.attempts;
                self.over(Err(CallError::Failed { failure, attempts }))
            }
            (State::Over, _)
            | (_, Event::Start | Event::Replied(_) | Event::Failed(_) | Event::Woken) => {
                self.over(Err(CallError::OutOfOrder))
            }
            (state, Event::Cancelled) => {
                self.over(Err(CallError::Cancelled { unanswered: state == State::Sent }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Reply, Script, play};
    use crate::{Method, Reached};

    fn refused() -> Script {
        Script::Failure(Failure::Connect { host: "h".into(), reason: "refused".into() })
    }

    fn timed_out() -> Script {
        Script::Failure(Failure::Timeout {
            host: "h".into(),
            phase: "answer",
            limit: Duration::from_secs(1),
            reached: Reached::MaybeSent,
        })
    }

    fn call(method: Method) -> Call {
        let policy = RetryPolicy { jitter: 0.0, ..RetryPolicy::default() };
        Call::new(Request::new(method, "https://h/x"), policy, Jitter::seeded(1))
    }

    fn status(code: u16) -> Script {
        Script::Reply(Reply::status(code))
    }

    #[test]
    fn what_a_network_does_is_tried_again_until_there_is_an_answer() {
        let script = [refused(), status(503), timed_out(), status(200)];
        let played = play(&mut call(Method::Get), script, Duration::ZERO);
        assert_eq!(played.output.unwrap().status(), 200);
        assert_eq!(played.waits, [0.5, 1.0, 2.0].map(Duration::from_secs_f64));
        assert_eq!(played.requests.len(), 4);
    }

    #[test]
    fn the_last_answer_is_returned_when_retries_are_used_up() {
        let played = play(&mut call(Method::Get), (0..9).map(|_| status(503)), Duration::ZERO);
        assert_eq!(played.output.unwrap().status(), 503);
        assert_eq!(played.requests.len(), 5);
    }

    #[test]
    fn a_post_that_may_have_been_acted_on_is_sent_once() {
        let played = play(&mut call(Method::Post), [timed_out(), status(200)], Duration::ZERO);
        assert!(matches!(played.output, Err(CallError::Failed { attempts: 1, .. })));
        let played = play(&mut call(Method::Post), [refused(), status(200)], Duration::ZERO);
        assert_eq!(played.output.unwrap().status(), 200);
    }

    #[test]
    fn a_post_is_sent_again_where_the_service_proves_that_it_refused() {
        let mut proven = call(Method::Post).rejected(|response| response.bytes() == b"no");
        let script = [Script::Reply(Reply::status(503).body(b"no")), status(200)];
        assert_eq!(play(&mut proven, script, Duration::ZERO).output.unwrap().status(), 200);
        let mut unproven = call(Method::Post).rejected(|response| response.bytes() == b"no");
        let script = [Script::Reply(Reply::status(503).body(b"<html>")), status(200)];
        assert_eq!(play(&mut unproven, script, Duration::ZERO).output.unwrap().status(), 503);
    }

    #[test]
    fn a_deadline_ends_retries_and_shortens_the_request() {
        let mut timed = call(Method::Get).time(Duration::from_secs(3));
        let script = (0..9).map(|_| refused());
        let played = play(&mut timed, script, Duration::from_secs(1));
        assert!(matches!(played.output, Err(CallError::Failed { attempts: 2, .. })), "{played:?}");
        assert_eq!(played.requests[0].timeout, Duration::from_secs(3));
        assert_eq!(played.requests[1].timeout, Duration::from_millis(1500));
    }

    #[test]
    fn cancelling_says_whether_a_request_is_left_unanswered() {
        let now = Moment::default();
        let mut waiting = call(Method::Get);
        waiting.step(now, Event::Start);
        let Step::Wait(_) = waiting.step(now, Event::Replied(Reply::status(503).response())) else {
            panic!("no wait")
        };
        let Step::Done(Err(error)) = waiting.step(now, Event::Cancelled) else {
            panic!("not done")
        };
        assert_eq!(error, CallError::Cancelled { unanswered: false });
        let mut sent = call(Method::Post);
        sent.step(now, Event::Start);
        let Step::Done(Err(error)) = sent.step(now, Event::Cancelled) else { panic!("not done") };
        assert_eq!(error, CallError::Cancelled { unanswered: true });
    }

    #[test]
    fn steps_out_of_order_are_an_answer_and_not_a_panic() {
        for event in [Event::Woken, Event::Replied(Reply::status(200).response())] {
            let step = call(Method::Get).step(Moment::default(), event);
            assert!(matches!(step, Step::Done(Err(CallError::OutOfOrder))));
        }
    }
}
