//! The pipeline on outcomes whose truth is known.

use super::*;
use crate::FixedClock;
use crate::Timestamp;
use crate::posterior::Stream;
use crate::prediction_accuracy_tracker::{Actual, MetricType, NewPrediction};
use gv_patterns::store::open;

/// A Friday, 08:00 UTC.
const NOW: i64 = 1_800_000_000_000;
const DAY: i64 = 86_400_000;

fn pipeline_at(store: &Arc<dyn Store>, now: i64, config: RetrainConfig) -> AutoRetrainPipeline {
    let clock = Arc::new(FixedClock(Timestamp(now)));
    let trainer = Arc::new(BoostedLinear::default());
    AutoRetrainPipeline::with(Arc::clone(store), config, trainer, clock).unwrap()
}

fn pipeline(store: &Arc<dyn Store>) -> AutoRetrainPipeline {
    pipeline_at(store, NOW, RetrainConfig::default())
}

/// Records predictions of 2 whose outcomes follow `truth(face, noise)`, ten to a campaign, over the last
/// six days.
fn record(
    pipeline: &AutoRetrainPipeline,
    ids: std::ops::Range<usize>,
    truth: impl Fn(f64, f64) -> f64,
    version: &str,
) {
    let count = ids.len() as i64;
    for (place, i) in ids.enumerate() {
        let mut random = Stream::new(16, "outcomes", i as u64);
        let face = random.uniform();
        let at = Timestamp(NOW - (count - place as i64) * 6 * DAY / count);
        let id = format!("p{i:05}");
        let features = Features::new().number("face_ratio", face);
        let prediction = NewPrediction::new(&id, "roas", version, 2.0, 0.7, MetricType::Roas)
            .campaign(format!("c{}", i / 10))
            .features(features)
            .made_at(at);
        pipeline.tracker().record_prediction(prediction).unwrap();
        let actual = Actual::new(truth(face, random.normal())).events(400.0).recorded_at(at);
        pipeline.tracker().record_actual(&id, actual).unwrap();
    }
}

fn learnable(face: f64, noise: f64) -> f64 {
    (2.0 * face + 0.1 * noise).exp()
}

#[test]
fn what_can_be_learned_becomes_the_champion_and_predicts() {
    let store = open(":memory:").unwrap();
    let pipeline = pipeline(&store);
    record(&pipeline, 0..400, learnable, "v0");
    let need = pipeline.check_retrain_needed("roas").unwrap();
    assert_eq!(
        (need.needed, need.trigger),
        (true, RetrainTrigger::AccuracyDrop),
        "{}",
        need.reason
    );
    let job = pipeline.start_retrain("roas", need.trigger).unwrap();
    assert_eq!(job.status, RetrainStatus::Completed, "{job:?}");
    assert!(job.promoted && job.new_accuracy > 0.9 && job.old_accuracy < 0.5, "{job:?}");
    assert_eq!((job.training_samples, job.validation_samples), (320, 80));
    let face = |value| Features::new().number("face_ratio", value);
    let (version, estimates) = pipeline.predict("roas", &[face(0.0), face(1.0)]).unwrap().unwrap();
    assert_eq!(version, "v1");
    assert!((estimates[0].mean.ln() - 0.0).abs() < 0.15, "{estimates:?}");
    assert!((estimates[1].mean.ln() - 2.0).abs() < 0.15, "{estimates:?}");
    assert_eq!(pipeline.job_status(&job.job_id).unwrap(), Some(job));
    assert_eq!(pipeline.current_versions().unwrap()["roas"], "v1");
}

#[test]
fn nothing_is_promoted_on_noise() {
    let store = open(":memory:").unwrap();
    let pipeline = pipeline(&store);
    // Predictions of 2 are the best there is: the median of the outcomes.
    record(&pipeline, 0..400, |_, noise| 2.0 * (0.4 * noise).exp(), "v0");
    let job = pipeline.start_retrain("roas", RetrainTrigger::Manual).unwrap();
    assert_eq!(job.status, RetrainStatus::Completed);
    assert!(!job.promoted, "{}", job.reason);
    assert!(job.new_version.is_some() && job.reason.contains("challenger"));
    assert!(pipeline.current_versions().unwrap().is_empty());
    assert_eq!(pipeline.registry().aliases("roas").unwrap().challenger.as_deref(), Some("v1"));
    let need = pipeline.check_retrain_needed("roas").unwrap();
    assert!(!need.needed && need.reason.contains("due in 24 h"), "{}", need.reason);
}

