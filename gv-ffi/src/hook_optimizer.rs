//! The opening: whether it holds, and how to write one (component 8).

use crate::analysis::gv_analysis;
use crate::argument::{Place, optional_text, tell, text};
use crate::call::{Failure, guard};
use crate::status::gv_status;
use geminivideo::ErrorKind;
use geminivideo::timing::hook_optimizer::{
    analyze_hook, best_template, hook_script, hook_templates,
};
use std::ffi::c_char;

/// Judges the opening of an analysed video: a JSON object with its type, strength, score and what would improve it. What
/// the analysis did not look at is unknown in it. Free it with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_hook_analysis(
    analysis: *const gv_analysis,
    hook_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("analysis", analysis, "hook_json", hook_json, |analysis| {
            Ok(analyze_hook(&analysis.found.evidence())?)
        })
    }
}

/// Writes an opening for a product after the template that suits an industry; industry may be NULL. Scores of templates are
/// priors. Free script_json with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_hook_script(
    product: *const c_char,
    pain_point: *const c_char,
    industry: *const c_char,
    script_json: *mut *mut c_char,
) -> gv_status {
    guard(|| unsafe {
        let (product, pain) = (text("product", product)?, text("pain_point", pain_point)?);
        let industry = optional_text("industry", industry)?.unwrap_or_default();
        let place = Place::new("script_json", script_json)?;
        let templates = hook_templates()?;
        let template = best_template(&templates, industry)
            .ok_or_else(|| Failure::new(ErrorKind::Internal, "the table of openings is empty"))?;
        place.give_json(&hook_script(product, pain, template)?)
    })
}
