//! Variations are predicted, run, paid for and learned from, week after week.
//!
//! Every week six products get ten variations each. The live model chooses and predicts them (in the first weeks there is
//! none: they are balanced, and a guess stands for all), after two days budgets are planned on what was expected and seen,
//! then conversions and counts come in, and the loop retrains when it is time.
//! `cargo run --release --example learning_loop` prints how each week went, beside a loop that never learns.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use geminivideo::optimize::budget_optimizer::{AdPerformance, BudgetOptimizer, BudgetOptions};
use geminivideo::optimize::capi_feedback_loop::{
    CapiFeedbackLoop, FeedbackOptions, InsightRow, RetrainOutcome,
};
use geminivideo::optimize::posterior::Stream;
use geminivideo::optimize::prediction_accuracy_tracker::{MetricType, NewPrediction};
use geminivideo::optimize::trainer::{BoostedLinear, Estimate};
use geminivideo::optimize::variation_generator::{
    CreativeConcept, CreativeVariation, LearnedModel, Strategy, VariationGenerator,
    VariationOptions,
};
use geminivideo::optimize::{FixedClock, Timestamp};
use geminivideo::patterns::store::{Store, open};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

type Error = Box<dyn std::error::Error>;

const WEEKS: u64 = 10;
const VARIATIONS: usize = 10;
/// What is sold, and what one gets from it.
const PRODUCTS: [(&str, &str); 6] = [
    ("FitFlow", "a strong back"),
    ("Brewster", "fresh coffee"),
    ("Nightlamp", "deep sleep"),
    ("Skinwell", "clear skin"),
    ("Packlight", "an easy trip"),
    ("Studyhall", "better grades"),
];
const DAY: i64 = 86_400_000;
/// A Monday, 2027-01-11.
const START: i64 = 1_799_625_600_000;
/// What is predicted while nothing is learned.
const GUESS: f64 = 2.0;
/// Budget of a day, in currency units, as long as nothing is planned.
const BUDGET: f64 = 50.0;
const ORDER: f64 = 20.0;

/// What a week came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Week {
    /// The version that chose and predicted; `None` for the guess.
    pub version: Option<String>,
    /// Median of `|ln(predicted / actual)|` of what was predicted.
    pub error: f64,
    /// The same of the guess.
    pub guess_error: f64,
    /// Mean true return of the variations that ran.
    pub chosen: f64,
    /// Mean true return of as many that nobody chose.
    pub balanced: f64,
    /// Expected revenue of the planned budgets, over that of equal ones.
    pub planned: f64,
}

/// A variation that runs.
struct Ad {
    campaign: String,
    variation: CreativeVariation,
    truth: f64,
    expected: Option<Estimate>,
    budget: f64,
}

/// Runs the loop and tells its weeks.
///
/// # Errors
///
/// The library's.
pub fn run() -> Result<Vec<Week>, Error> {
    let store = open(":memory:")?;
    (0..WEEKS).map(|week| run_week(&store, week)).collect()
}

