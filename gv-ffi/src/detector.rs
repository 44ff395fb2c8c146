//! What the detectors that a program brings have in common: how they are asked, and what they may answer.

use crate::call::{Failure, Outcome, caught, take_explanation};
use crate::callback::Userdata;
use crate::picture::{gv_picture, show};
use crate::status::{GV_OK, gv_status};
use geminivideo::vision::{self, Frame};
use std::ffi::c_void;

/// Shows a frame to a program's detector; its status, or panic, becomes an error.
pub(crate) fn called(
    name: &str,
    frame: &Frame,
    userdata: &Userdata,
    look: impl FnOnce(&gv_picture, *mut c_void) -> gv_status,
) -> vision::Result<()> {
    drop(take_explanation());
    let asked = caught(|| {
        show(frame, |picture| look(picture, userdata.pointer())).map_err(Failure::invalid)
    });
    let message = match asked {
        Ok(GV_OK) => return Ok(()),
        Ok(status) => take_explanation().unwrap_or_else(|| format!("it ends with {status}")),
        Err(failure) => failure.message,
    };
    Err(vision::Error::Detector { name: name.to_owned(), message })
}

/// The part of a stretch that is inside of 0 to `end`: where it starts and how long it is.
pub(crate) fn inside(start: f32, length: f32, end: f32) -> (f32, f32) {
    let (first, last) = (start.clamp(0.0, end), (start + length).clamp(0.0, end));
    (first, last - first)
}

/// Checks the box (x, y, width, height, in pixels) and the confidence of what was found; `what` names it.
pub(crate) fn check_sighting(what: &str, place: [f32; 4], confidence: f32) -> Outcome {
    let [.., width, height] = place;
    if !place.iter().all(|number| number.is_finite()) || width < 0.0 || height < 0.0 {
        let message = format!("{what} is {place:?} (x, y, width, height), allowed is a box");
        return Err(Failure::invalid(message));
    }
    if !(0.0..=1.0).contains(&confidence) {
        let message = format!("{what}.confidence is {confidence}, allowed is 0 to 1");
        return Err(Failure::invalid(message));
    }
    Ok(())
}
