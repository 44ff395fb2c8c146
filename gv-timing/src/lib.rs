//! When a viewer can take which message in.

mod error;
pub mod precision_av_sync;
pub mod psychological_timing;

pub use error::{Error, Result};
