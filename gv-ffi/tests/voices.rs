//! Detectors of voices of a program's own, and what is heard by them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests fail where they should"
)]
#![allow(unsafe_code, reason = "the tests call what C calls")]

mod called;

use called::{got, initialized, message};
use geminivideo::audio::testing::voice_detector_suite;
use gv_ffi::analysis::*;
use gv_ffi::analyze::*;
use gv_ffi::analyzer::*;
use gv_ffi::heard::*;
use gv_ffi::listening::*;
use gv_ffi::picture::GV_LAYOUT_GRAY8;
use gv_ffi::pushing::*;
use gv_ffi::samples::*;
use gv_ffi::sound::*;
use gv_ffi::status::*;
use gv_ffi::voice_detector::*;
use std::ffi::{CStr, CString, c_void};
use std::mem::size_of;
use std::process::Command;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};

const RATE: u32 = 16_000;
const FRAME: usize = 320;

/// A tone from second 2 to 4 of 6, for each the samples of 20 ms.
fn tone() -> Vec<f32> {
    let sample = |at: usize| {
        let time = at as f64 / f64::from(RATE);
        if (2.0..4.0).contains(&time) { (0.3 * (1382.3 * time).sin()) as f32 } else { 0.0 }
    };
    (0..6 * RATE as usize).map(sample).collect()
}

type Scores =
    unsafe extern "C-unwind" fn(*const f32, usize, *mut f32, usize, *mut c_void) -> gv_status;

/// Whatever is loud is a voice.
unsafe extern "C-unwind" fn loud(
    samples: *const f32,
    samples_len: usize,
    scores: *mut f32,
    scores_len: usize,
    _: *mut c_void,
) -> gv_status {
    let samples = unsafe { std::slice::from_raw_parts(samples, samples_len) };
    assert_eq!(scores_len, samples_len / FRAME);
    for (number, frame) in samples.chunks_exact(FRAME).enumerate() {
        let is_loud = frame.iter().any(|sample| sample.abs() > 0.05);
        unsafe { *scores.add(number) = if is_loud { 0.7 } else { 0.0 } };
    }
    GV_OK
}

/// Forgets the last frame.
unsafe extern "C-unwind" fn forgets(
    samples: *const f32,
    samples_len: usize,
    scores: *mut f32,
    scores_len: usize,
    userdata: *mut c_void,
) -> gv_status {
    let before = unsafe { *scores.add(scores_len - 1) };
    let status = unsafe { loud(samples, samples_len, scores, scores_len, userdata) };
    unsafe { *scores.add(scores_len - 1) = before };
    status
}

unsafe extern "C-unwind" fn says_seven(
    _: *const f32,
    _: usize,
    scores: *mut f32,
    _: usize,
    _: *mut c_void,
) -> gv_status {
    unsafe { *scores = 7.0 };
    GV_OK
}

unsafe extern "C-unwind" fn refuses(
    _: *const f32,
    _: usize,
    _: *mut f32,
    _: usize,
    _: *mut c_void,
) -> gv_status {
    unsafe { gv_explain(c"the licence has ended".as_ptr()) };
    GV_UNAVAILABLE
}

unsafe extern "C-unwind" fn says_nothing(
    _: *const f32,
    _: usize,
    _: *mut f32,
    _: usize,
    _: *mut c_void,
) -> gv_status {
    4_000_000_000
}

unsafe extern "C-unwind" fn panics(
    _: *const f32,
    _: usize,
    _: *mut f32,
    _: usize,
    _: *mut c_void,
) -> gv_status {
    panic!("frame 7 is odd");
}

static DROPPED: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C-unwind" fn count_drop(_: *mut c_void) {
    DROPPED.fetch_add(1, Ordering::SeqCst);
}

fn functions(scores: Scores) -> gv_voice_detector_functions {
    gv_voice_detector_functions {
        struct_size: size_of::<gv_voice_detector_functions>() as u32,
        rate: RATE,
        frame: FRAME,
        begin: 0.0,
        end: 0.0,
        name: c"loud".as_ptr(),
        scores: Some(scores),
        userdata: null_mut(),
        drop: None,
    }
}

