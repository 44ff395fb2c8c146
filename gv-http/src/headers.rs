//! Header fields, some of which are secret.

use crate::{Error, Result};
use std::fmt;

/// Header fields in the order they were set; names compare without regard to case.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    fields: Vec<Field>,
}

#[derive(Clone, PartialEq, Eq)]
struct Field {
    name: String,
    value: String,
    secret: bool,
}

impl Headers {
    /// No fields.
    pub const fn new() -> Self {
        Self { fields: Vec::new() }
    }

    /// Sets a field, in place of any of that name.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidHeader`] where the name is not a token or the value holds a line break or another
    /// character that could end the field.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        self.put(name, value, false)
    }

    /// Sets a field whose value is never shown: not in `Debug`, not in an error, not in a log.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set); the error does not show the value.
    pub fn set_secret(&mut self, name: &str, value: &str) -> Result<()> {
        self.put(name, value, true)
    }

    /// Adds a field as a peer sent it, beside any of that name; it is not checked.
    pub fn add_received(&mut self, name: &str, value: &str) {
        self.fields.push(Field { name: name.to_owned(), value: value.to_owned(), secret: false });
    }

    /// The value of the first field of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|f| f.name.eq_ignore_ascii_case(name)).map(|f| f.value.as_str())
    }

    /// Names and values in order. Secret values are among them: this is for transports.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|f| (f.name.as_str(), f.value.as_str()))
    }

    /// Whether any field is secret.
    pub fn has_secret(&self) -> bool {
        self.fields.iter().any(|f| f.secret)
    }

    fn put(&mut self, name: &str, value: &str, secret: bool) -> Result<()> {
        let problem = if name.is_empty() || !name.bytes().all(is_token) {
            Some("its name is not a token")
        } else if value.bytes().any(|b| b == b'\n' || b == b'\r') {
            Some("its value holds a line break")
        } else if value.bytes().any(|b| b != b'\t' && !(0x20..0x7f).contains(&b)) {
            Some("its value holds a character outside visible ASCII")
        } else {
            None
        };
        if let Some(problem) = problem {
            return Err(Error::InvalidHeader { name: name.escape_debug().to_string(), problem });
        }
        self.fields.retain(|f| !f.name.eq_ignore_ascii_case(name));
        self.fields.push(Field { name: name.to_owned(), value: value.to_owned(), secret });
        Ok(())
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.fields.iter().map(|field| {
                (field.name.as_str(), if field.secret { "(secret)" } else { field.value.as_str() })
            }))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_without_case_and_the_last_value_wins() {
        let mut headers = Headers::new();
        headers.set("Accept", "a").unwrap();
        headers.set("ACCEPT", "b").unwrap();
        assert_eq!(headers.get("accept"), Some("b"));
        assert_eq!(headers.iter().count(), 1);
    }

    #[test]
    fn a_secret_is_sent_but_not_shown() {
        let mut headers = Headers::new();
        headers.set_secret("Authorization", "Bearer key_abc").unwrap();
        assert!(headers.has_secret());
        assert_eq!(headers.get("authorization"), Some("Bearer key_abc"));
        assert_eq!(format!("{headers:?}"), r#"{"Authorization": "(secret)"}"#);
    }

    #[test]
    fn what_could_end_a_field_is_refused_without_showing_the_value() {
        for value in ["key\n", "key\r\nX: y", "kéy", "a\0b"] {
            let error = Headers::new().set_secret("xi-api-key", value).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(text.contains("xi-api-key") && !text.contains(value), "{text}");
        }
        assert!(Headers::new().set("a b", "c").is_err());
        assert!(Headers::new().set("", "c").is_err());
    }
}
