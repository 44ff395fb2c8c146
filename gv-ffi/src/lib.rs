//! The C library: every function of `geminivideo.h`, written out.
//!
//! A module is a section of the header, its doc comments are the header's. `argument` reads what C passes and
//! refuses what breaks a rule, `call` turns errors and panics into a status; no other place looks at a raw pointer's
//! validity.
#![allow(unsafe_code, reason = "a C interface is made of exported names and raw pointers")]
#![allow(non_camel_case_types, reason = "types have the names that C knows them by")]
#![allow(
    clippy::missing_safety_doc,
    reason = "the header states once, at its top, what holds for every pointer"
)]

pub mod analysis;
pub mod analyze;
pub mod analyzer;
mod argument;
pub mod auto_retrain_pipeline;
pub mod budget_optimizer;
mod call;
pub mod capi_feedback_loop;
pub mod cross_campaign_learning;
pub mod loser_kill_switch;
pub mod prediction_accuracy_tracker;
pub mod psychological_timing;
pub mod status;
pub mod store;
pub mod variation_generator;
pub mod winning_patterns_db;
