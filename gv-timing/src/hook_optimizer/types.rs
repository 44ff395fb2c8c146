//! What an opening is found to be.

use crate::Part;
use serde::{Deserialize, Serialize};

/// What an opening works by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookType {
    /// A face.
    FaceHook,
    /// Movement.
    MotionHook,
    /// Writing.
    TextHook,
    /// Sound.
    AudioHook,
    /// A sudden change.
    PatternInterrupt,
    /// A change from one state that holds to another that holds: before and after.
    Transformation,
    /// A question, written or spoken.
    Question,
}

impl HookType {
    /// Every type, in the order of the specification.
    pub const ALL: [Self; 7] = [
        Self::FaceHook,
        Self::MotionHook,
        Self::TextHook,
        Self::AudioHook,
        Self::PatternInterrupt,
        Self::Transformation,
        Self::Question,
    ];

    /// The name used in files and in Python.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FaceHook => "face_hook",
            Self::MotionHook => "motion_hook",
            Self::TextHook => "text_hook",
            Self::AudioHook => "audio_hook",
            Self::PatternInterrupt => "pattern_interrupt",
            Self::Transformation => "transformation",
            Self::Question => "question",
        }
    }
}

/// How much speaks for one type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HookStrength {
    /// The type.
    pub hook_type: HookType,
    /// 0 to 1; `None` where nobody looked for it.
    pub strength: Option<f64>,
    /// When it happens, in seconds.
    pub time: Option<f64>,
    /// What was measured, in the unit that `reason` names.
    pub measured: Option<f64>,
    /// What was found, in words.
    pub reason: String,
}

/// Something to do about an opening.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Improvement {
    /// Which part of the score it would raise.
    pub part: String,
    /// When, in seconds.
    pub time: f64,
    /// What was measured; `None` where it is that nothing is there.
    pub measured: Option<f64>,
    /// What it should be.
    pub wanted: f64,
    /// What to do, and why, in words.
    pub text: String,
}

/// What an opening is, how well it works, and what to do about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HookAnalysis {
    /// What it works by most; `None` where nothing of what is known is strong enough to be called a hook.
    pub hook_type: Option<HookType>,
    /// 0 to 100: the sum of `parts`. What is unknown adds nothing.
    pub effectiveness_score: f64,
    /// What the score would be at most if all that is unknown were perfect.
    pub possible_score: f64,
    /// The parts of the score.
    pub parts: Vec<Part>,
    /// How much speaks for each of the seven types.
    pub strengths: Vec<HookStrength>,
    /// When the first face is seen, in seconds; `None` where none is, or faces are unknown.
    pub first_face_time: Option<f64>,
    /// When motion peaks first, in seconds; `None` where little moves, or motion is unknown.
    pub first_motion_peak: Option<f64>,
    /// When the first writing stands, in seconds; `None` where none does, or writing is unknown.
    pub first_text_time: Option<f64>,
    /// When sound sets in strongly for the first time, in seconds; `None` where it does not, or sound is unknown.
    pub first_audio_peak: Option<f64>,
    /// Predicted attention at each moment of `attention_times`, 0 to 1; empty where it is unknown.
    pub attention_curve: Vec<f64>,
    /// The moments of the curve, in seconds: one for each measured frame.
    pub attention_times: Vec<f64>,
    /// How unexpected the strongest change is, 0 to 1; `None` where light and colour are unknown.
    pub pattern_interrupt_score: Option<f64>,
    /// Mean of what is known of closeness of faces, attention and strength of sound, 0 to 1.
    pub emotional_intensity: f64,
    /// What to do, the largest gain first.
    pub improvements: Vec<Improvement>,
    /// Where the first cut belongs, in seconds.
    pub optimal_cut_time: f64,
    /// Kinds of evidence that nobody looked for.
    pub unknown: Vec<String>,
}
