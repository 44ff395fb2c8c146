//! Doubles and suites for the tests of this crate and of its users.

mod journal_suite;

pub use journal_suite::journal_suite;