fn detector(functions: &gv_voice_detector_functions) -> *mut gv_voice_detector {
    let mut detector = null_mut();
    let status = unsafe { gv_voice_detector_new(functions, &raw mut detector) };
    assert_eq!(status, GV_OK, "{}", message());
    detector
}

fn block(samples: &[f32]) -> gv_audio {
    let mut audio = initialized(gv_audio_init);
    (audio.channels, audio.rate, audio.frames) = (1, RATE, samples.len());
    audio.planes[0] = samples.as_ptr().cast();
    audio
}

/// The voices of the tone, as a listener with a detector hears them.
fn heard(detector: *const gv_voice_detector) -> Result<Vec<gv_voice>, gv_status> {
    let mut options = initialized(gv_listen_options_init);
    options.voice_detector = detector;
    let samples = tone();
    let (mut listener, mut sound) = (null_mut(), null_mut());
    unsafe {
        assert_eq!(gv_listener_new(&raw const options, &raw mut listener), GV_OK, "{}", message());
        assert_eq!(gv_listener_push(listener, &block(&samples)), GV_OK, "{}", message());
        let status = gv_listener_finish(listener, &raw mut sound);
        gv_listener_free(listener);
        if status != GV_OK {
            return Err(status);
        }
        let voices = (0..gv_sound_voices_len(sound))
            .map(|index| got(|place| gv_sound_voices_get(sound, index, place)).unwrap())
            .collect();
        gv_sound_free(sound);
        Ok(voices)
    }
}

/// The voices of an analysis of grey frames with the tone beside them.
fn analysed(detector: *const gv_voice_detector) -> Result<Vec<gv_voice>, gv_status> {
    let mut options = initialized(gv_analyze_options_init);
    (options.faces, options.objects, options.text) = (0, 0, 0);
    options.voice_detector = detector;
    let mut format = initialized(gv_video_format_init);
    (format.layout, format.width, format.height) = (GV_LAYOUT_GRAY8, 64, 48);
    let (samples, pixels) = (tone(), [90; 64 * 48]);
    let (mut analyzer, mut analysis) = (null_mut(), null_mut());
    unsafe {
        let status = gv_analyzer_new(&raw const format, &raw const options, &raw mut analyzer);
        assert_eq!(status, GV_OK, "{}", message());
        for number in 0..6 {
            let mut frame = initialized(gv_frame_init);
            frame.pts = number * 1000;
            (frame.planes[0], frame.strides[0]) = (pixels.as_ptr(), 64);
            assert_eq!(gv_analyzer_push_frame(analyzer, &raw const frame), GV_OK);
        }
        assert_eq!(gv_analyzer_push_audio(analyzer, &block(&samples)), GV_OK);
        let status = gv_analyzer_finish(analyzer, &raw mut analysis);
        gv_analyzer_free(analyzer);
        if status != GV_OK {
            return Err(status);
        }
        let sound = gv_analysis_sound(analysis);
        let voices = (0..gv_sound_voices_len(sound))
            .map(|index| got(|place| gv_sound_voices_get(sound, index, place)).unwrap())
            .collect();
        gv_analysis_free(analysis);
        Ok(voices)
    }
}

#[test]
fn a_detector_in_c_keeps_to_the_contract_of_all_detectors() {
    let detector = detector(&functions(loud));
    unsafe {
        voice_detector_suite((*detector).detector());
        gv_voice_detector_free(detector);
    }
}

#[test]
fn what_a_detector_of_ones_own_takes_for_a_voice_is_one() {
    let own = detector(&functions(loud));
    for voices in [heard(own).unwrap(), analysed(own).unwrap()] {
        assert_eq!(voices.len(), 1, "{voices:?}");
        let voice = voices[0];
        assert!((voice.start_time - 2.0).abs() < 0.021, "{voice:?}");
        assert!((voice.end_time - 4.0).abs() < 0.021, "{voice:?}");
        assert!((voice.confidence - 0.7).abs() < 1e-6, "{voice:?}");
    }
    // The classifier that is built in knows that a tone is no voice.
    assert!(heard(null()).unwrap().is_empty() && analysed(null()).unwrap().is_empty());
    let strict = detector(&gv_voice_detector_functions { begin: 0.8, ..functions(loud) });
    assert!(heard(strict).unwrap().is_empty());
    unsafe {
        gv_voice_detector_free(own);
        gv_voice_detector_free(strict);
    }
}

