//! Detectors of voices: Silero's network, and the program's own.
//!
//! Without one the built-in classifier tells voices from music.

use crate::argument::{Place, Room, Visible, count, free, object, record, text, values};
use crate::call::{Failure, guard};
use crate::callback::{Userdata, asked};
use crate::status::gv_status;
use geminivideo::SileroVoice;
use geminivideo::audio::{self, VOICE_THRESHOLDS, VoiceDetector, voice_scores};
use geminivideo::vision::inference::Runtime;
use std::ffi::{c_char, c_void};
use std::sync::Arc;

/// A program's detector of voices, for example a network in a runtime of its own. scores may be called by several threads
/// at once, threads of the library's own among them; a C++ exception must not leave it.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_voice_detector_functions {
    /// sizeof(gv_voice_detector_functions).
    pub struct_size: u32,
    /// Samples a second of the sound that it wants, 1000 to 768000.
    pub rate: u32,
    /// Samples of a frame, at least 1.
    pub frame: usize,
    /// The score at which a voice begins, above 0 to 1; 0 takes 0.6.
    pub begin: f32,
    /// The score below which a voice ends once it has begun, above 0 to begin; 0 takes 0.35, or begin where that is less.
    pub end: f32,
    /// What results call the detector.
    pub name: *const c_char,
    /// Writes how likely somebody speaks, 0 to 1, in each whole frame of samples: scores_len is samples_len / frame. The
    /// same for the same samples: whatever is kept from frame to frame begins anew with each call. Sound is mono, within -1
    /// to 1, and its loud passages have a root mean square of 0.1; samples and scores are lent for the call. Another status
    /// than GV_OK is a failure, which gv_explain may explain, and ends what asked with GV_CALLBACK; a score that is not
    /// written, or none of 0 to 1, ends it with GV_MODEL.
    pub scores: Option<
        unsafe extern "C-unwind" fn(
            samples: *const f32,
            samples_len: usize,
            scores: *mut f32,
            scores_len: usize,
            userdata: *mut c_void,
        ) -> gv_status,
    >,
    /// Handed to scores.
    pub userdata: *mut c_void,
    /// Called once, when nothing uses userdata any more; may be NULL.
    pub drop: Option<unsafe extern "C-unwind" fn(userdata: *mut c_void)>,
}

unsafe impl Visible for gv_voice_detector_functions {}

/// Tells how likely somebody speaks; threads may share it. What was made with it keeps it after gv_voice_detector_free.
#[derive(Debug)]
pub struct gv_voice_detector(Arc<dyn VoiceDetector>);

impl gv_voice_detector {
    /// The detector, for Rust programs that link this crate.
    pub fn detector(&self) -> &dyn VoiceDetector {
        &*self.0
    }

    pub(crate) fn share(&self) -> Arc<dyn VoiceDetector> {
        Arc::clone(&self.0)
    }
}

/// Makes a detector out of a program's functions. On an error drop is not called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_voice_detector_new(
    functions: *const gv_voice_detector_functions,
    detector: *mut *mut gv_voice_detector,
) -> gv_status {
    guard(|| unsafe {
        let given = record("functions", functions)?;
        let name = text("functions.name", given.name)?.to_owned();
        let scores = given.scores.ok_or_else(|| Failure::invalid("functions.scores is NULL"))?;
        if !(1_000..=768_000).contains(&given.rate) {
            let message = format!("functions.rate is {}, allowed is 1000 to 768000", given.rate);
            return Err(Failure::invalid(message));
        }
        if given.frame == 0 {
            return Err(Failure::invalid("functions.frame is 0, allowed is 1 or more"));
        }
        let begin = usual(given.begin, VOICE_THRESHOLDS.0);
        let end = usual(given.end, VOICE_THRESHOLDS.1.min(begin));
        if !(0.0 < end && end <= begin && begin <= 1.0) {
            let message = format!(
                "functions.begin is {begin} and functions.end {end}, allowed is 0 < end <= begin <= 1"
            );
            return Err(Failure::invalid(message));
        }
        let place = Place::new("detector", detector)?;
        let userdata = Userdata::new(given.userdata, given.drop);
        let (rate, frame, thresholds) = (given.rate, given.frame, (begin, end));
        let functions = Functions { name, rate, frame, thresholds, scores, userdata };
        place.give(gv_voice_detector(Arc::new(functions)));
        Ok(())
    })
}

