//! Budget and kill policies on simulated campaigns, as JSON lines; `scripts/bench decisions` reads
//! them.
//!
//! `decisions budget SEEDS`: revenue of every policy and seed. `decisions kill SEEDS`: outcomes of
//! every kill policy. `decisions edge ADS`: false kills at the edge under hourly looks. `decisions
//! timing`: seconds. `decisions serve`: campaigns driven from outside, a request a line.
//! `decisions allocate`: allocation problems, one a line.
#![allow(clippy::print_stdout, reason = "a program whose output is its purpose")]

use gv_optimize::budget_optimizer::{AdPerformance, BudgetOptimizer, BudgetOptions, water_fill};
use gv_optimize::loser_kill_switch::{AdMetrics, KillPolicy, LoserKillSwitch};
use gv_optimize::simulate::{
    CADENCE_HOURS, Campaign, Contender, Shifts, World, error_at_the_edge, kill_options, kill_world,
    run_kills, run_policy,
};
use serde::Deserialize;
use serde_json::json;
use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Instant;

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |default: u64| arguments.get(1).map_or(Ok(default), |text| text.parse::<u64>());
    match arguments.first().map(String::as_str) {
        Some("budget") => budget(number(100)?),
        Some("kill") => kill(number(5)?),
        Some("edge") => {
            println!("{}", json!({"share": error_at_the_edge(number(1000)? as usize, 5)?}));
            Ok(())
        }
        Some("timing") => timing(),
        Some("serve") => serve(),
        Some("allocate") => allocate(),
        _ => Err("usage: decisions budget|kill|edge|timing|serve|allocate [NUMBER]".into()),
    }
}

fn budget(seeds: u64) -> Outcome {
    for world in World::all() {
        for contender in Contender::ALL {
            let revenue = (0..seeds)
                .map(|seed| run_policy(&world, seed, contender))
                .collect::<Result<Vec<f64>, _>>()?;
            println!(
                "{}",
                json!({"world": world.name, "policy": contender.name(), "revenue": revenue,
                       "right_prior": world.right_prior})
            );
        }
    }
    Ok(())
}

fn kill(seeds: u64) -> Outcome {
    for median in [0.6, 1.0, 1.5, 2.5] {
        let world = kill_world(median, 400);
        for (name, policy) in [
            ("economic", Some(KillPolicy::Economic)),
            ("anytime valid", Some(KillPolicy::AnytimeValid)),
            ("specification", Some(KillPolicy::Spec)),
            ("never", None),
        ] {
            for seed in 0..seeds {
                let outcome = run_kills(&world, seed, policy.map(kill_options), 6)?;
                println!(
                    "{}",
                    json!({"median": median, "policy": name, "seed": seed, "outcome": outcome})
                );
            }
        }
    }
    Ok(())
}

fn some_ads(count: usize) -> Vec<AdPerformance> {
    (0..count)
        .map(|i| AdPerformance {
            ad_id: format!("ad{i}"),
            spend: 500.0,
            daily_budget: 50.0,
            impressions: 50_000,
            clicks: 500,
            conversions: (i * 7 % 31) as u64,
            revenue: (i * 7 % 31) as f64 * 45.0,
            hours_active: 240.0,
            ..AdPerformance::default()
        })
        .collect()
}

fn timing() -> Outcome {
    let optimizer = BudgetOptimizer::new(BudgetOptions::default())?;
    for count in [100, 10_000] {
        let ads = some_ads(count);
        let seconds = (0..7)
            .map(|_| {
                let start = Instant::now();
                optimizer.plan(&ads, None).map(|_| start.elapsed().as_secs_f64())
            })
            .collect::<Result<Vec<f64>, _>>()?;
        println!("{}", json!({"what": format!("plan of {count} ads"), "seconds": seconds}));
    }
    let ads: Vec<AdMetrics> = some_ads(1_000_000)
        .into_iter()
        .map(|ad| AdMetrics {
            ad_id: ad.ad_id,
            spend: ad.spend,
            impressions: ad.impressions,
            clicks: ad.clicks,
            conversions: ad.conversions,
            revenue: ad.revenue,
            hours_running: 240.0,
            ..AdMetrics::default()
        })
        .collect();
    let switch = LoserKillSwitch::new(kill_options(KillPolicy::Economic))?;
    let mut seconds = Vec::new();
    let mut kills = 0;
    for _ in 0..3 {
        let start = Instant::now();
        kills = switch.batch_evaluate(&ads)?.len();
        seconds.push(start.elapsed().as_secs_f64());
    }
    println!(
        "{}",
        json!({"what": format!("kill decisions, 1,000,000 ads, {kills} killed"), "seconds": seconds})
    );
    let (some, mut seconds) = (&ads[..100_000], Vec::new());
    for _ in 0..5 {
        let start = Instant::now();
        let mut kills = 0;
        switch.evaluate_each(some, |decision| kills += usize::from(decision.should_kill))?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    println!("{}", json!({"what": "every decision of 100,000 ads", "seconds": seconds}));
    let mut seconds = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        switch.batch_evaluate(some)?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    println!("{}", json!({"what": "kills among 100,000 ads", "seconds": seconds}));
    let mut seconds = Vec::new();
    for ad in ads.iter().take(1000) {
        let start = Instant::now();
        switch.evaluate(ad)?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    println!("{}", json!({"what": "one kill decision", "seconds": seconds}));
    Ok(())
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Request {
    Start { world: usize, seed: u64 },
    Choose { weights: Vec<f64> },
}

/// Answers a start or a choice of weights with what happened since; weights become budgets under
/// the bounds that hold for every policy.
fn serve() -> Outcome {
    let worlds = World::all();
    let mut state: Option<(Campaign, Shifts, f64)> = None;
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        match serde_json::from_str(&line?)? {
            Request::Start { world, seed } => {
                let world = worlds.get(world).ok_or("no such world")?;
                let campaign = Campaign::new(world, seed);
                let shifts = Shifts::new(&campaign);
                state = Some((campaign, shifts, world.daily_budget * world.ads as f64));
            }
            Request::Choose { weights } => {
                let (campaign, shifts, total) = state.as_mut().ok_or("not started")?;
                let (low, high) = shifts.bounds();
                let mut budgets = Vec::new();
                water_fill(&weights, &low, &high, *total, &mut budgets);
                campaign.run(&budgets, CADENCE_HOURS);
                shifts.choose(budgets);
            }
        }
        if let Some((campaign, _, _)) = &state {
            let ads: Vec<[f64; 3]> = campaign
                .ads()
                .iter()
                .map(|ad| [ad.spend, ad.conversions as f64, ad.revenue])
                .collect();
            let reply = json!({"ads": ads, "over": campaign.is_over(),
                               "revenue": campaign.expected_revenue()});
            writeln!(out, "{reply}")?;
            out.flush()?;
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Problem {
    returns: Vec<f64>,
    elasticity: f64,
    low: Vec<f64>,
    high: Vec<f64>,
    total: f64,
}

/// Maximises `Σ k b^g` within bounds.
fn allocate() -> Outcome {
    for line in std::io::stdin().lock().lines() {
        let problem: Problem = serde_json::from_str(&line?)?;
        let power = 1.0 / (1.0 - problem.elasticity);
        let best = problem.returns.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let weights: Vec<f64> = problem.returns.iter().map(|k| (k / best).powf(power)).collect();
        let mut shares = Vec::new();
        water_fill(&weights, &problem.low, &problem.high, problem.total, &mut shares);
        println!("{}", json!(shares));
    }
    Ok(())
}
