//! From a decision to the platform.

use super::super::Context;
use crate::Result;
use crate::optimize::Money;
use crate::optimize::http::{UreqOptions, UreqTransport};
use crate::optimize::platform::meta::{MetaClient, MetaOptions};
use crate::optimize::platform::{Change, ChangeJournal, Executor, Limits, Outcome, Run, Target};
use crate::optimize::table::render;
use std::path::PathBuf;
use std::sync::Arc;

/// Where changes are made; without `--apply` nothing is.
#[derive(clap::Args)]
pub(in crate::cli) struct Acting {
    /// Make the changes on this platform; it needs META_ACCESS_TOKEN, and META_APP_SECRET where the app asks for a proof
    #[arg(long, value_name = "PLATFORM", value_parser = ["meta"], conflicts_with = "dry_run")]
    apply: Option<String>,
    /// Change nothing; this is so without --apply
    #[arg(long)]
    dry_run: bool,
    /// Most that daily budgets change in one run, in currency units
    #[arg(long, value_name = "AMOUNT", default_value = "1000")]
    max_change: f64,
    /// The file that changes are written into, before and after
    #[arg(long, value_name = "FILE", default_value = "geminivideo-changes.jsonl")]
    journal: PathBuf,
}

impl Acting {
    /// Makes the changes, where that was asked for.
    pub(super) fn run(&self, changes: &[Change]) -> Result<Option<Run>> {
        if self.apply.is_none() {
            return Ok(None);
        }
        let transport =
            UreqTransport::new(&UreqOptions::default()).map_err(crate::optimize::Error::Http)?;
        let client = MetaClient::new(MetaOptions::new()?, Arc::new(transport))?;
        let journal = ChangeJournal::open(&self.journal)?;
        let per_run = Money::from_units(self.max_change).filter(|cap| *cap >= Money::ZERO);
        let per_run = per_run.ok_or_else(|| crate::Error::InvalidOption {
            name: "--max-change",
            given: self.max_change.to_string(),
            allowed: "an amount of at least 0",
        })?;
        let limits = Limits { per_run, ..Limits::default() };
        Ok(Some(Executor::new(&client, &journal, limits).apply(changes)?))
    }

    /// What a person is told of it.
    pub(super) fn text(&self, run: Option<&Run>, changes: usize) -> String {
        let Some(run) = run else {
            return if changes == 0 {
                String::new()
            } else {
                "\nNothing was changed; --apply meta makes the changes.\n".to_owned()
            };
        };
        let rows: Vec<Vec<String>> = run
            .steps
            .iter()
            .map(|step| {
                let target = match step.target {
                    Target::Paused => "pause".to_owned(),
                    Target::Running => "resume".to_owned(),
                    Target::DailyBudget(budget) => format!("budget {budget}"),
                };
                vec![step.ad_id.clone(), target, outcome(&step.outcome)]
            })
            .collect();
        let table = render(&["ad", "change", "outcome"], &rows);
        format!("\nOn {}, run {} in {}:\n{table}", run.platform, run.run, self.journal.display())
    }
}

fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Planned => "planned".to_owned(),
        Outcome::Done => "done".to_owned(),
        Outcome::AlreadySo => "already so".to_owned(),
        Outcome::Refused(why) => format!("not made: {why}"),
        Outcome::Failed(why) => format!("failed: {why}"),
        Outcome::NotTried => "not tried after the failure".to_owned(),
        other => format!("{other:?}"),
    }
}

/// Ends with an error where a change was refused or failed.
pub(super) fn judge(run: Option<&Run>, _context: &Context<'_>) -> Result<()> {
    match run {
        Some(run) if !run.is_clean() => Err(crate::Error::NotAllChanged {
            changes: run.steps.len(),
            made: run.steps.iter().filter(|s| s.outcome == Outcome::Done).count(),
        }),
        _ => Ok(()),
    }
}
