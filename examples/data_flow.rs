//! Where data goes: conversions become actual returns, returns become patterns and training rows, patterns become features of
//! the next predictions, and predictions are held against what came of them. One store holds all of it.
//!
//! The conversions are drawn at random from a planted truth; everything else is the library. `cargo run --release --example
//! data_flow [STORE]` keeps the records in a file, `:memory:` otherwise.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use geminivideo::optimize::capi_feedback_loop::{
    CapiFeedbackLoop, FeedbackOptions, InsightRow, RetrainOutcome,
};
use geminivideo::optimize::posterior::Stream;
use geminivideo::optimize::prediction_accuracy_tracker::{MetricType, NewPrediction};
use geminivideo::optimize::trainer::{BoostedLinear, Features};
use geminivideo::optimize::{FixedClock, Timestamp};
use geminivideo::patterns::store::{Store, open};
use geminivideo::patterns::winning_patterns_db::{WinningAdPattern, WinningPatternsDB};
use serde_json::{Value, json};
use std::sync::Arc;

type Error = Box<dyn std::error::Error>;

/// Creatives of a week.
pub const CREATIVES: u64 = 60;
/// Weeks.
pub const WEEKS: u64 = 8;
/// Openings, and the return that each earns on average.
pub const HOOKS: [(&str, f64); 3] = [("question", 3.2), ("statement", 2.0), ("logo", 1.0)];
/// The return from which on an ad has won.
pub const TARGET: f64 = 2.0;

const DAY: i64 = 86_400_000;
/// A Monday.
const START: i64 = 1_799_625_600_000;
const SPEND: f64 = 400.0;
const ORDER: f64 = 20.0;

/// What a week came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Week {
    /// Mean of `|ln(predicted / actual)|`.
    pub error: f64,
    /// The version that predicted; `None` for the target taken as a guess.
    pub version: Option<String>,
    /// Whether a new version went live after it.
    pub promoted: bool,
}

/// A creative before it runs.
struct Creative {
    id: String,
    campaign: String,
    hook: &'static str,
    predicted: f64,
    actual: f64,
}

/// Runs the weeks on a store.
///
/// # Errors
///
/// The library's.
pub fn run(store: &Arc<dyn Store>) -> Result<Vec<Week>, Error> {
    (0..WEEKS).map(|number| week(store, number)).collect()
}

fn week(store: &Arc<dyn Store>, number: u64) -> Result<Week, Error> {
    let monday = START + number as i64 * 7 * DAY;
    let feedback = at(store, monday)?;
    let patterns = WinningPatternsDB::new(Arc::clone(store))?;
    let known = patterns.hook_statistics()?;
    let (mut creatives, mut version) = (Vec::new(), None);
    for creative in 0..CREATIVES {
        let mut random = Stream::new(number, "creative", creative);
        let (hook, mean) = HOOKS[random.below(HOOKS.len())];
        // What is known of the opening is the pattern database's to say; where it knows nothing, nothing is said.
        let mut features = Features::new().category("hook", hook);
        if let Some(hook) = known.get(hook) {
            features = features.number("hook_roas", hook.avg_roas);
        }
        let said = feedback.pipeline().predict("roas", std::slice::from_ref(&features))?;
        let predicted = said.as_ref().map_or(TARGET, |(_, estimates)| estimates[0].mean);
        version = said.map(|(version, _)| version).or(version);
        let (id, campaign) = (format!("cr{creative}"), format!("w{number}-c{}", creative / 5));
        let made_by = version.as_deref().unwrap_or("guess");
        feedback.pipeline().tracker().record_prediction(
            NewPrediction::new(
                format!("{campaign}-{id}"),
                "roas",
                made_by,
                predicted,
                0.6,
                MetricType::Roas,
            )
            .campaign(&campaign)
            .creative(&id)
            .features(features),
        )?;
        let luck = (0.15 * random.normal()).exp();
        let orders = random.poisson(SPEND * mean * luck / ORDER);
        let actual = (orders * ORDER / SPEND).max(0.05);
        creatives.push(Creative { id, campaign, hook, predicted, actual });
    }
    report(&feedback, &creatives, number, monday)?;
    for creative in &creatives {
        patterns.add_pattern(pattern(creative, monday))?;
    }
    // The conversions of the week are complete a week after it.
    let outcome = at(store, monday + 14 * DAY)?.trigger_retrain()?;
    let promoted = match outcome {
        RetrainOutcome::Completed { retrain_result, .. } => {
            retrain_result.iter().any(|job| job.promoted)
        }
        _ => false,
    };
    let errors = creatives.iter().map(|c| (c.predicted / c.actual).ln().abs());
    Ok(Week { error: errors.sum::<f64>() / CREATIVES as f64, version, promoted })
}

