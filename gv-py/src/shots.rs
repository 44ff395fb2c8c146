//! The shots of a video.

use crate::call::Caller;
use crate::{call, ffmpeg, scan, to_python};
use geminivideo::vision::shots::ShotOptions;
use pyo3::prelude::*;
use std::path::PathBuf;

/// Finds the shots of a video file.
#[pyfunction]
#[pyo3(signature = (path, *, threshold=None, progress=None, ffmpeg=None))]
pub(crate) fn find_shots(
    py: Python<'_>,
    path: PathBuf,
    threshold: Option<f64>,
    progress: Option<Py<PyAny>>,
    ffmpeg: Option<PathBuf>,
) -> PyResult<Bound<'_, PyAny>> {
    let usual = ShotOptions::default();
    let options = usual.threshold(threshold.unwrap_or(usual.threshold));
    let ffmpeg = ffmpeg::given_or_last(py, ffmpeg)?;
    let found = call::run(py, progress.as_ref(), |caller: &Caller| {
        let mut observer = scan::observer(caller, "shots");
        geminivideo::scan_shots(&path, options, ffmpeg.as_deref(), &mut observer)
    })?;
    to_python(py, &found)
}
