//! What a new campaign should try, and what it can expect.

use super::LearnerOptions;
use super::learning::{CampaignLearning, fold};
use super::shrink::{Benchmark, Mean, Observation, between, prior, towards};
use super::texts::group;
use crate::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Variance of the logarithm of a return that rests on one conversion; order values included.
const ROAS_VARIANCE: f64 = 1.64;
/// Variance of what a text does to the logarithm of the return: a prior.
const TEXT_VARIANCE: f64 = 0.1;
/// What a failed text is taken to have done to the logarithm of the return, a fall by half: a prior.
const FAILED_LIFT: f64 = -0.693;
/// `Φ⁻¹(0.2)`
const Z20: f64 = -0.841_621_233_572_914_4;
const DAY: f64 = 86_400_000.0;
const MOST: usize = 10;

/// What a new campaign can expect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IndustryBenchmarks {
    /// The return to expect; `None` where no campaign says.
    pub expected_roas: Option<f64>,
    /// The click-through rate to expect.
    pub expected_ctr: Option<f64>,
    /// The cost per action to expect.
    pub expected_cpa: Option<f64>,
    /// How much is known of the return, 0 to 1.
    pub confidence: f64,
    /// The return in full.
    #[serde(skip_deserializing)]
    pub roas: Option<Benchmark>,
    /// The click-through rate in full.
    #[serde(skip_deserializing)]
    pub ctr: Option<Benchmark>,
    /// The cost per action in full.
    #[serde(skip_deserializing)]
    pub cpa: Option<Benchmark>,
}

/// A hook or a call to action that is worth trying.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecommendedText {
    /// The text.
    pub text: String,
    /// The return to expect with it: the benchmark times the lift.
    pub avg_roas: f64,
    /// Campaigns that used it, or something nearly the same.
    pub usage_count: usize,
    /// How often it won.
    pub won: usize,
    /// How often it lost.
    pub lost: usize,
    /// Factor on the return beside what its campaigns would have had anyway, shrunk.
    pub lift: f64,
    /// Central 60 % of the lift; the order is by its lower end.
    pub lift_interval: (f64, f64),
}

/// A time of posting that did well.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PostingTime {
    /// The time as campaigns gave it.
    pub time: Map<String, Value>,
    /// Campaigns that named it.
    pub campaigns: usize,
    /// Their share.
    pub share: f64,
}

/// A pattern that failed more often than it won.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FailedPattern {
    /// The pattern's type.
    pub pattern: String,
    /// Campaigns in which it failed.
    pub failed: usize,
    /// Campaigns in which it won.
    pub won: usize,
}

/// What a new campaign should try, and what it can expect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recommendations {
    /// What to expect.
    pub industry_benchmarks: IndustryBenchmarks,
    /// Hooks, best first.
    pub recommended_hooks: Vec<RecommendedText>,
    /// Calls to action, best first.
    pub recommended_ctas: Vec<RecommendedText>,
    /// Shortest and longest duration of the middle half of the winning patterns, in seconds; `None`
    /// where no pattern says.
    pub recommended_duration: Option<(u32, u32)>,
    /// Times, most often named first.
    pub recommended_posting_times: Vec<PostingTime>,
    /// Patterns that failed more often than they won.
    pub patterns_to_avoid: Vec<FailedPattern>,
    /// Campaigns of the same industry and objective.
    pub similar_campaigns_analyzed: usize,
    /// Campaigns that had a say.
    pub total_learnings_used: usize,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

/// For whom a recommendation is.
pub(super) struct Question<'a> {
    pub(super) industry: &'a str,
    pub(super) objective: &'a str,
    pub(super) account: Option<&'a str>,
    pub(super) audience: &'a Map<String, Value>,
    pub(super) now: Timestamp,
    pub(super) options: &'a LearnerOptions,
}

type Figure = fn(&CampaignLearning) -> Option<(f64, f64)>;

fn roas(learning: &CampaignLearning) -> Option<(f64, f64)> {
    let variance = ROAS_VARIANCE / learning.total_conversions.max(1.0);
    (learning.best_roas > 0.0).then(|| (learning.best_roas.ln(), variance))
}

