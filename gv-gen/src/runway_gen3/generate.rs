//! One video, from the request to the file, as an exchange.

use super::client::Settings;
use super::image::Way;
use super::request::Plan;
use super::result::{GenerationResult, GenerationStatus, Progress};
use super::task::{
    RetryAdvice, SERVICE, Task, TaskStatus, is_api_refusal, parse_created, parse_task, refusal,
};
use crate::journal::{Entry, Outcome, Record, Reservation, Service};
use crate::{Error, Result};
use gv_http::{
    Call, CallError, Download, DownloadError, Downloaded, Event, Exchange, Failure, FileTarget,
    Method, Moment, Multipart, Part, Reached, Request, Response, Step,
};
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Bytes of an output that are taken.
const OUTPUT_LIMIT: u64 = 8 << 30;
/// Times that addresses of outputs are asked for anew when they expired.
const MAX_REFRESHES: u32 = 2;
/// Kinds of files that are taken for outputs.
const OUTPUT_TYPES: [&str; 5] =
    ["video/", "image/", "application/octet-stream", "binary/octet-stream", "application/zip"];

enum Stage {
    Begin,
    OthersSend,
    Sign(Call),
    Upload(Call),
    Create(Call),
    Sleep,
    Poll(Call),
    Fetch(Box<Download>),
    Over,
}

/// Generates one video, or takes up a task that was begun.
///
/// The order is: reserve in the journal, send the picture where it is large, create the task, write its name down, wait,
/// settle the cost, download. Whatever ends it early, the journal says what is paid and how to go on.
pub struct Generate {
    settings: Arc<Settings>,
    plan: Option<Plan>,
    stage: Stage,
    started: Option<Duration>,
    entry: Option<String>,
    task: Option<String>,
    upload_uri: String,
    last: Option<Task>,
    seen_at: Duration,
    cached: Option<Entry>,
    notes: Vec<String>,
    estimated: f64,
    files: Vec<PathBuf>,
    refreshes: u32,
}

type Outputs = Step<Result<GenerationResult>>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signed {
    upload_url: String,
    #[serde(deserialize_with = "in_order")]
    fields: Vec<(String, serde_json::Value)>,
    runway_uri: String,
}

/// Reads an object's members in the order they came: the storage behind an upload wants it kept.
fn in_order<'de, D>(from: D) -> std::result::Result<Vec<(String, serde_json::Value)>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    struct Members;
    impl<'de> serde::de::Visitor<'de> for Members {
        type Value = Vec<(String, serde_json::Value)>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(
            self,
            mut map: A,
        ) -> std::result::Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }
    from.deserialize_map(Members)
}

impl std::fmt::Debug for Generate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Generate")
            .field("task", &self.task)
            .field("entry", &self.entry)
            .finish_non_exhaustive()
    }
}

impl Generate {
    pub(crate) fn new(settings: Arc<Settings>, plan: Plan) -> Self {
        let (notes, estimated) = (plan.notes.clone(), plan.credits);
        Self { plan: Some(plan), notes, estimated, ..Self::of_task(settings, None) }
    }

    pub(crate) fn resume(settings: Arc<Settings>, task: String) -> Self {
        Self::of_task(settings, Some(task))
    }

    fn of_task(settings: Arc<Settings>, task: Option<String>) -> Self {
        Self {
            settings,
            plan: None,
            stage: Stage::Begin,
            started: None,
            entry: None,
            task,
            upload_uri: String::new(),
            last: None,
            seen_at: Duration::ZERO,
            cached: None,
            notes: Vec::new(),
            estimated: 0.0,
            files: Vec::new(),
            refreshes: 0,
        }
    }

    /// The service's name for the task, once there is one.
    pub fn task_id(&self) -> Option<&str> {
        self.task.as_deref()
    }

    /// What the last look at the task showed; `None` before the first.
    pub fn progress(&self) -> Option<Progress> {
        let task = self.last.as_ref()?;
        Some(Progress {
            task_id: self.task.clone().unwrap_or_default(),
            status: task.status,
            progress: task.progress,
            elapsed: self.seen_at.saturating_sub(self.started.unwrap_or_default()).as_secs_f64(),
        })
    }

