//! Real conversions, and what models learn from them (component 14).
//!
//! Events come from the shop (directly, or over HTTP by [`CapiFeedbackLoop::handle_webhook`]), counts from the
//! platform's reports. Both are matched with recorded predictions; mature pairs become outcomes in the
//! accuracy tracker, and enough of them call for retraining. Events can be forwarded to the Conversions
//! API, which is one-way: a platform never sends conversions back.
//!
//! Customer data is hashed before anything is stored; an event is durable before
//! [`CapiFeedbackLoop::process_capi_event`] returns, and the same event again changes nothing.
//!
//! # Examples
//!
//! ```
//! use gv_optimize::capi_feedback_loop::{CapiFeedbackLoop, FeedbackOptions};
//!
//! let feedback = CapiFeedbackLoop::new(gv_patterns::store::open(":memory:")?, FeedbackOptions::default())?;
//! let event = serde_json::json!({
//!     "event_id": "evt_123", "event_name": "Purchase", "event_time": 1234567890,
//!     "custom_data": {"value": 99.99, "currency": "USD", "campaign_id": "camp_001"}
//! });
//! let processed = feedback.process_capi_event(&event)?;
//! assert_eq!((processed.value, processed.duplicate), (99.99, false));
//! assert!(feedback.process_capi_event(&event)?.duplicate);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod actuals;
mod currency;
mod event;
mod matching;
mod outbox;
#[cfg(test)]
mod tests;
mod user_data;
mod webhook;

pub use actuals::InsightRow;
pub use currency::decimals;
pub use event::{ConversionEvent, EventKind};
pub use matching::{FeedbackMetrics, PredictionActualPair, RetrainOutcome};
pub use outbox::{ConversionsApi, Delivery};
pub use user_data::HashedUserData;
pub(crate) use webhook::hmac_sha256;
pub use webhook::{WebhookKeys, WebhookResponse};

use crate::auto_retrain_pipeline::{AutoRetrainPipeline, RetrainConfig};
use crate::error::parameter;
use crate::prediction_accuracy_tracker::to_json;
use crate::trainer::{BoostedLinear, Trainer};
use crate::{Clock, Result, SystemClock};
use gv_patterns::store::{Applied, Change, Collection, Expect, Store};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Every event, once.
const EVENTS: &str = "capi_event";
const INSIGHTS: Collection = Collection::new("capi_insight").index(&["campaign_id", "creative_id"]);
/// One document for each creative of which there is something that no outcome says yet.
const NEWS: Collection = Collection::new("capi_news");
/// One document for each creative: its conversions and revenue.
const TOTALS: Collection = Collection::new("capi_total");
/// One document: how far events are counted, and when models learned last.
const STATE: Collection = Collection::new("capi_state");

/// How feedback is taken and used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct FeedbackOptions {
    /// New mature pairs that call for retraining. Default: 100.
    pub retrain_threshold: usize,
    /// Hours between two runs at least. Default: 24.
    pub retrain_interval_hours: f64,
    /// Days after a creative's last day until its conversions count as complete. Default: 7.
    pub mature_after_days: f64,
    /// Whether events go to the outbox for the Conversions API. Default: no.
    pub forward: bool,
}

impl Default for FeedbackOptions {
    fn default() -> Self {
        Self {
            retrain_threshold: 100,
            retrain_interval_hours: 24.0,
            mature_after_days: 7.0,
            forward: false,
        }
    }
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Processed {
    /// Whether it is kept, now or since before.
    pub processed: bool,
    /// Its id, made here where it had none.
    pub event_id: String,
    /// The campaign; `None` where it names none.
    pub campaign_id: Option<String>,
    /// The creative.
    pub creative_id: Option<String>,
    /// Its value in the currency's unit.
    pub value: f64,
    /// ISO code of the currency.
    pub currency: Option<String>,
    /// Whether it was kept before.
    pub duplicate: bool,
    /// Whether it is older than the platform would take.
    pub late: bool,
    /// Why it belongs to no campaign.
    pub unmatched: Option<String>,
}

/// Takes conversions, matches them with predictions, retrains.
#[derive(Debug, Clone)]
pub struct CapiFeedbackLoop {
    store: Arc<dyn Store>,
    options: FeedbackOptions,
    pipeline: AutoRetrainPipeline,
    clock: Arc<dyn Clock>,
}

impl CapiFeedbackLoop {
    /// Uses the built-in trainer and the computer's clock.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for options out of range, and the store's.
    pub fn new(store: Arc<dyn Store>, options: FeedbackOptions) -> Result<Self> {
        let trainer = Arc::new(BoostedLinear::default());
        Self::with(store, options, trainer, Arc::new(SystemClock))
    }

