//! A client without a service.

use super::catalog::Catalog;
use super::prompts::Prompts;
use super::request::{GenerationRequest, Plan};
use super::result::{GenerationResult, GenerationStatus};
use super::task::{RetryAdvice, TaskStatus};
use crate::Result;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Answers without a service, as told: for the tests of users.
///
/// It makes no video; its addresses begin with `mock://`. Checks are those of the real client.
#[derive(Debug, Default)]
pub struct MockRunwayClient {
    failures: Mutex<Vec<(String, String)>>,
    count: AtomicU64,
}

impl MockRunwayClient {
    /// A client whose generations succeed.
    pub fn new() -> Self {
        Self::default()
    }

    /// The client, failing the next generation with a code and a text; each call adds one.
    #[must_use]
    pub fn failing(self, code: impl Into<String>, text: impl Into<String>) -> Self {
        self.failures
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((code.into(), text.into()));
        self
    }

    /// Answers a request at once: with a made-up address, or as [`failing`](Self::failing) said.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`](crate::Error::InvalidInput) for what the real client refuses.
    pub fn generate_video(&self, request: &GenerationRequest) -> Result<GenerationResult> {
        let plan = Plan::new(request, &Catalog::built_in(), &Prompts::built_in())?;
        let number = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let task_id = format!("mock-{number}");
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let failure = (!failures.is_empty()).then(|| failures.remove(0));
        let task_status =
            if failure.is_some() { TaskStatus::Failed } else { TaskStatus::Succeeded };
        let mut notes = plan.notes.clone();
        notes.push("made by a mock client: there is no video".to_owned());
        Ok(GenerationResult {
            status: GenerationStatus::of(task_status),
            task_status,
            urls: failure
                .is_none()
                .then(|| format!("mock://runway/{task_id}.mp4"))
                .into_iter()
                .collect(),
            task_id,
            files: Vec::new(),
            duration: f64::from(plan.duration),
            cost_credits: if failure.is_some() { 0.0 } else { plan.credits },
            estimated_credits: plan.credits,
            billed: false,
            generation_time: 0.0,
            prompt_used: plan.prompt,
            model_used: plan.model,
            retry: failure.as_ref().map(|(code, _)| RetryAdvice::of(Some(code)).0),
            error: failure.as_ref().map(|(code, text)| format!("{text} ({code})")),
            failure_code: failure.map(|(code, _)| code),
            cached: false,
            notes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_succeeds_fails_as_told_and_refuses_what_the_real_one_refuses() {
        let client = MockRunwayClient::new().failing("SAFETY.INPUT.TEXT", "moderated");
        let request = GenerationRequest::new("x");
        let failed = client.generate_video(&request).unwrap();
        assert_eq!(failed.status, GenerationStatus::Failed);
        assert_eq!((failed.retry, failed.cost_credits), (Some(RetryAdvice::Never), 0.0));
        let done = client.generate_video(&request).unwrap();
        assert_eq!((done.status, done.cost_credits), (GenerationStatus::Completed, 60.0));
        assert!(done.urls[0].starts_with("mock://"));
        assert!(client.generate_video(&GenerationRequest::new("")).is_err());
    }
}