#[test]
fn few_outcomes_are_judged_by_expanding_windows() {
    let store = open(":memory:").unwrap();
    let pipeline = pipeline(&store);
    record(&pipeline, 0..120, learnable, "v0");
    let job = pipeline.start_retrain("roas", RetrainTrigger::Manual).unwrap();
    assert!(job.promoted && job.validation_samples > 80, "{job:?}");
}

#[test]
fn triggers_come_in_their_order() {
    let store = open(":memory:").unwrap();
    let needs = |store: &Arc<dyn Store>, now| {
        let pipeline = pipeline_at(store, now, RetrainConfig::default());
        pipeline.check_retrain_needed("roas").unwrap()
    };
    let good = |_: f64, noise: f64| 2.0 * (0.05 * noise).exp();
    record(&pipeline(&store), 0..99, good, "v0");
    assert!(needs(&store, NOW).reason.contains("99 outcomes to learn from"));
    record(&pipeline(&store), 99..100, good, "v0");
    assert_eq!(needs(&store, NOW).trigger, RetrainTrigger::DataThreshold);
    pipeline(&store).start_retrain("roas", RetrainTrigger::Manual).unwrap();
    record(&pipeline(&store), 100..110, good, "v0");
    // On the Monday after next, with one new outcome.
    let monday = NOW + 10 * DAY;
    let late = NewPrediction::new("late", "roas", "v0", 2.0, 0.7, MetricType::Roas);
    let tracker = pipeline_at(&store, monday, RetrainConfig::default());
    tracker.tracker().record_prediction(late).unwrap();
    tracker.tracker().record_actual("late", Actual::new(2.0).events(400.0)).unwrap();
    let need = needs(&store, monday);
    assert_eq!((need.needed, need.trigger), (true, RetrainTrigger::Scheduled), "{}", need.reason);
    assert!(!needs(&store, monday + DAY).needed);
}

#[test]
fn a_rise_of_misses_is_drift() {
    let store = open(":memory:").unwrap();
    let pipeline = pipeline(&store);
    record(&pipeline, 0..300, |_, noise| 2.0 * (0.05 * noise).exp(), "v0");
    record(&pipeline, 300..330, |_, noise| 5.0 * (0.05 * noise).exp(), "v0");
    // The later ones became known after all of the earlier ones.
    for i in 300..330 {
        let at = Timestamp(NOW + i);
        let actual = Actual::new(5.0).events(400.0).recorded_at(at);
        pipeline.tracker().record_actual(&format!("p{i:05}"), actual).unwrap();
    }
    let need = pipeline.check_retrain_needed("roas").unwrap();
    assert_eq!(need.trigger, RetrainTrigger::DriftDetected, "{}", need.reason);
}

#[test]
fn a_live_version_that_fails_is_taken_back() {
    let store = open(":memory:").unwrap();
    let pipeline = pipeline(&store);
    record(&pipeline, 0..400, learnable, "v0");
    pipeline.start_retrain("roas", RetrainTrigger::Manual).unwrap();
    let first = pipeline.registry().version("roas", "v1").unwrap().unwrap();
    pipeline.registry().add(first, true).unwrap();
    assert_eq!(pipeline.current_versions().unwrap()["roas"], "v2");
    record(&pipeline, 500..530, |_, _| 9.0, "v2");
    assert_eq!(pipeline.roll_back_if_failing("roas").unwrap().as_deref(), Some("v1"));
    let aliases = pipeline.registry().aliases("roas").unwrap();
    assert_eq!(
        (aliases.champion.as_deref(), aliases.challenger.as_deref()),
        (Some("v1"), Some("v2"))
    );
    assert_eq!(pipeline.roll_back_if_failing("roas").unwrap(), None);
    let live = pipeline.registry().live_at("roas", Timestamp(NOW)).unwrap();
    assert_eq!(live.as_deref(), Some("v1"));
    assert_eq!(pipeline.registry().live_at("roas", Timestamp(NOW - 1)).unwrap(), None);
}

