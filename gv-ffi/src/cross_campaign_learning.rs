//! Learning across campaigns (component 13).
//!
//! Learnings and advice are JSON; every text that is given as char * is freed with gv_string_free.

use crate::argument::{Place, free, json, object, optional_json, optional_text, tell, text};
use crate::call::guard;
use crate::status::gv_status;
use crate::store::gv_store;
use geminivideo::optimize::cross_campaign_learning::{CampaignLearning, CrossCampaignLearner};
use serde_json::Value;
use std::ffi::{c_char, c_int};
use std::sync::Arc;

/// Learns from campaigns that are kept in a store; threads may share it.
#[derive(Debug)]
pub struct gv_campaign_learner(CrossCampaignLearner);

/// Opens the campaigns of a store. options_json is an object ({"min_accounts": 3}) or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_campaign_learner_new(
    store: *const gv_store,
    options_json: *const c_char,
    learner: *mut *mut gv_campaign_learner,
) -> gv_status {
    guard(|| unsafe {
        let store = Arc::clone(&object("store", store)?.0);
        let options = optional_json("options_json", options_json)?;
        let place = Place::new("learner", learner)?;
        place.give(gv_campaign_learner(CrossCampaignLearner::new(store, options)?));
        Ok(())
    })
}

/// Frees it; what is stored stays. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_campaign_learner_free(learner: *mut gv_campaign_learner) {
    unsafe { free(learner) };
}

/// Keeps what a campaign has shown, in place of what was kept of it before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_campaign_learner_add(
    learner: *const gv_campaign_learner,
    learning_json: *const c_char,
) -> gv_status {
    guard(|| unsafe {
        let learner = object("learner", learner)?;
        let learning: CampaignLearning = json("learning_json", learning_json)?;
        Ok(learner.0.add_campaign_learning(&learning)?)
    })
}

/// Advises a new campaign. account may be NULL; audience_json is an object that describes the audience, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_campaign_learner_recommend(
    learner: *const gv_campaign_learner,
    industry: *const c_char,
    objective: *const c_char,
    account: *const c_char,
    audience_json: *const c_char,
    recommendations_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("learner", learner, "recommendations_json", recommendations_json, |learner| {
            Ok(learner.0.recommendations(
                text("industry", industry)?,
                text("objective", objective)?,
                optional_text("account", account)?,
                &optional_json("audience_json", audience_json)?,
            )?)
        })
    }
}

/// What is known of an industry; null where nothing is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_campaign_learner_insight(
    learner: *const gv_campaign_learner,
    industry: *const c_char,
    insight_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("learner", learner, "insight_json", insight_json, |learner| {
            Ok(learner.0.industry_insight(text("industry", industry)?)?)
        })
    }
}

/// How much is kept, of which industries.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_campaign_learner_stats(
    learner: *const gv_campaign_learner,
    stats_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("learner", learner, "stats_json", stats_json, |learner| {
            Ok(learner.0.learning_stats()?)
        })
    }
}

/// Everything that is kept, to be merged elsewhere; without names of accounts and campaigns where redact is not 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_campaign_learner_export(
    learner: *const gv_campaign_learner,
    redact: c_int,
    knowledge_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("learner", learner, "knowledge_json", knowledge_json, |learner| {
            Ok(learner.0.export_knowledge_base(redact != 0)?)
        })
    }
}

/// Merges what gv_campaign_learner_export gave; count is the number of campaigns taken, and may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_campaign_learner_merge(
    learner: *const gv_campaign_learner,
    knowledge_json: *const c_char,
    count: *mut usize,
) -> gv_status {
    guard(|| unsafe {
        let learner = object("learner", learner)?;
        let knowledge: Value = json("knowledge_json", knowledge_json)?;
        let taken = learner.0.merge_knowledge_base(&knowledge)?;
        if !count.is_null() {
            Place::new("count", count)?.put(taken);
        }
        Ok(())
    })
}
