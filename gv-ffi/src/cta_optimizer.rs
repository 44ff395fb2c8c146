//! The call to action that a video has: how good it is (component 9).
//!
//! Places are shares of the picture's width and height, 0 to 1. What the analysis did not look at is unknown, not absent.

use crate::analysis::{GV_UNKNOWN, gv_analysis};
use crate::argument::{
    Place, Visible, answer, count, element, free, lent, number_of, object, optional_text, tell,
};
use crate::call::{Outcome, c_string, guard};
use crate::ledger::gv_ledger;
use crate::status::gv_status;
use geminivideo::timing::cta_optimizer::{CtaKind, ExistingCta, score_existing_cta};
use geminivideo::timing::placements::Placements;
use std::ffi::{CString, c_char};

/// A box of strong colour with writing in it, that stands still.
pub const GV_CANDIDATE_BUTTON: u32 = 0;
/// Writing whose words ask for something.
pub const GV_CANDIDATE_WORDS: u32 = 1;
/// Writing in the last third that nobody has read: it may be a call.
pub const GV_CANDIDATE_UNREAD_TEXT: u32 = 2;

const CANDIDATES: [(u32, CtaKind); 3] = [
    (GV_CANDIDATE_BUTTON, CtaKind::Button),
    (GV_CANDIDATE_WORDS, CtaKind::Words),
    (GV_CANDIDATE_UNREAD_TEXT, CtaKind::UnreadText),
];

/// The headline figures of a call to action.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_cta_figures {
    /// sizeof(gv_cta_figures), set by the caller.
    pub struct_size: u32,
    /// Whether there is one: GV_YES, GV_NO, or GV_UNKNOWN where what could tell is unknown.
    pub detected: i32,
    /// Whether the seconds before press, with more motion than usual or with words: GV_YES, GV_NO, or GV_UNKNOWN without a
    /// call, and where motion or what writing says is unknown and the other does not press.
    pub urgency: i32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// When it begins; NaN without a call.
    pub start_time: f64,
    /// For how many seconds it stands; NaN without a call.
    pub duration: f64,
    /// How well it is seen, 0 to 100: the sum of the ledger; 0 without a call.
    pub score: f64,
    /// Mean motion meanwhile in source pixels per nominal frame interval; NaN without a call, and where it is unknown.
    pub motion: f64,
}

unsafe impl Visible for gv_cta_figures {}

/// Something that is, or may be, a call to action. Its texts are borrowed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_cta_candidate {
    /// sizeof(gv_cta_candidate), set by the caller.
    pub struct_size: u32,
    /// By what it was recognised: GV_CANDIDATE_...
    pub kind: u32,
    /// Whether it stands in the last third: 0 or 1.
    pub late: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// When it begins.
    pub start_time: f64,
    /// When it is over.
    pub end_time: f64,
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// Mean contrast over its life, 1 to 21 (WCAG); NaN where it was not measured.
    pub contrast: f64,
    /// What it says; NULL where nobody reads.
    pub text: *const c_char,
    /// Colour of a button as "#RRGGBB"; NULL for another call.
    pub colour: *const c_char,
}

unsafe impl Visible for gv_cta_candidate {}

/// How much of a call the controls of a placement cover.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_cta_overlap {
    /// sizeof(gv_cta_overlap), set by the caller.
    pub struct_size: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// The part of the call that is covered, in percent.
    pub percent: f64,
    /// The placement, as "reels"; borrowed.
    pub placement: *const c_char,
}

unsafe impl Visible for gv_cta_overlap {}

/// A sentence.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_remark {
    /// sizeof(gv_remark), set by the caller.
    pub struct_size: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// What it says; borrowed.
    pub text: *const c_char,
}

unsafe impl Visible for gv_remark {}

/// The sentence at an index of a list.
pub(crate) fn remark(list: &[CString], index: usize) -> Outcome<gv_remark> {
    let text = element("remark", list, index)?.as_ptr();
    Ok(gv_remark { text, ..gv_remark::initial() })
}

/// The call to action of a video, as it was judged; never changes, so threads may share it.
#[derive(Debug)]
pub struct gv_cta {
    found: ExistingCta,
    ledger: gv_ledger,
    /// What each candidate says, and its colour.
    candidates: Vec<[Option<CString>; 2]>,
    placements: Vec<CString>,
    recommendations: Vec<CString>,
    unknown: Vec<CString>,
}

impl gv_cta {
    fn new(found: ExistingCta) -> Self {
        let all = |texts: &[String]| texts.iter().map(|text| c_string(text)).collect();
        let candidates = found.candidates.iter().map(|candidate| {
            [&candidate.text, &candidate.colour].map(|text| text.as_deref().map(c_string))
        });
        Self {
            ledger: gv_ledger::of(&found.parts),
            candidates: candidates.collect(),
            placements: found.safe_zones.iter().map(|zone| c_string(&zone.placement)).collect(),
            recommendations: all(&found.recommendations),
            unknown: all(&found.unknown),
            found,
        }
    }
}

