//! Runway on the loopback address, as its interface is described, with failures on demand.
//!
//! A prompt tells how its task goes by words that begin with `#`:
//!
//! | word | what happens |
//! |---|---|
//! | `#throttled=N` `#pending=N` `#running=N` | looks at the task that show this state (0, 0 and 1) |
//! | `#fail=CODE`, `#fail=` | the task fails with the code, or with none |
//! | `#cancelled` | the task is cancelled by somebody else |
//! | `#state=NAME` | the task shows an unheard-of state |
//! | `#create=KIND` | the first request is answered with `429`, `429-after`, `503`, `503-page`, `502-page`, `500`, `credits`, `drop` (taken, connection closed), `slow` (taken, answered after 3 s) |
//! | `#poll=KIND` | the first look is answered with `502-page`, `drop`, `nonsense` |
//! | `#output=KIND` | the file is `expired` once, `gone` always, `page`, `cut` once, `empty`, `huge`, `slow` |
//! | `#clip=NAME` | the file is the one that [`RunwayService::add_clip`] named so |

use gv_http::testing::{Answer, Received, Server};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The key the service takes.
pub const RUNWAY_KEY: &str = "key_test";

#[derive(Debug, Clone, Default)]
struct TaskState {
    prompt: String,
    looks: u64,
    credits: u64,
    polled: bool,
    over: bool,
    cancelled: bool,
    links: u64,
    served: HashSet<&'static str>,
}

#[derive(Debug, Default)]
struct State {
    tasks: HashMap<String, TaskState>,
    order: Vec<String>,
    refused: HashSet<String>,
    uploads: HashMap<String, usize>,
    forms: usize,
    used: HashSet<String>,
    failing_uploads: usize,
    most: usize,
    video: Vec<u8>,
    clips: HashMap<String, Vec<u8>>,
}

/// The service; it ends when it is dropped.
#[derive(Debug)]
pub struct RunwayService {
    server: Server,
    state: Arc<Mutex<State>>,
}

impl RunwayService {
    /// Starts the service on a free port.
    pub fn start() -> Self {
        Self::start_on("127.0.0.1:0", true)
    }

    /// Starts the service on an address; `keep` says whether requests are kept.
    pub fn start_on(address: &str, keep: bool) -> Self {
        let state = Arc::new(Mutex::new(State {
            video: (0..200_000u32).map(|n| (n % 251) as u8).collect(),
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        let server = Server::start_on(address, keep, move |request| {
            answer(request, &mut shared.lock().unwrap_or_else(PoisonError::into_inner))
        });
        Self { server, state }
    }

    /// The API's address.
    pub fn url(&self) -> String {
        self.server.url("")
    }

    /// The requests so far.
    pub fn received(&self) -> Vec<Received> {
        self.server.received()
    }

    /// Tasks that were created, each of which is paid.
    pub fn created(&self) -> Vec<String> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).order.clone()
    }

    /// The largest number of tasks that were created and not over at the same time.
    pub fn most_at_a_time(&self) -> usize {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).most
    }

    /// Bytes of the uploads so far.
    pub fn uploads(&self) -> Vec<usize> {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .uploads
            .values()
            .copied()
            .collect()
    }

    /// Refuses the next uploads, as an overloaded storage does; a form that was used once is never taken again.
    pub fn fail_uploads(&self, count: usize) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).failing_uploads = count;
    }

    /// The file that tasks lead to.
    pub fn video(&self) -> Vec<u8> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).video.clone()
    }

    /// Takes another file for tasks to lead to.
    pub fn set_video(&self, bytes: Vec<u8>) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).video = bytes;
    }

    /// Keeps a file that tasks lead to whose prompt has the word `#clip=NAME`.
    pub fn add_clip(&self, name: impl Into<String>, bytes: Vec<u8>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clips.insert(name.into(), bytes);
    }
}

