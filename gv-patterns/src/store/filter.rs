//! Which documents, in which order.

use crate::Result;
use crate::error::parameter;

/// A value that a field is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// Yes or no.
    Bool(bool),
}

impl From<&str> for Operand {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Operand {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<f64> for Operand {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Operand {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// A condition on a top-level field.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The field is this value.
    Equals(String, Operand),
    /// The field is a number of at least this.
    AtLeast(String, f64),
    /// The field is a number of at most this.
    AtMost(String, f64),
}

/// An order of documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// By which field.
    pub field: String,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// Which documents, in which order, and how many.
///
/// Without an order documents come in the order of their ids.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    pub(crate) conditions: Vec<Condition>,
    pub(crate) order: Option<Order>,
    pub(crate) limit: Option<usize>,
    pub(crate) offset: usize,
}

impl Filter {
    /// All documents.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only those whose field is `value`.
    #[must_use]
    pub fn equals(mut self, field: impl Into<String>, value: impl Into<Operand>) -> Self {
        self.conditions.push(Condition::Equals(field.into(), value.into()));
        self
    }

    /// Only those whose field is a number of at least `value`.
    #[must_use]
    pub fn at_least(mut self, field: impl Into<String>, value: f64) -> Self {
        self.conditions.push(Condition::AtLeast(field.into(), value));
        self
    }

    /// Only those whose field is a number of at most `value`.
    #[must_use]
    pub fn at_most(mut self, field: impl Into<String>, value: f64) -> Self {
        self.conditions.push(Condition::AtMost(field.into(), value));
        self
    }

    /// The largest of a field first.
    #[must_use]
    pub fn descending(mut self, field: impl Into<String>) -> Self {
        self.order = Some(Order { field: field.into(), descending: true });
        self
    }

    /// The smallest of a field first.
    #[must_use]
    pub fn ascending(mut self, field: impl Into<String>) -> Self {
        self.order = Some(Order { field: field.into(), descending: false });
        self
    }

    /// At most `limit` documents.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Passes over the first `offset` documents.
    #[must_use]
    pub fn offset(mut self, offset: usize) -> Self {
        self.offset = offset;
        self
    }

    /// Checks that names of fields can stand in a query.
    pub(crate) fn check(&self) -> Result<()> {
        for condition in &self.conditions {
            let (Condition::Equals(field, _)
            | Condition::AtLeast(field, _)
            | Condition::AtMost(field, _)) = condition;
            check_name("field", field)?;
        }
        self.order.as_ref().map_or(Ok(()), |order| check_name("field", &order.field))
    }
}

/// Checks a path to a field: names joined by dots.
pub(crate) fn check_path(path: &str) -> Result<()> {
    path.split('.').try_for_each(|name| check_name("field", name))
}

/// Checks a name of a collection, log or field.
pub(crate) fn check_name(what: &'static str, name: &str) -> Result<()> {
    let sound = !name.is_empty()
        && name.len() <= 48
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if sound {
        Ok(())
    } else {
        Err(parameter(what, name, "1 to 48 lower-case letters, digits and underscores"))
    }
}
