//! Every component that speaks JSON, asked through its C functions.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they should")]
#![allow(unsafe_code, reason = "the tests call what C calls")]

mod called;

use called::message;
use gv_ffi::auto_retrain_pipeline::*;
use gv_ffi::capi_feedback_loop::*;
use gv_ffi::cross_campaign_learning::*;
use gv_ffi::cta_place::*;
use gv_ffi::hook_optimizer::*;
use gv_ffi::prediction_accuracy_tracker::*;
use gv_ffi::psychological_timing::*;
use gv_ffi::status::*;
use gv_ffi::store::*;
use gv_ffi::variation_generator::*;
use gv_ffi::winning_patterns_db::*;
use serde_json::{Value, json};
use std::ffi::{CStr, CString, c_char};
use std::ptr::{null, null_mut};

/// The object that a function makes.
fn made<T>(make: impl FnOnce(*mut *mut T) -> gv_status) -> *mut T {
    let mut object = null_mut();
    assert_eq!(make(&raw mut object), GV_OK, "{}", message());
    object
}

/// The text that a function gives, or its status.
fn text(ask: impl FnOnce(*mut *mut c_char) -> gv_status) -> Result<String, (gv_status, String)> {
    let mut text = null_mut();
    match ask(&raw mut text) {
        GV_OK => {
            let told = unsafe { CStr::from_ptr(text) }.to_str().unwrap().to_owned();
            unsafe { gv_string_free(text) };
            Ok(told)
        }
        status => {
            assert!(text.is_null());
            Err((status, message()))
        }
    }
}

/// The JSON document that a function gives.
fn told(ask: impl FnOnce(*mut *mut c_char) -> gv_status) -> Value {
    serde_json::from_str(&text(ask).unwrap()).unwrap()
}

fn refused(ask: impl FnOnce(*mut *mut c_char) -> gv_status) -> (gv_status, String) {
    text(ask).unwrap_err()
}

fn c(value: &Value) -> CString {
    CString::new(value.to_string()).unwrap()
}

fn store() -> *mut gv_store {
    made(|out| unsafe { gv_store_open(c":memory:".as_ptr(), out) })
}

#[test]
fn variations_are_made_ranked_and_written_out_for_a_render_tool() {
    unsafe {
        let options = c(&json!({"seed": 7}));
        let generator = made(|out| gv_variation_generator_new(options.as_ptr(), out));
        let concept = c(
            &json!({"id": "c", "product": "Cup", "hook_script": "Cold coffee?", "cta_text": "Buy"}),
        );
        let set = told(|out| gv_variation_generator_generate(generator, concept.as_ptr(), 6, out));
        let variations = set["variations"].as_array().unwrap();
        assert_eq!(variations.len(), 6);
        let again =
            told(|out| gv_variation_generator_generate(generator, concept.as_ptr(), 6, out));
        assert_eq!(again["variations"][3]["variation_hash"], variations[3]["variation_hash"]);
        let list = c(&set["variations"]);
        let ranked = told(|out| gv_variation_generator_rank(generator, list.as_ptr(), out));
        assert_eq!(ranked.as_array().unwrap().len(), 6);
        let exported =
            told(|out| gv_variation_generator_export(generator, list.as_ptr(), null(), out));
        assert_eq!(exported.as_array().unwrap().len(), 6);
        let wrong =
            refused(|out| gv_variation_generator_generate(generator, c"{".as_ptr(), 1, out));
        assert_eq!(wrong.0, GV_INVALID_INPUT);
        assert!(wrong.1.starts_with("concept_json: "), "{}", wrong.1);
        gv_variation_generator_free(generator);
    }
}

