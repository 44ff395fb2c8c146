//! Worlds: what is true of their ads.

use crate::posterior::Stream;
use serde::{Deserialize, Serialize};

/// A kind of account, from which seeds draw accounts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct World {
    /// Its name.
    pub name: String,
    /// Ads.
    pub ads: usize,
    /// Daily budget of each at the start, in currency units.
    pub daily_budget: f64,
    /// Days.
    pub days: u32,
    /// Median true return at the start.
    pub median_roas: f64,
    /// Gamma shape of conversion rates between ads.
    pub cvr_shape: f64,
    /// Mean delay of conversions, in hours.
    pub delay_hours: f64,
    /// Exponent of clicks over budget.
    pub elasticity: f64,
    /// Share of the conversion rate that is lost each day.
    pub fatigue: f64,
    /// Day from which the best ad converts at a tenth.
    pub winner_dies_on: Option<u32>,
    /// Standard deviation of log order values; 0 draws them from a gamma distribution.
    pub heavy_tail: f64,
    /// Depth of the day curve, 0 for none.
    pub day_curve: f64,
    /// Whether the optimiser is told the world's delay and spread; otherwise it believes figures
    /// that are wrong by a factor of 3.
    pub right_prior: bool,
}

impl World {
    /// Twenty ads with plenty of conversions.
    pub fn steady() -> Self {
        Self {
            name: "steady".to_owned(),
            ads: 20,
            daily_budget: 50.0,
            days: 14,
            median_roas: 1.5,
            cvr_shape: 3.3,
            delay_hours: 12.0,
            elasticity: 0.8,
            fatigue: 0.0,
            winner_dies_on: None,
            heavy_tail: 0.0,
            day_curve: 0.0,
            right_prior: true,
        }
    }

    /// The worlds that the figures are shown for.
    pub fn all() -> Vec<Self> {
        let named = |name: &str| Self { name: name.to_owned(), ..Self::steady() };
        vec![
            Self::steady(),
            Self { daily_budget: 15.0, ..named("sparse") },
            Self { delay_hours: 48.0, ..named("late conversions") },
            Self { heavy_tail: 1.3, ..named("heavy-tailed orders") },
            Self { winner_dies_on: Some(5), ..named("the winner dies") },
            Self { fatigue: 0.05, day_curve: 0.6, elasticity: 0.7, ..named("fatigue, day curve") },
            Self { ads: 5, ..named("five ads") },
            Self {
                right_prior: false,
                delay_hours: 36.0,
                cvr_shape: 1.1,
                daily_budget: 25.0,
                ..named("prior off by 3")
            },
        ]
    }
}

/// What is true of one ad.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Truth {
    /// Clicks per impression.
    pub ctr: f64,
    /// Conversions per click at the start.
    pub cvr: f64,
    /// Mean order value, in currency units.
    pub order_value: f64,
    /// Cost of a click at the starting budget, in currency units.
    pub cpc: f64,
    /// Whether it dies on the world's day.
    pub dies: bool,
}

impl Truth {
    /// The return at the starting budget on day 0.
    pub fn roas(&self) -> f64 {
        self.cvr * self.order_value / self.cpc
    }

    /// The share of the conversion rate left after `hours`.
    pub(crate) fn strength(&self, world: &World, hours: u32) -> f64 {
        let day = hours / 24;
        let dead = self.dies && world.winner_dies_on.is_some_and(|died| day >= died);
        (1.0 - world.fatigue).powf(f64::from(hours) / 24.0) * if dead { 0.1 } else { 1.0 }
    }
}

/// Draws an account of the world.
pub fn draw_truths(world: &World, seed: u64) -> Vec<Truth> {
    let mut truths: Vec<Truth> = (0..world.ads)
        .map(|i| {
            let mut stream = Stream::new(seed, "truth", i as u64);
            let shape = world.cvr_shape;
            let relative = stream.gamma(shape) / shape;
            let value_shape = 2.0 + 0.3_f64.powi(-2);
            let order_value = 50.0 * (value_shape - 1.0) / stream.gamma(value_shape);
            let cpc = (0.2 * stream.normal()).exp();
            let ctr = 0.012 * stream.gamma(4.0) / 4.0 + 0.002;
            let median = (1.0 - 1.0 / (9.0 * shape)).powi(3).max(0.05);
            let cvr = (world.median_roas / 50.0 * relative / median).min(0.5);
            Truth { ctr, cvr, order_value, cpc, dies: false }
        })
        .collect();
    let best = (0..truths.len()).max_by(|a, b| truths[*a].roas().total_cmp(&truths[*b].roas()));
    if let Some(best) = best {
        truths[best].dies = true;
    }
    truths
}
