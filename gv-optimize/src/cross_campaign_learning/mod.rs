//! What all campaigns together teach a new one (component 13).
//!
//! Figures of few campaigns are drawn towards those of the wider group; hooks and calls to action are
//! credited with what their campaigns reached beyond their peers, not with the campaign's best.
//!
//! # Examples
//!
//! ```
//! use gv_optimize::cross_campaign_learning::{CampaignLearning, CrossCampaignLearner, LearnerOptions};
//!
//! let store = gv_patterns::store::open(":memory:")?;
//! let learner = CrossCampaignLearner::new(store, LearnerOptions::default())?;
//! let mut learning = CampaignLearning::default();
//! learning.campaign_id = "camp_001".into();
//! learning.industry = "ecommerce".into();
//! learning.objective = "conversions".into();
//! learning.winning_hooks = vec!["Stop scrolling!".into()];
//! (learning.best_roas, learning.total_conversions) = (4.2, 4000.0);
//! learner.add_campaign_learning(&learning)?;
//! let advice = learner.recommendations("ecommerce", "conversions", None, &Default::default())?;
//! let expected = advice.industry_benchmarks.expected_roas.ok_or("nothing is known")?;
//! assert!(expected < 4.2, "the best of one campaign is more than to be expected");
//! assert_eq!(advice.recommended_hooks[0].text, "Stop scrolling!");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod insight;
mod learning;
mod recommend;
mod shrink;
#[cfg(test)]
mod tests;
mod texts;

pub use insight::IndustryInsight;
pub use learning::CampaignLearning;
pub use recommend::{
    FailedPattern, IndustryBenchmarks, PostingTime, Recommendations, RecommendedText,
};
pub use shrink::Benchmark;

use crate::error::parameter;
use crate::prediction_accuracy_tracker::{from_json, to_json};
use crate::{Clock, Result, SystemClock, Timestamp};
use gv_patterns::store::{Change, Collection, Expect, Filter, Store};
use recommend::{Question, recommend};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const LEARNINGS: Collection =
    Collection::new("campaign_learning").index(&["industry", "objective"]);
const FORMAT: u32 = 1;

/// How the learner weighs campaigns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct LearnerOptions {
    /// Accounts that an industry must have before one account's campaigns speak to another; 3 keeps each of
    /// them private. Default: 1, everything is shared.
    pub min_accounts: usize,
    /// Days after which a campaign counts half. Default: 180.
    pub half_life_days: f64,
    /// The return to expect where nothing is known, a prior. Default: 1.5.
    pub prior_roas: f64,
}

impl Default for LearnerOptions {
    fn default() -> Self {
        Self { min_accounts: 1, half_life_days: 180.0, prior_roas: 1.5 }
    }
}

/// Learns from campaigns and advises new ones.
#[derive(Debug, Clone)]
pub struct CrossCampaignLearner {
    store: Arc<dyn Store>,
    options: LearnerOptions,
    clock: Arc<dyn Clock>,
}

/// What has been learned from, in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LearningStats {
    /// Campaigns.
    pub total_campaigns_learned: usize,
    /// Money they spent.
    pub total_spend_analyzed: f64,
    /// Their conversions.
    pub total_conversions_analyzed: f64,
    /// Their industries.
    pub industries_covered: Vec<String>,
    /// Patterns that won.
    pub winning_patterns_count: usize,
    /// Patterns that lost.
    pub failed_patterns_count: usize,
    /// What is known of each industry.
    pub industry_insights: BTreeMap<String, IndustryInsight>,
}

/// Everything that was learned, to be carried elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct KnowledgeBase {
    /// Version of this document's shape.
    pub format: u32,
    /// The campaigns, by id.
    pub learnings: BTreeMap<String, CampaignLearning>,
    /// What is known of each industry.
    pub industry_insights: BTreeMap<String, IndustryInsight>,
    /// The patterns that won and lost.
    pub patterns: Patterns,
    /// When it was written.
    pub exported_at: Timestamp,
}

/// Patterns of all campaigns.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Patterns {
    /// Those that won.
    pub winning: Vec<Map<String, Value>>,
    /// Those that lost.
    pub failed: Vec<Map<String, Value>>,
}

impl CrossCampaignLearner {
    /// Keeps what it learns in `store`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for options out of range, and the store's.
    pub fn new(store: Arc<dyn Store>, options: LearnerOptions) -> Result<Self> {
        Self::with_clock(store, options, Arc::new(SystemClock))
    }

    /// Keeps what it learns in `store` and reads the time from `clock`.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new).
    pub fn with_clock(
        store: Arc<dyn Store>,
        options: LearnerOptions,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        if !(options.half_life_days > 0.0 && options.half_life_days.is_finite()) {
            return Err(parameter("half_life_days", options.half_life_days, "a number above 0"));
        }
        if !(options.prior_roas > 0.0 && options.prior_roas.is_finite()) {
            return Err(parameter("prior_roas", options.prior_roas, "a number above 0"));
        }
        store.ensure(&LEARNINGS)?;
        Ok(Self { store, options, clock })
    }

    /// Adds what a campaign taught, or replaces what was known of it.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for an empty id or industry and for
    /// figures that cannot be, and the store's.
    pub fn add_campaign_learning(&self, learning: &CampaignLearning) -> Result<()> {
        learning.check()?;
        let body = to_json(learning)?;
        self.store.apply(&[Change::put(
            LEARNINGS.name(),
            &learning.campaign_id,
            Expect::Any,
            body,
        )])?;
        Ok(())
    }

