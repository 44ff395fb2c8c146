//! What one campaign taught.

use crate::error::parameter;
use crate::{Result, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What one campaign taught, as its owner sums it up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CampaignLearning {
    /// Identifies the campaign.
    pub campaign_id: String,
    /// Whose it is.
    pub account_id: String,
    /// Its industry.
    pub industry: String,
    /// What it was to reach.
    pub objective: String,
    /// Patterns that won, free in form; `type`, `duration` and `hook_type`, `cta_type` are understood.
    pub winning_patterns: Vec<Map<String, Value>>,
    /// Hooks that won.
    pub winning_hooks: Vec<String>,
    /// Calls to action that won.
    pub winning_ctas: Vec<String>,
    /// Audiences that did best, such as `{"age": "25-34", "interest": "fitness"}`.
    pub best_audiences: Vec<Map<String, Value>>,
    /// Times that did best, such as `{"hour": 19, "day": "weekday"}`.
    pub best_times: Vec<Map<String, Value>>,
    /// Patterns that lost.
    pub failed_patterns: Vec<Map<String, Value>>,
    /// Hooks that lost.
    pub failed_hooks: Vec<String>,
    /// Audiences that lost.
    pub failed_audiences: Vec<Map<String, Value>>,
    /// The best return on ad spend of its ads: a maximum, and so luckier than what to expect.
    pub best_roas: f64,
    /// The best click-through rate.
    pub best_ctr: f64,
    /// The best cost per action, in currency units.
    pub best_cpa: f64,
    /// Money spent, in currency units.
    pub total_spend: f64,
    /// Conversions.
    pub total_conversions: f64,
    /// How sure its owner is, 0 to 1.
    pub confidence_score: f64,
    /// Number of observations behind it.
    pub data_points: f64,
    /// When it was summed up.
    pub extracted_at: Timestamp,
    /// How long it ran.
    pub campaign_duration_days: f64,
}

impl Default for CampaignLearning {
    fn default() -> Self {
        Self {
            campaign_id: String::new(),
            account_id: String::new(),
            industry: String::new(),
            objective: String::new(),
            winning_patterns: Vec::new(),
            winning_hooks: Vec::new(),
            winning_ctas: Vec::new(),
            best_audiences: Vec::new(),
            best_times: Vec::new(),
            failed_patterns: Vec::new(),
            failed_hooks: Vec::new(),
            failed_audiences: Vec::new(),
            best_roas: 0.0,
            best_ctr: 0.0,
            best_cpa: 0.0,
            total_spend: 0.0,
            total_conversions: 0.0,
            confidence_score: 0.0,
            data_points: 0.0,
            extracted_at: Timestamp(0),
            campaign_duration_days: 0.0,
        }
    }
}

impl CampaignLearning {
    pub(super) fn check(&self) -> Result<()> {
        for (name, value) in [("campaign_id", &self.campaign_id), ("industry", &self.industry)] {
            if value.trim().is_empty() {
                return Err(parameter(name, "empty", "a text of at least one character"));
            }
        }
        for (name, value) in [
            ("best_roas", self.best_roas),
            ("best_ctr", self.best_ctr),
            ("best_cpa", self.best_cpa),
            ("total_spend", self.total_spend),
            ("total_conversions", self.total_conversions),
            ("data_points", self.data_points),
            ("campaign_duration_days", self.campaign_duration_days),
        ] {
            if !(0.0..=f64::MAX).contains(&value) {
                return Err(parameter(name, value, "a finite number of at least 0"));
            }
        }
        if self.best_ctr > 1.0 {
            return Err(parameter("best_ctr", self.best_ctr, "a rate from 0 to 1"));
        }
        if !(0.0..=1.0).contains(&self.confidence_score) {
            return Err(parameter("confidence_score", self.confidence_score, "0 to 1"));
        }
        Ok(())
    }

    /// Industry and objective as they are compared: without case and outer spaces.
    pub(super) fn cell(&self) -> (String, String) {
        (fold(&self.industry), fold(&self.objective))
    }
}

pub(super) fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}
