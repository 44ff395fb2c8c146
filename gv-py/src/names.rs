//! Names of attributes and keys as Python texts, made once each.

use pyo3::prelude::*;
use pyo3::types::PyString;
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// The Python text of a name; the same object each time.
pub(crate) fn name<'py>(py: Python<'py>, text: &'static str) -> Bound<'py, PyString> {
    type Names = Mutex<HashMap<(usize, usize), Py<PyString>>>;
    static NAMES: OnceLock<Names> = OnceLock::new();
    let mut names =
        NAMES.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    // A static text stays where it is, so that its place and length tell it apart.
    let place = (text.as_ptr() as usize, text.len());
    names.entry(place).or_insert_with(|| PyString::intern(py, text).unbind()).bind(py).clone()
}
