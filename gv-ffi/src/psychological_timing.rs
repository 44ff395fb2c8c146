//! Psychological timing: when a viewer can take which message in (component 4).

use crate::analysis::gv_analysis;
use crate::argument::{Place, tell, values};
use crate::call::{Failure, guard};
use crate::status::gv_status;
use geminivideo::timing::psychological_timing::{
    MotionSample, optimize_trigger_placement, samples_of,
};
use std::ffi::c_char;

/// Places triggers in an analysed video: a JSON object with windows and a recommended structure. Free it with
/// gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_trigger_plan(
    analysis: *const gv_analysis,
    plan_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("analysis", analysis, "plan_json", plan_json, |analysis| {
            Ok(optimize_trigger_placement(&samples_of(&analysis.found.motion))?)
        })
    }
}

/// Places triggers in samples of motion: len times in seconds, in order, and energies in source pixels per frame
/// interval; faces holds GV_YES, GV_NO or GV_UNKNOWN for each, or is NULL. Free plan_json with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_trigger_plan_of_samples(
    times: *const f64,
    energies: *const f64,
    faces: *const i32,
    len: usize,
    plan_json: *mut *mut c_char,
) -> gv_status {
    guard(|| unsafe {
        let (times, energies) = (values("times", times, len)?, values("energies", energies, len)?);
        let faces = if faces.is_null() { &[] } else { values("faces", faces, len)? };
        let mut samples = Vec::with_capacity(len);
        for (index, (&time, &energy)) in times.iter().zip(energies).enumerate() {
            let has_face = match faces.get(index) {
                None | Some(-1) => None,
                Some(0) => Some(false),
                Some(1) => Some(true),
                Some(odd) => {
                    let message = format!("faces[{index}] is {odd}, allowed is -1, 0, 1");
                    return Err(Failure::invalid(message));
                }
            };
            samples.push(MotionSample { time, energy, has_face });
        }
        Place::new("plan_json", plan_json)?.give_json(&optimize_trigger_placement(&samples)?)
    })
}
