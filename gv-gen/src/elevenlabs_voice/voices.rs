//! Preset voices, voices for ads and styles, as a dated table.

use super::settings::VoiceSettings;
use crate::error::invalid;
use crate::{Error, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Presets, ad voices and styles as of a day; overridable by a table of the same form.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Voices {
    /// The day the table was checked, `YYYY-MM-DD`.
    pub as_of: String,
    /// The presets.
    pub presets: Vec<Preset>,
    /// Voices for ads by their type.
    pub ad_voices: BTreeMap<String, AdVoice>,
    /// Settings by style: priors of ours.
    pub styles: BTreeMap<String, VoiceSettings>,
}

/// A preset voice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Preset {
    /// Its name here.
    pub name: String,
    /// ElevenLabs' name for it, 20 letters and digits.
    pub voice_id: String,
    /// How it sounds.
    pub description: String,
    /// What is known about its availability.
    pub state: String,
}

/// A voice for ads.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct AdVoice {
    /// The preset.
    pub preset: String,
    /// How it is to speak: a prior of ours.
    pub settings: VoiceSettings,
}

impl Voices {
    /// The table of this release.
    pub fn built_in() -> Arc<Self> {
        static TABLE: OnceLock<Arc<Voices>> = OnceLock::new();
        Arc::clone(TABLE.get_or_init(|| {
            let table = Self::from_json(include_str!("../../data/elevenlabs_voices.json"));
            Arc::new(table.expect("a test reads the table of this release"))
        }))
    }

    /// Reads a table; the form is that of `data/elevenlabs_voices.json`.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] where it is not such a table, an id or a setting is none, or an ad voice names no preset.
    pub fn from_json(text: &str) -> Result<Self> {
        let fail = |reason: String| Error::Table { table: "elevenlabs voices", reason };
        let table: Self = serde_json::from_str(text).map_err(|error| fail(error.to_string()))?;
        for preset in &table.presets {
            if !is_voice_id(&preset.voice_id) {
                return Err(fail(format!("{} has no voice id", preset.name)));
            }
        }
        let settings = table.ad_voices.values().map(|voice| &voice.settings);
        for settings in settings.chain(table.styles.values()) {
            settings.check().map_err(|error| fail(error.to_string()))?;
        }
        for (name, voice) in &table.ad_voices {
            if table.preset(&voice.preset).is_none() {
                return Err(fail(format!(
                    "{name} names the preset {}, which is not there",
                    voice.preset
                )));
            }
        }
        Ok(table)
    }

    /// The preset of that name.
    pub fn preset(&self, name: &str) -> Option<&Preset> {
        self.presets.iter().find(|preset| preset.name == name)
    }

    /// The voice id of a preset's name or of an id, and what is known about its availability.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] where it is neither.
    pub fn resolve(&self, voice: &str) -> Result<(&str, Option<&str>)> {
        let known = self.presets.iter().find(|p| p.name == voice || p.voice_id == voice);
        if let Some(preset) = known {
            return Ok((&preset.voice_id, Some(&preset.state)));
        }
        Err(invalid("voice", voice, self.rule()))
    }

    pub(crate) fn id<'a>(&'a self, voice: &'a str) -> Result<(&'a str, Option<&'a str>)> {
        if is_voice_id(voice) && !self.presets.iter().any(|p| p.voice_id == voice) {
            return Ok((voice, None));
        }
        self.resolve(voice)
    }

    /// The voice for a type of ad.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] where the type is unknown; the message lists those that are.
    pub fn ad_voice(&self, kind: &str) -> Result<&AdVoice> {
        self.ad_voices.get(kind).ok_or_else(|| {
            let all: Vec<&str> = self.ad_voices.keys().map(String::as_str).collect();
            invalid("voice type", kind, format!("one of {}", all.join(", ")))
        })
    }

    fn rule(&self) -> String {
        let names: Vec<&str> = self.presets.iter().map(|preset| preset.name.as_str()).collect();
        format!("a voice id of 20 letters and digits, or one of {}", names.join(", "))
    }
}

/// Whether a text can be a voice's id: 20 letters and digits.
pub(crate) fn is_voice_id(text: &str) -> bool {
    text.len() == 20 && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specifications_presets_and_voice_types_are_there() {
        let voices = Voices::from_json(include_str!("../../data/elevenlabs_voices.json")).unwrap();
        assert_eq!(*Voices::built_in(), voices);
        for name in ["adam", "rachel", "domi", "bella", "elli", "josh", "arnold", "sam"] {
            assert!(voices.preset(name).is_some(), "{name}");
        }
        for kind in [
            "energetic_male",
            "energetic_female",
            "calm_male",
            "calm_female",
            "young_female",
            "young_male",
            "authoritative",
        ] {
            assert!(voices.ad_voice(kind).is_ok(), "{kind}");
        }
        for style in ["conversational", "narrative", "news", "promotional", "excited", "calm"] {
            assert!(voices.styles.contains_key(style), "{style}");
        }
    }

    #[test]
    fn a_voice_is_an_id_or_a_preset() {
        let voices = Voices::built_in();
        assert_eq!(voices.id("josh").unwrap(), ("TxGEqnHWrfWFTfGW9XjX", Some("legacy")));
        assert_eq!(voices.id("TxGEqnHWrfWFTfGW9XjX").unwrap().1, Some("legacy"));
        assert_eq!(voices.id("abcdefghij0123456789").unwrap(), ("abcdefghij0123456789", None));
        for bad in ["", "bob", "../../v1/user", "abcdefghij012345678é", "abcdefghij01234567890"] {
            let error = voices.id(bad).unwrap_err().to_string();
            assert!(error.contains("adam, rachel"), "{error}");
        }
        assert!(voices.ad_voice("angry").unwrap_err().to_string().contains("calm_male"));
    }

    #[test]
    fn a_table_with_a_hole_is_refused() {
        let good = include_str!("../../data/elevenlabs_voices.json");
        for (old, new) in [
            ("pNInz6obpgDQGcFmaJgB", "short"),
            ("\"preset\": \"josh\"", "\"preset\": \"nobody\""),
            ("\"stability\": 0.35", "\"stability\": 35"),
        ] {
            assert!(Voices::from_json(&good.replacen(old, new, 1)).is_err(), "{new}");
        }
    }
}
