//! A server on the loopback address that behaves as Meta's Marketing API does.

use crate::capi_feedback_loop::hmac_sha256;
use gv_http::testing::{Answer, Received, Server};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What goes wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// A gateway's page with status 500, nothing done.
    Html,
    /// Code 2, nothing done.
    Down,
    /// Code 17, nothing done.
    Throttled,
    /// The change is made, then the connection is cut.
    CutAfter,
    /// The answer comes after this time.
    Slow(Duration),
    /// The token expired: code 190.
    Expired,
    /// Too much data: code 100, subcode 1487534.
    TooMuch,
    /// The answer says that so many percent of the calls are used up.
    Used(u32),
}

#[derive(Debug, Default)]
struct State {
    ads: BTreeMap<String, (String, String)>,
    running: BTreeMap<String, bool>,
    budgets: BTreeMap<String, i64>,
    changes: BTreeMap<String, u32>,
    faults: VecDeque<Fault>,
    polls: u32,
}

/// Ads 11, 12 (ad sets 21 and 22, 50.00 a day each), 13 (ad set 23, whose campaign 31 owns 80.00) and 14 (ad set 21 as
/// well) of the account 9 in dollars. Token `TOK|EN`, app secret `APPSECRET`.
#[derive(Debug)]
pub struct MetaServer {
    server: Server,
    state: Arc<Mutex<State>>,
}

/// The token the server takes.
pub const META_TOKEN: &str = "TOK|EN";
/// The secret of the app that the token belongs to.
pub const META_SECRET: &str = "APPSECRET";
/// Budget changes of one ad set that are taken; the server's hour does not pass.
const CHANGES: u32 = 4;

impl MetaServer {
    /// Starts the server on a free port.
    ///
    /// # Panics
    ///
    /// Where no port can be had.
    pub fn start() -> Self {
        Self::start_on("127.0.0.1:0", u32::MAX)
    }

    /// Starts the server as [`start`](Self::start) does, and it takes four changes of a budget only.
    ///
    /// # Panics
    ///
    /// Where no port can be had.
    pub fn strict() -> Self {
        Self::start_on("127.0.0.1:0", CHANGES)
    }

