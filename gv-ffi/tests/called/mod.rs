//! What tests need that call the exported functions as C does.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(unsafe_code, reason = "the tests call what C calls")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]

use gv_ffi::status::{GV_OK, gv_last_error_message, gv_status};
use std::ffi::CStr;
use std::mem::{MaybeUninit, size_of};

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
