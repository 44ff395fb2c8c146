//! Whole numbers from Python.

use crate::errors;
use geminivideo::ErrorKind;
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;

/// A number of things: 0 or more.
///
/// One below zero, or larger than any number of things can be, is an `InvalidInputError` that names it;
/// what is no whole number is a `TypeError`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Count(pub(crate) usize);

impl<'py> FromPyObject<'_, 'py> for Count {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match given.extract::<usize>() {
            Ok(count) => Ok(Self(count)),
            Err(error) if error.is_instance_of::<PyOverflowError>(given.py()) => {
                let message = format!("a count is {}, allowed is 0 or more", given.str()?);
                Err(errors::of_kind(given.py(), ErrorKind::InvalidInput, &message))
            }
            Err(_) => {
                let name = given.get_type().name()?;
                Err(PyTypeError::new_err(format!("a whole number is needed, given is {name}")))
            }
        }
    }
}
