//! Where a call to action belongs, and in which words (component 9).

use crate::analysis::gv_analysis;
use crate::argument::{Place, Visible, answer, count, free, number_of, object, tell, text};
use crate::call::{Outcome, c_string, guard};
use crate::cta_optimizer::{gv_remark, remark};
use crate::ledger::gv_ledger;
use crate::status::gv_status;
use geminivideo::timing::cta_optimizer::{
    CtaPlacement, CtaPosition, CtaType, analyze_cta_timing, best_for_industry, generate_sequence,
    generate_variations,
};
use std::ffi::{CString, c_char};

/// A button of any text.
pub const GV_CTA_BUTTON: u32 = 0;
/// To swipe up.
pub const GV_CTA_SWIPE_UP: u32 = 1;
/// To follow the link of a profile.
pub const GV_CTA_LINK_BIO: u32 = 2;
/// To shop.
pub const GV_CTA_SHOP_NOW: u32 = 3;
/// To read on.
pub const GV_CTA_LEARN_MORE: u32 = 4;
/// To sign up.
pub const GV_CTA_SIGN_UP: u32 = 5;
/// To download.
pub const GV_CTA_DOWNLOAD: u32 = 6;
/// To call.
pub const GV_CTA_CALL_NOW: u32 = 7;
/// To act before a clock runs out.
pub const GV_CTA_COUNTDOWN: u32 = 8;
/// Something else.
pub const GV_CTA_CUSTOM: u32 = 9;

const TYPES: [(u32, CtaType); 10] = [
    (GV_CTA_BUTTON, CtaType::Button),
    (GV_CTA_SWIPE_UP, CtaType::SwipeUp),
    (GV_CTA_LINK_BIO, CtaType::LinkBio),
    (GV_CTA_SHOP_NOW, CtaType::ShopNow),
    (GV_CTA_LEARN_MORE, CtaType::LearnMore),
    (GV_CTA_SIGN_UP, CtaType::SignUp),
    (GV_CTA_DOWNLOAD, CtaType::Download),
    (GV_CTA_CALL_NOW, CtaType::CallNow),
    (GV_CTA_COUNTDOWN, CtaType::Countdown),
    (GV_CTA_CUSTOM, CtaType::Custom),
];

/// In the last 3 to 5 seconds.
pub const GV_CTA_POSITION_END: u32 = 0;
/// From 70 to 85 % of the video.
pub const GV_CTA_POSITION_MID_END: u32 = 1;
/// Several times.
pub const GV_CTA_POSITION_REPEATED: u32 = 2;
/// At half of the video and at its end.
pub const GV_CTA_POSITION_EARLY_END: u32 = 3;

const POSITIONS: [(u32, CtaPosition); 4] = [
    (GV_CTA_POSITION_END, CtaPosition::End),
    (GV_CTA_POSITION_MID_END, CtaPosition::MidEnd),
    (GV_CTA_POSITION_REPEATED, CtaPosition::Repeated),
    (GV_CTA_POSITION_EARLY_END, CtaPosition::EarlyEnd),
];

/// A call to action at its best place. Its texts are borrowed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_cta_place_figures {
    /// sizeof(gv_cta_place_figures), set by the caller.
    pub struct_size: u32,
    /// What it asks for: GV_CTA_BUTTON and what follows.
    pub kind: u32,
    /// Where calls of this industry stand: GV_CTA_POSITION_...
    pub position: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// When it begins.
    pub start_time: f64,
    /// When it is over.
    pub end_time: f64,
    /// How much speaks for the place, 0 to 1: the sum of the ledger.
    pub score: f64,
    /// What it says.
    pub text: *const c_char,
    /// Colour of its button as "#RRGGBB".
    pub colour: *const c_char,
    /// Why there, in words.
    pub reason: *const c_char,
}

unsafe impl Visible for gv_cta_place_figures {}

/// Where a call to action belongs in a video, and why; never changes, so threads may share it.
#[derive(Debug)]
pub struct gv_cta_place {
    found: CtaPlacement,
    ledger: gv_ledger,
    /// What it says, its colour, and why there.
    texts: [CString; 3],
    steps: Vec<CString>,
}

/// Places the call to action that suits an industry in an analysed video. Free it with gv_cta_place_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_place_new(
    analysis: *const gv_analysis,
    industry: *const c_char,
    place: *mut *mut gv_cta_place,
) -> gv_status {
    guard(|| unsafe {
        let analysis = object("analysis", analysis)?;
        let given = Place::new("place", place)?;
        let found = placed(analysis, industry)?;
        let call = &found.cta_config;
        given.give(gv_cta_place {
            ledger: gv_ledger::of(&found.parts),
            texts: [&call.text, &call.button_color, &found.reason].map(|text| c_string(text)),
            steps: found.pre_cta_sequence.iter().map(|step| c_string(step)).collect(),
            found,
        });
        Ok(())
    })
}

unsafe fn placed(analysis: &gv_analysis, industry: *const c_char) -> Outcome<CtaPlacement> {
    let (_, config) = best_for_industry(unsafe { text("industry", industry) }?)?;
    Ok(analyze_cta_timing(&analysis.found.evidence(), &config)?)
}

/// Frees a place. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_place_free(place: *mut gv_cta_place) {
    unsafe { free(place) };
}

/// The call and its place. figures->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_place_summary(
    place: *const gv_cta_place,
    figures: *mut gv_cta_place_figures,
) -> gv_status {
    unsafe {
        answer("place", place, "figures", figures, |place| {
            let found = &place.found;
            let [text, colour, reason] = place.texts.each_ref().map(|text| text.as_ptr());
            Ok(gv_cta_place_figures {
                kind: number_of(&found.cta_config.cta_type, &TYPES),
                position: number_of(&found.cta_config.position, &POSITIONS),
                start_time: found.start_time,
                end_time: found.end_time,
                score: found.confidence_score,
                text,
                colour,
                reason,
                ..gv_cta_place_figures::initial()
            })
        })
    }
}

/// What speaks for the place. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_place_ledger(place: *const gv_cta_place) -> *const gv_ledger {
    unsafe { object("place", place) }.map_or(std::ptr::null(), |place| &raw const place.ledger)
}

/// Number of things that should happen before the call. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_place_steps_len(place: *const gv_cta_place) -> usize {
    unsafe { count(place, |place| place.steps.len()) }
}

/// What should happen before the call, in the order of time. remark->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_place_steps_get(
    place: *const gv_cta_place,
    index: usize,
    remark: *mut gv_remark,
) -> gv_status {
    unsafe { answer("place", place, "remark", remark, |place| self::remark(&place.steps, index)) }
}

/// Places the call to action as gv_cta_place_new does, and tells everything as a JSON object. Free placement_json with
/// gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_timing(
    analysis: *const gv_analysis,
    industry: *const c_char,
    placement_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("analysis", analysis, "placement_json", placement_json, |analysis| {
            placed(analysis, industry)
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
