//! What an analysis found.
//!
//! Times are presentation times in seconds, frames are counted from 0. gv_analysis_json tells everything; the other
//! functions tell what most programs ask for.

use crate::argument::{Place, Visible, element, fill, free, number_of, object};
use crate::call::{c_string, guard};
use crate::status::gv_status;
use geminivideo::Analysis;
use geminivideo::vision::motion_energy::MotionType;
use geminivideo::vision::motion_moment_sdk::MomentType;
use geminivideo::vision::shots::BoundaryKind;
use std::ffi::{CString, c_char};
use std::mem::size_of;

/// Everything that was found in a video; never changes, so threads may share it.
#[derive(Debug)]
pub struct gv_analysis {
    pub(crate) found: Analysis,
    reasons: Vec<CString>,
}

impl gv_analysis {
    pub(crate) fn new(found: Analysis) -> Self {
        let reasons = found.moments.iter().map(|moment| c_string(&moment.reason)).collect();
        Self { found, reasons }
    }
}

/// Next to nothing moves.
pub const GV_MOTION_STATIC: u32 = 0;
/// Smooth motion.
pub const GV_MOTION_SMOOTH: u32 = 1;
/// Fast motion.
pub const GV_MOTION_FAST: u32 = 2;
/// Chaotic motion.
pub const GV_MOTION_CHAOTIC: u32 = 3;

const MOTIONS: [(u32, MotionType); 4] = [
    (GV_MOTION_STATIC, MotionType::Static),
    (GV_MOTION_SMOOTH, MotionType::Smooth),
    (GV_MOTION_FAST, MotionType::Fast),
    (GV_MOTION_CHAOTIC, MotionType::Chaotic),
];

/// The video begins: there is no boundary before its first shot.
pub const GV_BOUNDARY_START: u32 = 0;
/// From one frame to the next.
pub const GV_BOUNDARY_CUT: u32 = 1;
/// One picture fades into the other while both are seen.
pub const GV_BOUNDARY_DISSOLVE: u32 = 2;
/// The picture fades to a plain colour, and the next one appears out of it.
pub const GV_BOUNDARY_FADE: u32 = 3;
/// The picture fades to a plain colour that stays.
pub const GV_BOUNDARY_FADE_OUT: u32 = 4;
/// A picture appears out of a plain colour that stood.
pub const GV_BOUNDARY_FADE_IN: u32 = 5;

const BOUNDARIES: [(u32, BoundaryKind); 5] = [
    (GV_BOUNDARY_CUT, BoundaryKind::Cut),
    (GV_BOUNDARY_DISSOLVE, BoundaryKind::Dissolve),
    (GV_BOUNDARY_FADE, BoundaryKind::Fade),
    (GV_BOUNDARY_FADE_OUT, BoundaryKind::FadeOut),
    (GV_BOUNDARY_FADE_IN, BoundaryKind::FadeIn),
];

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

/// It was not looked at, so nobody knows.
pub const GV_UNKNOWN: i32 = -1;
/// It was looked for, and is not there.
pub const GV_NO: i32 = 0;
/// It is there.
pub const GV_YES: i32 = 1;

/// The headline figures of an analysis.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_summary {
    /// sizeof(gv_summary), set by the caller.
    pub struct_size: u32,
    /// Width of the picture in pixels, as a player shows it.
    pub width: u32,
    /// Height of the picture in pixels.
    pub height: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// Seconds from the first frame to the end of the last.
    pub duration: f64,
    /// Presentation time of the first frame.
    pub start_time: f64,
    /// Frames per second that the video is made for, as rate_num / rate_den; 0 / 1 where nobody knows.
    pub rate_num: i64,
    /// See rate_num.
    pub rate_den: i64,
    /// Frames that were decoded.
    pub frames: u64,
    /// Damaged places that the decoder met.
    pub damage: u64,
    /// Median motion in source pixels per nominal frame interval; NaN where none was measured.
    pub median_energy: f64,
    /// Highest motion; NaN where none was measured.
    pub max_energy: f64,
    /// Part of the time in which next to nothing moves, 0 to 1; NaN where none was measured.
    pub still_share: f64,
}

