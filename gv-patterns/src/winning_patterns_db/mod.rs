//! Patterns of ads that won, and of those that lost (component 17).
//!
//! # Examples
//!
//! ```
//! use gv_patterns::winning_patterns_db::{PatternQuery, WinningAdPattern, WinningPatternsDB};
//!
//! let db = WinningPatternsDB::new(gv_patterns::store::open(":memory:")?)?;
//! let mut pattern = WinningAdPattern::default();
//! pattern.source_platform = "meta".into();
//! pattern.ad_format = "reels".into();
//! pattern.objective = "sales".into();
//! pattern.industry = "ecommerce".into();
//! pattern.estimated_roas = 4.2;
//! let id = db.add_pattern(pattern)?;
//! let found = db.find_patterns(&PatternQuery { min_roas: Some(3.0), ..PatternQuery::default() })?;
//! assert_eq!(found[0].id, id);
//! # Ok::<(), gv_patterns::Error>(())
//! ```

mod dna;
mod exchange;
mod extract;
mod pattern;
mod similar;
#[cfg(test)]
mod tests;

pub use dna::{CreativeDna, Trait};
pub use extract::extract_pattern;
pub use pattern::{AudioPattern, CTAPattern, HookPattern, VisualPattern, WinningAdPattern};
pub use similar::Similar;

use crate::store::{Change, Collection, Expect, Filter, Store};
use crate::{Error, Result};
use dna::{creative_dna, ranked};
use pattern::fold;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

const PATTERNS: Collection = Collection::new("pattern")
    .index(&["industry", "platform", "objective", "roas"])
    .index(&["industry", "roas"])
    .index(&["hook_type", "roas"])
    .index(&["platform", "roas"])
    .index(&["objective", "roas"])
    .index(&["is_loser", "roas"])
    .index(&["roas"])
    .text(&["hook_text", "cta_text", "tags"]);
const MOST_HOOKS: usize = 5;
const MOST_COLORS: usize = 10;

/// Patterns of ads in a store.
#[derive(Debug, Clone)]
pub struct WinningPatternsDB {
    store: Arc<dyn Store>,
}

/// Which patterns to find; what is `None` does not matter.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PatternQuery {
    /// The industry, in any case.
    pub industry: Option<String>,
    /// The platform.
    pub platform: Option<String>,
    /// The objective.
    pub objective: Option<String>,
    /// The type of hook, in any case.
    pub hook_type: Option<String>,
    /// The least return on ad spend.
    pub min_roas: Option<f64>,
    /// How many at most. Default: 10.
    pub limit: usize,
    /// Whether losers are found too. Default: no.
    pub include_losers: bool,
}

impl Default for PatternQuery {
    fn default() -> Self {
        Self {
            industry: None,
            platform: None,
            objective: None,
            hook_type: None,
            min_roas: None,
            limit: 10,
            include_losers: false,
        }
    }
}

/// How a type of hook did.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HookStatistics {
    /// Number of patterns.
    pub count: usize,
    /// Their mean return.
    pub avg_roas: f64,
    /// Their ids, best first.
    pub patterns: Vec<String>,
}

/// Mean and spread of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// Mean.
    pub avg: f64,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// A quarter lies below.
    pub p25: f64,
    /// A quarter lies above.
    pub p75: f64,
}

/// How the winners of an industry did.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PatternBenchmarks {
    /// The industry.
    pub industry: String,
    /// Number of patterns.
    pub sample_size: usize,
    /// Returns.
    pub roas: Spread,
    /// Click-through rates.
    pub ctr: Spread,
    /// Types of hooks, best return first.
    pub top_hook_types: Vec<HookBenchmark>,
    /// Colours, most frequent first.
    pub common_colors: Vec<String>,
    /// What to keep in mind.
    pub note: String,
}

/// How a type of hook did in an industry.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HookBenchmark {
    /// The type.
    pub hook_type: String,
    /// Mean return.
    pub avg_roas: f64,
    /// Number of patterns.
    pub count: usize,
}

