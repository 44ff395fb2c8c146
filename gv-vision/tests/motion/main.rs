//! Motion and its moments, measured by Farneback's flow on rendered scenes of known motion and on real ads.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails where it unwraps")]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

mod ads;
mod rendered;
mod scene;
