//! Services on the loopback address and suites, for the tests of this crate and of its users.

mod elevenlabs;
mod journal_suite;
mod runway;

pub use elevenlabs::{ELEVENLABS_KEY, ElevenLabsService};
pub use journal_suite::journal_suite;
pub use runway::{RUNWAY_KEY, RunwayService};