    fn begin(&mut self, now: Moment) -> Outputs {
        self.started.get_or_insert(now.elapsed);
        let Some(plan) = &self.plan else {
            let task = self.task.clone().unwrap_or_default();
            match self.settings.books.read(|ledger| ledger.task(&task).cloned()) {
                Ok(Some(entry)) => self.attach(entry),
                Ok(None) => {}
                Err(error) => return Step::Done(Err(error)),
            }
            return self.poll(now);
        };
        let (books, unix) = (&self.settings.books, now.unix.as_secs());
        let reserve = |fresh| {
            books.reserve(Service::Runway, &plan.hash, &plan.summary(), plan.cost, fresh, unix)
        };
        let mut reservation = reserve(plan.fresh);
        if let Ok(Reservation::Failed(entry)) = &reservation {
            let code = failure_code(entry);
            if RetryAdvice::of(code).0 == RetryAdvice::Never {
                return Step::Done(Ok(self.failed_before(entry)));
            }
            reservation = reserve(true);
        }
        match reservation {
            Err(error) => Step::Done(Err(error)),
            Ok(Reservation::New(id)) => {
                self.entry = Some(id);
                self.send_picture(now)
            }
            Ok(Reservation::InFlight(_)) => {
                self.stage = Stage::OthersSend;
                Step::Wait(Duration::from_secs(1))
            }
            Ok(Reservation::Running(entry)) => {
                self.notes.push("the same request was under way; its task was taken up".to_owned());
                self.attach(*entry);
                self.poll(now)
            }
            Ok(Reservation::Paid(entry) | Reservation::Failed(entry)) => {
                self.attach(*entry);
                self.poll(now)
            }
        }
    }

    fn attach(&mut self, entry: Entry) {
        self.task = entry.task.clone().or_else(|| self.task.take());
        self.entry = Some(entry.id.clone());
        self.files = entry.files.iter().map(PathBuf::from).filter(|path| path.is_file()).collect();
        if self.files.len() != entry.files.len() {
            self.files.clear();
        }
        if matches!(entry.phase, crate::journal::Phase::Settled(..)) {
            self.cached = Some(entry);
        }
    }

    fn failed_before(&self, entry: &Entry) -> GenerationResult {
        let code = failure_code(entry).map(str::to_owned);
        let mut result = self.result(TaskStatus::Failed, Moment::default());
        result.task_id = entry.task.clone().unwrap_or_default();
        result.error = Some(format!(
            "the same request failed before and would fail and be paid again ({}); change it, or ask for a fresh one",
            code.as_deref().unwrap_or("")
        ));
        result.retry = Some(RetryAdvice::Never);
        (result.failure_code, result.cached, result.cost_credits) = (code, true, 0.0);
        result
    }

    fn send_picture(&mut self, now: Moment) -> Outputs {
        match self.plan.as_ref().and_then(|plan| plan.picture.clone()) {
            None => self.create(now, None),
            Some(Way::Uri(uri)) => self.create(now, Some(uri)),
            Some(Way::Upload { file_name, .. }) => {
                let body =
                    serde_json::json!({"filename": file_name, "type": "ephemeral"}).to_string();
                let request = self.settings.request(Method::Post, "/v1/uploads");
                match request.and_then(|request| Ok(request.json(body)?)) {
                    Ok(mut request) => {
                        request.repeat = gv_http::Repeat::Harmless;
                        let call = self.settings.call(request);
                        self.call(call, now, Event::Start, Stage::Sign, Self::signed)
                    }
                    Err(error) => self.unpaid(now, error),
                }
            }
        }
    }

    fn signed(&mut self, now: Moment, result: Result<Response, CallError>) -> Outputs {
        let response = match accepted(result) {
            Ok(response) => response,
            Err(error) => return self.unpaid(now, error),
        };
        let made = serde_json::from_slice::<Signed>(response.bytes())
            .map_err(|error| Error::Protocol {
                service: SERVICE,
                reason: format!("{error} in the answer to an upload"),
                task: None,
            })
            .and_then(|signed| self.upload_request(&signed).map(|request| (signed, request)));
        match made {
            Err(error) => self.unpaid(now, error),
            Ok((signed, request)) => {
                self.upload_uri = signed.runway_uri;
                let call = Call::new(request, gv_http::RetryPolicy::none(), self.settings.jitter());
                self.call(call, now, Event::Start, Stage::Upload, Self::uploaded)
            }
        }
    }

