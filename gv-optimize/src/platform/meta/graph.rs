//! One Graph call with Meta's rules of when it is tried again.

use super::client::Settings;
use super::{PLATFORM, Refusal, Retry, Usage};
use crate::Error;
use gv_http::{
    Body, Event, Exchange, Failure, Jitter, Method, Moment, Reached, Request, Step, encode_query,
};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// One call; ends with its JSON.
///
/// A read is tried again after what passes. A change is tried again only where it was certainly not made; where
/// nobody knows, it ends with [`Error::Unanswered`].
#[derive(Debug)]
pub struct GraphCall {
    settings: Arc<Settings>,
    request: Request,
    reads: bool,
    attempts: u32,
    jitter: Jitter,
    refusal: Option<Refusal>,
}

type Next = Step<Result<Value, Error>>;

impl GraphCall {
    pub(crate) fn get(
        settings: &Arc<Settings>,
        path: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Self, Error> {
        let query = settings.query(parameters);
        let request = Request::new(Method::Get, settings.url(path, &query));
        Self::new(settings, request, true)
    }

    pub(crate) fn post(
        settings: &Arc<Settings>,
        path: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Self, Error> {
        let mut request = Request::new(Method::Post, settings.url(path, &settings.query(&[])));
        request.headers.set("Content-Type", "application/x-www-form-urlencoded")?;
        let form = encode_query(parameters.iter().copied());
        request.body = Body::Bytes(form.into_bytes().into());
        Self::new(settings, request, false)
    }

    fn new(settings: &Arc<Settings>, mut request: Request, reads: bool) -> Result<Self, Error> {
        request.headers.set_secret("Authorization", &format!("Bearer {}", settings.token))?;
        request.headers.set("Accept", "application/json")?;
        request.timeout = settings.timeout;
        let (settings, jitter) = (Arc::clone(settings), Jitter::from_entropy());
        Ok(Self { settings, request, reads, attempts: 0, jitter, refusal: None })
    }

    /// The call may be repeated although it is a `POST`, because it changes nothing.
    pub(crate) fn harmless(mut self) -> Self {
        self.reads = true;
        self
    }

    /// Why the last answer was refused.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    fn send(&mut self) -> Next {
        self.attempts += 1;
        Step::Send(Box::new(self.request.clone()))
    }

    fn wait(&mut self, asked: Option<Duration>) -> Option<Next> {
        if self.attempts > self.settings.max_retries {
            return None;
        }
        let grown = self.settings.back_off.saturating_mul(1 << (self.attempts - 1).min(10));
        let time = match asked {
            Some(time) if time > self.settings.max_wait => return None,
            Some(time) => time,
            None => grown.mul_f64(1.0 - 0.25 * self.jitter.unit()),
        };
        Some(Step::Wait(time))
    }

    fn refused(&mut self, refusal: Refusal) -> Next {
        let repeat = match refusal.retry {
            Retry::Never => None,
            Retry::Transient if !self.reads => {
                self.refusal = Some(refusal.clone());
                return Step::Done(Err(unanswered(refusal.message)));
            }
            Retry::Transient | Retry::BackOff => self.wait(None),
            Retry::After(time) => self.wait(Some(time)),
        };
        repeat.unwrap_or_else(|| {
            let retry_after = match refusal.retry {
                Retry::After(time) => Some(time),
                Retry::BackOff | Retry::Transient | Retry::Never => None,
            };
            self.refusal = Some(refusal.clone());
            Step::Done(Err(Error::Platform {
                platform: PLATFORM,
                message: refusal.message,
                code: refusal.code.map(|code| (code, refusal.subcode)),
                retry_after,
            }))
        })
    }

    fn failed(&mut self, failure: Failure) -> Next {
        let sent = failure.reached() == Reached::MaybeSent;
        if let Failure::Cancelled { .. } = failure {
            return Step::Done(Err(if sent && !self.reads {
                unanswered("cancelled".to_owned())
            } else {
                Error::Cancelled
            }));
        }
        if sent && !self.reads {
            return Step::Done(Err(unanswered(failure.to_string())));
        }
        let again = if failure.is_transient() { self.wait(None) } else { None };
        again.unwrap_or_else(|| {
            Step::Done(Err(Error::Transport {
                platform: PLATFORM,
                reason: failure.to_string(),
                timed_out: matches!(failure, Failure::Timeout { .. }),
            }))
        })
    }
}

fn unanswered(reason: String) -> Error {
    Error::Unanswered { platform: PLATFORM, reason }
}

impl Exchange for GraphCall {
    type Output = Result<Value, Error>;

