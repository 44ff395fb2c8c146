//! What the kill switch says about an ad.

use crate::counts::DataIssue;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why an ad should stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KillReason {
    /// Too few click.
    LowCtr,
    /// Too few of those who click convert.
    LowCvr,
    /// A conversion costs a multiple of the target.
    HighCpa,
    /// Less comes back than is spent.
    NegativeRoas,
    /// Nothing was sold for a considerable spend.
    NoConversions,
    /// Conversions have stopped coming as they used to.
    DecliningPerformance,
    /// The budget is used up; not a failure.
    BudgetExhausted,
    /// Someone asked for it.
    Manual,
}

impl KillReason {
    /// All reasons, in the specification's order.
    pub const ALL: [Self; 8] = [
        Self::LowCtr,
        Self::LowCvr,
        Self::HighCpa,
        Self::NegativeRoas,
        Self::NoConversions,
        Self::DecliningPerformance,
        Self::BudgetExhausted,
        Self::Manual,
    ];

    /// The name used in files and in Python.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LowCtr => "low_ctr",
            Self::LowCvr => "low_cvr",
            Self::HighCpa => "high_cpa",
            Self::NegativeRoas => "negative_roas",
            Self::NoConversions => "no_conversions",
            Self::DecliningPerformance => "declining_performance",
            Self::BudgetExhausted => "budget_exhausted",
            Self::Manual => "manual",
        }
    }
}

/// What to do with an ad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KillAction {
    /// Leave it as it is.
    Keep,
    /// Pause it.
    Kill,
    /// Start it again: late conversions have exonerated it.
    Revive,
}

impl KillAction {
    /// The name used in files and in Python.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Kill => "kill",
            Self::Revive => "revive",
        }
    }
}

/// One reason that holds, with the probability that it is true.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The reason.
    pub reason: KillReason,
    /// Posterior probability that the reason is true; 1 for facts.
    pub probability: f64,
    /// The figures the reason rests on, by the names of the Python contract.
    pub metrics: BTreeMap<&'static str, f64>,
    /// Evidence against "good enough" as a betting score; anytime-valid policy only.
    pub e_value: Option<f64>,
}

/// The decision about one ad.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct KillDecision {
    /// The ad.
    pub ad_id: String,
    /// What to do.
    pub action: KillAction,
    /// Whether to pause the ad; the same as `action == Kill`.
    pub should_kill: bool,
    /// The reason most probably true, in policy spec the first; `None` where the ad may go on.
    pub reason: Option<KillReason>,
    /// Posterior probability that `reason` is true; without one, that the ad earns at least
    /// `keep_roas`.
    pub confidence: f64,
    /// Expected loss on the planned spend that a kill avoids, in currency units; 0 unless killed.
    pub waste_prevented: f64,
    /// 10 % and 90 % quantiles of that loss.
    pub waste_interval: (f64, f64),
    /// Money the ad would still spend, in currency units.
    pub planned_spend: f64,
    /// Posterior mean of the true return.
    pub expected_roas: f64,
    /// 10 % and 90 % quantiles of the true return.
    pub roas_interval: (f64, f64),
    /// Posterior probability that the ad earns less than `keep_roas`.
    pub probability_unprofitable: f64,
    /// What a person should know, in a sentence or two.
    pub recommendation: String,
    /// Figures of `reason`; empty without one.
    pub metrics_at_kill: BTreeMap<&'static str, f64>,
    /// Every reason that holds, most probable first, in policy spec in its order.
    pub findings: Vec<Finding>,
    /// What is odd about the figures.
    pub issues: Vec<DataIssue>,
}

/// Sums over a list of decisions.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct KillReport {
    /// Ads to pause.
    pub total_ads_to_kill: usize,
    /// Their expected waste, in currency units.
    pub total_waste_prevented: f64,
    /// How many for which reason.
    pub kill_reasons: BTreeMap<&'static str, usize>,
    /// The ad to pause with the most waste.
    pub highest_waste_ad: Option<String>,
    /// Mean confidence of the kills; `None` without one.
    pub average_confidence: Option<f64>,
    /// Ads to start again.
    pub total_ads_to_revive: usize,
}

/// What a [`KillReport`] reads of a decision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KillSummary<'a> {
    /// The ad.
    pub ad_id: &'a str,
    /// What to do.
    pub action: KillAction,
    /// Why.
    pub reason: Option<KillReason>,
    /// Probability that the reason is true.
    pub confidence: f64,
    /// Expected loss avoided, in currency units.
    pub waste_prevented: f64,
}

impl<'a> From<&'a KillDecision> for KillSummary<'a> {
    fn from(decision: &'a KillDecision) -> Self {
        Self {
            ad_id: &decision.ad_id,
            action: decision.action,
            reason: decision.reason,
            confidence: decision.confidence,
            waste_prevented: decision.waste_prevented,
        }
    }
}

impl KillReport {
    /// Sums up decisions; those to keep count nowhere.
    pub fn new<'a>(decisions: impl IntoIterator<Item = impl Into<KillSummary<'a>>>) -> Self {
        let (mut kills, mut total_ads_to_revive) = (Vec::new(), 0);
        for decision in decisions {
            let decision: KillSummary<'a> = decision.into();
            match decision.action {
                KillAction::Kill => kills.push(decision),
                KillAction::Revive => total_ads_to_revive += 1,
                KillAction::Keep => {}
            }
        }
        kills.sort_by(|a, b| {
            b.waste_prevented.total_cmp(&a.waste_prevented).then_with(|| a.ad_id.cmp(b.ad_id))
        });
        let mut kill_reasons = BTreeMap::new();
        for reason in kills.iter().filter_map(|d| d.reason) {
            *kill_reasons.entry(reason.name()).or_insert(0) += 1;
        }
        let n = kills.len();
        Self {
            total_ads_to_kill: n,
            total_waste_prevented: kills.iter().map(|d| d.waste_prevented).sum(),
            kill_reasons,
            highest_waste_ad: kills.first().map(|d| d.ad_id.to_owned()),
            average_confidence: (n > 0)
                .then(|| kills.iter().map(|d| d.confidence).sum::<f64>() / n as f64),
            total_ads_to_revive,
        }
    }
}

/// Most waste first, then by id.
pub(crate) fn most_waste_first(a: &KillDecision, b: &KillDecision) -> std::cmp::Ordering {
    b.waste_prevented.total_cmp(&a.waste_prevented).then_with(|| a.ad_id.cmp(&b.ad_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_report_says_nothing() {
        let report = KillReport::new(std::iter::empty::<&KillDecision>());
        assert_eq!(report.total_ads_to_kill, 0);
        assert_eq!(report.average_confidence, None);
        assert_eq!(report.highest_waste_ad, None);
    }

    #[test]
    fn names_are_those_of_the_files() {
        for reason in KillReason::ALL {
            let json = serde_json::to_string(&reason).unwrap();
            assert_eq!(json, format!("\"{}\"", reason.name()));
        }
        for action in [KillAction::Keep, KillAction::Kill, KillAction::Revive] {
            let json = serde_json::to_string(&action).unwrap();
            assert_eq!(json, format!("\"{}\"", action.name()));
        }
    }
}
