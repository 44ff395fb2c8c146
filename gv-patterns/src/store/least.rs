//! A store out of the least that an engine of one's own can do.

use super::filter::{check_name, check_path};
use super::rules::{check_collection, check_id, encode, searchable};
use super::{Applied, Change, Collection, Condition, Document, Entry, Filter, Operand, Store};
use crate::Result;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The least that an engine does to be a [`Store`]: it keeps documents and logs, and knows nothing of fields.
///
/// # For implementers
///
/// - `apply` is atomic and durable, as [`Store::apply`] says; names, ids and bodies have been checked.
/// - Batches of several threads and processes do not interleave.
/// - No error and no description holds a password.
///
/// The suite `gv_patterns::testing::store_suite` checks a [`Filtered`] engine.
pub trait LeastStore: Send + Sync + std::fmt::Debug {
    /// Names the store, without a password.
    fn describe(&self) -> String;

    /// Applies changes, all or none, and returns what became of each, in order.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`](crate::Error::Conflict) where a document is not as expected, and what the engine says.
    fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>>;

    /// Reads a document; `None` where there is none.
    ///
    /// # Errors
    ///
    /// What the engine says.
    fn get(&self, collection: &str, id: &str) -> Result<Option<Document>>;

    /// Hands every document of a collection to `visit`, in any order.
    ///
    /// # Errors
    ///
    /// What the engine says.
    fn each(&self, collection: &str, visit: &mut dyn FnMut(Document)) -> Result<()>;

    /// Reads up to `limit` entries of a log that come after a sequence number, in their order.
    ///
    /// # Errors
    ///
    /// What the engine says.
    fn read_log(&self, log: &str, after: u64, limit: usize) -> Result<Vec<Entry>>;

    /// Copies the whole store into a new file while it is in use.
    ///
    /// # Errors
    ///
    /// As [`Store::backup`].
    fn backup(&self, path: &Path) -> Result<()>;
}

/// A [`Store`] over an engine that does the least: documents are found by looking at all of a collection.
#[derive(Debug)]
pub struct Filtered<S> {
    engine: S,
    texts: Mutex<HashMap<String, Vec<String>>>,
}

impl<S: LeastStore> Filtered<S> {
    /// Makes a store of an engine.
    pub fn new(engine: S) -> Self {
        Self { engine, texts: Mutex::default() }
    }

    fn texts(&self) -> MutexGuard<'_, HashMap<String, Vec<String>>> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The documents that meet the conditions, in order, none left out.
    fn matching(&self, collection: &str, filter: &Filter) -> Result<Vec<Document>> {
        filter.check()?;
        check_name("collection", collection)?;
        let mut found = Vec::new();
        self.engine.each(collection, &mut |document| {
            if filter.conditions.iter().all(|condition| is_met(condition, &document.body)) {
                found.push(document);
            }
        })?;
        found.sort_by(|a, b| {
            let by_field = filter.order.as_ref().map_or(Ordering::Equal, |order| {
                in_order(a.body.get(&order.field), b.body.get(&order.field), order.descending)
            });
            by_field.then_with(|| a.id.cmp(&b.id))
        });
        Ok(found)
    }
}

impl<S: LeastStore> Store for Filtered<S> {
    fn describe(&self) -> String {
        self.engine.describe()
    }

    fn ensure(&self, collection: &Collection) -> Result<()> {
        check_collection(collection)?;
        let fields = collection.text.iter().map(|&field| field.to_owned()).collect();
        self.texts().insert(collection.name.to_owned(), fields);
        Ok(())
    }

    fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>> {
        for change in changes {
            match change {
                Change::Put { collection, id, body, .. } => {
                    check_name("collection", collection)?;
                    check_id(id)?;
                    encode(body)?;
                }
                Change::Delete { collection, id, .. } => {
                    check_name("collection", collection)?;
                    check_id(id)?;
                }
                Change::Append { log, key, body, .. } => {
                    check_name("log", log)?;
                    check_id(key)?;
                    encode(body)?;
                }
            }
        }
        self.engine.apply(changes)
    }

    fn get(&self, collection: &str, id: &str) -> Result<Option<Document>> {
        self.engine.get(collection, id)
    }

