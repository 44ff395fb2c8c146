//! Events on their way to the Conversions API: kept until the platform has taken them.

use super::CapiFeedbackLoop;
use super::event::Parsed;
use super::user_data::is_personal;
use super::webhook::hmac_sha256;
use crate::prediction_accuracy_tracker::{from_json, to_json};
use crate::{Error, Result};
use gv_http::{
    Call, Cancel, Head, Jitter, Method, Request, Response, RetryPolicy, Transport, drive,
};
use gv_patterns::store::{Change, Collection, Expect, Filter};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::time::Duration;

pub(super) const OUTBOX: Collection = Collection::new("capi_outbox").index(&["state"]);
/// Events of one request; the platform takes no more.
const BATCH: usize = 1000;
const WAITING: &str = "waiting";
const REFUSED: &str = "refused";
const SENT: &str = "sent";

/// Where events go, and who sends them.
#[derive(Clone)]
#[non_exhaustive]
pub struct ConversionsApi {
    /// The service, such as `https://graph.facebook.com`.
    pub base_url: String,
    /// Version of the API, such as `v26.0`.
    pub version: String,
    /// The data set.
    pub pixel_id: String,
    /// The access token; it travels in a header.
    pub access_token: String,
    /// Proves that the sender holds the app's secret.
    pub app_secret: Option<String>,
    /// Sends events to the test console as well; they are not dropped.
    pub test_event_code: Option<String>,
}

impl std::fmt::Debug for ConversionsApi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConversionsApi")
            .field("base_url", &self.base_url)
            .field("version", &self.version)
            .field("pixel_id", &self.pixel_id)
            .finish_non_exhaustive()
    }
}

impl ConversionsApi {
    /// Sends to a data set with a token.
    pub fn new(pixel_id: impl Into<String>, access_token: impl Into<String>) -> Self {
        Self {
            base_url: "https://graph.facebook.com".into(),
            version: "v26.0".into(),
            pixel_id: pixel_id.into(),
            access_token: access_token.into(),
            app_secret: None,
            test_event_code: None,
        }
    }

    /// Takes `META_PIXEL_ID`, `META_ACCESS_TOKEN`, and `META_APP_SECRET`, `META_GRAPH_URL` where they are set;
    /// `None` without the first two.
    pub fn from_environment() -> Option<Self> {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let mut api = Self::new(set("META_PIXEL_ID")?, set("META_ACCESS_TOKEN")?);
        api.app_secret = set("META_APP_SECRET");
        if let Some(url) = set("META_GRAPH_URL") {
            api.base_url = url;
        }
        Some(api)
    }

    fn request(&self, events: &[Value]) -> Result<Request> {
        let mut url = format!(
            "{}/{}/{}/events",
            self.base_url.trim_end_matches('/'),
            self.version,
            self.pixel_id
        );
        if let Some(secret) = &self.app_secret {
            let proof =
                crate::hex::hex(&hmac_sha256(secret.as_bytes(), self.access_token.as_bytes()));
            url += &format!("?appsecret_proof={proof}");
        }
        let mut body = json!({ "data": events });
        if let Some(code) = &self.test_event_code {
            body["test_event_code"] = json!(code);
        }
        let refused = |error: gv_http::Error| Error::Conversions { problem: error.to_string() };
        let mut request =
            Request::new(Method::Post, url).json(body.to_string()).map_err(refused)?;
        request
            .headers
            .set_secret("authorization", &format!("Bearer {}", self.access_token))
            .map_err(refused)?;
        request.timeout = Duration::from_secs(10);
        Ok(request)
    }
}

/// An event in the outbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Outgoing {
    state: String,
    event: Value,
    refusal: Option<String>,
}

/// What became of the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Delivery {
    /// Events that the platform took.
    pub sent: usize,
    /// Events that it refused for good; they stay in the store with the reason.
    pub refused: usize,
    /// Events that wait for another try.
    pub waiting: usize,
}

/// The change that puts an event into the outbox.
pub(super) fn outgoing(parsed: &Parsed) -> Result<Change> {
    let event = &parsed.event;
    let mut wire = Map::new();
    wire.insert("event_name".into(), json!(event.event_name));
    wire.insert("event_time".into(), json!(event.event_time));
    if !parsed.event_source_url.is_empty() {
        wire.insert("event_source_url".into(), json!(parsed.event_source_url));
    }
    wire.insert("event_id".into(), json!(event.event_id));
    wire.insert("user_data".into(), Value::Object(parsed.user_data.fields().clone()));
    let mut custom_data = parsed.custom_data.clone();
    custom_data.retain(|key, _| !is_personal(key));
    wire.insert("custom_data".into(), Value::Object(custom_data));
    wire.insert("action_source".into(), json!(parsed.action_source));
    // What the platform is known to refuse would cost the whole batch.
    let refusal = if event.late {
        Some("the event is more than 7 days old".to_owned())
    } else if !parsed.user_data.is_usable() {
        Some("user_data holds nothing that tells one person from another".to_owned())
    } else {
        None
    };
    let state = if refusal.is_some() { REFUSED } else { WAITING };
    keep(&event.key(), state, Value::Object(wire), refusal)
}

