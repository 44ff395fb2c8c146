//! Budget policies side by side, under the same bounds and on the same random numbers.

use super::campaign::Campaign;
use super::world::World;
use crate::Result;
use crate::budget_optimizer::{
    AdPerformance, BudgetOptimizer, BudgetOptions, BudgetPolicy, water_fill,
};
use crate::posterior::{Benchmark, Evidence, EvidenceOptions};

/// Hours between two decisions.
pub const CADENCE_HOURS: u32 = 6;

/// Bounds that hold for every policy: 50 % a shift, a factor of 4 a day, 10 at least.
#[derive(Debug, Clone)]
pub struct Shifts {
    past: Vec<Vec<f64>>,
}

impl Shifts {
    /// Starts with the campaign's budgets.
    pub fn new(campaign: &Campaign) -> Self {
        Self { past: vec![campaign.ads().iter().map(|ad| ad.daily_budget).collect()] }
    }

    /// The budgets of 24 hours ago.
    pub fn day_ago(&self) -> &[f64] {
        let steps = (24 / CADENCE_HOURS) as usize;
        &self.past[self.past.len().saturating_sub(steps)]
    }

    /// Lowest and highest budgets allowed now.
    pub fn bounds(&self) -> (Vec<f64>, Vec<f64>) {
        let now = &self.past[self.past.len() - 1];
        now.iter()
            .zip(self.day_ago())
            .map(|(budget, before)| {
                let low = (0.5 * budget).max(before / 4.0).max(10.0).min(*budget);
                (low, (1.5 * budget).min(before * 4.0).max(*budget))
            })
            .unzip()
    }

    /// Notes the budgets chosen.
    pub fn choose(&mut self, budgets: Vec<f64>) {
        self.past.push(budgets);
    }
}

/// A way to choose budgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Contender {
    /// This library's default.
    Ours,
    /// The specification's rule.
    Spec,
    /// The same for all.
    Equal,
    /// Knows the truth.
    Oracle,
}

impl Contender {
    /// All.
    pub const ALL: [Self; 4] = [Self::Ours, Self::Spec, Self::Equal, Self::Oracle];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Spec => "specification",
            Self::Equal => "equal split",
            Self::Oracle => "oracle",
        }
    }
}

/// The optimiser's options in a world: the truth about delay where the prior is right, figures
/// wrong by a factor of 3 elsewhere.
pub fn options_for(world: &World, seed: u64) -> BudgetOptions {
    let evidence = if world.right_prior {
        EvidenceOptions::default().conversion_delay_hours(world.delay_hours)
    } else {
        EvidenceOptions::default().conversion_delay_hours(world.delay_hours / 3.0)
    };
    let benchmark = if world.right_prior {
        Benchmark::default().cvr(0.03)
    } else {
        Benchmark::default().cvr(0.09).order_value(150.0).cpc(3.0)
    };
    BudgetOptions::default().evidence(evidence).benchmark(benchmark).seed(seed)
}

/// Runs a policy through a world and returns the expected revenue of its choices, in currency
/// units.
///
/// # Errors
///
/// As [`BudgetOptimizer::plan`].
pub fn run_policy(world: &World, seed: u64, contender: Contender) -> Result<f64> {
    let mut campaign = Campaign::new(world, seed);
    let mut shifts = Shifts::new(&campaign);
    let mut options = options_for(world, seed);
    if contender == Contender::Spec {
        options.policy = BudgetPolicy::Spec;
    }
    let optimizer = BudgetOptimizer::new(options)?;
    let total = world.daily_budget * world.ads as f64;
    while !campaign.is_over() {
        let budgets = match contender {
            Contender::Equal => vec![world.daily_budget; world.ads],
            Contender::Oracle => {
                let (low, high) = shifts.bounds();
                let power = 1.0 / (1.0 - world.elasticity);
                let weights: Vec<f64> =
                    campaign.present_roas().iter().map(|r| r.powf(power)).collect();
                let mut budgets = Vec::new();
                water_fill(&weights, &low, &high, total, &mut budgets);
                budgets
            }
            Contender::Ours | Contender::Spec => {
                let seen = observed(&campaign, &shifts, &optimizer, contender)?;
                let plan = optimizer.plan(&seen, Some(total))?;
                plan.budgets.iter().map(|b| b.budget.units()).collect()
            }
        };
        campaign.run(&budgets, CADENCE_HOURS);
        shifts.choose(budgets);
    }
    Ok(campaign.expected_revenue())
}

/// The ads as the optimiser sees them; ours reads the hourly rows.
fn observed(
    campaign: &Campaign,
    shifts: &Shifts,
    optimizer: &BudgetOptimizer,
    contender: Contender,
) -> Result<Vec<AdPerformance>> {
    let mut ads = campaign.ads().to_vec();
    for (i, ad) in ads.iter_mut().enumerate() {
        ad.budget_24h_ago = Some(shifts.day_ago()[i]);
        if contender == Contender::Ours {
            let rows = campaign.hours_of(i);
            ad.history =
                Some(Evidence::from_hours(&ad.ad_id, &rows, &optimizer.options().evidence)?);
        }
    }
    Ok(ads)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oracle_is_best_and_ours_beats_holding_in_a_steady_world() {
        let world = World::steady();
        let sum = |contender| -> f64 {
            (0..6).map(|seed| run_policy(&world, seed, contender).unwrap()).sum()
        };
        let (ours, equal, oracle) =
            (sum(Contender::Ours), sum(Contender::Equal), sum(Contender::Oracle));
        assert!(oracle > ours && ours > 1.2 * equal, "{oracle} {ours} {equal}");
    }

    #[test]
    fn the_same_budgets_bring_the_same_outcomes() {
        let world = World::steady();
        let run = || {
            let mut campaign = Campaign::new(&world, 3);
            campaign.run(&[40.0; 20], 48);
            (campaign.ads().to_vec(), campaign.expected_revenue())
        };
        assert_eq!(run(), run());
    }
}
