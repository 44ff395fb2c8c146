//! Looking at a task until it is over.

use super::{Generate, Outputs, Stage, call_error};
use crate::Result;
use crate::journal::Outcome;
use crate::runway_gen3::task::{TaskStatus, parse_task, refusal};
use gv_http::{CallError, Event, Method, Moment, Response, Step};

impl Generate {
    pub(super) fn sleep(&mut self, now: Moment) -> Outputs {
        let left = self.settings.max_wait.saturating_sub(self.elapsed(now));
        if left.is_zero() {
            return self.gave_up_waiting(now);
        }
        self.stage = Stage::Sleep;
        let spread = 1.0 + 0.25 * self.settings.service.jitter().unit();
        Step::Wait(self.settings.poll_interval.mul_f64(spread).min(left))
    }

    pub(super) fn poll(&mut self, now: Moment) -> Outputs {
        let task = self.task.clone().unwrap_or_default();
        match self.settings.request(Method::Get, &format!("/v1/tasks/{task}")) {
            Ok(request) => {
                let call = self.settings.service.call(request);
                self.call(call, now, Event::Start, Stage::Poll, Self::polled)
            }
            Err(error) => Step::Done(Err(error)),
        }
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

    pub(super) fn polled(&mut self, now: Moment, result: Result<Response, CallError>) -> Outputs {
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
}
