//! Whether what is seen falls on what is heard (component 3).
//!
//! Cuts, motion and faces that appear are matched with beats, onsets, voices and drops, one with one. Dense music has a
//! peak near every cut, so that figures come with what as many cuts placed at random would give.

use crate::analysis::gv_analysis;
use crate::argument::{
    Place, Visible, answer, count, element, free, number_of, object, one_of, records, tell,
};
use crate::call::{Failure, Outcome, c_string, guard};
use crate::heard::{AUDIO_PEAKS, gv_audio_peak};
use crate::sound::gv_sound;
use crate::status::gv_status;
use geminivideo::ErrorKind;
use geminivideo::audio::AudioPeak;
use geminivideo::timing::precision_av_sync::{
    Priority, RecutOptions, SyncEvidence, SyncPoint, SyncQuality, VisualPeak, VisualPeakType,
    analyze_sync_quality, find_sync_points,
};
use std::ffi::{CString, c_char};

/// A cut.
pub const GV_VISUAL_PEAK_CUT: u32 = 0;
/// A dissolve or fade.
pub const GV_VISUAL_PEAK_TRANSITION: u32 = 1;
/// A face appears.
pub const GV_VISUAL_PEAK_FACE: u32 = 2;
/// Motion that is stronger than before and after.
pub const GV_VISUAL_PEAK_MOTION: u32 = 3;

const VISUAL_PEAKS: [(u32, VisualPeakType); 4] = [
    (GV_VISUAL_PEAK_CUT, VisualPeakType::Cut),
    (GV_VISUAL_PEAK_TRANSITION, VisualPeakType::Transition),
    (GV_VISUAL_PEAK_FACE, VisualPeakType::FaceAppear),
    (GV_VISUAL_PEAK_MOTION, VisualPeakType::Motion),
];

/// A cut comes onto a drop or a beat.
pub const GV_PRIORITY_HIGH: u32 = 0;
/// A cut comes onto a voice or an onset.
pub const GV_PRIORITY_MEDIUM: u32 = 1;
/// A face or motion, which is moved by trimming the shot before it.
pub const GV_PRIORITY_LOW: u32 = 2;

const PRIORITIES: [(u32, Priority); 3] = [
    (GV_PRIORITY_HIGH, Priority::High),
    (GV_PRIORITY_MEDIUM, Priority::Medium),
    (GV_PRIORITY_LOW, Priority::Low),
];

/// There is no such number of frames.
pub const GV_NO_FRAMES: i64 = i64::MIN;

/// A moment that stands out in the picture.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_visual_peak {
    /// sizeof(gv_visual_peak).
    pub struct_size: u32,
    /// What happens: GV_VISUAL_PEAK_...
    pub kind: u32,
    /// When it is.
    pub time: f64,
    /// Motion there, in source pixels per nominal frame interval.
    pub motion_energy: f64,
}

unsafe impl Visible for gv_visual_peak {}

/// A visual peak and the audio peak that goes with it.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_sync_point {
    /// sizeof(gv_sync_point), set by the caller.
    pub struct_size: u32,
    /// Whether the offset is within the tolerance: 0 or 1.
    pub synced: u32,
    /// What is heard: GV_AUDIO_PEAK_...
    pub audio_kind: u32,
    /// What is seen: GV_VISUAL_PEAK_...
    pub visual_kind: u32,
    /// When it is heard.
    pub audio_time: f64,
    /// When it is seen.
    pub visual_time: f64,
    /// Seconds by which the picture is later than the sound; negative where it is earlier.
    pub offset: f64,
    /// 1 for no offset, 0.5 at the tolerance, 0 from twice the tolerance on.
    pub score: f64,
}

unsafe impl Visible for gv_sync_point {}

/// A shift that brings something that is seen onto something that is heard.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_shift {
    /// sizeof(gv_shift), set by the caller.
    pub struct_size: u32,
    /// How much it gains: GV_PRIORITY_HIGH, ..._MEDIUM or ..._LOW.
    pub priority: u32,
    /// When the visual peak is.
    pub visual_time: f64,
    /// When the audio peak is that it belongs onto.
    pub audio_time: f64,
    /// Seconds to move it by, negative for earlier; whole frames where the rate is known.
    pub seconds: f64,
    /// The same in frames; GV_NO_FRAMES where the rate is not known.
    pub frames: i64,
}

unsafe impl Visible for gv_shift {}

