//! Filling slots, keeping texts apart, hashing content.

use super::concept::{CreativeConcept, CreativeVariation};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// Fills a template's slots; `None` where a slot is empty or unknown.
pub(crate) fn fill(template: &str, concept: &CreativeConcept) -> Option<String> {
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (slot, after) = after.split_once('}')?;
        let value = match slot {
            "product" => &concept.product,
            "key_benefit" => &concept.key_benefit,
            "pain_point" => &concept.pain_point,
            "social_proof" => &concept.social_proof,
            "target_audience" => &concept.target_audience,
            "industry" => &concept.industry,
            _ => return None,
        }
        .trim()
        .trim_end_matches('.');
        if value.is_empty() {
            return None;
        }
        text.push_str(before);
        text.push_str(value);
        rest = after;
    }
    text.push_str(rest);
    Some(capitalised(&text))
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The form in which two texts that read the same are equal: NFKC, single spaces, trimmed.
pub(crate) fn canonical(text: &str) -> String {
    let normal: String = text.nfkc().collect();
    normal.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn words(text: &str) -> BTreeSet<String> {
    canonical(text)
        .to_lowercase()
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether two texts share more than nine tenths of their words.
pub(crate) fn nearly_the_same(a: &str, b: &str) -> bool {
    let (a, b) = (words(a), words(b));
    let shared = a.intersection(&b).count();
    let all = a.len() + b.len() - shared;
    all == 0 || shared as f64 > 0.9 * all as f64
}

/// The content's hash: 128 bits of SHA-256 over the canonical content fields, as hexadecimal.
pub(crate) fn content_hash(variation: &CreativeVariation) -> String {
    let mut hash = Sha256::new();
    for field in [
        &variation.hook,
        &variation.headline,
        &variation.cta,
        &variation.color_scheme.join(",").to_lowercase(),
        &variation.pacing,
        &variation.duration.to_string(),
        &variation.music,
        &variation.voice,
        &variation.format,
    ] {
        hash.update(canonical(field).as_bytes());
        hash.update([0x1F]);
    }
    crate::hex::hex(&hash.finalize()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_filled_once_and_empty_or_unknown_ones_drop_the_template() {
        let concept = CreativeConcept {
            product: "{pain_point}".to_owned(),
            key_benefit: " rest. ".to_owned(),
            ..CreativeConcept::default()
        };
        assert_eq!(fill("meet {product}", &concept).as_deref(), Some("Meet {pain_point}"));
        assert_eq!(fill("{key_benefit}!", &concept).as_deref(), Some("Rest!"));
        assert_eq!(fill("no {pain_point}", &concept), None);
        assert_eq!(fill("{unknown}", &concept), None);
        assert_eq!(fill("open {product", &concept), None);
    }

    #[test]
    fn texts_that_read_the_same_are_nearly_the_same() {
        assert!(nearly_the_same("Shop now!", " shop  NOW"));
        assert!(nearly_the_same("ｆｕｌｌ width", "full width"));
        assert!(!nearly_the_same("Shop now", "Shop today"));
        assert!(nearly_the_same("", "!"));
    }

    #[test]
    fn the_hash_reads_content_alone() {
        let one = CreativeVariation {
            id: "a".into(),
            hook: "Want more?".into(),
            color_scheme: vec!["#FFFFFF".into()],
            ..CreativeVariation::default()
        };
        let same = CreativeVariation {
            id: "b".into(),
            hook: " Want  more?".into(),
            color_scheme: vec!["#ffffff".into()],
            ..CreativeVariation::default()
        };
        let other = CreativeVariation { cta: "Want more?".into(), ..CreativeVariation::default() };
        assert_eq!(content_hash(&one), content_hash(&same));
        assert_ne!(content_hash(&one), content_hash(&other));
        assert_eq!(content_hash(&one).len(), 32);
    }
}
