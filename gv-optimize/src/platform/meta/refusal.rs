//! What Meta's errors mean.

use super::Usage;
use gv_http::Response;
use serde_json::Value;
use std::time::Duration;

/// Whether a refused call is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// No: it would be refused again.
    Never,
    /// The service failed; a change may have been made all the same.
    Transient,
    /// Too many calls; nothing was done.
    BackOff,
    /// Nothing was done, and calls are taken again after this time.
    After(Duration),
}

/// An answer that is no success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Meta's code; `None` where the answer is not Meta's, as a gateway's page.
    pub code: Option<i64>,
    /// Meta's subcode.
    pub subcode: Option<i64>,
    /// What happened, for a person.
    pub message: String,
    /// Whether it is tried again.
    pub retry: Retry,
}

const HOUR: Duration = Duration::from_secs(3600);

impl Refusal {
    /// Judges an answer: its JSON where it is a success.
    ///
    /// # Errors
    ///
    /// The refusal. Status and body must both say success; a page of HTML never does.
    pub fn judge(response: &Response) -> Result<Value, Self> {
        let body: Option<Value> = serde_json::from_slice(response.bytes()).ok();
        let error = body.as_ref().and_then(|body| body.get("error"));
        if let Some(error) = error {
            return Err(Self::of_error(error, Usage::of(&response.head.headers)));
        }
        let agreed = |body: &Value| body.get("success") != Some(&Value::Bool(false));
        match body {
            Some(body) if response.head.is_success() && agreed(&body) => Ok(body),
            _ => Err(Self {
                code: None,
                subcode: None,
                message: format!("status {}: {}", response.status(), response.excerpt(120)),
                retry: match response.status() {
                    429 => Retry::BackOff,
                    200..=299 | 500..=599 | 408 => Retry::Transient,
                    _ => Retry::Never,
                },
            }),
        }
    }

    fn of_error(error: &Value, usage: Usage) -> Self {
        let integer = |name: &str| error.get(name).and_then(Value::as_i64);
        let text = |name: &str| error.get(name).and_then(Value::as_str);
        let (code, subcode) = (integer("code"), integer("error_subcode"));
        let transient = error.get("is_transient") == Some(&Value::Bool(true));
        let mut message = text("message").unwrap_or("no message").to_owned();
        for more in ["error_user_title", "error_user_msg"] {
            if let Some(more) = text(more).filter(|more| !message.contains(more)) {
                message = format!("{message}; {more}");
            }
        }
        Self { retry: retry(code, subcode, transient, usage), code, subcode, message }
    }

    /// Whether less data must be asked for.
    pub fn is_too_much_data(&self) -> bool {
        self.subcode == Some(1_487_534)
            || (self.code == Some(1) && self.message.contains("reduce the amount of data"))
    }

    /// Whether the object is not there, or not yet.
    pub fn is_missing(&self) -> bool {
        (self.code, self.subcode) == (Some(100), Some(33))
    }
}

fn retry(code: Option<i64>, subcode: Option<i64>, transient: bool, usage: Usage) -> Retry {
    match (code.unwrap_or(-1), subcode) {
        (613, Some(1_487_632 | 1_487_225)) => Retry::After(HOUR),
        (17, Some(1_885_172)) => Retry::After(24 * HOUR),
        (80_000..=80_014, _) => Retry::After(usage.regain.unwrap_or(Duration::from_secs(300))),
        (17, _) => Retry::After(usage.regain.unwrap_or(Duration::from_secs(60))),
        (4 | 32 | 341 | 613, _) => usage.regain.map_or(Retry::BackOff, Retry::After),
        (1 | 2, _) => Retry::Transient,
        _ if transient => Retry::Transient,
        _ => Retry::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gv_http::testing::Reply;

    fn judged(status: u16, body: &str) -> Refusal {
        Refusal::judge(&Reply::status(status).json(body).response()).unwrap_err()
    }

    #[test]
    fn every_row_of_the_table_has_its_rule() {
        let minutes = |m: u64| Retry::After(Duration::from_secs(60 * m));
        for (code, subcode, rule) in [
            (1, 0, Retry::Transient),
            (2, 0, Retry::Transient),
            (4, 1_504_022, Retry::BackOff),
            (17, 2_446_079, minutes(1)),
            (17, 1_885_172, minutes(24 * 60)),
            (32, 0, Retry::BackOff),
            (613, 5_044_001, Retry::BackOff),
            (613, 1_487_632, minutes(60)),
            (80_004, 0, minutes(5)),
            (100, 1_885_272, Retry::Never),
            (190, 463, Retry::Never),
            (200, 0, Retry::Never),
            (368, 0, Retry::Never),
            (2635, 0, Retry::Never),
        ] {
            let body = format!(
                "{{\"error\":{{\"message\":\"m\",\"code\":{code},\"error_subcode\":{subcode}}}}}"
            );
            assert_eq!(judged(400, &body).retry, rule, "{code}/{subcode}");
        }
    }

    #[test]
    fn status_and_body_must_both_say_success() {
        let ok = Reply::status(200).json("{\"success\":true}").response();
        assert!(Refusal::judge(&ok).is_ok());
        assert_eq!(judged(200, "{\"success\":false}").retry, Retry::Transient);
        assert_eq!(judged(500, "<html>").retry, Retry::Transient);
        assert_eq!(judged(200, "<html>").retry, Retry::Transient);
        assert_eq!(judged(404, "").retry, Retry::Never);
        assert_eq!(judged(500, "{\"success\":true}").code, None);
        let lost = judged(400, "{\"error\":{\"is_transient\":true,\"code\":99}}");
        assert_eq!(lost.retry, Retry::Transient);
    }
}
