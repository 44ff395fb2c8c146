//! Runway video and ElevenLabs voice, from the same code in Rust, C and Python.
//!
//! Paid work is written into a [`journal`] before it is sent: a process that is killed while it waits loses nothing,
//! and the same request is not paid twice unless a fresh one is asked for. Everything that can be known to be refused is
//! refused here, with the rule, before anything is sent.

mod content_hash;
mod error;

pub mod elevenlabs_voice;
pub mod journal;
pub mod runway_gen3;
mod service;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use error::{Error, RefusalKind, Result};
pub use gv_http as http;