impl WinningPatternsDB {
    /// Keeps patterns in `store`.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn new(store: Arc<dyn Store>) -> Result<Self> {
        store.ensure(&PATTERNS)?;
        Ok(Self { store })
    }

    /// Adds a pattern, or replaces the one of its id, and returns the id: of its content where it had none,
    /// so that the same pattern again is the same.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a field that breaks a rule, and the store's.
    pub fn add_pattern(&self, pattern: WinningAdPattern) -> Result<String> {
        let (id, body) = document(pattern)?;
        self.store.apply(&[Change::put(PATTERNS.name(), &id, Expect::Any, body)])?;
        Ok(id)
    }

    /// Looks a pattern up; `None` where there is none.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn get_pattern(&self, id: &str) -> Result<Option<WinningAdPattern>> {
        let found = self.store.get(PATTERNS.name(), id)?;
        found.map(|document| read(document.body)).transpose()
    }

    /// Finds patterns, best return first.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn find_patterns(&self, query: &PatternQuery) -> Result<Vec<WinningAdPattern>> {
        let mut filter = Filter::new().descending("roas").limit(query.limit);
        for (field, value) in [
            ("industry", &query.industry),
            ("platform", &query.platform),
            ("objective", &query.objective),
            ("hook_type", &query.hook_type),
        ] {
            if let Some(value) = value {
                filter = filter.equals(field, fold(value));
            }
        }
        if !query.include_losers {
            filter = filter.equals("is_loser", false);
        }
        if let Some(roas) = query.min_roas {
            filter = filter.at_least("roas", roas);
        }
        self.read_all(&filter)
    }

    /// The winners with the best returns.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn top_performers(&self, limit: usize) -> Result<Vec<WinningAdPattern>> {
        self.read_all(&Filter::new().equals("is_loser", false).descending("roas").limit(limit))
    }

    /// How each type of hook did among real winners.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn hook_statistics(&self) -> Result<BTreeMap<String, HookStatistics>> {
        let winners = self.real(None, false)?;
        let mut by_type: BTreeMap<String, Vec<&WinningAdPattern>> = BTreeMap::new();
        for pattern in &winners {
            by_type.entry(fold(&pattern.hook_pattern.hook_type)).or_default().push(pattern);
        }
        Ok(by_type
            .into_iter()
            .map(|(kind, patterns)| {
                let sum: f64 = patterns.iter().map(|pattern| pattern.estimated_roas).sum();
                let statistics = HookStatistics {
                    count: patterns.len(),
                    avg_roas: sum / patterns.len() as f64,
                    patterns: patterns.iter().map(|pattern| pattern.id.clone()).collect(),
                };
                (kind, statistics)
            })
            .collect())
    }

    /// How the real winners of an industry did; `None` where there is none.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn industry_benchmarks(&self, industry: &str) -> Result<Option<PatternBenchmarks>> {
        let winners = self.real(Some(industry), false)?;
        if winners.is_empty() {
            return Ok(None);
        }
        let mut hooks: BTreeMap<String, (f64, usize)> = BTreeMap::new();
        for pattern in &winners {
            let sums = hooks.entry(fold(&pattern.hook_pattern.hook_type)).or_default();
            *sums = (sums.0 + pattern.estimated_roas, sums.1 + 1);
        }
        let mut top_hook_types: Vec<HookBenchmark> = hooks
            .into_iter()
            .map(|(hook_type, (sum, count))| HookBenchmark {
                hook_type,
                avg_roas: sum / count as f64,
                count,
            })
            .collect();
        top_hook_types.sort_by(|a, b| b.avg_roas.total_cmp(&a.avg_roas));
        top_hook_types.truncate(MOST_HOOKS);
        let colors = ranked(&winners, |pattern| pattern.visual_pattern.dominant_colors.clone());
        Ok(Some(PatternBenchmarks {
            industry: industry.to_owned(),
            sample_size: winners.len(),
            roas: spread(winners.iter().map(|pattern| pattern.estimated_roas).collect()),
            ctr: spread(winners.iter().map(|pattern| pattern.estimated_ctr).collect()),
            top_hook_types,
            common_colors: colors.into_iter().take(MOST_COLORS).map(|(color, _)| color).collect(),
            note: "of winners only: a new ad must expect less".into(),
        }))
    }

    /// What winners have in common, beside the real losers of their industries; `None` without winners.
    /// Losers among `patterns` are passed over. Invented examples are left out where there are real ones.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn extract_creative_dna(
        &self,
        patterns: &[WinningAdPattern],
    ) -> Result<Option<CreativeDna>> {
        let winners = || patterns.iter().filter(|pattern| !pattern.is_loser);
        let real: Vec<WinningAdPattern> =
            winners().filter(|pattern| !pattern.is_synthetic).cloned().collect();
        let used = if real.is_empty() { winners().cloned().collect() } else { real };
        let industries: std::collections::BTreeSet<String> =
            used.iter().map(|pattern| fold(&pattern.industry)).collect();
        let mut losers = Vec::new();
        for industry in industries {
            losers.extend(self.real(Some(&industry), true)?);
        }
        Ok(creative_dna(&used, &losers))
    }

    /// Finds patterns by words of hook, call to action and tags, best match first.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn search(&self, words: &str, limit: usize) -> Result<Vec<WinningAdPattern>> {
        let found = self.store.search(PATTERNS.name(), words, limit)?;
        found.into_iter().map(|document| read(document.body)).collect()
    }

    /// Finds the patterns that are most like one, and says in what.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn find_similar(&self, to: &WinningAdPattern, limit: usize) -> Result<Vec<Similar>> {
        Ok(similar::most_similar(to, self.read_all(&Filter::new())?, limit))
    }

    /// Adds a few invented patterns to try things with; they are flagged and left out of statistics.
    /// Returns how many.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn seed_with_examples(&self) -> Result<usize> {
        let examples = serde_json::from_str(include_str!("../../data/example_patterns.json"));
        self.import_json(examples.map_err(|error| Error::BadData {
            place: "examples".into(),
            problem: error.to_string(),
        })?)
    }

    /// Real winners or losers, of an industry or of all, best return first.
    fn real(&self, industry: Option<&str>, losers: bool) -> Result<Vec<WinningAdPattern>> {
        let mut filter = Filter::new()
            .equals("is_loser", losers)
            .equals("is_synthetic", false)
            .descending("roas");
        if let Some(industry) = industry {
            filter = filter.equals("industry", fold(industry));
        }
        self.read_all(&filter)
    }

    fn read_all(&self, filter: &Filter) -> Result<Vec<WinningAdPattern>> {
        let found = self.store.find(PATTERNS.name(), filter)?;
        found.into_iter().map(|document| read(document.body)).collect()
    }
}

