//! From named properties to columns of numbers, learned from the training examples.

use super::data::{Feature, Features};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization;

/// Columns into which words and pairs of words are hashed.
const TEXT_COLUMNS: usize = 256;
/// A name seen in fewer examples has no column of its own.
const MIN_COUNT: usize = 3;
/// Names of one property that get a column, the most frequent first.
const MAX_CATEGORIES: usize = 64;

/// A row as its non-zero columns, ascending.
pub(super) type SparseRow = Vec<(usize, f64)>;

/// Which columns there are and what they mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Encoder {
    numbers: Vec<NumberColumn>,
    categories: Vec<CategoryColumn>,
    /// Names of the properties whose words are hashed, each into the same columns.
    texts: Vec<String>,
    width: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct NumberColumn {
    name: String,
    mean: f64,
    sd: f64,
    /// Whether a second column says that the number is missing.
    may_be_missing: bool,
    at: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct CategoryColumn {
    name: String,
    value: String,
    scale: f64,
    at: usize,
}

impl Encoder {
    /// Learns the columns from rows.
    pub(super) fn learn(rows: &[&Features]) -> Self {
        let mut numbers: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        let mut names: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
        let mut texts: BTreeMap<&str, usize> = BTreeMap::new();
        for row in rows {
            for (name, feature) in row.iter() {
                match feature {
                    Feature::Number(value) if value.is_finite() => {
                        numbers.entry(name).or_default().push(*value);
                    }
                    Feature::Number(_) => {}
                    Feature::Category(value) => {
                        *names.entry(name).or_default().entry(value).or_default() += 1;
                    }
                    Feature::Text(_) => *texts.entry(name).or_default() += 1,
                }
            }
        }
        let mut width = 0;
        let mut column = || {
            width += 1;
            width - 1
        };
        let numbers = numbers
            .into_iter()
            .filter_map(|(name, values)| {
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                let square = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>();
                let sd = (square / values.len() as f64).sqrt();
                let may_be_missing = values.len() < rows.len();
                (mean.is_finite() && sd.is_finite() && (sd > 0.0 || may_be_missing)).then(|| {
                    let at = column();
                    if may_be_missing {
                        column();
                    }
                    let sd = if sd > 0.0 { sd } else { 1.0 };
                    NumberColumn { name: name.to_owned(), mean, sd, may_be_missing, at }
                })
            })
            .collect();
        let mut categories = Vec::new();
        for (name, values) in names {
            let mut values: Vec<(&str, usize)> =
                values.into_iter().filter(|&(_, count)| count >= MIN_COUNT).collect();
            values.sort_by_key(|&(value, count)| (std::cmp::Reverse(count), value));
            values.truncate(MAX_CATEGORIES);
            for (value, count) in values {
                let share = count as f64 / rows.len() as f64;
                let spread = (share * (1.0 - share)).sqrt();
                if spread > 0.0 {
                    let scale = 1.0 / spread.max(0.05);
                    let (name, value) = (name.to_owned(), value.to_owned());
                    categories.push(CategoryColumn { name, value, scale, at: column() });
                }
            }
        }
        let texts: Vec<String> = texts.into_keys().map(str::to_owned).collect();
        if !texts.is_empty() {
            width += TEXT_COLUMNS;
        }
        Self { numbers, categories, texts, width }
    }

    /// Whether every column is inside the width and has a scale, as in an encoder that was learned here.
    pub(super) fn is_sound(&self) -> bool {
        let numbers = self.numbers.iter().all(|column| {
            let scaled = column.mean.is_finite() && column.sd > 0.0 && column.sd.is_finite();
            scaled && column.at + usize::from(column.may_be_missing) < self.width
        });
        let categories = self
            .categories
            .iter()
            .all(|column| column.scale > 0.0 && column.scale.is_finite() && column.at < self.width);
        numbers && categories && (self.texts.is_empty() || self.width >= TEXT_COLUMNS)
    }

    /// Number of columns.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// Columns that are not hashed words: those that trees look at.
    pub(super) fn tree_width(&self) -> usize {
        self.width - if self.texts.is_empty() { 0 } else { TEXT_COLUMNS }
    }

    /// Encodes a row; what is missing or unknown is the average.
    pub(super) fn encode(&self, row: &Features) -> SparseRow {
        let mut out = SparseRow::new();
        for column in &self.numbers {
            match row.get(&column.name) {
                Some(Feature::Number(value)) if value.is_finite() => {
                    let standard = ((value - column.mean) / column.sd).clamp(-8.0, 8.0);
                    out.push((column.at, standard));
                }
                _ if column.may_be_missing => out.push((column.at + 1, 1.0)),
                _ => {}
            }
        }
        for column in &self.categories {
            if let Some(Feature::Category(value)) = row.get(&column.name)
                && *value == column.value
            {
                out.push((column.at, column.scale));
            }
        }
        let mut hashed: BTreeMap<usize, f64> = BTreeMap::new();
        for name in &self.texts {
            if let Some(Feature::Text(words)) = row.get(name) {
                hash_words(&words.text, self.tree_width(), &mut hashed);
            }
        }
        let length = hashed.values().map(|v| v * v).sum::<f64>().sqrt();
        if length > 0.0 {
            // A text's columns together weigh as much as a few standardised numbers.
            out.extend(hashed.into_iter().map(|(at, v)| (at, 3.0 * v / length)));
        }
        out
    }
}

/// Adds the words of a text and their pairs to the hashed columns, each with a sign of its own so that
/// collisions cancel on average (Weinberger et al., *Feature Hashing*, 2009).
fn hash_words(text: &str, first: usize, columns: &mut BTreeMap<usize, f64>) {
    let mut before: Option<String> = None;
    for word in words(text) {
        add_hashed(&word, first, columns);
        if let Some(before) = before {
            add_hashed(&format!("{before} {word}"), first, columns);
        }
        before = Some(word);
    }
}

fn add_hashed(token: &str, first: usize, columns: &mut BTreeMap<usize, f64>) {
    let hash = crate::posterior::stream_key(0, token);
    let sign = if hash >> 63 == 0 { 1.0 } else { -1.0 };
    *columns.entry(first + (hash as usize) % TEXT_COLUMNS).or_default() += sign;
}

/// Splits into words: NFKC, lower case, numbers as `#`.
pub(crate) fn words(text: &str) -> impl Iterator<Item = String> {
    let folded: String = text.nfkc().collect::<String>().to_lowercase();
    let words: Vec<String> = folded
        .split(|c: char| !c.is_alphanumeric() && c != '%' && c != '$' && c != '€')
        .filter(|word| !word.is_empty())
        .map(|word| {
            let has_digit = word.chars().any(|c| c.is_ascii_digit());
            if has_digit {
                let mut masked = String::new();
                for c in word.chars() {
                    if !c.is_ascii_digit() {
                        masked.push(c);
                    } else if !masked.ends_with('#') {
                        masked.push('#');
                    }
                }
                masked
            } else {
                word.to_owned()
            }
        })
        .collect();
    words.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_numbers_are_one_word() {
        let all: Vec<String> = words("Save 50% NOW, or 20%!").collect();
        assert_eq!(all, ["save", "#%", "now", "or", "#%"]);
    }

    #[test]
    fn a_missing_number_is_the_average_and_says_so() {
        let rows = [
            Features::new().number("x", 1.0),
            Features::new().number("x", 3.0),
            Features::new().number("x", f64::NAN),
        ];
        let encoder = Encoder::learn(&rows.iter().collect::<Vec<_>>());
        assert_eq!(encoder.width(), 2);
        assert_eq!(encoder.encode(&rows[0]), [(0, -1.0)]);
        assert_eq!(encoder.encode(&Features::new()), [(1, 1.0)]);
    }

    #[test]
    fn rare_and_unknown_names_have_no_column() {
        let mut rows = vec![Features::new().category("hook", "question"); 5];
        rows.extend(vec![Features::new().category("hook", "curiosity"); 5]);
        rows.push(Features::new().category("hook", "seen once"));
        let encoder = Encoder::learn(&rows.iter().collect::<Vec<_>>());
        assert_eq!(encoder.width(), 2);
        assert!(encoder.encode(&Features::new().category("hook", "seen once")).is_empty());
    }
}