fn word<'a>(prompt: &'a str, name: &str) -> Option<&'a str> {
    prompt.split_whitespace().find_map(|part| {
        let part = part.strip_prefix('#')?.strip_prefix(name)?;
        let part = part.trim_end_matches('.');
        if part.is_empty() { Some("") } else { part.strip_prefix('=') }
    })
}

fn number(prompt: &str, name: &str, default: u64) -> u64 {
    word(prompt, name).and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn error(status: u16, text: &str) -> Answer {
    Answer::status(status)
        .json(&json!({"error": text, "docUrl": "https://docs.dev.runwayml.com/api"}).to_string())
}

fn page(status: u16) -> Answer {
    Answer::status(status)
        .header("Content-Type", "text/html")
        .body(b"<html><head><title>Bad Gateway</title></head><body>nginx</body></html>")
}

fn answer(request: &Received, state: &mut State) -> Answer {
    let path = request.path().to_owned();
    if let Some(rest) = path.strip_prefix("/out/") {
        return output(rest, request, state);
    }
    if path == "/upload" {
        return upload(request, state);
    }
    if request.header("authorization") != Some(&format!("Bearer {RUNWAY_KEY}")) {
        return error(401, "Unauthorized");
    }
    if request.header("x-runway-version") != Some("2024-11-06") {
        return error(400, "X-Runway-Version header is invalid");
    }
    match (request.method.as_str(), path.as_str()) {
        ("POST", "/v1/image_to_video" | "/v1/text_to_video") => create(request, state),
        ("POST", "/v1/uploads") => {
            let host = request.header("host").unwrap_or("");
            state.forms += 1;
            let form = state.forms;
            let fields =
                format!(r#"{{"x-amz-signature":"0f","key":"uploads/{form}","policy":"cG9saWN5"}}"#);
            let body = format!(
                r#"{{"uploadUrl":"http://{host}/upload","fields":{fields},"runwayUri":"runway://upload-{form}"}}"#
            );
            Answer::status(200).json(&body)
        }
        ("GET", "/v1/organization") => Answer::status(200).json(
            r#"{"creditBalance":1234,"tier":{"maxMonthlyCreditSpend":10000,"models":{"gen4_turbo":{"maxConcurrentGenerations":1,"maxDailyGenerations":50}}},"usage":{"models":{"gen4_turbo":{"dailyGenerations":0}}}}"#,
        ),
        (method, path) => match path.strip_prefix("/v1/tasks/") {
            Some(id) if method == "GET" => look(id, request, state),
            Some(id) if method == "DELETE" => match state.tasks.get_mut(id) {
                Some(task) => {
                    (task.cancelled, task.over) = (true, true);
                    Answer::status(204)
                }
                None => error(404, "Not found"),
            },
            _ => error(404, "Not found"),
        },
    }
}

fn issue(path: &str, message: &str) -> Answer {
    let body = json!({
        "error": "Validation of body failed",
        "issues": [{"code": "invalid_value", "path": [path], "message": message}],
        "docUrl": "https://docs.dev.runwayml.com/api"
    });
    Answer::status(400).json(&body.to_string())
}

fn check(body: &Value, image: bool) -> Option<Answer> {
    let model = body.get("model").and_then(Value::as_str).unwrap_or("");
    let ratio = body.get("ratio").and_then(Value::as_str).unwrap_or("");
    let wide = ["1280:720", "720:1280"];
    let all = ["1280:720", "720:1280", "1104:832", "832:1104", "960:960", "1584:672"];
    let (models, ratios): (&[&str], &[&str]) =
        if image { (&["gen4_turbo", "gen4.5"], &all) } else { (&["gen4.5"], &wide) };
    if !models.contains(&model) {
        let text = format!("Model variant {model} is not available");
        return Some(error(403, &text));
    }
    if !ratios.contains(&ratio) {
        return Some(issue("ratio", "Invalid option: expected one of \"1280:720\"|\"720:1280\""));
    }
    let prompt = body.get("promptText").map(|text| text.as_str().unwrap_or(""));
    let units = prompt.map_or(0, |text| text.encode_utf16().count());
    if units > 1000 || prompt == Some("") || (prompt.is_none() && model == "gen4.5") {
        return Some(issue("promptText", "Too big: expected string to have <=1000 characters"));
    }
    if !body.get("duration").and_then(Value::as_u64).is_some_and(|n| (2..=10).contains(&n)) {
        return Some(issue("duration", "Invalid input"));
    }
    if !image {
        return None;
    }
    let uri = match body.get("promptImage") {
        Some(Value::String(uri)) => uri.as_str(),
        Some(Value::Array(list)) => {
            list.first().and_then(|one| one.get("uri")).and_then(Value::as_str).unwrap_or("")
        }
        _ => "",
    };
    let good = (uri.starts_with("https://") && uri.len() <= 2048)
        || (uri.starts_with("data:image/") && uri.len() <= 5_000_000)
        || uri.starts_with("runway://");
    (!good).then(|| issue("promptImage", "Invalid input"))
}

fn create(request: &Received, state: &mut State) -> Answer {
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
        return error(400, "Unexpected end of JSON input");
    };
    if let Some(refusal) = check(&body, request.path() == "/v1/image_to_video") {
        return refusal;
    }
    let prompt = body.get("promptText").and_then(Value::as_str).unwrap_or("").to_owned();
    let fault = word(&prompt, "create").filter(|_| state.refused.insert(prompt.clone()));
    match fault {
        Some("429") => return error(429, "Your daily task limit has been reached."),
        Some("429-after") => {
            return error(429, "Too many requests").header("Retry-After", "1");
        }
        Some("503") => return error(503, "Service is overloaded"),
        Some("503-page") => return page(503),
        Some("502-page") => return page(502),
        Some("500") => return error(500, "Internal error"),
        Some("credits") => return error(400, "You do not have enough credits to run this task."),
        _ => {}
    }
    let rate = if body.get("model") == Some(&json!("gen4.5")) { 12 } else { 5 };
    let credits = rate * body.get("duration").and_then(Value::as_u64).unwrap_or(0);
    let id = format!("17f20503-6c24-4c16-946b-{:012x}", state.order.len() + 1);
    state
        .tasks
        .insert(id.clone(), TaskState { prompt: prompt.clone(), credits, ..TaskState::default() });
    state.order.push(id.clone());
    let active = state.tasks.values().filter(|task| !task.over).count();
    state.most = state.most.max(active);
    let reply = json!({"id": id, "estimatedCost": {"credits": credits}});
    let reply = Answer::status(200).json(&reply.to_string());
    match fault {
        Some("drop") => Answer::raw(b""),
        Some("slow") => reply.delay(Duration::from_secs(3)),
        _ => reply,
    }
}

fn look(id: &str, request: &Received, state: &mut State) -> Answer {
    let Some(task) = state.tasks.get_mut(id) else { return error(404, "Task not found") };
    let fault = word(&task.prompt, "poll").filter(|_| !task.polled);
    task.polled = true;
    match fault {
        Some("502-page") => return page(502),
        Some("drop") => return Answer::raw(b""),
        Some("nonsense") => return Answer::status(200).json("{\"status\":"),
        _ => {}
    }
    let base = json!({"id": id, "createdAt": "2026-11-22T06:12:01.171Z"});
    let with = |more: Value| {
        let mut all = base.clone();
        if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
            all.extend(more);
        }
        Answer::status(200).json(&all.to_string())
    };
    let estimate = json!({"credits": task.credits});
    if task.cancelled || word(&task.prompt, "cancelled").is_some() {
        task.over = true;
        return with(json!({"status": "CANCELLED", "cost": {"credits": 0}}));
    }
    if let Some(name) = word(&task.prompt, "state") {
        return with(json!({"status": name}));
    }
    let (throttled, pending, running) = (
        number(&task.prompt, "throttled", 0),
        number(&task.prompt, "pending", 0),
        number(&task.prompt, "running", 1),
    );
    task.looks += 1;
    let look = task.looks;
    if look <= throttled {
        return with(json!({"status": "THROTTLED", "estimatedCost": estimate}));
    }
    if look <= throttled + pending {
        return with(json!({"status": "PENDING", "estimatedCost": estimate}));
    }
    if look <= throttled + pending + running {
        let progress = (look - throttled - pending) as f64 / (running + 1) as f64;
        return with(json!({"status": "RUNNING", "progress": progress, "estimatedCost": estimate}));
    }
    task.over = true;
    if let Some(code) = word(&task.prompt, "fail") {
        let paid = if code.starts_with("SAFETY.INPUT") { task.credits } else { 0 };
        let mut failed =
            json!({"status": "FAILED", "failure": "The task failed.", "cost": {"credits": paid}});
        if let (Some(failed), false) = (failed.as_object_mut(), code.is_empty()) {
            failed.insert("failureCode".to_owned(), json!(code));
        }
        return with(failed);
    }
    task.links += 1;
    let host = request.header("host").unwrap_or("");
    let url = format!("http://{host}/out/{id}/video.mp4?_jwt=token{}", task.links);
    with(json!({"status": "SUCCEEDED", "output": [url], "cost": {"credits": task.credits}}))
}

