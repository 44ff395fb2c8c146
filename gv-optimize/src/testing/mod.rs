//! A loopback ad platform and the conformance suite of the seam, for tests of this crate and of its users.

mod meta;
mod platform_suite;

pub use meta::{Fault, META_SECRET, META_TOKEN, MetaServer};
pub use platform_suite::platform_suite;
