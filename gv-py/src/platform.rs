//! Ad platforms: Meta's, with every change journaled, capped and looked at afterwards.

use crate::ads::exception;
use crate::call;
use crate::to_python;
use geminivideo::Error;
use geminivideo::optimize::Money;
use geminivideo::optimize::http::{Cancel, UreqOptions, UreqTransport};
use geminivideo::optimize::platform::meta::{MetaClient, MetaOptions};
use geminivideo::optimize::platform::{
    AdPlatformClient, AdState, Change, ChangeJournal, DateRange, Executor, Limits, Outcome, Run,
    Target,
};
use pyo3::prelude::*;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Meta's Marketing API with a journal and limits.
#[pyclass(frozen, module = "geminivideo._core")]
pub(crate) struct MetaPlatform {
    client: MetaClient,
    journal: ChangeJournal,
    limits: Limits,
}

/// A change as Python gives it: ad, `paused` | `running` | `budget`, budget, assumed budget.
type Wanted = (String, String, Option<f64>, Option<f64>);

#[pymethods]
impl MetaPlatform {
    #[new]
    #[expect(clippy::too_many_arguments, reason = "they are options by name")]
    fn new(
        py: Python<'_>,
        access_token: Option<String>,
        app_secret: Option<String>,
        ad_account: Option<String>,
        base_url: Option<String>,
        timeout: f64,
        max_retries: u32,
        journal: Option<PathBuf>,
        max_change_per_run: f64,
        max_change_per_day: f64,
    ) -> PyResult<Self> {
        let made = || {
            let mut options = MetaOptions::new()?;
            options.access_token = access_token;
            options.app_secret = app_secret;
            options.ad_account = ad_account;
            options.base_url = base_url;
            options.timeout = Duration::try_from_secs_f64(timeout)
                .map_err(|_| parameter("timeout", timeout, "seconds of at least 0"))?;
            options.max_retries = max_retries;
            let transport = UreqTransport::new(&UreqOptions::default())?;
            let journal = match journal {
                Some(path) => ChangeJournal::open(path)?,
                None => ChangeJournal::in_memory(),
            };
            let limits = Limits {
                per_run: amount("max_change_per_run", max_change_per_run)?,
                per_day: amount("max_change_per_day", max_change_per_day)?,
            };
            Ok(Self { client: MetaClient::new(options, Arc::new(transport))?, journal, limits })
        };
        made().map_err(|error| exception(py, error))
    }

    fn state<'py>(&self, py: Python<'py>, ad_id: &str) -> PyResult<Bound<'py, PyAny>> {
        let state = self.call(py, |client| client.state(ad_id))?;
        to_python(py, &StateInUnits::of(&state))
    }

    fn insights<'py>(
        &self,
        py: Python<'py>,
        since: String,
        until: String,
    ) -> PyResult<Bound<'py, PyAny>> {
        let days = DateRange { since, until };
        to_python(py, &self.call(py, |client| client.insights(&days))?)
    }

    fn apply<'py>(
        &self,
        py: Python<'py>,
        changes: Vec<Wanted>,
        preview: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let changes = changes.into_iter().map(change).collect::<Result<Vec<_>, _>>();
        let changes = changes.map_err(|error| exception(py, error))?;
        let run = self.call(py, |client| {
            let executor = Executor::new(client, &self.journal, self.limits);
            if preview { executor.preview(&changes) } else { executor.apply(&changes) }
        })?;
        to_python(py, &RunInUnits::of(&run))
    }

    fn revert<'py>(&self, py: Python<'py>, run: &str) -> PyResult<Bound<'py, PyAny>> {
        let run =
            self.call(py, |client| Executor::new(client, &self.journal, self.limits).revert(run))?;
        to_python(py, &RunInUnits::of(&run))
    }
}

impl MetaPlatform {
    /// Runs calls with the interpreter lock released; Ctrl-C ends them.
    fn call<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&MetaClient) -> geminivideo::optimize::Result<T> + Send,
    ) -> PyResult<T> {
        let cancel = Cancel::new();
        let client = self.client.clone().with_cancel(cancel.clone());
        call::run(py, None, |caller| {
            let over = Cancel::new();
            std::thread::scope(|scope| {
                let watching = (over.clone(), cancel);
                scope.spawn(move || {
                    let (over, cancel) = watching;
                    while !over.sleep(Duration::from_millis(25)) {
                        if caller.is_cancelled() {
                            cancel.cancel();
                            break;
                        }
                    }
                });
                let result = work(&client).map_err(Error::from);
                over.cancel();
                result
            })
        })
    }
}

fn parameter(
    name: &'static str,
    given: f64,
    allowed: &'static str,
) -> geminivideo::optimize::Error {
    geminivideo::optimize::Error::InvalidParameter { name, given: given.to_string(), allowed }
}

fn amount(name: &'static str, units: f64) -> geminivideo::optimize::Result<Money> {
    Money::from_units(units)
        .filter(|money| *money >= Money::ZERO)
        .ok_or_else(|| parameter(name, units, "an amount from 0 to 1e10"))
}

fn change(wanted: Wanted) -> geminivideo::optimize::Result<Change> {
    let (ad_id, kind, budget, assumed) = wanted;
    Ok(match kind.as_str() {
        "paused" => Change::pause(ad_id),
        "running" => Change::resume(ad_id),
        _ => {
            let budget = amount("budget", budget.unwrap_or(f64::NAN))?;
            let mut change = Change::budget(ad_id, budget, budget);
            change.assumed_budget =
                assumed.map(|units| amount("assumed_budget", units)).transpose()?;
            change
        }
    })
}

/// A state with its amount in currency units.
#[derive(Serialize)]
struct StateInUnits<'a> {
    running: bool,
    daily_budget: Option<f64>,
    budget_owner: &'a str,
    currency: &'a str,
}

impl<'a> StateInUnits<'a> {
    fn of(state: &'a AdState) -> Self {
        Self {
            running: state.running,
            daily_budget: state.daily_budget.map(Money::units),
            budget_owner: &state.budget_owner,
            currency: &state.currency,
        }
    }
}

/// A run with amounts in currency units.
#[derive(Serialize)]
struct RunInUnits<'a> {
    run: &'a str,
    platform: &'a str,
    is_clean: bool,
    steps: Vec<StepInUnits<'a>>,
}

#[derive(Serialize)]
struct StepInUnits<'a> {
    ad_id: &'a str,
    target: &'static str,
    budget: Option<f64>,
    before: StateInUnits<'a>,
    outcome: &'static str,
    why: Option<&'a str>,
}

impl<'a> RunInUnits<'a> {
    fn of(run: &'a Run) -> Self {
        let steps = run.steps.iter().map(|step| {
            let (target, budget) = match step.target {
                Target::Paused => ("paused", None),
                Target::Running => ("running", None),
                Target::DailyBudget(money) => ("budget", Some(money.units())),
            };
            let (outcome, why) = match &step.outcome {
                Outcome::Planned => ("planned", None),
                Outcome::Done => ("done", None),
                Outcome::AlreadySo => ("already_so", None),
                Outcome::Refused(why) => ("refused", Some(why.as_str())),
                Outcome::Failed(why) => ("failed", Some(why.as_str())),
                _ => ("not_tried", None),
            };
            let before = StateInUnits::of(&step.before);
            StepInUnits { ad_id: &step.ad_id, target, budget, before, outcome, why }
        });
        Self {
            run: &run.run,
            platform: &run.platform,
            is_clean: run.is_clean(),
            steps: steps.collect(),
        }
    }
}
