//! An ad as the kill switch sees it.

use super::{KillOptions, PlannedSpend};
use crate::Result;
use crate::clock::Timestamp;
use crate::counts::{self, Counts, DataIssue, StatedRatios};
use crate::posterior::{AccountPrior, Evidence, FunnelPosterior};
use serde::{Deserialize, Serialize};

/// The figures of a running or paused ad.
///
/// Decisions read the counts; the ratios are compared with them and a contradiction is reported.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AdMetrics {
    /// The ad's id, unique in a call.
    pub ad_id: String,
    /// Its campaign's id.
    pub campaign_id: String,
    /// Money spent so far, in currency units.
    pub spend: f64,
    /// Money it may spend in all, in currency units; 0 means unknown.
    pub budget: f64,
    /// Times shown.
    pub impressions: u64,
    /// Clicks.
    pub clicks: u64,
    /// Conversions reported.
    pub conversions: u64,
    /// Revenue reported, in currency units.
    pub revenue: f64,
    /// Ratios stated beside the counts.
    #[serde(flatten)]
    pub stated: StatedRatios,
    /// Hours it has run.
    pub hours_running: f64,
    /// When the last conversion was reported.
    pub last_conversion: Option<Timestamp>,
    /// Evidence from hourly rows, taken in place of the totals where given.
    pub history: Option<Evidence>,
}

impl AdMetrics {
    pub(crate) fn counts(&self) -> Counts {
        Counts {
            spend: self.spend,
            impressions: self.impressions,
            clicks: self.clicks,
            conversions: self.conversions,
            revenue: self.revenue,
            stated: self.stated,
        }
    }

    /// Returns what is odd about the figures.
    ///
    /// # Errors
    ///
    /// [`InvalidAd`](crate::Error::InvalidAd) where an amount is negative, not finite or above
    /// 1e10, a count is above 1e15, or hours are negative or above 1e7.
    pub fn check(&self, now: Timestamp) -> Result<Vec<DataIssue>> {
        counts::amount(&self.ad_id, "budget", self.budget)?;
        counts::hours(&self.ad_id, "hours_running", self.hours_running)?;
        let mut issues = self.counts().check(&self.ad_id)?;
        if self.last_conversion.is_some_and(|last| now.hours_since(last) < -1.0) {
            issues.push(DataIssue::ConversionInTheFuture);
        }
        Ok(issues)
    }

    /// The evidence of the totals, or of the hourly rows where given.
    pub fn evidence(&self, options: &KillOptions) -> Evidence {
        self.history.unwrap_or_else(|| {
            Evidence::from_totals(
                self.spend,
                self.impressions,
                self.clicks,
                self.conversions,
                self.revenue,
                self.hours_running,
                &options.evidence,
            )
        })
    }

    /// Money it would still spend, in currency units.
    pub(crate) fn planned_spend(&self, plan: PlannedSpend) -> f64 {
        let left = (self.budget > 0.0).then(|| (self.budget - self.spend).max(0.0));
        let rate =
            if self.hours_running > 0.0 { self.spend / self.hours_running * 24.0 } else { 0.0 };
        match (plan, left) {
            (PlannedSpend::RemainingBudget, Some(left)) => left,
            (PlannedSpend::RemainingBudget, None) => 7.0 * rate,
            (PlannedSpend::Days(days), Some(left)) => (days * rate).min(left),
            (PlannedSpend::Days(days), None) => days * rate,
        }
    }
}

/// An ad with everything its rules read.
pub(crate) struct Case<'a> {
    pub(crate) ad: &'a AdMetrics,
    pub(crate) counts: Counts,
    pub(crate) evidence: Evidence,
    pub(crate) posterior: FunnelPosterior,
    pub(crate) unprofitable: f64,
    pub(crate) silent_hours: Option<f64>,
    pub(crate) options: &'a KillOptions,
}

impl<'a> Case<'a> {
    pub(crate) fn new(
        ad: &'a AdMetrics,
        evidence: Evidence,
        prior: &AccountPrior,
        now: Timestamp,
        options: &'a KillOptions,
    ) -> Self {
        let posterior = FunnelPosterior::new(&evidence, prior);
        Self {
            ad,
            counts: ad.counts(),
            evidence,
            unprofitable: posterior.roas.probability_below(options.keep_roas),
            posterior,
            silent_hours: ad
                .last_conversion
                .map(|last| now.hours_since(last).clamp(0.0, ad.hours_running)),
            options,
        }
    }
}
