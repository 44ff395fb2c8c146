//! Motion weighed by faces (component 2): what moves in faces counts more than what moves elsewhere.
//!
//! Energies are in source pixels per nominal frame interval.

use crate::analyze::{Watcher, gv_analyze_options, gv_progress_fn, options_of};
use crate::argument::{Place, Visible, answer, count, element, free, object, record, tell, text};
use crate::call::{Outcome, c_string, guard};
use crate::pushing::{Format, Pushing, gv_frame, gv_video_format};
use crate::status::gv_status;
use crate::yolo_face_detector::gv_face_detector;
use geminivideo::media::Cancel;
use geminivideo::vision::face_weighted_analyzer::{FrameAnalysis, PeakFaceMoment};
use geminivideo::vision::inference::Runtime;
use geminivideo::vision::yolo_face_detector::{FaceDetector, FaceModel, find_face_detector};
use geminivideo::{
    AnalyzeOptions, ScanOptions, WeightedScan, face_weighted_motion, face_weighted_motion_of,
};
use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;

/// How many times faces usually count, the specification's value: a prior.
pub const GV_FACE_WEIGHT: f64 = 3.2;

/// How much moves from one frame to the next, in faces and elsewhere.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_weighted_frame {
    /// sizeof(gv_weighted_frame), set by the caller.
    pub struct_size: u32,
    /// Faces in the picture.
    pub faces: u32,
    /// Number of the frame that the motion leads to.
    pub frame: u64,
    /// When it is shown.
    pub time: f64,
    /// Mean energy inside of the faces times their weight; 0 without a face.
    pub face_motion: f64,
    /// Mean energy outside of all faces.
    pub background_motion: f64,
    /// Energy of the whole picture, that of faces weighed.
    pub total_motion: f64,
    /// Part of the picture that faces cover, 0 to 1.
    pub face_ratio: f64,
}

unsafe impl Visible for gv_weighted_frame {}

/// A moment at which faces and their motion draw the eye most.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_weighted_peak {
    /// sizeof(gv_weighted_peak), set by the caller.
    pub struct_size: u32,
    /// Faces in the picture.
    pub faces: u32,
    /// Number of the frame.
    pub frame: u64,
    /// When it is shown.
    pub time: f64,
    /// Energy of the whole picture, that of faces weighed.
    pub total_motion: f64,
    /// Part of the picture that faces cover, 0 to 1.
    pub face_ratio: f64,
}

unsafe impl Visible for gv_weighted_peak {}

/// The headline figures of face-weighted motion.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_weighted_figures {
    /// sizeof(gv_weighted_figures), set by the caller.
    pub struct_size: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// Weighted motion in faces, added up over the frames.
    pub face_motion: f64,
    /// Motion outside of faces, added up over the frames.
    pub background_motion: f64,
    /// The first over the second; infinite where only faces move, 0 where nothing does.
    pub face_to_background: f64,
    /// Mean part of the picture that faces cover, 0 to 1.
    pub face_ratio: f64,
    /// The weight of faces that was applied.
    pub weight: f64,
    /// Name of the detector; borrowed.
    pub detector: *const c_char,
}

unsafe impl Visible for gv_weighted_figures {}

/// The face-weighted motion of a video; never changes, so threads may share it.
#[derive(Debug)]
pub struct gv_weighted_motion {
    scan: WeightedScan,
    peaks: Vec<PeakFaceMoment>,
    detector: CString,
}

/// Measures the motion of the video file at path, what moves in faces weighed by weight, 0 or more; GV_FACE_WEIGHT is
/// usual. detector may be NULL for the best that is there, options and progress may be NULL; of options, ffmpeg and
/// num_threads are used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_weigh_motion_of_file(
    path: *const c_char,
    detector: *const gv_face_detector,
    weight: f64,
    options: *const gv_analyze_options,
    progress: gv_progress_fn,
    userdata: *mut c_void,
    motion: *mut *mut gv_weighted_motion,
) -> gv_status {
    guard(|| unsafe {
        let path = text("path", path)?;
        let given = options_of(options)?;
        let place = Place::new("motion", motion)?;
        let detector = detector_of(detector)?;
        let options = scan_options(given);
        let mut watcher = Watcher::new(progress, userdata);
        let scan = face_weighted_motion(path, &*detector, weight, &options, &mut watcher);
        watcher.outcome?;
        place.give(gv_weighted_motion::new(scan?));
        Ok(())
    })
}

unsafe fn detector_of(given: *const gv_face_detector) -> Outcome<Arc<dyn FaceDetector>> {
    Ok(match given.is_null() {
        true => find_face_detector(&FaceModel::Best, 0.5, &Runtime::default())?.into(),
        false => unsafe { object("detector", given) }?.share(),
    })
}

fn scan_options(given: AnalyzeOptions) -> ScanOptions {
    let mut options = ScanOptions::default();
    (options.ffmpeg, options.num_threads) = (given.ffmpeg, given.num_threads);
    options
}

impl gv_weighted_motion {
    fn new(scan: WeightedScan) -> Self {
        let peaks = scan.motion.peak_face_moments(scan.motion.frames.len());
        let detector = c_string(&scan.model_used);
        Self { scan, peaks, detector }
    }
}