#[test]
fn patterns_are_kept_found_and_exchanged() {
    unsafe {
        let store = store();
        let db = made(|out| gv_patterns_db_new(store, out));
        gv_store_free(store);
        let pattern = |industry: &str, roas: f64, hook: &str| {
            c(&json!({
                "source_platform": "meta", "ad_format": "video", "objective": "conversions",
                "industry": industry, "estimated_roas": roas, "hook_pattern": {"hook_type": hook},
            }))
        };
        let best = pattern("homeware", 4.0, "question");
        let id = text(|out| gv_patterns_db_add(db, best.as_ptr(), out)).unwrap();
        for roas in [2.0, 3.0] {
            text(|out| gv_patterns_db_add(db, pattern("homeware", roas, "offer").as_ptr(), out))
                .unwrap();
        }
        let id = CString::new(id).unwrap();
        assert_eq!(told(|out| gv_patterns_db_get(db, id.as_ptr(), out))["estimated_roas"], 4.0);
        assert_eq!(refused(|out| gv_patterns_db_get(db, c"no".as_ptr(), out)).0, GV_NOT_FOUND);
        let query = c(&json!({"industry": "Homeware", "min_roas": 2.5}));
        let found = told(|out| gv_patterns_db_find(db, query.as_ptr(), out));
        assert_eq!(found.as_array().unwrap().len(), 2);
        assert_eq!(told(|out| gv_patterns_db_find(db, null(), out)).as_array().unwrap().len(), 3);
        let wrong = refused(|out| gv_patterns_db_find(db, c"{\"industy\": \"a\"}".as_ptr(), out));
        assert!(wrong.1.contains("unknown field `industy`"), "{}", wrong.1);
        assert_eq!(told(|out| gv_patterns_db_top(db, 1, out))[0]["estimated_roas"], 4.0);
        assert!(told(|out| gv_patterns_db_hook_statistics(db, out))["offer"].is_object());
        assert!(told(|out| gv_patterns_db_benchmarks(db, c"homeware".as_ptr(), out)).is_object());
        assert!(told(|out| gv_patterns_db_search(db, c"homeware".as_ptr(), 5, out)).is_array());
        let similar = told(|out| gv_patterns_db_similar(db, best.as_ptr(), 2, out));
        assert_eq!(similar.as_array().unwrap().len(), 2);
        told(|out| gv_patterns_db_creative_dna(db, c(&found).as_ptr(), out));

        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("patterns.jsonl");
        let path = CString::new(path.to_str().unwrap()).unwrap();
        let mut count = 0;
        assert_eq!(gv_patterns_db_export(db, path.as_ptr(), &raw mut count), GV_OK);
        assert_eq!(count, 3);
        let other_store = self::store();
        let other = made(|out| gv_patterns_db_new(other_store, out));
        assert_eq!(gv_patterns_db_import(other, path.as_ptr(), null_mut()), GV_OK);
        assert_eq!(
            told(|out| gv_patterns_db_find(other, null(), out)).as_array().unwrap().len(),
            3
        );
        assert_eq!(gv_patterns_db_import(other, c"no/such".as_ptr(), null_mut()), GV_STORAGE);
        gv_patterns_db_free(db);
        gv_patterns_db_free(other);
        gv_store_free(other_store);
    }
}

#[test]
fn campaigns_teach_the_next_one_and_travel_between_stores() {
    unsafe {
        let (first, second) = (store(), store());
        let learner = made(|out| gv_campaign_learner_new(first, null(), out));
        for (id, roas) in [("a", 2.0), ("b", 3.0), ("c", 2.5)] {
            let learning = c(&json!({
                "campaign_id": id, "account_id": "acc", "industry": "homeware",
                "objective": "conversions", "winning_hooks": ["question"], "best_roas": roas,
                "total_conversions": 100, "data_points": 100, "extracted_at": 1_790_000_000_000_i64,
            }));
            assert_eq!(gv_campaign_learner_add(learner, learning.as_ptr()), GV_OK, "{}", message());
        }
        let (industry, objective) = (c"homeware".as_ptr(), c"conversions".as_ptr());
        let advice = told(|out| {
            gv_campaign_learner_recommend(learner, industry, objective, null(), null(), out)
        });
        assert_eq!(advice["total_learnings_used"], 3);
        assert!(told(|out| gv_campaign_learner_insight(learner, industry, out)).is_object());
        assert!(told(|out| gv_campaign_learner_stats(learner, out)).is_object());
        let knowledge = text(|out| gv_campaign_learner_export(learner, 1, out)).unwrap();
        assert!(!knowledge.contains("\"acc\""));
        let knowledge = CString::new(knowledge).unwrap();
        let other = made(|out| gv_campaign_learner_new(second, null(), out));
        let mut count = 0;
        let status = gv_campaign_learner_merge(other, knowledge.as_ptr(), &raw mut count);
        assert_eq!((status, count), (GV_OK, 3));
        gv_campaign_learner_free(learner);
        gv_campaign_learner_free(other);
        gv_store_free(first);
        gv_store_free(second);
    }
}