    fn find(&self, collection: &str, filter: &Filter) -> Result<Vec<Document>> {
        let mut found = self.matching(collection, filter)?;
        found.drain(..filter.offset.min(found.len()));
        found.truncate(filter.limit.unwrap_or(usize::MAX));
        Ok(found)
    }

    fn count(&self, collection: &str, filter: &Filter) -> Result<u64> {
        Ok(self.matching(collection, filter)?.len() as u64)
    }

    fn search(&self, collection: &str, words: &str, limit: usize) -> Result<Vec<Document>> {
        let wanted = words_of(words);
        let fields = self.texts().get(collection).cloned().unwrap_or_default();
        if wanted.is_empty() || fields.is_empty() {
            return Ok(Vec::new());
        }
        let mut found: Vec<(usize, Document)> = Vec::new();
        self.engine.each(collection, &mut |document| {
            let there = words_of(&searchable(&fields, &document.body).join(" "));
            let score = wanted.iter().filter(|word| there.contains(word)).count();
            if score > 0 {
                found.push((score, document));
            }
        })?;
        found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.id.cmp(&b.1.id)));
        Ok(found.into_iter().take(limit).map(|(_, document)| document).collect())
    }

    fn scan(
        &self,
        collection: &str,
        filter: &Filter,
        fields: &[&str],
        visit: &mut dyn FnMut(&str, Vec<Value>) -> bool,
    ) -> Result<()> {
        fields.iter().try_for_each(|field| check_path(field))?;
        for document in self.find(collection, filter)? {
            let value = |path: &&str| {
                let at = path.split('.').try_fold(&document.body, |value, name| value.get(name));
                at.cloned().unwrap_or(Value::Null)
            };
            if !visit(&document.id, fields.iter().map(value).collect()) {
                break;
            }
        }
        Ok(())
    }

    fn read_log(&self, log: &str, after: u64, limit: usize) -> Result<Vec<Entry>> {
        self.engine.read_log(log, after, limit)
    }

    fn backup(&self, path: &Path) -> Result<()> {
        self.engine.backup(path)
    }
}

