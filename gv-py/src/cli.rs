//! The command line, as `geminivideo` and `python -m geminivideo` run it.

use crate::{ffmpeg, runtime};
use geminivideo::cli::{Context, run};
use geminivideo::optimize;
use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use std::ffi::OsString;
use std::io;
use std::path::Path;

/// Runs one command line, `arguments[0]` being the program's name; the process's exit status.
#[pyfunction]
pub(crate) fn cli(py: Python<'_>, arguments: Vec<OsString>, width: usize) -> u8 {
    let mut interrupted = || Python::attach(|py| py.check_signals().is_err());
    let find_ffmpeg = || Python::attach(|py| ffmpeg::of_last_resort(py).ok().flatten());
    let find_onnxruntime = || Python::attach(runtime::bundled);
    py.detach(|| {
        run(
            arguments,
            &mut Context {
                out: &mut io::stdout(),
                err: &mut io::stderr(),
                width,
                interrupted: &mut interrupted,
                find_ffmpeg: &find_ffmpeg,
                find_onnxruntime: &find_onnxruntime,
                read_parquet: &read_parquet,
            },
        )
    })
}

/// The rows of a Parquet file as a JSON list, read by pyarrow.
fn read_parquet(path: &Path) -> geminivideo::Result<Vec<u8>> {
    let failed = |error: PyErr| {
        let missing = Python::attach(|py| error.is_instance_of::<PyImportError>(py));
        if missing {
            geminivideo::Error::NoParquet { path: path.to_owned() }
        } else {
            geminivideo::Error::Optimize(optimize::Error::Table {
                place: path.display().to_string(),
                problem: error.to_string(),
            })
        }
    };
    Python::attach(|py| {
        let table = py.import("pyarrow.parquet")?.call_method1("read_table", (path,))?;
        let rows = table.call_method0("to_pylist")?;
        let text = PyDict::new(py);
        text.set_item("default", py.get_type::<PyString>())?;
        py.import("json")?.call_method("dumps", (rows,), Some(&text))?.extract::<String>()
    })
    .map(String::into_bytes)
    .map_err(failed)
}
