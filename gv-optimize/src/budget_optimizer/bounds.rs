//! How far each budget may move, and why it may not.

use super::assess::Judged;
use super::recommend::marginal_per_roas;
use super::{AdStatus, BudgetOptions, BudgetPolicy};
use crate::{Error, Money, Result};
use serde::Serialize;

/// Why a budget may not rise, or not move at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Hold {
    /// The caller locked it.
    Locked,
    /// Its counts contradict each other.
    ContradictoryCounts,
    /// It is learning: too few hours, or its platform says so.
    Learning,
    /// Too little was spent.
    TooLittleSpend,
    /// Too few conversions to raise it; one that probably loses money, or probably brings less than
    /// others, may still be cut.
    TooFewConversions,
}

impl Hold {
    /// The reason in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Locked => "its budget is locked",
            Self::ContradictoryCounts => "its counts contradict each other",
            Self::Learning => "it is still learning",
            Self::TooLittleSpend => "too little was spent to judge it",
            Self::TooFewConversions => "it has too few conversions to raise it",
        }
    }
}

/// The bounds of one running ad.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) current: Money,
    pub(crate) low: Money,
    pub(crate) high: Money,
    /// The lowest that the shift rules alone allow.
    pub(crate) floor: Money,
    pub(crate) hold: Option<Hold>,
}

impl Bounds {
    /// `water_level` is what a unit brings elsewhere, where that is known.
    pub(crate) fn of(
        judged: &Judged<'_>,
        water_level: Option<f64>,
        options: &BudgetOptions,
    ) -> Result<Self> {
        let ad = judged.ad;
        let money = |units: f64| {
            Money::from_units(units).ok_or_else(|| Error::InvalidAd {
                ad_id: ad.ad_id.clone(),
                field: "daily_budget",
                given: units.to_string(),
                allowed: "a number from 0 to 1e10",
            })
        };
        let current = money(ad.daily_budget)?;
        let budget = current.units();
        let before = ad.budget_24h_ago.filter(|b| *b > 0.0).unwrap_or(budget);
        let factor = options.max_daily_factor;
        let floor = (budget * (1.0 - options.max_decrease_percent / 100.0))
            .max(before / factor)
            .max(options.min_budget)
            .min(budget);
        let ceiling = (budget * (1.0 + options.max_increase_percent / 100.0))
            .max(options.min_budget)
            .min(before * factor)
            .max(budget);
        let floor = Money::from_cents((floor * 100.0 - 1e-6).ceil() as i64).min(current);
        let ceiling = Money::from_cents((ceiling * 100.0 + 1e-6).floor() as i64).max(current);
        let hold = if options.locked.contains(&ad.ad_id) {
            Some(Hold::Locked)
        } else if !judged.sound() {
            Some(Hold::ContradictoryCounts)
        } else if ad.hours_active < options.learning_hours || ad.status == AdStatus::Learning {
            Some(Hold::Learning)
        } else if ad.spend < options.min_spend {
            Some(Hold::TooLittleSpend)
        } else if ad.conversions < options.min_conversions {
            Some(Hold::TooFewConversions)
        } else {
            None
        };
        let probably_below = |roas: f64| {
            options.policy == BudgetPolicy::Posterior
                && judged.roas.probability_below(roas) >= options.loser_confidence
        };
        let may_be_cut = hold == Some(Hold::TooFewConversions)
            && (probably_below(options.min_roas)
                || water_level.is_some_and(|level| {
                    probably_below(level / marginal_per_roas(ad, budget, options.elasticity))
                }));
        let (low, high) = match hold {
            None => (floor, ceiling),
            Some(_) if may_be_cut => (floor, current),
            Some(_) => (current, current),
        };
        Ok(Self { current, low, high, floor, hold })
    }
}

/// Lowers bounds step by step where they add up to more than `total`; returns what was given up.
///
/// # Errors
///
/// [`Error::BudgetBelowMinimums`] where even the shift rules' lowest budgets add up to more.
pub(crate) fn relax(bounds: &mut [Bounds], total: Money, pool: &str) -> Result<Vec<&'static str>> {
    let lows = |bounds: &[Bounds]| bounds.iter().map(|b| b.low).sum::<Money>();
    let mut given_up = Vec::new();
    let steps: [(&[Hold], &'static str); 2] = [
        (
            &[Hold::TooFewConversions, Hold::TooLittleSpend],
            "the total is below what the ads' gates keep; ads with little evidence were cut too",
        ),
        (
            &[Hold::Learning],
            "the total is below what the ads' gates keep; learning ads were cut too",
        ),
    ];
    for (holds, text) in steps {
        if lows(bounds) <= total {
            break;
        }
        given_up.push(text);
        for bound in bounds.iter_mut() {
            if bound.hold.is_some_and(|hold| holds.contains(&hold)) {
                bound.low = bound.floor;
            }
        }
    }
    let minimums = lows(bounds);
    if minimums > total {
        return Err(Error::BudgetBelowMinimums { total, minimums, pool: pool.to_owned() });
    }
    Ok(given_up)
}
