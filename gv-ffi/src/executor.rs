//! Making changes on an ad platform, every one of them journaled, capped and reversible.

use crate::ad_platform::{GV_NO_CENTS, gv_ad_platform};
use crate::argument::{
    Place, Visible, blank, free, initialize, object, one_of, optional_text, records, tell, text,
};
use crate::call::{Failure, Outcome, guard};
use crate::status::gv_status;
use geminivideo::optimize::platform::{
    AdPlatformClient, Change, ChangeJournal, Executor, Limits, Run,
};
use geminivideo::optimize::{Money, Result};
use std::ffi::c_char;
use std::sync::Arc;

/// Switch the ad off.
pub const GV_CHANGE_PAUSE: u32 = 0;
/// Switch the ad on.
pub const GV_CHANGE_RESUME: u32 = 1;
/// Give the ad another daily budget.
pub const GV_CHANGE_BUDGET: u32 = 2;

const KINDS: [(u32, u32); 3] = [
    (GV_CHANGE_PAUSE, GV_CHANGE_PAUSE),
    (GV_CHANGE_RESUME, GV_CHANGE_RESUME),
    (GV_CHANGE_BUDGET, GV_CHANGE_BUDGET),
];

/// A change that is wanted; gv_change_init sets it to a pause of nothing.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_change {
    /// sizeof(gv_change).
    pub struct_size: u32,
    /// What to do: GV_CHANGE_...
    pub kind: u32,
    /// The ad.
    pub ad_id: *const c_char,
    /// The daily budget wanted; GV_CHANGE_BUDGET only.
    pub budget_cents: i64,
    /// The daily budget that the decision assumed: with another one the change is refused. GV_NO_CENTS assumes nothing.
    pub assumed_cents: i64,
}

unsafe impl Visible for gv_change {
    fn initial() -> Self {
        Self { budget_cents: GV_NO_CENTS, assumed_cents: GV_NO_CENTS, ..blank() }
    }
}

/// Makes changes on a platform; threads may share it.
pub struct gv_executor {
    platform: Arc<dyn AdPlatformClient>,
    journal: ChangeJournal,
    limits: Limits,
}

impl std::fmt::Debug for gv_executor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("gv_executor").field(&self.platform.name()).finish()
    }
}

/// Sets a change to a pause of nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_change_init(change: *mut gv_change) {
    unsafe { initialize(change) };
}

/// Makes an executor. journal is the file that changes are written into, before and after; NULL keeps them in memory.
/// Changes of budgets add up to at most per_run_cents in a run and per_day_cents in a day; GV_NO_CENTS takes what is
/// usual.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_executor_new(
    platform: *const gv_ad_platform,
    journal: *const c_char,
    per_run_cents: i64,
    per_day_cents: i64,
    executor: *mut *mut gv_executor,
) -> gv_status {
    guard(|| unsafe {
        let platform = object("platform", platform)?.share();
        let path = optional_text("journal", journal)?;
        let mut limits = Limits::default();
        limits.per_run = cents("per_run_cents", per_run_cents)?.unwrap_or(limits.per_run);
        limits.per_day = cents("per_day_cents", per_day_cents)?.unwrap_or(limits.per_day);
        let place = Place::new("executor", executor)?;
        let journal = match path {
            Some(path) => ChangeJournal::open(path)?,
            None => ChangeJournal::in_memory(),
        };
        place.give(gv_executor { platform, journal, limits });
        Ok(())
    })
}

/// Frees an executor; what it changed stays. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_executor_free(executor: *mut gv_executor) {
    unsafe { free(executor) };
}

/// Says what gv_executor_apply would do, and changes nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_executor_preview(
    executor: *const gv_executor,
    changes: *const gv_change,
    changes_len: usize,
    run_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("executor", executor, "run_json", run_json, |executor| {
            let changes = wanted(changes, changes_len)?;
            Ok(executor.with(|executor| executor.preview(&changes))?)
        })
    }
}

/// Makes changes: reads each ad, refuses what the decision did not foresee, checks the caps, writes down what is to be
/// done, does it, looks, and writes down what became of it.
///
/// run_json is a JSON object with the run's name and every step's outcome; a step that was refused or failed is there, and
/// no error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_executor_apply(
    executor: *const gv_executor,
    changes: *const gv_change,
    changes_len: usize,
    run_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("executor", executor, "run_json", run_json, |executor| {
            let changes = wanted(changes, changes_len)?;
            Ok(executor.with(|executor| executor.apply(&changes))?)
        })
    }
}

/// Undoes a run of the journal, by its name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_executor_revert(
    executor: *const gv_executor,
    run: *const c_char,
    run_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("executor", executor, "run_json", run_json, |executor| {
            let run = text("run", run)?;
            Ok(executor.with(|executor| executor.revert(run))?)
        })
    }
}

impl gv_executor {
    fn with(&self, work: impl FnOnce(&Executor<'_>) -> Result<Run>) -> Result<Run> {
        work(&Executor::new(&*self.platform, &self.journal, self.limits))
    }
}

unsafe fn wanted(changes: *const gv_change, length: usize) -> Outcome<Vec<Change>> {
    let given = unsafe { records("changes", changes, length) }?;
    let read = |(index, change): (usize, &gv_change)| {
        let name = format!("changes[{index}]");
        let ad_id = unsafe { text(&format!("{name}.ad_id"), change.ad_id) }?;
        Ok(match one_of(&format!("{name}.kind"), change.kind, &KINDS)? {
            GV_CHANGE_PAUSE => Change::pause(ad_id),
            GV_CHANGE_RESUME => Change::resume(ad_id),
            _ => {
                let what = format!("{name}.budget_cents");
                let budget = cents(&what, change.budget_cents)?
                    .ok_or_else(|| Failure::invalid(format!("{what} is not set")))?;
                let mut made = Change::budget(ad_id, budget, budget);
                made.assumed_budget =
                    cents(&format!("{name}.assumed_cents"), change.assumed_cents)?;
                made
            }
        })
    };
    given.iter().enumerate().map(read).collect()
}

fn cents(name: &str, given: i64) -> Outcome<Option<Money>> {
    match given {
        GV_NO_CENTS => Ok(None),
        0..=1_000_000_000_000 => Ok(Some(Money::from_cents(given))),
        _ => Err(Failure::invalid(format!("{name} is {given}, allowed is 0 to 1e12"))),
    }
}