    fn step(&mut self, now: Moment, event: Event) -> Next {
        match event {
            Event::Start => match self.settings.throttle.ask(now) {
                Ok(None) => self.send(),
                Ok(Some(time)) => Step::Wait(time),
                Err(regain) => Step::Done(Err(Error::Platform {
                    platform: PLATFORM,
                    message: "90 % of the calls that are allowed are used up".to_owned(),
                    code: None,
                    retry_after: Some(regain),
                })),
            },
            Event::Woken => self.send(),
            Event::Replied(response) => {
                self.settings.throttle.tell(now, Usage::of(&response.head.headers));
                match Refusal::judge(&response) {
                    Ok(value) => Step::Done(Ok(value)),
                    Err(refusal) => self.refused(refusal),
                }
            }
            Event::Failed(failure) => self.failed(failure),
            Event::Cancelled => Step::Done(Err(Error::Cancelled)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::client::tests::settings;
    use super::*;
    use gv_http::testing::{Reply, Script, play};

    const BUSY: &str = "{\"error\":{\"message\":\"busy\",\"code\":4}}";
    const DOWN: &str = "{\"error\":{\"message\":\"down\",\"code\":2,\"is_transient\":true}}";

    fn reply(status: u16, body: &str) -> Script {
        Script::Reply(Reply::status(status).json(body))
    }

    fn get() -> GraphCall {
        GraphCall::get(&settings(), "/1", &[("fields", "id,status")]).unwrap()
    }

    fn post() -> GraphCall {
        GraphCall::post(&settings(), "/1", &[("daily_budget", "5000")]).unwrap()
    }

    #[test]
    fn a_request_is_as_the_official_client_sends_it_but_for_the_token() {
        let played = play(&mut post(), [reply(200, "{\"success\":true}")], Duration::ZERO);
        let request = &played.requests[0];
        assert!(request.url.ends_with(
            "/v26.0/1?appsecret_proof=bf05043a8a7feb888b52eee39e21223b26b8e16ebd8538692c81a4101fffb70a"
        ), "{}", request.url);
        let mut body = String::new();
        std::io::Read::read_to_string(&mut request.body.reader(), &mut body).unwrap();
        assert_eq!(body, "daily_budget=5000");
        assert_eq!(request.headers.get("authorization"), Some("Bearer TOK|EN"));
        assert!(!format!("{request:?}").contains("TOK"));
        let played = play(&mut get(), [reply(200, "{}")], Duration::ZERO);
        assert!(played.requests[0].url.ends_with("&fields=id%2Cstatus"));
    }

    #[test]
    fn reads_are_tried_again_and_changes_only_where_they_were_refused() {
        let script = [reply(500, "<html>"), reply(500, DOWN), reply(400, BUSY), reply(200, "{}")];
        let played = play(&mut get(), script, Duration::ZERO);
        assert!(played.output.is_ok());
        assert_eq!(played.waits.len(), 3);
        let played = play(&mut post(), [reply(400, BUSY), reply(200, "{}")], Duration::ZERO);
        assert!(played.output.is_ok());
        for script in [reply(500, DOWN), reply(502, "<html>")] {
            let played = play(&mut post(), [script], Duration::ZERO);
            assert!(matches!(played.output, Err(Error::Unanswered { .. })));
        }
    }

    #[test]
    fn a_long_block_is_reported_and_not_waited_for() {
        let body = "{\"error\":{\"message\":\"four\",\"code\":613,\"error_subcode\":1487632}}";
        let played = play(&mut post(), [reply(400, body)], Duration::ZERO);
        let Err(Error::Platform { code, retry_after, .. }) = played.output else { panic!() };
        assert_eq!(code, Some((613, Some(1_487_632))));
        assert_eq!(retry_after, Some(Duration::from_secs(3600)));
        let used = Reply::status(200).json("{}").header("X-App-Usage", "{\"call_count\":95}");
        let shared = settings();
        let call = || GraphCall::get(&shared, "/1", &[]).unwrap();
        assert!(play(&mut call(), [Script::Reply(used)], Duration::ZERO).output.is_ok());
        let played = play(&mut call(), [reply(200, "{}")], Duration::ZERO);
        assert!(matches!(played.output, Err(Error::Platform { retry_after: Some(_), .. })));
    }
}
