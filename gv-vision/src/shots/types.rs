//! What the detector says: shots and the boundaries between them.

use crate::motion_energy::named;
use serde::{Deserialize, Serialize};

/// How one shot gives way to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BoundaryKind {
    /// From one frame to the next, or over a few frames that are no shot of their own.
    Cut,
    /// One picture fades into the other while both are seen.
    Dissolve,
    /// The picture fades to one plain colour, and the next picture appears out of it.
    Fade,
    /// The picture fades to one plain colour that stays: the shot after it is blank.
    FadeOut,
    /// A picture appears out of a plain colour that stood: the shot before it is blank.
    FadeIn,
}

named!(BoundaryKind {
    Cut => "cut",
    Dissolve => "dissolve",
    Fade => "fade",
    FadeOut => "fade_out",
    FadeIn => "fade_in",
});

/// Where one shot gives way to the next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Boundary {
    /// The first frame that counts to the new shot: for gradual boundaries the first in which the
    /// new picture outweighs the old one.
    pub frame: u64,
    /// The moment at which `frame` is shown, in seconds.
    pub time: f64,
    /// The first frame that shows the change; `frame` itself for a plain cut.
    pub start_frame: u64,
    /// The moment at which `start_frame` is shown, in seconds.
    pub start_time: f64,
    /// The first frame that shows the new picture alone; `frame` itself for a plain cut.
    pub end_frame: u64,
    /// The moment at which `end_frame` is shown, in seconds.
    pub end_time: f64,
    /// How the shots are joined.
    pub kind: BoundaryKind,
    /// Evidence for the boundary, above 0 to 1; see [`ShotOptions::threshold`](crate::shots::ShotOptions).
    pub score: f64,
}

/// A run of frames between two boundaries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shot {
    /// Number of the shot, from 0.
    pub index: usize,
    /// The first frame.
    pub start_frame: u64,
    /// One past the last frame.
    pub end_frame: u64,
    /// The moment at which the first frame is shown, in seconds.
    pub start_time: f64,
    /// The moment at which the next shot's first frame is shown, or the end of the video, in seconds.
    pub end_time: f64,
    /// Whether every frame is of one plain colour (black, white or other).
    pub blank: bool,
}

/// All shots of a video, and what separates them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ShotList {
    /// The shots in order; they cover every frame once. Empty for a video without frames.
    pub shots: Vec<Shot>,
    /// The boundaries in order, one less than shots.
    pub boundaries: Vec<Boundary>,
}
