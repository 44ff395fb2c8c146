//! `geminivideo budget`.

use super::super::Context;
use super::{Acting, Input, acting, print, print_json, remarks};
use crate::optimize::budget_optimizer::{
    BudgetOptimizer, BudgetOptions, BudgetPlan, BudgetPolicy, Pooling,
};
use crate::optimize::platform::Change;
use crate::optimize::table::{AdTable, render};
use crate::{Error, Result, Settings};
use serde_json::json;

/// Options of `geminivideo budget`.
#[derive(clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Money a day to share out; the present budgets' sum where not given
    #[arg(long, value_name = "AMOUNT")]
    total: Option<f64>,
    /// The return aimed at; TARGET_ROAS, else 2 where not given
    #[arg(long, value_name = "ROAS")]
    target_roas: Option<f64>,
    /// How budgets are chosen
    #[arg(long, value_parser = ["posterior", "spec"], default_value = "posterior")]
    policy: String,
    /// Keep money inside each campaign
    #[arg(long)]
    by_campaign: bool,
    /// An ad whose budget stays; may be repeated
    #[arg(long, value_name = "AD")]
    lock: Vec<String>,
    /// What a conversion is worth where no revenue is reported
    #[arg(long, value_name = "AMOUNT")]
    value_per_conversion: Option<f64>,
    #[command(flatten)]
    acting: Acting,
}

impl Arguments {
    fn options(&self) -> Result<BudgetOptions> {
        let settings = Settings::from_env()?;
        let mut options = BudgetOptions::default();
        options.target_roas =
            self.target_roas.or(settings.target_roas).unwrap_or(options.target_roas);
        options.min_budget = settings.min_budget.unwrap_or(options.min_budget);
        options.policy = match self.policy.as_str() {
            "spec" => BudgetPolicy::Spec,
            _ => BudgetPolicy::Posterior,
        };
        options.pooling = if self.by_campaign { Pooling::Campaign } else { Pooling::Account };
        options.locked = self.lock.iter().cloned().collect();
        options.value_per_conversion = self.value_per_conversion;
        Ok(options)
    }
}

pub(in crate::cli) fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<()> {
    let table = arguments.input.read(context)?;
    let ads = table.performances();
    if !ads.is_empty() && ads.iter().all(|ad| ad.daily_budget == 0.0) {
        return Err(Error::Optimize(crate::optimize::Error::Table {
            place: "the header".to_owned(),
            problem: "there is no column of daily budgets".to_owned(),
        }));
    }
    for lock in &arguments.lock {
        if ads.iter().all(|ad| ad.ad_id != *lock) {
            return Err(Error::InvalidOption {
                name: "--lock",
                given: lock.clone(),
                allowed: "the id of an ad in the table",
            });
        }
    }
    let optimizer = BudgetOptimizer::new(arguments.options()?)?;
    let plan = optimizer.plan(&ads, arguments.total)?;
    let changes: Vec<Change> = plan
        .recommendations
        .iter()
        .map(|item| Change::budget(&item.ad_id, item.current_budget, item.recommended_budget))
        .collect();
    let run = arguments.acting.run(&changes)?;
    if arguments.input.json {
        let value = json!({"plan": plan, "assessments": optimizer.assess(&ads)?,
            "currency": table.currency, "columns_not_read": table.ignored,
            "dry_run": run.is_none(), "run": run});
        print_json(context, &value)?;
    } else {
        let acted = arguments.acting.text(run.as_ref(), changes.len());
        let text = shown(&plan, &table);
        print(context, &(text + &acted))?;
    }
    acting::judge(run.as_ref(), context)
}

fn shown(plan: &BudgetPlan, table: &AdTable) -> String {
    let currency = table.currency.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
    let rows: Vec<Vec<String>> = plan
        .recommendations
        .iter()
        .map(|item| {
            vec![
                item.priority.to_string(),
                with_others(&item.ad_id, &item.shares_with),
                item.current_budget.to_string(),
                item.recommended_budget.to_string(),
                format!("{:+.0} %", item.change_percent),
                format!("{:.0} %", 100.0 * item.confidence),
            ]
        })
        .collect();
    let ads: usize = plan.budgets.iter().map(|b| 1 + b.shares_with.len()).sum();
    let mut text = format!("{} running ads, {} a day{currency}\n\n", ads, plan.total);
    if rows.is_empty() {
        text += "No budget should change on the evidence there is.\n";
    } else {
        text += &render(&["priority", "ad", "now", "then", "change", "sure"], &rows);
        text.push('\n');
        for item in &plan.recommendations {
            let ads = with_others(&item.ad_id, &item.shares_with);
            text += &format!("{ads}: {}.\n", item.reason);
        }
        let impact = &plan.expected_impact;
        text += &format!(
            "\nExpected: {:+.2} revenue a day (80 % interval {:+.2} to {:+.2}).\n",
            impact.revenue_change,
            impact.revenue_change_interval.0,
            impact.revenue_change_interval.1
        );
    }
    let held = plan.budgets.iter().filter_map(|b| Some((&b.ad_id, b.hold?)));
    for (ad, hold) in held {
        text += &format!("Held: {ad}, {}.\n", hold.text());
    }
    for note in &plan.notes {
        text += &format!("Note: {note}.\n");
    }
    text + &remarks(table)
}

/// An ad, and those that spend from the same budget.
fn with_others(ad: &str, others: &[String]) -> String {
    if others.is_empty() { ad.to_owned() } else { format!("{ad} with {}", others.join(", ")) }
}
