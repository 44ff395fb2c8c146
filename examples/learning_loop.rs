//! Campaigns produce predictions and conversions; the loop matches them, retrains, and predicts better.
//!
//! Every week sixty new creatives run. Each is predicted by the live model (in the first weeks by a guess that is
//! the same for all), then events and counts come in, and the loop retrains when it is time.
//! `cargo run --release --example learning_loop` prints the median error of each week beside that of the guess.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use geminivideo::optimize::capi_feedback_loop::{
    CapiFeedbackLoop, FeedbackOptions, InsightRow, RetrainOutcome,
};
use geminivideo::optimize::posterior::Stream;
use geminivideo::optimize::prediction_accuracy_tracker::{MetricType, NewPrediction};
use geminivideo::optimize::trainer::{BoostedLinear, Features};
use geminivideo::optimize::{FixedClock, Timestamp};
use geminivideo::patterns::store::{Store, open};
use serde_json::{Value, json};
use std::sync::Arc;

type Error = Box<dyn std::error::Error>;

const WEEKS: u64 = 10;
const CREATIVES: u64 = 60;
const DAY: i64 = 86_400_000;
/// A Monday.
const START: i64 = 1_799_625_600_000;
const GUESS: f64 = 2.0;
const SPEND: f64 = 400.0;
const ORDER: f64 = 20.0;

/// What a week came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Week {
    /// Median of `|ln(predicted / actual)|` of what was predicted.
    pub error: f64,
    /// The same of the guess.
    pub guess_error: f64,
    /// The version that predicted; `None` for the guess.
    pub version: Option<String>,
}

/// Runs the loop and tells its weeks.
///
/// # Errors
///
/// The library's.
pub fn run() -> Result<Vec<Week>, Error> {
    let store = open(":memory:")?;
    let mut weeks = Vec::new();
    for week in 0..WEEKS {
        let monday = START + week as i64 * 7 * DAY;
        let feedback = at(&store, monday)?;
        let (mut errors, mut guess_errors, mut version) = (Vec::new(), Vec::new(), None);
        let (mut events, mut rows) = (Vec::new(), Vec::new());
        for creative in 0..CREATIVES {
            let mut random = Stream::new(week, "creative", creative);
            let features = creative_of(&mut random);
            let said = feedback.pipeline().predict("roas", std::slice::from_ref(&features.0))?;
            let predicted = said.as_ref().map_or(GUESS, |(_, estimates)| estimates[0].mean);
            version = said.map(|(version, _)| version).or(version);
            let campaign = format!("w{week}-c{}", creative / 5);
            let id = format!("cr{creative}");
            let made_by = version.as_deref().unwrap_or("guess");
            let prediction = NewPrediction::new(
                format!("{campaign}-{id}"),
                "roas",
                made_by,
                predicted,
                0.6,
                MetricType::Roas,
            );
            feedback.pipeline().tracker().record_prediction(
                prediction.campaign(&campaign).creative(&id).features(features.0),
            )?;
            let orders = random.poisson(SPEND * features.1 / ORDER);
            for order in 0..orders as u64 {
                events.push(purchase(&campaign, &id, order, monday + DAY));
            }
            rows.push(insight(&campaign, &id, week));
            let actual = (orders * ORDER / SPEND).max(0.05);
            errors.push((predicted / actual).ln().abs());
            guess_errors.push((GUESS / actual).ln().abs());
        }
        for outcome in feedback.process_events(&events)? {
            outcome?;
        }
        feedback.record_insights(&rows)?;
        // The conversions of the week are complete a week after it.
        let later = at(&store, monday + 14 * DAY)?;
        if let RetrainOutcome::Completed { retrain_result, .. } = later.trigger_retrain()? {
            for job in retrain_result {
                println!("week {week}: {}", job.reason);
            }
        }
        weeks.push(Week { error: median(errors), guess_error: median(guess_errors), version });
    }
    Ok(weeks)
}

fn at(store: &Arc<dyn Store>, now: i64) -> Result<CapiFeedbackLoop, Error> {
    let clock = Arc::new(FixedClock(Timestamp(now)));
    let trainer = Arc::new(BoostedLinear::default());
    Ok(CapiFeedbackLoop::with(Arc::clone(store), FeedbackOptions::default(), trainer, clock)?)
}

/// A creative and its true return.
fn creative_of(random: &mut Stream) -> (Features, f64) {
    let face = random.uniform();
    let hook = ["question", "curiosity", "transformation"][random.below(3)];
    let headline = if random.uniform() < 0.5 { "save 50% today" } else { "discover our new range" };
    let lift = 1.2 * face + if hook == "question" { 0.6 } else { 0.0 }
        - if headline.starts_with("save") { 0.0 } else { 0.5 };
    let features = Features::new()
        .number("face_ratio", face)
        .category("hook", hook)
        .text("headline", headline);
    (features, (lift + 0.1 * random.normal()).exp())
}

fn purchase(campaign: &str, creative: &str, order: u64, at: i64) -> Value {
    json!({
        "event_id": format!("{campaign}-{creative}-{order}"), "event_name": "Purchase", "event_time": at / 1000,
        "custom_data": {
            "value": ORDER, "currency": "USD", "campaign_id": campaign, "creative_id": creative
        }
    })
}

fn insight(campaign: &str, creative: &str, week: u64) -> InsightRow {
    let mut row = InsightRow::default();
    (row.campaign_id, row.creative_id) = (campaign.into(), creative.into());
    // The second day of the week, 2027-01-12 and every seven days on.
    let day = 12 + week * 7;
    row.date = if day <= 31 {
        format!("2027-01-{day:02}")
    } else if day <= 59 {
        format!("2027-02-{:02}", day - 31)
    } else {
        format!("2027-03-{:02}", day - 59)
    };
    (row.impressions, row.clicks, row.spend) = (40_000.0, 800.0, SPEND);
    row
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() -> Result<(), Error> {
    for (number, week) in run()?.iter().enumerate() {
        let by = week.version.as_deref().unwrap_or("guess");
        println!(
            "week {number}: median error {:.2} by {by}, {:.2} by the guess",
            week.error, week.guess_error
        );
    }
    Ok(())
}
