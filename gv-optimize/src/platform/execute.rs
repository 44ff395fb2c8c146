//! Making changes: journaled before and after, capped, repeatable, reversible.

use super::{AdPlatformClient, AdState, ChangeJournal, JournalEntry, Phase};
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::{Error, Money, Result, counts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an ad is to be changed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Switched off.
    Paused,
    /// Switched on.
    Running,
    /// A daily budget.
    DailyBudget(Money),
}

impl Target {
    fn reached(self, state: &AdState) -> bool {
        match self {
            Self::Paused => !state.running,
            Self::Running => state.running,
            Self::DailyBudget(budget) => state.daily_budget == Some(budget),
        }
    }

    fn order(self, before: &AdState) -> u8 {
        match self {
            Self::Paused => 0,
            Self::DailyBudget(budget) if Some(budget) < before.daily_budget => 1,
            Self::DailyBudget(_) => 2,
            Self::Running => 3,
        }
    }
}

/// A change that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The ad.
    pub ad_id: String,
    /// What it is to be changed to.
    pub target: Target,
    /// The daily budget that the decision assumed; where the platform has another, nothing is changed.
    pub assumed_budget: Option<Money>,
}

impl Change {
    /// A pause.
    pub fn pause(ad_id: impl Into<String>) -> Self {
        Self { ad_id: ad_id.into(), target: Target::Paused, assumed_budget: None }
    }

    /// A resumption.
    pub fn resume(ad_id: impl Into<String>) -> Self {
        Self { ad_id: ad_id.into(), target: Target::Running, assumed_budget: None }
    }

    /// A budget in place of another.
    pub fn budget(ad_id: impl Into<String>, from: Money, to: Money) -> Self {
        Self { ad_id: ad_id.into(), target: Target::DailyBudget(to), assumed_budget: Some(from) }
    }
}

/// How much may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Sum of the sizes of all changes of daily budgets in one run.
    pub per_run: Money,
    /// The same over 24 hours, by the journal.
    pub per_day: Money,
}

impl Default for Limits {
    /// 1,000.00 in a run, 5,000.00 in 24 hours.
    fn default() -> Self {
        Self { per_run: Money::from_cents(100_000), per_day: Money::from_cents(500_000) }
    }
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", content = "why", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It would be made.
    Planned,
    /// It was made, and a look afterwards showed it.
    Done,
    /// There was nothing to do.
    AlreadySo,
    /// It was not made, for a reason of ours.
    Refused(String),
    /// The platform or the network failed.
    Failed(String),
    /// An earlier change failed.
    NotTried,
}

/// A change of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Step {
    /// The ad.
    pub ad_id: String,
    /// The state before.
    pub before: AdState,
    /// What it is changed to.
    pub target: Target,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Changes that were made, or would be, together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Run {
    /// Its name in the journal; empty for a preview.
    pub run: String,
    /// The platform.
    pub platform: String,
    /// The changes in the order they are made: pauses, cuts, rises, resumptions.
    pub steps: Vec<Step>,
}

impl Run {
    /// Whether nothing failed or was refused.
    pub fn is_clean(&self) -> bool {
        self.steps
            .iter()
            .all(|s| matches!(s.outcome, Outcome::Planned | Outcome::Done | Outcome::AlreadySo))
    }
}

/// Makes changes on a platform.
#[derive(Clone)]
pub struct Executor<'a> {
    client: &'a dyn AdPlatformClient,
    journal: &'a ChangeJournal,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Executor<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Executor")
            .field("platform", &self.client.name())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

const DAY: f64 = 24.0;

impl<'a> Executor<'a> {
    /// An executor that writes into this journal.
    pub fn new(
        client: &'a dyn AdPlatformClient,
        journal: &'a ChangeJournal,
        limits: Limits,
    ) -> Self {
        Self { client, journal, limits, clock: Arc::new(SystemClock) }
    }

    /// Takes the time from `clock`.
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Says what [`apply`](Self::apply) would do; it reads the platform and changes nothing.
    ///
    /// # Errors
    ///
    /// As [`apply`](Self::apply).
    pub fn preview(&self, changes: &[Change]) -> Result<Run> {
        let steps = self.plan(changes, true)?;
        Ok(Run { run: String::new(), platform: self.client.name().to_owned(), steps })
    }

    /// Makes changes: pauses and cuts before rises, so that no more is spent on the way. The first failure ends the
    /// run. A change whose answer was not seen is looked up; a second run of the same changes does nothing.
    ///
    /// # Errors
    ///
    /// [`Error::DuplicateAd`]; [`Error::SharedBudget`] where two changes aim at one budget; [`Error::ChangeCap`]
    /// where they are larger than the limits: in these cases nothing was changed. Errors of the platform while
    /// reading, and of the journal.
    pub fn apply(&self, changes: &[Change]) -> Result<Run> {
        self.make(self.plan(changes, true)?)
    }

