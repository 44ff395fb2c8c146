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

pub mod ad_insights;
pub mod ad_platform;
pub mod analysis;
pub mod analyze;
pub mod analyzer;
mod argument;
pub mod auto_retrain_pipeline;
pub mod budget_optimizer;
mod call;
mod callback;
pub mod capi_feedback_loop;
pub mod checks;
pub mod cross_campaign_learning;
pub mod cta_optimizer;
pub mod cta_place;
mod detector;
mod ear;
pub mod elevenlabs_voice;
mod exchange;
pub mod executor;
pub mod face_weighted_analyzer;
pub mod faces;
pub mod heard;
pub mod hook_optimizer;
pub mod ledger;
pub mod listening;
pub mod log;
pub mod loser_kill_switch;
pub mod motion_energy;
pub mod motion_moment_sdk;
pub mod objects;
pub mod picture;
pub mod precision_av_sync;
pub mod prediction_accuracy_tracker;
pub mod psychological_timing;
pub mod pushing;
pub mod runway_gen3;
pub mod samples;
pub mod sound;
pub mod status;
pub mod store;
pub mod store_functions;
pub mod text;
pub mod transport;
pub mod variation_generator;
pub mod voice_detector;
pub mod winning_patterns_db;
pub mod yolo_face_detector;
pub mod yolo_object_detector;
