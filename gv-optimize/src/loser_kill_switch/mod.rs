//! Stops ads that waste money, and says how sure it is.
//!
//! # Examples
//!
//! ```
//! use gv_optimize::loser_kill_switch::{AdMetrics, KillOptions, KillReason, LoserKillSwitch};
//!
//! let switch = LoserKillSwitch::new(KillOptions::default())?;
//! let ad = AdMetrics {
//!     ad_id: "ad_bad_001".into(),
//!     spend: 120.0,
//!     budget: 200.0,
//!     impressions: 15_000,
//!     clicks: 30,
//!     hours_running: 72.0,
//!     ..AdMetrics::default()
//! };
//! let decision = switch.evaluate(&ad)?;
//! assert!(decision.should_kill);
//! assert_eq!(decision.reason, Some(KillReason::LowCtr));
//! assert!(decision.waste_prevented <= 80.0);
//! # Ok::<(), gv_optimize::Error>(())
//! ```

mod anytime;
mod decision;
mod decline;
mod metrics;
mod options;
mod rules;
mod text;

pub use anytime::{ln_e_value_of_proportion, ln_e_value_of_rate};
pub(crate) use decision::most_waste_first;
pub use decision::{Finding, KillAction, KillDecision, KillReason, KillReport, KillSummary};
pub use metrics::AdMetrics;
pub use options::{KillOptions, KillPolicy, PlannedSpend};
pub(crate) use text::percent;

use crate::Result;
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::counts::{self, DataIssue};
use crate::posterior::{AccountPrior, Benchmark, ConversionValue, Evidence};
use metrics::Case;
use std::sync::Arc;

/// Decides which ads to stop, which to keep and which paused ones to start again.
#[derive(Debug, Clone)]
pub struct LoserKillSwitch {
    options: KillOptions,
    account: Option<AccountPrior>,
    clock: Arc<dyn Clock>,
}

impl LoserKillSwitch {
    /// Takes its options.
    ///
    /// # Errors
    ///
    /// As [`KillOptions::check`].
    pub fn new(options: KillOptions) -> Result<Self> {
        options.check()?;
        Ok(Self { options, account: None, clock: Arc::new(SystemClock) })
    }

    /// Takes the time from `clock`.
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Judges ads against what `ads` have shown, past ones of the account included, in place of
    /// what the ads of each call show.
    ///
    /// # Errors
    ///
    /// As [`evaluate`](Self::evaluate).
    pub fn learn_account(&mut self, ads: &[AdMetrics]) -> Result<()> {
        self.account = Some(self.prior_of(ads, self.clock.now())?);
        Ok(())
    }

    /// The options.
    pub fn options(&self) -> &KillOptions {
        &self.options
    }

    /// Judges one running ad.
    ///
    /// Alone, without [`learn_account`](Self::learn_account), an ad is judged against the
    /// benchmark; a whole account's ads are judged better together, by
    /// [`batch_evaluate`](Self::batch_evaluate). Counts that contradict each other keep the ad
    /// running and are named in [`KillDecision::issues`].
    ///
    /// # Errors
    ///
    /// [`Error::InvalidAd`](crate::Error::InvalidAd) where a figure cannot be true.
    pub fn evaluate(&self, ad: &AdMetrics) -> Result<KillDecision> {
        let now = self.clock.now();
        let prior = self.prior_for(std::slice::from_ref(ad), now)?;
        self.decide(ad, &prior, now)
    }

    /// Judges running ads together and returns those to kill, most waste first.
    ///
    /// # Errors
    ///
    /// As [`evaluate`](Self::evaluate), and [`Error::DuplicateAd`](crate::Error::DuplicateAd).
    pub fn batch_evaluate(&self, ads: &[AdMetrics]) -> Result<Vec<KillDecision>> {
        let (prior, now) = self.prepare(ads)?;
        let mut kills = Vec::new();
        for ad in ads {
            let issues = ad.check(now)?;
            let case = Case::new(ad, ad.evidence(&self.options), &prior, now, &self.options);
            let (action, findings) = self.judge(&case, &issues);
            if action == KillAction::Kill {
                kills.push(self.finish(&case, issues, action, findings, false));
            }
        }
        kills.sort_by(most_waste_first);
        Ok(kills)
    }

