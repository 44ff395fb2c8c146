//! What can go wrong while generating video and voice.

use std::path::PathBuf;

/// Errors of this crate.
///
/// What a service decides about a task that it took (failed, cancelled, moderated) is not an error but a result; an
/// error says that no such decision came.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An input breaks a rule; nothing was sent.
    #[error("{what}: {given}; allowed is {rule}")]
    InvalidInput {
        /// The input in the caller's words.
        what: &'static str,
        /// What was given, cut to a readable length.
        given: String,
        /// The rule.
        rule: String,
    },
    /// There is no key; nothing was sent.
    #[error("no API key for {service}: pass one, or set {variables}")]
    MissingKey {
        /// The service.
        service: &'static str,
        /// The environment variables that are read.
        variables: &'static str,
    },
    /// A header field or the base URL cannot be used; nothing was sent.
    #[error(transparent)]
    Http(#[from] gv_http::Error),
    /// The request would cost more than is left below the cap; nothing was sent.
    #[error(
        "this would cost about ${:.2} and ${:.2} of the cap of ${:.2} are spent; raise the cap to go on",
        usd(*cost), usd(*spent), usd(*cap)
    )]
    SpendingCap {
        /// Estimated cost in millionths of a dollar.
        cost: u64,
        /// Spent so far, what is under way included, in millionths of a dollar.
        spent: u64,
        /// The cap in millionths of a dollar.
        cap: u64,
    },
    /// The same request was sent before and nobody saw the answer: it may have been paid; nothing was sent now.
    #[error(
        "the same request was sent before (ledger entry {id}) and its answer was never seen, so it may have been paid: \
         {reason}; ask for a fresh one to pay again"
    )]
    Uncertain {
        /// The ledger's entry.
        id: String,
        /// Why there is no answer.
        reason: String,
    },
    /// The service may have taken the request, but its answer did not arrive.
    #[error(
        "{service} may have taken the request (ledger entry {id}), but no answer arrived: {reason}; it is not repeated, since it may be paid"
    )]
    Unanswered {
        /// The service.
        service: &'static str,
        /// The ledger's entry.
        id: String,
        /// Why there is no answer.
        reason: String,
    },
    /// The service refused the request; it is not paid.
    #[error("{service} refused the request with status {status}{}: {message}{}", code.as_deref().map(|c| format!(" ({c})")).unwrap_or_default(), hint.map(|h| format!("; {h}")).unwrap_or_default())]
    Refused {
        /// The service.
        service: &'static str,
        /// The HTTP status.
        status: u16,
        /// The service's code, where it gave one.
        code: Option<String>,
        /// The service's message.
        message: String,
        /// What to do, where that is known.
        hint: Option<&'static str>,
        /// What kind of refusal it is.
        kind: RefusalKind,
    },
    /// The service could not be reached, or broke off.
    #[error("{service}: {reason}{}", task.as_deref().map(|t| format!("; task {t} goes on and can be resumed")).unwrap_or_default())]
    Transport {
        /// The service.
        service: &'static str,
        /// What happened.
        reason: String,
        /// The task that goes on without us.
        task: Option<String>,
        /// Whether it was a matter of time.
        timed_out: bool,
    },
    /// The service answered something that its interface does not allow.
    #[error("{service} answered what is not understood: {reason}{}", task.as_deref().map(|t| format!(" (task {t})")).unwrap_or_default())]
    Protocol {
        /// The service.
        service: &'static str,
        /// What is wrong with it.
        reason: String,
        /// The task it was about.
        task: Option<String>,
    },
    /// The caller cancelled.
    #[error("cancelled{}", task.as_deref().map(|t| format!("; task {t} goes on and can be resumed")).unwrap_or_default())]
    Cancelled {
        /// The task that goes on without us.
        task: Option<String>,
    },
    /// The journal of paid work cannot be read or written.
    #[error("the journal {}{}: {reason}", path.display(), line.map(|n| format!(", line {n}")).unwrap_or_default())]
    Journal {
        /// The journal.
        path: PathBuf,
        /// The line, where one is damaged.
        line: Option<u64>,
        /// What is wrong.
        reason: String,
    },
    /// A file cannot be read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A table of prices, models or voices cannot be used.
    #[error("the table {table} cannot be used: {reason}")]
    Table {
        /// The table.
        table: &'static str,
        /// What is wrong.
        reason: String,
    },
}

/// Kinds of refusals, told apart because different things help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalKind {
    /// The request is wrong.
    BadRequest,
    /// The key is wrong, or the host.
    Key,
    /// The key may not do this.
    Permission,
    /// Credits or characters are used up.
    Quota,
    /// The plan does not include this.
    Plan,
    /// There is no such voice, model or task, or no longer.
    NotFound,
    /// Too many at the same time.
    Concurrency,
    /// Too many in a time, or the service is busy.
    RateLimit,
    /// The service is at fault.
    Server,
}

pub(crate) fn usd(micros: u64) -> f64 {
    micros as f64 / 1e6
}

pub(crate) fn invalid(what: &'static str, given: impl ToString, rule: impl Into<String>) -> Error {
    Error::InvalidInput { what, given: shorten(&given.to_string(), 80), rule: rule.into() }
}

/// A text as one line of at most so many characters.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match line.char_indices().nth(limit) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

/// A result whose error is this crate's.
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_name_the_task_that_goes_on() {
        let error = Error::Cancelled { task: Some("t1".into()) };
        assert_eq!(error.to_string(), "cancelled; task t1 goes on and can be resumed");
        let error = invalid("prompt", "a\nb".repeat(100), "short");
        assert!(error.to_string().chars().count() < 120, "{error}");
        let error = Error::SpendingCap { cost: 250_000, spent: 900_000, cap: 1_000_000 };
        assert!(
            error
                .to_string()
                .starts_with("this would cost about $0.25 and $0.90 of the cap of $1.00")
        );
    }
}
