//! The store and its winning patterns, for geminivideo.

mod error;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use error::{Error, Result};
