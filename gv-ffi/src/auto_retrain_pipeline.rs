//! Retraining: models that learn from outcomes, judged on what they have not seen (component 16).
//!
//! Configurations, jobs and features are JSON; every text that is given as char * is freed with gv_string_free.

use crate::argument::{Place, free, json, object, optional_json, optional_text, tell, text};
use crate::call::{Failure, guard};
use crate::status::gv_status;
use crate::store::gv_store;
use geminivideo::ErrorKind;
use geminivideo::optimize::auto_retrain_pipeline::{AutoRetrainPipeline, RetrainTrigger};
use geminivideo::optimize::trainer::Features;
use geminivideo::optimize::{Clock, SystemClock};
use serde_json::json;
use std::ffi::c_char;
use std::sync::Arc;

/// Retrains models from the outcomes in a store; threads may share it.
#[derive(Debug)]
pub struct gv_retrain_pipeline(AutoRetrainPipeline);

/// Opens the models of a store. config_json is an object ({"min_samples_for_retrain": 200}) or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_retrain_pipeline_new(
    store: *const gv_store,
    config_json: *const c_char,
    pipeline: *mut *mut gv_retrain_pipeline,
) -> gv_status {
    guard(|| unsafe {
        let store = Arc::clone(&object("store", store)?.0);
        let config = optional_json("config_json", config_json)?;
        let place = Place::new("pipeline", pipeline)?;
        place.give(gv_retrain_pipeline(AutoRetrainPipeline::new(store, config)?));
        Ok(())
    })
}

/// Frees it; what is stored stays. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_retrain_pipeline_free(pipeline: *mut gv_retrain_pipeline) {
    unsafe { free(pipeline) };
}

/// Whether a type of model should learn again, and why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_retrain_pipeline_check(
    pipeline: *const gv_retrain_pipeline,
    model_type: *const c_char,
    need_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("pipeline", pipeline, "need_json", need_json, |pipeline| {
            Ok(pipeline.0.check_retrain_needed(text("model_type", model_type)?)?)
        })
    }
}

/// Makes a type of model learn now. trigger is "manual", "drift_detected", "accuracy_drop", "data_threshold" or
/// "scheduled".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_retrain_pipeline_start(
    pipeline: *const gv_retrain_pipeline,
    model_type: *const c_char,
    trigger: *const c_char,
    job_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("pipeline", pipeline, "job_json", job_json, |pipeline| {
            let name = text("trigger", trigger)?;
            let known = RetrainTrigger::ALL.into_iter().find(|known| known.name() == name);
            let trigger = known
                .ok_or_else(|| Failure::invalid(format!("trigger is {name}, which is none")))?;
            Ok(pipeline.0.start_retrain(text("model_type", model_type)?, trigger)?)
        })
    }
}

/// Retrains whatever is due, as a clock's job: what was run.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_retrain_pipeline_run_scheduled(
    pipeline: *const gv_retrain_pipeline,
    jobs_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("pipeline", pipeline, "jobs_json", jobs_json, |pipeline| {
            Ok(pipeline.0.run_scheduled_check()?)
        })
    }
}

/// What became of a job; GV_NOT_FOUND where there is none of that id.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_retrain_pipeline_job(
    pipeline: *const gv_retrain_pipeline,
    job_id: *const c_char,
    job_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("pipeline", pipeline, "job_json", job_json, |pipeline| {
            let id = text("job_id", job_id)?;
            let job = pipeline.0.job_status(id)?;
            job.ok_or_else(|| Failure::new(ErrorKind::NotFound, format!("there is no job {id}")))
        })
    }
}

/// The newest jobs. model_type may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_retrain_pipeline_history(
    pipeline: *const gv_retrain_pipeline,
    model_type: *const c_char,
    limit: usize,
    jobs_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("pipeline", pipeline, "jobs_json", jobs_json, |pipeline| {
            Ok(pipeline.0.training_history(optional_text("model_type", model_type)?, limit)?)
        })
    }
}

/// Which versions are live, and what is going on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_retrain_pipeline_status(
    pipeline: *const gv_retrain_pipeline,
    status_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("pipeline", pipeline, "status_json", status_json, |pipeline| {
            Ok(pipeline.0.pipeline_status()?)
        })
    }
}

/// Makes a version live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_retrain_pipeline_promote(
    pipeline: *const gv_retrain_pipeline,
    model_type: *const c_char,
    version: *const c_char,
    aliases_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("pipeline", pipeline, "aliases_json", aliases_json, |pipeline| {
            let (model_type, version) =
                (text("model_type", model_type)?, text("version", version)?);
            Ok(pipeline.0.registry().promote(model_type, version, SystemClock.now())?)
        })
    }
}

/// Makes the version live that was so before; null where there was none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_retrain_pipeline_rollback(
    pipeline: *const gv_retrain_pipeline,
    model_type: *const c_char,
    aliases_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("pipeline", pipeline, "aliases_json", aliases_json, |pipeline| {
            let model_type = text("model_type", model_type)?;
            Ok(pipeline.0.registry().rollback(model_type, SystemClock.now())?)
        })
    }
}

/// What the live model says of a list of creatives, each an object of features: {"version": "...", "estimates":
/// [{"mean": 1.9, "sd": 0.3}]}. GV_NOT_FOUND where no model is live yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_retrain_pipeline_predict(
    pipeline: *const gv_retrain_pipeline,
    model_type: *const c_char,
    rows_json: *const c_char,
    answer_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("pipeline", pipeline, "answer_json", answer_json, |pipeline| {
            let model_type = text("model_type", model_type)?;
            let rows: Vec<Features> = json("rows_json", rows_json)?;
            let (version, estimates) = pipeline.0.predict(model_type, &rows)?.ok_or_else(|| {
                let message = format!("no model of the type {model_type} is live");
                Failure::new(ErrorKind::NotFound, message)
            })?;
            Ok(json!({"version": version, "estimates": estimates}))
        })
    }
}