    /// Judges running ads together and returns every decision, in the order of `ads`.
    ///
    /// # Errors
    ///
    /// As [`batch_evaluate`](Self::batch_evaluate).
    pub fn evaluate_all(&self, ads: &[AdMetrics]) -> Result<Vec<KillDecision>> {
        let mut decisions = Vec::with_capacity(ads.len());
        self.evaluate_each(ads, |decision| decisions.push(decision))?;
        Ok(decisions)
    }

    /// Judges running ads together and hands every decision on, in the order of `ads`; only one is in memory.
    ///
    /// # Errors
    ///
    /// As [`batch_evaluate`](Self::batch_evaluate).
    pub fn evaluate_each(
        &self,
        ads: &[AdMetrics],
        mut take: impl FnMut(KillDecision),
    ) -> Result<()> {
        let (prior, now) = self.prepare(ads)?;
        for ad in ads {
            take(self.decide(ad, &prior, now)?);
        }
        Ok(())
    }

    /// Judges ads that were paused `hours_since_kill` hours ago: an ad that late conversions have
    /// exonerated gets [`KillAction::Revive`], the others get [`KillAction::Keep`]: they stay paused.
    ///
    /// `hours_running` counts up to the pause. All clicks have had the time since to convert.
    ///
    /// # Errors
    ///
    /// As [`batch_evaluate`](Self::batch_evaluate), and [`Error::InvalidParameter`](crate::Error::InvalidParameter) for hours that
    /// are negative or not finite.
    pub fn review_killed(
        &self,
        ads: &[AdMetrics],
        hours_since_kill: f64,
    ) -> Result<Vec<KillDecision>> {
        if !(hours_since_kill >= 0.0 && hours_since_kill.is_finite()) {
            return Err(crate::error::parameter(
                "hours_since_kill",
                hours_since_kill,
                "a finite number of at least 0",
            ));
        }
        let (prior, now) = self.prepare(ads)?;
        let mut decisions = Vec::with_capacity(ads.len());
        for ad in ads {
            let issues = ad.check(now)?;
            let mut evidence = ad.evidence(&self.options);
            let unreported = 1.0 - self.options.evidence.reported_share(hours_since_kill);
            evidence.effective_clicks =
                evidence.clicks - (evidence.clicks - evidence.effective_clicks) * unreported;
            let case = Case::new(ad, evidence, &prior, now, &self.options);
            let sound = !issues.iter().any(DataIssue::forbids_decisions);
            let revive =
                sound && ad.conversions > 0 && case.unprofitable <= self.options.revive_below;
            let (action, findings) = match (revive, sound) {
                (true, _) => (KillAction::Revive, Vec::new()),
                (false, true) => (KillAction::Keep, case.findings()),
                (false, false) => (KillAction::Keep, Vec::new()),
            };
            decisions.push(self.finish(&case, issues, action, findings, true));
        }
        Ok(decisions)
    }

    /// Returns the decision to stop an ad because someone asked for it.
    ///
    /// # Errors
    ///
    /// As [`evaluate`](Self::evaluate).
    pub fn kill_manually(&self, ad: &AdMetrics) -> Result<KillDecision> {
        let now = self.clock.now();
        let prior = self.prior_for(std::slice::from_ref(ad), now)?;
        let issues = ad.check(now)?;
        let case = Case::new(ad, ad.evidence(&self.options), &prior, now, &self.options);
        let finding = case.finding(KillReason::Manual, 1.0);
        Ok(self.finish(&case, issues, KillAction::Kill, vec![finding], false))
    }

    fn prepare(&self, ads: &[AdMetrics]) -> Result<(AccountPrior, Timestamp)> {
        counts::unique(ads.iter().map(|ad| ad.ad_id.as_str()))?;
        let now = self.clock.now();
        Ok((self.prior_for(ads, now)?, now))
    }