/// The headline figures of sync.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_sync_figures {
    /// sizeof(gv_sync_figures), set by the caller.
    pub struct_size: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// Audio peaks.
    pub audio_peaks: u64,
    /// Visual peaks.
    pub visual_peaks: u64,
    /// Visual peaks that have an audio peak of their own within the tolerance.
    pub synced: u64,
    /// The same as a share of all visual peaks, in percent.
    pub percentage: f64,
    /// Mean percentage of as many visual peaks placed at random; NaN where there is nothing to compare.
    pub chance_percentage: f64,
    /// Share of random placements of the cuts whose beats fit as well, 0 to 1; NaN where there are no cuts or no beats.
    pub cuts_p_value: f64,
    /// Seconds by which the picture is late throughout; NaN where no constant offset stands out.
    pub offset: f64,
    /// Standard error of that in seconds; NaN where there is none.
    pub offset_uncertainty: f64,
    /// Within how many seconds two peaks are in sync.
    pub tolerance: f64,
    /// Mean score of the points as they are, 0 to 1.
    pub score_before: f64,
    /// Mean score once all shifts are made.
    pub score_after: f64,
    /// What to do, with the measured values; borrowed.
    pub recommendation: *const c_char,
}

unsafe impl Visible for gv_sync_figures {}

/// How much of what is seen falls on what is heard; never changes, so threads may share it.
#[derive(Debug)]
pub struct gv_sync {
    quality: SyncQuality,
    points: Vec<SyncPoint>,
    recommendation: CString,
}

impl gv_sync {
    fn new(quality: SyncQuality, points: Vec<SyncPoint>) -> Self {
        Self { recommendation: c_string(&quality.recommendation), quality, points }
    }
}

/// Number of moments that stand out in the picture. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_visual_peaks_len(analysis: *const gv_analysis) -> usize {
    unsafe { count(analysis, |analysis| analysis.visual_peaks.len()) }
}

/// The moment at index, in time order. peak->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_visual_peaks_get(
    analysis: *const gv_analysis,
    index: usize,
    peak: *mut gv_visual_peak,
) -> gv_status {
    unsafe {
        answer("analysis", analysis, "peak", peak, |analysis| {
            let found = element("peak", &analysis.visual_peaks, index)?;
            Ok(gv_visual_peak {
                kind: number_of(&found.peak_type, &VISUAL_PEAKS),
                time: found.timestamp,
                motion_energy: found.motion_energy,
                ..gv_visual_peak::initial()
            })
        })
    }
}

/// Judges the sync of an analysed video with a sound, its own where sound is NULL; two peaks are in sync within tolerance
/// seconds, above 0 and at most 0.5; 0.1 is usual.
///
/// Shifts are whole frames of the video's rate, and leave speech as it is. GV_UNAVAILABLE where the video has no sound of
/// its own, or nobody listened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sync_new(
    analysis: *const gv_analysis,
    sound: *const gv_sound,
    tolerance: f64,
    sync: *mut *mut gv_sync,
) -> gv_status {
    guard(|| unsafe {
        let analysis = object("analysis", analysis)?;
        let own = analysis.sound.as_ref().map(|sound| &sound.0);
        let heard = match sound.is_null() {
            false => &object("sound", sound)?.0,
            true => own.ok_or_else(|| {
                let message = "the sound of the video is unknown, or there is none";
                Failure::new(ErrorKind::Unavailable, message)
            })?,
        };
        let place = Place::new("sync", sync)?;
        let quality = analysis.found.sync_with(heard, tolerance)?;
        let points = find_sync_points(&heard.peaks, &analysis.visual_peaks, tolerance)?;
        place.give(gv_sync::new(quality, points));
        Ok(())
    })
}

/// Judges the sync of peaks of one's own in a video from start to end. Shifts are whole frames of frame_rate; 0 does not
/// round them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sync_of_peaks(
    audio: *const gv_audio_peak,
    audio_len: usize,
    visual: *const gv_visual_peak,
    visual_len: usize,
    start: f64,
    end: f64,
    frame_rate: f64,
    tolerance: f64,
    sync: *mut *mut gv_sync,
) -> gv_status {
    guard(|| unsafe {
        let audio = audio_peaks(&records("audio", audio, audio_len)?)?;
        let visual = visual_peaks(&records("visual", visual, visual_len)?)?;
        let place = Place::new("sync", sync)?;
        let recut = RecutOptions::default().frame_rate((frame_rate != 0.0).then_some(frame_rate));
        let mut evidence = SyncEvidence::new(&audio, &visual, (start, end));
        evidence.tolerance = tolerance;
        let quality = analyze_sync_quality(&evidence, &recut)?;
        let points = find_sync_points(&audio, &visual, tolerance)?;
        place.give(gv_sync::new(quality, points));
        Ok(())
    })
}

