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
mod hooks;
mod pattern;
mod similar;
#[cfg(test)]
mod tests;

pub use dna::{CreativeDna, Trait};
pub use extract::extract_pattern;
pub use hooks::HookBenchmark;
pub use pattern::{AudioPattern, CTAPattern, HookPattern, VisualPattern, WinningAdPattern};
pub use similar::Similar;

use crate::store::{Change, Collection, Expect, Filter, Store};
use crate::{Error, Result};
use dna::{Counted, creative_dna, most_first};
use hooks::ranked_hooks;
use pattern::fold;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use similar::Nearest;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const PATTERNS: Collection = Collection::new("pattern")
    .index(&["industry", "platform", "objective", "roas"])
    .index(&["industry", "roas"])
    .index(&["hook_type", "roas"])
    .index(&["platform", "roas"])
    .index(&["objective", "roas"])
    .index(&["roas"])
    .carry(&["industry", "platform", "objective", "hook_type", "is_loser", "is_synthetic"])
    .text(&["hook_text", "cta_text", "tags"]);
/// Patterns that a look-up of similar ones looks at.
const LOOKED_AT: usize = 20_000;
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

impl PatternQuery {
    /// What the store is asked for.
    pub fn filter(&self) -> Filter {
        let mut filter = Filter::new().descending("roas").limit(self.limit);
        for (field, value) in [
            ("industry", &self.industry),
            ("platform", &self.platform),
            ("objective", &self.objective),
            ("hook_type", &self.hook_type),
        ] {
            if let Some(value) = value {
                filter = filter.equals(field, fold(value));
            }
        }
        if !self.include_losers {
            filter = filter.equals("is_loser", false);
        }
        if let Some(roas) = self.min_roas {
            filter = filter.at_least("roas", roas);
        }
        filter
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
    /// Types of hooks, best expected return first.
    pub top_hook_types: Vec<HookBenchmark>,
    /// Colours, most frequent first.
    pub common_colors: Vec<String>,
    /// What to keep in mind.
    pub note: String,
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
        self.read_all(&query.filter())
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
        let mut by_type: BTreeMap<String, HookStatistics> = BTreeMap::new();
        self.scan_real(None, false, &["hook_type", "roas"], |id, fields| {
            let found = by_type.entry(text(&fields[0]).to_owned()).or_insert_with(|| {
                HookStatistics { count: 0, avg_roas: 0.0, patterns: Vec::new() }
            });
            found.count += 1;
            found.avg_roas += (number(&fields[1]) - found.avg_roas) / found.count as f64;
            found.patterns.push(id.to_owned());
            Ok(())
        })?;
        Ok(by_type)
    }

    /// How the real winners of an industry did; `None` where there is none.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn industry_benchmarks(&self, industry: &str) -> Result<Option<PatternBenchmarks>> {
        let fields = [
            "roas",
            "hook_type",
            "pattern.estimated_ctr",
            "pattern.visual_pattern.dominant_colors",
        ];
        let (mut returns, mut rates) = (Vec::new(), Vec::new());
        let mut hooks: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        let mut colors: BTreeMap<String, usize> = BTreeMap::new();
        self.scan_real(Some(industry), false, &fields, |_, fields| {
            let roas = number(&fields[0]);
            returns.push(roas);
            rates.push(number(&fields[2]));
            hooks.entry(text(&fields[1]).to_owned()).or_default().push(roas);
            let names = fields[3].as_array().into_iter().flatten().map(|color| fold(text(color)));
            for color in names.collect::<BTreeSet<_>>() {
                *colors.entry(color).or_default() += 1;
            }
            Ok(())
        })?;
        if returns.is_empty() {
            return Ok(None);
        }
        Ok(Some(PatternBenchmarks {
            industry: industry.to_owned(),
            sample_size: returns.len(),
            roas: spread(returns),
            ctr: spread(rates),
            top_hook_types: ranked_hooks(&hooks, MOST_HOOKS),
            common_colors: most_first(colors).into_iter().take(MOST_COLORS).map(|c| c.0).collect(),
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
        let industries: BTreeSet<String> = used.iter().map(|p| fold(&p.industry)).collect();
        let mut losers = Counted::default();
        for industry in industries {
            self.scan_real(Some(&industry), true, &["pattern"], |_, mut fields| {
                losers.add(&WinningAdPattern::from_json(fields[0].take())?);
                Ok(())
            })?;
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
    /// Among up to 20,000 patterns all are looked at. Among more, those that differ from it in at most one of industry,
    /// platform, objective and type of hook (of each of the four sets that agree in three at most 20,000, best return
    /// first); where these are fewer than `limit`, those that agree in one. A pattern that differs in two of the four is
    /// at most `1 - 2 / parts` alike: what is found above that is what looking at all would find.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn find_similar(&self, to: &WinningAdPattern, limit: usize) -> Result<Vec<Similar>> {
        self.find_similar_among(to, limit, LOOKED_AT)
    }

    fn find_similar_among(
        &self,
        to: &WinningAdPattern,
        limit: usize,
        most: usize,
    ) -> Result<Vec<Similar>> {
        let mut nearest = Nearest::new(to, limit);
        let mut has_more = false;
        let beyond = Filter::new().descending("roas").offset(most).limit(1);
        self.scan(&beyond, &[], |_, _| {
            has_more = true;
            Ok(())
        })?;
        let lookups = if has_more { similar::lookups(to) } else { vec![vec![Filter::new()]] };
        for filters in lookups {
            for filter in filters {
                let filter = filter.descending("roas").limit(most);
                self.scan(&filter, &["pattern"], |id, mut fields| {
                    if nearest.is_new(id) {
                        nearest.look_at(WinningAdPattern::from_json(fields[0].take())?);
                    }
                    Ok(())
                })?;
            }
            if nearest.seen() >= limit {
                break;
            }
        }
        Ok(nearest.into_sorted())
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

    /// Looks at fields of real winners or losers, of an industry or of all, best return first.
    fn scan_real(
        &self,
        industry: Option<&str>,
        losers: bool,
        fields: &[&str],
        visit: impl FnMut(&str, Vec<Value>) -> Result<()>,
    ) -> Result<()> {
        let mut filter = Filter::new()
            .equals("is_loser", losers)
            .equals("is_synthetic", false)
            .descending("roas");
        if let Some(industry) = industry {
            filter = filter.equals("industry", fold(industry));
        }
        self.scan(&filter, fields, visit)
    }

    fn scan(
        &self,
        filter: &Filter,
        fields: &[&str],
        mut visit: impl FnMut(&str, Vec<Value>) -> Result<()>,
    ) -> Result<()> {
        let mut outcome = Ok(());
        self.store.scan(PATTERNS.name(), filter, fields, &mut |id, values| {
            outcome = visit(id, values);
            outcome.is_ok()
        })?;
        outcome
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

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(0.0)
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