/// Judges the call to action of an analysed video, against what the surfaces of the platforms cover. placements_json is a
/// table of one's own, or NULL for the built-in one. Free it with gv_cta_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_new(
    analysis: *const gv_analysis,
    placements_json: *const c_char,
    cta: *mut *mut gv_cta,
) -> gv_status {
    guard(|| unsafe {
        let analysis = object("analysis", analysis)?;
        let place = Place::new("cta", cta)?;
        place.give(gv_cta::new(judged(analysis, placements_json)?));
        Ok(())
    })
}

unsafe fn judged(analysis: &gv_analysis, placements_json: *const c_char) -> Outcome<ExistingCta> {
    let table = unsafe { optional_text("placements_json", placements_json) }?;
    let placements = table.map_or_else(Placements::built_in, Placements::from_json)?;
    Ok(score_existing_cta(&analysis.found.evidence(), &placements)?)
}

/// Frees a call to action. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_free(cta: *mut gv_cta) {
    unsafe { free(cta) };
}

/// The headline figures. figures->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_summary(
    cta: *const gv_cta,
    figures: *mut gv_cta_figures,
) -> gv_status {
    unsafe {
        answer("cta", cta, "figures", figures, |cta| {
            let found = &cta.found;
            Ok(gv_cta_figures {
                detected: found.cta_detected.map_or(GV_UNKNOWN, i32::from),
                urgency: found.pre_cta_urgency.map_or(GV_UNKNOWN, i32::from),
                start_time: found.cta_start_time.unwrap_or(f64::NAN),
                duration: found.cta_duration.unwrap_or(f64::NAN),
                score: found.cta_visibility_score,
                motion: found.motion_during_cta.unwrap_or(f64::NAN),
                ..gv_cta_figures::initial()
            })
        })
    }
}

/// The parts of the score; none without a call. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_ledger(cta: *const gv_cta) -> *const gv_ledger {
    unsafe { object("cta", cta) }.map_or(std::ptr::null(), |cta| &raw const cta.ledger)
}

/// Number of candidates: the call that was judged, else what may be one. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_candidates_len(cta: *const gv_cta) -> usize {
    unsafe { count(cta, |cta| cta.found.candidates.len()) }
}

/// The candidate at index, the best first. candidate->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_candidates_get(
    cta: *const gv_cta,
    index: usize,
    candidate: *mut gv_cta_candidate,
) -> gv_status {
    unsafe {
        answer("cta", cta, "candidate", candidate, |cta| {
            let found = element("candidate", &cta.found.candidates, index)?;
            let [text, colour] = element("candidate", &cta.candidates, index)?;
            Ok(gv_cta_candidate {
                kind: number_of(&found.kind, &CANDIDATES),
                late: u32::from(found.late),
                start_time: found.start_time,
                end_time: found.end_time,
                x: found.area.x,
                y: found.area.y,
                width: found.area.width,
                height: found.area.height,
                contrast: found.contrast.unwrap_or(f64::NAN),
                text: lent(text.as_ref()),
                colour: lent(colour.as_ref()),
                ..gv_cta_candidate::initial()
            })
        })
    }
}

/// Number of vertical placements whose controls were looked at: none for a picture that is not vertical, and without a
/// call. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_overlaps_len(cta: *const gv_cta) -> usize {
    unsafe { count(cta, |cta| cta.found.safe_zones.len()) }
}

/// How much the placement at index covers. overlap->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_overlaps_get(
    cta: *const gv_cta,
    index: usize,
    overlap: *mut gv_cta_overlap,
) -> gv_status {
    unsafe {
        answer("cta", cta, "overlap", overlap, |cta| {
            Ok(gv_cta_overlap {
                percent: element("placement", &cta.found.safe_zones, index)?.overlap_percent,
                placement: element("placement", &cta.placements, index)?.as_ptr(),
                ..gv_cta_overlap::initial()
            })
        })
    }
}

/// Number of things to do. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_recommendations_len(cta: *const gv_cta) -> usize {
    unsafe { count(cta, |cta| cta.recommendations.len()) }
}

/// What to do at index, with times and values. remark->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_recommendations_get(
    cta: *const gv_cta,
    index: usize,
    remark: *mut gv_remark,
) -> gv_status {
    unsafe { answer("cta", cta, "remark", remark, |cta| self::remark(&cta.recommendations, index)) }
}

/// Number of things that could not be told. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_unknown_len(cta: *const gv_cta) -> usize {
    unsafe { count(cta, |cta| cta.unknown.len()) }
}

/// What could not be told at index, and why. remark->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_unknown_get(
    cta: *const gv_cta,
    index: usize,
    remark: *mut gv_remark,
) -> gv_status {
    unsafe { answer("cta", cta, "remark", remark, |cta| self::remark(&cta.unknown, index)) }
}

/// Judges the call to action as gv_cta_new does, and tells everything as a JSON object. Free cta_json with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_cta_analysis(
    analysis: *const gv_analysis,
    placements_json: *const c_char,
    cta_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("analysis", analysis, "cta_json", cta_json, |analysis| {
            judged(analysis, placements_json)
        })
    }
}
