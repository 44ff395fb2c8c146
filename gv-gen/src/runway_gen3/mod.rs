//! Video from text and pictures, by Runway (component 18).
//!
//! [`RunwayClient::generate_video`] blocks; [`RunwayClient::start`] gives the same generation as an exchange for an
//! event loop. Facts about the service (models, ratios, durations, prices) are a dated table, [`Catalog`].

mod catalog;
mod client;
mod generate;
mod image;
mod mock;
mod prompts;
mod request;
mod result;
mod task;

pub use catalog::{Catalog, Endpoint, Model, Retired};
pub use client::{
    API_VERSION, Account, DEFAULT_BASE_URL, ModelLimits, OnProgress, RunwayClient, RunwayOptions,
    Tier,
};
pub use generate::Generate;
pub use image::ImageInput;
pub use mock::MockRunwayClient;
pub use prompts::Prompts;
pub use request::{AspectRatio, GenerationRequest};
pub use result::{GenerationResult, GenerationStatus, Progress};
pub use task::{RetryAdvice, TaskStatus};
