//! What the detectors and readers that a program brings have in common: how they are asked, and what they may answer.

use crate::call::{Failure, Outcome};
use crate::callback::{Userdata, asked};
use crate::picture::{gv_picture, show};
use crate::status::gv_status;
use geminivideo::vision::{self, Detection, Frame, check_detection};
use std::ffi::c_void;

/// Shows a frame to a program's detector; its status, or panic, becomes an error.
pub(crate) fn called(
    name: &str,
    frame: &Frame,
    userdata: &Userdata,
    look: impl FnOnce(&gv_picture, *mut c_void) -> gv_status,
) -> vision::Result<()> {
    let call =
        || show(frame, |picture| look(picture, userdata.pointer())).map_err(Failure::invalid);
    asked(call).map_err(|message| vision::Error::Detector {
        name: name.to_owned(),
        source: message.into(),
    })
}

/// Checks the box and the confidence of what was found; `what` names it.
pub(crate) fn check_sighting(what: &str, found: &impl Detection) -> Outcome {
    check_detection(what, found).map_err(Failure::invalid)
}
