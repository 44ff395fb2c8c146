//! A loopback ad platform and the conformance suites of the seams, for tests of this crate and of its users.

mod meta;
mod performance_model_suite;
mod platform_suite;

pub use meta::{Fault, META_SECRET, META_TOKEN, MetaServer};
pub use performance_model_suite::performance_model_suite;
pub use platform_suite::platform_suite;
