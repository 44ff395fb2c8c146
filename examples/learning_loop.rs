//! Variations are chosen, predicted, paid for and learned from, week after week.
//!
//! Every week six products get ten variations each. The live model chooses and predicts them; in the first weeks there is
//! none, so they are balanced, and a guess stands for all. After a day budgets are planned on what was expected and seen, then
//! conversions and counts come in, and the loop retrains when it is time. The world is simulated, so that the true returns are
//! known; everything else is the library. `cargo run --release --example learning_loop` prints how each week went, beside a
//! loop that never learns and one that learned once.
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
/// The return that is predicted while nothing is learned.
const GUESS: f64 = 2.0;
/// Budget of a day as long as nothing is planned, and value of an order, in currency units.
const BUDGET: f64 = 50.0;
const ORDER: f64 = 20.0;
/// Days of a week after the budgets are planned.
const REST: f64 = 6.0;

/// What a week came to. Errors are medians of `|ln(predicted / actual)|`.
#[derive(Debug, Clone, PartialEq)]
pub struct Week {
    /// The version that chose and predicted; `None` for the guess.
    pub version: Option<String>,
    /// Error of what was predicted.
    pub error: f64,
    /// Error of the guess.
    pub guess_error: f64,
    /// Error of the first version, had it stayed; `None` as long as there is none.
    pub first_error: Option<f64>,
    /// Mean true return of the variations that ran.
    pub chosen: f64,
    /// Mean true return of as many balanced ones.
    pub balanced: f64,
    /// Revenue of budgets planned on what was expected and seen, over that of equal ones.
    pub planned: f64,
    /// Revenue of budgets planned on what was seen alone, over that of equal ones.
    pub unaided: f64,
}

/// A variation that runs.
struct Ad {
    campaign: String,
    variation: CreativeVariation,
    truth: f64,
    /// What the live version expects.
    expected: Option<Estimate>,
    /// What the first version expects.
    first: Option<Estimate>,
}

/// Runs the loop and tells its weeks.
///
/// # Errors
///
/// The library's.
pub fn run() -> Result<Vec<Week>, Error> {
    let store = open(":memory:")?;
    let mut first = None;
    (0..WEEKS).map(|week| run_week(&store, week, &mut first)).collect()
}

fn run_week(
    store: &Arc<dyn Store>,
    week: u64,
    first: &mut Option<Arc<LearnedModel>>,
) -> Result<Week, Error> {
    let monday = START + week as i64 * 7 * DAY;
    let feedback = at(store, monday)?;
    let live = LearnedModel::live(feedback.pipeline(), "roas")?.map(Arc::new);
    *first = first.take().or_else(|| live.clone());
    let (ads, balanced) = choose(live.as_ref(), first.as_ref(), week)?;
    let version = live.map(|model| model.version().to_owned());
    for ad in &ads {
        predict(&feedback, ad, version.as_deref().unwrap_or("guess"))?;
    }
    let (budgets, unaided) = (plan(&ads, week, true)?, plan(&ads, week, false)?);
    let actual = finish(&feedback, &ads, &budgets, week)?;
    // The conversions of the week are complete a week after it.
    if let RetrainOutcome::Completed { retrain_result, .. } =
        at(store, monday + 14 * DAY)?.trigger_retrain()?
    {
        for job in retrain_result {
            println!("week {week}: {}", job.reason);
        }
    }
    let error = |of: &dyn Fn(&Ad) -> f64| {
        median(ads.iter().zip(&actual).map(|(ad, actual)| (of(ad) / actual).ln().abs()).collect())
    };
    let earned = |budgets: &[f64]| {
        ads.iter().zip(budgets).map(|(ad, budget)| revenue(ad.truth, *budget)).sum::<f64>()
    };
    let equal = earned(&vec![BUDGET; ads.len()]);
    Ok(Week {
        version,
        error: error(&|ad| ad.expected.map_or(GUESS, |estimate| estimate.mean)),
        guess_error: error(&|_| GUESS),
        first_error: first
            .is_some()
            .then(|| error(&|ad| ad.first.map_or(GUESS, |estimate| estimate.mean))),
        chosen: ads.iter().map(|ad| ad.truth).sum::<f64>() / ads.len() as f64,
        balanced,
        planned: earned(&budgets) / equal,
        unaided: earned(&unaided) / equal,
    })
}

fn at(store: &Arc<dyn Store>, now: i64) -> Result<CapiFeedbackLoop, Error> {
    let clock = Arc::new(FixedClock(Timestamp(now)));
    let trainer = Arc::new(BoostedLinear::default());
    Ok(CapiFeedbackLoop::with(Arc::clone(store), FeedbackOptions::default(), trainer, clock)?)
}

