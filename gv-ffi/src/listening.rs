//! Listening to a file, or to samples that the program pushes.

use crate::argument::{
    Place, Visible, blank, free, initialize, object, optional_text, record, text,
};
use crate::call::{Failure, Outcome, guard, lock};
use crate::ear::Ear;
use crate::samples::gv_audio;
use crate::sound::gv_sound;
use crate::status::gv_status;
use crate::voice_detector::gv_voice_detector;
use geminivideo::audio::AudioOptions;
use geminivideo::media::MediaOptions;
use std::ffi::c_char;
use std::sync::Mutex;

/// How sound is listened to; gv_listen_options_init sets what is usual.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_listen_options {
    /// sizeof(gv_listen_options).
    pub struct_size: u32,
    /// Threads at most, results do not depend on it; 0 takes what the process may use.
    pub num_threads: u32,
    /// Slowest tempo that is looked for, in beats a minute; 40 is usual.
    pub min_bpm: f64,
    /// Fastest tempo that is looked for, in beats a minute; 220 is usual.
    pub max_bpm: f64,
    /// Tempo that is most likely before anything is heard, a prior that decides between half and double; 115 is usual.
    pub expected_bpm: f64,
    /// The ffmpeg program, for files; NULL takes that of the environment variable GV_FFMPEG, else the one on the PATH.
    pub ffmpeg: *const c_char,
    /// What finds voices, lent for the call; NULL takes the built-in classifier.
    pub voice_detector: *const gv_voice_detector,
}

unsafe impl Visible for gv_listen_options {
    fn initial() -> Self {
        Self { min_bpm: 40.0, max_bpm: 220.0, expected_bpm: 115.0, ..blank() }
    }
}

/// Listens to samples that the program pushes. Threads may share it: what one of them asks waits for what another does.
#[derive(Debug)]
pub struct gv_listener(Mutex<Ear>);

/// Sets options to what is usual.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_listen_options_init(options: *mut gv_listen_options) {
    unsafe { initialize(options) };
}

/// Listens to a file, a video's sound or a plain one. options may be NULL.
///
/// Errors: GV_NOT_FOUND, GV_MEDIA, GV_UNSUPPORTED where it has no sound, GV_UNAVAILABLE where there is no ffmpeg, GV_CALLBACK
/// and GV_MODEL of the detector of voices.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_listen_file(
    path: *const c_char,
    options: *const gv_listen_options,
    sound: *mut *mut gv_sound,
) -> gv_status {
    guard(|| unsafe {
        let path = text("path", path)?;
        let (options, media) = options_of(options)?;
        let place = Place::new("sound", sound)?;
        place.give(gv_sound(geminivideo::audio::analyze_file(path, &media, &options)?));
        Ok(())
    })
}

/// Makes a listener. options may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_listener_new(
    options: *const gv_listen_options,
    listener: *mut *mut gv_listener,
) -> gv_status {
    guard(|| unsafe {
        let (options, _) = options_of(options)?;
        Place::new("listener", listener)?.give(gv_listener(Ear::new(options)));
        Ok(())
    })
}

/// Takes the next block, in the order of time. A hole between two blocks is silence; what two blocks both hold is taken
/// from the first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_listener_push(
    listener: *mut gv_listener,
    audio: *const gv_audio,
) -> gv_status {
    guard(|| unsafe {
        let listener = object("listener", listener)?;
        let block = record("audio", audio)?;
        lock(&listener.0).push(&block)
    })
}

/// Ends the sound and gives what was heard. The listener is then of no more use and is to be freed.
///
/// Errors: GV_INVALID_INPUT where nothing was pushed, GV_CALLBACK and GV_MODEL of the detector of voices.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_listener_finish(
    listener: *mut gv_listener,
    sound: *mut *mut gv_sound,
) -> gv_status {
    guard(|| unsafe {
        let listener = object("listener", listener)?;
        let place = Place::new("sound", sound)?;
        let heard = Ear::finish(&listener.0)?;
        let heard = heard.ok_or_else(|| Failure::invalid("no sound was pushed"))?;
        place.give(gv_sound(heard));
        Ok(())
    })
}

/// Frees a listener. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_listener_free(listener: *mut gv_listener) {
    unsafe { free(listener) };
}

unsafe fn options_of(options: *const gv_listen_options) -> Outcome<(AudioOptions, MediaOptions)> {
    let given = match options.is_null() {
        true => gv_listen_options::initial(),
        false => unsafe { record("options", options) }?,
    };
    let mut options = AudioOptions::default()
        .bpm_range(given.min_bpm, given.max_bpm)
        .expected_bpm(given.expected_bpm);
    if given.num_threads > 0 {
        options = options.threads(given.num_threads as usize);
    }
    if !given.voice_detector.is_null() {
        let detector = unsafe { object("options.voice_detector", given.voice_detector) }?;
        options = options.voice_detector(Some(detector.share()));
    }
    let mut media = MediaOptions::default();
    if let Some(program) = unsafe { optional_text("options.ffmpeg", given.ffmpeg) }? {
        media = media.program(program);
    }
    Ok((options, media))
}
