//! The sentences a person reads.

use super::decision::{Finding, KillAction, KillReason};
use super::metrics::Case;
use std::fmt::Write;

/// A probability as a person says it; never a rounded-up certainty.
pub(crate) fn percent(p: f64) -> String {
    if p > 0.99 {
        "over 99 %".to_owned()
    } else if p < 0.01 {
        "under 1 %".to_owned()
    } else {
        format!("{:.0} %", p * 100.0)
    }
}

/// The recommendation for an ad.
pub(crate) fn recommendation(
    case: &Case<'_>,
    action: KillAction,
    finding: Option<&Finding>,
    waste: f64,
    waste_interval: (f64, f64),
    paused: bool,
) -> String {
    let ad = case.ad;
    let mut text = match (action, finding) {
        (KillAction::Kill, Some(finding)) => {
            format!("Pause {}: {}.", ad.ad_id, because(case, finding))
        }
        (KillAction::Revive, _) => format!(
            "Start {} again: with late conversions it loses money with a probability of only {}.",
            ad.ad_id,
            percent(case.unprofitable)
        ),
        (_, Some(finding)) if paused => {
            format!("Leave {} paused: {}.", ad.ad_id, because(case, finding))
        }
        (_, None) if paused => format!(
            "Leave {} paused: it loses money with a probability of {}, a new start takes at most \
             {}.",
            ad.ad_id,
            percent(case.unprofitable),
            percent(case.options.revive_below)
        ),
        (_, Some(finding)) => format!("Leave {}: {}.", ad.ad_id, because(case, finding)),
        (_, None) if ad.spend < case.options.min_spend => format!(
            "Leave {}: {:.2} of {:.2} spent, too little to judge.",
            ad.ad_id, ad.spend, case.options.min_spend
        ),
        (_, None) if ad.hours_running < case.options.min_hours => format!(
            "Leave {}: running for {:.0} of {:.0} hours, too short to judge.",
            ad.ad_id, ad.hours_running, case.options.min_hours
        ),
        (_, None) => format!(
            "Leave {}: it loses money with a probability of {}, below the {} that a stop takes.",
            ad.ad_id,
            percent(case.unprofitable),
            percent(case.options.kill_confidence)
        ),
    };
    if action == KillAction::Kill && waste > 0.0 {
        let _ = write!(
            text,
            " About {waste:.2} of the planned spend would be lost (80 % interval {:.2} to {:.2}).",
            waste_interval.0, waste_interval.1
        );
    }
    text
}

fn because(case: &Case<'_>, finding: &Finding) -> String {
    let ad = case.ad;
    let o = case.options;
    let sure = percent(finding.probability);
    match finding.reason {
        KillReason::LowCtr => format!(
            "{} clicks in {} impressions, the true click-through rate is below {:.2} % with a \
             probability of {sure}",
            ad.clicks,
            ad.impressions,
            o.min_ctr * 100.0
        ),
        KillReason::LowCvr => format!(
            "{} conversions from {} clicks, the true conversion rate is below {:.2} % with a \
             probability of {sure}",
            ad.conversions,
            ad.clicks,
            o.min_cvr * 100.0
        ),
        KillReason::HighCpa => format!(
            "a conversion costs {:.2}, with a probability of {sure} truly more than {} times the \
             target of {:.2}",
            case.counts.cpa().unwrap_or(0.0),
            o.max_cpa_multiplier,
            o.target_cpa
        ),
        KillReason::NegativeRoas => format!(
            "{:.2} came back for {:.2} spent, the true return is below {:.2} with a probability \
             of {sure}",
            ad.revenue,
            ad.spend,
            finding.metrics.get("threshold").copied().unwrap_or(o.keep_roas)
        ),
        KillReason::NoConversions => format!(
            "no conversion for {:.2} spent, it loses money with a probability of {sure}",
            ad.spend
        ),
        KillReason::DecliningPerformance => format!(
            "no conversion for {:.0} hours after {} before, its rate has fallen below {} of what \
             it was with a probability of {sure}",
            case.silent_hours.unwrap_or(0.0),
            ad.conversions,
            percent(o.decline_threshold)
        ),
        KillReason::BudgetExhausted => {
            format!("its budget of {:.2} is used up; raise the budget or let it end", ad.budget)
        }
        KillReason::Manual => "someone asked for it".to_owned(),
    }
}
