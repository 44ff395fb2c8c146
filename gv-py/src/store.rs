//! The store that components 13 to 17 keep their records in.

use crate::errors;
use geminivideo::Error;
use geminivideo::patterns::store::{self, Store as Seam};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

/// An open store.
#[pyclass(frozen, module = "geminivideo._core")]
pub(crate) struct Store(pub(crate) Arc<dyn Seam>);

#[pymethods]
impl Store {
    #[new]
    #[pyo3(signature = (address = None))]
    fn new(py: Python<'_>, address: Option<String>) -> PyResult<Self> {
        let opened = py.detach(|| match &address {
            Some(address) => store::open(address),
            None => store::open_default(),
        });
        opened.map(Self).map_err(|error| errors::exception(py, &Error::from(error)))
    }

    /// Names the store, without a password.
    fn describe(&self) -> String {
        self.0.describe()
    }

    /// Copies the store into a new file while it is in use.
    fn backup(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        py.detach(|| self.0.backup(&path))
            .map_err(|error| errors::exception(py, &Error::from(error)))
    }
}