fn output(rest: &str, request: &Received, state: &mut State) -> Answer {
    let id = rest.split('/').next().unwrap_or("");
    let Some(task) = state.tasks.get_mut(id) else { return Answer::status(404) };
    let clip = word(&task.prompt, "clip").and_then(|name| state.clips.get(name));
    let video = clip.unwrap_or(&state.video).clone();
    let first = request.query() == "_jwt=token1";
    let whole = || Answer::status(200).header("Content-Type", "video/mp4").header("ETag", "\"v1\"");
    match word(&task.prompt, "output") {
        Some("expired") if first => return Answer::status(403),
        Some("gone") => return Answer::status(403),
        Some("page") => return page(200),
        Some("empty") => return whole(),
        Some("huge") => return whole().announce(5 << 40).body(b"x"),
        Some("slow") => return whole().slow(50_000, Duration::from_millis(20)).body(&video),
        Some("cut") if task.served.insert("cut") => {
            return whole().announce(video.len() as u64).body(&video[..video.len() / 2]);
        }
        _ => {}
    }
    let from = request
        .header("range")
        .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok())
        .filter(|from| *from < video.len() && request.header("if-range") == Some("\"v1\""));
    match from {
        Some(from) => Answer::status(206)
            .header("Content-Type", "video/mp4")
            .header("ETag", "\"v1\"")
            .header("Content-Range", &format!("bytes {from}-{}/{}", video.len() - 1, video.len()))
            .body(&video[from..]),
        None => whole().body(&video),
    }
}

fn upload(request: &Received, state: &mut State) -> Answer {
    let foreign =
        ["authorization", "x-runway-version"].iter().any(|name| request.header(name).is_some());
    let body = String::from_utf8_lossy(&request.body);
    let order = ["name=\"x-amz-signature\"", "name=\"key\"", "name=\"policy\"", "name=\"file\""];
    let places: Option<Vec<usize>> = order.iter().map(|name| body.find(name)).collect();
    let ordered = places.is_some_and(|places| places.is_sorted());
    if foreign || !ordered || request.method != "POST" {
        return Answer::status(400).header("Content-Type", "application/xml").body(b"<Error/>");
    }
    let key = body.split("name=\"key\"\r\n\r\n").nth(1).and_then(|rest| rest.split("\r\n").next());
    let key = key.unwrap_or("").to_owned();
    if !state.used.insert(key.clone()) {
        return Answer::status(403).header("Content-Type", "application/xml").body(b"<Error/>");
    }
    if state.failing_uploads > 0 {
        state.failing_uploads -= 1;
        return page(503);
    }
    state.uploads.insert(key, request.body.len());
    Answer::status(204)
}