/// The ads of a week, and the mean true return of as many balanced ones.
fn choose(
    live: Option<&Arc<LearnedModel>>,
    first: Option<&Arc<LearnedModel>>,
    week: u64,
) -> Result<(Vec<Ad>, f64), Error> {
    let (mut ads, mut balanced) = (Vec::new(), 0.0);
    for (number, product) in PRODUCTS.into_iter().enumerate() {
        let concept = concept(product);
        let campaign = format!("w{week}-c{number}");
        let options = VariationOptions::default().seed(week);
        let generator = VariationGenerator::new(options.clone())?;
        let mut variations = generator.generate(&concept, VARIATIONS)?.variations;
        balanced += variations.iter().map(|variation| truth(&campaign, variation)).sum::<f64>();
        if let Some(model) = live {
            variations = VariationGenerator::new(options.strategy(Strategy::Exploit))?
                .with_model(Arc::clone(model) as _)
                .generate(&concept, VARIATIONS)?
                .variations;
        }
        let estimates = |model: Option<&Arc<LearnedModel>>| match model {
            Some(model) => model
                .estimates(&concept, &variations)
                .map(|found| found.into_iter().map(Some).collect::<Vec<_>>()),
            None => Ok(vec![None; variations.len()]),
        };
        let (expected, of_first) = (estimates(live)?, estimates(first)?);
        for (variation, (expected, first)) in
            variations.into_iter().zip(expected.into_iter().zip(of_first))
        {
            let truth = truth(&campaign, &variation);
            ads.push(Ad { campaign: campaign.clone(), variation, truth, expected, first });
        }
    }
    let count = ads.len() as f64;
    Ok((ads, balanced / count))
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

/// The return that a variation truly has: questions, pace, short films and a call to buy sell; the rest is luck.
fn truth(campaign: &str, variation: &CreativeVariation) -> f64 {
    let lift: f64 = [
        (variation.hook.ends_with('?'), 0.5),
        (variation.pacing == "fast", 0.4),
        (variation.duration == 15, 0.3),
        (variation.cta.contains("Now"), 0.3),
    ]
    .into_iter()
    .filter_map(|(holds, lift)| holds.then_some(lift))
    .sum();
    let luck = Stream::new(7, campaign, u64::from(variation.variation_number)).normal();
    (0.2 + lift + 0.1 * luck).exp()
}

/// Revenue of a day: the more is spent, the less another unit brings.
fn revenue(truth: f64, budget: f64) -> f64 {
    truth * BUDGET * (budget / BUDGET).powf(0.8)
}

/// Writes down what is predicted, and of what: the model learns from it.
fn predict(feedback: &CapiFeedbackLoop, ad: &Ad, made_by: &str) -> Result<(), Error> {
    let value = ad.expected.map_or(GUESS, |estimate| estimate.mean);
    let id = format!("{}-{}", ad.campaign, ad.variation.id);
    let concept = PRODUCTS.into_iter().map(concept).find(|c| c.id == ad.variation.concept_id);
    feedback.pipeline().tracker().record_prediction(
        NewPrediction::new(id, "roas", made_by, value, 0.6, MetricType::Roas)
            .campaign(&ad.campaign)
            .creative(&ad.variation.id)
            .features(ad.variation.features(&concept.unwrap_or_default())),
    )?;
    Ok(())
}

/// Plans budgets on the orders of the first day, with or without what the model expected.
fn plan(ads: &[Ad], week: u64, expecting: bool) -> Result<Vec<f64>, Error> {
    let mut random = Stream::new(week, "first day", 0);
    let mut performances = Vec::new();
    for (number, ad) in ads.iter().enumerate() {
        let mut seen = AdPerformance::default();
        (seen.ad_id, seen.daily_budget) = (format!("{number:03}"), BUDGET);
        (seen.spend, seen.hours_active) = (BUDGET, 24.0);
        (seen.impressions, seen.clicks) = (5_000, 50);
        seen.conversions = random.poisson(revenue(ad.truth, BUDGET) / ORDER) as u64;
        seen.revenue = seen.conversions as f64 * ORDER;
        seen.expected = ad.expected.filter(|_| expecting);
        performances.push(seen);
    }
    let plan = BudgetOptimizer::new(BudgetOptions::default())?.plan(&performances, None)?;
    let budgets: BTreeMap<&str, f64> =
        plan.budgets.iter().map(|item| (item.ad_id.as_str(), item.budget.units())).collect();
    let of = |seen: &AdPerformance| budgets.get(seen.ad_id.as_str()).copied().unwrap_or(BUDGET);
    Ok(performances.iter().map(of).collect())
}

/// Reports a week's conversions and counts; returns the actual returns.
fn finish(
    feedback: &CapiFeedbackLoop,
    ads: &[Ad],
    budgets: &[f64],
    week: u64,
) -> Result<Vec<f64>, Error> {
    let (mut events, mut rows, mut actual) = (Vec::new(), Vec::new(), Vec::new());
    for (ad, &budget) in ads.iter().zip(budgets) {
        let mut random = Stream::new(week, &ad.campaign, u64::from(ad.variation.variation_number));
        let spend = BUDGET + REST * budget;
        let earned = revenue(ad.truth, BUDGET) + REST * revenue(ad.truth, budget);
        let orders = random.poisson(earned / ORDER);
        let monday = START + week as i64 * 7 * DAY;
        for order in 0..orders as u64 {
            events.push(purchase(ad, order, monday + DAY));
        }
        rows.push(insight(ad, spend, week));
        actual.push((orders * ORDER / spend).max(0.05));
    }
    for outcome in feedback.process_events(&events)? {
        outcome?;
    }
    feedback.record_insights(&rows)?;
    Ok(actual)
}

fn purchase(ad: &Ad, order: u64, at: i64) -> Value {
    let (campaign, creative) = (&ad.campaign, &ad.variation.id);
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
    (row.impressions, row.clicks, row.spend) = (35_000.0, 350.0, spend);
    row
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() -> Result<(), Error> {
    for (number, week) in run()?.iter().enumerate() {
        println!(
            "week {number}, by {}: error {:.2} (guess {:.2}, first version {}); return {:.2} (balanced {:.2}); planned \
             budgets earn {:+.1} % (without the model {:+.1} %)",
            week.version.as_deref().unwrap_or("guess"),
            week.error,
            week.guess_error,
            week.first_error.map_or("none".into(), |error| format!("{error:.2}")),
            week.chosen,
            week.balanced,
            100.0 * (week.planned - 1.0),
            100.0 * (week.unaided - 1.0),
        );
    }
    Ok(())
}
