//! Meta's Marketing API: ad status, budgets, insights.
//!
//! Every call is an exchange that touches no network itself ([`gv_http::Exchange`]); [`MetaClient`] drives them over
//! a transport. The token travels in a header. Decisions follow Meta's error codes, not HTTP statuses or texts.

mod client;
mod graph;
mod insights;
mod refusal;
mod state;
mod table;
mod usage;

pub use client::{MetaClient, MetaOptions};
pub use graph::GraphCall;
pub use insights::{InsightsQuery, ReadInsights};
pub use refusal::{Refusal, Retry};
pub use state::ReadState;
pub use table::MetaTable;
pub use usage::Usage;

/// The platform's name in errors, journals and results.
pub const PLATFORM: &str = "meta";
