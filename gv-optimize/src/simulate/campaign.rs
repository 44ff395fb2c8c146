//! A campaign that runs hour by hour.

use super::world::{Truth, World, draw_truths};
use crate::budget_optimizer::AdPerformance;
use crate::posterior::{HourlyRow, Stream};
use std::f64::consts::TAU;

/// A running campaign whose truth is known.
///
/// Outcomes of an ad's hour depend on the seed, the ad, the hour and its budget alone: two policies
/// that choose the same budget see the same clicks.
#[derive(Debug, Clone)]
pub struct Campaign {
    world: World,
    seed: u64,
    truths: Vec<Truth>,
    ads: Vec<AdPerformance>,
    hours: Vec<Vec<HourlyRow>>,
    reports: Vec<Vec<(f64, f64)>>,
    stopped: Vec<bool>,
    hour: u32,
    expected_revenue: Vec<f64>,
}

impl Campaign {
    /// Starts a campaign of the world.
    pub fn new(world: &World, seed: u64) -> Self {
        Self::with_truths(world, seed, draw_truths(world, seed))
    }

    /// Starts a campaign whose ads are given.
    pub fn with_truths(world: &World, seed: u64, truths: Vec<Truth>) -> Self {
        let horizon = world.days as usize * 24;
        let ads = (0..truths.len())
            .map(|i| AdPerformance {
                ad_id: format!("ad{i:04}"),
                daily_budget: world.daily_budget,
                ..AdPerformance::default()
            })
            .collect();
        Self {
            world: world.clone(),
            seed,
            hours: vec![Vec::new(); truths.len()],
            reports: vec![vec![(0.0, 0.0); horizon + 1]; truths.len()],
            stopped: vec![false; truths.len()],
            expected_revenue: vec![0.0; truths.len()],
            truths,
            ads,
            hour: 0,
        }
    }

    /// What a person would see: totals so far.
    pub fn ads(&self) -> &[AdPerformance] {
        &self.ads
    }

    /// What is true.
    pub fn truths(&self) -> &[Truth] {
        &self.truths
    }

    /// The hours of an ad so far, ages up to date.
    pub fn hours_of(&self, ad: usize) -> Vec<HourlyRow> {
        let count = self.hours[ad].len();
        self.hours[ad]
            .iter()
            .enumerate()
            .map(|(h, row)| HourlyRow { age_hours: (count - 1 - h) as f64, ..*row })
            .collect()
    }

    /// Hours that have passed.
    pub const fn hour(&self) -> u32 {
        self.hour
    }

    /// Whether the world's days are over.
    pub fn is_over(&self) -> bool {
        self.hour >= self.world.days * 24
    }

    /// Pauses an ad for good.
    pub fn stop(&mut self, ad: usize) {
        self.stopped[ad] = true;
    }

    /// Whether an ad has been paused.
    pub fn is_stopped(&self, ad: usize) -> bool {
        self.stopped[ad]
    }

    /// The revenue to expect from the budgets chosen, noise left out, in currency units.
    pub fn expected_revenue(&self) -> f64 {
        self.expected_revenue.iter().sum()
    }

    /// The revenue to expect from an ad's spend so far.
    pub fn expected_revenue_of(&self, ad: usize) -> f64 {
        self.expected_revenue[ad]
    }

    /// Today's true return of each ad at its starting budget.
    pub fn present_roas(&self) -> Vec<f64> {
        self.truths.iter().map(|t| t.roas() * t.strength(&self.world, self.hour)).collect()
    }

    /// Sets daily budgets and lets `hours` pass.
    pub fn run(&mut self, budgets: &[f64], hours: u32) {
        for (ad, budget) in self.ads.iter_mut().zip(budgets) {
            ad.daily_budget = *budget;
        }
        for _ in 0..hours {
            if self.is_over() {
                return;
            }
            for i in 0..self.ads.len() {
                self.run_ad(i);
            }
            self.hour += 1;
        }
    }

    fn run_ad(&mut self, i: usize) {
        let row = if self.stopped[i] { HourlyRow::default() } else { self.spend_hour(i) };
        let (conversions, revenue) = self.reports[i][self.hour as usize];
        let row = HourlyRow { conversions, revenue, ..row };
        let ad = &mut self.ads[i];
        ad.spend += row.spend;
        ad.impressions += row.impressions as u64;
        ad.clicks += row.clicks as u64;
        ad.conversions += conversions as u64;
        ad.revenue += revenue;
        if !self.stopped[i] {
            ad.hours_active += 1.0;
        }
        self.hours[i].push(row);
    }

    fn spend_hour(&mut self, i: usize) -> HourlyRow {
        let world = &self.world;
        let truth = &self.truths[i];
        let hour = self.hour;
        let budget = self.ads[i].daily_budget;
        let phase = f64::from(hour % 24) / 24.0 * TAU;
        let spend = budget / 24.0 * (1.0 - world.day_curve * phase.cos());
        let reach = (budget / world.daily_budget).max(1e-9).powf(world.elasticity - 1.0);
        let expected_clicks = spend / truth.cpc * reach;
        let cvr = truth.cvr * truth.strength(world, hour);
        self.expected_revenue[i] += expected_clicks * cvr * truth.order_value;
        let mut stream = Stream::new(self.seed, &self.ads[i].ad_id, u64::from(hour));
        let clicks = stream.poisson(expected_clicks);
        let impressions = clicks + stream.poisson(expected_clicks * (1.0 / truth.ctr - 1.0));
        let orders = stream.poisson(clicks * cvr).min(clicks);
        for order in 0..orders as u64 {
            let index = (u64::from(hour) << 32) | (order + 1);
            let mut stream = Stream::new(self.seed ^ 0x0DE5, &self.ads[i].ad_id, index);
            let value = if world.heavy_tail > 0.0 {
                let sigma = world.heavy_tail;
                truth.order_value * (sigma * stream.normal() - sigma * sigma / 2.0).exp()
            } else {
                truth.order_value * stream.gamma(1.5625) / 1.5625
            };
            let delay = -world.delay_hours * stream.uniform().ln();
            let arrival = (f64::from(hour) + delay) as usize;
            if let Some(report) = self.reports[i].get_mut(arrival) {
                report.0 += 1.0;
                report.1 += value;
            }
        }
        HourlyRow { age_hours: 0.0, spend, impressions, clicks, conversions: 0.0, revenue: 0.0 }
    }
}
