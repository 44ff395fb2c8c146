//! What every engine holds the things it stores to.

use super::Collection;
use super::filter::check_name;
use crate::Result;
use crate::error::parameter;
use serde_json::Value;

const LARGEST_BODY: usize = 16 << 20;

/// Checks the names of a collection, which engines write into their statements.
///
/// # Errors
///
/// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for the first that is none.
pub(super) fn check_collection(collection: &Collection) -> Result<()> {
    check_name("collection", collection.name)?;
    let indexed = collection.indexes.iter().flatten().copied().flatten();
    let fields = indexed.chain(collection.carried).chain(collection.text);
    fields.into_iter().try_for_each(|field| check_name("field", field))
}

/// Checks an id, or the key of an entry.
pub(super) fn check_id(id: &str) -> Result<()> {
    if id.is_empty() || id.len() > 512 || id.contains('\0') {
        let given = if id.is_empty() { "empty".into() } else { format!("{} bytes", id.len()) };
        return Err(parameter("id", given, "1 to 512 bytes without a zero byte"));
    }
    Ok(())
}

/// A body as text, where it is an object and not too large.
pub(super) fn encode(body: &Value) -> Result<String> {
    let text = body.to_string();
    if !body.is_object() || text.len() > LARGEST_BODY {
        let given =
            if body.is_object() { format!("{} bytes", text.len()) } else { "no object".into() };
        return Err(parameter("body", given, "a JSON object of at most 16 MiB"));
    }
    Ok(text)
}

/// The texts, and lists of texts, in some fields of a document.
pub(super) fn searchable<'a>(fields: &[String], body: &'a Value) -> Vec<&'a str> {
    let mut words = Vec::new();
    for field in fields {
        match body.get(field) {
            Some(Value::String(text)) => words.push(text.as_str()),
            Some(Value::Array(items)) => words.extend(items.iter().filter_map(Value::as_str)),
            _ => {}
        }
    }
    words
}
