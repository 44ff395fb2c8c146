//! Options of the variation generator.

use super::TextLimits;
use crate::Result;
use crate::error::parameter;
use serde::{Deserialize, Serialize};

/// Which combinations are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Each level equally often, as many pairs of levels as possible: the most is learned.
    #[default]
    Balanced,
    /// The specification's list in its order: hooks, calls to action, headlines, colours, pacing
    /// with duration, then hooks crossed with calls to action.
    Spec,
    /// Three fifths the most promising by the model, the rest balanced.
    Exploit,
}

/// Options of [`VariationGenerator`](super::VariationGenerator).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct VariationOptions {
    /// Which combinations are made. Default: balanced.
    pub strategy: Strategy,
    /// Seed of the design. Default: 0.
    pub seed: u64,
    /// How long texts may be. Default: Meta's feed.
    pub limits: Option<TextLimits>,
    /// Hooks of one's own, ahead of the templates; slots in braces are filled.
    pub hooks: Vec<String>,
    /// Headlines of one's own, ahead of the templates.
    pub headlines: Vec<String>,
    /// Calls to action of one's own, ahead of the templates.
    pub ctas: Vec<String>,
    /// Music to vary; the first is the original's.
    pub music: Vec<String>,
    /// Voices to vary; the first is the original's.
    pub voices: Vec<String>,
    /// Aspect ratios to vary; the first is the original's.
    pub formats: Vec<String>,
}

impl Default for VariationOptions {
    fn default() -> Self {
        Self {
            strategy: Strategy::default(),
            seed: 0,
            limits: TextLimits::of("meta_feed"),
            hooks: Vec::new(),
            headlines: Vec::new(),
            ctas: Vec::new(),
            music: Vec::new(),
            voices: Vec::new(),
            formats: Vec::new(),
        }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty),* $(,)?) => {
        $($(#[$doc])* pub fn $name(self, $name: $type) -> Self { Self { $name, ..self } })*
    };
}

impl VariationOptions {
    setters! {
        /// Sets which combinations are made.
        strategy: Strategy,
        /// Sets the seed.
        seed: u64,
        /// Sets how long texts may be; `None` for any length.
        limits: Option<TextLimits>,
        /// Sets hooks of one's own.
        hooks: Vec<String>,
        /// Sets headlines of one's own.
        headlines: Vec<String>,
        /// Sets calls to action of one's own.
        ctas: Vec<String>,
        /// Sets the music to vary.
        music: Vec<String>,
        /// Sets the voices to vary.
        voices: Vec<String>,
        /// Sets the aspect ratios to vary.
        formats: Vec<String>,
    }

    /// Checks the options.
    ///
    /// # Errors
    ///
    /// [`InvalidParameter`](crate::Error::InvalidParameter) where a list has more than 100 entries.
    pub fn check(&self) -> Result<()> {
        for (name, list) in [
            ("hooks", &self.hooks),
            ("headlines", &self.headlines),
            ("ctas", &self.ctas),
            ("music", &self.music),
            ("voices", &self.voices),
            ("formats", &self.formats),
        ] {
            if list.len() > 100 {
                return Err(parameter(name, list.len(), "at most 100 entries"));
            }
        }
        Ok(())
    }
}
