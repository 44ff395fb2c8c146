//! Analysing a video file.

use crate::analysis::gv_analysis;
use crate::argument::{
    Place, Visible, blank, initialize, object, one_of, optional_text, record, text,
};
use crate::call::{Outcome, caught, guard};
use crate::status::gv_status;
use crate::text::gv_text_reader;
use crate::voice_detector::gv_voice_detector;
use crate::yolo_face_detector::gv_face_detector;
use crate::yolo_object_detector::gv_object_detector;
use geminivideo::vision::motion_energy::MotionMethod;
use geminivideo::vision::yolo_face_detector::FaceModel;
use geminivideo::vision::yolo_object_detector::ObjectModel;
use geminivideo::{
    AnalyzeOptions, FaceLook, ObjectLook, Observer, Progress, TextLook, VoiceModel,
    analyze_observed,
};
use std::ffi::{c_char, c_int, c_void};
use std::mem::size_of;
use std::ops::ControlFlow;

/// Motion by the displacement of every pixel.
pub const GV_MOTION_OPTICAL_FLOW: u32 = 0;
/// Motion by the difference of two pictures; quick, and right for slow motion only.
pub const GV_MOTION_FRAME_DIFF: u32 = 1;
/// Motion by blocks searched for in the next picture.
pub const GV_MOTION_BLOCK_MATCHING: u32 = 2;
/// Motion by blocks for the coarse displacement, by every pixel for the rest.
pub const GV_MOTION_HYBRID: u32 = 3;

const METHODS: [(u32, MotionMethod); 4] = [
    (GV_MOTION_OPTICAL_FLOW, MotionMethod::OpticalFlow),
    (GV_MOTION_FRAME_DIFF, MotionMethod::FrameDiff),
    (GV_MOTION_BLOCK_MATCHING, MotionMethod::BlockMatching),
    (GV_MOTION_HYBRID, MotionMethod::Hybrid),
];

/// How a video is analysed; gv_analyze_options_init sets what is usual.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_analyze_options {
    /// sizeof(gv_analyze_options).
    pub struct_size: u32,
    /// Threads that look at motion, at most; results do not depend on it. 0 takes half of what the process may use, since
    /// decoding wants the others.
    pub num_threads: u32,
    /// Pixels on the long side of the picture in which motion and shots are looked at, 32 to 4096; 320 is usual.
    pub motion_long_side: u32,
    /// By which method motion is measured: GV_MOTION_...
    pub motion_method: u32,
    /// The ffmpeg program; NULL takes that of the environment variable GV_FFMPEG, else the one on the PATH.
    pub ffmpeg: *const c_char,
    /// Pixels on the long side of the picture in which faces, objects and text are looked for, 32 to 4096; 640 is usual.
    pub detail_long_side: u32,
    /// Whether faces are looked for: 0 or 1; 1 is usual.
    pub faces: u32,
    /// Whether objects are looked for, 0 or 1; 1 is usual. Where there is no model they are unknown.
    pub objects: u32,
    /// Whether text is looked for: 0 or 1; 1 is usual.
    pub text: u32,
    /// Whether sound is listened to: 0 or 1; 1 is usual.
    pub sound: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// Frames a second in which faces are looked for, 0.01 to 1000; 5 is usual.
    pub faces_per_second: f64,
    /// Frames a second in which objects are looked for, 0.01 to 1000; 2 is usual.
    pub objects_per_second: f64,
    /// Frames a second in which text is looked for, 0.01 to 1000; 5 is usual.
    pub text_per_second: f64,
    /// What looks for faces, lent for the call; NULL takes the best that is there, of a confidence of 0.5 at least.
    pub face_detector: *const gv_face_detector,
    /// What looks for objects, lent for the call; NULL takes the best that is there, of a confidence of 0.4 at least.
    pub object_detector: *const gv_object_detector,
    /// What reads the lines of writing that are found, lent for the call; NULL leaves unknown what they say.
    pub text_reader: *const gv_text_reader,
    /// What finds voices in the sound, lent for the call; NULL takes the built-in classifier.
    pub voice_detector: *const gv_voice_detector,
}

unsafe impl Visible for gv_analyze_options {
    fn initial() -> Self {
        Self {
            motion_long_side: 320,
            detail_long_side: 640,
            faces: 1,
            objects: 1,
            text: 1,
            sound: 1,
            faces_per_second: 5.0,
            objects_per_second: 2.0,
            text_per_second: 5.0,
            ..blank()
        }
    }
}

/// Where a running analysis is.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_progress {
    /// sizeof(gv_progress) of the library that runs.
    pub struct_size: u32,
    /// Whether total_frames is known: 0 or 1.
    pub has_total: u32,
    /// Frames analysed.
    pub frames: u64,
    /// Frames that the file announces.
    pub total_frames: u64,
}

/// Hears of a running analysis; another value than 0 ends it with GV_CANCELLED.
///
/// Called after each frame, and about every 20 ms while none comes. A C++ exception must not leave it.
pub type gv_progress_fn = Option<
    unsafe extern "C-unwind" fn(progress: *const gv_progress, userdata: *mut c_void) -> c_int,
