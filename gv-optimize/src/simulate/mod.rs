//! Campaigns whose truth is known, for tests, benches and projections.
//!
//! Clicks, conversions, heavy-tailed orders, diminishing returns, fatigue, reporting delay, a day
//! curve and a dying winner; every policy meets the same random numbers and the same bounds.

mod campaign;
mod kills;
mod policy;
mod world;

pub use campaign::Campaign;
pub use kills::{KillOutcome, error_at_the_edge, kill_options, kill_world, run_kills, truths};
pub use policy::{CADENCE_HOURS, Contender, Shifts, options_for, run_policy};
pub use world::{Truth, World, draw_truths};
