//! What Runway's models can do and cost, as a dated table.

use crate::{Error, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Models, ratios, durations and prices as of a day; overridable by a table of the same form.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Catalog {
    /// The day the table was checked, `YYYY-MM-DD`.
    pub as_of: String,
    /// Dollars for a credit.
    pub usd_per_credit: f64,
    /// The model taken for an image where none is named.
    pub default_image_model: String,
    /// The model taken for text alone where none is named.
    pub default_text_model: String,
    /// The models.
    pub models: Vec<Model>,
}

/// One model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Model {
    /// The name on the wire.
    pub id: String,
    /// The longest prompt in UTF-16 code units.
    pub prompt_utf16: usize,
    /// Credits for a second of video.
    pub credits_per_second: f64,
    /// The narrowest and widest input picture, width over height.
    #[serde(default)]
    pub image_aspect: Option<(f64, f64)>,
    /// What it does with a picture; `None` where it takes none.
    #[serde(default)]
    pub image_to_video: Option<Endpoint>,
    /// What it does with text alone; `None` where it needs a picture.
    #[serde(default)]
    pub text_to_video: Option<Endpoint>,
    /// Why it is gone and what took its place.
    #[serde(default)]
    pub retired: Option<Retired>,
}

/// What a model takes at one endpoint.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Endpoint {
    /// Whether a prompt must be given.
    pub prompt_required: bool,
    /// Durations in seconds; `None` where the service alone knows.
    #[serde(default)]
    pub seconds: Option<Vec<u32>>,
    /// Aspect ratios and what they are called on the wire.
    pub ratios: BTreeMap<String, String>,
}

/// A model that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Retired {
    /// What happened to it.
    pub why: String,
    /// What takes its place for a picture.
    pub image_successor: String,
    /// What takes its place for text alone.
    pub text_successor: String,
}

impl Catalog {
    /// The table of this release.
    pub fn built_in() -> Arc<Self> {
        static TABLE: OnceLock<Arc<Catalog>> = OnceLock::new();
        Arc::clone(TABLE.get_or_init(|| {
            let table = Self::from_json(include_str!("../../data/runway_models.json"));
            Arc::new(table.expect("a test reads the table of this release"))
        }))
    }

    /// Reads a table; the form is that of `data/runway_models.json`.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] where it is not such a table, a price is not a positive number, or a successor is not in it.
    pub fn from_json(text: &str) -> Result<Self> {
        let fail = |reason: String| Error::Table { table: "runway models", reason };
        let table: Self = serde_json::from_str(text).map_err(|error| fail(error.to_string()))?;
        let positive = |n: f64| n.is_finite() && n > 0.0;
        if !positive(table.usd_per_credit) {
            return Err(fail("usd_per_credit must be a positive number".to_owned()));
        }
        for model in &table.models {
            if !positive(model.credits_per_second) {
                return Err(fail(format!("credits_per_second of {} must be positive", model.id)));
            }
            if let Some(retired) = &model.retired {
                for successor in [&retired.image_successor, &retired.text_successor] {
                    if table.model(successor).is_none_or(|m| m.retired.is_some()) {
                        return Err(fail(format!("the successor {successor} is not in the table")));
                    }
                }
            }
        }
        for default in [&table.default_image_model, &table.default_text_model] {
            if table.model(default).is_none() {
                return Err(fail(format!("the default model {default} is not in the table")));
            }
        }
        Ok(table)
    }

    /// The model of that name.
    pub fn model(&self, id: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.id == id)
    }

    /// The models that are not gone, in the table's order.
    pub fn current(&self) -> impl Iterator<Item = &Model> {
        self.models.iter().filter(|model| model.retired.is_none())
    }

    /// Credits as millionths of a dollar.
    pub fn micros(&self, credits: f64) -> u64 {
        (credits.max(0.0) * self.usd_per_credit * 1e6).round() as u64
    }
}

impl Model {
    /// Credits for a video of so many seconds.
    pub fn credits(&self, seconds: u32) -> f64 {
        self.credits_per_second * f64::from(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_this_release_is_sound_and_dated() {
        let table = Catalog::from_json(include_str!("../../data/runway_models.json")).unwrap();
        assert_eq!(*Catalog::built_in(), table);
        assert_eq!(table.as_of.len(), 10);
        assert_eq!(table.model("gen4_turbo").unwrap().credits(5), 25.0);
        assert_eq!(table.model("gen4.5").unwrap().credits(5), 60.0);
        assert_eq!(table.micros(60.0), 600_000);
        assert!(table.current().all(|m| m.image_to_video.is_some() || m.text_to_video.is_some()));
    }

    #[test]
    fn a_table_with_a_hole_is_refused() {
        let good = include_str!("../../data/runway_models.json");
        for (old, new) in [
            ("\"usd_per_credit\": 0.01", "\"usd_per_credit\": 0"),
            ("\"credits_per_second\": 12", "\"credits_per_second\": -1"),
            ("\"image_successor\": \"gen4_turbo\"", "\"image_successor\": \"gen9\""),
            ("\"default_text_model\": \"gen4.5\"", "\"default_text_model\": \"gen9\""),
            ("{", "["),
        ] {
            let bad = good.replacen(old, new, 1);
            assert!(matches!(Catalog::from_json(&bad), Err(Error::Table { .. })), "{new}");
        }
    }
}
