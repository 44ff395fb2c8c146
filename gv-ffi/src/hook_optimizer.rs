//! The opening: whether it holds, and how to write one (component 8).
//!
//! What the analysis did not look at is unknown: it adds nothing to the score, and its values are NaN.

use crate::analysis::gv_analysis;
use crate::argument::{
    Place, Visible, answer, count, element, free, lend_curve, number_of, object, optional_text,
    tell, text,
};
use crate::call::{Failure, c_string, guard};
use crate::ledger::gv_ledger;
use crate::status::gv_status;
use geminivideo::ErrorKind;
use geminivideo::timing::hook_optimizer::{
    HookAnalysis, HookType, analyze_hook, best_template, hook_script, hook_templates,
};
use std::ffi::{CString, c_char};

/// It works by a face.
pub const GV_HOOK_FACE: u32 = 0;
/// By movement.
pub const GV_HOOK_MOTION: u32 = 1;
/// By writing.
pub const GV_HOOK_TEXT: u32 = 2;
/// By sound.
pub const GV_HOOK_AUDIO: u32 = 3;
/// By a sudden change.
pub const GV_HOOK_PATTERN_INTERRUPT: u32 = 4;
/// By before and after: a state that holds changes into another that holds.
pub const GV_HOOK_TRANSFORMATION: u32 = 5;
/// By a question, written or spoken.
pub const GV_HOOK_QUESTION: u32 = 6;
/// Nothing of what is known is strong enough to be called a hook.
pub const GV_HOOK_NONE: u32 = u32::MAX;

const HOOKS: [(u32, HookType); 7] = [
    (GV_HOOK_FACE, HookType::FaceHook),
    (GV_HOOK_MOTION, HookType::MotionHook),
    (GV_HOOK_TEXT, HookType::TextHook),
    (GV_HOOK_AUDIO, HookType::AudioHook),
    (GV_HOOK_PATTERN_INTERRUPT, HookType::PatternInterrupt),
    (GV_HOOK_TRANSFORMATION, HookType::Transformation),
    (GV_HOOK_QUESTION, HookType::Question),
];

/// The headline figures of an opening.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_hook_figures {
    /// sizeof(gv_hook_figures), set by the caller.
    pub struct_size: u32,
    /// What it works by most: GV_HOOK_...
    pub kind: u32,
    /// 0 to 100: the sum of the ledger.
    pub score: f64,
    /// What the score would be at most if all that is unknown were perfect.
    pub possible_score: f64,
    /// When the first face is seen; NaN where none is, or faces are unknown.
    pub first_face_time: f64,
    /// When motion peaks first; NaN where little moves, or motion is unknown.
    pub first_motion_peak: f64,
    /// When the first writing stands; NaN where none does, or writing is unknown.
    pub first_text_time: f64,
    /// When sound sets in strongly for the first time; NaN where it does not, or sound is unknown.
    pub first_audio_peak: f64,
    /// How unexpected the strongest change is, 0 to 1; NaN where light and colour are unknown.
    pub pattern_interrupt: f64,
    /// Mean of what is known of closeness of faces, attention and strength of sound, 0 to 1.
    pub emotional_intensity: f64,
    /// Where the first cut belongs.
    pub optimal_cut_time: f64,
}

unsafe impl Visible for gv_hook_figures {}

/// How much speaks for one type of hook.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_hook_strength {
    /// sizeof(gv_hook_strength), set by the caller.
    pub struct_size: u32,
    /// The type: GV_HOOK_...
    pub kind: u32,
    /// 0 to 1; NaN where nobody looked for it.
    pub strength: f64,
    /// When it happens; NaN where it does not.
    pub time: f64,
    /// What was measured, in the unit that reason names; NaN where nothing was.
    pub measured: f64,
    /// What was found, in words; borrowed from the hook.
    pub reason: *const c_char,
}

unsafe impl Visible for gv_hook_strength {}

/// Something to do about an opening. Its texts are borrowed from the hook.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_hook_improvement {
    /// sizeof(gv_hook_improvement), set by the caller.
    pub struct_size: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// When.
    pub time: f64,
    /// What was measured; NaN where it is that nothing is there.
    pub measured: f64,
    /// What it should be.
    pub wanted: f64,
    /// Which part of the score it would raise, as the ledger names it.
    pub part: *const c_char,
    /// What to do, and why, in words.
    pub text: *const c_char,
}

unsafe impl Visible for gv_hook_improvement {}

/// What an opening is, how well it works, and what to do about it; never changes, so threads may share it.
#[derive(Debug)]
pub struct gv_hook {
    found: HookAnalysis,
    ledger: gv_ledger,
    reasons: Vec<CString>,
    improvements: Vec<[CString; 2]>,
}