fn cpa(learning: &CampaignLearning) -> Option<(f64, f64)> {
    let variance = 1.0 / learning.total_conversions.max(1.0);
    (learning.best_cpa > 0.0).then(|| (learning.best_cpa.ln(), variance))
}

/// There are at least as many clicks as conversions.
fn ctr(learning: &CampaignLearning) -> Option<(f64, f64)> {
    let variance = 1.0 / learning.total_conversions.max(1.0);
    (learning.best_ctr > 0.0).then(|| (learning.best_ctr.ln(), variance))
}

/// Answers from what campaigns taught.
pub(super) fn recommend(
    learnings: &[CampaignLearning],
    question: &Question<'_>,
) -> Recommendations {
    let mut notes = Vec::new();
    let shared = shareable(learnings, question, &mut notes);
    let cell = (fold(question.industry), fold(question.objective));
    let industry: Vec<&CampaignLearning> =
        shared.iter().copied().filter(|l| l.cell().0 == cell.0).collect();
    let similar: Vec<&CampaignLearning> =
        industry.iter().copied().filter(|l| l.cell().1 == cell.1).collect();
    let narrowest = [&similar, &industry].into_iter().find(|group| !group.is_empty());
    let source = narrowest.map_or(shared.as_slice(), Vec::as_slice);
    let benchmark = |figure: Figure, prior_value: Option<f64>| {
        benchmark(&shared, &cell, question, figure, prior_value)
    };
    let roas_benchmark = benchmark(roas, Some(question.options.prior_roas.ln()));
    let (ctr_benchmark, cpa_benchmark) = (benchmark(ctr, None), benchmark(cpa, None));
    let base = roas_benchmark.map_or(question.options.prior_roas, |b| b.expected);
    let texts = |won: fn(&CampaignLearning) -> &[String],
                 lost: fn(&CampaignLearning) -> &[String]| {
        recommended_texts(source, &shared, question, base, won, lost)
    };
    Recommendations {
        industry_benchmarks: IndustryBenchmarks {
            expected_roas: roas_benchmark.map(|b| b.expected),
            expected_ctr: ctr_benchmark.map(|b| b.expected),
            expected_cpa: cpa_benchmark.map(|b| b.expected),
            confidence: roas_benchmark.map_or(0.0, |b| b.confidence),
            roas: roas_benchmark,
            ctr: ctr_benchmark,
            cpa: cpa_benchmark,
        },
        recommended_hooks: texts(|l| &l.winning_hooks, |l| &l.failed_hooks),
        recommended_ctas: texts(|l| &l.winning_ctas, |_| &[]),
        recommended_duration: recommended_duration(source),
        recommended_posting_times: posting_times(source),
        patterns_to_avoid: patterns_to_avoid(source),
        similar_campaigns_analyzed: similar.len(),
        total_learnings_used: shared.len(),
        notes,
    }
}

/// The campaigns that may be used: the asker's own, and others' of industries with enough accounts.
fn shareable<'a>(
    learnings: &'a [CampaignLearning],
    question: &Question<'_>,
    notes: &mut Vec<String>,
) -> Vec<&'a CampaignLearning> {
    let mut accounts: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for learning in learnings {
        accounts.entry(learning.cell().0).or_default().insert(&learning.account_id);
    }
    let least = question.options.min_accounts;
    let may_be_used = |learning: &&CampaignLearning| {
        question.account == Some(learning.account_id.as_str())
            || accounts.get(&learning.cell().0).is_some_and(|of| of.len() >= least)
    };
    let kept: Vec<&CampaignLearning> = learnings.iter().filter(may_be_used).collect();
    if kept.len() < learnings.len() {
        notes.push(format!(
            "{} campaigns of other accounts are left out: their industries have fewer than {least} \
             accounts, which would not keep each of them private",
            learnings.len() - kept.len(),
        ));
    }
    kept
}