#[test]
fn predictions_meet_their_outcomes() {
    unsafe {
        let store = store();
        let tracker = made(|out| gv_accuracy_tracker_new(store, out));
        for number in 0..30 {
            let prediction = c(&json!({
                "prediction_id": format!("p{number}"), "model_type": "roas", "model_version": "1",
                "predicted_value": 2.0, "confidence": 0.7, "metric_type": "roas",
                "campaign_id": "c", "creative_id": format!("k{number}"), "features": {"length": 15},
            }));
            let record = told(|out| {
                gv_accuracy_tracker_record_prediction(tracker, prediction.as_ptr(), out)
            });
            assert_eq!(record["actual_value"], Value::Null);
            let id = CString::new(format!("p{number}")).unwrap();
            let actual = c(&json!({"value": 2.1, "events": 40}));
            let record = told(|out| {
                gv_accuracy_tracker_record_actual(tracker, id.as_ptr(), actual.as_ptr(), out)
            });
            assert_eq!(record["actual_value"], 2.1);
        }
        let wrong = refused(|out| {
            gv_accuracy_tracker_record_prediction(
                tracker,
                c"{\"prediction_id\": \"x\"}".as_ptr(),
                out,
            )
        });
        assert!(wrong.1.contains("missing field"), "{}", wrong.1);
        let report = told(|out| gv_accuracy_tracker_report(tracker, null(), null(), 30.0, out));
        assert!(report.is_object());
        let history = told(|out| gv_accuracy_tracker_history(tracker, null(), 5, out));
        assert_eq!(history.as_array().unwrap().len(), 5);
        let answer = told(|out| gv_accuracy_tracker_should_retrain(tracker, c"roas".as_ptr(), out));
        assert_eq!(answer["retrain"], false);
        assert!(told(|out| gv_accuracy_tracker_dashboard(tracker, out)).is_object());
        let mut confidence = f64::NAN;
        let status = gv_accuracy_tracker_calibrated_confidence(
            tracker,
            c"roas".as_ptr(),
            0.7,
            &raw mut confidence,
        );
        assert_eq!(status, GV_OK);
        assert!((0.0..=1.0).contains(&confidence));
        gv_accuracy_tracker_free(tracker);
        gv_store_free(store);
    }
}

#[test]
fn conversions_are_kept_once_and_bad_ones_are_told() {
    unsafe {
        let store = store();
        let feedback = made(|out| gv_feedback_loop_new(store, null(), out));
        let event = |id: &str| {
            json!({
                "event_name": "Purchase", "event_time": 1_790_000_000, "event_id": id,
                "custom_data": {"value": 19.9, "currency": "EUR", "campaign_id": "c", "creative_id": "k"},
            })
        };
        let one = c(&event("e1"));
        let first = told(|out| gv_feedback_loop_process(feedback, one.as_ptr(), out));
        assert_eq!((&first["processed"], &first["duplicate"]), (&json!(true), &json!(false)));
        let list = c(&json!([event("e1"), event("e2"), {"event_name": 3}]));
        let all = told(|out| gv_feedback_loop_process_all(feedback, list.as_ptr(), out));
        assert_eq!(all[0]["duplicate"], true);
        assert_eq!(all[1]["duplicate"], false);
        assert!(all[2]["error"].is_string(), "{all}");
        let rows = c(&json!([{"campaign_id": "c", "creative_id": "k", "date": "2026-09-20",
            "impressions": 1000, "clicks": 20, "spend": 10.0, "currency": "EUR"}]));
        assert_eq!(
            gv_feedback_loop_record_insights(feedback, rows.as_ptr()),
            GV_OK,
            "{}",
            message()
        );
        assert!(told(|out| gv_feedback_loop_match(feedback, out)).is_array());
        let mut should = -1;
        assert_eq!(gv_feedback_loop_should_retrain(feedback, &raw mut should), GV_OK);
        assert_eq!(should, 0);
        assert!(told(|out| gv_feedback_loop_metrics(feedback, out)).is_object());
        let keys = c(&json!({"app_secret": "s", "verify_token": "v"}));
        let answer = told(|out| {
            gv_feedback_loop_handle_webhook(
                feedback,
                keys.as_ptr(),
                c"GET".as_ptr(),
                c"/hook?hub.mode=subscribe&hub.verify_token=v&hub.challenge=42".as_ptr(),
                c"{}".as_ptr(),
                null(),
                0,
                out,
            )
        });
        assert_eq!((&answer["status"], &answer["body"]), (&json!(200), &json!("42")));
        gv_feedback_loop_free(feedback);
        gv_store_free(store);
    }
}

