//! The accuracy of predictions (component 15).
//!
//! Records and reports are JSON; every text that is given as char * is freed with gv_string_free.

use crate::argument::{Place, free, json, object, optional_text, tell, text};
use crate::call::{Failure, guard};
use crate::status::gv_status;
use crate::store::gv_store;
use geminivideo::ErrorKind;
use geminivideo::optimize::Timestamp;
use geminivideo::optimize::prediction_accuracy_tracker::{
    Actual, MetricType, NewPrediction, PredictionAccuracyTracker,
};
use geminivideo::optimize::trainer::Features;
use serde::Deserialize;
use serde_json::json;
use std::ffi::c_char;
use std::sync::Arc;

/// Records predictions and outcomes in a store; threads may share it.
#[derive(Debug)]
pub struct gv_accuracy_tracker(PredictionAccuracyTracker);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Prediction {
    prediction_id: String,
    model_type: String,
    model_version: String,
    predicted_value: f64,
    confidence: f64,
    metric_type: MetricType,
    #[serde(default)]
    campaign_id: String,
    #[serde(default)]
    creative_id: String,
    #[serde(default)]
    features: Features,
    predicted_at: Option<Timestamp>,
}

impl From<Prediction> for NewPrediction {
    fn from(given: Prediction) -> Self {
        let mut made = Self::new(
            given.prediction_id,
            given.model_type,
            given.model_version,
            given.predicted_value,
            given.confidence,
            given.metric_type,
        )
        .campaign(given.campaign_id)
        .creative(given.creative_id)
        .features(given.features);
        made.predicted_at = given.predicted_at;
        made
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outcome {
    value: f64,
    events: Option<f64>,
    #[serde(default = "mature")]
    matured: bool,
    at: Option<Timestamp>,
}

const fn mature() -> bool {
    true
}

impl From<Outcome> for Actual {
    fn from(given: Outcome) -> Self {
        let mut actual = Self::new(given.value);
        (actual.events, actual.matured, actual.at) = (given.events, given.matured, given.at);
        actual
    }
}

/// Opens the predictions of a store.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_accuracy_tracker_new(
    store: *const gv_store,
    tracker: *mut *mut gv_accuracy_tracker,
) -> gv_status {
    guard(|| unsafe {
        let store = Arc::clone(&object("store", store)?.0);
        let place = Place::new("tracker", tracker)?;
        place.give(gv_accuracy_tracker(PredictionAccuracyTracker::new(store)?));
        Ok(())
    })
}

/// Frees it; what is stored stays. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_accuracy_tracker_free(tracker: *mut gv_accuracy_tracker) {
    unsafe { free(tracker) };
}

/// Records a prediction: an object with prediction_id, model_type, model_version, predicted_value, confidence and
/// metric_type ("ctr", "cvr", "cpa", "roas", "conversions"), and optionally campaign_id, creative_id, features (an
/// object of numbers and texts) and predicted_at (milliseconds since 1970 UTC). record_json is what is kept.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_accuracy_tracker_record_prediction(
    tracker: *const gv_accuracy_tracker,
    prediction_json: *const c_char,
    record_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("tracker", tracker, "record_json", record_json, |tracker| {
            let prediction: Prediction = json("prediction_json", prediction_json)?;
            Ok(tracker.0.record_prediction(prediction.into())?)
        })
    }
}

/// Records what came of a prediction: an object with value, and optionally events (the counted ones that it rests on),
/// matured (true is usual) and at (milliseconds since 1970 UTC). GV_NOT_FOUND where the prediction is not known.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_accuracy_tracker_record_actual(
    tracker: *const gv_accuracy_tracker,
    prediction_id: *const c_char,
    actual_json: *const c_char,
    record_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("tracker", tracker, "record_json", record_json, |tracker| {
            let id = text("prediction_id", prediction_id)?;
            let actual: Outcome = json("actual_json", actual_json)?;
            tracker.0.record_actual(id, actual.into())?.ok_or_else(|| {
                Failure::new(ErrorKind::NotFound, format!("there is no prediction {id}"))
            })
        })
    }
}

/// How right predictions of the last days were. model_type and model_version may be NULL: then they do not matter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_accuracy_tracker_report(
    tracker: *const gv_accuracy_tracker,
    model_type: *const c_char,
    model_version: *const c_char,
    days: f64,
    report_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("tracker", tracker, "report_json", report_json, |tracker| {
            let model_type = optional_text("model_type", model_type)?;
            let version = optional_text("model_version", model_version)?;
            Ok(tracker.0.accuracy_report(model_type, version, days)?)
        })
    }
}

/// The newest predictions. campaign_id may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_accuracy_tracker_history(
    tracker: *const gv_accuracy_tracker,
    campaign_id: *const c_char,
    limit: usize,
    records_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("tracker", tracker, "records_json", records_json, |tracker| {
            Ok(tracker.0.prediction_history(optional_text("campaign_id", campaign_id)?, limit)?)
        })
    }
}

/// Whether a model should learn again, and why: {"retrain": true, "reason": "..."}.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_accuracy_tracker_should_retrain(
    tracker: *const gv_accuracy_tracker,
    model_type: *const c_char,
    answer_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("tracker", tracker, "answer_json", answer_json, |tracker| {
            let (retrain, reason) = tracker.0.should_retrain(text("model_type", model_type)?)?;
            Ok(json!({"retrain": retrain, "reason": reason}))
        })
    }
}

/// What a stated confidence has been worth so far, 0 to 1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_accuracy_tracker_calibrated_confidence(
    tracker: *const gv_accuracy_tracker,
    model_type: *const c_char,
    stated: f64,
    confidence: *mut f64,
) -> gv_status {
    guard(|| unsafe {
        let tracker = object("tracker", tracker)?;
        let place = Place::new("confidence", confidence)?;
        place.put(tracker.0.calibrated_confidence(text("model_type", model_type)?, stated)?);
        Ok(())
    })
}

/// Headline figures of every model.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_accuracy_tracker_dashboard(
    tracker: *const gv_accuracy_tracker,
    dashboard_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("tracker", tracker, "dashboard_json", dashboard_json, |tracker| {
            Ok(tracker.0.dashboard_metrics()?)
        })
    }
}
