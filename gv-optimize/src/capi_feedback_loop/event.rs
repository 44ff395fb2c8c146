//! A conversion, checked and without a person in it.

use super::currency::decimals;
use super::user_data::HashedUserData;
use crate::error::parameter;
use crate::{Result, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

const DAY: i64 = 86_400;
/// Days that an event may lie ahead of the clock.
const AHEAD_DAYS: i64 = 7;
/// Days after which the platform no longer takes an event.
const LATE_DAYS: i64 = 7;
/// Events that take a conversion back.
const REFUNDS: [&str; 4] = ["Refund", "RefundOrder", "Cancel", "CancelOrder"];
/// Events that are steps on the way, and no conversion.
const STEPS: [&str; 7] = [
    "PageView",
    "ViewContent",
    "Search",
    "AddToCart",
    "AddToWishlist",
    "InitiateCheckout",
    "AddPaymentInfo",
];
const LARGEST: usize = 64 << 10;

/// What an event does to the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A conversion.
    Conversion,
    /// A conversion taken back.
    Refund,
    /// A step on the way.
    Step,
}

/// A conversion as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConversionEvent {
    /// Identifies the event among those of its name.
    pub event_id: String,
    /// Whether the id was made here, of the event's content.
    pub synthetic_id: bool,
    /// Purchase, Lead, Refund, ...
    pub event_name: String,
    /// What it does to the counts.
    pub kind: EventKind,
    /// When it happened, seconds since 1970.
    pub event_time: i64,
    /// Whether it came later than the platform takes events.
    pub late: bool,
    /// Its value in the currency's minor unit.
    pub value_minor: i64,
    /// ISO code of the currency; `None` where there is no value.
    pub currency: Option<String>,
    /// The campaign that it belongs to.
    pub campaign_id: String,
    /// The creative that it belongs to.
    pub creative_id: String,
    /// Why it belongs to no campaign.
    pub unmatched: Option<String>,
    /// Hashes of customer data, and identifiers that tell no person.
    pub user_data: Map<String, Value>,
}

/// An event with what is forwarded of it and not kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parsed {
    pub(super) event: ConversionEvent,
    pub(super) user_data: HashedUserData,
    pub(super) custom_data: Map<String, Value>,
    pub(super) action_source: String,
    pub(super) event_source_url: String,
}

impl ConversionEvent {
    /// Its value in the currency's unit.
    pub fn value(&self) -> f64 {
        let places = self.currency.as_deref().and_then(decimals).unwrap_or(2);
        self.value_minor as f64 / 10f64.powi(places as i32)
    }

    /// What makes it the same event when it comes again.
    pub(super) fn key(&self) -> String {
        super::joined(&[&self.event_name, &self.event_id])
    }
}

/// Reads an event as it comes in.
///
/// # Errors
///
/// [`Error::InvalidParameter`](crate::Error::InvalidParameter), naming the field; no value of customer data
/// stands in it.
pub(super) fn parse(given: &Value, now: Timestamp) -> Result<Parsed> {
    let object =
        given.as_object().ok_or_else(|| parameter("event", kind_of(given), "a JSON object"))?;
    if given.to_string().len() > LARGEST {
        return Err(parameter("event", "larger", "at most 64 KiB of JSON"));
    }
    let event_name = text(object, "event_name")?;
    let name_is_sound =
        (1..=100).contains(&event_name.len()) && !event_name.chars().any(char::is_control);
    if !name_is_sound {
        return Err(parameter("event_name", excerpt(&event_name), "1 to 100 characters"));
    }
    let event_time = time(object, now)?;
    let custom_data = section(object, "custom_data")?;
    let (value_minor, currency) = value(&custom_data, &event_name)?;
    let kind = if REFUNDS.contains(&event_name.as_str()) {
        EventKind::Refund
    } else if STEPS.contains(&event_name.as_str()) {
        EventKind::Step
    } else {
        EventKind::Conversion
    };
    let user_data = HashedUserData::new(&section(object, "user_data")?);
    let id = |names: &[&str]| -> Result<String> {
        for source in [&custom_data, object] {
            for name in names {
                let found = text(source, name)?;
                if !found.is_empty() {
                    return Ok(found);
                }
            }
        }
        Ok(String::new())
    };
    let campaign_id = id(&["campaign_id", "utm_campaign"])?;
    let creative_id = id(&["creative_id", "ad_id", "utm_content"])?;
    let unmatched = campaign_id.is_empty().then(|| "the event names no campaign_id".to_owned());
    let given_id = text(object, "event_id")?;
    let synthetic_id = given_id.is_empty();
    let event_id = if synthetic_id {
        content_id(&event_name, event_time, value_minor, &id(&["order_id"])?, &user_data)
    } else if given_id.len() <= 256 {
        given_id
    } else {
        return Err(parameter(
            "event_id",
            format!("{} bytes", given_id.len()),
            "at most 256 bytes",
        ));
    };
    let late = now.0 / 1000 - event_time > LATE_DAYS * DAY;
    let action_source = text(object, "action_source")?;
    Ok(Parsed {
        event: ConversionEvent {
            event_id,
            synthetic_id,
            event_name,
            kind,
            event_time,
            late,
            value_minor,
            currency,
            campaign_id,
            creative_id,
            unmatched,
            user_data: user_data.kept(),
        },
        user_data,
        custom_data,
        action_source: if action_source.is_empty() { "website".into() } else { action_source },
        event_source_url: text(object, "event_source_url")?,
    })
}

