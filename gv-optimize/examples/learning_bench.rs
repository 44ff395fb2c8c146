//! What the learning loop costs and how well it does, as JSON lines; `scripts/bench learning` reads them.
//!
//! `learning_bench fill PATH FROM TO`: keeps conversions of these numbers. `events PATH single|threads|batched SECONDS`: durable
//! conversions a second. `paced PATH PER_SECOND SECONDS`: milliseconds until each is durable. `trainer`: rows and folds on standard input, predictions out.
//! `benchmarks CAMPAIGNS`: logarithmic errors of what is expected of a campaign left out. `drift`: streams in, one a line,
//! alarms out, with nanoseconds for a number.
#![allow(clippy::print_stdout, reason = "a program whose output is its purpose")]

use gv_optimize::capi_feedback_loop::{CapiFeedbackLoop, FeedbackOptions};
use gv_optimize::cross_campaign_learning::{
    CampaignLearning, CrossCampaignLearner, LearnerOptions,
};
use gv_optimize::drift::{Adwin, HddmA, PageHinkley};
use gv_optimize::posterior::Stream;
use gv_optimize::trainer::{BoostedLinear, Dataset, Example, Features, Target, Trainer};
use gv_optimize::{Clock, SystemClock};
use gv_patterns::store::open;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["fill", path, from, to] => fill(path, from.parse()?, to.parse()?),
        ["events", path, way, seconds] => events(path, way, seconds.parse()?),
        ["paced", path, per_second, seconds] => paced(path, per_second.parse()?, seconds.parse()?),
        ["trainer"] => trainer(),
        ["benchmarks", campaigns] => benchmarks(campaigns.parse()?),
        ["drift"] => drift(),
        _ => Err("usage: learning_bench fill|events|paced|trainer|benchmarks|drift ...".into()),
    }
}

fn purchase(id: &str) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    json!({
        "event_id": id, "event_name": "Purchase", "event_time": now, "action_source": "website",
        "user_data": {"em": "ann@example.com", "client_user_agent": "x"},
        "custom_data": {"value": 20.0, "currency": "USD", "campaign_id": "c", "creative_id": "k"}
    })
}

fn fill(path: &str, from: u64, to: u64) -> Outcome {
    let feedback = CapiFeedbackLoop::new(open(path)?, FeedbackOptions::default())?;
    let begun = Instant::now();
    for block in (from..to).step_by(1000) {
        let events: Vec<Value> =
            (block..to.min(block + 1000)).map(|n| purchase(&format!("fill/{n}"))).collect();
        feedback.process_events(&events)?;
    }
    let per_second = (to - from) as f64 / begun.elapsed().as_secs_f64();
    println!("{}", json!({"what": "fill", "per_second": per_second}));
    Ok(())
}

fn events(path: &str, way: &str, seconds: f64) -> Outcome {
    let feedback = CapiFeedbackLoop::new(open(path)?, FeedbackOptions::default())?;
    let (batch, threads) = match way {
        "batched" => (1000, 1),
        "threads" => (1, 16),
        _ => (1, 1),
    };
    let (stop, taken) = (AtomicBool::new(false), AtomicU64::new(0));
    // An event that is there already would be no work.
    let run = std::process::id();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (feedback, stop, taken) = (&feedback, &stop, &taken);
            scope.spawn(move || {
                let mut n: u64 = 0;
                while !stop.load(Ordering::Relaxed) {
                    let next = |_| {
                        n += 1;
                        purchase(&format!("{way}/{run}/{thread}/{n}"))
                    };
                    let events: Vec<Value> = (0..batch).map(next).collect();
                    match feedback.process_events(&events) {
                        Ok(_) => taken.fetch_add(batch, Ordering::Relaxed),
                        Err(error) => {
                            println!("{}", json!({"what": "failed", "error": error.to_string()}));
                            return;
                        }
                    };
                }
            });
        }
        std::thread::sleep(Duration::from_secs_f64(seconds));
        stop.store(true, Ordering::Relaxed);
    });
    let per_second = taken.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64();
    println!("{}", json!({"what": way, "per_second": per_second}));
    Ok(())
}

/// Each event is due at its time, whether earlier ones are done or not; what it waits counts.
fn paced(path: &str, per_second: u64, seconds: u64) -> Outcome {
    let feedback = CapiFeedbackLoop::new(open(path)?, FeedbackOptions::default())?;
    let (next, times) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let run = std::process::id();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..32 {
            let (feedback, next, times) = (&feedback, &next, &times);
            scope.spawn(move || {
                let mut own = Vec::new();
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= per_second * seconds {
                        break;
                    }
                    let due = Duration::from_secs_f64(n as f64 / per_second as f64);
                    std::thread::sleep(due.saturating_sub(begun.elapsed()));
                    if feedback.process_capi_event(&purchase(&format!("paced/{run}/{n}"))).is_err()
                    {
                        break;
                    }
                    own.push(1e3 * begun.elapsed().saturating_sub(due).as_secs_f64());
                }
                times.lock().unwrap_or_else(PoisonError::into_inner).extend(own);
            });
        }
    });
    let times = times.into_inner().unwrap_or_else(PoisonError::into_inner);
    let took = begun.elapsed().as_secs_f64();
    println!("{}", json!({"what": "paced", "ms": times, "seconds": took}));
    Ok(())
}

#[derive(Deserialize)]
struct Problem {
    rows: Vec<Row>,
    folds: Vec<usize>,
}

#[derive(Deserialize)]
struct Row {
    group: String,
    value: f64,
    events: f64,
    numbers: BTreeMap<String, f64>,
    categories: BTreeMap<String, String>,
    texts: BTreeMap<String, String>,
}