/// Judges the opening of an analysed video. Free it with gv_hook_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_hook_new(
    analysis: *const gv_analysis,
    hook: *mut *mut gv_hook,
) -> gv_status {
    guard(|| unsafe {
        let analysis = object("analysis", analysis)?;
        let place = Place::new("hook", hook)?;
        let found = analyze_hook(&analysis.found.evidence())?;
        let improvements = found.improvements.iter();
        let improvements = improvements.map(|to_do| [c_string(&to_do.part), c_string(&to_do.text)]);
        place.give(gv_hook {
            ledger: gv_ledger::of(&found.parts),
            reasons: found.strengths.iter().map(|strength| c_string(&strength.reason)).collect(),
            improvements: improvements.collect(),
            found,
        });
        Ok(())
    })
}

/// Frees a hook. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_hook_free(hook: *mut gv_hook) {
    unsafe { free(hook) };
}

/// The headline figures. figures->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_hook_summary(
    hook: *const gv_hook,
    figures: *mut gv_hook_figures,
) -> gv_status {
    unsafe {
        answer("hook", hook, "figures", figures, |hook| {
            let found = &hook.found;
            Ok(gv_hook_figures {
                kind: found.hook_type.map_or(GV_HOOK_NONE, |kind| number_of(&kind, &HOOKS)),
                score: found.effectiveness_score,
                possible_score: found.possible_score,
                first_face_time: found.first_face_time.unwrap_or(f64::NAN),
                first_motion_peak: found.first_motion_peak.unwrap_or(f64::NAN),
                first_text_time: found.first_text_time.unwrap_or(f64::NAN),
                first_audio_peak: found.first_audio_peak.unwrap_or(f64::NAN),
                pattern_interrupt: found.pattern_interrupt_score.unwrap_or(f64::NAN),
                emotional_intensity: found.emotional_intensity,
                optimal_cut_time: found.optimal_cut_time,
                ..gv_hook_figures::initial()
            })
        })
    }
}

/// The parts of the score. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_hook_ledger(hook: *const gv_hook) -> *const gv_ledger {
    unsafe { object("hook", hook) }.map_or(std::ptr::null(), |hook| &raw const hook.ledger)
}

/// Predicted attention in the opening: len times and as many values from 0 to 1, borrowed from the hook; none where attention
/// is unknown.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_hook_attention(
    hook: *const gv_hook,
    times: *mut *const f64,
    values: *mut *const f64,
    len: *mut usize,
) -> gv_status {
    guard(|| unsafe {
        let found = &object("hook", hook)?.found;
        lend_curve((&found.attention_times, &found.attention_curve), times, values, len)
    })
}

/// Number of types, all of which are told. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_hook_strengths_len(hook: *const gv_hook) -> usize {
    unsafe { count(hook, |hook| hook.found.strengths.len()) }
}

/// How much speaks for the type at index. strength->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_hook_strengths_get(
    hook: *const gv_hook,
    index: usize,
    strength: *mut gv_hook_strength,
) -> gv_status {
    unsafe {
        answer("hook", hook, "strength", strength, |hook| {
            let found = element("strength", &hook.found.strengths, index)?;
            Ok(gv_hook_strength {
                kind: number_of(&found.hook_type, &HOOKS),
                strength: found.strength.unwrap_or(f64::NAN),
                time: found.time.unwrap_or(f64::NAN),
                measured: found.measured.unwrap_or(f64::NAN),
                reason: element("strength", &hook.reasons, index)?.as_ptr(),
                ..gv_hook_strength::initial()
            })
        })
    }
}

/// Number of things to do. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_hook_improvements_len(hook: *const gv_hook) -> usize {
    unsafe { count(hook, |hook| hook.found.improvements.len()) }
}

/// What to do at index, the largest gain first. improvement->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_hook_improvements_get(
    hook: *const gv_hook,
    index: usize,
    improvement: *mut gv_hook_improvement,
) -> gv_status {
    unsafe {
        answer("hook", hook, "improvement", improvement, |hook| {
            let found = element("improvement", &hook.found.improvements, index)?;
            let [part, text] = element("improvement", &hook.improvements, index)?;
            Ok(gv_hook_improvement {
                time: found.time,
                measured: found.measured.unwrap_or(f64::NAN),
                wanted: found.wanted,
                part: part.as_ptr(),
                text: text.as_ptr(),
                ..gv_hook_improvement::initial()
            })
        })
    }
}

/// Judges the opening of an analysed video, and tells everything as a JSON object. Free it with gv_string_free.
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
