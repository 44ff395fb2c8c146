//! Scores that add up: the parts of a score, and what was measured for each.
//!
//! What is unknown adds nothing, and is not absent.

use crate::argument::{Visible, answer, count, element};
use crate::call::c_string;
use crate::status::gv_status;
use geminivideo::timing::Part;
use std::ffi::{CString, c_char};

/// A part of a score. Its texts are borrowed from the ledger.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_score_part {
    /// sizeof(gv_score_part), set by the caller.
    pub struct_size: u32,
    /// Whether anybody looked: 0 or 1.
    pub known: u32,
    /// What it adds to the score; 0 where it is unknown.
    pub value: f64,
    /// What it adds at most.
    pub possible: f64,
    /// What was measured, in the unit that reason names; NaN where it is unknown, or nothing is there.
    pub measured: f64,
    /// Where; NaN where it is at no one time.
    pub time: f64,
    /// What it stands for, as "contrast".
    pub name: *const c_char,
    /// What was found, in words.
    pub reason: *const c_char,
}

unsafe impl Visible for gv_score_part {}

/// The parts of a score; lent by what was judged, valid until that is freed.
#[derive(Debug)]
pub struct gv_ledger {
    parts: Vec<Part>,
    texts: Vec<[CString; 2]>,
}

impl gv_ledger {
    pub(crate) fn of(parts: &[Part]) -> Self {
        let texts = parts.iter().map(|part| [&part.name, &part.reason].map(|text| c_string(text)));
        Self { texts: texts.collect(), parts: parts.to_vec() }
    }
}

/// Number of parts. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_ledger_len(ledger: *const gv_ledger) -> usize {
    unsafe { count(ledger, |ledger| ledger.parts.len()) }
}

/// The part at index. part->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_ledger_get(
    ledger: *const gv_ledger,
    index: usize,
    part: *mut gv_score_part,
) -> gv_status {
    unsafe {
        answer("ledger", ledger, "part", part, |ledger| {
            let found = element("part", &ledger.parts, index)?;
            let [name, reason] = element("part", &ledger.texts, index)?;
            Ok(gv_score_part {
                known: u32::from(found.known),
                value: found.value,
                possible: found.possible,
                measured: found.measured.unwrap_or(f64::NAN),
                time: found.time.unwrap_or(f64::NAN),
                name: name.as_ptr(),
                reason: reason.as_ptr(),
                ..gv_score_part::initial()
            })
        })
    }
}
