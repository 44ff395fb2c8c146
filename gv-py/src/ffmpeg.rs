//! The ffmpeg that Python's `imageio-ffmpeg` package carries, for where there is no other.

use geminivideo::media::Ffmpeg;
use pyo3::prelude::*;
use std::path::PathBuf;

/// The program that is given, else that of the last resort.
pub(crate) fn given_or_last(py: Python<'_>, given: Option<PathBuf>) -> PyResult<Option<PathBuf>> {
    match given {
        Some(program) => Ok(Some(program)),
        None => of_last_resort(py),
    }
}

/// The program to use where `GV_FFMPEG` is not set and `PATH` has no ffmpeg that is new enough; `None`
/// where one of them has, or where the package is not there either.
pub(crate) fn of_last_resort(py: Python<'_>) -> PyResult<Option<PathBuf>> {
    if std::env::var_os("GV_FFMPEG").is_some() || py.detach(|| Ffmpeg::locate(None)).is_ok() {
        return Ok(None);
    }
    py.import("geminivideo._ffmpeg")?.call_method0("bundled")?.extract()
}
