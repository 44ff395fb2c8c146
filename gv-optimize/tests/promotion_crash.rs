//! A process that is killed while it changes the live model leaves one live model that is there, and a trace that agrees.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail where they should"
)]

use gv_optimize::auto_retrain_pipeline::{AutoRetrainPipeline, RetrainConfig, RetrainTrigger};
use gv_optimize::posterior::Stream;
use gv_optimize::prediction_accuracy_tracker::{Actual, MetricType, NewPrediction};
use gv_optimize::trainer::{BoostedLinear, Features};
use gv_optimize::{FixedClock, Timestamp};
use gv_patterns::store::{Store, open};
use gv_patterns::testing::run_and_kill;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

const KILLS: u64 = 200;
const STORE: &str = "GV_PROMOTION_TEST_STORE";
const NOW: i64 = 1_800_000_000_000;
const DAY: i64 = 86_400_000;

fn pipeline(store: Arc<dyn Store>, now: i64) -> AutoRetrainPipeline {
    let clock = Arc::new(FixedClock(Timestamp(now)));
    AutoRetrainPipeline::with(
        store,
        RetrainConfig::default(),
        Arc::new(BoostedLinear::default()),
        clock,
    )
    .unwrap()
}

/// Predictions by a guess, whose outcomes a model can learn.
fn fill(store: &Arc<dyn Store>) {
    for n in 0..240_u64 {
        let at = pipeline(Arc::clone(store), NOW + n as i64 * DAY / 24);
        let mut random = Stream::new(3, "promotion", n);
        let face = random.uniform();
        let id = format!("p{n}");
        let prediction = NewPrediction::new(&id, "roas", "guess", 2.0, 0.6, MetricType::Roas)
            .campaign(format!("c{}", n / 6))
            .creative(&id)
            .features(Features::new().number("face_ratio", face));
        at.tracker().record_prediction(prediction).unwrap();
        let actual = (1.5 * face + 0.05 * random.normal()).exp();
        at.tracker().record_actual(&id, Actual::new(actual)).unwrap();
    }
}

/// Not a test by itself: the process that is killed. It trains, promotes and rolls back for as long as it lives.
#[test]
fn child_changes_the_live_model_until_it_is_killed() {
    let Ok(address) = std::env::var(STORE) else { return };
    let store = open(&address).unwrap();
    let mut out = std::io::stdout();
    let begun = store.read_log("model_audit", 0, 1_000_000).unwrap().len() as i64;
    for turn in begun.. {
        let pipeline = pipeline(Arc::clone(&store), NOW + 400 * DAY + turn);
        let versions = pipeline.registry().versions("roas", 100).unwrap();
        let registry = pipeline.registry();
        let aliases = match turn % 3 {
            0 => registry.rollback("roas", Timestamp(NOW + turn)).unwrap(),
            _ => {
                let version = &versions[turn as usize % versions.len()].version;
                Some(registry.promote("roas", version, Timestamp(NOW + turn)).unwrap())
            }
        };
        if let Some(champion) = aliases.and_then(|aliases| aliases.champion) {
            writeln!(out, "live {champion}").unwrap();
            out.flush().unwrap();
        }
    }
}

#[test]
fn there_is_always_one_live_model_that_can_be_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let address = folder.path().join("models.db").display().to_string();
    let store = open(&address).unwrap();
    fill(&store);
    for run in 0..3 {
        let pipeline = pipeline(Arc::clone(&store), NOW + (100 + run) * DAY);
        let job = pipeline.start_retrain("roas", RetrainTrigger::Manual).unwrap();
        assert!(job.error.is_none(), "{:?}", job.error);
    }
    let versions = pipeline(Arc::clone(&store), NOW).registry().versions("roas", 10).unwrap();
    assert!(versions.len() >= 2, "{} versions", versions.len());
    let rows = [Features::new().number("face_ratio", 0.5)];
    let mut changes = 0;
    for kill in 0..KILLS {
        let wait = Duration::from_micros(4_000 + kill * 7_919 % 24_000);
        let told =
            run_and_kill("child_changes_the_live_model_until_it_is_killed", STORE, &address, wait);
        changes += told.iter().filter(|line| line.contains("live v")).count();
        let pipeline = pipeline(Arc::clone(&store), NOW + 500 * DAY);
        let registry = pipeline.registry();
        let champion = registry.aliases("roas").unwrap().champion.unwrap();
        let (version, estimates) = pipeline.predict("roas", &rows).unwrap().unwrap();
        assert_eq!(version, champion);
        assert!(estimates[0].mean.is_finite());
        let live = registry.live_at("roas", Timestamp(NOW + 900 * DAY)).unwrap();
        assert_eq!(live.as_deref(), Some(champion.as_str()), "the trace agrees after kill {kill}");
    }
    assert!(changes as u64 > KILLS, "only {changes} changes were made");
}