/// The change that says how far an event is; of one that was sent only its key stays, so that it is not sent
/// again when it comes again.
fn keep(id: &str, state: &str, event: Value, refusal: Option<String>) -> Result<Change> {
    let body = to_json(&Outgoing { state: state.to_owned(), event, refusal })?;
    Ok(Change::put(OUTBOX.name(), id, Expect::Any, body))
}

impl CapiFeedbackLoop {
    /// Sends what waits in the outbox, at most 1,000 events a request.
    ///
    /// An event counts as sent when the platform has taken it, so that a crash may send it twice (the
    /// platform keeps one of each name and id) but loses none. Of a batch that is refused the bad events are
    /// found by halving it.
    ///
    /// # Errors
    ///
    /// The store's, and [`Error::Conversions`] where the request cannot be made; a platform that does not
    /// answer is no error: the events wait.
    pub fn flush_outbox(
        &self,
        api: &ConversionsApi,
        transport: &dyn Transport,
    ) -> Result<Delivery> {
        let mut delivery = Delivery::default();
        loop {
            let filter = Filter::new().equals("state", WAITING).limit(BATCH);
            let waiting: Vec<(String, Outgoing)> = self
                .store
                .find(OUTBOX.name(), &filter)?
                .into_iter()
                .map(|document| Ok((document.id, from_json(document.body)?)))
                .collect::<Result<_>>()?;
            if waiting.is_empty() || !self.deliver(api, transport, &waiting, &mut delivery)? {
                let filter = Filter::new().equals("state", WAITING);
                delivery.waiting = self.store.count(OUTBOX.name(), &filter)? as usize;
                return Ok(delivery);
            }
        }
    }

    /// Sends a batch, or its halves; returns whether the platform is answering.
    fn deliver(
        &self,
        api: &ConversionsApi,
        transport: &dyn Transport,
        batch: &[(String, Outgoing)],
        delivery: &mut Delivery,
    ) -> Result<bool> {
        let events: Vec<Value> = batch.iter().map(|(_, outgoing)| outgoing.event.clone()).collect();
        let mut call =
            Call::new(api.request(&events)?, RetryPolicy::default(), Jitter::from_entropy());
        let answer = drive(&mut call, transport, &Cancel::new());
        let Ok(response) = answer else { return Ok(false) };
        match outcome(&response) {
            Outcome::Taken => {
                let sent: Vec<Change> = batch
                    .iter()
                    .map(|(id, _)| keep(id, SENT, Value::Null, None))
                    .collect::<Result<_>>()?;
                self.store.apply(&sent)?;
                delivery.sent += batch.len();
                Ok(true)
            }
            Outcome::Later => Ok(false),
            Outcome::Refused(reason) if batch.len() == 1 => {
                let (id, outgoing) = &batch[0];
                self.store.apply(&[keep(id, REFUSED, outgoing.event.clone(), Some(reason))?])?;
                delivery.refused += 1;
                Ok(true)
            }
            Outcome::Refused(_) => {
                let (first, second) = batch.split_at(batch.len() / 2);
                Ok(self.deliver(api, transport, first, delivery)?
                    && self.deliver(api, transport, second, delivery)?)
            }
        }
    }
}

enum Outcome {
    Taken,
    Refused(String),
    Later,
}

/// Judges by status and code, never by texts, which are localised.
fn outcome(response: &Response) -> Outcome {
    let Head { status, .. } = response.head;
    if status == 200 {
        return Outcome::Taken;
    }
    let body: Value = serde_json::from_slice(response.bytes()).unwrap_or(Value::Null);
    let number = |name: &str| body["error"][name].as_i64().unwrap_or(0);
    let (code, subcode) = (number("code"), number("error_subcode"));
    // 100 is a parameter of an event; everything else concerns the caller, or passes.
    if status == 400 && code == 100 && subcode != 33 {
        return Outcome::Refused(format!("code 100, subcode {subcode}"));
    }
    log::warn!("the Conversions API answered {status}, code {code}, subcode {subcode}");
    Outcome::Later
}
