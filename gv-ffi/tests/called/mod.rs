//! What tests need that call the exported functions as C does.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(unsafe_code, reason = "the tests call what C calls")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]

use gv_ffi::analysis::gv_analysis;
use gv_ffi::analyze::gv_analyze_options;
use gv_ffi::analyzer::*;
use gv_ffi::pushing::*;
use gv_ffi::status::{GV_OK, gv_last_error_message, gv_status};
use std::ffi::CStr;
use std::mem::{MaybeUninit, size_of};
use std::ptr::null_mut;

/// What the last error of this thread says.
pub(crate) fn message() -> String {
    unsafe { CStr::from_ptr(gv_last_error_message()) }.to_str().unwrap().to_owned()
}

/// A struct as its function of initialisation leaves it.
pub(crate) fn initialized<T>(init: unsafe extern "C" fn(*mut T)) -> T {
    let mut value = MaybeUninit::uninit();
    unsafe {
        init(value.as_mut_ptr());
        value.assume_init()
    }
}

/// An item of a list, got as C gets it.
pub(crate) fn got<T>(get: impl FnOnce(*mut T) -> gv_status) -> Result<T, gv_status> {
    let mut item = unsafe { MaybeUninit::<T>::zeroed().assume_init() };
    unsafe { (&raw mut item).cast::<u32>().write(size_of::<T>() as u32) };
    match get(&raw mut item) {
        GV_OK => Ok(item),
        status => Err(status),
    }
}

/// Analyses frames of one plane, 25 a second, each `stride` bytes a row, pushed as C pushes them; the status of what fails.
pub(crate) fn pushed<P: AsRef<[u8]>>(
    (layout, width, height): (u32, usize, usize),
    stride: usize,
    options: &gv_analyze_options,
    frames: impl Iterator<Item = P>,
) -> Result<*mut gv_analysis, gv_status> {
    let mut format = initialized(gv_video_format_init);
    (format.layout, format.width, format.height) = (layout, width as u32, height as u32);
    (format.rate_num, format.time_base_den) = (25, 25);
    let (mut analyzer, mut analysis) = (null_mut(), null_mut());
    unsafe {
        let status = gv_analyzer_new(&raw const format, options, &raw mut analyzer);
        assert_eq!(status, GV_OK, "{}", message());
        let mut status = GV_OK;
        for (number, pixels) in frames.enumerate() {
            let mut frame = initialized(gv_frame_init);
            frame.pts = number as i64;
            (frame.planes[0], frame.strides[0]) = (pixels.as_ref().as_ptr(), stride as isize);
            status = gv_analyzer_push_frame(analyzer, &raw const frame);
            if status != GV_OK {
                break;
            }
        }
        if status == GV_OK {
            status = gv_analyzer_finish(analyzer, &raw mut analysis);
        }
        gv_analyzer_free(analyzer);
        if status == GV_OK { Ok(analysis) } else { Err(status) }
    }
}
