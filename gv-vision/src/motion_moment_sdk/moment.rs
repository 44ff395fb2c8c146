//! What a motion moment is.

use crate::motion_energy::named;
use serde::{Deserialize, Serialize};

/// What a moment does in an ad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MomentType {
    /// The attention peak of the opening.
    Hook,
    /// A shot boundary, or a strong change of how much moves.
    Transition,
    /// The calm picture of the closing section that an attention peak leads to.
    Cta,
    /// A held shot in the middle, much calmer than the rest, or calm with a face.
    Emotional,
}

named!(MomentType {
    Hook => "hook",
    Transition => "transition",
    Cta => "cta",
    Emotional => "emotional",
});

/// One of the parts that add up to a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScorePart {
    /// What it stands for.
    pub name: String,
    /// What it adds to the score.
    pub value: f64,
    /// What was measured, in the unit that the name tells.
    pub measured: f64,
    /// Where, in seconds.
    pub time: f64,
}

/// A stretch of the video that does something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MotionMoment {
    /// Number of the first frame.
    pub frame_start: u64,
    /// Number of the last frame.
    pub frame_end: u64,
    /// Time at which the first frame is shown, in seconds.
    pub timestamp_start: f64,
    /// Time at which the last frame stops being shown, in seconds.
    pub timestamp_end: f64,
    /// Mean energy over the stretch in source pixels per nominal frame interval, cuts left out.
    pub motion_energy: f64,
    /// Number of the frame that the strongest motion leads to.
    pub peak_frame: u64,
    /// Its energy.
    pub peak_energy: f64,
    /// What the moment does.
    pub moment_type: MomentType,
    /// Whether a face is seen for at least half of it; `None` where faces are unknown.
    pub face_present: Option<bool>,
    /// What faces multiply its energy by; 1 without a face and where faces are unknown.
    pub face_weight: f64,
    /// How clear the case is, 0 to 1.
    pub score: f64,
    /// The parts that add up to the score.
    pub score_parts: Vec<ScorePart>,
    /// What was measured, in words.
    pub reason: String,
}

impl MomentType {
    /// One letter for charts: H, T, C, E.
    pub const fn letter(self) -> char {
        match self {
            Self::Hook => 'H',
            Self::Transition => 'T',
            Self::Cta => 'C',
            Self::Emotional => 'E',
        }
    }
}

impl MotionMoment {
    /// The energy times what faces multiply it by.
    pub fn weighted_energy(&self) -> f64 {
        self.motion_energy * self.face_weight
    }

    /// Length in seconds.
    pub fn duration(&self) -> f64 {
        self.timestamp_end - self.timestamp_start
    }

    /// Time of the part that weighs most in seconds: of a transition its boundary, of a hook its peak.
    pub fn key_time(&self) -> f64 {
        let heaviest = self.score_parts.iter().reduce(|a, b| if b.value > a.value { b } else { a });
        heaviest.map_or(self.timestamp_start, |part| part.time)
    }
}