/// An id of what the event says, so that the same event without an id is the same again.
fn content_id(
    name: &str,
    time: i64,
    value: i64,
    order: &str,
    user_data: &HashedUserData,
) -> String {
    let user = Value::Object(user_data.fields().clone()).to_string();
    let digest = Sha256::digest(format!("{name}\0{time}\0{value}\0{order}\0{user}").as_bytes());
    format!("content-{}", crate::hex::hex(&digest[..16]))
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn excerpt(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// A text, or a number as text; empty where it is missing.
fn text(object: &Map<String, Value>, name: &str) -> Result<String> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.trim().to_owned()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(other) => Err(parameter("event", format!("{name} is {}", kind_of(other)), "a text")),
    }
}

fn section(object: &Map<String, Value>, name: &str) -> Result<Map<String, Value>> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(section)) => Ok(section.clone()),
        Some(other) => {
            Err(parameter("event", format!("{name} is {}", kind_of(other)), "a JSON object"))
        }
    }
}

fn time(object: &Map<String, Value>, now: Timestamp) -> Result<i64> {
    let allowed = "whole seconds since 1970, at most 7 days ahead";
    let time = match object.get("event_time") {
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let time =
        time.ok_or_else(|| parameter("event_time", "missing or no whole number", allowed))?;
    if time < 0 || time - now.0 / 1000 > AHEAD_DAYS * DAY {
        return Err(parameter("event_time", time, allowed));
    }
    Ok(time)
}

/// Value in minor units and its currency; no value is none.
fn value(custom: &Map<String, Value>, event_name: &str) -> Result<(i64, Option<String>)> {
    let given = match custom.get("value") {
        None | Some(Value::Null) => {
            return if event_name == "Purchase" {
                Err(parameter("value", "missing", "a number, for a Purchase"))
            } else {
                Ok((0, None))
            };
        }
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    let value = given
        .filter(|value| (0.0..=1e12).contains(value))
        .ok_or_else(|| parameter("value", "no such number", "a number from 0 to 1e12"))?;
    let currency = text(custom, "currency")?.to_uppercase();
    let places = decimals(&currency).ok_or_else(|| {
        parameter("currency", excerpt(&currency), "a currency code of ISO 4217, such as USD")
    })?;
    Ok(((value * 10f64.powi(places as i32)).round() as i64, Some(currency)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn purchase() -> Value {
        json!({
            "event_id": "evt_123", "event_name": "Purchase", "event_time": 1_799_999_000,
            "custom_data": {"value": 99.99, "currency": "usd", "campaign_id": "camp_001"},
            "user_data": {"em": "mary@example.com"}
        })
    }

    #[test]
    fn money_is_kept_in_minor_units() {
        let event = parse(&purchase(), NOW).unwrap().event;
        assert_eq!((event.value_minor, event.currency.as_deref()), (9999, Some("USD")));
        assert_eq!(event.value(), 99.99);
        let mut yen = purchase();
        yen["custom_data"] = json!({"value": "1200", "currency": "JPY"});
        let event = parse(&yen, NOW).unwrap().event;
        assert_eq!((event.value_minor, event.value()), (1200, 1200.0));
        assert_eq!(event.unmatched.as_deref(), Some("the event names no campaign_id"));
    }

    #[test]
    fn an_event_without_an_id_has_one_of_its_content() {
        let mut event = purchase();
        event["event_id"] = Value::Null;
        let first = parse(&event, NOW).unwrap().event;
        assert!(first.synthetic_id && first.event_id.starts_with("content-"));
        assert_eq!(parse(&event, NOW).unwrap().event.event_id, first.event_id);
        event["event_time"] = json!(1_799_999_001);
        assert_ne!(parse(&event, NOW).unwrap().event.event_id, first.event_id);
    }

    #[test]
    fn what_cannot_be_is_refused_without_showing_a_person() {
        for (field, value) in [
            ("event_name", json!("")),
            ("event_name", json!(["Purchase"])),
            ("event_time", json!("soon")),
            ("event_time", json!(1_801_000_000_000_i64)),
            ("event_time", json!(-5)),
            ("custom_data", json!({"value": -1, "currency": "USD"})),
            ("custom_data", json!({"value": "NaN", "currency": "USD"})),
            ("custom_data", json!({"value": 1, "currency": "XXX"})),
            ("custom_data", json!({"currency": "USD"})),
            ("custom_data", json!([1])),
            ("user_data", json!("mary@example.com")),
            ("event_id", json!("x".repeat(300))),
        ] {
            let mut event = purchase();
            event[field] = value.clone();
            let error = parse(&event, NOW).unwrap_err().to_string();
            assert!(!error.contains("mary"), "{error}");
        }
        assert!(parse(&json!([]), NOW).is_err());
        let mut large = purchase();
        large["custom_data"]["note"] = json!("x".repeat(100_000));
        assert!(parse(&large, NOW).is_err());
    }

    #[test]
    fn late_events_are_taken_and_said_to_be_late() {
        let mut event = purchase();
        event["event_time"] = json!(1_234_567_890);
        assert!(parse(&event, NOW).unwrap().event.late);
        assert!(!parse(&purchase(), NOW).unwrap().event.late);
    }
}
