//! Customer data, normalised as the Conversions API documents it and hashed before anything else sees it.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Keys whose values are hashed.
const HASHED: [&str; 10] = ["em", "ph", "fn", "ln", "ct", "st", "zp", "country", "db", "ge"];
/// Keys under which others give the same.
const LONG_NAMES: [(&str, &str); 12] = [
    ("email", "em"),
    ("phone", "ph"),
    ("phone_number", "ph"),
    ("first_name", "fn"),
    ("last_name", "ln"),
    ("city", "ct"),
    ("state", "st"),
    ("zip", "zp"),
    ("zip_code", "zp"),
    ("country_code", "country"),
    ("date_of_birth", "db"),
    ("gender", "ge"),
];
/// Keys that are sent as they are.
const PLAIN: [&str; 8] = [
    "external_id",
    "client_ip_address",
    "client_user_agent",
    "fbc",
    "fbp",
    "subscription_id",
    "fb_login_id",
    "lead_id",
];
/// Plain keys that tell no person: those that are kept beside an event.
const KEPT: [&str; 3] = ["external_id", "fbc", "fbp"];

/// Customer data in which no name, address or number can be read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HashedUserData {
    fields: Map<String, Value>,
}

impl HashedUserData {
    /// Normalises and hashes what is given; keys that are not known, and values that are empty or cannot be
    /// what their key says, are left out.
    ///
    /// Values may be single or lists, and may be hashed already (64 hexadecimal digits).
    pub fn new(given: &Map<String, Value>) -> Self {
        let mut fields = Map::new();
        for (key, value) in given {
            let lower = key.to_ascii_lowercase();
            let key = LONG_NAMES
                .iter()
                .find_map(|(long, short)| (*long == lower).then_some(*short))
                .unwrap_or(&lower);
            if HASHED.contains(&key) {
                let hashes: Vec<Value> = texts(value)
                    .iter()
                    .filter_map(|text| hashed(key, text))
                    .map(Value::String)
                    .collect();
                if !hashes.is_empty() {
                    fields.insert(key.to_owned(), Value::Array(hashes));
                }
            } else if PLAIN.contains(&key) && !texts(value).iter().all(|text| text.is_empty()) {
                fields.insert(key.to_owned(), value.clone());
            }
        }
        Self { fields }
    }

