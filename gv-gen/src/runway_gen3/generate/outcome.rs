//! What a generation came to: its result, its cost, and what the journal says of it.

use super::{Generate, Outputs, failure_code};
use crate::journal::{Entry, Outcome, Record};
use crate::runway_gen3::result::{GenerationResult, GenerationStatus};
use crate::runway_gen3::task::{RetryAdvice, TaskStatus};
use gv_http::{Moment, Step};
use std::time::Duration;

impl Generate {
    pub(super) fn finish(&mut self, status: TaskStatus, now: Moment) -> Outputs {
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

    pub(super) fn failed_before(&self, entry: &Entry) -> GenerationResult {
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

    pub(super) fn result(&self, task_status: TaskStatus, now: Moment) -> GenerationResult {
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

    pub(super) fn settle(&mut self, now: Moment, outcome: Outcome) {
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

    pub(super) fn record(&mut self, make: impl FnOnce(String) -> Record) {
        let Some(id) = self.entry.clone() else { return };
        if let Err(error) = self.settings.books.write(vec![make(id)]) {
            log::error!("{error}");
            self.notes.push(error.to_string());
        }
    }

    pub(super) fn elapsed(&self, now: Moment) -> Duration {
        now.elapsed.saturating_sub(self.started.unwrap_or(now.elapsed))
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
}
