//! Text on the screen: where lines of writing stand, and when they come and go. No model is needed.
//!
//! A line of writing is a row of marks of one colour, with even strokes and sharp edges, that stand on one line. The
//! picture is parted by fifteen shades, and rows of marks are looked for on both sides of each; how likely a row is
//! writing was fitted, and what only one shade shows is none.

mod components;
mod detector;
mod glyphs;
mod groups;
mod likelihood;
mod lines;
mod reader;
mod sighting;
mod tracker;

pub use detector::{TextDetector, TextOptions};
pub use reader::TextReader;
pub use tracker::{TextTrack, TextTracker};

use serde::{Deserialize, Serialize};

/// A line of writing in a picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TextRegion {
    /// Left edge as a share of the picture's width, 0 to 1.
    pub x: f64,
    /// Upper edge as a share of the picture's height, 0 to 1.
    pub y: f64,
    /// Width as a share of the picture's width.
    pub width: f64,
    /// Height as a share of the picture's height.
    pub height: f64,
    /// Probability of writing by what was fitted on texts over photos, 0 to 1.
    pub confidence: f64,
    /// Whether the writing is lighter than what is behind it.
    pub light_on_dark: bool,
}

impl TextRegion {
    /// Area that both cover over the area that either covers, 0 to 1.
    pub fn iou(&self, other: &Self) -> f64 {
        let common = self.overlap(other);
        let all = self.area() + other.area() - common;
        if all > 0.0 { common / all } else { 0.0 }
    }

    /// Share of the picture that the line covers, 0 to 1.
    pub fn area(&self) -> f64 {
        self.width * self.height
    }

    /// Share of the picture that both cover.
    fn overlap(&self, other: &Self) -> f64 {
        let side = |a: f64, a_len: f64, b: f64, b_len: f64| {
            ((a + a_len).min(b + b_len) - a.max(b)).max(0.0)
        };
        side(self.x, self.width, other.x, other.width)
            * side(self.y, self.height, other.y, other.height)
    }
}