    fn prior_for(&self, ads: &[AdMetrics], now: Timestamp) -> Result<AccountPrior> {
        match self.account {
            Some(prior) => Ok(prior),
            None => self.prior_of(ads, now),
        }
    }

    fn prior_of(&self, ads: &[AdMetrics], now: Timestamp) -> Result<AccountPrior> {
        let order_value = self.options.target_cpa * self.options.target_roas;
        let mut evidence: Vec<Evidence> = Vec::with_capacity(ads.len());
        for ad in ads {
            if !ad.check(now)?.iter().any(DataIssue::forbids_decisions) {
                evidence.push(ad.evidence(&self.options));
            }
        }
        let sells = evidence.iter().any(|e| e.revenue > 0.0);
        let converts = evidence.iter().any(|e| e.conversions > 0.0);
        let value = if converts && !sells {
            ConversionValue::Fixed(order_value)
        } else {
            ConversionValue::Observed
        };
        let benchmark = Benchmark { order_value, ..self.options.benchmark };
        AccountPrior::learn(&evidence, &benchmark, value)
    }

    fn decide(&self, ad: &AdMetrics, prior: &AccountPrior, now: Timestamp) -> Result<KillDecision> {
        let issues = ad.check(now)?;
        let case = Case::new(ad, ad.evidence(&self.options), prior, now, &self.options);
        let (action, findings) = self.judge(&case, &issues);
        Ok(self.finish(&case, issues, action, findings, false))
    }

    /// What to do with a running ad, and why.
    fn judge(&self, case: &Case<'_>, issues: &[DataIssue]) -> (KillAction, Vec<Finding>) {
        let mut findings = if issues.iter().any(DataIssue::forbids_decisions) {
            Vec::new()
        } else {
            case.findings()
        };
        let mut kill = !findings.is_empty();
        if exhausted(case) {
            findings.push(case.finding(KillReason::BudgetExhausted, 1.0));
            kill |= self.options.kill_when_budget_exhausted;
        }
        (if kill { KillAction::Kill } else { KillAction::Keep }, findings)
    }

    fn finish(
        &self,
        case: &Case<'_>,
        issues: Vec<DataIssue>,
        action: KillAction,
        findings: Vec<Finding>,
        paused: bool,
    ) -> KillDecision {
        let keep = self.options.keep_roas;
        let roas = &case.posterior.roas;
        let roas_interval = (roas.quantile(0.1), roas.quantile(0.9));
        let planned = case.ad.planned_spend(self.options.planned_spend);
        let lost_share = |r: f64| ((keep - r) / keep).max(0.0);
        let kills = action == KillAction::Kill;
        let (waste, waste_interval) = if kills {
            (
                planned * roas.expected_shortfall(keep) / keep,
                (planned * lost_share(roas_interval.1), planned * lost_share(roas_interval.0)),
            )
        } else {
            (0.0, (0.0, 0.0))
        };
        let first = findings.first();
        let mut recommendation =
            text::recommendation(case, action, first, waste, waste_interval, paused);
        for issue in &issues {
            recommendation.push_str(&format!(" Note: {issue}."));
        }
        KillDecision {
            ad_id: case.ad.ad_id.clone(),
            action,
            should_kill: kills,
            reason: first.map(|finding| finding.reason),
            confidence: first.map_or(1.0 - case.unprofitable, |finding| finding.probability),
            waste_prevented: waste,
            waste_interval,
            planned_spend: planned,
            expected_roas: roas.mean(),
            roas_interval,
            probability_unprofitable: case.unprofitable,
            recommendation,
            metrics_at_kill: first.map(|finding| finding.metrics.clone()).unwrap_or_default(),
            findings,
            issues,
        }
    }
}

fn exhausted(case: &Case<'_>) -> bool {
    case.ad.budget > 0.0 && case.ad.spend >= case.ad.budget
}

#[cfg(test)]
mod tests;
