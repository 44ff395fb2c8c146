//! What is known of an industry.

use super::learning::CampaignLearning;
use super::recommend::{PostingTime, Recommendations, pattern_type};
use crate::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const MOST: usize = 5;

/// What is known of an industry.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct IndustryInsight {
    /// The industry.
    pub industry: String,
    /// Number of campaigns.
    pub sample_size: usize,
    /// The return to expect, shrunk; `None` where no campaign says.
    pub avg_roas: Option<f64>,
    /// The click-through rate to expect.
    pub avg_ctr: Option<f64>,
    /// The cost per action to expect.
    pub avg_cpa: Option<f64>,
    /// Types of winning patterns and the share of campaigns that won with them.
    pub top_hook_types: Vec<(String, f64)>,
    /// Calls to action and the factor on the return that they stand for.
    pub top_cta_types: Vec<(String, f64)>,
    /// Middle half of the durations of winning patterns, in seconds.
    pub best_video_duration: Option<(u32, u32)>,
    /// Times of posting.
    pub best_posting_times: Vec<PostingTime>,
    /// Ages named most often.
    pub best_age_ranges: Vec<String>,
    /// Interests named most often.
    pub best_interests: Vec<String>,
    /// How much is known of the return, 0 to 1.
    pub confidence: f64,
    /// When the newest campaign was summed up.
    pub last_updated: Timestamp,
}

impl IndustryInsight {
    pub(super) fn new(
        industry: &str,
        learnings: &[&CampaignLearning],
        recommended: &Recommendations,
    ) -> Self {
        let benchmarks = &recommended.industry_benchmarks;
        let count = learnings.len() as f64;
        let hook_types = most_named(learnings, |learning| {
            learning.winning_patterns.iter().map(pattern_type).collect()
        });
        Self {
            industry: industry.to_owned(),
            sample_size: learnings.len(),
            avg_roas: benchmarks.expected_roas,
            avg_ctr: benchmarks.expected_ctr,
            avg_cpa: benchmarks.expected_cpa,
            top_hook_types: hook_types
                .into_iter()
                .map(|(kind, n)| (kind, n as f64 / count))
                .collect(),
            top_cta_types: recommended
                .recommended_ctas
                .iter()
                .take(MOST)
                .map(|cta| (cta.text.clone(), cta.lift))
                .collect(),
            best_video_duration: recommended.recommended_duration,
            best_posting_times: recommended.recommended_posting_times.clone(),
            best_age_ranges: names(most_named(learnings, |l| audience(l, &["age", "age_range"]))),
            best_interests: names(most_named(learnings, |l| {
                audience(l, &["interest", "interests"])
            })),
            confidence: benchmarks.confidence,
            last_updated: learnings.iter().map(|l| l.extracted_at).max().unwrap_or_default(),
        }
    }
}

/// Values of an audience's fields, one by one where they are lists.
fn audience(learning: &CampaignLearning, keys: &[&str]) -> Vec<String> {
    let texts = |audience: &Map<String, Value>| -> Vec<String> {
        keys.iter()
            .filter_map(|key| audience.get(*key))
            .flat_map(|value| match value {
                Value::String(text) => vec![text.clone()],
                Value::Array(items) => {
                    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
                }
                _ => Vec::new(),
            })
            .collect()
    };
    learning.best_audiences.iter().flat_map(texts).collect()
}

/// Names and the number of campaigns that gave them, most first.
fn most_named(
    learnings: &[&CampaignLearning],
    names: impl Fn(&CampaignLearning) -> Vec<String>,
) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for learning in learnings {
        let mut given = names(learning);
        given.sort_unstable();
        given.dedup();
        for name in given {
            *counts.entry(name).or_default() += 1;
        }
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(MOST);
    counts
}

fn names(counted: Vec<(String, usize)>) -> Vec<String> {
    counted.into_iter().map(|(name, _)| name).collect()
}