#[test]
fn a_detector_that_fails_panics_or_talks_nonsense_is_a_status_with_what_it_said() {
    for (scores, status, said) in [
        (refuses as Scores, GV_CALLBACK, "the voice detector loud failed: the licence has ended"),
        (panics, GV_CALLBACK, "the voice detector loud failed: internal error: frame 7 is odd"),
        (says_nothing, GV_CALLBACK, "the voice detector loud failed: it ends with 4000000000"),
        (forgets, GV_MODEL, "the voice detector loud gave a score of NaN, which is no probability"),
        (
            says_seven,
            GV_MODEL,
            "the voice detector loud gave a score of 7, which is no probability",
        ),
    ] {
        let before = DROPPED.load(Ordering::SeqCst);
        let given = gv_voice_detector_functions { drop: Some(count_drop), ..functions(scores) };
        let detector = detector(&given);
        assert_eq!(heard(detector).unwrap_err(), status, "{said}");
        assert_eq!(message(), said);
        assert_eq!(analysed(detector).unwrap_err(), status, "{said}");
        assert_eq!(message(), said);
        let mut found = [0.5_f32; 2];
        unsafe {
            let sound = [0.0; 2 * FRAME];
            let asked = gv_voice_detector_scores(
                detector,
                sound.as_ptr(),
                sound.len(),
                found.as_mut_ptr(),
                2,
            );
            assert_eq!((asked, message().as_str()), (status, said));
            gv_voice_detector_free(detector);
        }
        assert_eq!(found, [0.5; 2], "outputs are written only where all is well");
        assert_eq!(DROPPED.load(Ordering::SeqCst), before + 1);
    }
}

static LISTENER: AtomicPtr<gv_listener> = AtomicPtr::new(null_mut());
static ANSWER: AtomicU32 = AtomicU32::new(GV_OK);

/// Calls on the listener that asks, and listens to something else meanwhile.
unsafe extern "C-unwind" fn comes_back(
    samples: *const f32,
    samples_len: usize,
    scores: *mut f32,
    scores_len: usize,
    userdata: *mut c_void,
) -> gv_status {
    let audio = block(&[0.0; 160]);
    let listener = LISTENER.load(Ordering::SeqCst);
    ANSWER.store(unsafe { gv_listener_push(listener, &raw const audio) }, Ordering::SeqCst);
    assert!(heard(null()).unwrap().is_empty());
    unsafe { loud(samples, samples_len, scores, scores_len, userdata) }
}

#[test]
fn a_detector_may_call_the_library_and_even_on_what_asks_it() {
    let detector = detector(&functions(comes_back));
    let mut options = initialized(gv_listen_options_init);
    options.voice_detector = detector;
    let samples = tone();
    let (mut listener, mut sound) = (null_mut(), null_mut());
    unsafe {
        assert_eq!(gv_listener_new(&raw const options, &raw mut listener), GV_OK);
        gv_voice_detector_free(detector);
        LISTENER.store(listener, Ordering::SeqCst);
        assert_eq!(gv_listener_push(listener, &block(&samples)), GV_OK);
        assert_eq!(gv_listener_finish(listener, &raw mut sound), GV_OK, "{}", message());
        assert_eq!(gv_sound_voices_len(sound), 1);
        gv_sound_free(sound);
        gv_listener_free(listener);
    }
    assert_eq!(ANSWER.load(Ordering::SeqCst), GV_CONFLICT);
}

