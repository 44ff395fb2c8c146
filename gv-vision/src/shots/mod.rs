//! Shots: where one take ends and the next begins.

mod assemble;
mod cut;
mod detector;
mod distance;
mod gradual;
mod line;
mod signature;
mod types;

pub use detector::{ShotDetector, ShotOptions};
pub use types::{Boundary, BoundaryKind, Shot, ShotList};