    /// Undoes a run's changes, the last one first; the limits do not hold. What was changed by others since is left.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] where the journal has no such run; else as [`apply`](Self::apply).
    pub fn revert(&self, run: &str) -> Result<Run> {
        let mut back = Vec::new();
        for entry in self.journal.changes().into_iter().rev().filter(|entry| entry.run == run) {
            if entry.phase == Phase::Failed {
                continue;
            }
            back.push(match (entry.target, entry.before.daily_budget) {
                (Target::DailyBudget(now), Some(before)) => {
                    Change::budget(entry.ad_id, now, before)
                }
                (Target::Paused, _) => Change::resume(entry.ad_id),
                (Target::Running, _) => Change::pause(entry.ad_id),
                (Target::DailyBudget(_), None) => continue,
            });
        }
        if back.is_empty() {
            return Err(crate::error::parameter("run", run, "a run of the journal with changes"));
        }
        self.make(self.plan(&back, false)?)
    }

    fn plan(&self, changes: &[Change], capped: bool) -> Result<Vec<Step>> {
        counts::unique(changes.iter().map(|change| change.ad_id.as_str()))?;
        let now = self.clock.now();
        let past = self.journal.changes();
        let mut owners: BTreeMap<String, String> = BTreeMap::new();
        let mut steps = Vec::with_capacity(changes.len());
        for change in changes {
            let before = self.client.state(&change.ad_id)?;
            let outcome = if change.target.reached(&before) {
                Outcome::AlreadySo
            } else if let Target::DailyBudget(_) = change.target {
                let owner = before.budget_owner.clone();
                if let Some(other) = owners.insert(owner.clone(), change.ad_id.clone()) {
                    return Err(Error::SharedBudget { owner, ads: [other, change.ad_id.clone()] });
                }
                self.budget_outcome(change, &before, &past, now)
            } else {
                Outcome::Planned
            };
            let (ad_id, target) = (change.ad_id.clone(), change.target);
            steps.push(Step { ad_id, before, target, outcome });
        }
        steps.sort_by_key(|step| step.target.order(&step.before));
        if capped {
            self.check_caps(&steps, &past, now)?;
        }
        Ok(steps)
    }

    fn budget_outcome(
        &self,
        change: &Change,
        before: &AdState,
        past: &[JournalEntry],
        now: Timestamp,
    ) -> Outcome {
        let Some(present) = before.daily_budget else {
            return Outcome::Refused("there is no daily budget to change".to_owned());
        };
        if let Some(assumed) = change.assumed_budget.filter(|assumed| *assumed != present) {
            return Outcome::Refused(format!(
                "the daily budget is {present}, the decision assumed {assumed}; decide anew"
            ));
        }
        let recent = past
            .iter()
            .filter(|e| e.before.budget_owner == before.budget_owner && e.phase != Phase::Failed)
            .filter(|e| matches!(e.target, Target::DailyBudget(_)))
            .filter(|e| now.hours_since(e.at) < 1.0)
            .count();
        match self.client.budget_changes_per_hour() {
            Some(most) if recent >= most => Outcome::Refused(format!(
                "the budget of {} was changed {recent} times within the hour, {most} are allowed",
                before.budget_owner
            )),
            _ => Outcome::Planned,
        }
    }

    fn check_caps(&self, steps: &[Step], past: &[JournalEntry], now: Timestamp) -> Result<()> {
        let size = |target: Target, before: &AdState| match (target, before.daily_budget) {
            (Target::DailyBudget(to), Some(from)) => (to - from).abs(),
            _ => Money::ZERO,
        };
        let run: Money = steps
            .iter()
            .filter(|step| step.outcome == Outcome::Planned)
            .map(|step| size(step.target, &step.before))
            .sum();
        let today: Money = past
            .iter()
            .filter(|e| e.phase != Phase::Failed && now.hours_since(e.at) < DAY)
            .map(|e| size(e.target, &e.before))
            .sum();
        for (what, sum, cap) in [
            ("this run", run, self.limits.per_run),
            ("the last 24 hours and this run", today + run, self.limits.per_day),
        ] {
            if run > Money::ZERO && sum > cap {
                return Err(Error::ChangeCap { what, sum, cap });
            }
        }
        Ok(())
    }