fn observations(
    learnings: &[&CampaignLearning],
    question: &Question<'_>,
    figure: Figure,
) -> Vec<Observation> {
    learnings
        .iter()
        .filter_map(|learning| {
            let (value, variance) = figure(learning)?;
            Some(Observation { value, variance, weight: weight(learning, question) })
        })
        .collect()
}

/// Recency with a half-life, doubled at most for a like audience; a campaign without a date counts half.
fn weight(learning: &CampaignLearning, question: &Question<'_>) -> f64 {
    let age = match learning.extracted_at {
        Timestamp(0) => question.options.half_life_days,
        moment => (question.now.0.saturating_sub(moment.0) as f64 / DAY).max(0.0),
    };
    let recency = 0.5f64.powf(age / question.options.half_life_days);
    let wanted = question.audience.len() as f64;
    let likeness = learning
        .best_audiences
        .iter()
        .map(|audience| {
            let same =
                question.audience.iter().filter(|(key, value)| audience.get(*key) == Some(*value));
            if wanted > 0.0 { same.count() as f64 / wanted } else { 0.0 }
        })
        .fold(0.0, f64::max);
    recency.max(1e-6) * (1.0 + likeness)
}

/// Draws the mean of all towards the prior, the industry's towards that, the cell's towards that, and the
/// account's towards that.
fn benchmark(
    all: &[&CampaignLearning],
    cell: &(String, String),
    question: &Question<'_>,
    figure: Figure,
    prior_value: Option<f64>,
) -> Option<Benchmark> {
    let everywhere = observations(all, question, figure);
    if everywhere.is_empty() {
        return None;
    }
    // A rate or a cost has no value that holds everywhere: its first mean is that of all campaigns.
    let start = prior_value.unwrap_or_else(|| {
        let weight: f64 = everywhere.iter().map(|o| o.weight).sum();
        everywhere.iter().map(|o| o.weight * o.value).sum::<f64>() / weight
    });
    let mut mean = towards(prior(start), &everywhere, 0.0);
    let (mut level, mut campaigns) = ("global", everywhere.len());
    let mut group = all.to_vec();
    for name in ["industry", "industry_objective", "account"] {
        group.retain(|learning| match name {
            "industry" => learning.cell().0 == cell.0,
            "industry_objective" => learning.cell() == *cell,
            _ => question.account == Some(learning.account_id.as_str()),
        });
        let seen = observations(&group, question, figure);
        // A group that is the whole of the wider one says nothing that is not counted already.
        if seen.len() < campaigns {
            mean = towards(mean, &seen, between());
        }
        if !seen.is_empty() {
            (level, campaigns) = (name, seen.len());
        }
    }
    Some(mean.told(campaigns, level))
}

#[derive(Clone, Copy)]
struct Use {
    lift: f64,
    variance: f64,
    weight: f64,
    won: bool,
}

/// Credits each text with what its campaigns reached beyond what their peers did.
fn recommended_texts(
    source: &[&CampaignLearning],
    all: &[&CampaignLearning],
    question: &Question<'_>,
    base: f64,
    won: fn(&CampaignLearning) -> &[String],
    lost: fn(&CampaignLearning) -> &[String],
) -> Vec<RecommendedText> {
    let mut uses: Vec<(String, Use)> = Vec::new();
    let mut baselines: BTreeMap<(String, String), Mean> = BTreeMap::new();
    for learning in source {
        let baseline = *baselines.entry(learning.cell()).or_insert_with(|| {
            let peers: Vec<&CampaignLearning> =
                all.iter().copied().filter(|l| l.cell() == learning.cell()).collect();
            let global = towards(
                prior(question.options.prior_roas.ln()),
                &observations(all, question, roas),
                0.0,
            );
            towards(global, &observations(&peers, question, roas), between())
        });
        let weight = weight(learning, question);
        if let Some((value, variance)) = roas(learning) {
            let lift = value - baseline.value;
            let variance = variance + baseline.scatter;
            for text in won(learning) {
                uses.push((text.clone(), Use { lift, variance, weight, won: true }));
            }
        }
        for text in lost(learning) {
            let variance = baseline.scatter;
            uses.push((text.clone(), Use { lift: FAILED_LIFT, variance, weight, won: false }));
        }
    }
    let mut texts: Vec<(f64, RecommendedText)> = group(&uses)
        .into_iter()
        .map(|group| {
            let (mut precision, mut sum) = (1.0 / TEXT_VARIANCE, 0.0);
            for used in &group.uses {
                let w = used.weight / used.variance;
                precision += w;
                sum += w * used.lift;
            }
            let (mean, sd) = (sum / precision, (1.0 / precision).sqrt());
            let low = mean + Z20 * sd;
            let won = group.uses.iter().filter(|used| used.won).count();
            (
                low,
                RecommendedText {
                    text: group.text,
                    avg_roas: base * mean.exp(),
                    usage_count: group.uses.len(),
                    won,
                    lost: group.uses.len() - won,
                    lift: mean.exp(),
                    lift_interval: (low.exp(), (mean - Z20 * sd).exp()),
                },
            )
        })
        .filter(|(_, text)| text.won > text.lost)
        .collect();
    texts.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.text.cmp(&b.1.text)));
    texts.into_iter().take(MOST).map(|(_, text)| text).collect()
}