fn usual(given: f32, otherwise: f32) -> f32 {
    if given == 0.0 { otherwise } else { given }
}

/// Opens Silero's network, an ONNX file of the Python package silero-vad, version 5 or later. A voice begins at the
/// threshold, 0 to 1, of which 0.5 is usual, and ends 0.15 below.
///
/// Errors: GV_NOT_FOUND, GV_MODEL for a file that is none of Silero's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_voice_detector_silero(
    path: *const c_char,
    threshold: f32,
    detector: *mut *mut gv_voice_detector,
) -> gv_status {
    guard(|| unsafe {
        let path = text("path", path)?;
        if !(0.0..=1.0).contains(&threshold) {
            let message = format!("threshold is {threshold}, allowed is 0 to 1");
            return Err(Failure::invalid(message));
        }
        let place = Place::new("detector", detector)?;
        let silero = SileroVoice::open(path, &Runtime::default())?.threshold(threshold);
        place.give(gv_voice_detector(Arc::new(silero)));
        Ok(())
    })
}

/// Frees a detector. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_voice_detector_free(detector: *mut gv_voice_detector) {
    unsafe { free(detector) };
}

/// Name of a detector. Free the text with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_voice_detector_name(
    detector: *const gv_voice_detector,
    name: *mut *mut c_char,
) -> gv_status {
    guard(|| unsafe {
        let detector = object("detector", detector)?;
        Place::new("name", name)?.give_text(detector.0.name());
        Ok(())
    })
}

/// Samples a second of the sound that a detector wants. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_voice_detector_rate(detector: *const gv_voice_detector) -> u32 {
    unsafe { object("detector", detector) }.map_or(0, |detector| detector.0.rate())
}

/// Samples of a detector's frame. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_voice_detector_frame(detector: *const gv_voice_detector) -> usize {
    unsafe { count(detector, |detector| detector.0.frame()) }
}

/// Asks a detector about mono sound at its rate. scores_len must be the number of whole frames, samples_len divided by
/// gv_voice_detector_frame.
///
/// Errors: GV_CALLBACK where the program's function fails, GV_MODEL where it gives what is no probability.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_voice_detector_scores(
    detector: *const gv_voice_detector,
    samples: *const f32,
    samples_len: usize,
    scores: *mut f32,
    scores_len: usize,
) -> gv_status {
    guard(|| unsafe {
        let detector = object("detector", detector)?;
        let samples = values("samples", samples, samples_len)?;
        let frames = samples_len / detector.0.frame().max(1);
        if scores_len != frames {
            let message = format!("scores_len is {scores_len}, there are {frames} whole frames");
            return Err(Failure::invalid(message));
        }
        let room = Room::new("scores", scores, scores_len)?;
        room.put(&voice_scores(&*detector.0, samples)?);
        Ok(())
    })
}

/// A program's functions as a detector.
#[derive(Debug)]
struct Functions {
    name: String,
    rate: u32,
    frame: usize,
    thresholds: (f32, f32),
    scores:
        unsafe extern "C-unwind" fn(*const f32, usize, *mut f32, usize, *mut c_void) -> gv_status,
    userdata: Userdata,
}

impl VoiceDetector for Functions {
    fn name(&self) -> &str {
        &self.name
    }

    fn rate(&self) -> u32 {
        self.rate
    }

    fn frame(&self) -> usize {
        self.frame
    }

    fn thresholds(&self) -> (f32, f32) {
        self.thresholds
    }

    fn scores(&self, samples: &[f32]) -> audio::Result<Vec<f32>> {
        // What is left unwritten is no score.
        let mut scores = vec![f32::NAN; samples.len() / self.frame];
        if scores.is_empty() {
            return Ok(scores);
        }
        let (given, room, userdata) = (samples.len(), scores.len(), self.userdata.pointer());
        let call = || {
            Ok(unsafe {
                (self.scores)(samples.as_ptr(), given, scores.as_mut_ptr(), room, userdata)
            })
        };
        asked(call).map_err(|message| audio::Error::VoiceDetector {
            name: self.name.clone(),
            source: message.into(),
        })?;
        Ok(scores)
    }
}
