//! Acting on an ad platform: the seam, and an executor that journals, caps and can undo.
//!
//! # Examples
//!
//! ```
//! use gv_optimize::platform::{AdState, Change, ChangeJournal, DryRunClient, Executor, Limits, Outcome};
//! use gv_optimize::Money;
//!
//! let client = DryRunClient::new([("ad1", AdState::running(Money::from_cents(5000)))]);
//! let journal = ChangeJournal::in_memory();
//! let executor = Executor::new(&client, &journal, Limits::default());
//! let change = Change::budget("ad1", Money::from_cents(5000), Money::from_cents(6000));
//!
//! let planned = executor.preview(&[change.clone()])?;
//! assert_eq!(planned.steps[0].outcome, Outcome::Planned);
//! let done = executor.apply(&[change])?;
//! assert_eq!(done.steps[0].outcome, Outcome::Done);
//! executor.revert(&done.run)?;
//! assert_eq!(client.states()["ad1"].daily_budget, Some(Money::from_cents(5000)));
//! # Ok::<(), gv_optimize::Error>(())
//! ```

mod dry_run;
mod execute;
mod journal;
pub mod meta;

pub use dry_run::DryRunClient;
pub use execute::{Change, Executor, Limits, Outcome, Run, Step, Target};
pub use journal::{ChangeJournal, JournalEntry, Phase};

use crate::{Money, Result};
use serde::{Deserialize, Serialize};

/// What a platform says about an ad.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AdState {
    /// Whether the ad is switched on.
    pub running: bool,
    /// Daily budget of what owns it; `None` where there is none, as with a lifetime budget.
    pub daily_budget: Option<Money>,
    /// Id of what the budget belongs to, such as an ad set or a campaign; ads may share it.
    pub budget_owner: String,
    /// Currency of the budget; empty where not known.
    pub currency: String,
}

impl AdState {
    /// A running ad that owns its daily budget.
    pub fn running(daily_budget: Money) -> Self {
        Self { running: true, daily_budget: Some(daily_budget), ..Self::default() }
    }
}

/// Figures of an ad over some days.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AdInsight {
    /// The ad.
    pub ad_id: String,
    /// Its campaign.
    pub campaign_id: String,
    /// Money spent, in currency units.
    pub spend: f64,
    /// Times shown.
    pub impressions: u64,
    /// Clicks.
    pub clicks: u64,
    /// Conversions.
    pub conversions: u64,
    /// Revenue, in currency units.
    pub revenue: f64,
    /// First day, `YYYY-MM-DD` in the account's time zone.
    pub first_day: String,
    /// Last day.
    pub last_day: String,
}

/// Days, both included, written `YYYY-MM-DD` in the account's time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateRange {
    /// First day.
    pub since: String,
    /// Last day.
    pub until: String,
}

/// Reads ads of a platform and changes them.
///
/// # For implementers
///
/// - `pause`, `resume` and `set_daily_budget` may be repeated: the second call changes nothing.
/// - A change whose answer nobody saw is [`Error::Unanswered`](crate::Error::Unanswered), never a success and
///   never repeated blindly; whoever called reads the state before going on.
/// - `set_daily_budget` gets the state that was read just before and changes the budget of its owner.
/// - Neither tokens nor other secrets appear in errors and logs.
/// - All methods may be called from many threads.
///
/// `testing::platform_suite` checks an implementation.
pub trait AdPlatformClient: Send + Sync {
    /// The platform's name.
    fn name(&self) -> &str;

    /// Budget changes of one owner that the platform takes within an hour; `None` for any number.
    fn budget_changes_per_hour(&self) -> Option<usize> {
        None
    }

    /// Reads whether an ad runs and what its budget is.
    ///
    /// # Errors
    ///
    /// What the platform or the network says.
    fn state(&self, ad_id: &str) -> Result<AdState>;

    /// Switches an ad off.
    ///
    /// # Errors
    ///
    /// As [`state`](Self::state).
    fn pause(&self, ad_id: &str) -> Result<()>;

    /// Switches an ad on.
    ///
    /// # Errors
    ///
    /// As [`state`](Self::state).
    fn resume(&self, ad_id: &str) -> Result<()>;

    /// Sets the daily budget that an ad spends from.
    ///
    /// # Errors
    ///
    /// As [`state`](Self::state).
    fn set_daily_budget(&self, ad_id: &str, state: &AdState, budget: Money) -> Result<()>;

    /// Reads the figures of the account's ads.
    ///
    /// # Errors
    ///
    /// As [`state`](Self::state).
    fn insights(&self, days: &DateRange) -> Result<Vec<AdInsight>>;
}
