//! What can go wrong with the store.

use std::path::PathBuf;

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
    /// A document is not what the change expected; nothing of the batch was applied.
    #[error("{collection} {id}: expected {expected}, found {found}")]
    Conflict {
        /// Which collection.
        collection: String,
        /// Which document.
        id: String,
        /// What was expected: `no document`, `version 3`.
        expected: String,
        /// What is there.
        found: String,
    },
    /// The file is no store of this library, and was left as it is.
    #[error("{}: {problem}", path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        problem: String,
    },
    /// The store was written by a later version of this library, and was left as it is.
    #[error("{store} has schema {found}, this version reads up to {known}; update geminivideo")]
    NewerSchema {
        /// Which store.
        store: String,
        /// Its schema's number.
        found: u32,
        /// The newest known number.
        known: u32,
    },
    /// The store is damaged.
    #[error("{store} is damaged: {problem}")]
    Corrupt {
        /// Which store.
        store: String,
        /// What was found.
        problem: String,
    },
    /// The store cannot be reached, read or written at present.
    #[error("{store}: {problem}")]
    Unusable {
        /// Which store; no password stands in it.
        store: String,
        /// What the engine said.
        problem: String,
        /// Whether trying again later may help.
        transient: bool,
    },
    /// The library was built without what the address asks for.
    #[error("{address} needs the feature {feature}, without which this library was built")]
    FeatureOff {
        /// The address, without a password.
        address: String,
        /// The feature.
        feature: &'static str,
    },
    /// What is stored or imported is not what it should be.
    #[error("{place}: {problem}")]
    BadData {
        /// Where: a document, a line of a file.
        place: String,
        /// What is wrong.
        problem: String,
    },
}

/// A result whose error is this crate's.
pub type Result<T, E = Error> = std::result::Result<T, E>;

pub(crate) fn parameter(name: &'static str, given: impl ToString, allowed: &'static str) -> Error {
    Error::InvalidParameter { name, given: given.to_string(), allowed }
}
