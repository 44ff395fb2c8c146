//! What every walk along a video has of Python: the options of a scan, progress, and boxes in whole pixels.

use crate::call::{Caller, Step};
use crate::ffmpeg;
use crate::numbers::Count;
use geminivideo::{Progress, ScanOptions};
use pyo3::prelude::*;
use std::ops::ControlFlow;

/// Options of a scan, with the ffmpeg of `imageio-ffmpeg` where there is no other.
pub(crate) fn options(py: Python<'_>, Count(sample_rate): Count) -> PyResult<ScanOptions> {
    let options = ScanOptions::default().sample_rate(sample_rate);
    Ok(match ffmpeg::of_last_resort(py)? {
        Some(program) => options.ffmpeg(program),
        None => options,
    })
}

/// Hands progress on to the caller, and its wish to stop back.
pub(crate) fn observer(
    caller: &Caller,
    stage: &'static str,
) -> impl FnMut(Progress) -> ControlFlow<()> {
    move |progress: Progress| {
        caller.report(Step { done: progress.frames, total: progress.total_frames, stage });
        if caller.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Left, top, width and height of a box in whole pixels: its edges rounded, one pixel wide and high at least.
pub(crate) fn pixels(x: f32, y: f32, width: f32, height: f32) -> [i64; 4] {
    let pixel = |edge: f32| edge.round() as i64;
    let (left, top) = (pixel(x), pixel(y));
    [left, top, (pixel(x + width) - left).max(1), (pixel(y + height) - top).max(1)]
}
