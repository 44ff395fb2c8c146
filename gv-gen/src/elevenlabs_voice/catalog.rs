//! What ElevenLabs' models can do and cost, as a dated table.

use crate::error::invalid;
use crate::{Error, Result};
use serde::Deserialize;
use std::sync::{Arc, OnceLock};

/// Models, limits and prices as of a day; overridable by a table of the same form.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Catalog {
    /// The day the table was checked, `YYYY-MM-DD`.
    pub as_of: String,
    /// Dollars for 1000 billed characters. What a plan includes costs differently.
    pub usd_per_1000_characters: f64,
    /// Characters spoken in a second, to estimate a duration before there is audio: a prior, about 150 words a minute.
    pub characters_per_second: f64,
    /// The model taken where none is named.
    pub default_model: String,
    /// The model taken where a language must be kept.
    pub multilingual_model: String,
    /// The models.
    pub models: Vec<Model>,
}

/// One model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Model {
    /// The name on the wire.
    pub id: String,
    /// The longest text of one request in characters (Unicode code points).
    pub max_characters: usize,
    /// Billed characters for a character of text.
    pub cost_multiplier: f64,
    /// Whether `style` and `use_speaker_boost` have an effect.
    pub style: bool,
    /// Whether a request may name the ones before it, so that speech goes on smoothly.
    pub stitching: bool,
    /// Languages that can be asked for; `None` where the model finds the language by itself.
    #[serde(default)]
    pub languages: Option<Vec<String>>,
    /// What to use instead, where the model is on its way out.
    #[serde(default)]
    pub deprecated: Option<String>,
    /// Why it is gone and what took its place.
    #[serde(default)]
    pub removed: Option<Removed>,
}

/// A model that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Removed {
    /// What happened to it.
    pub why: String,
    /// What takes its place.
    pub successor: String,
}

impl Catalog {
    /// The table of this release.
    pub fn built_in() -> Arc<Self> {
        static TABLE: OnceLock<Arc<Catalog>> = OnceLock::new();
        Arc::clone(TABLE.get_or_init(|| {
            let table = Self::from_json(include_str!("../../data/elevenlabs_models.json"));
            Arc::new(table.expect("a test reads the table of this release"))
        }))
    }

    /// Reads a table; the form is that of `data/elevenlabs_models.json`.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] where it is not such a table, a figure is not positive, or a model it names is not in it.
    pub fn from_json(text: &str) -> Result<Self> {
        let fail = |reason: String| Error::Table { table: "elevenlabs models", reason };
        let table: Self = serde_json::from_str(text).map_err(|error| fail(error.to_string()))?;
        let positive = |n: f64| n.is_finite() && n > 0.0;
        if !positive(table.usd_per_1000_characters) || !positive(table.characters_per_second) {
            return Err(fail("prices and rates must be positive numbers".to_owned()));
        }
        for model in &table.models {
            if !positive(model.cost_multiplier) || model.max_characters == 0 {
                return Err(fail(format!("the figures of {} must be positive", model.id)));
            }
        }
        let successors = table.models.iter().filter_map(|m| Some(&m.removed.as_ref()?.successor));
        for name in successors.chain([&table.default_model, &table.multilingual_model]) {
            if table.model(name).is_none_or(|model| model.removed.is_some()) {
                return Err(fail(format!("{name} is not a current model of the table")));
            }
        }
        Ok(table)
    }

