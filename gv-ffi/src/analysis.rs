//! What an analysis found.
//!
//! Times are presentation times in seconds, frames are counted from 0. gv_analysis_json tells everything; the other
//! functions tell what most programs ask for.

use crate::argument::{Place, Visible, answer, count, element, free, number_of, object};
use crate::call::{Failure, Outcome, c_string, guard};
use crate::sound::gv_sound;
use crate::status::gv_status;
use geminivideo::timing::precision_av_sync::VisualPeak;
use geminivideo::vision::shots::BoundaryKind;
use geminivideo::{Analysis, ErrorKind};
use std::ffi::{CString, c_char};

/// Everything that was found in a video; never changes, so threads may share it.
#[derive(Debug)]
pub struct gv_analysis {
    pub(crate) found: Analysis,
    pub(crate) texts: Texts,
    /// Where each face that was seen stands: which frame looked at, which face of it.
    pub(crate) faces: Vec<(usize, usize)>,
    /// The same for objects.
    pub(crate) objects: Vec<(usize, usize)>,
    pub(crate) visual_peaks: Vec<VisualPeak>,
    pub(crate) sound: Option<gv_sound>,
}

/// What an analysis lends as texts.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) reasons: Vec<CString>,
    pub(crate) face_detector: CString,
    pub(crate) face_moments: Vec<CString>,
    pub(crate) object_detector: CString,
    pub(crate) lines: Vec<Option<CString>>,
    unknown: Vec<CString>,
}

impl Texts {
    fn of(found: &Analysis) -> Self {
        let (faces, objects) = (found.faces.as_ref(), found.objects.as_ref());
        let moments = faces.iter().flat_map(|faces| &faces.best_moments);
        let lines = found.text.iter().flat_map(|text| &text.lines);
        Self {
            reasons: found.moments.iter().map(|moment| c_string(&moment.reason)).collect(),
            face_detector: c_string(faces.map_or("", |faces| &faces.model_used)),
            face_moments: moments.map(|moment| c_string(&moment.recommendation)).collect(),
            object_detector: c_string(objects.map_or("", |objects| &objects.model_used)),
            lines: lines.map(|line| line.text.as_deref().map(c_string)).collect(),
            unknown: found.not_analyzed.iter().map(|part| c_string(&part.reason)).collect(),
        }
    }
}

impl gv_analysis {
    pub(crate) fn new(found: Analysis) -> Self {
        let texts = Texts::of(&found);
        let faces = found.faces.iter().flat_map(|faces| &faces.frames);
        let faces = places(faces.map(|frame| frame.faces.len()));
        let objects = found.objects.iter().flat_map(|objects| &objects.frames);
        let objects = places(objects.map(|frame| frame.objects.len()));
        let visual_peaks = found.visual_peaks();
        let sound = found.sound.clone().map(gv_sound);
        Self { found, texts, faces, objects, visual_peaks, sound }
    }
}

fn places(counts: impl Iterator<Item = usize>) -> Vec<(usize, usize)> {
    counts.enumerate().flat_map(|(frame, count)| (0..count).map(move |at| (frame, at))).collect()
}

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

/// It was not looked at, so nobody knows.
pub const GV_UNKNOWN: i32 = -1;
/// It was looked for, and is not there.
pub const GV_NO: i32 = 0;
/// It is there.
pub const GV_YES: i32 = 1;

/// The faces.
pub const GV_PART_FACES: u32 = 0;
/// The objects.
pub const GV_PART_OBJECTS: u32 = 1;
/// The writing on the screen.
pub const GV_PART_TEXT: u32 = 2;
/// The sound.
pub const GV_PART_SOUND: u32 = 3;

const PARTS: [(u32, &str); 4] = [
    (GV_PART_FACES, "faces"),
    (GV_PART_OBJECTS, "objects"),
    (GV_PART_TEXT, "text"),
    (GV_PART_SOUND, "sound"),
];

/// Something that was not looked at. It is unknown, not absent.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_unknown {
    /// sizeof(gv_unknown), set by the caller.
    pub struct_size: u32,
    /// What: GV_PART_...
    pub part: u32,
    /// Why; borrowed from the analysis.
    pub reason: *const c_char,
}

unsafe impl Visible for gv_unknown {}

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

unsafe impl Visible for gv_summary {}

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

unsafe impl Visible for gv_shot {}

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
    unsafe {
        answer("analysis", analysis, "summary", summary, |analysis| {
            let found = &analysis.found;
            let rate = found.video.nominal_rate;
            let energy = found.motion.energy_stats;
            Ok(gv_summary {
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
            })
        })
    }
}

/// Number of parts that were not looked at: faces, objects, text, sound. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_unknown_len(analysis: *const gv_analysis) -> usize {
    unsafe { count(analysis, |analysis| analysis.found.not_analyzed.len()) }
}

/// The part at index, and why nobody looked at it. unknown->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_unknown_get(
    analysis: *const gv_analysis,
    index: usize,
    unknown: *mut gv_unknown,
) -> gv_status {
    unsafe {
        answer("analysis", analysis, "unknown", unknown, |analysis| {
            let found = element("part", &analysis.found.not_analyzed, index)?;
            let reason = element("part", &analysis.texts.unknown, index)?.as_ptr();
            let part = number_of(&found.what.as_str(), &PARTS);
            Ok(gv_unknown { part, reason, ..gv_unknown::initial() })
        })
    }
}

/// Number of shots; they cover every frame once. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_shots_len(analysis: *const gv_analysis) -> usize {
    unsafe { count(analysis, |analysis| analysis.found.shots.shots.len()) }
}

/// The shot at index. shot->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_shots_get(
    analysis: *const gv_analysis,
    index: usize,
    shot: *mut gv_shot,
) -> gv_status {
    unsafe {
        answer("analysis", analysis, "shot", shot, |analysis| {
            let list = &analysis.found.shots;
            let found = element("shot", &list.shots, index)?;
            let boundary = index.checked_sub(1).and_then(|before| list.boundaries.get(before));
            Ok(gv_shot {
                boundary: boundary
                    .map_or(GV_BOUNDARY_START, |boundary| number_of(&boundary.kind, &BOUNDARIES)),
                start_frame: found.start_frame,
                end_frame: found.end_frame,
                start_time: found.start_time,
                end_time: found.end_time,
                boundary_score: boundary.map_or(0.0, |boundary| boundary.score),
                blank: u32::from(found.blank),
                ..gv_shot::initial()
            })
        })
    }
}

/// A part of an analysis, or why it is unknown.
pub(crate) fn known<'a, T>(
    analysis: &gv_analysis,
    part: u32,
    found: Option<&'a T>,
) -> Outcome<&'a T> {
    found.ok_or_else(|| {
        let what = PARTS.iter().find(|(number, _)| *number == part).map_or("it", |(_, name)| name);
        let mut reasons = analysis.found.not_analyzed.iter();
        let reason = reasons.find(|unknown| unknown.what == what);
        let reason = reason.map_or("not asked for", |unknown| unknown.reason.as_str());
        Failure::new(ErrorKind::Unavailable, format!("{what}: {reason}"))
    })
}
