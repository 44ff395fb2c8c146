//! The conversions feedback loop: events in, outcomes matched, models retrained (component 14).
//!
//! Events, rows and answers are JSON; every text that is given as char * is freed with gv_string_free. Customer data is
//! hashed before it is kept.

use crate::argument::{Place, free, json, object, optional_json, tell, text, values};
use crate::call::guard;
use crate::status::gv_status;
use crate::store::gv_store;
use geminivideo::optimize::capi_feedback_loop::{CapiFeedbackLoop, InsightRow, WebhookKeys};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ffi::{c_char, c_int};
use std::sync::Arc;

/// Takes conversions and retrains; threads may share it.
#[derive(Debug)]
pub struct gv_feedback_loop(CapiFeedbackLoop);

/// Opens the conversions of a store. options_json is an object ({"retrain_threshold": 50}) or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_feedback_loop_new(
    store: *const gv_store,
    options_json: *const c_char,
    feedback: *mut *mut gv_feedback_loop,
) -> gv_status {
    guard(|| unsafe {
        let store = Arc::clone(&object("store", store)?.0);
        let options = optional_json("options_json", options_json)?;
        let place = Place::new("feedback", feedback)?;
        place.give(gv_feedback_loop(CapiFeedbackLoop::new(store, options)?));
        Ok(())
    })
}

/// Frees it; what is stored stays. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_feedback_loop_free(feedback: *mut gv_feedback_loop) {
    unsafe { free(feedback) };
}

/// Takes one event, as the Conversions API spells it, and makes it durable; a repeated one is told and kept once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_feedback_loop_process(
    feedback: *const gv_feedback_loop,
    event_json: *const c_char,
    processed_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("feedback", feedback, "processed_json", processed_json, |feedback| {
            Ok(feedback.0.process_capi_event(&json("event_json", event_json)?)?)
        })
    }
}

/// Takes a list of events in one transaction, which is many times as fast; one that breaks a rule does not keep the
/// others out: its place in the answer is {"error": "..."}.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_feedback_loop_process_all(
    feedback: *const gv_feedback_loop,
    events_json: *const c_char,
    processed_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("feedback", feedback, "processed_json", processed_json, |feedback| {
            let events: Vec<Value> = json("events_json", events_json)?;
            let processed = feedback.0.process_events(&events)?;
            let told = processed.into_iter().map(|one| match one {
                Ok(processed) => json!(processed),
                Err(error) => json!({"error": error.to_string()}),
            });
            Ok(told.collect::<Vec<Value>>())
        })
    }
}

/// Takes a list of rows of the platform's report; a row of the same creative and day replaces the former.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_feedback_loop_record_insights(
    feedback: *const gv_feedback_loop,
    rows_json: *const c_char,
) -> gv_status {
    guard(|| unsafe {
        let feedback = object("feedback", feedback)?;
        let rows: Vec<InsightRow> = json("rows_json", rows_json)?;
        feedback.0.record_insights(&rows)?;
        Ok(())
    })
}

/// Matches mature outcomes with predictions: the new pairs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_feedback_loop_match(
    feedback: *const gv_feedback_loop,
    pairs_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("feedback", feedback, "pairs_json", pairs_json, |feedback| {
            Ok(feedback.0.match_predictions_to_actuals()?)
        })
    }
}

/// Whether there is enough new to learn from: should is 0 or 1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_feedback_loop_should_retrain(
    feedback: *const gv_feedback_loop,
    should: *mut c_int,
) -> gv_status {
    guard(|| unsafe {
        let feedback = object("feedback", feedback)?;
        let place = Place::new("should", should)?;
        place.put(c_int::from(feedback.0.should_retrain()?));
        Ok(())
    })
}

/// Makes models learn from what is new; a model goes live only where it is better by more than chance.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_feedback_loop_retrain(
    feedback: *const gv_feedback_loop,
    outcome_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("feedback", feedback, "outcome_json", outcome_json, |feedback| {
            Ok(feedback.0.trigger_retrain()?)
        })
    }
}

/// How much has come, is waiting and was not matched.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_feedback_loop_metrics(
    feedback: *const gv_feedback_loop,
    metrics_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("feedback", feedback, "metrics_json", metrics_json, |feedback| {
            Ok(feedback.0.feedback_metrics()?)
        })
    }
}

/// Answers an HTTP request that brings events: {"status": 200, "content_type": "...", "body": "..."}.
///
/// keys_json is {"app_secret": "...", "verify_token": "..."}; target is the path with its query; headers_json is an
/// object of names and values; the body's signature is checked over its raw bytes before it is read. Every event is
/// durable when the answer is 200. An error is the store's: answer with a 5xx, and the sender will try again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_feedback_loop_handle_webhook(
    feedback: *const gv_feedback_loop,
    keys_json: *const c_char,
    method: *const c_char,
    target: *const c_char,
    headers_json: *const c_char,
    body: *const u8,
    body_len: usize,
    answer_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("feedback", feedback, "answer_json", answer_json, |feedback| {
            let mut keys: BTreeMap<String, String> = json("keys_json", keys_json)?;
            let mut key = |name| keys.remove(name).unwrap_or_default();
            let keys =
                WebhookKeys { app_secret: key("app_secret"), verify_token: key("verify_token") };
            let headers: BTreeMap<String, String> = json("headers_json", headers_json)?;
            let headers: Vec<(String, String)> = headers.into_iter().collect();
            let (method, target) = (text("method", method)?, text("target", target)?);
            let body = values("body", body, body_len)?;
            let answer = feedback.0.handle_webhook(&keys, method, target, &headers, body)?;
            Ok(json!({
                "status": answer.status,
                "content_type": answer.content_type,
                "body": answer.body,
            }))
        })
    }
}