fn words_of(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

fn is_met(condition: &Condition, body: &Value) -> bool {
    let number = |field: &String| body.get(field).and_then(Value::as_f64);
    match condition {
        Condition::Equals(field, Operand::Text(text)) => {
            body.get(field).and_then(Value::as_str) == Some(text.as_str())
        }
        Condition::Equals(field, Operand::Number(value)) => number(field) == Some(*value),
        Condition::Equals(field, Operand::Bool(value)) => {
            body.get(field).and_then(Value::as_bool) == Some(*value)
        }
        Condition::AtLeast(field, least) => number(field).is_some_and(|value| value >= *least),
        Condition::AtMost(field, most) => number(field).is_some_and(|value| value <= *most),
    }
}

/// Numbers before texts, and what is neither after both in either direction.
fn in_order(a: Option<&Value>, b: Option<&Value>, descending: bool) -> Ordering {
    let rank = |value: Option<&Value>| match value {
        Some(Value::Bool(_) | Value::Number(_)) => 0,
        Some(Value::String(_)) => 1,
        _ => 2,
    };
    let number = |value: Option<&Value>| match value {
        Some(Value::Bool(value)) => f64::from(u8::from(*value)),
        value => value.and_then(Value::as_f64).unwrap_or(0.0),
    };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("").to_owned();
    let (kind_a, kind_b) = (rank(a), rank(b));
    if kind_a == 2 || kind_b == 2 {
        return kind_a.cmp(&kind_b).then(Ordering::Equal);
    }
    let ascending = kind_a.cmp(&kind_b).then_with(|| match kind_a {
        0 => number(a).total_cmp(&number(b)),
        _ => text(a).cmp(&text(b)),
    });
    if descending { ascending.reverse() } else { ascending }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;
    use crate::store::Expect;
    use crate::testing::store_suite;

    /// Everything in two lists.
    #[derive(Debug, Default, Clone)]
    struct Kept {
        documents: Vec<(String, Document)>,
        logs: Vec<(String, Entry)>,
    }

    #[derive(Debug, Default)]
    struct Lists(Mutex<Kept>);

    impl Kept {
        fn place(&self, collection: &str, id: &str) -> Option<usize> {
            self.documents.iter().position(|(name, d)| name == collection && d.id == id)
        }

        fn expect(&self, collection: &str, id: &str, expect: Expect) -> Result<Option<usize>> {
            let place = self.place(collection, id);
            let version = place.map(|place| self.documents[place].1.version);
            if expect.is_met(version) {
                return Ok(place);
            }
            let (expected, found) = (expect.describe(), format!("{version:?}"));
            Err(Error::Conflict { collection: collection.into(), id: id.into(), expected, found })
        }

        fn change(&mut self, change: &Change) -> Result<Applied> {
            Ok(match change {
                Change::Put { collection, id, expect, body } => {
                    let (id, body) = (id.clone(), body.clone());
                    match self.expect(collection, &id, *expect)? {
                        Some(place) => {
                            let version = self.documents[place].1.version + 1;
                            self.documents[place].1 = Document { id, version, body };
                            Applied::Put { version }
                        }
                        None => {
                            let document = Document { id, version: 1, body };
                            self.documents.push((collection.clone(), document));
                            Applied::Put { version: 1 }
                        }
                    }
                }
                Change::Delete { collection, id, expect } => {
                    if let Some(place) = self.expect(collection, id, *expect)? {
                        self.documents.remove(place);
                    }
                    Applied::Deleted
                }
                Change::Append { log, key, at, body } => {
                    let there = self.logs.iter().find(|(name, e)| name == log && e.key == *key);
                    if let Some((_, entry)) = there {
                        return Ok(Applied::Duplicate { sequence: entry.sequence });
                    }
                    let sequence = self.logs.len() as u64 + 1;
                    let (key, body) = (key.clone(), body.clone());
                    self.logs.push((log.clone(), Entry { sequence, key, at: *at, body }));
                    Applied::Appended { sequence }
                }
            })
        }
    }

    impl LeastStore for Lists {
        fn describe(&self) -> String {
            "two lists".into()
        }

        fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>> {
            let mut kept = self.0.lock().unwrap();
            let mut next = kept.clone();
            let applied =
                changes.iter().map(|change| next.change(change)).collect::<Result<_>>()?;
            *kept = next;
            Ok(applied)
        }

        fn get(&self, collection: &str, id: &str) -> Result<Option<Document>> {
            let kept = self.0.lock().unwrap();
            Ok(kept.place(collection, id).map(|place| kept.documents[place].1.clone()))
        }

        fn each(&self, collection: &str, visit: &mut dyn FnMut(Document)) -> Result<()> {
            let kept = self.0.lock().unwrap().clone();
            let here = kept.documents.into_iter().filter(|(name, _)| name == collection);
            here.for_each(|(_, document)| visit(document));
            Ok(())
        }

        fn read_log(&self, log: &str, after: u64, limit: usize) -> Result<Vec<Entry>> {
            let kept = self.0.lock().unwrap();
            let here = kept.logs.iter().filter(|(name, e)| name == log && e.sequence > after);
            Ok(here.take(limit).map(|(_, entry)| entry.clone()).collect())
        }

        fn backup(&self, _: &Path) -> Result<()> {
            let problem = "lists have no files".into();
            Err(Error::Unusable { store: self.describe(), problem, transient: false })
        }
    }

    #[test]
    fn an_engine_of_two_lists_is_a_store() {
        store_suite(&Filtered::new(Lists::default()));
    }

    #[test]
    fn what_is_no_number_and_no_text_comes_last_in_either_direction() {
        let store = Filtered::new(Lists::default());
        for (id, weight) in [
            ("a", Value::Null),
            ("b", Value::from(2)),
            ("c", Value::from("x")),
            ("d", Value::from(1)),
        ] {
            let body = serde_json::json!({ "weight": weight });
            store.apply(&[Change::put("fruit", id, Expect::Any, body)]).unwrap();
        }
        let ids = |filter: Filter| -> Vec<String> {
            store.find("fruit", &filter).unwrap().into_iter().map(|d| d.id).collect()
        };
        assert_eq!(ids(Filter::new().ascending("weight")), ["d", "b", "c", "a"]);
        assert_eq!(ids(Filter::new().descending("weight")), ["c", "b", "d", "a"]);
    }
}
