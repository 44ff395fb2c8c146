//! Analysing frames that the program pushes, out of its own decoder or renderer.
//!
//! Make an analyzer, push every frame in the order of its time, and the sound where there is one, finish. The analysis
//! runs beside the program, on threads of the library's own; pushing waits where it falls behind by more than a few
//! frames.

use crate::analysis::gv_analysis;
use crate::analyze::{gv_analyze_options, options_of};
use crate::argument::{Place, free, object, record};
use crate::call::{guard, lock};
use crate::ear::Ear;
use crate::pushing::{Format, Pushing, gv_frame, gv_video_format};
use crate::samples::gv_audio;
use crate::status::gv_status;
use geminivideo::media::Cancel;
use geminivideo::{Analysis, NotAnalyzed, analyze_source};
use std::sync::Mutex;

/// Analyses the frames of one video. Threads may share it: what one of them asks waits for what another does, but for
/// gv_analyzer_cancel. A detector or reader that it asks may cancel it; one that pushes to it or frees it would wait for
/// itself.
#[derive(Debug)]
pub struct gv_analyzer {
    frames: Pushing<Analysis>,
    sound: bool,
    ear: Mutex<Ear>,
}

/// Makes an analyzer of frames of one format. options may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analyzer_new(
    format: *const gv_video_format,
    options: *const gv_analyze_options,
    analyzer: *mut *mut gv_analyzer,
) -> gv_status {
    guard(|| unsafe {
        let format = Format::of(record("format", format)?)?;
        let options = options_of(options)?;
        let place = Place::new("analyzer", analyzer)?;
        let cancel = Cancel::new();
        let ear = Ear::new(options.listening(cancel.clone()));
        let sound = options.sound;
        let frames = Pushing::new(format, cancel, move |source, observer| {
            Ok(analyze_source(source, &options, observer)?)
        });
        place.give(gv_analyzer { frames, sound, ear });
        Ok(())
    })
}

/// Takes the next frame; returns when its bytes are no longer needed.
///
/// Errors: GV_INVALID_INPUT for a frame that goes back in time, GV_CONFLICT after gv_analyzer_finish, and what made the
/// analysis itself end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analyzer_push_frame(
    analyzer: *mut gv_analyzer,
    frame: *const gv_frame,
) -> gv_status {
    guard(|| unsafe { object("analyzer", analyzer)?.frames.push(&record("frame", frame)?) })
}

/// Takes the next block of the sound, in the order of time, on the timeline of the frames; from any thread, before, beside
/// or after them. Where options.sound is 0 it is not listened to.
///
/// A hole between two blocks is silence. Errors: GV_INVALID_INPUT for a block that is not of the first one's format,
/// GV_CONFLICT after gv_analyzer_finish.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analyzer_push_audio(
    analyzer: *mut gv_analyzer,
    audio: *const gv_audio,
) -> gv_status {
    guard(|| unsafe {
        let analyzer = object("analyzer", analyzer)?;
        let block = record("audio", audio)?;
        let mut ear = lock(&analyzer.ear);
        if analyzer.sound { ear.push(&block) } else { Ok(()) }
    })
}

/// Ends the video, waits for the analysis and gives it. The analyzer is then of no more use and is to be freed.
///
/// A video without frames is no error: nothing is found in it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analyzer_finish(
    analyzer: *mut gv_analyzer,
    analysis: *mut *mut gv_analysis,
) -> gv_status {
    guard(|| unsafe {
        let analyzer = object("analyzer", analyzer)?;
        let place = Place::new("analysis", analysis)?;
        let mut found = analyzer.frames.finish()?;
        match Ear::finish(&analyzer.ear)? {
            Some(heard) => found = found.with_sound(heard),
            None => found.not_analyzed.push(NotAnalyzed {
                what: "sound".into(),
                reason: match analyzer.sound {
                    true => "no sound was pushed".into(),
                    false => "not asked for".into(),
                },
            }),
        }
        place.give(gv_analysis::new(found));
        Ok(())
    })
}

/// Makes pushing and finishing end with GV_CANCELLED; may be called from any thread while they run.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analyzer_cancel(analyzer: *const gv_analyzer) -> gv_status {
    guard(|| unsafe {
        object("analyzer", analyzer)?.frames.cancel();
        Ok(())
    })
}

/// Frees an analyzer; one that was not finished is cancelled. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analyzer_free(analyzer: *mut gv_analyzer) {
    unsafe { free(analyzer) };
}
