//! The rules.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// What can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Check {
    /// The longest black stretch.
    Black,
    /// The longest stretch that stands still to the last pixel, one that ends the video left out.
    Frozen,
    /// Share of the picture that black bars cover.
    Letterbox,
    /// General flashes in the worst second.
    LuminanceFlashes,
    /// Flashes of saturated red in the worst second.
    RedFlashes,
    /// Whether the placement takes the aspect.
    Aspect,
    /// Whether the placement takes the length.
    Duration,
    /// The longest shot.
    LongestShot,
    /// Most cuts in any three seconds.
    CutsInThreeSeconds,
    /// Score of the opening.
    Hook,
    /// Seconds to the first face.
    FirstFace,
    /// Seconds to the first writing.
    FirstText,
    /// Whether there is a call to action.
    CtaPresent,
    /// The part of the call that the placement's controls cover.
    CtaSafeZone,
    /// The lowest contrast of the call.
    CtaContrast,
    /// The part of the speech during which writing stands.
    WorksMuted,
    /// Integrated loudness.
    Loudness,
    /// True peak.
    TruePeak,
}

impl Check {
    /// The name used in files and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Black => "black",
            Self::Frozen => "frozen",
            Self::Letterbox => "letterbox",
            Self::LuminanceFlashes => "luminance_flashes",
            Self::RedFlashes => "red_flashes",
            Self::Aspect => "aspect",
            Self::Duration => "duration",
            Self::LongestShot => "longest_shot",
            Self::CutsInThreeSeconds => "cuts_in_three_seconds",
            Self::Hook => "hook",
            Self::FirstFace => "first_face",
            Self::FirstText => "first_text",
            Self::CtaPresent => "cta_present",
            Self::CtaSafeZone => "cta_safe_zone",
            Self::CtaContrast => "cta_contrast",
            Self::WorksMuted => "works_muted",
            Self::Loudness => "loudness",
            Self::TruePeak => "true_peak",
        }
    }

    /// The unit of what is measured.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Black
            | Self::Frozen
            | Self::Duration
            | Self::LongestShot
            | Self::FirstFace
            | Self::FirstText => "s",
            Self::Letterbox | Self::CtaSafeZone | Self::WorksMuted => "%",
            Self::LuminanceFlashes | Self::RedFlashes => "flashes a second",
            Self::CutsInThreeSeconds => "cuts",
            Self::Hook => "points",
            Self::CtaContrast | Self::Aspect => ": 1",
            Self::CtaPresent => "",
            Self::Loudness => "LUFS",
            Self::TruePeak => "dBTP",
        }
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What is checked.
    pub check: Check,
    /// The lowest value that passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// The highest value that passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// Whether an ad must pass it.
    pub required: bool,
    /// What to do where it fails.
    pub fix: String,
}

/// A dated table of rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// When it was made.
    pub dated: String,
    /// The rules, in the order of the report.
    pub rules: Vec<Rule>,
}

impl Rules {
    /// The built-in table.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] where it is damaged, which a test rules out.
    pub fn built_in() -> Result<Self> {
        Self::from_json(include_str!("../../data/checks.json"))
    }

    /// Reads a table of the built-in one's shape.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] where it is of another shape, or names a check that does not exist.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| Error::table("checks", &error))
    }
}
