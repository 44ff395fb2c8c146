//! Where everything that must outlive the process is kept: patterns, predictions, conversions, models.
//!
//! The seam [`Store`] knows two things. **Documents** are JSON objects with an id and a version, in named
//! collections; they are found by their top-level fields. **Logs** are sequences of entries with a key
//! each; an entry whose key is there already is not added again, so that whoever is unsure can simply
//! try again. A batch of changes to both is applied whole or not at all, and is durable before
//! [`Store::apply`] returns.
//!
//! # Examples
//!
//! ```
//! use gv_patterns::store::{Change, Collection, Expect, Filter, open};
//! use serde_json::json;
//!
//! const MODELS: Collection = Collection::new("model").index(&["kind", "accuracy"]);
//! let store = open(":memory:")?;
//! store.ensure(&MODELS)?;
//! store.apply(&[
//!     Change::put("model", "roas/1", Expect::Absent, json!({"kind": "roas", "accuracy": 0.7})),
//!     Change::append("audit", "promote-1", 0, json!({"model": "roas/1"})),
//! ])?;
//! let best = store.find("model", &Filter::new().equals("kind", "roas").descending("accuracy"))?;
//! assert_eq!(best[0].id, "roas/1");
//! # Ok::<(), gv_patterns::Error>(())
//! ```

mod change;
mod filter;
mod least;
mod open;
#[cfg(feature = "postgres")]
mod postgres;
mod rules;
mod sqlite;

pub use change::{Applied, Change, Expect};
pub use filter::{Condition, Filter, Operand, Order};
pub use least::{Filtered, LeastStore};
pub use open::{open, open_default};
#[cfg(feature = "postgres")]
pub use postgres::Postgres;
pub use sqlite::Sqlite;

use crate::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;

/// A stored JSON object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Its name in the collection.
    pub id: String,
    /// 1 when it is first put, one more with each change.
    pub version: u64,
    /// The object.
    pub body: Value,
}

/// An entry of a log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place: larger than that of every entry before it, not always by one.
    pub sequence: u64,
    /// What makes it the same entry when it is appended again.
    pub key: String,
    /// When it happened, in milliseconds since 1970.
    pub at: i64,
    /// What happened.
    pub body: Value,
}

/// What a collection's documents are looked up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Collection {
    pub(crate) name: &'static str,
    pub(crate) indexes: [Option<&'static [&'static str]>; 8],
    pub(crate) carried: &'static [&'static str],
    pub(crate) text: &'static [&'static str],
}

impl Collection {
    /// Names a collection: lower-case letters and `_`.
    pub const fn new(name: &'static str) -> Self {
        Self { name, indexes: [None; 8], carried: &[], text: &[] }
    }

