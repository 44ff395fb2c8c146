//! A platform in memory.

use super::{AdInsight, AdPlatformClient, AdState, DateRange};
use crate::{Error, Money, Result};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A platform in memory: changes are kept here and reach nobody.
#[derive(Debug, Default)]
pub struct DryRunClient {
    states: Mutex<BTreeMap<String, AdState>>,
    insights: Vec<AdInsight>,
}

impl DryRunClient {
    /// A platform with these ads. Where a state names no budget owner, the ad itself is.
    pub fn new<S: Into<String>>(ads: impl IntoIterator<Item = (S, AdState)>) -> Self {
        let states = ads
            .into_iter()
            .map(|(id, mut state)| {
                let id = id.into();
                if state.budget_owner.is_empty() {
                    state.budget_owner.clone_from(&id);
                }
                (id, state)
            })
            .collect();
        Self { states: Mutex::new(states), insights: Vec::new() }
    }

    /// The platform with figures to read.
    pub fn with_insights(mut self, insights: Vec<AdInsight>) -> Self {
        self.insights = insights;
        self
    }

    /// The ads as they are now.
    pub fn states(&self) -> BTreeMap<String, AdState> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, AdState>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, ad_id: &str, change: impl FnOnce(&mut AdState)) -> Result<()> {
        match self.lock().get_mut(ad_id) {
            Some(state) => {
                change(state);
                Ok(())
            }
            None => Err(unknown(ad_id)),
        }
    }
}

fn unknown(ad_id: &str) -> Error {
    Error::Platform {
        platform: "dry run",
        message: format!("there is no ad {ad_id}"),
        code: None,
        retry_after: None,
    }
}

impl AdPlatformClient for DryRunClient {
    fn name(&self) -> &str {
        "dry run"
    }

    fn state(&self, ad_id: &str) -> Result<AdState> {
        self.lock().get(ad_id).cloned().ok_or_else(|| unknown(ad_id))
    }

    fn pause(&self, ad_id: &str) -> Result<()> {
        self.change(ad_id, |state| state.running = false)
    }

    fn resume(&self, ad_id: &str) -> Result<()> {
        self.change(ad_id, |state| state.running = true)
    }

    fn set_daily_budget(&self, ad_id: &str, state: &AdState, budget: Money) -> Result<()> {
        let owner = state.budget_owner.clone();
        self.change(ad_id, |_| ())?;
        for other in self.lock().values_mut().filter(|other| other.budget_owner == owner) {
            other.daily_budget = Some(budget);
        }
        Ok(())
    }

    fn insights(&self, days: &DateRange) -> Result<Vec<AdInsight>> {
        let inside = |row: &&AdInsight| row.first_day >= days.since && row.last_day <= days.until;
        Ok(self.insights.iter().filter(inside).cloned().collect())
    }
}
