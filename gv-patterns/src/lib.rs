//! The store and its winning patterns, for geminivideo.

mod error;

pub use error::{Error, Result};