    fn upload_request(&self, signed: &Signed) -> Result<Request> {
        let Some(Way::Upload { path, file_name, media_type }) =
            self.plan.as_ref().and_then(|plan| plan.picture.as_ref())
        else {
            return Err(crate::error::invalid("image", "none", "a file to upload"));
        };
        let mut parts: Vec<Part> = signed
            .fields
            .iter()
            .map(|(name, value)| match value {
                serde_json::Value::String(text) => Part::text(name, text),
                other => Part::text(name, &other.to_string()),
            })
            .collect();
        parts.push(Part::path("file", file_name, *media_type, path)?);
        let mut request = Request::new(Method::Post, signed.upload_url.clone());
        request.timeout = Duration::from_secs(1800);
        Ok(request.multipart(Multipart::new(parts))?)
    }

    fn uploaded(&mut self, now: Moment, result: Result<Response, CallError>) -> Outputs {
        match accepted(result) {
            Ok(_) => self.create(now, Some(self.upload_uri.clone())),
            Err(error) => self.unpaid(now, error),
        }
    }

    fn create(&mut self, now: Moment, image: Option<String>) -> Outputs {
        let Some(plan) = &self.plan else { return Step::Done(Err(out_of_order())) };
        let body = plan.body(image.as_deref());
        let request = self.settings.request(Method::Post, plan.path);
        match request.and_then(|request| Ok(request.json(body)?)) {
            Ok(request) => {
                let call = self.settings.call(request).rejected(is_api_refusal);
                self.call(call, now, Event::Start, Stage::Create, Self::created)
            }
            Err(error) => self.unpaid(now, error),
        }
    }

    fn created(&mut self, now: Moment, result: Result<Response, CallError>) -> Outputs {
        let response = match result {
            Ok(response) => response,
            Err(CallError::Failed { failure, .. }) if failure.reached() == Reached::MaybeSent => {
                return self.unanswered(now, failure.to_string());
            }
            Err(CallError::Cancelled { unanswered: true }) => {
                return self.unanswered(now, "cancelled while it was being sent".to_owned());
            }
            Err(error) => return self.unpaid(now, call_error(error, None)),
        };
        if !response.head.is_success() {
            let refused =
                response.status() < 500 || (response.status() == 503 && is_api_refusal(&response));
            if refused {
                return self.unpaid(now, refusal(&response));
            }
            return self.unanswered(now, refusal(&response).to_string());
        }
        match parse_created(&response) {
            Err(error) => self.unanswered(now, error.to_string()),
            Ok((task, estimate)) => {
                log::info!("Runway took the request as task {task}");
                self.estimated = estimate.unwrap_or(self.estimated);
                self.task = Some(task.clone());
                self.record(|id| Record::Created { id, at: now.unix.as_secs(), task });
                self.sleep(now)
            }
        }
    }

    fn sleep(&mut self, now: Moment) -> Outputs {
        let left = self.settings.max_wait.saturating_sub(self.elapsed(now));
        if left.is_zero() {
            return self.gave_up_waiting(now);
        }
        self.stage = Stage::Sleep;
        let spread = 1.0 + 0.25 * self.settings.jitter().unit();
        Step::Wait(self.settings.poll_interval.mul_f64(spread).min(left))
    }

    fn gave_up_waiting(&mut self, now: Moment) -> Outputs {
        let status = self.last.as_ref().map_or(TaskStatus::Pending, |task| task.status);
        let mut result = self.result(status, now);
        let task = self.task.as_deref().unwrap_or("");
        let waited = self.settings.max_wait.as_secs_f64();
        result.error = Some(format!(
            "task {task} is {} after {waited} s; it goes on and is paid, resume it by its id",
            status.as_str()
        ));
        Step::Done(Ok(result))
    }

