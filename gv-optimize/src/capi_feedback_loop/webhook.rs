//! Events over HTTP, for any web framework to mount.

use super::CapiFeedbackLoop;
use crate::Result;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const LARGEST: usize = 10 << 20;
const MOST_EVENTS: usize = 1000;

/// What an HTTP server should answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookResponse {
    /// HTTP status.
    pub status: u16,
    /// `text/plain` or `application/json`.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

impl WebhookResponse {
    fn json(status: u16, body: &Value) -> Self {
        Self { status, content_type: "application/json", body: body.to_string() }
    }

    fn refusal(status: u16, error: &str) -> Self {
        Self::json(status, &json!({"error": error}))
    }
}

/// What an incoming request is checked against.
#[derive(Clone)]
pub struct WebhookKeys {
    /// Signs bodies (`X-Hub-Signature-256`); without it no event is taken.
    pub app_secret: String,
    /// Proves a subscription's handshake.
    pub verify_token: String,
}

impl std::fmt::Debug for WebhookKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookKeys { .. }")
    }
}

impl CapiFeedbackLoop {
    /// Answers an HTTP request: the handshake of a subscription (GET), and events (POST): one object, a list,
    /// or `{"events": [...]}`; `{"data": [...]}` as for the Conversions API is understood too.
    ///
    /// `target` is the path with its query, `headers` are names (in any case) and values. The body's signature
    /// is checked over its raw bytes before it is read. Every event is durable when the answer is 200; one
    /// that breaks a rule is named in the answer and does not keep the others out.
    ///
    /// # Errors
    ///
    /// The store's: the sender should be answered with a 5xx and will try again.
    pub fn handle_webhook(
        &self,
        keys: &WebhookKeys,
        method: &str,
        target: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<WebhookResponse> {
        match method {
            "GET" => Ok(handshake(keys, target)),
            "POST" => self.take(keys, headers, body),
            _ => Ok(WebhookResponse::refusal(405, "allowed are GET and POST")),
        }
    }

    fn take(
        &self,
        keys: &WebhookKeys,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<WebhookResponse> {
        if body.len() > LARGEST {
            return Ok(WebhookResponse::refusal(413, "allowed are 10 MiB"));
        }
        let signature = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("x-hub-signature-256"))
            .map(|(_, value)| value.as_str());
        if !signature.is_some_and(|given| is_signed(keys, given, body)) {
            return Ok(WebhookResponse::refusal(403, "the signature does not match the body"));
        }
        let Ok(value) = serde_json::from_slice::<Value>(body) else {
            return Ok(WebhookResponse::refusal(400, "the body is no JSON"));
        };
        let events = match &value {
            Value::Array(events) => events.clone(),
            Value::Object(object) => {
                let list = object.get("events").or_else(|| object.get("data"));
                match list.and_then(Value::as_array) {
                    Some(events) => events.clone(),
                    None => vec![value.clone()],
                }
            }
            _ => return Ok(WebhookResponse::refusal(400, "the body holds no events")),
        };
        if events.len() > MOST_EVENTS {
            return Ok(WebhookResponse::refusal(413, "allowed are 1000 events"));
        }
        let outcomes = self.process_events(&events)?;
        let refused: Vec<Value> = outcomes
            .iter()
            .enumerate()
            .filter_map(|(index, outcome)| {
                outcome
                    .as_ref()
                    .err()
                    .map(|error| json!({"index": index, "error": error.to_string()}))
            })
            .collect();
        let taken = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok());
        let duplicates = taken.filter(|taken| taken.duplicate).count();
        let received = outcomes.len() - refused.len();
        let status = if received == 0 && !refused.is_empty() { 400 } else { 200 };
        Ok(WebhookResponse::json(
            status,
            &json!({"events_received": received, "duplicates": duplicates, "refused": refused}),
        ))
    }
}

fn handshake(keys: &WebhookKeys, target: &str) -> WebhookResponse {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let value = |wanted: &str| {
        query.split('&').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            (decoded(name) == wanted).then(|| decoded(value))
        })
    };
    let proven = value("hub.mode").as_deref() == Some("subscribe")
        && value("hub.verify_token").is_some_and(|token| {
            !keys.verify_token.is_empty() && equal(token.as_bytes(), keys.verify_token.as_bytes())
        });
    match value("hub.challenge") {
        Some(challenge) if proven => {
            WebhookResponse { status: 200, content_type: "text/plain", body: challenge }
        }
        _ => WebhookResponse::refusal(403, "the verify token does not match"),
    }
}

/// Undoes percent-encoding and `+`.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match (bytes[at], pair.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (b'+', _) => {
                out.push(b' ');
                at += 1;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn is_signed(keys: &WebhookKeys, given: &str, body: &[u8]) -> bool {
    if keys.app_secret.is_empty() {
        return false;
    }
    let expected = crate::hex::hex(&hmac_sha256(keys.app_secret.as_bytes(), body));
    given.strip_prefix("sha256=").is_some_and(|hex| equal(hex.as_bytes(), expected.as_bytes()))
}

/// Compares in a time that does not tell where the first difference is.
fn equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (x, y)| difference | (x ^ y)) == 0
}

/// HMAC (RFC 2104) with SHA-256.
pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let with = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = Sha256::new().chain_update(with(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(with(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn signatures_are_those_of_the_published_vectors() {
        assert_eq!(
            hex(&hmac_sha256(b"secret", b"test")),
            "0329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c0914"
        );
        assert_eq!(
            hex(&hmac_sha256(b"APPSECRET", b"TOK|EN")),
            "bf05043a8a7feb888b52eee39e21223b26b8e16ebd8538692c81a4101fffb70a"
        );
        let escaped = br#"{"object":"page","entry":[{"id":"1","time":1700000000,"changes":[{"field":"leadgen","value":{"name":"\u00e4"}}]}]}"#;
        assert_eq!(
            hex(&hmac_sha256(b"APPSECRET", escaped)),
            "e38b67dc9b7f108f0a25b38458a1a5474f3f30e09077806836f9d0856677c130"
        );
    }

    #[test]
    fn queries_are_decoded() {
        assert_eq!(decoded("a%20b+c%zz%e2%82%ac"), "a b c%zz€");
    }
}
