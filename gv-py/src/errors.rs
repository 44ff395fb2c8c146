//! Errors on their way to Python: one table from kinds to the classes of `geminivideo.errors`.

use geminivideo::{Error, ErrorKind};
use pyo3::prelude::*;
use std::error::Error as _;

/// The class of `geminivideo.errors` that a kind becomes.
///
/// [`ErrorKind::Callback`] reaches this table only where the exception that the callback raised is
/// lost, which is a defect.
const fn class_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidInput => "InvalidInputError",
        ErrorKind::NotFound => "NotFoundError",
        ErrorKind::Conflict => "ConflictError",
        ErrorKind::Unsupported => "UnsupportedError",
        ErrorKind::Unavailable => "UnavailableError",
        ErrorKind::Media => "MediaError",
        ErrorKind::Model => "ModelError",
        ErrorKind::Storage => "StorageError",
        ErrorKind::Platform => "PlatformError",
        ErrorKind::Transport => "TransportError",
        ErrorKind::Timeout => "TransportTimeout",
        ErrorKind::Cancelled => "Cancelled",
        _ => "InternalError",
    }
}

/// The exception for an error of the library: the one that an object of the caller's raised, where that is the source.
pub(crate) fn exception(py: Python<'_>, error: &Error) -> PyErr {
    if let Some(raised) = raised(error) {
        return raised.clone_ref(py);
    }
    let message = error.to_string();
    match error {
        Error::Media(geminivideo::media::Error::FileNotFound { path }) => {
            instance(py, "MissingFileError", (message, path.as_os_str()))
        }
        Error::Vision(geminivideo::vision::Error::ModelFile { path, .. })
            if error.kind() == ErrorKind::NotFound =>
        {
            instance(py, "MissingFileError", (message, path.as_os_str()))
        }
        _ => instance(py, class_name(error.kind()), (message,)),
    }
}

fn raised(error: &Error) -> Option<&PyErr> {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(raised) = cause.downcast_ref() {
            return Some(raised);
        }
        source = cause.source();
    }
    None
}

/// An exception of a kind, with a message of the binding's own.
pub(crate) fn of_kind(py: Python<'_>, kind: ErrorKind, message: &str) -> PyErr {
    instance(py, class_name(kind), (message,))
}

/// Every kind that the library knows: its name, its status number and its exception.
#[pyfunction]
pub(crate) fn error_table(py: Python<'_>) -> Vec<(String, u32, Py<PyAny>)> {
    ErrorKind::ALL
        .iter()
        .map(|&kind| {
            let name = format!("{kind:?}");
            let made = of_kind(py, kind, &name).into_value(py).into_any();
            (name, kind.status(), made)
        })
        .collect()
}

fn instance<'py, A>(py: Python<'py>, class: &str, arguments: A) -> PyErr
where
    A: pyo3::call::PyCallArgs<'py>,
{
    let made = py
        .import("geminivideo.errors")
        .and_then(|errors| errors.getattr(class))
        .and_then(|class| class.call1(arguments));
    made.map_or_else(|failed| failed, PyErr::from_value)
}