    /// What goes to the Conversions API.
    pub const fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// What is kept beside an event: hashes, and identifiers that tell no person.
    pub(super) fn kept(&self) -> Map<String, Value> {
        self.fields
            .iter()
            .filter(|(key, _)| HASHED.contains(&key.as_str()) || KEPT.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// Whether the API would accept it: more than what many people share.
    pub(super) fn is_usable(&self) -> bool {
        let has = |key: &str| self.fields.contains_key(key);
        let identifies = ["em", "ph", "external_id", "fbc", "fbp", "client_ip_address", "lead_id"];
        identifies.iter().any(|key| has(key))
            || (has("fn") && has("ln"))
            || (has("db") && (has("fn") || has("ln")))
            || ((has("fn") || has("ln")) && (has("zp") || has("ct")))
    }
}

/// Whether a field holds customer data by its name, wherever it stands.
pub(super) fn is_personal(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    HASHED.contains(&lower.as_str()) || LONG_NAMES.iter().any(|(long, _)| *long == lower)
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

fn hashed(key: &str, text: &str) -> Option<String> {
    let trimmed = text.trim();
    let is_hash = trimmed.len() == 64
        && trimmed.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if is_hash {
        return Some(trimmed.to_owned());
    }
    let normal = normalised(key, trimmed)?;
    Some(crate::hex::hex(&Sha256::digest(normal.as_bytes())))
}

/// The documented form of a value; `None` where it cannot be what its key says.
fn normalised(key: &str, text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let letters = |keep_spaces: bool| -> String {
        let kept = |c: &char| c.is_alphanumeric() || (keep_spaces && *c == ' ');
        lower.chars().filter(kept).collect::<String>().trim().to_owned()
    };
    let normal = match key {
        "em" => {
            let (name, host) = lower.rsplit_once('@')?;
            (!name.is_empty() && host.contains('.')).then_some(lower.clone())?
        }
        "ph" => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            let digits = digits.trim_start_matches('0');
            (digits.len() >= 7).then(|| digits.to_owned())?
        }
        "fn" | "ln" => letters(true),
        "ct" | "st" => letters(false),
        "zp" => {
            let code: String = lower.chars().filter(|c| !c.is_whitespace()).collect();
            let first = code.split('-').next().unwrap_or_default().to_owned();
            let is_us = first.len() > 5 && first.chars().all(|c| c.is_ascii_digit());
            if is_us { first[..5].to_owned() } else { first }
        }
        "country" => {
            let code = letters(false);
            (code.len() == 2 && code.is_ascii()).then_some(code)?
        }
        "db" => birthday(text)?,
        "ge" => match lower.chars().next()? {
            first @ ('f' | 'm') => first.to_string(),
            _ => return None,
        },
        _ => return None,
    };
    (!normal.is_empty()).then_some(normal)
}

/// `YYYYMMDD` of a date given so, as `YYYY-MM-DD`, or as `M/D/YYYY`.
fn birthday(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let (year, month, day) = match parts.as_slice() {
        [whole] if whole.len() == 8 && whole.is_ascii() => (&whole[..4], &whole[4..6], &whole[6..]),
        [year, month, day] if year.len() == 4 => (*year, *month, *day),
        [month, day, year] if year.len() == 4 => (*year, *month, *day),
        _ => return None,
    };
    let (year, month, day): (u32, u32, u32) =
        (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let possible =
        (1900..=2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    possible.then(|| format!("{year:04}{month:02}{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn hash(key: &str, value: &str) -> Option<String> {
        let given = json!({ key: value });
        let hashed = HashedUserData::new(given.as_object().unwrap());
        let short =
            LONG_NAMES.iter().find(|(long, _)| *long == key).map_or(key, |(_, short)| short);
        hashed.fields().get(short).map(|v| v[0].as_str().unwrap().to_owned())
    }

    #[test]
    fn the_published_vectors_come_out() {
        for (key, value, expected) in [
            (
                "em",
                " John_Smith@gmail.com ",
                "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
            ),
            (
                "ph",
                "+1 (650) 555-1212",
                "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",
            ),
            ("fn", "Mary", "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"),
            ("fn", "정", "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14"),
            (
                "fn",
                "Val\u{e9}ry",
                "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c",
            ),
            ("db", "2/16/1997", "01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c"),
            (
                "db",
                "1997-02-16",
                "01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c",
            ),
            ("country", "US", "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"),
            ("ct", "New York", "350c754ba4d38897693aa077ef43072a859d23f613443133fecbbd90a3512ca5"),
            ("st", "CA", "6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126"),
            (
                "zp",
                "94035-1234",
                "1794327a4d443904421f5ca1f3d72d0a62ba2f0770d80755ec2220fc0efb052e",
            ),
            ("zp", "M1 1AE", "1dc694c2070e697769fb959b50671d76cafd430d8ca191fbdd0affcaea344ac5"),
            (
                "gender",
                "Female",
                "252f10c83610ebca1a059c0bae8255eba2f95be4d1d7bcfa89d7248a82d9f111",
            ),
            ("ge", "m", "62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a"),
            ("ln", "O'Brien", "b4cb6cb33fe4b865868de825023a1e2790dc12ac01ecc8d7c5afe8254071c8ba"),
        ] {
            assert_eq!(hash(key, value).as_deref(), Some(expected), "{key} {value}");
        }
    }

    #[test]
    fn what_is_hashed_already_passes_and_what_cannot_be_is_left_out() {
        let once = hash("em", "a@b.de").unwrap();
        assert_eq!(hash("em", &once), Some(once));
        for (key, value) in [
            ("em", "nobody"),
            ("ph", "12"),
            ("db", "yesterday"),
            ("ge", "x"),
            ("country", "USA"),
            ("fn", "!"),
        ] {
            assert_eq!(hash(key, value), None, "{key} {value}");
        }
    }

    #[test]
    fn nothing_readable_is_kept() {
        let given = json!({
            "em": "mary@example.com", "client_ip_address": "203.0.113.9", "client_user_agent": "Firefox",
            "password": "s3cret", "fbp": "fb.1.1596403881668.1116446470"
        });
        let hashed = HashedUserData::new(given.as_object().unwrap());
        let kept = Value::Object(hashed.kept()).to_string();
        for readable in ["mary", "203.0", "Firefox", "s3cret"] {
            assert!(!kept.contains(readable), "{kept}");
        }
        assert!(kept.contains("fb.1.") && hashed.is_usable());
        let shared = json!({"ct": "berlin", "country": "de", "ge": "f"});
        assert!(!HashedUserData::new(shared.as_object().unwrap()).is_usable());
    }
}
