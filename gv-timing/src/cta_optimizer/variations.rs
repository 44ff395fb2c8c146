//! Other words for a call, to be tried against each other.

use super::config::tables;
use crate::{Error, Result};

/// At most `count` other wordings of a call, no two alike and none like it, the nearest first.
///
/// Synonyms come first, then endings and openings; fewer come where the tables hold no more.
///
/// # Errors
///
/// [`Error::InvalidParameter`] where `base` is empty.
pub fn generate_variations(base: &str, count: usize) -> Result<Vec<String>> {
    let base = base.trim();
    if base.is_empty() {
        let given = format!("{base:?}");
        return Err(Error::InvalidParameter { name: "base_cta", given, allowed: "a text" });
    }
    let tables = tables()?;
    let plain = |text: &str| text.to_lowercase();
    let family = tables.synonyms.iter().find(|family| family.contains(&plain(base)));
    let synonyms: Vec<String> = family.into_iter().flatten().map(|text| titled(text)).collect();
    let mut stems = vec![base.to_owned()];
    stems.extend(synonyms.iter().cloned());
    let endings = stems
        .iter()
        .flat_map(|stem| tables.endings.iter().map(move |ending| format!("{stem} {ending}")));
    let openings = stems
        .iter()
        .flat_map(|stem| tables.openings.iter().map(move |opening| format!("{opening} {stem}")));
    let mut seen = vec![plain(base)];
    let mut out = Vec::new();
    // Half of the synonyms' place is left to endings, so that few variations differ in kind.
    let head = synonyms.iter().take(count.div_ceil(2)).cloned();
    for text in head.chain(endings).chain(openings).chain(synonyms.iter().cloned()) {
        if out.len() >= count {
            break;
        }
        if !seen.contains(&plain(&text)) {
            seen.push(plain(&text));
            out.push(text);
        }
    }
    Ok(out)
}

/// Each word with a capital.
fn titled(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let mut letters = word.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    });
    words.collect::<Vec<String>>().join(" ")
}