/// Sends the week's purchases to the feedback loop, and the platform's figures.
fn report(
    feedback: &CapiFeedbackLoop,
    creatives: &[Creative],
    number: u64,
    monday: i64,
) -> Result<(), Error> {
    let mut events: Vec<Value> = Vec::new();
    let mut rows = Vec::new();
    for creative in creatives {
        let (campaign, id) = (&creative.campaign, &creative.id);
        for order in 0..(creative.actual * SPEND / ORDER).round() as u64 {
            events.push(json!({
                "event_id": format!("{campaign}-{id}-{order}"),
                "event_name": "Purchase",
                "event_time": (monday + DAY) / 1000,
                "custom_data": {
                    "value": ORDER, "currency": "USD", "campaign_id": campaign, "creative_id": id
                }
            }));
        }
        let mut row = InsightRow::default();
        (row.campaign_id, row.creative_id) = (campaign.clone(), id.clone());
        row.date = second_day(number);
        (row.impressions, row.clicks, row.spend) = (40_000.0, 800.0, SPEND);
        rows.push(row);
    }
    for outcome in feedback.process_events(&events)? {
        outcome?;
    }
    feedback.record_insights(&rows)?;
    Ok(())
}

/// What the ad was, with what it earned.
fn pattern(creative: &Creative, monday: i64) -> WinningAdPattern {
    let mut pattern = WinningAdPattern::default();
    pattern.source_platform = "meta".into();
    pattern.ad_format = "video".into();
    pattern.objective = "conversions".into();
    pattern.industry = "homeware".into();
    pattern.estimated_spend = SPEND;
    pattern.estimated_impressions = 40_000.0;
    pattern.estimated_ctr = 0.02;
    pattern.estimated_roas = creative.actual;
    pattern.extracted_at = monday;
    pattern.confidence_score = 0.8;
    pattern.is_loser = creative.actual < TARGET;
    pattern.tags = vec![creative.campaign.clone(), creative.id.clone()];
    pattern.hook_pattern.hook_type = creative.hook.into();
    pattern
}

fn at(store: &Arc<dyn Store>, now: i64) -> Result<CapiFeedbackLoop, Error> {
    let clock = Arc::new(FixedClock(Timestamp(now)));
    let trainer = Arc::new(BoostedLinear::default());
    Ok(CapiFeedbackLoop::with(Arc::clone(store), FeedbackOptions::default(), trainer, clock)?)
}

/// The Tuesday of a week, 2027-01-12 and every seven days on.
fn second_day(week: u64) -> String {
    match 12 + week * 7 {
        day @ ..=31 => format!("2027-01-{day:02}"),
        day @ 32..=59 => format!("2027-02-{:02}", day - 31),
        day => format!("2027-03-{:02}", day - 59),
    }
}

fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1).unwrap_or_else(|| ":memory:".into());
    let store = open(&address)?;
    for (number, week) in run(&store)?.iter().enumerate() {
        let by = week.version.as_deref().unwrap_or("a guess");
        println!("week {number}: off by {:.0} % by {by}", 100.0 * (week.error.exp() - 1.0));
    }
    for (hook, known) in WinningPatternsDB::new(Arc::clone(&store))?.hook_statistics()? {
        println!("{hook}: {} ads, a return of {:.2}", known.count, known.avg_roas);
    }
    Ok(())
}
