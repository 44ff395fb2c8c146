//! One video, from the request to the file, as an exchange.

mod creation;
mod outcome;
mod output;
mod picture;
mod waiting;

use super::client::Settings;
use super::request::Plan;
use super::result::{GenerationResult, Progress};
use super::task::{RetryAdvice, SERVICE, Task, refusal};
use crate::journal::{Entry, Reservation, Service};
use crate::{Error, Result};
use gv_http::{Call, CallError, Download, Event, Exchange, Failure, Moment, Response, Step};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

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
    uploads: u32,
    last: Option<Task>,
    seen_at: Duration,
    cached: Option<Entry>,
    notes: Vec<String>,
    estimated: f64,
    files: Vec<PathBuf>,
    refreshes: u32,
}

type Outputs = Step<Result<GenerationResult>>;

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
            uploads: 0,
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
