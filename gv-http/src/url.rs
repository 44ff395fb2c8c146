//! Addresses: the base URL of a service, queries, and how a URL is shown.

use crate::{Error, Result};
use std::fmt::{self, Write as _};

/// The address of a service, to which paths are appended.
///
/// `https` is asked for, because requests carry a key; plain `http` is taken for the machine itself
/// (`localhost`, `127.0.0.0/8`, `[::1]`) and, with [`parse_allowing_http`](Self::parse_allowing_http), anywhere.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Parses an address such as `https://api.elevenlabs.io`; a slash at the end is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidUrl`] where it is not an absolute `https` address without user, query and fragment.
    pub fn parse(url: &str) -> Result<Self> {
        Self::checked(url, false)
    }

    /// As [`parse`](Self::parse), and plain `http` is taken for any host.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn parse_allowing_http(url: &str) -> Result<Self> {
        Self::checked(url, true)
    }

    /// The address with a path appended; the path begins with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn checked(url: &str, any_http: bool) -> Result<Self> {
        let fail = |rule| Err(Error::InvalidUrl { url: redacted_url(url), rule });
        let trimmed = url.trim().trim_end_matches('/');
        let Some((scheme, rest)) = trimmed.split_once("://") else {
            return fail("it must begin with https://");
        };
        let (authority, path) = match rest.find(['/', '?', '#']) {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        if authority.is_empty() {
            return fail("it must name a host");
        }
        if authority.contains('@') {
            return fail("it must not carry a user or password; keys go into headers");
        }
        if path.contains(['?', '#']) {
            return fail("it must not carry a query or fragment");
        }
        if trimmed.bytes().any(|b| b <= 0x20 || b >= 0x7f || b == b'\\') {
            return fail("it must be visible ASCII without spaces");
        }
        match scheme {
            "https" => {}
            "http" if any_http || is_loopback(authority) => {}
            "http" => return fail("plain http would show the key; it is taken for localhost only"),
            _ => return fail("it must begin with https://"),
        }
        Ok(Self(trimmed.to_owned()))
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(""),
        None => authority.split(':').next().unwrap_or(""),
    };
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A URL fit to be shown: without user, query and fragment, where tokens travel, and cut after 200 characters.
pub fn redacted_url(url: &str) -> String {
    let mut shown: String = url.split(['?', '#']).next().unwrap_or("").to_owned();
    if let Some((scheme, rest)) = shown.clone().split_once("://") {
        let (authority, path) = rest.split_once('/').map_or((rest, ""), |(a, p)| (a, p));
        if let Some((_, host)) = authority.rsplit_once('@') {
            shown = format!("{scheme}://{host}/{path}");
        }
    }
    if shown.chars().count() > 200 {
        shown = shown.chars().take(200).chain(['…']).collect();
    }
    let hidden = url.contains('?');
    shown.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect::<String>()
        + if hidden { "?…" } else { "" }
}

/// A query string, without the question mark: letters, digits and `-_.~` stay, a space becomes `+`.
///
/// Agrees with Python's `urllib.parse.urlencode`, byte by byte. Keys may repeat.
pub fn encode_query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::new();
    for (key, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        encode_into(&mut out, key);
        out.push('=');
        encode_into(&mut out, value);
    }
    out
}

fn encode_into(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_does_not_travel_in_the_clear_unless_the_machine_itself_is_meant() {
        for good in [
            "https://api.example.com",
            "http://localhost:80",
            "http://127.0.0.1:4010/",
            "http://[::1]:9",
        ] {
            assert!(BaseUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://api.example.com",
            "http://127.0.0.1.example.com",
            "api.example.com",
            "ftp://x",
            "https://",
            "https:///v1",
            "https://u:p@x",
            "https://x?k=1",
            "https://x#f",
            "https://x y",
            "https://x\n",
            "",
        ] {
            let bad_in_middle = if bad.ends_with('\n') { "https://x\ny" } else { bad };
            assert!(BaseUrl::parse(bad_in_middle).is_err(), "{bad_in_middle:?}");
        }
        assert!(BaseUrl::parse_allowing_http("http://gateway:8080").is_ok());
    }

    #[test]
    fn paths_follow_the_base_without_a_double_slash() {
        let base = BaseUrl::parse("https://x.example/api/").unwrap();
        assert_eq!(base.join("/v1/tasks"), "https://x.example/api/v1/tasks");
    }

    #[test]
    fn a_shown_url_has_no_token_and_no_password() {
        assert_eq!(redacted_url("https://u:pw@h/p.mp4?_jwt=abc#f"), "https://h/p.mp4?…");
        assert_eq!(redacted_url("https://h/p"), "https://h/p");
        assert_eq!(redacted_url(""), "");
        assert!(!redacted_url("https://u:pw@h?x").contains("pw"));
    }

    #[test]
    fn queries_agree_with_urlencode() {
        assert_eq!(
            encode_query([("a b~*|é/:,'()!", "x")]),
            "a+b~%2A%7C%C3%A9%2F%3A%2C%27%28%29%21=x"
        );
        assert_eq!(encode_query([("v", "1"), ("v", "2")]), "v=1&v=2");
        assert_eq!(encode_query([]), "");
    }
}
