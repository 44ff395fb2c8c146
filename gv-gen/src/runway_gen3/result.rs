//! What a generation ends with.

use super::task::{RetryAdvice, TaskStatus};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Where a generation stands, in the specification's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GenerationStatus {
    /// The service has not begun; the time to wait is over.
    Pending,
    /// The service works on it; the time to wait is over.
    Processing,
    /// There is a video.
    Completed,
    /// There is none, and there will be none.
    Failed,
}

impl GenerationStatus {
    /// The status as a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }

    /// The status that a task's state means.
    pub const fn of(task: TaskStatus) -> Self {
        match task {
            TaskStatus::Pending | TaskStatus::Throttled => Self::Pending,
            TaskStatus::Running => Self::Processing,
            TaskStatus::Succeeded => Self::Completed,
            TaskStatus::Failed | TaskStatus::Cancelled => Self::Failed,
        }
    }
}

/// What a generation ended with, or where it stood when the time to wait was over.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct GenerationResult {
    /// The service's name for the task; it resumes the task later.
    pub task_id: String,
    /// Where it stands.
    pub status: GenerationStatus,
    /// The state in the service's words.
    pub task_status: TaskStatus,
    /// Addresses of the outputs; they die 24 to 48 hours after they were asked for.
    pub urls: Vec<String>,
    /// The outputs on this machine, where they were downloaded.
    pub files: Vec<PathBuf>,
    /// Length in seconds that was asked for.
    pub duration: f64,
    /// Credits that this call cost: the service's figure where it gave one, else the table's. 0 for a cached result.
    pub cost_credits: f64,
    /// Credits by the table, before.
    pub estimated_credits: f64,
    /// Whether `cost_credits` is the service's own figure.
    pub billed: bool,
    /// Seconds from the first request to the end.
    pub generation_time: f64,
    /// The prompt as it was sent.
    pub prompt_used: String,
    /// The model that worked on it.
    pub model_used: String,
    /// Why there is no video.
    pub error: Option<String>,
    /// The service's code for a failure.
    pub failure_code: Option<String>,
    /// What another attempt is worth, after a failure.
    pub retry: Option<RetryAdvice>,
    /// Whether an earlier payment for the same request was used.
    pub cached: bool,
    /// What differs from what was asked for, and what else is worth knowing.
    pub notes: Vec<String>,
}

impl GenerationResult {
    /// The result as a JSON object: the specification's fields, and this project's beside them.
    pub fn to_json(&self) -> Value {
        json!({
            "task_id": self.task_id,
            "status": self.status.as_str(),
            "video_url": self.urls.first(),
            "duration": self.duration,
            "cost_credits": self.cost_credits,
            "generation_time": self.generation_time,
            "prompt_used": self.prompt_used,
            "error": self.error,
            "task_status": self.task_status.as_str(),
            "model_used": self.model_used,
            "video_path": self.files.first().map(|path| path.display().to_string()),
            "video_urls": self.urls,
            "estimated_credits": self.estimated_credits,
            "billed": self.billed,
            "cached": self.cached,
            "failure_code": self.failure_code,
            "retry": self.retry.map(|advice| advice.as_str()),
            "notes": self.notes,
        })
    }
}

/// Where a generation stands while it is waited for.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The service's name for the task.
    pub task_id: String,
    /// The state.
    pub status: TaskStatus,
    /// Share that is done, 0 to 1, where the service says.
    pub progress: Option<f64>,
    /// Seconds since the first request.
    pub elapsed: f64,
}
