//! Variations for a renderer.

use super::concept::CreativeVariation;
use serde::Serialize;
use std::collections::BTreeMap;

/// Version of the exported form; it rises when a field changes its meaning.
pub const EXPORT_SCHEMA: &str = "geminivideo.variation/1";

/// The JSON Schema (2020-12) of an [`ExportedVariation`].
pub const EXPORT_JSON_SCHEMA: &str = include_str!("../../data/variation.schema.json");

/// A part of the video.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Scene {
    /// `hook`, `main` or `cta`.
    pub role: &'static str,
    /// First second.
    pub start: f64,
    /// Last second.
    pub end: f64,
    /// Text to show or speak.
    pub text: String,
}

/// One variation as a renderer reads it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ExportedVariation {
    /// [`EXPORT_SCHEMA`].
    pub schema: &'static str,
    /// Its id.
    pub id: String,
    /// The concept's id.
    pub concept_id: String,
    /// Its number.
    pub variation_number: u32,
    /// The opening line.
    pub hook: String,
    /// The headline.
    pub headline: String,
    /// The call to action.
    pub cta: String,
    /// Background, accent, text.
    pub colors: Vec<String>,
    /// `fast`, `medium` or `slow`.
    pub pacing: String,
    /// Seconds.
    pub duration: u32,
    /// Predicted place, 0 to 1.
    pub predicted_score: f64,
    /// What the prediction rests on.
    pub basis: &'static str,
    /// 1 for the first to render: most promising first, unranked ones by number.
    pub render_priority: usize,
    /// Hash of the content.
    pub variation_hash: String,
    /// What differs from the original.
    pub variations_applied: BTreeMap<String, String>,
    /// The music; empty where not varied.
    pub music: String,
    /// The voice; empty where not varied.
    pub voice: String,
    /// The aspect ratio; empty where not varied.
    pub format: String,
    /// Parts in their order; they fill the duration.
    pub scenes: Vec<Scene>,
}

/// Puts variations into the renderer's form, in the order given.
pub(crate) fn export(
    variations: &[CreativeVariation],
    main_script: &str,
) -> Vec<ExportedVariation> {
    let mut order: Vec<usize> = (0..variations.len()).collect();
    order.sort_by(|a, b| better_first(&variations[*a], &variations[*b]));
    let mut priority = vec![0; variations.len()];
    for (place, index) in order.into_iter().enumerate() {
        priority[index] = place + 1;
    }
    variations
        .iter()
        .zip(priority)
        .map(|(v, render_priority)| ExportedVariation {
            schema: EXPORT_SCHEMA,
            id: v.id.clone(),
            concept_id: v.concept_id.clone(),
            variation_number: v.variation_number,
            hook: v.hook.clone(),
            headline: v.headline.clone(),
            cta: v.cta.clone(),
            colors: v.color_scheme.clone(),
            pacing: v.pacing.clone(),
            duration: v.duration,
            predicted_score: v.predicted_performance,
            basis: v.basis.name(),
            render_priority,
            variation_hash: v.variation_hash.clone(),
            variations_applied: v.variations_applied.clone(),
            music: v.music.clone(),
            voice: v.voice.clone(),
            format: v.format.clone(),
            scenes: scenes(v, main_script),
        })
        .collect()
}

/// Best prediction first, then by number.
pub(crate) fn better_first(a: &CreativeVariation, b: &CreativeVariation) -> std::cmp::Ordering {
    b.predicted_performance
        .total_cmp(&a.predicted_performance)
        .then(a.variation_number.cmp(&b.variation_number))
}

/// Three seconds of hook, a closing call to action of a sixth of the time but at least two
/// seconds, the rest between them.
fn scenes(variation: &CreativeVariation, main_script: &str) -> Vec<Scene> {
    let duration = f64::from(variation.duration);
    let hook_end = 3.0_f64.min(duration / 3.0);
    let cta_start = (duration - (duration / 6.0).max(2.0)).max(hook_end);
    [
        ("hook", 0.0, hook_end, variation.hook.as_str()),
        ("main", hook_end, cta_start, main_script),
        ("cta", cta_start, duration, variation.cta.as_str()),
    ]
    .into_iter()
    .map(|(role, start, end, text)| Scene { role, start, end, text: text.to_owned() })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_schema_names_every_field_and_no_other() {
        let schema: serde_json::Value = serde_json::from_str(EXPORT_JSON_SCHEMA).unwrap();
        let variation = CreativeVariation { duration: 30, ..CreativeVariation::default() };
        let exported = serde_json::to_value(&export(&[variation], "")[0]).unwrap();
        let names = |value: &serde_json::Value| -> BTreeSet<String> {
            value.as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(names(&schema["properties"]), names(&exported));
        let required = schema["required"].as_array().unwrap().iter();
        let required: BTreeSet<String> = required.map(|v| v.as_str().unwrap().into()).collect();
        assert_eq!(required, names(&exported));
        assert_eq!(schema["properties"]["schema"]["const"], EXPORT_SCHEMA);
        let scene = &schema["properties"]["scenes"]["items"]["properties"];
        assert_eq!(names(scene), names(&exported["scenes"][0]));
    }
}
