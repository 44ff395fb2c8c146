//! An ad as the budget optimiser sees it.

use crate::Result;
use crate::clock::Timestamp;
use crate::counts::{self, Counts, DataIssue, StatedRatios};
use crate::posterior::{Evidence, EvidenceOptions};
use crate::trainer::Estimate;
use serde::{Deserialize, Serialize};

/// Standard deviation of the logarithm of a return that is expected without saying how surely: a prior.
pub const EXPECTED_SD: f64 = 0.5;

/// In which state an ad is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdStatus {
    /// The platform is still learning whom to show it to; its budget is left alone.
    Learning,
    /// Its budget is being raised.
    Scaling,
    /// Its budget is being held.
    #[default]
    Maintaining,
    /// Its budget is being cut.
    Declining,
    /// It is not running; it has no part in the total.
    Paused,
}

/// The figures of an ad and its daily budget.
///
/// Decisions read the counts; the ratios are compared with them and a contradiction is reported.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AdPerformance {
    /// The ad's id, unique in a call.
    pub ad_id: String,
    /// Its campaign's id.
    pub campaign_id: String,
    /// Its creative's id.
    pub creative_id: String,
    /// Money spent so far, in currency units.
    pub spend: f64,
    /// Budget of a day, in currency units; 0 counts as paused.
    pub daily_budget: f64,
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
    pub hours_active: f64,
    /// When the last conversion was reported.
    pub last_conversion_time: Option<Timestamp>,
    /// Its state.
    pub status: AdStatus,
    /// The budget 24 hours ago, in currency units; the present one where not given.
    pub budget_24h_ago: Option<f64>,
    /// Evidence from hourly rows, taken in place of the totals where given.
    pub history: Option<Evidence>,
    /// What a model expects of the return: the median, and the standard deviation of its logarithm; believed as far as the
    /// ad's own figures do not say otherwise. Without one, the account's other ads are what is expected.
    pub expected: Option<Estimate>,
    /// Id of what the budget belongs to, such as an ad set; empty where it is the ad's own. Running ads of one owner
    /// state its budget, the same for each, and get one decision.
    pub budget_owner: String,
    /// The other ads that this row stands for; filled where a plan puts ads of one owner together.
    #[serde(skip)]
    pub shares_with: Vec<String>,
}

impl AdPerformance {
    /// Returns what is odd about the figures.
    ///
    /// # Errors
    ///
    /// [`InvalidAd`](crate::Error::InvalidAd) where an amount is negative, not finite or above
    /// 1e10, a count is above 1e15, hours are negative or above 1e7, or an expected return is not above 0 and at most 1e6.
    pub fn check(&self) -> Result<Vec<DataIssue>> {
        counts::amount(&self.ad_id, "daily_budget", self.daily_budget)?;
        counts::amount(&self.ad_id, "budget_24h_ago", self.budget_24h_ago.unwrap_or(0.0))?;
        counts::hours(&self.ad_id, "hours_active", self.hours_active)?;
        if let Some(expected) = &self.expected {
            counts::expectation(&self.ad_id, expected)?;
        }
        Counts {
            spend: self.spend,
            impressions: self.impressions,
            clicks: self.clicks,
            conversions: self.conversions,
            revenue: self.revenue,
            stated: self.stated,
        }
        .check(&self.ad_id)
    }

    /// The evidence of the totals, or of the hourly rows where given.
    pub fn evidence(&self, options: &EvidenceOptions) -> Evidence {
        self.history.unwrap_or_else(|| {
            Evidence::from_totals(
                self.spend,
                self.impressions,
                self.clicks,
                self.conversions,
                self.revenue,
                self.hours_active,
                options,
            )
        })
    }

    /// Whether it takes part in the total.
    pub fn is_running(&self) -> bool {
        self.status != AdStatus::Paused && self.daily_budget >= 0.01
    }

    /// Money spent per day so far; the daily budget where it has run for less than a day.
    pub fn daily_spend(&self) -> f64 {
        if self.hours_active >= 24.0 {
            self.spend / self.hours_active * 24.0
        } else {
            self.daily_budget
        }
    }

    /// The budget about which the response is known: the mean spend of a day, at most a factor of
    /// 4 from the present budget.
    pub(crate) fn reference_budget(&self) -> f64 {
        let budget = self.daily_budget.max(0.01);
        self.daily_spend().clamp(budget / 4.0, budget * 4.0)
    }

    pub(crate) fn observed_roas(&self) -> Option<f64> {
        (self.spend > 0.0).then(|| self.revenue / self.spend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paused_ads_and_those_without_a_budget_do_not_run() {
        let running = AdPerformance { daily_budget: 10.0, ..AdPerformance::default() };
        assert!(running.is_running());
        assert!(!AdPerformance { status: AdStatus::Paused, ..running.clone() }.is_running());
        assert!(!AdPerformance { daily_budget: 0.0, ..running }.is_running());
    }

    #[test]
    fn the_reference_budget_stays_near_the_present_one() {
        let ad = AdPerformance {
            daily_budget: 50.0,
            spend: 1.0,
            hours_active: 240.0,
            ..AdPerformance::default()
        };
        assert_eq!(ad.reference_budget(), 12.5);
        let young = AdPerformance { hours_active: 2.0, ..ad };
        assert_eq!(young.reference_budget(), 50.0);
    }

    #[test]
    fn budgets_that_are_no_amounts_are_errors() {
        for daily_budget in [f64::NAN, -1.0, f64::INFINITY] {
            let ad = AdPerformance { daily_budget, ..AdPerformance::default() };
            assert!(ad.check().is_err(), "{daily_budget}");
        }
    }
}