    fn poll(&mut self, now: Moment) -> Outputs {
        let task = self.task.clone().unwrap_or_default();
        match self.settings.request(Method::Get, &format!("/v1/tasks/{task}")) {
            Ok(request) => {
                let call = self.settings.call(request);
                self.call(call, now, Event::Start, Stage::Poll, Self::polled)
            }
            Err(error) => Step::Done(Err(error)),
        }
    }

    fn polled(&mut self, now: Moment, result: Result<Response, CallError>) -> Outputs {
        let trouble = match result {
            Ok(response) if response.head.is_success() => return self.seen(now, &response),
            Ok(response) if response.status() >= 500 || matches!(response.status(), 408 | 429) => {
                refusal(&response)
            }
            Ok(response) if self.cached.is_some() && !self.files.is_empty() => refusal(&response),
            Ok(response) => {
                let error = refusal(&response);
                log::error!("task {}: {error}", self.task.as_deref().unwrap_or(""));
                return Step::Done(Err(error));
            }
            Err(error @ (CallError::Cancelled { .. } | CallError::OutOfOrder)) => {
                return Step::Done(Err(call_error(error, self.task.clone())));
            }
            Err(error) => call_error(error, None),
        };
        if self.cached.is_some() && !self.files.is_empty() {
            self.notes.push(format!("no fresh address: {trouble}"));
            return self.finish(TaskStatus::Succeeded, now);
        }
        log::warn!("task {} cannot be seen: {trouble}", self.task.as_deref().unwrap_or(""));
        self.sleep(now)
    }

    fn seen(&mut self, now: Moment, response: &Response) -> Outputs {
        let id = self.task.clone().unwrap_or_default();
        let task = match parse_task(response, &id) {
            Ok(task) => task,
            Err(error) => return Step::Done(Err(error)),
        };
        if self.plan.is_none() && self.estimated == 0.0 {
            self.estimated = task.estimated_credits.or(task.credits).unwrap_or(0.0);
        }
        let status = task.status;
        self.last = Some(task);
        self.seen_at = now.elapsed;
        if let (Some(on_progress), Some(progress)) = (&self.settings.on_progress, self.progress()) {
            on_progress(&progress);
        }
        match status {
            TaskStatus::Pending | TaskStatus::Throttled | TaskStatus::Running => self.sleep(now),
            TaskStatus::Succeeded => {
                self.settle(now, Outcome::Completed);
                self.fetch(now)
            }
            TaskStatus::Failed => {
                self.settle(now, Outcome::Failed);
                self.finish(status, now)
            }
            TaskStatus::Cancelled => {
                self.settle(now, Outcome::Cancelled);
                self.finish(status, now)
            }
        }
    }

    fn settle(&mut self, now: Moment, outcome: Outcome) {
        if self.cached.is_some() {
            return;
        }
        let (credits, billed) = self.credits();
        let cost = self.settings.catalog.micros(credits);
        let failure = self.last.as_ref().and_then(|task| {
            (outcome == Outcome::Failed)
                .then(|| task.failure_code.clone().unwrap_or_else(|| "INTERNAL".to_owned()))
        });
        let at = now.unix.as_secs();
        self.record(|id| Record::Settled { id, at, outcome, cost, billed, failure });
    }

    fn credits(&self) -> (f64, bool) {
        let Some(task) = &self.last else { return (self.estimated, false) };
        let refunded =
            task.status == TaskStatus::Failed && RetryAdvice::of(task.failure_code.as_deref()).1;
        match task.credits {
            Some(credits) => (credits, true),
            None if refunded => (0.0, false),
            None => (task.estimated_credits.unwrap_or(self.estimated), false),
        }
    }

