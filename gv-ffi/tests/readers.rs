//! Readers of a program's own, and what they make known of a video.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they should")]
#![allow(unsafe_code, reason = "the tests call what C calls")]

mod called;

use called::{got, initialized, message, pushed};
use geminivideo::vision::GrayImage;
use geminivideo::vision::testing::synthetic_text::draw_text;
use geminivideo::vision::testing::text_reader_suite;
use gv_ffi::analysis::*;
use gv_ffi::analyze::*;
use gv_ffi::hook_optimizer::*;
use gv_ffi::picture::*;
use gv_ffi::status::*;
use gv_ffi::text::*;
use std::ffi::{CStr, c_char, c_void};
use std::mem::size_of;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering};

const WIDTH: usize = 640;
const HEIGHT: usize = 360;

/// Says what the program's pointer says of every line that has light pixels.
unsafe extern "C-unwind" fn reads(
    line: *const gv_picture,
    reading: *mut gv_reading,
    said: *mut c_void,
) -> gv_status {
    let line = unsafe { &*line };
    assert_eq!(line.layout, GV_LAYOUT_GRAY8);
    let length = (line.width * line.height) as usize;
    let pixels = unsafe { std::slice::from_raw_parts(line.planes[0], length) };
    if pixels.iter().all(|&pixel| pixel < 200) {
        return GV_OK;
    }
    unsafe { gv_reading_set(reading, said.cast::<c_char>()) }
}

unsafe extern "C-unwind" fn refuses(
    _: *const gv_picture,
    _: *mut gv_reading,
    _: *mut c_void,
) -> gv_status {
    unsafe { gv_explain(c"no dictionary".as_ptr()) };
    GV_UNAVAILABLE
}

fn functions(said: &CStr) -> gv_text_reader_functions {
    gv_text_reader_functions {
        struct_size: size_of::<gv_text_reader_functions>() as u32,
        reserved: 0,
        name: c"planted".as_ptr(),
        read: Some(reads),
        userdata: said.as_ptr().cast_mut().cast(),
        drop: None,
    }
}

fn reader(functions: &gv_text_reader_functions) -> *mut gv_text_reader {
    let mut reader = null_mut();
    let status = unsafe { gv_text_reader_new(functions, &raw mut reader) };
    assert_eq!(status, GV_OK, "{}", message());
    reader
}

/// Three seconds of a title, read by `reader`.
fn analysed(reader: *const gv_text_reader) -> Result<*mut gv_analysis, gv_status> {
    let mut image = GrayImage::filled(WIDTH, HEIGHT, 50);
    draw_text(&mut image, "READY TO SAVE", (80, 160), 5, 235);
    let mut options = initialized(gv_analyze_options_init);
    (options.faces, options.objects, options.text_reader) = (0, 0, reader);
    let format = (GV_LAYOUT_GRAY8, WIDTH, HEIGHT);
    pushed(format, WIDTH, &options, std::iter::repeat_n(image.data(), 75))
}

fn hook(analysis: *const gv_analysis) -> String {
    let mut json = null_mut();
    unsafe {
        assert_eq!(gv_hook_analysis(analysis, &raw mut json), GV_OK, "{}", message());
        let text = CStr::from_ptr(json).to_str().unwrap().to_owned();
        gv_string_free(json);
        text
    }
}

#[test]
fn a_reader_in_c_keeps_to_the_contract_of_all_readers() {
    let reader = reader(&functions(c"SAVE 40"));
    unsafe {
        text_reader_suite((*reader).reader());
        gv_text_reader_free(reader);
    }
}

#[test]
fn a_question_that_is_read_is_the_hook() {
    let reader = reader(&functions(c" Ready to save? "));
    let analysis = analysed(reader).unwrap();
    unsafe {
        gv_text_reader_free(reader);
        assert_eq!(gv_analysis_texts_len(analysis), 1);
        let line: gv_text_line = got(|place| gv_analysis_texts_get(analysis, 0, place)).unwrap();
        assert_eq!(CStr::from_ptr(line.text), c"Ready to save?");
        assert!(hook(analysis).contains("\"hook_type\":\"question\""), "{}", hook(analysis));
        gv_analysis_free(analysis);
    }
    let analysis = analysed(null()).unwrap();
    unsafe {
        let line: gv_text_line = got(|place| gv_analysis_texts_get(analysis, 0, place)).unwrap();
        assert!(line.text.is_null());
        gv_analysis_free(analysis);
    }
}

static DROPPED: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C-unwind" fn count_drop(_: *mut c_void) {
    DROPPED.fetch_add(1, Ordering::SeqCst);
}

#[test]
fn a_reader_that_fails_ends_the_analysis_with_what_it_said() {
    let given = functions(c"");
    let given = gv_text_reader_functions { read: Some(refuses), drop: Some(count_drop), ..given };
    let reader = reader(&given);
    assert_eq!(analysed(reader).unwrap_err(), GV_CALLBACK);
    assert_eq!(message(), "the text reader planted failed: no dictionary");
    unsafe { gv_text_reader_free(reader) };
    assert_eq!(DROPPED.load(Ordering::SeqCst), 1);
}

#[test]
fn a_reader_that_is_none_is_refused() {
    let mut none = null_mut();
    let nameless = gv_text_reader_functions { name: null(), ..functions(c"") };
    let blind = gv_text_reader_functions { read: None, ..functions(c"") };
    unsafe {
        assert_eq!(gv_text_reader_new(&raw const nameless, &raw mut none), GV_INVALID_INPUT);
        assert_eq!(message(), "functions.name is NULL");
        assert_eq!(gv_text_reader_new(&raw const blind, &raw mut none), GV_INVALID_INPUT);
        assert_eq!(message(), "functions.read is NULL");
        assert_eq!(gv_reading_set(null_mut(), c"text".as_ptr()), GV_INVALID_INPUT);
        gv_text_reader_free(null_mut());
    }
}
