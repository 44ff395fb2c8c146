//! Variations, budgets and kill decisions on one calibrated posterior.

mod error;
mod money;
pub mod posterior;

pub use error::{Error, Result};
pub use money::Money;