/// The document of a pattern: what it is found by, and the pattern itself.
fn document(mut pattern: WinningAdPattern) -> Result<(String, Value)> {
    pattern.check()?;
    let to_json = |pattern: &WinningAdPattern| {
        serde_json::to_value(pattern)
            .map_err(|error| Error::BadData { place: "pattern".into(), problem: error.to_string() })
    };
    if pattern.id.is_empty() {
        // When it was taken down is no property of the ad: the same ad again is the same.
        let undated = WinningAdPattern { extracted_at: 0, ..pattern.clone() };
        let digest = Sha256::digest(to_json(&undated)?.to_string().as_bytes());
        pattern.id = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    }
    let body = json!({
        "industry": fold(&pattern.industry),
        "platform": pattern.source_platform,
        "objective": pattern.objective,
        "hook_type": fold(&pattern.hook_pattern.hook_type),
        "roas": pattern.estimated_roas,
        "is_loser": pattern.is_loser,
        "is_synthetic": pattern.is_synthetic,
        "hook_text": pattern.hook_pattern.text_used,
        "cta_text": pattern.cta_pattern.cta_text,
        "tags": pattern.tags,
        "pattern": to_json(&pattern)?,
    });
    Ok((pattern.id, body))
}

fn read(mut body: Value) -> Result<WinningAdPattern> {
    WinningAdPattern::from_json(body["pattern"].take())
}

fn spread(mut values: Vec<f64>) -> Spread {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1) as f64;
    // Linear interpolation between order statistics, as numpy's default.
    let quantile = |share: f64| {
        let place = share * last;
        let low = values.get(place.floor() as usize).copied().unwrap_or(0.0);
        let high = values.get(place.ceil() as usize).copied().unwrap_or(low);
        low + (high - low) * place.fract()
    };
    Spread {
        avg: values.iter().sum::<f64>() / values.len().max(1) as f64,
        min: quantile(0.0),
        max: quantile(1.0),
        p25: quantile(0.25),
        p75: quantile(0.75),
    }
}