unsafe impl Visible for gv_summary {
    fn initial() -> Self {
        Self {
            struct_size: size_of::<Self>() as u32,
            width: 0,
            height: 0,
            reserved: 0,
            duration: 0.0,
            start_time: 0.0,
            rate_num: 0,
            rate_den: 1,
            frames: 0,
            damage: 0,
            median_energy: f64::NAN,
            max_energy: f64::NAN,
            still_share: f64::NAN,
        }
    }
}

/// A run of frames between two boundaries.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_shot {
    /// sizeof(gv_shot), set by the caller.
    pub struct_size: u32,
    /// How it begins: GV_BOUNDARY_...
    pub boundary: u32,
    /// The first frame.
    pub start_frame: u64,
    /// One past the last frame.
    pub end_frame: u64,
    /// When the first frame is shown.
    pub start_time: f64,
    /// When the next shot's first frame is shown, or the end of the video.
    pub end_time: f64,
    /// Evidence for the boundary that begins it, above 0 to 1; 0 for the first shot.
    pub boundary_score: f64,
    /// Whether every frame is of one plain colour: 0 or 1.
    pub blank: u32,
    /// 0; fills the struct.
    pub reserved: u32,
}

unsafe impl Visible for gv_shot {
    fn initial() -> Self {
        Self {
            struct_size: size_of::<Self>() as u32,
            boundary: GV_BOUNDARY_START,
            start_frame: 0,
            end_frame: 0,
            start_time: 0.0,
            end_time: 0.0,
            boundary_score: 0.0,
            blank: 0,
            reserved: 0,
        }
    }
}

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

unsafe impl Visible for gv_moment {
    fn initial() -> Self {
        Self {
            struct_size: size_of::<Self>() as u32,
            kind: 0,
            start_frame: 0,
            end_frame: 0,
            start_time: 0.0,
            end_time: 0.0,
            energy: 0.0,
            peak_frame: 0,
            peak_energy: 0.0,
            score: 0.0,
            face_present: GV_UNKNOWN,
            reserved: 0,
            reason: std::ptr::null(),
        }
    }
}

/// How much moves from one frame to the next one that was looked at.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_motion_frame {
    /// sizeof(gv_motion_frame), set by the caller.
    pub struct_size: u32,
    /// How much: GV_MOTION_STATIC, ..._SMOOTH, ..._FAST or ..._CHAOTIC.
    pub motion_type: u32,
    /// Number of the second frame.
    pub frame: u64,
    /// When the second frame is shown.
    pub time: f64,
    /// When the first frame is shown.
    pub from_time: f64,
    /// Mean displacement in source pixels per nominal frame interval.
    pub mean_energy: f64,
    /// The same in frame diagonals per second, which any size and rate of a video share.
    pub diagonals_per_second: f64,
    /// Number of the shot that both frames belong to.
    pub shot: u32,
    /// 0; fills the struct.
    pub reserved: u32,
}

unsafe impl Visible for gv_motion_frame {
    fn initial() -> Self {
        Self {
            struct_size: size_of::<Self>() as u32,
            motion_type: GV_MOTION_STATIC,
            frame: 0,
            time: 0.0,
            from_time: 0.0,
            mean_energy: 0.0,
            diagonals_per_second: 0.0,
            shot: 0,
            reserved: 0,
        }
    }
}

/// Frees an analysis. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_free(analysis: *mut gv_analysis) {
    unsafe { free(analysis) };
}

/// Everything as one JSON document, to be freed with gv_string_free; its field schema_version tells its shape.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_json(
    analysis: *const gv_analysis,
    json: *mut *mut c_char,
) -> gv_status {
    guard(|| unsafe {
        let analysis = object("analysis", analysis)?;
        Place::new("json", json)?.give_json(&analysis.found)
    })
}