fn recommended_duration(source: &[&CampaignLearning]) -> Option<(u32, u32)> {
    let mut durations: Vec<f64> = source
        .iter()
        .flat_map(|learning| &learning.winning_patterns)
        .filter_map(|pattern| {
            let value = pattern.get("duration_seconds").or_else(|| pattern.get("duration"))?;
            value.as_f64().filter(|seconds| (0.0..=86_400.0).contains(seconds))
        })
        .collect();
    durations.sort_by(f64::total_cmp);
    let at = |share: f64| durations.get(((durations.len() - 1) as f64 * share).round() as usize);
    if durations.is_empty() {
        return None;
    }
    Some((at(0.25)?.floor() as u32, at(0.75)?.ceil() as u32))
}

fn posting_times(source: &[&CampaignLearning]) -> Vec<PostingTime> {
    let mut counted: BTreeMap<String, (Map<String, Value>, usize)> = BTreeMap::new();
    for learning in source {
        let named: BTreeMap<String, &Map<String, Value>> = learning
            .best_times
            .iter()
            .map(|time| (Value::Object(time.clone()).to_string(), time))
            .collect();
        for (key, time) in named {
            counted.entry(key).or_insert_with(|| (time.clone(), 0)).1 += 1;
        }
    }
    let mut times: Vec<PostingTime> = counted
        .into_values()
        .map(|(time, campaigns)| {
            let share = campaigns as f64 / source.len() as f64;
            PostingTime { time, campaigns, share }
        })
        .collect();
    times.sort_by_key(|time| std::cmp::Reverse(time.campaigns));
    times.truncate(MOST);
    times
}

/// The type of a pattern; one without is what it says.
pub(super) fn pattern_type(pattern: &Map<String, Value>) -> String {
    ["type", "pattern_type", "hook_type", "name"]
        .iter()
        .find_map(|key| pattern.get(*key).and_then(Value::as_str))
        .map_or_else(|| Value::Object(pattern.clone()).to_string(), str::to_owned)
}

fn patterns_to_avoid(source: &[&CampaignLearning]) -> Vec<FailedPattern> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for learning in source {
        let types = |patterns: &[Map<String, Value>]| -> BTreeSet<String> {
            patterns.iter().map(pattern_type).collect()
        };
        for pattern in types(&learning.failed_patterns) {
            counts.entry(pattern).or_default().0 += 1;
        }
        for pattern in types(&learning.winning_patterns) {
            counts.entry(pattern).or_default().1 += 1;
        }
    }
    let mut patterns: Vec<FailedPattern> = counts
        .into_iter()
        .filter(|(_, (failed, won))| failed > won)
        .map(|(pattern, (failed, won))| FailedPattern { pattern, failed, won })
        .collect();
    patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.failed));
    patterns.truncate(MOST);
    patterns
}