    fn make(&self, mut steps: Vec<Step>) -> Result<Run> {
        let run = self.name_of_run();
        let mut failed = false;
        for (place, step) in steps.iter_mut().enumerate() {
            if step.outcome != Outcome::Planned {
                continue;
            }
            if failed {
                step.outcome = Outcome::NotTried;
                continue;
            }
            let entry = |phase, note| JournalEntry {
                run: run.clone(),
                place,
                at: self.clock.now(),
                platform: self.client.name().to_owned(),
                ad_id: step.ad_id.clone(),
                before: step.before.clone(),
                target: step.target,
                phase,
                note,
            };
            self.journal.append(entry(Phase::Intended, String::new()))?;
            let (phase, note) = self.send(&step.ad_id, &step.before, step.target);
            self.journal.append(entry(phase, note.clone()))?;
            step.outcome = match phase {
                Phase::Done => Outcome::Done,
                Phase::Failed | Phase::Unanswered | Phase::Intended => {
                    failed = true;
                    log::error!("changing ad {} failed: {note}", step.ad_id);
                    Outcome::Failed(note)
                }
            };
        }
        Ok(Run { run, platform: self.client.name().to_owned(), steps })
    }

    fn send(&self, ad_id: &str, before: &AdState, target: Target) -> (Phase, String) {
        let sent = match target {
            Target::Paused => self.client.pause(ad_id),
            Target::Running => self.client.resume(ad_id),
            Target::DailyBudget(budget) => self.client.set_daily_budget(ad_id, before, budget),
        };
        let unanswered = match sent {
            Ok(()) => None,
            Err(error @ Error::Unanswered { .. }) => Some(error),
            Err(error) => return (Phase::Failed, error.to_string()),
        };
        match (self.client.state(ad_id), unanswered) {
            (Ok(state), _) if target.reached(&state) => (Phase::Done, String::new()),
            (Ok(_), Some(error)) => (Phase::Failed, format!("{error}; a look showed no change")),
            (Ok(_), None) => {
                (Phase::Failed, "the platform agreed, but a look showed no change".to_owned())
            }
            (Err(error), Some(first)) => (Phase::Unanswered, format!("{first}; looking: {error}")),
            (Err(error), None) => (Phase::Done, format!("not looked at afterwards: {error}")),
        }
    }