/// Frees what was judged. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sync_free(sync: *mut gv_sync) {
    unsafe { free(sync) };
}

/// The headline figures. figures->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sync_summary(
    sync: *const gv_sync,
    figures: *mut gv_sync_figures,
) -> gv_status {
    unsafe {
        answer("sync", sync, "figures", figures, |sync| {
            let quality = &sync.quality;
            let offset = quality.offset.as_ref();
            Ok(gv_sync_figures {
                audio_peaks: quality.total_audio_peaks as u64,
                visual_peaks: quality.total_visual_peaks as u64,
                synced: quality.synced_within_tolerance as u64,
                percentage: quality.sync_percentage,
                chance_percentage: quality.all_peaks.map_or(f64::NAN, |all| all.chance_percentage),
                cuts_p_value: quality.cuts_on_beats.map_or(f64::NAN, |cuts| cuts.p_value),
                offset: offset.map_or(f64::NAN, |offset| offset.seconds),
                offset_uncertainty: offset.map_or(f64::NAN, |offset| offset.uncertainty),
                tolerance: quality.tolerance_used,
                score_before: quality.recut.score_before,
                score_after: quality.recut.score_after,
                recommendation: sync.recommendation.as_ptr(),
                ..gv_sync_figures::initial()
            })
        })
    }
}

/// Number of visual peaks that have an audio peak of their own within half a second. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sync_points_len(sync: *const gv_sync) -> usize {
    unsafe { count(sync, |sync| sync.points.len()) }
}

/// The point at index, in time order. point->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sync_points_get(
    sync: *const gv_sync,
    index: usize,
    point: *mut gv_sync_point,
) -> gv_status {
    unsafe {
        answer("sync", sync, "point", point, |sync| {
            let found = element("point", &sync.points, index)?;
            Ok(gv_sync_point {
                synced: u32::from(found.is_synced),
                audio_kind: number_of(&found.audio_peak.peak_type, &AUDIO_PEAKS),
                visual_kind: number_of(&found.visual_peak.peak_type, &VISUAL_PEAKS),
                audio_time: found.audio_peak.timestamp,
                visual_time: found.visual_peak.timestamp,
                offset: found.offset,
                score: found.sync_score,
                ..gv_sync_point::initial()
            })
        })
    }
}

/// Number of shifts that bring what can be brought into sync. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sync_shifts_len(sync: *const gv_sync) -> usize {
    unsafe { count(sync, |sync| sync.quality.recut.adjustments.len()) }
}

/// The shift at index, smallest first. shift->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sync_shifts_get(
    sync: *const gv_sync,
    index: usize,
    shift: *mut gv_shift,
) -> gv_status {
    unsafe {
        answer("sync", sync, "shift", shift, |sync| {
            let found = element("shift", &sync.quality.recut.adjustments, index)?;
            Ok(gv_shift {
                priority: number_of(&found.priority, &PRIORITIES),
                visual_time: found.current_visual_time,
                audio_time: found.target_audio_time,
                seconds: found.adjustment_needed,
                frames: found.frames.unwrap_or(GV_NO_FRAMES),
                ..gv_shift::initial()
            })
        })
    }
}

/// Everything as a JSON object. Free it with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sync_json(
    sync: *const gv_sync,
    sync_json: *mut *mut c_char,
) -> gv_status {
    unsafe { tell("sync", sync, "sync_json", sync_json, |sync| Ok(sync.quality.clone())) }
}

fn audio_peaks(given: &[gv_audio_peak]) -> Outcome<Vec<AudioPeak>> {
    let peak = |(index, peak): (usize, &gv_audio_peak)| {
        let name = format!("audio[{index}].kind");
        let peak_type = one_of(&name, peak.kind, &AUDIO_PEAKS)?;
        Ok(AudioPeak { timestamp: peak.time, energy: peak.energy, peak_type })
    };
    given.iter().enumerate().map(peak).collect()
}

fn visual_peaks(given: &[gv_visual_peak]) -> Outcome<Vec<VisualPeak>> {
    let peak = |(index, peak): (usize, &gv_visual_peak)| {
        let name = format!("visual[{index}].kind");
        let peak_type = one_of(&name, peak.kind, &VISUAL_PEAKS)?;
        Ok(VisualPeak { timestamp: peak.time, motion_energy: peak.motion_energy, peak_type })
    };
    given.iter().enumerate().map(peak).collect()
}