#[test]
fn a_detector_that_is_none_is_refused_by_name() {
    let mut none = null_mut();
    let good = functions(loud);
    for (given, said) in [
        (gv_voice_detector_functions { name: null(), ..good }, "functions.name is NULL"),
        (gv_voice_detector_functions { scores: None, ..good }, "functions.scores is NULL"),
        (
            gv_voice_detector_functions { rate: 3, ..good },
            "functions.rate is 3, allowed is 1000 to 768000",
        ),
        (
            gv_voice_detector_functions { frame: 0, ..good },
            "functions.frame is 0, allowed is 1 or more",
        ),
        (
            gv_voice_detector_functions { begin: 0.2, end: 0.3, ..good },
            "functions.begin is 0.2 and functions.end 0.3, allowed is 0 < end <= begin <= 1",
        ),
        (
            gv_voice_detector_functions { begin: f32::NAN, ..good },
            "functions.begin is NaN and functions.end 0.35, allowed is 0 < end <= begin <= 1",
        ),
    ] {
        let status = unsafe { gv_voice_detector_new(&raw const given, &raw mut none) };
        assert_eq!((status, message().as_str()), (GV_INVALID_INPUT, said));
    }
    let nowhere = c"nowhere.onnx".as_ptr();
    let own = detector(&good);
    let samples = [0.0; 3 * FRAME];
    let mut scores = [0.0; 4];
    unsafe {
        assert_eq!(gv_voice_detector_silero(nowhere, 0.5, &raw mut none), GV_NOT_FOUND);
        assert!(message().contains("nowhere.onnx"), "{}", message());
        assert_eq!(gv_voice_detector_silero(c"Cargo.toml".as_ptr(), 0.5, &raw mut none), GV_MODEL);
        for threshold in [-0.1, 1.5, f32::NAN] {
            let status = gv_voice_detector_silero(nowhere, threshold, &raw mut none);
            assert_eq!(status, GV_INVALID_INPUT);
        }
        assert!(none.is_null());
        let (sound, found) = (samples.as_ptr(), scores.as_mut_ptr());
        for (samples, len, scores, room, said) in [
            (sound, 3 * FRAME, found, 4, "scores_len is 4, there are 3 whole frames"),
            (sound, 3 * FRAME, null_mut(), 3, "scores is NULL"),
            (null(), 3 * FRAME, found, 3, "samples is NULL"),
            (sound, usize::MAX, found, usize::MAX / FRAME, "more than memory holds"),
        ] {
            let status = gv_voice_detector_scores(own, samples, len, scores, room);
            assert_eq!(status, GV_INVALID_INPUT);
            assert!(message().contains(said), "{}", message());
        }
        assert_eq!(gv_voice_detector_scores(own, null(), 0, null_mut(), 0), GV_OK);
        assert_eq!(gv_voice_detector_scores(own, sound, 3 * FRAME + 9, found, 3), GV_OK);
        assert_eq!((gv_voice_detector_rate(own), gv_voice_detector_frame(own)), (RATE, FRAME));
        assert_eq!((gv_voice_detector_rate(null()), gv_voice_detector_frame(null())), (0, 0));
        gv_voice_detector_free(own);
        gv_voice_detector_free(null_mut());
    }
}

/// Silero's network out of the Python package silero-vad, where `GV_PYTHON` (else `python3`) has it.
fn silero() -> Option<CString> {
    let code = "import importlib.util
spec = importlib.util.find_spec('silero_vad')
print(spec.submodule_search_locations[0] + '/data/silero_vad.onnx' if spec else '', end='')";
    let python = std::env::var("GV_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(python).args(["-c", code]).output();
    let found = output.map_or(Vec::new(), |output| output.stdout);
    if found.is_empty() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "silero-vad is missing");
        eprintln!("skipped: the package silero-vad is missing");
        return None;
    }
    Some(CString::new(found).unwrap())
}

#[test]
fn silero_s_network_is_a_detector_like_any_other() {
    let Some(path) = silero() else { return };
    let (mut detector, mut name) = (null_mut(), null_mut());
    unsafe {
        let status = gv_voice_detector_silero(path.as_ptr(), 0.5, &raw mut detector);
        assert_eq!(status, GV_OK, "{}", message());
        assert_eq!(gv_voice_detector_name(detector, &raw mut name), GV_OK);
        assert_eq!(CStr::from_ptr(name), c"silero_vad.onnx");
        gv_string_free(name);
        assert_eq!(gv_voice_detector_rate(detector), 16_000);
        assert_eq!(gv_voice_detector_frame(detector), 512);
        assert!(heard(detector).unwrap().is_empty(), "a tone is no voice");
        gv_voice_detector_free(detector);
    }
}