    fn name_of_run(&self) -> String {
        let taken = self.journal.entries();
        let stem = self.clock.now().0.to_string();
        (0..=taken.len())
            .map(|n| if n == 0 { stem.clone() } else { format!("{stem}-{n}") })
            .find(|name| taken.iter().all(|entry| entry.run != *name))
            .unwrap_or(stem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::FixedClock;
    use crate::platform::{AdInsight, DateRange, DryRunClient};
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn cents(value: i64) -> Money {
        Money::from_cents(value)
    }

    fn two() -> DryRunClient {
        DryRunClient::new([
            ("a", AdState::running(cents(5000))),
            ("b", AdState::running(cents(3000))),
        ])
    }

    fn shift() -> Vec<Change> {
        vec![
            Change::budget("a", cents(5000), cents(6000)),
            Change::budget("b", cents(3000), cents(2000)),
        ]
    }

    /// Answers as told by a counter of writes: after so many, none is answered.
    struct Failing {
        inner: DryRunClient,
        writes: AtomicUsize,
        fail_from: usize,
        acts: bool,
    }

    impl AdPlatformClient for Failing {
        fn name(&self) -> &str {
            "failing"
        }
        fn budget_changes_per_hour(&self) -> Option<usize> {
            Some(4)
        }
        fn state(&self, ad_id: &str) -> Result<AdState> {
            self.inner.state(ad_id)
        }
        fn pause(&self, ad_id: &str) -> Result<()> {
            self.inner.pause(ad_id)
        }
        fn resume(&self, ad_id: &str) -> Result<()> {
            self.inner.resume(ad_id)
        }
        fn set_daily_budget(&self, ad_id: &str, state: &AdState, budget: Money) -> Result<()> {
            let failing = self.writes.fetch_add(1, Ordering::SeqCst) >= self.fail_from;
            if !failing || self.acts {
                self.inner.set_daily_budget(ad_id, state, budget)?;
            }
            if failing {
                return Err(Error::Unanswered { platform: "failing", reason: "cut".into() });
            }
            Ok(())
        }
        fn insights(&self, _: &DateRange) -> Result<Vec<AdInsight>> {
            Ok(Vec::new())
        }
    }

    #[test]
    fn cuts_come_before_rises_and_a_second_run_does_nothing() {
        let (client, journal) = (two(), ChangeJournal::in_memory());
        let executor = Executor::new(&client, &journal, Limits::default());
        assert!(
            executor.preview(&shift()).unwrap().steps.iter().all(|s| s.outcome == Outcome::Planned)
        );
        assert!(journal.entries().is_empty());
        let run = executor.apply(&shift()).unwrap();
        assert_eq!(run.steps[0].ad_id, "b");
        assert!(run.is_clean());
        let phases: Vec<Phase> = journal.entries().iter().map(|e| e.phase).collect();
        assert_eq!(phases, [Phase::Intended, Phase::Done, Phase::Intended, Phase::Done]);
        let again = executor.apply(&shift()).unwrap();
        assert!(again.steps.iter().all(|step| step.outcome == Outcome::AlreadySo));
        assert_eq!(journal.entries().len(), 4);
        executor.revert(&run.run).unwrap();
        assert_eq!(client.states()["a"].daily_budget, Some(cents(5000)));
        assert!(executor.revert("none").is_err());
    }

    #[test]
    fn a_decision_on_old_figures_changes_nothing() {
        let (client, journal) = (two(), ChangeJournal::in_memory());
        let executor = Executor::new(&client, &journal, Limits::default());
        let run = executor.apply(&[Change::budget("a", cents(4000), cents(6000))]).unwrap();
        assert!(matches!(&run.steps[0].outcome, Outcome::Refused(why) if why.contains("50.00")));
        assert!(!run.is_clean());
        assert_eq!(client.states()["a"].daily_budget, Some(cents(5000)));
    }

    #[test]
    fn caps_hold_for_a_run_and_for_a_day() {
        let (client, journal) = (two(), ChangeJournal::in_memory());
        let limits = Limits { per_run: cents(1500), per_day: cents(2500) };
        let clock = Arc::new(FixedClock(Timestamp(1_000_000)));
        let executor = Executor::new(&client, &journal, limits).with_clock(clock);
        let refused = executor.apply(&shift()).unwrap_err();
        assert!(matches!(refused, Error::ChangeCap { what: "this run", .. }), "{refused}");
        assert!(journal.entries().is_empty());
        executor.apply(&[Change::budget("a", cents(5000), cents(6500))]).unwrap();
        let refused = executor.apply(&[Change::budget("a", cents(6500), cents(5000))]).unwrap_err();
        assert!(refused.to_string().contains("24 hours"), "{refused}");
        let later = Arc::new(FixedClock(Timestamp(1_000_000 + 25 * 3_600_000)));
        let executor = Executor::new(&client, &journal, limits).with_clock(later);
        assert!(
            executor.apply(&[Change::budget("a", cents(6500), cents(5000))]).unwrap().is_clean()
        );
    }

    #[test]
    fn a_failure_ends_the_run_and_an_unseen_success_is_found() {
        for acts in [false, true] {
            let client = Failing { inner: two(), writes: 0.into(), fail_from: 0, acts };
            let journal = ChangeJournal::in_memory();
            let executor = Executor::new(&client, &journal, Limits::default());
            let run = executor.apply(&shift()).unwrap();
            assert_eq!(run.is_clean(), acts, "{run:?}");
            if !acts {
                assert!(matches!(run.steps[0].outcome, Outcome::Failed(_)));
                assert_eq!(run.steps[1].outcome, Outcome::NotTried);
            }
        }
    }

    #[test]
    fn no_budget_is_changed_more_often_than_the_platform_takes() {
        let client = Failing { inner: two(), writes: 0.into(), fail_from: 99, acts: true };
        let journal = ChangeJournal::in_memory();
        let clock = Arc::new(FixedClock(Timestamp(5)));
        let executor = Executor::new(&client, &journal, Limits::default()).with_clock(clock);
        for step in 0..4 {
            let change = Change::budget("a", cents(5000 + step), cents(5001 + step));
            assert!(executor.apply(&[change]).unwrap().is_clean());
        }
        let run = executor.apply(&[Change::budget("a", cents(5004), cents(5005))]).unwrap();
        assert!(matches!(&run.steps[0].outcome, Outcome::Refused(why) if why.contains("4 times")));
    }

    #[test]
    fn ads_that_share_a_budget_are_not_changed_twice() {
        let shared = AdState { budget_owner: "set".into(), ..AdState::running(cents(5000)) };
        let client = DryRunClient::new([("a", shared.clone()), ("b", shared)]);
        let journal = ChangeJournal::in_memory();
        let executor = Executor::new(&client, &journal, Limits::default());
        let changes = ["a", "b"].map(|ad| Change::budget(ad, cents(5000), cents(6000)));
        assert!(matches!(executor.apply(&changes), Err(Error::SharedBudget { .. })));
        let lifetime = DryRunClient::new([("a", AdState { running: true, ..AdState::default() })]);
        let executor = Executor::new(&lifetime, &journal, Limits::default());
        let run = executor.apply(&changes[..1]).unwrap();
        assert!(matches!(&run.steps[0].outcome, Outcome::Refused(why) if why.contains("no daily")));
    }
}