    /// Advises a new campaign; `audience` makes campaigns with a like one count up to twice.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn recommendations(
        &self,
        industry: &str,
        objective: &str,
        account: Option<&str>,
        audience: &Map<String, Value>,
    ) -> Result<Recommendations> {
        let question = Question {
            industry,
            objective,
            account,
            audience,
            now: self.clock.now(),
            options: &self.options,
        };
        Ok(recommend(&self.learnings()?, &question))
    }

    /// What has been learned from, in numbers.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn learning_stats(&self) -> Result<LearningStats> {
        let learnings = self.learnings()?;
        let sum = |figure: fn(&CampaignLearning) -> f64| learnings.iter().map(figure).sum();
        let count = |patterns: fn(&CampaignLearning) -> usize| learnings.iter().map(patterns).sum();
        Ok(LearningStats {
            total_campaigns_learned: learnings.len(),
            total_spend_analyzed: sum(|l| l.total_spend),
            total_conversions_analyzed: sum(|l| l.total_conversions),
            industries_covered: industries(&learnings).into_iter().collect(),
            winning_patterns_count: count(|l| l.winning_patterns.len()),
            failed_patterns_count: count(|l| l.failed_patterns.len()),
            industry_insights: self.insights(&learnings),
        })
    }

    /// What is known of an industry; `None` where there is no campaign of it.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn industry_insight(&self, industry: &str) -> Result<Option<IndustryInsight>> {
        let learnings = self.learnings()?;
        Ok(self.insights(&learnings).remove(&learning::fold(industry)))
    }

    /// Everything that was learned. With `redact`, ids of accounts and campaigns are replaced by hashes.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn export_knowledge_base(&self, redact: bool) -> Result<KnowledgeBase> {
        let mut learnings = self.learnings()?;
        if redact {
            for learning in &mut learnings {
                learning.account_id = redacted(&learning.account_id);
                learning.campaign_id = redacted(&learning.campaign_id);
            }
        }
        let all = |of: fn(&CampaignLearning) -> &Vec<Map<String, Value>>| {
            learnings.iter().flat_map(|learning| of(learning).iter().cloned()).collect()
        };
        Ok(KnowledgeBase {
            format: FORMAT,
            industry_insights: self.insights(&learnings),
            patterns: Patterns {
                winning: all(|l| &l.winning_patterns),
                failed: all(|l| &l.failed_patterns),
            },
            exported_at: self.clock.now(),
            learnings: learnings.into_iter().map(|l| (l.campaign_id.clone(), l)).collect(),
        })
    }

    /// Adds the campaigns of an exported knowledge base; of a campaign that is here as well the newer
    /// learning stays. Returns how many were added or replaced.
    ///
    /// # Errors
    ///
    /// [`Error::Stored`](crate::Error::Stored) for a document of another shape, and the store's; nothing is
    /// added then.
    pub fn merge_knowledge_base(&self, exported: &Value) -> Result<usize> {
        let field = exported.get("learnings").cloned().unwrap_or(Value::Null);
        let learnings: Vec<CampaignLearning> = match field {
            Value::Object(by_id) => {
                by_id.into_iter().map(|(_, learning)| from_json(learning)).collect::<Result<_>>()?
            }
            list @ Value::Array(_) => from_json(list)?,
            _ => {
                return Err(crate::Error::Stored {
                    problem: "the knowledge base has no learnings".into(),
                });
            }
        };
        let here: BTreeMap<String, Timestamp> = self
            .learnings()?
            .into_iter()
            .map(|learning| (learning.campaign_id, learning.extracted_at))
            .collect();
        let mut changes = Vec::new();
        for learning in &learnings {
            learning.check()?;
            let known = here.get(&learning.campaign_id);
            if known.is_none_or(|known| *known < learning.extracted_at) {
                let id = &learning.campaign_id;
                changes.push(Change::put(LEARNINGS.name(), id, Expect::Any, to_json(learning)?));
            }
        }
        self.store.apply(&changes)?;
        Ok(changes.len())
    }

    fn learnings(&self) -> Result<Vec<CampaignLearning>> {
        let found = self.store.find(LEARNINGS.name(), &Filter::new())?;
        found.into_iter().map(|document| from_json(document.body)).collect()
    }

    fn insights(&self, learnings: &[CampaignLearning]) -> BTreeMap<String, IndustryInsight> {
        industries(learnings)
            .into_iter()
            .map(|industry| {
                let own: Vec<&CampaignLearning> =
                    learnings.iter().filter(|l| l.cell().0 == industry).collect();
                let question = Question {
                    industry: &industry,
                    objective: "",
                    account: None,
                    audience: &Map::new(),
                    now: self.clock.now(),
                    options: &self.options,
                };
                let recommended = recommend(learnings, &question);
                let insight = IndustryInsight::new(&industry, &own, &recommended);
                (industry, insight)
            })
            .collect()
    }
}

fn industries(learnings: &[CampaignLearning]) -> BTreeSet<String> {
    learnings.iter().map(|learning| learning.cell().0).collect()
}

fn redacted(id: &str) -> String {
    use sha2::{Digest, Sha256};
    crate::hex::hex(&Sha256::digest(id.as_bytes())[..8])
}
