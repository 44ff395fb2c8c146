//! Figures of ads on their way in: attributes of dataclasses, checked by name.

use crate::errors;
use geminivideo::optimize::{StatedRatios, Timestamp};
use geminivideo::{Error, ErrorKind};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyString};

/// An object whose attributes are an ad's figures.
pub(crate) struct Figures<'a, 'py> {
    object: &'a Bound<'py, PyAny>,
    ad_id: String,
}

impl<'a, 'py> Figures<'a, 'py> {
    pub(crate) fn of(object: &'a Bound<'py, PyAny>) -> PyResult<Self> {
        let id = object.getattr(intern!(object.py(), "ad_id"))?;
        let ad_id = match id.extract::<String>() {
            Ok(text) => text,
            Err(_) => id.str()?.to_string(),
        };
        Ok(Self { object, ad_id })
    }

    pub(crate) fn id(&self) -> String {
        self.ad_id.clone()
    }

    pub(crate) fn text(&self, name: &Bound<'py, PyString>) -> PyResult<String> {
        let value = self.object.getattr(name)?;
        if value.is_none() { Ok(String::new()) } else { Ok(value.str()?.to_string()) }
    }

    /// A number; NaN and infinities are left for the library to refuse.
    pub(crate) fn number(&self, name: &Bound<'py, PyString>) -> PyResult<f64> {
        let value = self.object.getattr(name)?;
        value.extract().map_err(|_| self.wrong(name, &value, "a number"))
    }

    /// A number that may be missing.
    pub(crate) fn maybe_number(&self, name: &Bound<'py, PyString>) -> PyResult<Option<f64>> {
        match self.object.getattr_opt(name)? {
            Some(value) if !value.is_none() => {
                value.extract().map(Some).map_err(|_| self.wrong(name, &value, "a number or None"))
            }
            _ => Ok(None),
        }
    }

    /// A whole number of at least 0, as int or as float.
    pub(crate) fn count(&self, name: &Bound<'py, PyString>) -> PyResult<u64> {
        let value = self.object.getattr(name)?;
        // What is no float is asked first whether it is a whole number: a refusal is costly.
        if !value.is_instance_of::<PyFloat>()
            && let Ok(count) = value.extract::<u64>()
        {
            return Ok(count);
        }
        match value.extract::<f64>() {
            Ok(count) if (0.0..=1e15).contains(&count) && count.fract() == 0.0 => Ok(count as u64),
            _ => Err(self.wrong(name, &value, "a whole number from 0 to 1e15")),
        }
    }

    pub(crate) fn ratios(&self) -> PyResult<StatedRatios> {
        let py = self.object.py();
        Ok(StatedRatios {
            ctr: self.maybe_number(intern!(py, "ctr"))?,
            cvr: self.maybe_number(intern!(py, "cvr"))?,
            cpa: self.maybe_number(intern!(py, "cpa"))?,
            roas: self.maybe_number(intern!(py, "roas"))?,
        })
    }

    /// A `datetime`, or `None`; one without a zone is local time, as in Python.
    pub(crate) fn moment(&self, name: &Bound<'py, PyString>) -> PyResult<Option<Timestamp>> {
        match self.object.getattr_opt(name)? {
            Some(value) if !value.is_none() => {
                let seconds: f64 = value
                    .call_method0("timestamp")
                    .and_then(|seconds| seconds.extract())
                    .map_err(|_| self.wrong(name, &value, "a datetime or None"))?;
                Timestamp::from_seconds(seconds)
                    .map(Some)
                    .ok_or_else(|| self.wrong(name, &value, "a datetime before the year 10000"))
            }
            _ => Ok(None),
        }
    }

    fn wrong(&self, name: &Bound<'py, PyString>, value: &Bound<'_, PyAny>, allowed: &str) -> PyErr {
        let given = value.repr().map_or_else(|_| "unreadable".to_owned(), |r| r.to_string());
        let message = format!("ad {}: {name} is {given}, allowed is {allowed}", self.ad_id);
        errors::of_kind(value.py(), ErrorKind::InvalidInput, &message)
    }
}

/// Options given as one JSON document.
pub(crate) fn options<T: serde::de::DeserializeOwned>(py: Python<'_>, json: &str) -> PyResult<T> {
    serde_json::from_str(json).map_err(|error| {
        errors::of_kind(py, ErrorKind::InvalidInput, &format!("the options: {error}"))
    })
}

/// The exception for an error of the optimiser.
pub(crate) fn exception(py: Python<'_>, error: geminivideo::optimize::Error) -> PyErr {
    errors::exception(py, &Error::from(error))
}
