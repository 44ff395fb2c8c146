//! Why a request was not answered in full.

use crate::Head;
use std::time::Duration;

/// How far a request got before it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// The service cannot have acted on it: no connection, or not all of the request was handed over.
    NotSent,
    /// The service may have acted on it.
    MaybeSent,
}

/// A request that was not answered in full.
///
/// Texts name hosts and sizes, never header values or queries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// No connection came about (name not found, refused, TLS refused, proxy refused).
    #[error("no connection to {host}: {reason}")]
    Connect {
        /// The host.
        host: String,
        /// What the system or the TLS library says.
        reason: String,
    },
    /// Nothing came for too long.
    #[error("{host} did not answer within {} s ({phase})", limit.as_secs_f64())]
    Timeout {
        /// The host.
        host: String,
        /// What was being waited for.
        phase: &'static str,
        /// The time that was allowed.
        limit: Duration,
        /// Whether the service may have acted on the request.
        reached: Reached,
    },
    /// The connection broke before the head of the answer was there.
    #[error("the connection to {host} broke: {reason}")]
    Broken {
        /// The host.
        host: String,
        /// What the system says.
        reason: String,
        /// Whether the service may have acted on the request.
        reached: Reached,
    },
    /// The body ended early, or stopped coming.
    #[error("the answer of {host} ended after {received} bytes{}: {reason}", announced.map(|n| format!(" of {n}")).unwrap_or_default())]
    Cut {
        /// The host.
        host: String,
        /// Bytes of this answer's body that came.
        received: u64,
        /// Bytes that were announced, if they were.
        announced: Option<u64>,
        /// What the system says.
        reason: String,
        /// Status and header fields of the answer; [`fetch`](crate::fetch) fills it in.
        head: Option<Box<Head>>,
    },
    /// The body is larger than the request allows.
    #[error("the answer of {host} is larger than the {limit} bytes allowed{}", announced.map(|n| format!(": {n} bytes announced")).unwrap_or_default())]
    TooLarge {
        /// The host.
        host: String,
        /// Bytes allowed.
        limit: u64,
        /// Bytes that were announced, if they were.
        announced: Option<u64>,
    },
    /// What came is not HTTP.
    #[error("{host} did not answer in HTTP: {reason}")]
    Protocol {
        /// The host.
        host: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The answer could not be stored on this machine, or the body to send could not be read.
    #[error("{what}: {reason}")]
    Local {
        /// What was being done, with the path.
        what: String,
        /// What the system says.
        reason: String,
        /// Whether the service may have acted on the request.
        reached: Reached,
    },
    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled {
        /// Whether the service may have acted on the request.
        reached: Reached,
    },
}

impl Failure {
    /// Whether the service may have acted on the request.
    pub const fn reached(&self) -> Reached {
        match self {
            Self::Connect { .. } => Reached::NotSent,
            Self::Timeout { reached, .. }
            | Self::Broken { reached, .. }
            | Self::Local { reached, .. }
            | Self::Cancelled { reached } => *reached,
            Self::Cut { .. } | Self::TooLarge { .. } | Self::Protocol { .. } => Reached::MaybeSent,
        }
    }

    /// Whether another attempt may go better: a matter of the network, not of the request or this machine.
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Connect { .. } | Self::Timeout { .. } | Self::Broken { .. } | Self::Cut { .. }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_say_what_came_and_what_was_due() {
        let cut = Failure::Cut {
            host: "h".into(),
            received: 3,
            announced: Some(9),
            reason: "closed".into(),
            head: None,
        };
        assert_eq!(cut.to_string(), "the answer of h ended after 3 bytes of 9: closed");
        let large = Failure::TooLarge { host: "h".into(), limit: 10, announced: None };
        assert_eq!(large.to_string(), "the answer of h is larger than the 10 bytes allowed");
        assert!(cut.is_transient() && !large.is_transient());
        assert_eq!(cut.reached(), Reached::MaybeSent);
    }
}
