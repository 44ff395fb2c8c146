//! The command line, as `geminivideo` and `python -m geminivideo` run it.

use crate::ffmpeg;
use geminivideo::cli::{Context, run};
use pyo3::prelude::*;
use std::ffi::OsString;
use std::io;

/// Runs one command line, `arguments[0]` being the program's name; the process's exit status.
#[pyfunction]
pub(crate) fn cli(py: Python<'_>, arguments: Vec<OsString>, width: usize) -> u8 {
    let mut interrupted = || Python::attach(|py| py.check_signals().is_err());
    let find_ffmpeg = || Python::attach(|py| ffmpeg::of_last_resort(py).ok().flatten());
    py.detach(|| {
        run(
            arguments,
            &mut Context {
                out: &mut io::stdout(),
                err: &mut io::stderr(),
                width,
                interrupted: &mut interrupted,
                find_ffmpeg: &find_ffmpeg,
            },
        )
    })
}
