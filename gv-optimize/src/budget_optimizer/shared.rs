//! Ads that spend from one budget: decided on together.

use super::{AdPerformance, AdStatus, BudgetOptions};
use crate::counts::{self, DataIssue};
use crate::posterior::Evidence;
use crate::trainer::Estimate;
use crate::{Error, Result};
use std::collections::BTreeMap;

/// Ads with those of one budget put together, and what is odd about the parts.
pub(crate) struct Units {
    pub(crate) ads: Vec<AdPerformance>,
    issues: BTreeMap<String, Vec<DataIssue>>,
}

impl Units {
    /// Puts the running ads of each [`budget_owner`](AdPerformance::budget_owner) together, under the least of their
    /// ids: counts and money are added up, the ad that ran longest gives the hours, one that learns makes all learn, and
    /// a return is expected where one is of each.
    ///
    /// # Errors
    ///
    /// As [`AdPerformance::check`]; [`Error::DuplicateAd`]; [`Error::InvalidAd`] where ads of one owner state different
    /// budgets.
    pub(crate) fn of(ads: &[AdPerformance], options: &BudgetOptions) -> Result<Self> {
        counts::unique(ads.iter().map(|ad| ad.ad_id.as_str()))?;
        let mut owners: BTreeMap<&str, Vec<&AdPerformance>> = BTreeMap::new();
        let mut units = Self { ads: Vec::with_capacity(ads.len()), issues: BTreeMap::new() };
        for ad in ads {
            if ad.is_running() && !ad.budget_owner.is_empty() {
                owners.entry(&ad.budget_owner).or_default().push(ad);
            } else {
                units.ads.push(ad.clone());
            }
        }
        for mut members in owners.into_values() {
            members.sort_by(|a, b| a.ad_id.cmp(&b.ad_id));
            units.put_together(&members, options)?;
        }
        Ok(units)
    }

    fn put_together(&mut self, members: &[&AdPerformance], options: &BudgetOptions) -> Result<()> {
        let Some((first, others)) = members.split_first() else { return Ok(()) };
        let mut unit = (*first).clone();
        if others.is_empty() {
            self.ads.push(unit);
            return Ok(());
        }
        let mut issues = first.check()?;
        let mut history = first.evidence(&options.evidence);
        for ad in others {
            issues.extend(ad.check()?);
            if ad.daily_budget != unit.daily_budget {
                return Err(Error::InvalidAd {
                    ad_id: ad.ad_id.clone(),
                    field: "daily_budget",
                    given: ad.daily_budget.to_string(),
                    allowed: "the same for all ads of one budget owner: the owner's",
                });
            }
            add(&mut unit, ad);
            add_evidence(&mut history, &ad.evidence(&options.evidence));
            unit.shares_with.push(ad.ad_id.clone());
        }
        unit.stated = counts::StatedRatios::default();
        unit.expected = expected_of_all(members);
        unit.history = members.iter().any(|ad| ad.history.is_some()).then_some(history);
        self.issues.insert(unit.ad_id.clone(), issues);
        self.ads.push(unit);
        Ok(())
    }

    /// What is odd about the parts of a unit.
    pub(crate) fn issues(&self, ad_id: &str) -> &[DataIssue] {
        self.issues.get(ad_id).map_or(&[], Vec::as_slice)
    }
}

/// What is expected of ads together: the geometric mean, as unsure as they are on average.
fn expected_of_all(members: &[&AdPerformance]) -> Option<Estimate> {
    let each: Vec<Estimate> = members.iter().map(|ad| ad.expected).collect::<Option<_>>()?;
    let mean = |of: fn(&Estimate) -> f64| each.iter().map(of).sum::<f64>() / each.len() as f64;
    Some(Estimate { mean: mean(|e| e.mean.ln()).exp(), sd: mean(|e| e.sd.powi(2)).sqrt() })
}

fn add(unit: &mut AdPerformance, ad: &AdPerformance) {
    unit.spend += ad.spend;
    unit.impressions = unit.impressions.saturating_add(ad.impressions);
    unit.clicks = unit.clicks.saturating_add(ad.clicks);
    unit.conversions = unit.conversions.saturating_add(ad.conversions);
    unit.revenue += ad.revenue;
    unit.hours_active = unit.hours_active.max(ad.hours_active);
    unit.last_conversion_time = unit.last_conversion_time.max(ad.last_conversion_time);
    unit.budget_24h_ago = unit.budget_24h_ago.or(ad.budget_24h_ago);
    if ad.status == AdStatus::Learning {
        unit.status = AdStatus::Learning;
    }
}

fn add_evidence(sum: &mut Evidence, other: &Evidence) {
    sum.spend += other.spend;
    sum.impressions += other.impressions;
    sum.clicks += other.clicks;
    sum.effective_clicks += other.effective_clicks;
    sum.conversions += other.conversions;
    sum.revenue += other.revenue;
}
