//! Sync of picture and sound, triggers, hook, call to action and timelines, for geminivideo.

mod error;

pub use error::{Error, Result};
