//! What belongs to the functions that a program gives.

use crate::call::{Outcome, caught};
use std::ffi::c_void;

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