/// Weighs the motion of frames that the program pushes. Threads may share it, as they may a gv_analyzer.
#[derive(Debug)]
pub struct gv_motion_weigher(Pushing<WeightedScan>);

/// Makes a weigher of frames of one format; detector and options as for gv_weigh_motion_of_file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_motion_weigher_new(
    format: *const gv_video_format,
    detector: *const gv_face_detector,
    weight: f64,
    options: *const gv_analyze_options,
    weigher: *mut *mut gv_motion_weigher,
) -> gv_status {
    guard(|| unsafe {
        let format = Format::of(record("format", format)?)?;
        let options = scan_options(options_of(options)?);
        let place = Place::new("weigher", weigher)?;
        let detector = detector_of(detector)?;
        place.give(gv_motion_weigher(Pushing::new(
            format,
            Cancel::new(),
            move |source, observer| {
                Ok(face_weighted_motion_of(source, &*detector, weight, &options, observer)?)
            },
        )));
        Ok(())
    })
}

/// Takes the next frame, as gv_analyzer_push_frame does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_motion_weigher_push_frame(
    weigher: *mut gv_motion_weigher,
    frame: *const gv_frame,
) -> gv_status {
    guard(|| unsafe { object("weigher", weigher)?.0.push(&record("frame", frame)?) })
}

/// Ends the video, waits, and gives its motion. The weigher is then of no more use and is to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_motion_weigher_finish(
    weigher: *mut gv_motion_weigher,
    motion: *mut *mut gv_weighted_motion,
) -> gv_status {
    guard(|| unsafe {
        let weigher = object("weigher", weigher)?;
        let place = Place::new("motion", motion)?;
        place.give(gv_weighted_motion::new(weigher.0.finish()?));
        Ok(())
    })
}

/// Makes pushing and finishing end with GV_CANCELLED; may be called from any thread while they run.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_motion_weigher_cancel(weigher: *const gv_motion_weigher) -> gv_status {
    guard(|| unsafe {
        object("weigher", weigher)?.0.cancel();
        Ok(())
    })
}

/// Frees a weigher; one that was not finished is cancelled. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_motion_weigher_free(weigher: *mut gv_motion_weigher) {
    unsafe { free(weigher) };
}

/// Frees it. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_weighted_motion_free(motion: *mut gv_weighted_motion) {
    unsafe { free(motion) };
}

/// The headline figures. figures->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_weighted_motion_summary(
    motion: *const gv_weighted_motion,
    figures: *mut gv_weighted_figures,
) -> gv_status {
    unsafe {
        answer("motion", motion, "figures", figures, |motion| {
            let found = &motion.scan.motion;
            Ok(gv_weighted_figures {
                face_motion: found.total_face_motion_weighted,
                background_motion: found.total_background_motion,
                face_to_background: found.face_to_background_ratio,
                face_ratio: found.average_face_coverage,
                weight: found.face_weight_applied,
                detector: motion.detector.as_ptr(),
                ..gv_weighted_figures::initial()
            })
        })
    }
}

/// Number of measured pairs of frames; those across a boundary of shots are left out. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_weighted_motion_len(motion: *const gv_weighted_motion) -> usize {
    unsafe { count(motion, |motion| motion.scan.motion.frames.len()) }
}

/// The measured pair at index, in time order. frame->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_weighted_motion_get(
    motion: *const gv_weighted_motion,
    index: usize,
    frame: *mut gv_weighted_frame,
) -> gv_status {
    unsafe {
        answer("motion", motion, "frame", frame, |motion| {
            let frames: &[FrameAnalysis] = &motion.scan.motion.frames;
            let found = element("pair", frames, index)?;
            Ok(gv_weighted_frame {
                faces: found.faces.len() as u32,
                frame: found.frame_idx,
                time: found.timestamp,
                face_motion: found.face_motion,
                background_motion: found.background_motion,
                total_motion: found.total_weighted_motion,
                face_ratio: found.face_ratio,
                ..gv_weighted_frame::initial()
            })
        })
    }
}

/// Number of moments with a face, half a second apart at least. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_weighted_motion_peaks_len(motion: *const gv_weighted_motion) -> usize {
    unsafe { count(motion, |motion| motion.peaks.len()) }
}

/// The moment at index, most weighted motion first. peak->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_weighted_motion_peaks_get(
    motion: *const gv_weighted_motion,
    index: usize,
    peak: *mut gv_weighted_peak,
) -> gv_status {
    unsafe {
        answer("motion", motion, "peak", peak, |motion| {
            let found = element("moment", &motion.peaks, index)?;
            Ok(gv_weighted_peak {
                faces: found.face_count as u32,
                frame: found.frame,
                time: found.timestamp,
                total_motion: found.weighted_motion,
                face_ratio: found.face_ratio,
                ..gv_weighted_peak::initial()
            })
        })
    }
}

/// Everything as a JSON object. Free it with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_weighted_motion_json(
    motion: *const gv_weighted_motion,
    motion_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("motion", motion, "motion_json", motion_json, |motion| Ok(motion.scan.motion.clone()))
    }
}