    /// The model of that name.
    pub fn model(&self, id: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.id == id)
    }

    /// The model that works for a name: itself, or its successor, which is noted.
    pub(crate) fn choose(&self, id: &str, notes: &mut Vec<String>) -> Result<&Model> {
        let all = || {
            let current = self.models.iter().filter(|m| m.removed.is_none());
            current.map(|m| m.id.as_str()).collect::<Vec<_>>().join(", ")
        };
        let unknown = || invalid("model", id, format!("one of {}", all()));
        let model = self.model(id).ok_or_else(unknown)?;
        let model = match &model.removed {
            Some(removed) => {
                let note = format!(
                    "{id} is not available: {}; {} is used instead",
                    removed.why, removed.successor
                );
                log::warn!("{note}");
                notes.push(note);
                self.model(&removed.successor).ok_or_else(unknown)?
            }
            None => model,
        };
        if let Some(instead) = &model.deprecated {
            let note = format!("{} is deprecated: {instead}", model.id);
            log::info!("{note}");
            notes.push(note);
        }
        Ok(model)
    }

    /// Billed characters as millionths of a dollar.
    pub fn micros(&self, billed: u64) -> u64 {
        (billed as f64 * self.usd_per_1000_characters * 1000.0).round() as u64
    }
}

impl Model {
    /// Billed characters for a text of so many characters, rounded up.
    pub fn billed(&self, characters: usize) -> u64 {
        (characters as f64 * self.cost_multiplier).ceil() as u64
    }

    /// Checks that a language can be asked for.
    pub(crate) fn check_language(&self, language: &str) -> Result<()> {
        match &self.languages {
            Some(all) if all.iter().any(|known| known == language) => Ok(()),
            Some(all) => Err(invalid(
                "language",
                language,
                format!("one of {} for {}", all.join(", "), self.id),
            )),
            None => Err(invalid(
                "language",
                format!("{language} for {}", self.id),
                "none: this model finds the language by itself; eleven_flash_v2_5 takes one",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_this_release_is_sound_and_dated() {
        let table = Catalog::from_json(include_str!("../../data/elevenlabs_models.json")).unwrap();
        assert_eq!(*Catalog::built_in(), table);
        assert_eq!(table.as_of.len(), 10);
        assert_eq!(table.model("eleven_turbo_v2").unwrap().billed(3), 2);
        assert_eq!(table.micros(1000), 100_000);
        assert_eq!(table.model("eleven_flash_v2_5").unwrap().languages.as_ref().unwrap().len(), 32);
    }

    #[test]
    fn a_table_with_a_hole_is_refused() {
        let good = include_str!("../../data/elevenlabs_models.json");
        for (old, new) in [
            ("\"usd_per_1000_characters\": 0.10", "\"usd_per_1000_characters\": -1"),
            ("\"max_characters\": 10000", "\"max_characters\": 0"),
            ("\"successor\": \"eleven_flash_v2\"", "\"successor\": \"eleven_v9\""),
            (
                "\"default_model\": \"eleven_turbo_v2\"",
                "\"default_model\": \"eleven_monolingual_v1\"",
            ),
            ("{", ""),
        ] {
            assert!(Catalog::from_json(&good.replacen(old, new, 1)).is_err(), "{new}");
        }
    }

    #[test]
    fn a_removed_model_is_replaced_and_a_deprecated_one_is_said_to_be() {
        let table = Catalog::built_in();
        let mut notes = Vec::new();
        assert_eq!(
            table.choose("eleven_monolingual_v1", &mut notes).unwrap().id,
            "eleven_flash_v2"
        );
        assert!(notes[0].contains("2026-07-09") && notes[0].contains("eleven_flash_v2"));
        assert_eq!(table.choose("eleven_turbo_v2", &mut notes).unwrap().id, "eleven_turbo_v2");
        assert!(notes[1].contains("deprecated"));
        assert!(
            table.choose("eleven_v9", &mut notes).unwrap_err().to_string().contains("eleven_v3")
        );
    }

    #[test]
    fn a_language_is_checked_against_the_model() {
        let table = Catalog::built_in();
        let check = |model: &str, language| table.model(model).unwrap().check_language(language);
        assert!(check("eleven_flash_v2_5", "ja").is_ok());
        assert!(check("eleven_flash_v2_5", "tlh").unwrap_err().to_string().contains("uk, vi, zh"));
        assert!(check("eleven_turbo_v2", "de").is_err());
        assert!(
            check("eleven_multilingual_v2", "de").unwrap_err().to_string().contains("by itself")
        );
    }
}