/// The headline figures. summary->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_summary(
    analysis: *const gv_analysis,
    summary: *mut gv_summary,
) -> gv_status {
    guard(|| unsafe {
        let found = &object("analysis", analysis)?.found;
        let rate = found.video.nominal_rate;
        let energy = found.motion.energy_stats;
        let told = gv_summary {
            width: found.video.width,
            height: found.video.height,
            duration: found.duration(),
            start_time: found.motion.start_time,
            rate_num: rate.map_or(0, |rate| rate.num()),
            rate_den: rate.map_or(1, |rate| rate.den()),
            frames: found.frames,
            damage: found.damage,
            median_energy: energy.map_or(f64::NAN, |energy| energy.median),
            max_energy: energy.map_or(f64::NAN, |energy| energy.max),
            still_share: found.motion.motion_distribution.map_or(f64::NAN, |part| part.still),
            ..gv_summary::initial()
        };
        fill("summary", summary, &told)
    })
}

/// Number of shots; they cover every frame once. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_shots_len(analysis: *const gv_analysis) -> usize {
    unsafe { length(analysis, |analysis| analysis.found.shots.shots.len()) }
}

/// The shot at index. shot->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_shots_get(
    analysis: *const gv_analysis,
    index: usize,
    shot: *mut gv_shot,
) -> gv_status {
    guard(|| unsafe {
        let list = &object("analysis", analysis)?.found.shots;
        let found = element("shot", &list.shots, index)?;
        let boundary = index.checked_sub(1).and_then(|before| list.boundaries.get(before));
        let told = gv_shot {
            boundary: boundary
                .map_or(GV_BOUNDARY_START, |boundary| number_of(&boundary.kind, &BOUNDARIES)),
            start_frame: found.start_frame,
            end_frame: found.end_frame,
            start_time: found.start_time,
            end_time: found.end_time,
            boundary_score: boundary.map_or(0.0, |boundary| boundary.score),
            blank: u32::from(found.blank),
            ..gv_shot::initial()
        };
        fill("shot", shot, &told)
    })
}

/// Number of moments that stand out. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_moments_len(analysis: *const gv_analysis) -> usize {
    unsafe { length(analysis, |analysis| analysis.found.moments.len()) }
}

/// The moment at index. moment->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_moments_get(
    analysis: *const gv_analysis,
    index: usize,
    moment: *mut gv_moment,
) -> gv_status {
    guard(|| unsafe {
        let analysis = object("analysis", analysis)?;
        let found = element("moment", &analysis.found.moments, index)?;
        let told = gv_moment {
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
            reason: element("moment", &analysis.reasons, index)?.as_ptr(),
            ..gv_moment::initial()
        };
        fill("moment", moment, &told)
    })
}

/// Number of measured pairs of frames. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_motion_len(analysis: *const gv_analysis) -> usize {
    unsafe { length(analysis, |analysis| analysis.found.motion.frames.len()) }
}

/// The measured pair at index, in time order. frame->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_motion_get(
    analysis: *const gv_analysis,
    index: usize,
    frame: *mut gv_motion_frame,
) -> gv_status {
    guard(|| unsafe {
        let analysis = object("analysis", analysis)?;
        let found = element("pair", &analysis.found.motion.frames, index)?;
        let told = gv_motion_frame {
            motion_type: number_of(&found.motion.motion_type, &MOTIONS),
            frame: found.frame_idx,
            time: found.timestamp,
            from_time: found.from_time,
            mean_energy: found.motion.mean_energy,
            diagonals_per_second: found.motion.diagonals_per_second,
            shot: found.shot,
            ..gv_motion_frame::initial()
        };
        fill("frame", frame, &told)
    })
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
        let (at, values) = (Place::new("times", times)?, Place::new("values", values)?);
        let len = Place::new("len", len)?;
        at.put(curve.timeline.as_ptr());
        values.put(curve.attention.as_ptr());
        len.put(curve.timeline.len().min(curve.attention.len()));
        Ok(())
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
            crate::call::Failure::new(geminivideo::ErrorKind::NotFound, message)
        })?;
        place.put(at);
        Ok(())
    })
}

unsafe fn length(analysis: *const gv_analysis, of: impl Fn(&gv_analysis) -> usize) -> usize {
    unsafe { object("analysis", analysis) }.map_or(0, of)
}
