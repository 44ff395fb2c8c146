//! Averages of few numbers, drawn towards the average of the wider group.
//!
//! Campaigns of one cell (an industry and objective) scatter around the cell's mean, cells around their
//! industry's, industries around the mean of all. Each mean is weighed against that of the wider group by
//! its variance (Robbins 1956, Efron and Morris 1975); the scatter is estimated from the data by the method
//! of DerSimonian and Laird (1986), with a prior for where there are too few campaigns to tell.

use serde::{Deserialize, Serialize};

/// Variance between campaigns of a cell on the logarithmic scale: a prior that counts as
/// [`PRIOR_CAMPAIGNS`] campaigns. Its root, 0.5, is a factor of 1.6.
const PRIOR_SCATTER: f64 = 0.25;
const PRIOR_CAMPAIGNS: f64 = 3.0;
/// Variance between industries, and between objectives of an industry: a prior.
const PRIOR_BETWEEN: f64 = 0.15;
/// Variance of the mean of all before there is data, a factor of 2.7 either way: a prior.
pub(super) const PRIOR_VARIANCE: f64 = 1.0;
/// `Φ⁻¹(0.9)`
const Z80: f64 = 1.281_551_565_544_600_4;

/// A figure of one campaign on the logarithmic scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Observation {
    /// Logarithm of the figure.
    pub(super) value: f64,
    /// Variance of the logarithm by counting.
    pub(super) variance: f64,
    /// How much it counts: recency, likeness of the audience.
    pub(super) weight: f64,
}

/// What is known of a mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mean {
    pub(super) value: f64,
    pub(super) variance: f64,
    /// Variance between campaigns.
    pub(super) scatter: f64,
}

/// An estimate as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Benchmark {
    /// The median to expect.
    pub expected: f64,
    /// Central 80 % of what is known of it.
    pub interval: (f64, f64),
    /// Central 80 % of what a single new campaign may reach.
    pub campaign_interval: (f64, f64),
    /// Share of the prior variance that data took away, 0 to 1.
    pub confidence: f64,
    /// Number of campaigns in the narrowest group that was used.
    pub campaigns: usize,
    /// The narrowest group with data: `account`, `industry_objective`, `industry` or `global`.
    pub level: &'static str,
}

/// Draws the mean of a group's observations towards `parent`.
pub(super) fn towards(parent: Mean, observations: &[Observation], between: f64) -> Mean {
    let scatter = scatter(observations);
    let mut weight = 0.0;
    let mut sum = 0.0;
    for observation in observations {
        let w = observation.weight / (observation.variance + scatter);
        weight += w;
        sum += w * observation.value;
    }
    if weight <= 0.0 {
        return Mean { variance: parent.variance + between, ..parent };
    }
    let (own, own_variance) = (sum / weight, 1.0 / weight);
    let prior = parent.variance + between;
    let share = prior / (prior + own_variance);
    Mean {
        value: share * own + (1.0 - share) * parent.value,
        variance: share * own_variance,
        scatter,
    }
}

/// Variance between industries and between objectives.
pub(super) const fn between() -> f64 {
    PRIOR_BETWEEN
}

/// Before there is data.
pub(super) fn prior(value: f64) -> Mean {
    Mean { value, variance: PRIOR_VARIANCE, scatter: PRIOR_SCATTER }
}

/// Variance between campaigns beyond counting, mixed with its prior.
fn scatter(observations: &[Observation]) -> f64 {
    let n = observations.len() as f64;
    if observations.len() < 2 {
        return PRIOR_SCATTER;
    }
    let inverse = |o: &Observation| 1.0 / o.variance.max(1e-6);
    let (mut w1, mut w2, mut sum) = (0.0, 0.0, 0.0);
    for observation in observations {
        let w = inverse(observation);
        (w1, w2, sum) = (w1 + w, w2 + w * w, sum + w * observation.value);
    }
    let mean = sum / w1;
    let q: f64 = observations.iter().map(|o| inverse(o) * (o.value - mean).powi(2)).sum();
    let excess = (q - (n - 1.0)) / (w1 - w2 / w1).max(1e-12);
    let found = if excess.is_finite() { excess.clamp(0.0, 4.0) } else { 0.0 };
    (PRIOR_CAMPAIGNS * PRIOR_SCATTER + (n - 1.0) * found) / (PRIOR_CAMPAIGNS + n - 1.0)
}

impl Mean {
    /// Tells it in the figure's own unit.
    pub(super) fn told(self, campaigns: usize, level: &'static str) -> Benchmark {
        let around = |sd: f64| ((self.value - Z80 * sd).exp(), (self.value + Z80 * sd).exp());
        Benchmark {
            expected: self.value.exp(),
            interval: around(self.variance.sqrt()),
            campaign_interval: around((self.variance + self.scatter).sqrt()),
            confidence: (1.0 - self.variance / PRIOR_VARIANCE).clamp(0.0, 1.0),
            campaigns,
            level,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posterior::Stream;

    fn observation(value: f64, variance: f64) -> Observation {
        Observation { value, variance, weight: 1.0 }
    }

    #[test]
    fn without_data_the_prior_stays_and_much_data_replaces_it() {
        let nothing = towards(prior(0.5), &[], between());
        assert_eq!(nothing.value, 0.5);
        let much = towards(prior(0.5), &vec![observation(1.5, 0.01); 200], between());
        assert!((much.value - 1.5).abs() < 0.01 && much.variance < 0.01);
    }

    #[test]
    fn one_lucky_campaign_is_drawn_towards_the_rest() {
        let mean = towards(prior(0.4), &[observation(1.4, 0.3)], between());
        assert!(mean.value > 0.5 && mean.value < 1.2, "{mean:?}");
    }

    #[test]
    fn shrunk_means_are_nearer_the_truth_than_raw_ones() {
        let (mut raw, mut shrunk) = (0.0, 0.0);
        for group in 0..200 {
            let mut random = Stream::new(13, "shrink", group);
            let truth = 0.4 + 0.39 * random.normal();
            let seen: Vec<Observation> = (0..3)
                .map(|_| {
                    let campaign = truth + 0.5 * random.normal();
                    observation(campaign + 0.4 * random.normal(), 0.16)
                })
                .collect();
            let average = seen.iter().map(|o| o.value).sum::<f64>() / 3.0;
            let parent = Mean { value: 0.4, variance: 0.01, scatter: 0.25 };
            raw += (average - truth).powi(2);
            shrunk += (towards(parent, &seen, between()).value - truth).powi(2);
        }
        assert!(shrunk < 0.8 * raw, "{shrunk} against {raw}");
    }

    #[test]
    fn intervals_cover_as_often_as_they_say() {
        let mut covered = 0;
        for group in 0..400 {
            let mut random = Stream::new(14, "cover", group);
            let truth = 0.4 + between().sqrt() * random.normal();
            let seen: Vec<Observation> = (0..4)
                .map(|_| observation(truth + (0.25f64 + 0.1).sqrt() * random.normal(), 0.1))
                .collect();
            let parent = Mean { value: 0.4, variance: 0.0, scatter: 0.25 };
            let told = towards(parent, &seen, between()).told(4, "industry");
            covered += usize::from((told.interval.0..=told.interval.1).contains(&truth.exp()));
        }
        assert!((300..=350).contains(&covered), "{covered} of 400 within 80 % intervals");
    }
}
