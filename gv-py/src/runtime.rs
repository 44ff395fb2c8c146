//! The runtime of networks that Python asks for, with the ONNX Runtime of Python's `onnxruntime` package.

use crate::errors;
use geminivideo::vision::inference::Runtime;
use pyo3::prelude::*;
use std::path::PathBuf;

/// The runtime of a name and of a device, as [`Runtime::named`] reads them.
pub(crate) fn named(
    py: Python<'_>,
    runtime: Option<&str>,
    device: Option<&str>,
) -> PyResult<Runtime> {
    let runtime =
        Runtime::named(runtime, device).map_err(|error| errors::exception(py, &error.into()))?;
    Ok(runtime.with_library(|| bundled(py)))
}

/// The library inside of the package `onnxruntime`, where it is installed.
pub(crate) fn bundled(py: Python<'_>) -> Option<PathBuf> {
    let found = py.import("geminivideo._onnxruntime").ok()?.call_method0("library").ok()?;
    found.extract().ok().flatten()
}
