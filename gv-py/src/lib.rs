//! The native half of the Python package `geminivideo`.
//!
//! What a notebook reads is Python (`python/geminivideo`); this module holds what is heavy. It takes
//! arrays and paths, calls the library with the interpreter lock released, and hands back plain Python
//! objects, of which the Python half makes its dataclasses.

use pyo3::prelude::*;

mod call;
mod errors;
mod logging;
mod to_python;

#[pymodule]
mod _core {
    #[pymodule_export]
    use crate::errors::error_table;
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