#[test]
fn a_pipeline_without_outcomes_says_so() {
    unsafe {
        let store = store();
        let pipeline = made(|out| gv_retrain_pipeline_new(store, null(), out));
        let need = told(|out| gv_retrain_pipeline_check(pipeline, c"roas".as_ptr(), out));
        assert_eq!(need["needed"], false);
        let job = told(|out| {
            gv_retrain_pipeline_start(pipeline, c"roas".as_ptr(), c"manual".as_ptr(), out)
        });
        let id = CString::new(job["job_id"].as_str().unwrap()).unwrap();
        assert_eq!(told(|out| gv_retrain_pipeline_job(pipeline, id.as_ptr(), out)), job);
        assert_eq!(
            refused(|out| gv_retrain_pipeline_job(pipeline, c"no".as_ptr(), out)).0,
            GV_NOT_FOUND
        );
        let wrong = refused(|out| {
            gv_retrain_pipeline_start(pipeline, c"roas".as_ptr(), c"mood".as_ptr(), out)
        });
        assert_eq!(wrong.0, GV_INVALID_INPUT);
        assert!(told(|out| gv_retrain_pipeline_run_scheduled(pipeline, out)).is_array());
        assert_eq!(
            told(|out| gv_retrain_pipeline_history(pipeline, null(), 9, out))
                .as_array()
                .unwrap()
                .len(),
            1
        );
        assert!(told(|out| gv_retrain_pipeline_status(pipeline, out)).is_object());
        let none = refused(|out| {
            gv_retrain_pipeline_predict(
                pipeline,
                c"roas".as_ptr(),
                c"[{\"length\": 15}]".as_ptr(),
                out,
            )
        });
        assert_eq!(none, (GV_NOT_FOUND, "no model of the type roas is live".to_owned()));
        assert_eq!(
            told(|out| gv_retrain_pipeline_rollback(pipeline, c"roas".as_ptr(), out)),
            Value::Null
        );
        let missing = refused(|out| {
            gv_retrain_pipeline_promote(pipeline, c"roas".as_ptr(), c"v9".as_ptr(), out)
        });
        assert_ne!(missing.0, GV_OK);
        gv_retrain_pipeline_free(pipeline);
        gv_store_free(store);
    }
}

#[test]
fn openings_and_calls_to_action_are_written() {
    unsafe {
        let (product, pain) = (c"Cup".as_ptr(), c"cold coffee".as_ptr());
        let script = told(|out| gv_hook_script(product, pain, null(), out));
        assert!(script.to_string().to_lowercase().contains("cold coffee"), "{script}");
        assert_eq!(
            refused(|out| gv_hook_script(product, c" ".as_ptr(), null(), out)).0,
            GV_INVALID_INPUT
        );
        let words = told(|out| gv_cta_variations(c"Shop now".as_ptr(), 3, out));
        assert_eq!(words.as_array().unwrap().len(), 3);
        let sequence = told(|out| gv_cta_sequence(30.0, c"ecommerce".as_ptr(), out));
        assert!(sequence["sequence"].is_array(), "{sequence}");
        let wrong = refused(|out| gv_cta_sequence(f64::NAN, c"ecommerce".as_ptr(), out));
        assert!(wrong.1.contains("NaN"), "{}", wrong.1);
        assert_eq!(refused(|out| gv_hook_analysis(null(), out)).1, "analysis is NULL");
    }
}

/// Texts near JSON: cut, doubled, with bytes exchanged, numbers that leave every range.
fn spoiled(text: &str, seed: u64) -> CString {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=next(3) {
        let at = next(bytes.len());
        match next(6) {
            0 => bytes.truncate(at),
            1 => bytes.extend_from_within(at..),
            2 if !bytes.is_empty() => bytes[at] = 1 + next(127) as u8,
            3 => drop(bytes.splice(at..at, *b"-1e308")),
            4 => drop(bytes.splice(at..at, *b"null")),
            _ => drop(bytes.splice(at..at, *b"\"\\ud800\"")),
        }
    }
    CString::new(String::from_utf8_lossy(&bytes).into_owned()).unwrap()
}

