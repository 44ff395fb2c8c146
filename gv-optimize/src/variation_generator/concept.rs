//! What goes in and what comes out.

use super::Basis;
use crate::clock::Timestamp;
use crate::trainer::Features;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What can differ between two variations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VariationType {
    /// The opening line.
    Hook,
    /// The call to action.
    Cta,
    /// The headline.
    Headline,
    /// The colours.
    Color,
    /// The music, where the options name some.
    Music,
    /// The voice, where the options name some.
    Voice,
    /// The pacing.
    Pacing,
    /// The duration.
    Duration,
    /// The aspect ratio, where the options name some.
    Format,
}

impl VariationType {
    /// All types, in the specification's order.
    pub const ALL: [Self; 9] = [
        Self::Hook,
        Self::Cta,
        Self::Headline,
        Self::Color,
        Self::Music,
        Self::Voice,
        Self::Pacing,
        Self::Duration,
        Self::Format,
    ];

    /// The name used in files and in Python.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hook => "hook",
            Self::Cta => "cta",
            Self::Headline => "headline",
            Self::Color => "color",
            Self::Music => "music",
            Self::Voice => "voice",
            Self::Pacing => "pacing",
            Self::Duration => "duration",
            Self::Format => "format",
        }
    }
}

/// The idea that variations are made of.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CreativeConcept {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// Whom it is for.
    pub target_audience: String,
    /// The industry.
    pub industry: String,
    /// What the campaign is to achieve: `conversions`, `leads`, `app_installs`, `awareness`.
    pub objective: String,
    /// What is sold.
    pub product: String,
    /// What one gets from it.
    pub key_benefit: String,
    /// What it puts an end to.
    pub pain_point: String,
    /// Who vouches for it.
    pub social_proof: String,
    /// Brand colours as `#RRGGBB` or `#RGB`, the most important first.
    pub brand_colors: Vec<String>,
    /// `energetic`, `calm`, `urgent` or `professional`.
    pub tone: String,
    /// The opening line as written.
    pub hook_script: String,
    /// What follows it.
    pub main_script: String,
    /// The call to action as written.
    pub cta_text: String,
}

/// One variation.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CreativeVariation {
    /// The concept's id and the number: the same for the same concept, options and seed.
    pub id: String,
    /// The concept's id.
    pub concept_id: String,
    /// From 1; 1 is the original, to compare with.
    pub variation_number: u32,
    /// What differs from the original: type to value; empty for the original.
    pub variations_applied: BTreeMap<String, String>,
    /// The opening line.
    pub hook: String,
    /// The headline.
    pub headline: String,
    /// The call to action.
    pub cta: String,
    /// Background, accent and text colour as `#rrggbb`.
    pub color_scheme: Vec<String>,
    /// `fast`, `medium` or `slow`.
    pub pacing: String,
    /// Seconds: 15, 30 or 60.
    pub duration: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// Predicted place among the account's creatives, 0 worst to 1 best; 0.5 where unranked.
    pub predicted_performance: f64,
    /// Standard deviation of that prediction.
    pub predicted_sd: f64,
    /// What the prediction rests on.
    pub basis: Basis,
    /// Hash of the content, 32 hexadecimal digits: the same for the same content.
    pub variation_hash: String,
    /// The music; empty where not varied.
    pub music: String,
    /// The voice; empty where not varied.
    pub voice: String,
    /// The aspect ratio; empty where not varied.
    pub format: String,
}

impl CreativeVariation {
    /// What the variation has for a type.
    pub fn value(&self, kind: VariationType) -> String {
        match kind {
            VariationType::Hook => self.hook.clone(),
            VariationType::Cta => self.cta.clone(),
            VariationType::Headline => self.headline.clone(),
            VariationType::Color => self.color_scheme.join(" "),
            VariationType::Music => self.music.clone(),
            VariationType::Voice => self.voice.clone(),
            VariationType::Pacing => self.pacing.clone(),
            VariationType::Duration => self.duration.to_string(),
            VariationType::Format => self.format.clone(),
        }
    }

    /// The properties that a model learns from; recorded with a prediction, they teach it.
    pub fn features(&self, concept: &CreativeConcept) -> Features {
        let mut features = Features::new()
            .text("hook", &self.hook)
            .text("headline", &self.headline)
            .text("cta", &self.cta)
            .category("pacing", &self.pacing)
            .number("duration", f64::from(self.duration));
        for (name, value) in [
            ("accent", self.color_scheme.get(1).unwrap_or(&String::new())),
            ("music", &self.music),
            ("voice", &self.voice),
            ("format", &self.format),
            ("industry", &concept.industry),
            ("objective", &concept.objective),
            ("tone", &concept.tone),
        ] {
            if !value.is_empty() {
                features = features.category(name, value);
            }
        }
        features
    }

    /// The share of types in which two variations are alike.
    pub fn similarity(&self, other: &Self) -> f64 {
        let alike = [
            self.hook == other.hook,
            self.cta == other.cta,
            self.headline == other.headline,
            self.color_scheme == other.color_scheme,
            self.music == other.music,
            self.voice == other.voice,
            self.pacing == other.pacing,
            self.duration == other.duration,
            self.format == other.format,
        ];
        alike.iter().filter(|same| **same).count() as f64 / alike.len() as f64
    }
}
