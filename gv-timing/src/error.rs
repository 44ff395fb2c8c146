//! What can go wrong here.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An argument breaks a rule.
    #[error("{name} is {given}, allowed is {allowed}")]
    InvalidParameter {
        /// The argument's name.
        name: &'static str,
        /// The value given.
        given: String,
        /// The rule.
        allowed: &'static str,
    },
    /// A name stands for nothing.
    #[error("there is no {what} {given:?}; there are {}", known.join(", "))]
    Unknown {
        /// What was asked for: `goal`, `placement`.
        what: &'static str,
        /// The name given.
        given: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A table of rules or figures is not as it must be.
    #[error("the table of {what} cannot be used: {reason}")]
    Table {
        /// What it holds.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// A result whose error is this crate's.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A table of `what` that serde refuses.
    pub(crate) fn table(what: &'static str, error: &serde_json::Error) -> Self {
        Self::Table { what, reason: error.to_string() }
    }
}
