//! What ElevenLabs says when it refuses.

use crate::error::shorten;
use crate::{Error, RefusalKind};
use gv_http::Response;
use serde_json::Value;

pub(crate) const SERVICE: &str = "ElevenLabs";

/// Whether the API itself, and not a gateway, refused a request.
pub(crate) fn is_api_refusal(response: &Response) -> bool {
    detail(response).is_some()
}

fn detail(response: &Response) -> Option<Value> {
    match serde_json::from_slice(response.bytes()) {
        Ok(Value::Object(mut body)) => body.remove("detail"),
        _ => None,
    }
}

/// What a refusal says, in any of the four shapes that occur.
pub(crate) fn refusal(response: &Response) -> Error {
    let http = response.status();
    let (code, status, message) = match detail(response) {
        Some(Value::Object(detail)) => {
            let text = |key: &str| detail.get(key).and_then(Value::as_str).map(str::to_owned);
            (text("code"), text("status"), text("message").unwrap_or_default())
        }
        Some(Value::String(text)) => (None, None, text),
        Some(Value::Array(issues)) => {
            (None, None, issues.iter().take(5).map(issue).collect::<Vec<_>>().join("; "))
        }
        _ => (None, None, response.excerpt(200)),
    };
    let is = |name: &str| code.as_deref() == Some(name) || status.as_deref() == Some(name);
    let any = |names: &[&str]| names.iter().any(|name| is(name));
    let (kind, hint) = if any(&["quota_exceeded", "insufficient_credits"]) {
        (RefusalKind::Quota, Some("the characters of this period are used up"))
    } else if any(&["concurrent_limit_exceeded", "too_many_concurrent_requests"]) {
        (RefusalKind::Concurrency, Some("send fewer at the same time"))
    } else if any(&["missing_permissions", "insufficient_permissions"]) {
        (RefusalKind::Permission, Some("the key's scope does not include this"))
    } else if any(&["paid_plan_required", "payment_required"]) {
        (
            RefusalKind::Plan,
            Some(
                "this voice is not available to this account; name another, or override the presets",
            ),
        )
    } else if any(&["subscription_required", "output_format_not_allowed", "only_for_creator+"]) {
        (RefusalKind::Plan, Some("the plan does not include this format or voice"))
    } else if any(&["invalid_output_format"]) {
        (RefusalKind::BadRequest, Some("name another output format"))
    } else if any(&["voice_not_found"]) {
        (
            RefusalKind::NotFound,
            Some(
                "this voice is not available to this account; name another, or override the presets",
            ),
        )
    } else if any(&["model_not_found"]) {
        (
            RefusalKind::NotFound,
            Some("the model is gone; eleven_flash_v2 and eleven_multilingual_v2 are current"),
        )
    } else {
        match http {
            401 => (RefusalKind::Key, Some("check the key")),
            402 => (RefusalKind::Plan, None),
            403 => (RefusalKind::Permission, None),
            404 => (RefusalKind::NotFound, None),
            429 => (RefusalKind::RateLimit, None),
            500..=599 => (RefusalKind::Server, None),
            _ => (RefusalKind::BadRequest, None),
        }
    };
    let message = if message.is_empty() { "no reason given" } else { message.as_str() };
    Error::Refused {
        service: SERVICE,
        status: http,
        message: shorten(message, 600),
        code: code.or(status),
        hint,
        kind,
    }
}

fn issue(issue: &Value) -> String {
    let place = issue.get("loc").and_then(Value::as_array).map_or(String::new(), |parts| {
        let names =
            parts.iter().map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned));
        names.collect::<Vec<_>>().join(".")
    });
    let text = issue.get("msg").and_then(Value::as_str).unwrap_or("not valid");
    if place.is_empty() { text.to_owned() } else { format!("{place}: {text}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gv_http::testing::Reply;

    fn of(status: u16, body: &str) -> (RefusalKind, String) {
        match refusal(&Reply::status(status).body(body.as_bytes()).response()) {
            error @ Error::Refused { kind, .. } => (kind, error.to_string()),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn refusals_are_told_apart_in_every_shape() {
        for (status, body, kind, text) in [
            (
                401,
                r#"{"detail":{"type":"authentication_error","code":"unauthorized","message":"Invalid API key","status":"invalid_api_key"}}"#,
                RefusalKind::Key,
                "Invalid API key",
            ),
            (
                401,
                r#"{"detail":{"status":"missing_permissions","message":"missing voices_read"}}"#,
                RefusalKind::Permission,
                "voices_read",
            ),
            (
                401,
                r#"{"detail":{"status":"quota_exceeded","message":"0 left"}}"#,
                RefusalKind::Quota,
                "used up",
            ),
            (
                402,
                r#"{"detail":{"code":"insufficient_credits","message":"m"}}"#,
                RefusalKind::Quota,
                "used up",
            ),
            (
                402,
                r#"{"detail":{"code":"paid_plan_required","status":"payment_required","message":"Free users"}}"#,
                RefusalKind::Plan,
                "override the presets",
            ),
            (
                403,
                r#"{"detail":{"code":"subscription_required","status":"output_format_not_allowed"}}"#,
                RefusalKind::Plan,
                "format",
            ),
            (
                404,
                r#"{"detail":{"status":"voice_not_found","message":"gone"}}"#,
                RefusalKind::NotFound,
                "override the presets",
            ),
            (
                400,
                r#"{"detail":{"status":"model_not_found","message":"gone"}}"#,
                RefusalKind::NotFound,
                "eleven_flash_v2",
            ),
            (
                403,
                r#"{"detail":{"status":"invalid_output_format","message":"m"}}"#,
                RefusalKind::BadRequest,
                "another output format",
            ),
            (404, r#"{"detail":"Not Found"}"#, RefusalKind::NotFound, "Not Found"),
            (
                422,
                r#"{"detail":[{"loc":["body","text",0],"msg":"field required","type":"x"}]}"#,
                RefusalKind::BadRequest,
                "body.text.0: field required",
            ),
            (
                429,
                r#"{"detail":{"code":"concurrent_limit_exceeded"}}"#,
                RefusalKind::Concurrency,
                "fewer",
            ),
            (
                429,
                r#"{"detail":{"status":"too_many_concurrent_requests"}}"#,
                RefusalKind::Concurrency,
                "fewer",
            ),
            (
                429,
                r#"{"detail":{"code":"rate_limit_exceeded","message":"slow down"}}"#,
                RefusalKind::RateLimit,
                "slow down",
            ),
            (429, r#"{"detail":{"code":"system_busy"}}"#, RefusalKind::RateLimit, "system_busy"),
            (502, "<html>Bad Gateway", RefusalKind::Server, "Bad Gateway"),
            (500, "", RefusalKind::Server, "no reason"),
        ] {
            let (given, shown) = of(status, body);
            assert_eq!(given, kind, "{body}");
            assert!(shown.contains(text), "{shown}");
        }
    }

    #[test]
    fn a_gateways_page_is_not_the_apis_word() {
        assert!(is_api_refusal(&Reply::status(503).body(br#"{"detail":"x"}"#).response()));
        for body in ["<html>", "{}", "[]", ""] {
            assert!(!is_api_refusal(&Reply::status(503).body(body.as_bytes()).response()));
        }
    }
}