#[test]
fn spoiled_documents_are_statuses() {
    let concept =
        json!({"id": "c", "product": "Cup", "hook_script": "H?", "cta_text": "Buy"}).to_string();
    let pattern = json!({
        "source_platform": "meta", "ad_format": "video", "objective": "conversions", "industry": "i",
        "estimated_roas": 2.0, "hook_pattern": {"hook_type": "question", "timing": {"start": 0.5}},
    })
    .to_string();
    let learning = json!({
        "campaign_id": "a", "account_id": "acc", "industry": "i", "objective": "conversions",
        "winning_hooks": ["q"], "best_roas": 2.0, "total_conversions": 100, "extracted_at": 1_790_000_000_000_i64,
    })
    .to_string();
    let prediction = json!({
        "prediction_id": "p", "model_type": "roas", "model_version": "1", "predicted_value": 2.0,
        "confidence": 0.7, "metric_type": "roas", "features": {"length": 15},
    })
    .to_string();
    let event = json!({
        "event_name": "Purchase", "event_time": 1_790_000_000, "event_id": "e",
        "user_data": {"em": "a@b.c"}, "custom_data": {"value": 19.9, "currency": "EUR"},
    })
    .to_string();
    let mut refusals = 0;
    unsafe {
        let store = store();
        let generator = made(|out| gv_variation_generator_new(null(), out));
        let db = made(|out| gv_patterns_db_new(store, out));
        let learner = made(|out| gv_campaign_learner_new(store, null(), out));
        let tracker = made(|out| gv_accuracy_tracker_new(store, out));
        let feedback = made(|out| gv_feedback_loop_new(store, null(), out));
        for seed in 0..400 {
            let given = spoiled(&concept, seed);
            let mut answers = vec![text(|out| {
                gv_variation_generator_generate(generator, given.as_ptr(), 3, out)
            })];
            let given = spoiled(&pattern, seed);
            answers.push(text(|out| gv_patterns_db_add(db, given.as_ptr(), out)));
            answers.push(text(|out| gv_patterns_db_similar(db, given.as_ptr(), 2, out)));
            let given = spoiled(&learning, seed);
            if gv_campaign_learner_add(learner, given.as_ptr()) != GV_OK {
                refusals += 1;
            }
            let given = spoiled(&prediction, seed);
            answers.push(text(|out| {
                gv_accuracy_tracker_record_prediction(tracker, given.as_ptr(), out)
            }));
            let given = spoiled(&event, seed);
            answers.push(text(|out| gv_feedback_loop_process(feedback, given.as_ptr(), out)));
            for (status, said) in answers.into_iter().filter_map(Result::err) {
                assert_ne!(status, GV_INTERNAL, "{said}");
                refusals += 1;
            }
        }
        gv_variation_generator_free(generator);
        gv_patterns_db_free(db);
        gv_campaign_learner_free(learner);
        gv_accuracy_tracker_free(tracker);
        gv_feedback_loop_free(feedback);
        gv_store_free(store);
    }
    assert!(refusals > 500, "{refusals}");
}

#[test]
fn triggers_are_placed_in_samples_of_motion() {
    let times: Vec<f64> = (0..40).map(|i| f64::from(i) * 0.5).collect();
    let energies: Vec<f64> = (0..40).map(|i| if i < 10 { 20.0 } else { 1.0 }).collect();
    let faces: Vec<i32> = (0..40).map(|i| i32::from(i < 10)).collect();
    unsafe {
        let plan = told(|out| {
            gv_trigger_plan_of_samples(times.as_ptr(), energies.as_ptr(), faces.as_ptr(), 40, out)
        });
        assert_eq!(plan["windows"].as_array().unwrap().len(), 2);
        assert_eq!(plan["recommended_structure"][0]["trigger"], "hook");
        let odd = [7; 40];
        let wrong = refused(|out| {
            gv_trigger_plan_of_samples(times.as_ptr(), energies.as_ptr(), odd.as_ptr(), 40, out)
        });
        assert_eq!(wrong.1, "faces[0] is 7, allowed is -1, 0, 1");
        let none = refused(|out| gv_trigger_plan_of_samples(null(), null(), null(), 3, out));
        assert_eq!(none, (GV_INVALID_INPUT, "times is NULL".to_owned()));
    }
}

#[test]
fn a_store_that_is_none_and_a_store_of_nobody_are_told() {
    unsafe {
        let mut store = null_mut();
        let below_a_file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml/store.db");
        let below_a_file = CString::new(below_a_file).unwrap();
        assert_eq!(gv_store_open(below_a_file.as_ptr(), &raw mut store), GV_STORAGE);
        let mut db = null_mut();
        assert_eq!(gv_patterns_db_new(null(), &raw mut db), GV_INVALID_INPUT);
        assert_eq!(message(), "store is NULL");
        let open = self::store();
        assert!(text(|out| gv_store_describe(open, out)).unwrap().contains("memory"));
        gv_store_free(open);
    }
}
