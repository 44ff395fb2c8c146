//! What the evidence says about each ad.

use super::{AdPerformance, AdStatus, BudgetOptions, BudgetPolicy};
use crate::Result;
use crate::counts::{self, DataIssue};
use crate::posterior::{AccountPrior, ConversionValue, Evidence, FunnelPosterior, RoasPosterior};
use serde::{Deserialize, Serialize};

/// The specification's five groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Very probably reaches the target.
    Winners,
    /// Rather reaches the target than not.
    Stable,
    /// Rather misses the target.
    Underperforming,
    /// Very probably loses money.
    Losers,
    /// Too young or too little spent to say.
    Learning,
}

impl Category {
    /// All groups, in the specification's order.
    pub const ALL: [Self; 5] =
        [Self::Winners, Self::Stable, Self::Underperforming, Self::Losers, Self::Learning];

    /// The name used in files and in Python.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Winners => "winners",
            Self::Stable => "stable",
            Self::Underperforming => "underperforming",
            Self::Losers => "losers",
            Self::Learning => "learning",
        }
    }
}

/// What is known about an ad.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AdAssessment {
    /// The ad.
    pub ad_id: String,
    /// Its group.
    pub category: Category,
    /// The state that follows: winners scale, stable ads are maintained, the others decline.
    pub status: AdStatus,
    /// Posterior probability of what the group says: that the ad reaches the target (winners,
    /// stable, learning), misses it (underperforming), or loses money (losers).
    pub confidence: f64,
    /// Posterior mean of the true return.
    pub expected_roas: f64,
    /// 10 % and 90 % quantiles of the true return.
    pub roas_interval: (f64, f64),
    /// Posterior probability that the true return is below the least one.
    pub probability_below_min: f64,
    /// Posterior probability that the true return reaches the target.
    pub probability_above_target: f64,
    /// What is odd about the figures.
    pub issues: Vec<DataIssue>,
}

/// An ad with its posterior.
#[derive(Debug, Clone)]
pub(crate) struct Judged<'a> {
    pub(crate) ad: &'a AdPerformance,
    pub(crate) roas: RoasPosterior,
    pub(crate) issues: Vec<DataIssue>,
    pub(crate) category: Category,
    pub(crate) below_min: f64,
    pub(crate) above_target: f64,
}

impl Judged<'_> {
    pub(crate) fn sound(&self) -> bool {
        !self.issues.iter().any(DataIssue::forbids_decisions)
    }

    pub(crate) fn assessment(&self) -> AdAssessment {
        AdAssessment {
            ad_id: self.ad.ad_id.clone(),
            category: self.category,
            status: if self.ad.is_running() {
                match self.category {
                    Category::Winners => AdStatus::Scaling,
                    Category::Stable => AdStatus::Maintaining,
                    Category::Underperforming | Category::Losers => AdStatus::Declining,
                    Category::Learning => AdStatus::Learning,
                }
            } else {
                AdStatus::Paused
            },
            confidence: match self.category {
                Category::Winners | Category::Stable | Category::Learning => self.above_target,
                Category::Underperforming => 1.0 - self.above_target,
                Category::Losers => self.below_min,
            },
            expected_roas: self.roas.mean(),
            roas_interval: (self.roas.quantile(0.1), self.roas.quantile(0.9)),
            probability_below_min: self.below_min,
            probability_above_target: self.above_target,
            issues: self.issues.clone(),
        }
    }
}

/// Checks all ads and judges each against the account; in the order of their ids, so that no
/// result depends on the order given.
pub(crate) fn judge<'a>(
    ads: &'a [AdPerformance],
    options: &BudgetOptions,
) -> Result<Vec<Judged<'a>>> {
    counts::unique(ads.iter().map(|ad| ad.ad_id.as_str()))?;
    let mut sorted: Vec<&AdPerformance> = ads.iter().collect();
    sorted.sort_by(|a, b| a.ad_id.cmp(&b.ad_id));
    let mut evidence = Vec::with_capacity(ads.len());
    let mut issues = Vec::with_capacity(ads.len());
    for ad in &sorted {
        issues.push(ad.check()?);
        evidence.push(ad.evidence(&options.evidence));
    }
    let sound: Vec<Evidence> = evidence
        .iter()
        .zip(&issues)
        .filter(|(_, issues)| !issues.iter().any(DataIssue::forbids_decisions))
        .map(|(evidence, _)| *evidence)
        .collect();
    let prior = AccountPrior::learn(&sound, &options.benchmark, conversion_value(&sound, options))?;
    Ok(sorted
        .into_iter()
        .zip(evidence.iter().zip(issues))
        .map(|(ad, (evidence, issues))| {
            let own = ad.expected.map_or(prior, |expected| prior.expecting(&expected));
            let roas = FunnelPosterior::new(evidence, &own).roas;
            let below_min = roas.probability_below(options.min_roas);
            let above_target = roas.probability_above(options.target_roas);
            Judged {
                category: categorise(ad, below_min, above_target, options),
                ad,
                roas,
                issues,
                below_min,
                above_target,
            }
        })
        .collect())
}

/// Revenue where the account reports any; in an account of leads, a fixed value.
fn conversion_value(ads: &[Evidence], options: &BudgetOptions) -> ConversionValue {
    if let Some(value) = options.value_per_conversion {
        return ConversionValue::Fixed(value);
    }
    let sum = |field: fn(&Evidence) -> f64| ads.iter().map(field).sum::<f64>();
    let (spend, conversions) = (sum(|e| e.spend), sum(|e| e.conversions));
    if sum(|e| e.revenue) > 0.0 || conversions == 0.0 || spend == 0.0 {
        ConversionValue::Observed
    } else {
        let value = options.target_roas * spend / conversions;
        ConversionValue::Fixed(value.clamp(1e-6, 1e8))
    }
}

fn categorise(
    ad: &AdPerformance,
    below_min: f64,
    above_target: f64,
    options: &BudgetOptions,
) -> Category {
    let young = ad.spend < options.min_spend
        || ad.hours_active < options.learning_hours
        || ad.status == AdStatus::Learning;
    if options.policy == BudgetPolicy::Spec {
        let Some(roas) = ad.observed_roas() else { return Category::Learning };
        return if young || ad.conversions < options.min_conversions {
            Category::Learning
        } else if roas >= options.scale_roas.max(options.target_roas) {
            Category::Winners
        } else if roas >= options.target_roas {
            Category::Stable
        } else if roas >= options.min_roas {
            Category::Underperforming
        } else {
            Category::Losers
        };
    }
    if young {
        Category::Learning
    } else if below_min >= options.loser_confidence {
        Category::Losers
    } else if above_target >= options.winner_confidence {
        Category::Winners
    } else if above_target >= 0.5 {
        Category::Stable
    } else {
        Category::Underperforming
    }
}
