//! Doubles, a loopback server and the conformance suite, for the tests of this crate and of its users.

mod scripted;
mod server;
mod suite;

pub use scripted::{Played, Reply, Script, ScriptedTransport, play};
pub use server::{Answer, Received, Server};
pub use suite::transport_suite;
