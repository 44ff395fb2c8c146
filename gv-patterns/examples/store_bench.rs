//! What the store costs, as JSON lines; `scripts/bench store` reads them.
//!
//! `store_bench fill ADDRESS FROM TO`: adds patterns of these numbers and says how many a second. `load ADDRESS FROM TO`: the
//! same without indexes, which are made at the end. `find ADDRESS TURNS`: milliseconds of queries of each shape, with the
//! engine's plan. `whole ADDRESS`: seconds of what looks at many patterns, and the largest memory on the way.
#![allow(clippy::print_stdout, reason = "a program whose output is its purpose")]

use gv_patterns::store::{Filter, Sqlite, Store, open};
use gv_patterns::winning_patterns_db::{PatternQuery, WinningAdPattern, WinningPatternsDB};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

type Outcome = Result<(), Box<dyn std::error::Error>>;

const INDUSTRIES: u64 = 40;
const HOOKS: [&str; 6] = ["question", "face", "motion", "text", "transformation", "curiosity"];
const PLATFORMS: [&str; 5] = ["meta", "google", "tiktok", "youtube", "linkedin"];
const OBJECTIVES: [&str; 6] =
    ["conversions", "traffic", "awareness", "leads", "sales", "app_installs"];
const COLORS: [&str; 6] = ["red", "blue", "green", "black", "white", "orange"];

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["fill", address, from, to] => fill(address, from.parse()?, to.parse()?),
        ["load", address, from, to] => load(address, from.parse()?, to.parse()?),
        ["find", address, turns] => find(address, turns.parse()?),
        ["whole", address] => whole(address),
        _ => Err("usage: store_bench fill|load|find|whole ADDRESS ...".into()),
    }
}

/// SplitMix64: numbers that are the same in every run.
fn random(n: u64) -> u64 {
    let mut z = n.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x1234_5678);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn pick<'a>(from: &[&'a str], n: u64) -> &'a str {
    from[(n % from.len() as u64) as usize]
}

fn pattern(n: u64) -> WinningAdPattern {
    let bits = random(n);
    let mut made = WinningAdPattern::default();
    made.id = format!("pattern-{n:08}");
    made.source_platform = pick(&PLATFORMS, bits).into();
    made.ad_format = "video".into();
    made.objective = pick(&OBJECTIVES, bits >> 8).into();
    made.industry = format!("industry {}", (bits >> 16) % INDUSTRIES);
    made.estimated_roas = 0.2 + ((bits >> 24) % 10_000) as f64 / 1000.0;
    made.estimated_ctr = ((bits >> 30) % 500) as f64 / 10_000.0;
    made.hook_pattern.hook_type = pick(&HOOKS, bits >> 33).into();
    made.hook_pattern.emotion = pick(&["joy", "fear", "trust"], bits >> 35).into();
    made.hook_pattern.text_used = Some(format!("Stop scrolling number {}", bits % 997));
    made.visual_pattern.dominant_colors =
        vec![pick(&COLORS, bits >> 37).into(), pick(&COLORS, bits >> 41).into()];
    made.visual_pattern.face_ratio = ((bits >> 45) % 100) as f64 / 100.0;
    made.cta_pattern.cta_type = pick(&["shop_now", "learn_more", "sign_up"], bits >> 47).into();
    made.duration_seconds = 10.0 + ((bits >> 50) % 50) as f64;
    made.is_loser = made.estimated_roas < 1.5;
    made
}

fn fill(address: &str, from: u64, to: u64) -> Outcome {
    let db = WinningPatternsDB::new(open(address)?)?;
    let begun = Instant::now();
    add(&db, from, to)?;
    let seconds = begun.elapsed().as_secs_f64();
    println!("{}", json!({"what": "fill", "per_second": (to - from) as f64 / seconds}));
    Ok(())
}

fn load(address: &str, from: u64, to: u64) -> Outcome {
    let db = WinningPatternsDB::new(open(address)?)?;
    let begun = Instant::now();
    drop_indexes(address)?;
    add(&db, from, to)?;
    // Opening it makes what is missing.
    WinningPatternsDB::new(open(address)?)?;
    let seconds = begun.elapsed().as_secs_f64();
    println!("{}", json!({"what": "load", "per_second": (to - from) as f64 / seconds}));
    Ok(())
}

fn drop_indexes(address: &str) -> Outcome {
    #[cfg(feature = "postgres")]
    if address.starts_with("postgres") {
        let mut client = postgres::Client::connect(address, postgres::NoTls)?;
        for row in client
            .query("SELECT indexname FROM pg_indexes WHERE indexname LIKE 'gv_pattern_by_%'", &[])?
        {
            client.batch_execute(&format!("DROP INDEX {}", row.get::<_, &str>(0)))?;
        }
        return Ok(());
    }
    let file = rusqlite::Connection::open(address)?;
    let names: Vec<String> = file
        .prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'index' AND name LIKE 'pattern_by_%'",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    names.iter().try_for_each(|name| file.execute_batch(&format!("DROP INDEX {name}")))?;
    Ok(())
}