fn run_week(store: &Arc<dyn Store>, week: u64) -> Result<Week, Error> {
    let monday = START + week as i64 * 7 * DAY;
    let feedback = at(store, monday)?;
    let model = LearnedModel::live(feedback.pipeline(), "roas")?.map(Arc::new);
    let version = model.as_ref().map(|model| model.version().to_owned());
    let mut ads = Vec::new();
    let mut balanced = Vec::new();
    for (number, product) in PRODUCTS.into_iter().enumerate() {
        let concept = concept(product);
        let campaign = format!("w{week}-c{number}");
        let options = VariationOptions::default().seed(week).strategy(Strategy::Exploit);
        let generator = VariationGenerator::new(options)?;
        let unchosen = generator.generate(&concept, VARIATIONS)?.variations;
        balanced.extend(unchosen.iter().map(|variation| truth(&campaign, variation)));
        let variations = match &model {
            Some(model) => {
                let model = Arc::clone(model);
                generator.with_model(model).generate(&concept, VARIATIONS)?.variations
            }
            None => unchosen,
        };
        let estimates = match &model {
            Some(model) => model.estimates(&concept, &variations)?.into_iter().map(Some).collect(),
            None => vec![None; variations.len()],
        };
        for (variation, expected) in variations.into_iter().zip(estimates) {
            let predicted = expected.map_or(GUESS, |estimate| estimate.mean);
            let by = version.as_deref().unwrap_or("guess");
            let id = format!("{campaign}-{}", variation.id);
            let prediction = NewPrediction::new(id, "roas", by, predicted, 0.6, MetricType::Roas)
                .campaign(&campaign)
                .creative(&variation.id)
                .features(variation.features(&concept));
            feedback.pipeline().tracker().record_prediction(prediction)?;
            let truth = truth(&campaign, &variation);
            let campaign = campaign.clone();
            ads.push(Ad { campaign, variation, truth, expected, budget: BUDGET });
        }
    }
    let planned = plan(&mut ads, week)?;
    let (error, guess_error) = finish(&feedback, &ads, week)?;
    // The conversions of the week are complete a week after it.
    if let RetrainOutcome::Completed { retrain_result, .. } =
        at(store, monday + 14 * DAY)?.trigger_retrain()?
    {
        for job in retrain_result {
            println!("week {week}: {}", job.reason);
        }
    }
    let chosen = mean(ads.iter().map(|ad| ad.truth));
    Ok(Week { version, error, guess_error, chosen, balanced: mean(balanced), planned })
}

fn at(store: &Arc<dyn Store>, now: i64) -> Result<CapiFeedbackLoop, Error> {
    let clock = Arc::new(FixedClock(Timestamp(now)));
    let trainer = Arc::new(BoostedLinear::default());
    Ok(CapiFeedbackLoop::with(Arc::clone(store), FeedbackOptions::default(), trainer, clock)?)
}

fn concept((product, benefit): (&str, &str)) -> CreativeConcept {
    CreativeConcept {
        id: product.to_lowercase(),
        product: product.into(),
        key_benefit: benefit.into(),
        pain_point: format!("life without {benefit}"),
        target_audience: "busy people".into(),
        hook_script: format!("This is {product}."),
        cta_text: "Learn More".into(),
        objective: "conversions".into(),
        ..CreativeConcept::default()
    }
}

/// The return that an ad truly has: questions, pace, short films and a call to buy sell; the rest is luck.
fn truth(campaign: &str, variation: &CreativeVariation) -> f64 {
    let lift = [
        (variation.hook.ends_with('?'), 0.4),
        (variation.pacing == "fast", 0.3),
        (variation.duration == 15, 0.2),
        (variation.cta.contains("Now"), 0.3),
    ];
    let luck = Stream::new(7, campaign, u64::from(variation.variation_number)).normal();
    let level: f64 = lift.into_iter().filter(|(holds, _)| *holds).map(|(_, lift)| lift).sum();
    (0.3 + level + 0.1 * luck).exp()
}

/// Revenue of a day: the more is spent, the less another unit brings.
fn revenue(ad: &Ad, budget: f64) -> f64 {
    ad.truth * BUDGET * (budget / BUDGET).powf(0.8)
}