>;

/// Sets options to what is usual.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analyze_options_init(options: *mut gv_analyze_options) {
    unsafe { initialize(options) };
}

/// Analyses the video file at path. options and progress may be NULL; progress is called on this thread.
///
/// A file that is damaged in the middle is analysed as far as it can be decoded. Errors: GV_NOT_FOUND, GV_MEDIA,
/// GV_UNSUPPORTED, GV_UNAVAILABLE where there is no ffmpeg, GV_CANCELLED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analyze_file(
    path: *const c_char,
    options: *const gv_analyze_options,
    progress: gv_progress_fn,
    userdata: *mut c_void,
    analysis: *mut *mut gv_analysis,
) -> gv_status {
    guard(|| unsafe {
        let path = text("path", path)?;
        let options = options_of(options)?;
        let place = Place::new("analysis", analysis)?;
        let mut watcher = Watcher::new(progress, userdata);
        let analysis = analyze_observed(path, &options, &mut watcher);
        watcher.outcome?;
        place.give(gv_analysis::new(analysis?));
        Ok(())
    })
}

pub(crate) unsafe fn options_of(options: *const gv_analyze_options) -> Outcome<AnalyzeOptions> {
    let given = if options.is_null() {
        gv_analyze_options::initial()
    } else {
        unsafe { record("options", options) }?
    };
    let mut options = AnalyzeOptions::default()
        .motion_long_side(given.motion_long_side as usize)
        .motion_method(one_of("options.motion_method", given.motion_method, &METHODS)?);
    if given.num_threads > 0 {
        options = options.num_threads(given.num_threads as usize);
    }
    if let Some(program) = unsafe { optional_text("options.ffmpeg", given.ffmpeg) }? {
        options = options.ffmpeg(program);
    }
    options.detail_long_side = given.detail_long_side as usize;
    options.sound = yes_or_no("options.sound", given.sound)?;
    if !given.voice_detector.is_null() {
        let detector = unsafe { object("options.voice_detector", given.voice_detector) }?;
        options.voices = VoiceModel::Own(detector.share());
    }
    options.faces = match yes_or_no("options.faces", given.faces)? {
        false => None,
        true => Some(unsafe { face_look(&given) }?),
    };
    options.objects = match yes_or_no("options.objects", given.objects)? {
        false => None,
        true => Some(unsafe { object_look(&given) }?),
    };
    options.text = match yes_or_no("options.text", given.text)? {
        false => None,
        true => Some(unsafe { text_look(&given) }?),
    };
    Ok(options)
}

fn yes_or_no(name: &str, given: u32) -> Outcome<bool> {
    one_of(name, given, &[(0, false), (1, true)])
}

unsafe fn face_look(given: &gv_analyze_options) -> Outcome<FaceLook> {
    let mut look = FaceLook::default();
    look.per_second = given.faces_per_second;
    if !given.face_detector.is_null() {
        let detector = unsafe { object("options.face_detector", given.face_detector) }?;
        look.model = FaceModel::Own(detector.share());
    }
    Ok(look)
}

unsafe fn object_look(given: &gv_analyze_options) -> Outcome<ObjectLook> {
    let mut look = ObjectLook::default();
    look.per_second = given.objects_per_second;
    if !given.object_detector.is_null() {
        let detector = unsafe { object("options.object_detector", given.object_detector) }?;
        look.model = ObjectModel::Own(detector.share());
    }
    Ok(look)
}

unsafe fn text_look(given: &gv_analyze_options) -> Outcome<TextLook> {
    let mut look = TextLook::default();
    look.per_second = given.text_per_second;
    if !given.text_reader.is_null() {
        look.reader = Some(unsafe { object("options.text_reader", given.text_reader) }?.share());
    }
    Ok(look)
}

/// A C function as an observer.
#[derive(Debug)]
pub(crate) struct Watcher {
    progress: gv_progress_fn,
    userdata: *mut c_void,
    /// The failure of the function itself: a panic of a Rust program's.
    pub(crate) outcome: Outcome,
}

impl Watcher {
    pub(crate) fn new(progress: gv_progress_fn, userdata: *mut c_void) -> Self {
        Self { progress, userdata, outcome: Ok(()) }
    }
}

impl Observer for Watcher {
    fn update(&mut self, progress: Progress) -> ControlFlow<()> {
        let Some(function) = self.progress else { return ControlFlow::Continue(()) };
        let told = gv_progress {
            struct_size: size_of::<gv_progress>() as u32,
            has_total: u32::from(progress.total_frames.is_some()),
            frames: progress.frames,
            total_frames: progress.total_frames.unwrap_or(0),
        };
        let userdata = self.userdata;
        match caught(|| Ok(unsafe { function(&raw const told, userdata) })) {
            Ok(0) => ControlFlow::Continue(()),
            Ok(_) => ControlFlow::Break(()),
            Err(failure) => {
                self.outcome = Err(crate::call::Failure::new(
                    geminivideo::ErrorKind::Callback,
                    format!("progress failed: {}", failure.message),
                ));
                ControlFlow::Break(())
            }
        }
    }
}