impl Row {
    fn features(&self) -> Features {
        let mut made = Features::new();
        for (name, value) in &self.numbers {
            made = made.number(name, *value);
        }
        for (name, value) in &self.categories {
            made = made.category(name, value);
        }
        for (name, value) in &self.texts {
            made = made.text(name, value);
        }
        made
    }
}

/// Fits on all folds but one and predicts that one, for each fold.
fn trainer() -> Outcome {
    for line in std::io::stdin().lock().lines() {
        let problem: Problem = serde_json::from_str(&line?)?;
        let folds = problem.folds.iter().max().map_or(0, |last| last + 1);
        let mut predictions = vec![f64::NAN; problem.rows.len()];
        let mut seconds = Vec::new();
        for fold in 0..folds {
            let in_fold = |place: &usize| problem.folds[*place] == fold;
            let examples = (0..problem.rows.len())
                .filter(|place| !in_fold(place))
                .map(|place| {
                    let row = &problem.rows[place];
                    Example::new(format!("{place:06}"), &row.group, row.features(), row.value)
                        .events(row.events)
                })
                .collect();
            let begun = Instant::now();
            let model = BoostedLinear::default().fit(&Dataset::new(Target::Positive, examples)?)?;
            seconds.push(begun.elapsed().as_secs_f64());
            let places: Vec<usize> = (0..problem.rows.len()).filter(in_fold).collect();
            let rows: Vec<Features> =
                places.iter().map(|place| problem.rows[*place].features()).collect();
            for (place, estimate) in places.into_iter().zip(model.predict(&rows)?) {
                predictions[place] = estimate.mean;
            }
        }
        println!("{}", json!({"predictions": predictions, "seconds": seconds}));
    }
    Ok(())
}

/// Campaigns of many industries and objectives; each is left out in turn and its return expected from the others.
fn benchmarks(campaigns: u64) -> Outcome {
    let (industries, objectives) = (24_usize, 4_usize);
    let effect = |name: &str, n: usize, sd: f64| sd * Stream::new(31, name, n as u64).normal();
    let mut all: Vec<CampaignLearning> = Vec::new();
    for n in 0..campaigns {
        let mut random = Stream::new(32, "campaign", n);
        // Few campaigns in most industries, many in a few.
        let industry = (random.uniform().powi(2) * industries as f64) as usize;
        let objective = random.below(objectives);
        let cell = industry * objectives + objective;
        let level = 0.6
            + effect("industry", industry, 0.4)
            + effect("cell", cell, 0.3)
            + 0.5 * random.normal();
        let mut learning = CampaignLearning::default();
        learning.campaign_id = format!("c{n}");
        learning.account_id = format!("a{}", n % 17);
        learning.industry = format!("industry {industry}");
        learning.objective = format!("objective {objective}");
        learning.extracted_at = SystemClock.now();
        learning.best_roas = level.exp();
        learning.total_spend = 1000.0 + 9000.0 * random.uniform();
        learning.total_conversions = 20.0 + 400.0 * random.uniform();
        all.push(learning);
    }
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    for left_out in 0..all.len() {
        let others: Vec<&CampaignLearning> =
            all.iter().enumerate().filter(|(n, _)| *n != left_out).map(|(_, l)| l).collect();
        let learner = CrossCampaignLearner::new(open(":memory:")?, LearnerOptions::default())?;
        learner.merge_knowledge_base(&json!({"learnings": others}))?;
        let own = &all[left_out];
        let advice =
            learner.recommendations(&own.industry, &own.objective, None, &Default::default())?;
        let expected = advice.industry_benchmarks.expected_roas.ok_or("nothing is known")?;
        // What is expected is of a campaign, not of its best ad: the same factor for all, found below.
        ours.push((expected.ln(), own.best_roas.ln()));
        let mean = |of: &dyn Fn(&&&CampaignLearning) -> bool| {
            let logs: Vec<f64> = others.iter().filter(of).map(|l| l.best_roas.ln()).collect();
            (!logs.is_empty()).then(|| logs.iter().sum::<f64>() / logs.len() as f64)
        };
        let cell = mean(&|l| l.industry == own.industry && l.objective == own.objective);
        let wider = || mean(&|l| l.industry == own.industry).or_else(|| mean(&|_| true));
        raw.push((cell.or_else(wider).unwrap_or(0.0), own.best_roas.ln()));
    }
    let errors = |pairs: &[(f64, f64)]| -> Vec<f64> {
        let shift =
            pairs.iter().map(|(said, true_)| true_ - said).sum::<f64>() / pairs.len() as f64;
        pairs.iter().map(|(said, true_)| (said + shift - true_).abs()).collect()
    };
    println!("{}", json!({"ours": errors(&ours), "raw": errors(&raw)}));
    Ok(())
}

fn drift() -> Outcome {
    for line in std::io::stdin().lock().lines() {
        let stream: Vec<f64> =
            line?.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        let (mut hddm, mut page, mut adwin) =
            (HddmA::default(), PageHinkley::default(), Adwin::default());
        let mut told = serde_json::Map::new();
        let mut run = |name: &str, update: &mut dyn FnMut(f64) -> bool| {
            let begun = Instant::now();
            let places: Vec<usize> =
                (0..stream.len()).filter(|place| update(stream[*place])).collect();
            let nanoseconds = 1e9 * begun.elapsed().as_secs_f64() / stream.len().max(1) as f64;
            told.insert(name.to_owned(), json!({"alarms": places, "ns": nanoseconds}));
        };
        run("hddm_a", &mut |x| hddm.update(x));
        run("page_hinkley", &mut |x| page.update(x));
        run("adwin", &mut |x| adwin.update(x));
        println!("{}", Value::Object(told));
    }
    Ok(())
}