    fn fetch(&mut self, now: Moment) -> Outputs {
        let outputs = self.last.as_ref().map_or(0, |task| task.output.len());
        let folder = self.settings.books.folder(Service::Runway);
        let Some(folder) = folder.filter(|_| self.settings.download && self.files.len() < outputs)
        else {
            return self.finish(TaskStatus::Succeeded, now);
        };
        let at = self.files.len();
        let url =
            self.last.as_ref().and_then(|task| task.output.get(at)).cloned().unwrap_or_default();
        let task = self.task.as_deref().unwrap_or("task");
        let number = if at == 0 { String::new() } else { format!("-{}", at + 1) };
        let path = folder.join(format!("{task}{number}.{}", extension(&url)));
        let target = FileTarget {
            path,
            limit: OUTPUT_LIMIT,
            media_types: OUTPUT_TYPES.to_vec(),
            resume_from: 0,
        };
        let download =
            Download::new(url, target, self.settings.policy.clone(), self.settings.jitter());
        self.downloading(Box::new(download), now, Event::Start)
    }

    fn downloading(&mut self, mut download: Box<Download>, now: Moment, event: Event) -> Outputs {
        match download.step(now, event) {
            Step::Send(request) => {
                self.stage = Stage::Fetch(download);
                Step::Send(request)
            }
            Step::Wait(time) => {
                self.stage = Stage::Fetch(download);
                Step::Wait(time)
            }
            Step::Done(Ok(Downloaded { path, .. })) => {
                self.files.push(path);
                let all = self.last.as_ref().map_or(0, |task| task.output.len());
                if self.files.len() == all {
                    let files = self.files.iter().map(|f| f.display().to_string()).collect();
                    self.record(|id| Record::Stored { id, at: now.unix.as_secs(), files });
                }
                self.fetch(now)
            }
            Step::Done(Err(DownloadError::Call {
                source: CallError::Cancelled { .. }, ..
            })) => Step::Done(Err(Error::Cancelled { task: self.task.clone() })),
            Step::Done(Err(error)) if error.is_expired() && self.refreshes < MAX_REFRESHES => {
                self.refreshes += 1;
                log::info!("{error}; a fresh address is asked for");
                self.poll(now)
            }
            Step::Done(Err(error)) => {
                let note = format!("the video was not downloaded: {error}");
                log::error!("{note}");
                self.notes.push(note);
                self.finish(TaskStatus::Succeeded, now)
            }
        }
    }

    fn finish(&mut self, status: TaskStatus, now: Moment) -> Outputs {
        let mut result = self.result(status, now);
        let task = self.last.as_ref();
        match status {
            TaskStatus::Failed => {
                let code = task.and_then(|task| task.failure_code.clone());
                let text = task.and_then(|task| task.failure.clone());
                result.retry = Some(RetryAdvice::of(code.as_deref()).0);
                result.error = Some(match (text, &code) {
                    (Some(text), Some(code)) => format!("{text} ({code})"),
                    (Some(text), None) => text,
                    (None, Some(code)) => code.clone(),
                    (None, None) => "the service gave no reason".to_owned(),
                });
                result.failure_code = code;
            }
            TaskStatus::Cancelled => result.error = Some("the task was cancelled".to_owned()),
            _ => log::info!("task {} succeeded", result.task_id),
        }
        Step::Done(Ok(result))
    }

    fn result(&self, task_status: TaskStatus, now: Moment) -> GenerationResult {
        let plan = self.plan.as_ref();
        let (credits, billed) = self.credits();
        GenerationResult {
            task_id: self.task.clone().unwrap_or_default(),
            status: GenerationStatus::of(task_status),
            task_status,
            urls: self.last.as_ref().map(|task| task.output.clone()).unwrap_or_default(),
            files: self.files.clone(),
            duration: plan.map_or(0.0, |plan| f64::from(plan.duration)),
            cost_credits: if self.cached.is_some() { 0.0 } else { credits },
            estimated_credits: self.estimated,
            billed,
            generation_time: self.elapsed(now).as_secs_f64(),
            prompt_used: plan.map(|plan| plan.prompt.clone()).unwrap_or_default(),
            model_used: plan.map(|plan| plan.model.clone()).unwrap_or_default(),
            error: None,
            failure_code: None,
            retry: None,
            cached: self.cached.is_some(),
            notes: self.notes.clone(),
        }
    }

    fn elapsed(&self, now: Moment) -> Duration {
        now.elapsed.saturating_sub(self.started.unwrap_or(now.elapsed))
    }

