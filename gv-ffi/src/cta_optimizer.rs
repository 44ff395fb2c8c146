//! The call to action: how good it is, where it belongs, in which words (component 9).

use crate::analysis::gv_analysis;
use crate::argument::{Place, optional_text, tell, text};
use crate::call::guard;
use crate::status::gv_status;
use geminivideo::timing::cta_optimizer::{
    analyze_cta_timing, best_for_industry, generate_sequence, generate_variations,
    score_existing_cta,
};
use geminivideo::timing::placements::Placements;
use std::ffi::c_char;

/// Judges the call to action of an analysed video, against what the surfaces of the platforms cover. placements_json is a
/// table of one's own, or NULL for the built-in one. Free cta_json with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_analysis(
    analysis: *const gv_analysis,
    placements_json: *const c_char,
    cta_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("analysis", analysis, "cta_json", cta_json, |analysis| {
            let table = optional_text("placements_json", placements_json)?;
            let placements = table.map_or_else(Placements::built_in, Placements::from_json)?;
            Ok(score_existing_cta(&analysis.found.evidence(), &placements)?)
        })
    }
}

/// Places the call to action that suits an industry in an analysed video. Free placement_json with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_timing(
    analysis: *const gv_analysis,
    industry: *const c_char,
    placement_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("analysis", analysis, "placement_json", placement_json, |analysis| {
            let (_, config) = best_for_industry(text("industry", industry)?)?;
            Ok(analyze_cta_timing(&analysis.found.evidence(), &config)?)
        })
    }
}

/// Plans the closing of a video of so many seconds for an industry. Free sequence_json with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_sequence(
    seconds: f64,
    industry: *const c_char,
    sequence_json: *mut *mut c_char,
) -> gv_status {
    guard(|| unsafe {
        let industry = text("industry", industry)?;
        let place = Place::new("sequence_json", sequence_json)?;
        place.give_json(&generate_sequence(seconds, industry)?)
    })
}

/// Says a call in count other words, as a list of texts. Free variations_json with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_variations(
    base: *const c_char,
    count: usize,
    variations_json: *mut *mut c_char,
) -> gv_status {
    guard(|| unsafe {
        let base = text("base", base)?;
        let place = Place::new("variations_json", variations_json)?;
        place.give_json(&generate_variations(base, count)?)
    })
}
