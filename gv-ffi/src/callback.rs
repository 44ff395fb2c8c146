//! What belongs to the functions that a program gives.

use crate::call::{Outcome, caught, take_explanation};
use crate::status::{GV_OK, gv_status};
use std::ffi::c_void;

/// Calls a program's function; what it says, where it fails or panics.
pub(crate) fn asked(call: impl FnOnce() -> Outcome<gv_status>) -> Result<(), String> {
    drop(take_explanation());
    match caught(call) {
        Ok(GV_OK) => Ok(()),
        Ok(status) => Err(take_explanation().unwrap_or_else(|| format!("it ends with {status}"))),
        Err(failure) => Err(failure.message),
    }
}

/// A program's pointer, and the function that is called once when nothing uses it any more.
#[derive(Debug)]
pub(crate) struct Userdata {
    pointer: *mut c_void,
    drop: Option<unsafe extern "C-unwind" fn(*mut c_void)>,
}

// The header demands that functions with userdata may be called by several threads.
unsafe impl Send for Userdata {}
unsafe impl Sync for Userdata {}

impl Userdata {
    pub(crate) const fn new(
        pointer: *mut c_void,
        drop: Option<unsafe extern "C-unwind" fn(*mut c_void)>,
    ) -> Self {
        Self { pointer, drop }
    }

    pub(crate) const fn pointer(&self) -> *mut c_void {
        self.pointer
    }
}

impl Drop for Userdata {
    fn drop(&mut self) {
        if let Some(drop) = self.drop {
            let _: Outcome = caught(|| {
                unsafe { drop(self.pointer) };
                Ok(())
            });
        }
    }
}
