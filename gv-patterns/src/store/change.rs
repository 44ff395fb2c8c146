//! What a batch does.

use serde_json::Value;

/// What a document must be like for a change to be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Anything, or nothing.
    Any,
    /// There is no such document.
    Absent,
    /// The document has this version.
    Version(u64),
}

impl Expect {
    pub(crate) fn describe(self) -> String {
        match self {
            Self::Any => "anything".into(),
            Self::Absent => "no document".into(),
            Self::Version(version) => format!("version {version}"),
        }
    }

    pub(crate) fn is_met(self, found: Option<u64>) -> bool {
        match self {
            Self::Any => true,
            Self::Absent => found.is_none(),
            Self::Version(version) => found == Some(version),
        }
    }
}

/// One change of a batch.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Writes a document.
    Put {
        /// Which collection.
        collection: String,
        /// Which document.
        id: String,
        /// What must be there before.
        expect: Expect,
        /// The object.
        body: Value,
    },
    /// Removes a document; where there is none and that is allowed, nothing happens.
    Delete {
        /// Which collection.
        collection: String,
        /// Which document.
        id: String,
        /// What must be there before.
        expect: Expect,
    },
    /// Adds an entry to a log, unless its key is there.
    Append {
        /// Which log.
        log: String,
        /// What makes it the same entry when it is appended again.
        key: String,
        /// When it happened, in milliseconds since 1970.
        at: i64,
        /// What happened.
        body: Value,
    },
}

impl Change {
    /// Writes a document.
    pub fn put(
        collection: impl Into<String>,
        id: impl Into<String>,
        expect: Expect,
        body: Value,
    ) -> Self {
        Self::Put { collection: collection.into(), id: id.into(), expect, body }
    }

    /// Removes a document.
    pub fn delete(collection: impl Into<String>, id: impl Into<String>, expect: Expect) -> Self {
        Self::Delete { collection: collection.into(), id: id.into(), expect }
    }

    /// Adds an entry to a log.
    pub fn append(log: impl Into<String>, key: impl Into<String>, at: i64, body: Value) -> Self {
        Self::Append { log: log.into(), key: key.into(), at, body }
    }
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The document has this version now.
    Put {
        /// The version.
        version: u64,
    },
    /// The document is gone.
    Deleted,
    /// The entry stands at this place.
    Appended {
        /// The place.
        sequence: u64,
    },
    /// The entry was there before, at this place, and was not touched.
    Duplicate {
        /// The place.
        sequence: u64,
    },
}
