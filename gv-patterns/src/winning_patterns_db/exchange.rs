//! Patterns as JSON Lines, and as the JSON of older programs.

use super::pattern::WinningAdPattern;
use super::{PATTERNS, WinningPatternsDB, document};
use crate::store::{Change, Expect, Filter};
use crate::{Error, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::{BufRead, Write};

const FORMAT: &str = "geminivideo patterns";
const VERSION: u64 = 1;
const PAGE: usize = 1000;

impl WinningPatternsDB {
    /// Writes every pattern as a line of JSON, after a line that names format and version and before one
    /// with their number and checksum. Returns how many were written.
    ///
    /// # Errors
    ///
    /// The store's, and [`Error::BadData`] where `out` cannot be written.
    pub fn export_jsonl(&self, out: &mut dyn Write) -> Result<usize> {
        let failed = |error: std::io::Error| Error::BadData {
            place: "export".into(),
            problem: error.to_string(),
        };
        writeln!(out, "{}", json!({"format": FORMAT, "version": VERSION})).map_err(failed)?;
        let mut hash = Sha256::new();
        let mut count = 0;
        loop {
            let page = Filter::new().limit(PAGE).offset(count);
            let documents = self.store.find(PATTERNS.name(), &page)?;
            if documents.is_empty() {
                break;
            }
            for document in documents {
                let line = document.body["pattern"].to_string();
                hash.update(line.as_bytes());
                writeln!(out, "{line}").map_err(failed)?;
                count += 1;
            }
        }
        let end = json!({"count": count, "sha256": hex(&hash.finalize())});
        writeln!(out, "{end}").map_err(failed)?;
        Ok(count)
    }

    /// Reads what [`export_jsonl`](Self::export_jsonl) wrote; a pattern that is there is replaced. Nothing is
    /// added where a line or the checksum is wrong. Returns how many were read.
    ///
    /// # Errors
    ///
    /// [`Error::BadData`] naming the line, and the store's.
    pub fn import_jsonl(&self, input: &mut dyn BufRead) -> Result<usize> {
        let mut lines = Vec::new();
        for (number, line) in input.lines().enumerate() {
            let line = line.map_err(|error| bad(number + 1, error))?;
            if !line.trim().is_empty() {
                lines.push((number + 1, line));
            }
        }
        let parse = |(number, line): &(usize, String)| -> Result<Value> {
            serde_json::from_str(line).map_err(|error| bad(*number, error))
        };
        let [first, middle @ .., last] = lines.as_slice() else {
            return Err(bad(1, "a head, patterns and a checksum are expected"));
        };
        let head = parse(first)?;
        if head["format"] != FORMAT || head["version"] != VERSION {
            return Err(bad(first.0, format!("no {FORMAT} of version {VERSION}")));
        }
        let mut hash = Sha256::new();
        for (_, line) in middle {
            hash.update(line.as_bytes());
        }
        let end = parse(last)?;
        if end["count"] != middle.len() || end["sha256"] != hex(&hash.finalize()) {
            return Err(bad(last.0, "number or checksum is not that of the lines before"));
        }
        let patterns: Vec<Value> = middle.iter().map(parse).collect::<Result<_>>()?;
        self.put_all(patterns)
    }

    /// Reads the JSON of older programs: one object keyed by id, or a list. Returns how many were read.
    ///
    /// # Errors
    ///
    /// [`Error::BadData`] for another shape, and those of [`add_pattern`](Self::add_pattern); nothing is
    /// added then.
    pub fn import_json(&self, given: Value) -> Result<usize> {
        let patterns = match given {
            Value::Array(list) => list,
            Value::Object(by_id) => by_id
                .into_iter()
                .map(|(id, mut pattern)| {
                    if let Some(object) = pattern.as_object_mut() {
                        object.entry("id").or_insert(Value::String(id));
                    }
                    pattern
                })
                .collect(),
            _ => {
                return Err(Error::BadData {
                    place: "import".into(),
                    problem: "an object keyed by id, or a list, is expected".into(),
                });
            }
        };
        self.put_all(patterns)
    }

    fn put_all(&self, patterns: Vec<Value>) -> Result<usize> {
        let mut changes = Vec::with_capacity(patterns.len());
        for (number, mut value) in patterns.into_iter().enumerate() {
            older_dates(&mut value);
            let pattern: WinningAdPattern =
                serde_json::from_value(value).map_err(|error| Error::BadData {
                    place: format!("pattern {}", number + 1),
                    problem: error.to_string(),
                })?;
            let (id, body) = document(pattern)?;
            changes.push(Change::put(PATTERNS.name(), id, Expect::Any, body));
        }
        let count = changes.len();
        self.store.apply(&changes)?;
        Ok(count)
    }
}

/// Older programs wrote dates as ISO texts; here they are milliseconds, and a text is kept beside.
fn older_dates(value: &mut Value) {
    if let Some(object) = value.as_object_mut()
        && let Some(Value::String(text)) = object.get("extracted_at").cloned()
    {
        object.insert("extracted_at".into(), json!(0));
        object.insert("extracted_at_text".into(), json!(text));
    }
}

fn bad(line: usize, problem: impl ToString) -> Error {
    Error::BadData { place: format!("line {line}"), problem: problem.to_string() }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