fn add(db: &WinningPatternsDB, from: u64, to: u64) -> Outcome {
    for block in (from..to).step_by(2000) {
        let patterns: Vec<Value> = (block..to.min(block + 2000))
            .map(|n| serde_json::to_value(pattern(n)))
            .collect::<Result<_, _>>()?;
        db.import_json(Value::Array(patterns))?;
    }
    Ok(())
}

fn shapes(turn: u64) -> Vec<(&'static str, PatternQuery)> {
    let bits = random(turn ^ 0xF1D);
    let base = PatternQuery::default;
    let industry = || Some(format!("industry {}", bits % INDUSTRIES));
    let hook_type = || Some(pick(&HOOKS, bits >> 8).to_owned());
    let platform = || Some(pick(&PLATFORMS, bits >> 16).to_owned());
    let objective = || Some(pick(&OBJECTIVES, bits >> 24).to_owned());
    let min_roas = Some(2.0 + (bits >> 32) as f64 % 6.0);
    vec![
        ("industry", PatternQuery { industry: industry(), ..base() }),
        ("hook type, least return", PatternQuery { hook_type: hook_type(), min_roas, ..base() }),
        (
            "industry, platform, objective",
            PatternQuery {
                industry: industry(),
                platform: platform(),
                objective: objective(),
                ..base()
            },
        ),
        (
            "industry, hook type, platform",
            PatternQuery {
                industry: industry(),
                hook_type: hook_type(),
                platform: platform(),
                ..base()
            },
        ),
        ("best of all", base()),
    ]
}

fn find(address: &str, turns: u64) -> Outcome {
    let db = WinningPatternsDB::new(open(address)?)?;
    let names: Vec<&str> = shapes(0).iter().map(|(name, _)| *name).collect();
    let mut times = vec![Vec::new(); names.len()];
    for turn in 0..turns {
        for (place, (_, query)) in shapes(turn).iter().enumerate() {
            let begun = Instant::now();
            let found = db.find_patterns(query)?.len();
            times[place].push(1e3 * begun.elapsed().as_secs_f64());
            if found == 0 {
                return Err(format!("{query:?} finds nothing").into());
            }
        }
    }
    let filters: Vec<Filter> = shapes(0).iter().map(|(_, query)| query.filter()).collect();
    let plans: Vec<Vec<String>> =
        filters.iter().map(|filter| plan_of(address, filter)).collect::<Result<_, _>>()?;
    for ((name, milliseconds), plan) in names.iter().zip(times).zip(plans) {
        println!("{}", json!({"what": name, "ms": milliseconds, "plan": plan.join("; ")}));
    }
    Ok(())
}

/// How the engine would find patterns.
fn plan_of(address: &str, filter: &Filter) -> Result<Vec<String>, gv_patterns::Error> {
    #[cfg(feature = "postgres")]
    if address.starts_with("postgres") {
        let store = Arc::new(gv_patterns::store::Postgres::open(address)?);
        WinningPatternsDB::new(Arc::clone(&store) as Arc<dyn Store>)?;
        return store.query_plan("pattern", filter);
    }
    let store = Arc::new(Sqlite::open(address.as_ref())?);
    WinningPatternsDB::new(Arc::clone(&store) as Arc<dyn Store>)?;
    store.query_plan("pattern", filter)
}

fn whole(address: &str) -> Outcome {
    let store = open(address)?;
    let db = WinningPatternsDB::new(Arc::clone(&store))?;
    let count = store.count("pattern", &Filter::new())?;
    let timed = |what: &str, begun: Instant| {
        let seconds = begun.elapsed().as_secs_f64();
        let told = json!({"what": what, "seconds": seconds, "patterns": count, "peak_mb": peak()});
        println!("{told}");
    };
    let begun = Instant::now();
    db.industry_benchmarks("industry 7")?;
    timed("benchmarks of one of 40 industries", begun);
    let begun = Instant::now();
    let similar = db.find_similar(&pattern(3), 10)?;
    timed("ten most similar of all", begun);
    let begun = Instant::now();
    let winners: Vec<WinningAdPattern> = similar.into_iter().map(|found| found.pattern).collect();
    db.extract_creative_dna(&winners)?;
    timed("creative DNA of ten, beside their industries' losers", begun);
    let begun = Instant::now();
    db.hook_statistics()?;
    timed("hook statistics, with every id", begun);
    Ok(())
}

/// Largest resident memory of this process so far, in MB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