    /// Starts the server on an address, taking so many changes of each budget.
    ///
    /// # Panics
    ///
    /// Where the address cannot be had.
    pub fn start_on(address: &str, changes: u32) -> Self {
        let ad = |id: &str, set: &str, campaign: &str| (id.into(), (set.into(), campaign.into()));
        let state = Arc::new(Mutex::new(State {
            ads: [
                ad("11", "21", "30"),
                ad("12", "22", "30"),
                ad("13", "23", "31"),
                ad("14", "21", "30"),
            ]
            .into(),
            running: ["11", "12", "13", "14"].map(|id| (id.to_owned(), true)).into(),
            budgets: [("21".into(), 5000), ("22".into(), 5000), ("31".into(), 8000)].into(),
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        let server = Server::start_on(address, true, move |request| {
            answer(&mut lock(&shared), request, changes)
        });
        Self { server, state }
    }

    /// The address to give to a client.
    pub fn url(&self) -> String {
        self.server.url("")
    }

    /// Lets the next requests go wrong, one fault each.
    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        lock(&self.state).faults.extend(faults);
    }

    /// The daily budgets in cents, by ad set or campaign.
    pub fn budgets(&self) -> BTreeMap<String, i64> {
        lock(&self.state).budgets.clone()
    }

    /// Whether an ad is switched on.
    pub fn is_running(&self, ad: &str) -> bool {
        lock(&self.state).running.get(ad) == Some(&true)
    }

    /// The requests so far.
    pub fn received(&self) -> Vec<Received> {
        self.server.received()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn error(status: u16, code: i64, subcode: Option<i64>, message: &str) -> Answer {
    let mut body =
        json!({"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A"});
    if let Some(subcode) = subcode {
        body["error_subcode"] = json!(subcode);
    }
    Answer::status(status).json(&json!({"error": body}).to_string())
}

fn ok(value: &Value) -> Answer {
    Answer::status(200).json(&value.to_string())
}

fn decode(text: &str) -> String {
    let bytes = text.replace('+', " ").into_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match (bytes[at], hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn parameters(request: &Received) -> BTreeMap<String, String> {
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let json = request.header("content-type").is_some_and(|kind| kind.contains("json"));
    let mut all: BTreeMap<String, String> = if json {
        let object: BTreeMap<String, Value> = serde_json::from_str(&body).unwrap_or_default();
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        object.into_iter().map(|(name, value)| (name, text(value))).collect()
    } else {
        pairs(&body)
    };
    all.extend(pairs(request.query()));
    all
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn refused(request: &Received, parameters: &BTreeMap<String, String>) -> Option<Answer> {
    let bearer = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let token = bearer.or(parameters.get("access_token").map(String::as_str));
    if token != Some(META_TOKEN) {
        return Some(error(
            401,
            190,
            None,
            "Invalid OAuth access token - Cannot parse access token",
        ));
    }
    let proof: String = hmac_sha256(META_SECRET.as_bytes(), META_TOKEN.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    (parameters.get("appsecret_proof") != Some(&proof))
        .then(|| error(400, 100, None, "Invalid appsecret_proof provided in the API argument"))
}

fn answer(state: &mut State, request: &Received, changes: u32) -> Answer {
    let fault = state.faults.pop_front();
    match fault {
        Some(Fault::Html) => return Answer::status(500).body(b"<html>Sorry</html>"),
        Some(Fault::Down) => {
            return Answer::status(500).json(
                r#"{"error":{"message":"An unexpected error has occurred.","is_transient":true,"code":2}}"#,
            );
        }
        Some(Fault::Throttled) => {
            return error(400, 17, Some(2_446_079), "User request limit reached").header(
                "X-Ad-Account-Usage",
                "{\"acc_id_util_pct\":10,\"reset_time_duration\":1}",
            );
        }
        Some(Fault::Expired) => return error(401, 190, Some(463), "Session has expired"),
        Some(Fault::TooMuch) => return error(400, 100, Some(1_487_534), "too much data"),
        Some(Fault::CutAfter | Fault::Slow(_) | Fault::Used(_)) | None => {}
    }
    let parameters = parameters(request);
    let answer = refused(request, &parameters)
        .unwrap_or_else(|| serve(state, request, &parameters, changes));
    match fault {
        Some(Fault::CutAfter) => Answer::raw(b""),
        Some(Fault::Slow(time)) => answer.delay(time),
        Some(Fault::Used(percent)) => {
            answer.header("X-App-Usage", &format!("{{\"call_count\":{percent}}}"))
        }
        _ => answer,
    }
}

fn serve(
    state: &mut State,
    request: &Received,
    parameters: &BTreeMap<String, String>,
    changes: u32,
) -> Answer {
    let path = request.path().trim_end_matches('/');
    let Some(node) = path.strip_prefix("/v26.0/") else {
        return error(400, 2635, None, "this version is not available");
    };
    match (request.method.as_str(), node) {
        ("GET", "act_9") => ok(&json!({"id": "act_9", "currency": "USD"})),
        ("GET", "act_9/insights" | "77/insights") => page(parameters.get("after")),
        ("POST", "act_9/insights") => {
            state.polls = 0;
            ok(&json!({"report_run_id": "77"}))
        }
        ("GET", "77") => {
            state.polls += 1;
            match state.polls {
                1 => error(400, 100, Some(33), "Unsupported get request"),
                2 => ok(&json!({"async_status": "Job Running", "async_percent_completion": 100})),
                _ => ok(&json!({"async_status": "Job Completed", "async_percent_completion": 100})),
            }
        }
        ("GET", id) => match (state.ads.get(id), state.running.get(id)) {
            (Some((set, campaign)), Some(running)) => {
                let status = if *running { "ACTIVE" } else { "PAUSED" };
                ok(&json!({"id": id, "status": status, "effective_status": status,
                           "adset_id": set, "campaign_id": campaign, "account_id": "9"}))
            }
            _ if owner(state, id) => {
                let mut value = json!({"id": id});
                if let Some(budget) = state.budgets.get(id) {
                    value["daily_budget"] = json!(budget.to_string());
                }
                ok(&value)
            }
            _ => missing(id),
        },
        ("POST", id) => {
            if let Some(status) = parameters.get("status") {
                return match state.running.get_mut(id) {
                    Some(running) => {
                        *running = status == "ACTIVE";
                        ok(&json!({"success": true}))
                    }
                    None => missing(id),
                };
            }
            change(state, id, parameters.get("daily_budget"), changes)
        }
        _ => error(400, 2500, None, "unknown path"),
    }
}

fn owner(state: &State, id: &str) -> bool {
    state.ads.values().any(|(set, campaign)| set == id || campaign == id)
}

fn missing(id: &str) -> Answer {
    error(400, 100, Some(33), &format!("Unsupported request. Object with ID '{id}' does not exist"))
}

fn change(state: &mut State, id: &str, budget: Option<&String>, changes: u32) -> Answer {
    let Some(budget) = budget.and_then(|text| text.parse::<i64>().ok()) else {
        return error(400, 100, None, "Invalid parameter");
    };
    if !state.budgets.contains_key(id) {
        return missing(id);
    }
    if budget < 100 {
        return error(400, 100, Some(1_885_272), "Budget is too low");
    }
    let made = state.changes.entry(id.to_owned()).or_default();
    if *made >= changes {
        return error(
            400,
            613,
            Some(1_487_632),
            "You can only change your ad set budget 4 times per hour.",
        );
    }
    *made += 1;
    state.budgets.insert(id.to_owned(), budget);
    ok(&json!({"success": true}))
}

fn page(after: Option<&String>) -> Answer {
    let row = |ad: &str, spend: &str, orders: &str, value: &str| {
        json!({"ad_id": ad, "campaign_id": "30", "spend": spend, "impressions": "15000", "clicks": "300",
               "actions": [{"action_type": "purchase", "value": orders},
                           {"action_type": "offsite_conversion.fb_pixel_purchase", "value": orders}],
               "action_values": [{"action_type": "offsite_conversion.fb_pixel_purchase", "value": value}],
               "date_start": "2026-11-01", "date_stop": "2026-11-07"})
    };
    let cursor = |after: &str, more: bool| {
        let mut paging = json!({"cursors": {"before": "x", "after": after}});
        if more {
            paging["next"] = json!("https://elsewhere.invalid/");
        }
        paging
    };
    match after.map(String::as_str) {
        None => ok(
            &json!({"data": [row("11", "350.5", "20", "1400.25")], "paging": cursor("MQ", true)}),
        ),
        Some("MQ") => ok(&json!({"data": [], "paging": cursor("Mg", true)})),
        Some("Mg") => ok(&json!({"data": [
            {"ad_id": "12", "spend": "350", "impressions": "20000", "clicks": "200",
             "date_start": "2026-11-01", "date_stop": "2026-11-07"}], "paging": cursor("Mw", false)})),
        Some(_) => error(400, 2642, None, "Invalid cursors values"),
    }
}
