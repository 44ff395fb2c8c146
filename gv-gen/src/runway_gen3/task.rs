//! What Runway says about a task, and about a request it refuses.

use crate::error::shorten;
use crate::{Error, RefusalKind};
use gv_http::Response;
use serde::Deserialize;

pub(crate) const SERVICE: &str = "Runway";

/// States of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskStatus {
    /// Waiting to begin.
    Pending,
    /// Waiting because too many others of the account run.
    Throttled,
    /// Being worked on.
    Running,
    /// There is a video.
    Succeeded,
    /// There is none.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
}

impl TaskStatus {
    /// The state's name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Throttled => "THROTTLED",
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "PENDING" => Self::Pending,
            "THROTTLED" => Self::Throttled,
            "RUNNING" => Self::Running,
            "SUCCEEDED" => Self::Succeeded,
            "FAILED" => Self::Failed,
            "CANCELLED" | "CANCELED" => Self::Cancelled,
            _ => return None,
        })
    }
}

/// What another attempt at a failed task is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RetryAdvice {
    /// It would fail again, and may be paid again.
    Never,
    /// It helps to change the prompt or the picture.
    AfterChange,
    /// It may go better after a while.
    Later,
}

impl RetryAdvice {
    /// The advice as a word: `never`, `after_change`, `later`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::AfterChange => "after_change",
            Self::Later => "later",
        }
    }

    /// What a failure code means for another attempt, and whether the credits come back.
    ///
    /// Source: Runway's page on task failures, as of 2026-11-22.
    pub fn of(code: Option<&str>) -> (Self, bool) {
        let code = code.unwrap_or("");
        if code.starts_with("SAFETY.INPUT") {
            (Self::Never, false)
        } else if code.starts_with("SAFETY") || code.starts_with("INPUT_PREPROCESSING.SAFETY") {
            (Self::Never, true)
        } else if code.starts_with("INTERNAL.BAD_OUTPUT") || code.starts_with("ASSET") {
            (Self::AfterChange, true)
        } else {
            (Self::Later, true)
        }
    }
}

/// A task as Runway describes it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Task {
    pub(crate) status: TaskStatus,
    pub(crate) progress: Option<f64>,
    pub(crate) output: Vec<String>,
    pub(crate) failure: Option<String>,
    pub(crate) failure_code: Option<String>,
    pub(crate) estimated_credits: Option<f64>,
    pub(crate) credits: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireTask {
    status: Option<String>,
    progress: Option<f64>,
    #[serde(default)]
    output: Option<Vec<String>>,
    failure: Option<String>,
    failure_code: Option<String>,
    estimated_cost: Option<WireCost>,
    cost: Option<WireCost>,
}

