//! Whether an ad's conversions have stopped coming.

use super::metrics::Case;
use crate::posterior::RoasPosterior;

/// Share of ads that decline while they are watched; a prior of this library.
const PRIOR_OF_DECLINE: f64 = 0.1;

/// Points of the midpoint rule over the remaining share of the former rate.
const STEPS: usize = 16;

/// What the silence since the last conversion says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decline {
    /// Probability of such a silence at an unchanged rate.
    pub(crate) chance_of_silence: f64,
    /// Posterior probability that the rate has fallen below the threshold's share.
    pub(crate) probability: f64,
    /// Posterior probability that the ad, as it is now, loses money.
    pub(crate) unprofitable_now: f64,
}

/// Compares "unchanged" with "fallen to a share `f`, evenly spread below the threshold", given no
/// conversion in the clicks since the last one; `None` without a conversion or too early.
///
/// With `A`, `B` from before the silence, the likelihood of silence over `c` clicks at share `f` is
/// `(B / (B + f c))^A`.
pub(crate) fn assess(case: &Case<'_>) -> Option<Decline> {
    let silent = case.silent_hours?;
    let running = case.ad.hours_running;
    if case.ad.conversions == 0 || silent < case.options.decline_hours || running <= 0.0 {
        return None;
    }
    let per_hour = case.evidence.clicks / running;
    let clicks = per_hour * silent * case.options.evidence.mean_reported_share(silent);
    let shape = case.posterior.cvr_shape;
    let rate_before = (case.posterior.cvr_rate - clicks).max(case.posterior.cvr_rate * 0.01);
    let likelihood = |share: f64| (-shape * (share * clicks / rate_before).ln_1p()).exp();
    let unchanged = likelihood(1.0);
    let roas = &case.posterior.roas;
    let (mut fallen, mut unprofitable) = (0.0, 0.0);
    for step in 0..STEPS {
        let share = case.options.decline_threshold * (step as f64 + 0.5) / STEPS as f64;
        let weight = likelihood(share);
        let rate = rate_before + share * clicks;
        let now =
            RoasPosterior { scale: roas.scale * case.posterior.cvr_rate / rate * share, ..*roas };
        fallen += weight;
        unprofitable += weight * now.probability_below(case.options.keep_roas);
    }
    let odds = PRIOR_OF_DECLINE * fallen / STEPS as f64 / ((1.0 - PRIOR_OF_DECLINE) * unchanged);
    let probability = if odds.is_finite() { odds / (1.0 + odds) } else { 1.0 };
    let before = RoasPosterior {
        scale: roas.scale * case.posterior.cvr_rate / (rate_before + clicks),
        ..*roas
    };
    Some(Decline {
        chance_of_silence: unchanged,
        probability,
        unprofitable_now: probability * unprofitable / fallen
            + (1.0 - probability) * before.probability_below(case.options.keep_roas),
    })
}
