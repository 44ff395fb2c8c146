//! Moments that stand out, and attention over time (component 1).

use crate::analysis::{GV_UNKNOWN, gv_analysis};
use crate::argument::{Place, Visible, answer, count, element, lend_curve, number_of, object};
use crate::call::{Failure, guard};
use crate::status::gv_status;
use geminivideo::ErrorKind;
use geminivideo::vision::motion_moment_sdk::MomentType;
use std::ffi::c_char;

/// The attention peak of the opening.
pub const GV_MOMENT_HOOK: u32 = 0;
/// A shot boundary, or a strong change of how much moves.
pub const GV_MOMENT_TRANSITION: u32 = 1;
/// The calm picture of the closing section that an attention peak leads to.
pub const GV_MOMENT_CTA: u32 = 2;
/// A held shot in the middle, much calmer than the rest, or calm with a face.
pub const GV_MOMENT_EMOTIONAL: u32 = 3;

const MOMENTS: [(u32, MomentType); 4] = [
    (GV_MOMENT_HOOK, MomentType::Hook),
    (GV_MOMENT_TRANSITION, MomentType::Transition),
    (GV_MOMENT_CTA, MomentType::Cta),
    (GV_MOMENT_EMOTIONAL, MomentType::Emotional),
];

/// A stretch of the video that does something.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_moment {
    /// sizeof(gv_moment), set by the caller.
    pub struct_size: u32,
    /// What it does: GV_MOMENT_...
    pub kind: u32,
    /// The first frame.
    pub start_frame: u64,
    /// The last frame.
    pub end_frame: u64,
    /// When the first frame is shown.
    pub start_time: f64,
    /// When the last frame stops being shown.
    pub end_time: f64,
    /// Mean motion in source pixels per nominal frame interval, cuts left out.
    pub energy: f64,
    /// The frame that the strongest motion leads to.
    pub peak_frame: u64,
    /// Its motion.
    pub peak_energy: f64,
    /// How clear the case is, 0 to 1.
    pub score: f64,
    /// Whether a face is seen for at least half of it: GV_YES, GV_NO or GV_UNKNOWN.
    pub face_present: i32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// What was measured, in words; borrowed from the analysis.
    pub reason: *const c_char,
}

unsafe impl Visible for gv_moment {}

/// Number of moments that stand out. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_moments_len(analysis: *const gv_analysis) -> usize {
    unsafe { count(analysis, |analysis| analysis.found.moments.len()) }
}

/// The moment at index. moment->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_moments_get(
    analysis: *const gv_analysis,
    index: usize,
    moment: *mut gv_moment,
) -> gv_status {
    unsafe {
        answer("analysis", analysis, "moment", moment, |analysis| {
            let found = element("moment", &analysis.found.moments, index)?;
            Ok(gv_moment {
                kind: number_of(&found.moment_type, &MOMENTS),
                start_frame: found.frame_start,
                end_frame: found.frame_end,
                start_time: found.timestamp_start,
                end_time: found.timestamp_end,
                energy: found.motion_energy,
                peak_frame: found.peak_frame,
                peak_energy: found.peak_energy,
                score: found.score,
                face_present: found.face_present.map_or(GV_UNKNOWN, i32::from),
                reason: element("moment", &analysis.texts.reasons, index)?.as_ptr(),
                ..gv_moment::initial()
            })
        })
    }
}

/// The attention curve: len times and as many values from 0 to 1, borrowed from the analysis.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_attention(
    analysis: *const gv_analysis,
    times: *mut *const f64,
    values: *mut *const f64,
    len: *mut usize,
) -> gv_status {
    guard(|| unsafe {
        let curve = &object("analysis", analysis)?.found.attention;
        lend_curve((&curve.timeline, &curve.attention), times, values, len)
    })
}

/// Attention at a time, 0 to 1; GV_NOT_FOUND outside the video.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_attention_at(
    analysis: *const gv_analysis,
    time: f64,
    value: *mut f64,
) -> gv_status {
    guard(|| unsafe {
        let found = &object("analysis", analysis)?.found;
        let place = Place::new("value", value)?;
        let at = found.attention.at(time).ok_or_else(|| {
            let message = format!("there is no attention at {time} s");
            Failure::new(ErrorKind::NotFound, message)
        })?;
        place.put(at);
        Ok(())
    })
}
