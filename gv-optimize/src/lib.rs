//! Variations, budgets and kill decisions on one calibrated posterior.

pub mod auto_retrain_pipeline;
pub mod budget_optimizer;
pub mod capi_feedback_loop;
mod clock;
mod counts;
pub mod cross_campaign_learning;
pub mod drift;
mod error;
mod hex;
pub mod loser_kill_switch;
mod money;
pub mod platform;
pub mod posterior;
pub mod prediction_accuracy_tracker;
#[cfg(feature = "simulate")]
pub mod simulate;
pub mod table;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod trainer;
pub mod variation_generator;

pub use clock::{Clock, FixedClock, SystemClock, Timestamp};
pub use counts::{DataIssue, StatedRatios};
pub use error::{Error, Result};
pub use gv_http as http;
pub use money::Money;