#[derive(Deserialize)]
struct WireCost {
    credits: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireCreated {
    id: String,
    estimated_cost: Option<WireCost>,
}

#[derive(Deserialize)]
struct WireError {
    error: Option<serde_json::Value>,
    #[serde(default)]
    issues: Vec<WireIssue>,
}

#[derive(Deserialize)]
struct WireIssue {
    #[serde(default)]
    path: Vec<serde_json::Value>,
    #[serde(default)]
    message: String,
}

fn credits(cost: Option<WireCost>) -> Option<f64> {
    cost.and_then(|cost| cost.credits).filter(|credits| credits.is_finite() && *credits >= 0.0)
}

fn not_understood(reason: impl Into<String>, task: Option<&str>) -> Error {
    Error::Protocol { service: SERVICE, reason: reason.into(), task: task.map(str::to_owned) }
}

/// Reads a task. An unknown state is an error: it must not be taken for one that goes on.
pub(crate) fn parse_task(response: &Response, id: &str) -> Result<Task, Error> {
    let wire: WireTask = serde_json::from_slice(response.bytes()).map_err(|error| {
        not_understood(format!("{error} in {:?}", response.excerpt(80)), Some(id))
    })?;
    let name = wire.status.unwrap_or_default();
    let status = TaskStatus::parse(&name)
        .ok_or_else(|| not_understood(format!("the state {:?}", shorten(&name, 40)), Some(id)))?;
    let output = wire.output.unwrap_or_default();
    if status == TaskStatus::Succeeded && output.is_empty() {
        return Err(not_understood("a task that succeeded without an output", Some(id)));
    }
    Ok(Task {
        status,
        progress: wire.progress.filter(|p| p.is_finite()).map(|p| p.clamp(0.0, 1.0)),
        output,
        failure: wire.failure,
        failure_code: wire.failure_code,
        estimated_credits: credits(wire.estimated_cost),
        credits: credits(wire.cost),
    })
}

/// Reads the answer to a creation: the task's name and the estimate.
pub(crate) fn parse_created(response: &Response) -> Result<(String, Option<f64>), Error> {
    let wire: WireCreated = serde_json::from_slice(response.bytes())
        .map_err(|error| not_understood(format!("{error} in {:?}", response.excerpt(80)), None))?;
    if !is_task_id(&wire.id) {
        return Err(not_understood(format!("the task id {:?}", shorten(&wire.id, 60)), None));
    }
    Ok((wire.id, credits(wire.estimated_cost)))
}

/// Whether a text can be a task's name: what is safe in a path.
pub(crate) fn is_task_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 100
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Whether the API itself, and not a gateway, refused a request.
pub(crate) fn is_api_refusal(response: &Response) -> bool {
    serde_json::from_slice::<WireError>(response.bytes()).is_ok_and(|body| body.error.is_some())
}

/// What a refusal says.
pub(crate) fn refusal(response: &Response) -> Error {
    let status = response.status();
    let body: Option<WireError> = serde_json::from_slice(response.bytes()).ok();
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut message = match body.as_ref().and_then(|body| body.error.as_ref()) {
        Some(error) => text(error),
        None => response.excerpt(200),
    };
    for issue in body.iter().flat_map(|body| &body.issues).take(5) {
        let path: Vec<String> = issue.path.iter().map(text).collect();
        message += &format!("; {}: {}", path.join("."), issue.message);
    }
    if message.is_empty() {
        message = "no reason given".to_owned();
    }
    let no_credits = message.to_ascii_lowercase().contains("credits");
    let (kind, hint) = match status {
        400 if no_credits => {
            (RefusalKind::Quota, Some("buy credits, or wait for none to be needed"))
        }
        400 | 405 | 413 | 415 | 422 => (RefusalKind::BadRequest, None),
        401 => (
            RefusalKind::Key,
            Some("check the key and that the base URL is https://api.dev.runwayml.com"),
        ),
        402 => (RefusalKind::Quota, Some("buy credits")),
        403 => (RefusalKind::Permission, Some("the key's organization may not use this model")),
        404 => (RefusalKind::NotFound, None),
        429 => (
            RefusalKind::RateLimit,
            Some("the daily limit counts over 24 hours; a higher tier raises it"),
        ),
        _ => (RefusalKind::Server, None),
    };
    Error::Refused {
        service: SERVICE,
        status,
        code: None,
        message: shorten(&message, 600),
        hint,
        kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gv_http::testing::Reply;

    fn task(json: &str) -> Result<Task, Error> {
        parse_task(&Reply::status(200).json(json).response(), "t")
    }

    #[test]
    fn every_state_is_read_and_an_unknown_one_does_not_pass_for_pending() {
        for (name, status) in [
            ("PENDING", TaskStatus::Pending),
            ("THROTTLED", TaskStatus::Throttled),
            ("RUNNING", TaskStatus::Running),
            ("FAILED", TaskStatus::Failed),
            ("CANCELLED", TaskStatus::Cancelled),
            ("CANCELED", TaskStatus::Cancelled),
        ] {
            assert_eq!(task(&format!("{{\"status\":\"{name}\"}}")).unwrap().status, status);
        }
        for bad in
            ["{\"status\":\"PAUSED\"}", "{}", "[]", "", "{\"status\":\"SUCCEEDED\",\"output\":[]}"]
        {
            let error = task(bad).unwrap_err();
            assert!(matches!(&error, Error::Protocol { task: Some(t), .. } if t == "t"), "{error}");
        }
    }

    #[test]
    fn figures_that_make_no_sense_are_not_taken_over() {
        let odd =
            task(r#"{"status":"RUNNING","progress":7,"cost":{"credits":-1},"estimatedCost":{}}"#);
        let odd = odd.unwrap();
        assert_eq!((odd.progress, odd.credits, odd.estimated_credits), (Some(1.0), None, None));
        let full = task(r#"{"status":"SUCCEEDED","output":["u"],"cost":{"credits":25}}"#).unwrap();
        assert_eq!(full.credits, Some(25.0));
    }

    #[test]
    fn a_task_id_that_would_change_the_path_is_refused() {
        let created = |json: &str| parse_created(&Reply::status(200).json(json).response());
        assert_eq!(
            created(r#"{"id":"17f2-ab","estimatedCost":{"credits":25}}"#).unwrap(),
            ("17f2-ab".to_owned(), Some(25.0))
        );
        assert_eq!(created(r#"{"id":"x"}"#).unwrap().1, None);
        for bad in [r#"{"id":"../organization"}"#, r#"{"id":""}"#, "<html>"] {
            assert!(created(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn failure_codes_say_what_another_attempt_is_worth() {
        for (code, advice, refunded) in [
            (Some("SAFETY.INPUT.TEXT"), RetryAdvice::Never, false),
            (Some("SAFETY.OUTPUT.VIDEO"), RetryAdvice::Never, true),
            (Some("INPUT_PREPROCESSING.SAFETY.TEXT"), RetryAdvice::Never, true),
            (Some("INPUT_PREPROCESSING.INTERNAL"), RetryAdvice::Later, true),
            (Some("INTERNAL.BAD_OUTPUT.CODE01"), RetryAdvice::AfterChange, true),
            (Some("ASSET.INVALID"), RetryAdvice::AfterChange, true),
            (Some("THIRD_PARTY.UNAVAILABLE"), RetryAdvice::Later, true),
            (Some("INTERNAL"), RetryAdvice::Later, true),
            (None, RetryAdvice::Later, true),
        ] {
            assert_eq!(RetryAdvice::of(code), (advice, refunded), "{code:?}");
        }
    }

    #[test]
    fn refusals_are_told_apart_and_name_the_field() {
        let refusal =
            |status, body: &str| refusal(&Reply::status(status).body(body.as_bytes()).response());
        let issues = r#"{"error":"Validation of body failed","issues":[{"code":"invalid_type","path":["ratio",0],"message":"Required"}]}"#;
        let text = refusal(400, issues).to_string();
        assert!(text.contains("Validation of body failed; ratio.0: Required"), "{text}");
        for (status, body, wanted) in [
            (
                400,
                r#"{"error":"You do not have enough credits to run this task."}"#,
                RefusalKind::Quota,
            ),
            (401, "{}", RefusalKind::Key),
            (403, r#"{"error":"Model variant X is not available"}"#, RefusalKind::Permission),
            (404, "", RefusalKind::NotFound),
            (429, r#"{"error":"Your daily task limit has been reached."}"#, RefusalKind::RateLimit),
            (502, "<html>", RefusalKind::Server),
        ] {
            let error = refusal(status, body);
            assert!(matches!(&error, Error::Refused { kind, .. } if *kind == wanted), "{error}");
        }
        assert!(is_api_refusal(&Reply::status(503).body(br#"{"error":"busy"}"#).response()));
        assert!(!is_api_refusal(&Reply::status(503).body(b"<html>").response()));
        assert!(!is_api_refusal(&Reply::status(503).body(b"{}").response()));
    }
}