#[test]
fn an_interrupted_run_is_failed_when_its_lease_is_over_and_not_before() {
    let store = open(":memory:").unwrap();
    let job = RetrainJob {
        status: RetrainStatus::Running,
        ..RetrainJob::new("roas-1".into(), "roas", RetrainTrigger::Manual, Timestamp(NOW))
    };
    let state = run::State {
        running: Some("roas-1".into()),
        lease_until: Some(Timestamp(NOW + 1000)),
        ..run::State::default()
    };
    drop(pipeline(&store));
    let put = |collection: &str, id: &str, body| {
        gv_patterns::store::Change::put(collection, id, gv_patterns::store::Expect::Any, body)
    };
    store
        .apply(&[
            put("retrain_job", "roas-1", serde_json::to_value(&job).unwrap()),
            put("retrain_state", "roas", serde_json::to_value(&state).unwrap()),
        ])
        .unwrap();
    let early = pipeline(&store);
    assert_eq!(early.job_status("roas-1").unwrap().unwrap().status, RetrainStatus::Running);
    let error = early.start_retrain("roas", RetrainTrigger::Manual).unwrap_err();
    assert!(error.to_string().contains("no run at work"), "{error}");
    let late = pipeline_at(&store, NOW + 2000, RetrainConfig::default());
    let buried = late.job_status("roas-1").unwrap().unwrap();
    assert_eq!(buried.status, RetrainStatus::Failed);
    assert!(buried.error.unwrap().contains("interrupted"));
    assert_eq!(late.pipeline_status().unwrap().active_jobs, 0);
}

#[test]
fn predictions_without_features_are_corrected() {
    let store = open(":memory:").unwrap();
    let pipeline = pipeline(&store);
    for i in 0..300 {
        let mut random = Stream::new(17, "plain", i);
        let predicted = (1.0 + random.normal()).exp();
        let id = format!("p{i}");
        let prediction = NewPrediction::new(&id, "roas", "x", predicted, 0.5, MetricType::Roas)
            .campaign(format!("c{}", i / 10))
            .made_at(Timestamp(NOW - DAY + i as i64));
        pipeline.tracker().record_prediction(prediction).unwrap();
        // It promises twice too much.
        let actual = Actual::new(predicted / 2.0 * (0.05 * random.normal()).exp()).events(500.0);
        pipeline.tracker().record_actual(&id, actual).unwrap();
    }
    let job = pipeline.start_retrain("roas", RetrainTrigger::Manual).unwrap();
    assert!(job.promoted && job.new_accuracy > 0.95 && job.old_accuracy < 0.05, "{job:?}");
}

#[test]
fn the_scheduled_check_waits_for_its_hour() {
    let store = open(":memory:").unwrap();
    record(&pipeline(&store), 0..400, learnable, "v0");
    let midnight = NOW - NOW.rem_euclid(DAY) + DAY;
    let mut config = RetrainConfig::default();
    let early = pipeline_at(&store, midnight + 3_600_000, config.clone());
    assert!(early.run_scheduled_check().unwrap().is_empty());
    config.utc_offset_minutes = 60;
    let due = pipeline_at(&store, midnight + 3_600_000, config);
    let jobs = due.run_scheduled_check().unwrap();
    assert_eq!(jobs.len(), 1);
    assert!(jobs[0].promoted, "{}", jobs[0].reason);
}

#[test]
fn kinds_that_predict_two_metrics_fail_with_a_reason() {
    let store = open(":memory:").unwrap();
    let pipeline = pipeline(&store);
    record(&pipeline, 0..100, learnable, "v0");
    let other = NewPrediction::new("ctr", "roas", "v0", 0.02, 0.7, MetricType::Ctr);
    pipeline.tracker().record_prediction(other).unwrap();
    pipeline.tracker().record_actual("ctr", Actual::new(0.02)).unwrap();
    let job = pipeline.start_retrain("roas", RetrainTrigger::Manual).unwrap();
    assert_eq!(job.status, RetrainStatus::Failed);
    assert!(job.error.unwrap().contains("predicts roas and ctr"));
}
