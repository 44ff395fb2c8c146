//! Wording that is added to prompts, as a table.

use crate::error::invalid;
use crate::{Error, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Moods, styles and the wording of shots; overridable by a table of the same form.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Prompts {
    /// The day the table was written, `YYYY-MM-DD`.
    pub as_of: String,
    /// Moods of lifestyle scenes.
    pub moods: BTreeMap<String, String>,
    /// Style presets.
    pub styles: BTreeMap<String, String>,
    /// What every product shot asks for.
    pub product_shot: String,
    /// What every lifestyle scene asks for.
    pub lifestyle: String,
    /// How variations differ, in this order.
    pub variations: Vec<String>,
}

impl Prompts {
    /// The table of this release.
    pub fn built_in() -> Arc<Self> {
        static TABLE: OnceLock<Arc<Prompts>> = OnceLock::new();
        Arc::clone(TABLE.get_or_init(|| {
            let table = Self::from_json(include_str!("../../data/runway_prompts.json"));
            Arc::new(table.expect("a test reads the table of this release"))
        }))
    }

    /// Reads a table; the form is that of `data/runway_prompts.json`.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] where it is not such a table.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text)
            .map_err(|error| Error::Table { table: "runway prompts", reason: error.to_string() })
    }

    /// The prompt of a product shot.
    pub fn product_shot(&self, scene: &str) -> String {
        join(scene, &self.product_shot)
    }

    /// The prompt of a lifestyle scene.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] where the mood is not in the table; the message lists those that are.
    pub fn lifestyle(&self, description: &str, mood: &str) -> Result<String> {
        let Some(wording) = self.moods.get(mood) else {
            let moods: Vec<&str> = self.moods.keys().map(String::as_str).collect();
            return Err(invalid("mood", mood, format!("one of {}", moods.join(", "))));
        };
        Ok(join(description, &join(wording, &self.lifestyle)))
    }

    /// The prompt of the `n`th variation, from 0; beyond the table they differ by their seeds alone.
    pub fn variation(&self, prompt: &str, n: usize) -> String {
        self.variations.get(n).map_or_else(|| prompt.to_owned(), |how| join(prompt, how))
    }

    /// The prompt in a style: the name of a preset, or a description.
    pub fn styled(&self, prompt: &str, style: &str) -> String {
        let wording = self.styles.get(style).map_or(style, String::as_str);
        join(prompt, wording)
    }
}

fn join(first: &str, second: &str) -> String {
    let (first, second) = (first.trim(), second.trim());
    match (first, second) {
        ("", _) => second.to_owned(),
        (_, "") => first.to_owned(),
        _ => {
            let end = if first.ends_with(['.', '!', '?', '…', '。', '！', '？']) {
                " "
            } else {
                ". "
            };
            format!("{first}{end}{second}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specifications_moods_change_the_prompt_and_others_are_refused() {
        let prompts = Prompts::built_in();
        let scenes: Vec<String> = ["energetic", "calm", "luxury", "playful"]
            .map(|mood| prompts.lifestyle("A runner.", mood).unwrap())
            .into();
        for (n, scene) in scenes.iter().enumerate() {
            assert!(scene.starts_with("A runner. "), "{scene}");
            assert!(!scenes[..n].contains(scene));
        }
        let error = prompts.lifestyle("x", "angry").unwrap_err();
        assert!(error.to_string().contains("calm, energetic, luxury, playful"), "{error}");
    }

    #[test]
    fn sentences_are_joined_as_sentences() {
        assert_eq!(join("a", "b"), "a. b");
        assert_eq!(join("a! ", " b"), "a! b");
        assert_eq!(join("", "b"), "b");
        assert_eq!(join("a", ""), "a");
    }

    #[test]
    fn a_style_is_a_preset_or_the_callers_own_words() {
        let prompts = Prompts::built_in();
        assert!(prompts.styled("a cup", "studio").contains("seamless studio background"));
        assert_eq!(prompts.styled("a cup", "like a woodcut"), "a cup. like a woodcut");
    }

    #[test]
    fn variations_differ_as_long_as_the_table_lasts() {
        let prompts = Prompts::built_in();
        assert_ne!(prompts.variation("p", 0), prompts.variation("p", 1));
        assert_eq!(prompts.variation("p", 1000), "p");
    }
}
