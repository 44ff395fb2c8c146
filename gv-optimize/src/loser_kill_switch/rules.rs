//! The three policies: which reasons hold for an ad.

use super::anytime::{ln_e_value_of_proportion, ln_e_value_of_rate};
use super::decision::{Finding, KillReason};
use super::decline;
use super::metrics::Case;
use super::{KillOptions, KillPolicy};
use std::collections::BTreeMap;

impl Case<'_> {
    /// Every reason that holds under the policy, in the order in which it is reported.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut findings = match self.options.policy {
            KillPolicy::Economic => self.economic(),
            KillPolicy::AnytimeValid => self.anytime_valid(),
            KillPolicy::Spec => return self.literal(),
        };
        findings.sort_by(|a, b| {
            b.probability.total_cmp(&a.probability).then_with(|| a.reason.cmp(&b.reason))
        });
        findings
    }

    fn economic(&self) -> Vec<Finding> {
        let o = self.options;
        let mut found = Vec::new();
        if self.ad.spend < o.min_spend || self.ad.hours_running < o.min_hours {
            return found;
        }
        let rates = [
            (KillReason::LowCtr, self.ad.impressions >= o.min_ctr_impressions, o.rate_confidence),
            (KillReason::LowCvr, self.ad.clicks >= o.min_cvr_clicks, o.rate_confidence),
            (KillReason::HighCpa, self.ad.conversions >= o.min_cpa_conversions, o.kill_confidence),
        ];
        for (reason, enough_seen, confidence) in rates {
            if enough_seen && self.unprofitable >= o.veto_below {
                let probability = self.probability(reason);
                if probability >= confidence {
                    found.push(self.finding(reason, probability));
                }
            }
        }
        if self.unprofitable >= o.kill_confidence {
            found.push(self.finding(self.loss_reason(), self.unprofitable));
        }
        if let Some(decline) = decline::assess(self)
            && decline.chance_of_silence < 0.01
            && decline.probability >= o.kill_confidence
            && decline.unprofitable_now >= o.kill_confidence
        {
            let mut finding = self.finding(KillReason::DecliningPerformance, decline.probability);
            finding.metrics.insert("chance_of_silence", decline.chance_of_silence);
            found.push(finding);
        }
        found
    }

    fn anytime_valid(&self) -> Vec<Finding> {
        let o = self.options;
        let share = if self.counts.clicks > 0 { self.mature_share() } else { 1.0 };
        let conversions = self.ad.conversions as f64;
        let spend = self.ad.spend * share;
        let break_even_cpa = o.target_cpa * o.target_roas / o.keep_roas;
        let checks = [
            (
                KillReason::LowCtr,
                ln_e_value_of_proportion(
                    self.ad.clicks as f64,
                    self.ad.impressions as f64,
                    o.min_ctr,
                ),
            ),
            (
                KillReason::LowCvr,
                ln_e_value_of_rate(conversions, self.ad.clicks as f64 * share, o.min_cvr),
            ),
            (
                KillReason::HighCpa,
                if self.ad.conversions == 0 {
                    f64::NEG_INFINITY
                } else {
                    let limit = o.max_cpa_multiplier * o.target_cpa;
                    ln_e_value_of_rate(conversions, spend, limit.recip())
                },
            ),
            (self.loss_reason(), ln_e_value_of_rate(conversions, spend, break_even_cpa.recip())),
        ];
        let limit = (checks.len() as f64 / o.alpha).ln();
        checks
            .into_iter()
            .filter(|(_, ln_e)| *ln_e >= limit)
            .map(|(reason, ln_e)| Finding {
                e_value: Some(ln_e.min(690.0).exp()),
                ..self.finding(reason, self.probability(reason))
            })
            .collect()
    }

    fn literal(&self) -> Vec<Finding> {
        let o = self.options;
        let ad = self.ad;
        let holds = [
            (
                KillReason::LowCtr,
                ad.impressions >= o.min_ctr_impressions
                    && self.counts.ctr().is_some_and(|ctr| ctr < o.min_ctr),
            ),
            (
                KillReason::LowCvr,
                ad.clicks >= o.min_cvr_clicks
                    && self.counts.cvr().is_some_and(|cvr| cvr < o.min_cvr),
            ),
            (
                KillReason::HighCpa,
                ad.conversions >= o.min_cpa_conversions
                    && self
                        .counts
                        .cpa()
                        .is_some_and(|cpa| cpa > o.max_cpa_multiplier * o.target_cpa),
            ),
            (
                KillReason::NegativeRoas,
                ad.spend >= o.min_roas_spend
                    && self.counts.roas().is_some_and(|roas| roas < o.min_roas),
            ),
            (
                KillReason::NoConversions,
                ad.spend >= o.no_conversion_spend_limit && ad.conversions == 0,
            ),
        ];
        holds
            .into_iter()
            .filter(|(_, holds)| *holds)
            .map(|(reason, _)| self.finding(reason, self.probability(reason)))
            .collect()
    }

    /// The share of the clicks whose conversions have been reported.
    fn mature_share(&self) -> f64 {
        self.options.evidence.mean_reported_share(self.ad.hours_running)
    }

    /// How a loss is called: by the missing conversions where there are none for a considerable
    /// spend.
    fn loss_reason(&self) -> KillReason {
        if self.ad.conversions == 0 && self.ad.spend >= self.options.no_conversion_spend_limit {
            KillReason::NoConversions
        } else {
            KillReason::NegativeRoas
        }
    }

    fn roas_threshold(&self) -> f64 {
        match self.options.policy {
            KillPolicy::Spec => self.options.min_roas,
            KillPolicy::Economic | KillPolicy::AnytimeValid => self.options.keep_roas,
        }
    }

    /// The posterior probability that a reason is true.
    pub(crate) fn probability(&self, reason: KillReason) -> f64 {
        let KillOptions { min_ctr, min_cvr, max_cpa_multiplier, target_cpa, .. } = *self.options;
        match reason {
            KillReason::LowCtr => self.posterior.probability_ctr_below(min_ctr),
            KillReason::LowCvr => self.posterior.probability_cvr_below(min_cvr),
            KillReason::HighCpa => {
                self.posterior.probability_cpa_above(max_cpa_multiplier * target_cpa)
            }
            KillReason::NegativeRoas => {
                self.posterior.roas.probability_below(self.roas_threshold())
            }
            KillReason::NoConversions => self.unprofitable,
            KillReason::DecliningPerformance => {
                decline::assess(self).map_or(0.0, |decline| decline.probability)
            }
            KillReason::BudgetExhausted | KillReason::Manual => 1.0,
        }
    }

    /// A finding with the figures that the Python contract names for its reason.
    pub(crate) fn finding(&self, reason: KillReason, probability: f64) -> Finding {
        let o = self.options;
        let ad = self.ad;
        let metrics = match reason {
            KillReason::LowCtr => vec![
                ("ctr", self.counts.ctr().unwrap_or(0.0)),
                ("threshold", o.min_ctr),
                ("impressions", ad.impressions as f64),
            ],
            KillReason::LowCvr => vec![
                ("cvr", self.counts.cvr().unwrap_or(0.0)),
                ("threshold", o.min_cvr),
                ("clicks", ad.clicks as f64),
            ],
            KillReason::HighCpa => vec![
                ("cpa", self.counts.cpa().unwrap_or(0.0)),
                ("target_cpa", o.target_cpa),
                ("max_cpa", o.target_cpa * o.max_cpa_multiplier),
                ("conversions", ad.conversions as f64),
            ],
            KillReason::NegativeRoas => vec![
                ("roas", self.counts.roas().unwrap_or(0.0)),
                ("threshold", self.roas_threshold()),
                ("spend", ad.spend),
                ("revenue", ad.revenue),
            ],
            KillReason::NoConversions => vec![
                ("spend", ad.spend),
                ("conversions", 0.0),
                ("threshold", o.no_conversion_spend_limit),
            ],
            KillReason::DecliningPerformance => vec![
                ("hours_since_conversion", self.silent_hours.unwrap_or(0.0)),
                ("threshold", o.decline_threshold),
                ("conversions", ad.conversions as f64),
            ],
            KillReason::BudgetExhausted => vec![("spend", ad.spend), ("budget", ad.budget)],
            KillReason::Manual => vec![("spend", ad.spend), ("revenue", ad.revenue)],
        };
        Finding {
            reason,
            probability,
            metrics: metrics.into_iter().collect::<BTreeMap<_, _>>(),
            e_value: None,
        }
    }
}
