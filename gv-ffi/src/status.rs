//! Status, version and texts.
//!
//! What can fail returns a gv_status. Outputs are written only on GV_OK; gv_last_error_message() then tells nothing new.
//! A const object may be used by several threads at once, any other by one at a time, unless its type says otherwise.
//! Pointers in must be NULL or valid for the call; NULL is an error wherever a function does not say that it may be given.
//! Texts are NUL-terminated UTF-8. What is borrowed from an object is valid until the object is freed.

use crate::argument::text;
use crate::call::{explain, guard, last_message};
use std::ffi::{CString, c_char};

/// What came of a call: GV_OK, or the class of an error.
pub type gv_status = u32;

/// It went well.
pub const GV_OK: gv_status = 0;
/// An argument breaks a rule; the message states the rule.
pub const GV_INVALID_INPUT: gv_status = 100;
/// There is nothing under the given name, path, index or id.
pub const GV_NOT_FOUND: gv_status = 101;
/// The change contradicts what is already there.
pub const GV_CONFLICT: gv_status = 102;
/// The input is well-formed, but of a kind that is not supported.
pub const GV_UNSUPPORTED: gv_status = 103;
/// A feature is off, or a program or model that is needed is missing.
pub const GV_UNAVAILABLE: gv_status = 104;
/// A media file is damaged, or its decoder failed.
pub const GV_MEDIA: gv_status = 200;
/// A model file is damaged, or not of a kind that is understood.
pub const GV_MODEL: gv_status = 201;
/// A store, or an output file, could not be read or written.
pub const GV_STORAGE: gv_status = 202;
/// A remote platform refused.
pub const GV_PLATFORM: gv_status = 300;
/// The network failed.
pub const GV_TRANSPORT: gv_status = 301;
/// A time limit was reached.
pub const GV_TIMEOUT: gv_status = 302;
/// A callback failed.
pub const GV_CALLBACK: gv_status = 303;
/// A callback asked to stop.
pub const GV_CANCELLED: gv_status = 304;
/// A defect of this library; it has not crashed the program.
pub const GV_INTERNAL: gv_status = 900;

/// Number of the binary interface that this header describes; it changes where programs must be compiled again.
pub const GV_ABI_VERSION: u32 = 1;

/// Number of the binary interface of the library that runs; compare it with GV_ABI_VERSION.
#[unsafe(no_mangle)]
pub extern "C" fn gv_abi_version() -> u32 {
    GV_ABI_VERSION
}

/// Version of the library that runs, as "0.1.0"; never NULL, never freed.
#[unsafe(no_mangle)]
pub extern "C" fn gv_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// What the last call of this thread that failed had to say; empty before the first failure.
///
/// Never NULL, never freed; valid until the next call of this thread that fails.
#[unsafe(no_mangle)]
pub extern "C" fn gv_last_error_message() -> *const c_char {
    last_message()
}

/// Says why a function that the program gave fails; to be called by it, on its thread, before it returns how.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_explain(why: *const c_char) -> gv_status {
    guard(|| {
        explain(unsafe { text("why", why) }?);
        Ok(())
    })
}

/// Frees a text that a function of this library gave as char *. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_string_free(text: *mut c_char) {
    guard(|| {
        if !text.is_null() {
            drop(unsafe { CString::from_raw(text) });
        }
        Ok(())
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use geminivideo::ErrorKind;

    #[test]
    fn every_class_of_errors_has_its_status() {
        let statuses = [
            GV_INVALID_INPUT,
            GV_NOT_FOUND,
            GV_CONFLICT,
            GV_UNSUPPORTED,
            GV_UNAVAILABLE,
            GV_MEDIA,
            GV_MODEL,
            GV_STORAGE,
            GV_PLATFORM,
            GV_TRANSPORT,
            GV_TIMEOUT,
            GV_CALLBACK,
            GV_CANCELLED,
            GV_INTERNAL,
        ];
        assert_eq!(statuses, ErrorKind::ALL.map(ErrorKind::status));
    }
}
