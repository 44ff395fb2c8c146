//! What an ad was like and how it did.

use crate::error::parameter;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Names that a field allows.
const PLATFORMS: &[&str] = &["meta", "google", "tiktok", "youtube", "linkedin"];
const FORMATS: &[&str] = &["video", "image", "carousel", "stories", "reels"];
const OBJECTIVES: &[&str] =
    &["conversions", "traffic", "awareness", "leads", "sales", "app_installs"];

/// How an ad begins.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HookPattern {
    /// Face, motion, text, question, transformation, ...
    pub hook_type: String,
    /// What appears first.
    pub first_element: String,
    /// When elements appear, in seconds.
    pub timing: BTreeMap<String, f64>,
    /// The text, where there is one.
    pub text_used: Option<String>,
    /// The emotion it speaks to.
    pub emotion: String,
    /// Low, medium or high.
    pub motion_level: String,
}

/// What an ad looks like.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VisualPattern {
    /// Colours as `#RRGGBB`.
    pub color_palette: Vec<String>,
    /// Names of the main colours.
    pub dominant_colors: Vec<String>,
    /// Centred, rule of thirds, dynamic, ...
    pub composition: String,
    /// Share of the time in which a face shows, 0 to 1.
    pub face_ratio: f64,
    /// Style of its captions.
    pub text_overlay_style: String,
    /// Kinds of transitions.
    pub transitions: Vec<String>,
    /// Such as `9:16`.
    pub aspect_ratio: String,
}

/// What an ad sounds like.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AudioPattern {
    /// Whether there is music.
    pub has_music: bool,
    /// Its genre.
    pub music_genre: Option<String>,
    /// Whether someone speaks over it.
    pub has_voiceover: bool,
    /// The voice's gender.
    pub voice_gender: Option<String>,
    /// How energetic the voice is.
    pub voice_energy: String,
    /// Whether cuts follow the beat.
    pub beat_sync: bool,
    /// Sounds that draw attention.
    pub audio_hooks: Vec<String>,
}

/// What an ad asks for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CTAPattern {
    /// Such as `shop_now`.
    pub cta_type: String,
    /// Its words.
    pub cta_text: String,
    /// When it comes, as a share of the length, 0 to 1.
    pub cta_timing: f64,
    /// Whether it urges.
    pub urgency_used: bool,
    /// Whether it speaks of few left.
    pub scarcity_used: bool,
    /// Colour of the button.
    pub button_color: String,
    /// How it moves.
    pub animation: String,
}

/// What an ad was like and how it did.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct WinningAdPattern {
    /// Identifies it; made of its content where it is empty.
    pub id: String,
    /// Where it ran: `meta`, `google`, `tiktok`, `youtube`, `linkedin`.
    pub source_platform: String,
    /// `video`, `image`, `carousel`, `stories`, `reels`.
    pub ad_format: String,
    /// `conversions`, `traffic`, `awareness`, `leads`, `sales`, `app_installs`.
    pub objective: String,
    /// The industry.
    pub industry: String,
    /// Money spent, in currency units.
    pub estimated_spend: f64,
    /// Times it was shown.
    pub estimated_impressions: f64,
    /// Click-through rate, 0 to 1.
    pub estimated_ctr: f64,
    /// Return on ad spend.
    pub estimated_roas: f64,
    /// How it begins.
    pub hook_pattern: HookPattern,
    /// What it looks like.
    pub visual_pattern: VisualPattern,
    /// What it sounds like.
    pub audio_pattern: AudioPattern,
    /// What it asks for.
    pub cta_pattern: CTAPattern,
    /// Its length.
    pub duration_seconds: f64,
    /// When it was taken down, in milliseconds since 1970.
    pub extracted_at: i64,
    /// How sure the figures are, 0 to 1.
    pub confidence_score: f64,
    /// Free words.
    pub tags: Vec<String>,
    /// Whether it lost: the contrast that winners are compared with.
    pub is_loser: bool,
    /// Whether it is an invented example; such are left out of statistics.
    pub is_synthetic: bool,
    /// Fields of other programs, kept as they are.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl WinningAdPattern {
    pub(super) fn check(&self) -> Result<()> {
        let one_of = |name, value: &str, allowed: &[&str], rule| {
            if allowed.contains(&value) { Ok(()) } else { Err(parameter(name, value, rule)) }
        };
        one_of(
            "source_platform",
            &self.source_platform,
            PLATFORMS,
            "meta, google, tiktok, youtube, linkedin",
        )?;
        one_of("ad_format", &self.ad_format, FORMATS, "video, image, carousel, stories, reels")?;
        one_of(
            "objective",
            &self.objective,
            OBJECTIVES,
            "conversions, traffic, awareness, leads, sales, app_installs",
        )?;
        if self.industry.trim().is_empty() {
            return Err(parameter("industry", "empty", "a text of at least one character"));
        }
        for (name, value) in [
            ("estimated_spend", self.estimated_spend),
            ("estimated_impressions", self.estimated_impressions),
            ("estimated_roas", self.estimated_roas),
            ("duration_seconds", self.duration_seconds),
        ] {
            if !(0.0..=1e15).contains(&value) {
                return Err(parameter(name, value, "a number from 0 to 1e15"));
            }
        }
        for (name, value) in [
            ("estimated_ctr", self.estimated_ctr),
            ("confidence_score", self.confidence_score),
            ("face_ratio", self.visual_pattern.face_ratio),
            ("cta_timing", self.cta_pattern.cta_timing),
        ] {
            if !(0.0..=1.0).contains(&value) {
                return Err(parameter(name, value, "a share from 0 to 1"));
            }
        }
        Ok(())
    }

    /// Reads a stored one.
    pub(super) fn from_json(value: Value) -> Result<Self> {
        serde_json::from_value(value)
            .map_err(|error| Error::BadData { place: "pattern".into(), problem: error.to_string() })
    }
}

/// Text as it is compared: without case and outer spaces.
pub(super) fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}
