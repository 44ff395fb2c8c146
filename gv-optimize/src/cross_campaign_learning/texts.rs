//! Hooks and calls to action that say the same in other words.

use crate::trainer::words;
use std::collections::BTreeSet;

/// Texts that share this much of their words are one.
const ALIKE: f64 = 0.6;

/// A group of texts that say nearly the same.
#[derive(Debug, Clone)]
pub(super) struct Group<T> {
    /// The text that stands for the group: the one used most, then the shortest.
    pub(super) text: String,
    pub(super) uses: Vec<T>,
    words: BTreeSet<String>,
}

/// Groups texts with their uses; the order of the input does not matter.
pub(super) fn group<T: Clone>(texts: &[(String, T)]) -> Vec<Group<T>> {
    let mut counted: std::collections::BTreeMap<&str, Vec<&T>> = std::collections::BTreeMap::new();
    for (text, used) in texts {
        counted.entry(text.trim()).or_default().push(used);
    }
    let mut ordered: Vec<(&str, Vec<&T>)> =
        counted.into_iter().filter(|(text, _)| !text.is_empty()).collect();
    ordered.sort_by_key(|(text, uses)| (std::cmp::Reverse(uses.len()), text.len(), *text));
    let mut groups: Vec<Group<T>> = Vec::new();
    for (text, uses) in ordered {
        let words: BTreeSet<String> = words(text).collect();
        let uses = uses.into_iter().cloned();
        match groups.iter_mut().find(|group| likeness(&group.words, &words) >= ALIKE) {
            Some(group) => group.uses.extend(uses),
            None => groups.push(Group { text: text.to_owned(), uses: uses.collect(), words }),
        }
    }
    groups
}

/// Jaccard's index of two sets of words; two empty sets are not alike.
fn likeness(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let common = a.intersection(b).count() as f64;
    let all = a.union(b).count() as f64;
    if all == 0.0 { 0.0 } else { common / all }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(groups: &[Group<u32>]) -> Vec<(&str, usize)> {
        groups.iter().map(|group| (group.text.as_str(), group.uses.len())).collect()
    }

    #[test]
    fn the_same_offer_with_another_number_is_the_same() {
        let input: Vec<(String, u32)> =
            ["Shop now - 50% off", "Shop Now: 20% off!", "Learn more", "shop now - 50% off"]
                .iter()
                .map(|text| ((*text).to_owned(), 1))
                .collect();
        let groups = group(&input);
        assert_eq!(groups.len(), 2);
        assert_eq!(groups.iter().map(|g| g.uses.len()).max(), Some(3));
        let mut reversed = input.clone();
        reversed.reverse();
        assert_eq!(texts(&group(&reversed)), texts(&groups));
    }

    #[test]
    fn nothing_is_no_hook() {
        assert!(group(&[("  ".to_owned(), 1)]).is_empty());
    }
}
