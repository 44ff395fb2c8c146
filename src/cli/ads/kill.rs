//! `geminivideo kill`.

use super::super::Context;
use super::{Acting, Input, acting, print, print_json, remarks};
use crate::optimize::loser_kill_switch::{
    KillAction, KillDecision, KillOptions, KillPolicy, KillReport, LoserKillSwitch,
};
use crate::optimize::platform::Change;
use crate::optimize::table::{AdTable, render};
use crate::{Result, Settings};
use serde_json::json;

/// Options of `geminivideo kill`.
#[derive(clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// The cost of a conversion aimed at
    #[arg(long, value_name = "AMOUNT", default_value = "50")]
    target_cpa: f64,
    /// The return aimed at; TARGET_ROAS, else 2 where not given
    #[arg(long, value_name = "ROAS")]
    target_roas: Option<f64>,
    /// Which rules: the posterior, an error guarantee however often one looks, or the specification's thresholds
    #[arg(long, value_parser = ["economic", "anytime-valid", "spec"], default_value = "economic")]
    policy: String,
    /// Show the ads that are kept as well
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    acting: Acting,
}

pub(in crate::cli) fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<()> {
    let table = arguments.input.read(context)?;
    let mut options = KillOptions::default();
    options.target_cpa = arguments.target_cpa;
    let set = arguments.target_roas.or(Settings::from_env()?.target_roas);
    options.target_roas = set.unwrap_or(options.target_roas);
    options.policy = match arguments.policy.as_str() {
        "anytime-valid" => KillPolicy::AnytimeValid,
        "spec" => KillPolicy::Spec,
        _ => KillPolicy::Economic,
    };
    let ads = table.metrics();
    let mut decisions = LoserKillSwitch::new(options)?.evaluate_all(&ads)?;
    decisions.sort_by(|a, b| {
        b.waste_prevented.total_cmp(&a.waste_prevented).then_with(|| a.ad_id.cmp(&b.ad_id))
    });
    let report = KillReport::new(&decisions);
    let changes: Vec<Change> =
        decisions.iter().filter(|d| d.should_kill).map(|d| Change::pause(&d.ad_id)).collect();
    let run = arguments.acting.run(&changes)?;
    if arguments.input.json {
        let value = json!({"decisions": decisions, "report": report, "currency": table.currency,
            "columns_not_read": table.ignored, "dry_run": run.is_none(), "run": run});
        print_json(context, &value)?;
    } else {
        let acted = arguments.acting.text(run.as_ref(), changes.len());
        print(context, &(shown(&decisions, &report, &table, arguments.all) + &acted))?;
    }
    acting::judge(run.as_ref(), context)
}

fn shown(decisions: &[KillDecision], report: &KillReport, table: &AdTable, all: bool) -> String {
    let listed: Vec<&KillDecision> =
        decisions.iter().filter(|d| all || d.action != KillAction::Keep).collect();
    let rows: Vec<Vec<String>> = listed
        .iter()
        .map(|d| {
            vec![
                d.ad_id.clone(),
                if d.should_kill { "kill" } else { "keep" }.to_owned(),
                d.reason.map_or("-", |reason| reason.name()).to_owned(),
                format!("{:.0} %", 100.0 * d.confidence),
                format!("{:.2}", d.waste_prevented),
                format!("{:.2} to {:.2}", d.roas_interval.0, d.roas_interval.1),
            ]
        })
        .collect();
    let mut text = format!(
        "{} of {} running ads to stop, {:.2} of waste prevented\n\n",
        report.total_ads_to_kill,
        decisions.len(),
        report.total_waste_prevented
    );
    if !rows.is_empty() {
        text += &render(&["ad", "decision", "reason", "sure", "waste", "true return"], &rows);
        text.push('\n');
    }
    for decision in listed {
        text += &format!("{}: {}\n", decision.ad_id, decision.recommendation);
    }
    let unsound = decisions.iter().filter(|d| d.issues.iter().any(|i| i.forbids_decisions()));
    for decision in unsound {
        let issues: Vec<String> = decision.issues.iter().map(ToString::to_string).collect();
        text += &format!("Undecided: {}, {}.\n", decision.ad_id, issues.join("; "));
    }
    text + &remarks(table)
}
