//! The store and its winning patterns, for geminivideo.

mod error;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod winning_patterns_db;

pub use error::{Error, Result};
