//! Shots: where one take ends and the next begins.

mod assemble;
mod cut;
mod detector;
mod distance;
mod gradual;
mod line;
mod signature;
mod types;

#[cfg(test)]
mod tests;

pub use detector::{ShotDetector, ShotOptions};
pub use types::{Boundary, BoundaryKind, Shot, ShotList};