    fn record(&mut self, make: impl FnOnce(String) -> Record) {
        let Some(id) = self.entry.clone() else { return };
        if let Err(error) = self.settings.books.write(vec![make(id)]) {
            log::error!("{error}");
            self.notes.push(error.to_string());
        }
    }

    fn unpaid(&mut self, now: Moment, error: Error) -> Outputs {
        log::error!("{error}");
        let reason = error.to_string();
        self.record(|id| Record::Released { id, at: now.unix.as_secs(), reason });
        Step::Done(Err(error))
    }

    fn unanswered(&mut self, now: Moment, reason: String) -> Outputs {
        let (at, why) = (now.unix.as_secs(), reason.clone());
        self.record(|id| Record::Unanswered { id, at, reason: why });
        let id = self.entry.clone().unwrap_or_default();
        let error = Error::Unanswered { service: SERVICE, id, reason };
        log::error!("{error}");
        Step::Done(Err(error))
    }

    fn call(
        &mut self,
        mut call: Call,
        now: Moment,
        event: Event,
        stage: fn(Call) -> Stage,
        then: fn(&mut Self, Moment, Result<Response, CallError>) -> Outputs,
    ) -> Outputs {
        match call.step(now, event) {
            Step::Send(request) => {
                self.stage = stage(call);
                Step::Send(request)
            }
            Step::Wait(time) => {
                self.stage = stage(call);
                Step::Wait(time)
            }
            Step::Done(result) => then(self, now, result),
        }
    }
}

impl Exchange for Generate {
    type Output = Result<GenerationResult>;

    fn step(&mut self, now: Moment, event: Event) -> Outputs {
        match (std::mem::replace(&mut self.stage, Stage::Over), event) {
            (Stage::Begin, Event::Start) | (Stage::OthersSend, Event::Woken) => self.begin(now),
            (Stage::Sleep, Event::Woken) => self.poll(now),
            (Stage::Sign(call), event) => self.call(call, now, event, Stage::Sign, Self::signed),
            (Stage::Upload(call), event) => {
                self.call(call, now, event, Stage::Upload, Self::uploaded)
            }
            (Stage::Create(call), event) => {
                self.call(call, now, event, Stage::Create, Self::created)
            }
            (Stage::Poll(call), event) => self.call(call, now, event, Stage::Poll, Self::polled),
            (Stage::Fetch(download), event) => self.downloading(download, now, event),
            (Stage::Begin | Stage::OthersSend | Stage::Sleep, Event::Cancelled) => {
                Step::Done(Err(Error::Cancelled { task: self.task.clone() }))
            }
            _ => Step::Done(Err(out_of_order())),
        }
    }
}

fn out_of_order() -> Error {
    Error::Protocol { service: SERVICE, reason: CallError::OutOfOrder.to_string(), task: None }
}

fn failure_code(entry: &Entry) -> Option<&str> {
    match &entry.phase {
        crate::journal::Phase::Settled(_, code) => code.as_deref(),
        _ => None,
    }
}

fn extension(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or("");
    let name = path.rsplit('/').next().unwrap_or("");
    match name.rsplit_once('.') {
        Some((_, end))
            if (1..=5).contains(&end.len()) && end.bytes().all(|b| b.is_ascii_alphanumeric()) =>
        {
            end
        }
        _ => "mp4",
    }
}

fn accepted(result: Result<Response, CallError>) -> Result<Response> {
    match result {
        Ok(response) if response.head.is_success() => Ok(response),
        Ok(response) => Err(refusal(&response)),
        Err(error) => Err(call_error(error, None)),
    }
}

pub(crate) fn call_error(error: CallError, task: Option<String>) -> Error {
    match error {
        CallError::Cancelled { .. } => Error::Cancelled { task },
        error => Error::Transport {
            service: SERVICE,
            timed_out: matches!(
                &error,
                CallError::Deadline { .. }
                    | CallError::Failed { failure: Failure::Timeout { .. }, .. }
            ),
            reason: error.to_string(),
            task,
        },
    }
}