    /// Uses a trainer and a clock of the caller's.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new).
    pub fn with(
        store: Arc<dyn Store>,
        options: FeedbackOptions,
        trainer: Arc<dyn Trainer>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        for (name, value) in [
            ("retrain_interval_hours", options.retrain_interval_hours),
            ("mature_after_days", options.mature_after_days),
        ] {
            if !(0.0..=10_000.0).contains(&value) {
                return Err(parameter(name, value, "0 to 10000"));
            }
        }
        for collection in [&INSIGHTS, &NEWS, &TOTALS, &STATE, &outbox::OUTBOX] {
            store.ensure(collection)?;
        }
        let mut config = RetrainConfig::default();
        config.min_samples_for_retrain = options.retrain_threshold.max(20);
        config.max_samples_per_retrain =
            config.max_samples_per_retrain.max(config.min_samples_for_retrain);
        let pipeline =
            AutoRetrainPipeline::with(Arc::clone(&store), config, trainer, Arc::clone(&clock))?;
        Ok(Self { store, options, pipeline, clock })
    }

    /// The pipeline that retrains, and its tracker.
    pub const fn pipeline(&self) -> &AutoRetrainPipeline {
        &self.pipeline
    }

    /// Takes an event and makes it durable.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for an event that breaks a rule, without a
    /// value of customer data in the message, and the store's; nothing is kept then.
    pub fn process_capi_event(&self, event: &Value) -> Result<Processed> {
        let mut outcomes = self.process_events(std::slice::from_ref(event))?;
        outcomes.remove(0)
    }

    /// Takes events in one transaction; one that breaks a rule does not keep the others out.
    ///
    /// # Errors
    ///
    /// The store's; nothing is kept then.
    pub fn process_events(&self, events: &[Value]) -> Result<Vec<Result<Processed>>> {
        let now = self.clock.now();
        let parsed: Vec<_> = events.iter().map(|given| event::parse(given, now)).collect();
        let mut changes = Vec::new();
        let mut places = Vec::with_capacity(parsed.len());
        for parsed in &parsed {
            places.push(changes.len());
            let Ok(parsed) = parsed else { continue };
            let event = &parsed.event;
            let at = event.event_time.saturating_mul(1000);
            changes.push(Change::append(EVENTS, event.key(), at, to_json(event)?));
            let forwarded = self.options.forward
                && self.store.get(outbox::OUTBOX.name(), &event.key())?.is_none();
            if forwarded {
                changes.push(outbox::outgoing(parsed)?);
            }
        }
        let applied = if changes.is_empty() { Vec::new() } else { self.store.apply(&changes)? };
        Ok(parsed
            .into_iter()
            .zip(places)
            .map(|(parsed, place)| {
                let event = parsed?.event;
                let duplicate = matches!(applied.get(place), Some(Applied::Duplicate { .. }));
                let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
                Ok(Processed {
                    processed: true,
                    value: event.value(),
                    campaign_id: some(&event.campaign_id),
                    creative_id: some(&event.creative_id),
                    event_id: event.event_id,
                    currency: event.currency,
                    duplicate,
                    late: event.late,
                    unmatched: event.unmatched,
                })
            })
            .collect())
    }

    /// Takes rows of the platform's report; a row of the same creative and day replaces the former.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for a row that breaks a rule, and the
    /// store's; no row is kept then.
    pub fn record_insights(&self, rows: &[InsightRow]) -> Result<usize> {
        let mut changes = Vec::with_capacity(rows.len());
        let mut creatives = BTreeSet::new();
        for row in rows {
            row.check()?;
            changes.push(Change::put(INSIGHTS.name(), row.id(), Expect::Any, to_json(row)?));
            creatives.insert((row.campaign_id.as_str(), row.creative_id.as_str()));
        }
        changes.extend(creatives.into_iter().map(|(campaign, creative)| news(campaign, creative)));
        self.store.apply(&changes)?;
        Ok(rows.len())
    }
}

/// Id of a creative's documents.
fn creative_key(campaign_id: &str, creative_id: &str) -> String {
    joined(&[campaign_id, creative_id])
}

/// One id out of several, no two alike unless all parts are: a slash within a part is written `%2F`.
fn joined(parts: &[&str]) -> String {
    let parts: Vec<String> =
        parts.iter().map(|part| part.replace('%', "%25").replace('/', "%2F")).collect();
    parts.join("/")
}

/// The change that has a creative looked at again.
fn news(campaign_id: &str, creative_id: &str) -> Change {
    let body = json!({"campaign_id": campaign_id, "creative_id": creative_id});
    Change::put(NEWS.name(), creative_key(campaign_id, creative_id), Expect::Any, body)
}