/// Plans budgets after two days; returns their expected revenue over that of equal ones.
fn plan(ads: &mut [Ad], week: u64) -> Result<f64, Error> {
    let mut random = Stream::new(week, "first days", 0);
    let mut performances = Vec::new();
    for (number, ad) in ads.iter().enumerate() {
        let mut seen = AdPerformance::default();
        (seen.ad_id, seen.daily_budget) = (format!("{number:03}"), BUDGET);
        (seen.spend, seen.hours_active) = (2.0 * BUDGET, 48.0);
        (seen.impressions, seen.clicks) = (10_000, 100);
        seen.conversions = random.poisson(2.0 * revenue(ad, BUDGET) / ORDER) as u64;
        seen.revenue = seen.conversions as f64 * ORDER;
        seen.expected = ad.expected;
        performances.push(seen);
    }
    let plan = BudgetOptimizer::new(BudgetOptions::default())?.plan(&performances, None)?;
    let budgets: BTreeMap<&str, f64> =
        plan.budgets.iter().map(|item| (item.ad_id.as_str(), item.budget.units())).collect();
    for (ad, seen) in ads.iter_mut().zip(&performances) {
        ad.budget = budgets.get(seen.ad_id.as_str()).copied().unwrap_or(BUDGET);
    }
    let sum = |of: &dyn Fn(&Ad) -> f64| ads.iter().map(|ad| revenue(ad, of(ad))).sum::<f64>();
    Ok(sum(&|ad| ad.budget) / sum(&|_| BUDGET))
}

/// Reports a week's conversions and counts; returns the median error of the predictions and that of the guess.
fn finish(feedback: &CapiFeedbackLoop, ads: &[Ad], week: u64) -> Result<(f64, f64), Error> {
    let (mut errors, mut guess_errors) = (Vec::new(), Vec::new());
    let (mut events, mut rows) = (Vec::new(), Vec::new());
    for ad in ads {
        let mut random = Stream::new(week, &ad.campaign, u64::from(ad.variation.variation_number));
        let spend = 2.0 * BUDGET + 5.0 * ad.budget;
        let earned = 2.0 * revenue(ad, BUDGET) + 5.0 * revenue(ad, ad.budget);
        let orders = random.poisson(earned / ORDER);
        let monday = START + week as i64 * 7 * DAY;
        for order in 0..orders as u64 {
            events.push(purchase(&ad.campaign, &ad.variation.id, order, monday + DAY));
        }
        rows.push(insight(ad, spend, week));
        let actual = (orders * ORDER / spend).max(0.05);
        let predicted = ad.expected.map_or(GUESS, |estimate| estimate.mean);
        errors.push((predicted / actual).ln().abs());
        guess_errors.push((GUESS / actual).ln().abs());
    }
    for outcome in feedback.process_events(&events)? {
        outcome?;
    }
    feedback.record_insights(&rows)?;
    Ok((median(errors), median(guess_errors)))
}

fn purchase(campaign: &str, creative: &str, order: u64, at: i64) -> Value {
    json!({
        "event_id": format!("{campaign}-{creative}-{order}"), "event_name": "Purchase", "event_time": at / 1000,
        "custom_data": {
            "value": ORDER, "currency": "USD", "campaign_id": campaign, "creative_id": creative
        }
    })
}

fn insight(ad: &Ad, spend: f64, week: u64) -> InsightRow {
    let mut row = InsightRow::default();
    (row.campaign_id, row.creative_id) = (ad.campaign.clone(), ad.variation.id.clone());
    // The second day of the week.
    let day = 12 + week * 7;
    row.date = match day {
        ..=31 => format!("2027-01-{day:02}"),
        32..=59 => format!("2027-02-{:02}", day - 31),
        _ => format!("2027-03-{:02}", day - 59),
    };
    (row.impressions, row.clicks, row.spend) = (40_000.0, 400.0, spend);
    row
}

fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.into_iter().collect();
    values.iter().sum::<f64>() / values.len() as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() -> Result<(), Error> {
    for (number, week) in run()?.iter().enumerate() {
        println!(
            "week {number}: by {}; median error {:.2}, of the guess {:.2}; the variations return {:.2}, unchosen ones \
             {:.2}; planned budgets earn {:+.1} %",
            week.version.as_deref().unwrap_or("guess"),
            week.error,
            week.guess_error,
            week.chosen,
            week.balanced,
            100.0 * (week.planned - 1.0),
        );
    }
    Ok(())
}