    /// Makes it fast to find documents by the first fields given, ordered by the last; up to eight such
    /// indexes, further ones are passed over.
    #[must_use]
    pub const fn index(mut self, fields: &'static [&'static str]) -> Self {
        let mut at = 0;
        while at < self.indexes.len() {
            if self.indexes[at].is_none() {
                self.indexes[at] = Some(fields);
                return self;
            }
            at += 1;
        }
        self
    }

    /// Has every index carry these fields along, so that conditions on them are decided without reading documents.
    #[must_use]
    pub const fn carry(mut self, fields: &'static [&'static str]) -> Self {
        self.carried = fields;
        self
    }

    /// Makes the words of these fields (texts, or lists of texts) searchable.
    #[must_use]
    pub const fn text(mut self, fields: &'static [&'static str]) -> Self {
        self.text = fields;
        self
    }

    /// The fields that an index of `fields` carries along.
    pub(crate) fn carried_by(&self, fields: &[&str]) -> impl Iterator<Item = &'static str> {
        self.carried.iter().copied().filter(|field| !fields.contains(field))
    }

    /// The fields of the index in whose order a filter's documents come, with as many of its conditions as possible;
    /// `None` where there is no such index.
    pub(crate) fn index_in_order(&self, filter: &Filter) -> Option<&'static [&'static str]> {
        let order = filter.order.as_ref()?;
        let is_equal = |field: &&str| {
            filter
                .conditions
                .iter()
                .any(|c| matches!(c, Condition::Equals(name, _) if name == field))
        };
        let fits = |fields: &&[&str]| {
            fields
                .split_last()
                .is_some_and(|(last, first)| *last == order.field && first.iter().all(is_equal))
        };
        let fitting = self.indexes.iter().flatten().copied().filter(fits);
        fitting.reduce(|best, next| if next.len() > best.len() { next } else { best })
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// Keeps documents and logs.
///
/// # For implementers
///
/// - `apply` is atomic and durable: when it returns `Ok`, a power cut loses nothing of it; when it returns
///   an error, nothing of it is there, or the error says that the outcome is unknown (`transient` of
///   [`Error::Unusable`](crate::Error::Unusable)), and the same batch may be applied again.
/// - Batches of several threads and processes do not interleave.
/// - `find` compares numbers as numbers and texts byte by byte; a document without the field meets no
///   condition on it and comes last in an order. Ties are in the order of ids.
/// - No error and no description holds a password.
///
/// The suite `gv_patterns::testing::store_suite` checks these rules.
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Names the store, without a password: `sqlite:///data/patterns.db`.
    fn describe(&self) -> String;

    /// Prepares a collection; doing so again changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for a name or field that is not of
    /// lower-case letters, digits and `_`, and what the engine says.
    fn ensure(&self, collection: &Collection) -> Result<()>;

    /// Applies changes, all or none, and returns what became of each, in order.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`](crate::Error::Conflict) where a document is not as expected, and what the engine
    /// says.
    fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>>;

    /// Reads a document; `None` where there is none.
    ///
    /// # Errors
    ///
    /// What the engine says.
    fn get(&self, collection: &str, id: &str) -> Result<Option<Document>>;

    /// Finds documents.
    ///
    /// # Errors
    ///
    /// What the engine says.
    fn find(&self, collection: &str, filter: &Filter) -> Result<Vec<Document>>;

    /// Counts the documents that meet a filter's conditions.
    ///
    /// # Errors
    ///
    /// What the engine says.
    fn count(&self, collection: &str, filter: &Filter) -> Result<u64>;

    /// Finds documents by words in the fields that [`Collection::text`] names, best first.
    ///
    /// # Errors
    ///
    /// What the engine says.
    fn search(&self, collection: &str, words: &str, limit: usize) -> Result<Vec<Document>>;

    /// Hands on some fields of each document that a filter finds, in its order, keeping none: `visit` gets the id and the
    /// fields' values, null where there are none, and says whether to go on. A field may lie deeper: `pattern.tags`.
    /// `visit` must not use the store.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for a field that is not names joined by dots, and what
    /// the engine says.
    fn scan(
        &self,
        collection: &str,
        filter: &Filter,
        fields: &[&str],
        visit: &mut dyn FnMut(&str, Vec<Value>) -> bool,
    ) -> Result<()>;

    /// Reads up to `limit` entries of a log that come after a sequence number (0 for the beginning).
    ///
    /// # Errors
    ///
    /// What the engine says.
    fn read_log(&self, log: &str, after: u64, limit: usize) -> Result<Vec<Entry>>;

    /// Counts the entries of a log that come after a sequence number (0 for the beginning).
    ///
    /// # Errors
    ///
    /// What the engine says.
    fn count_log(&self, log: &str, mut after: u64) -> Result<u64> {
        let mut count = 0;
        loop {
            let page = self.read_log(log, after, 5000)?;
            let Some(last) = page.last() else { return Ok(count) };
            after = last.sequence;
            count += page.len() as u64;
        }
    }

    /// Copies the whole store into a new file while it is in use.
    ///
    /// # Errors
    ///
    /// Where the file exists, and what the engine says; [`Error::Unusable`](crate::Error::Unusable) for
    /// engines that have tools of their own for this.
    fn backup(&self, path: &Path) -> Result<()>;
}
