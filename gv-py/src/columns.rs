//! Tables of ads that come as columns: numbers as numpy arrays, texts as lists.

use crate::errors;
use geminivideo::ErrorKind;
use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use std::collections::HashMap;

/// The columns of a table, all of one length.
pub(crate) struct Columns {
    rows: usize,
    numbers: HashMap<String, Vec<f64>>,
    texts: HashMap<String, Vec<String>>,
}

impl Columns {
    /// Takes columns by name: `numbers` are `float64 (n,)`, `texts` lists of n; the texts have `ad_id`.
    ///
    /// # Errors
    ///
    /// `InvalidInputError` where a column has another length than `ad_id`.
    pub(crate) fn new(numbers: &Bound<'_, PyDict>, texts: &Bound<'_, PyDict>) -> PyResult<Self> {
        let mut columns = Self { rows: 0, numbers: HashMap::new(), texts: HashMap::new() };
        for (name, list) in texts {
            let list = list.cast_into::<PyList>()?;
            let column = list.iter().map(|item| text_of(&item)).collect::<PyResult<Vec<_>>>()?;
            columns.texts.insert(name.extract()?, column);
        }
        columns.rows = columns.texts.get("ad_id").map_or(0, Vec::len);
        for (name, array) in numbers {
            let array: PyReadonlyArray1<'_, f64> = array.extract()?;
            columns.numbers.insert(name.extract()?, array.to_vec()?);
        }
        let lengths = columns.texts.iter().map(|(name, column)| (name, column.len()));
        let lengths = lengths.chain(columns.numbers.iter().map(|(name, c)| (name, c.len())));
        for (name, length) in lengths {
            if length != columns.rows {
                let message = format!(
                    "the column {name} has {length} rows, allowed is {} as in ad_id",
                    columns.rows
                );
                return Err(errors::of_kind(numbers.py(), ErrorKind::InvalidInput, &message));
            }
        }
        Ok(columns)
    }

    /// Takes a column of texts; empty ones where there is no such column.
    pub(crate) fn texts(&mut self, name: &str) -> Vec<String> {
        self.texts.remove(name).unwrap_or_else(|| vec![String::new(); self.rows])
    }

    /// Takes a column of numbers; `None` where there is no such column.
    pub(crate) fn maybe(&mut self, name: &str) -> Option<Vec<f64>> {
        self.numbers.remove(name)
    }

    /// Takes a column of numbers; zeros where there is no such column.
    pub(crate) fn numbers(&mut self, name: &str) -> Vec<f64> {
        self.maybe(name).unwrap_or_else(|| vec![0.0; self.rows])
    }

    /// Takes a column of whole numbers of at least 0.
    ///
    /// # Errors
    ///
    /// `InvalidInputError` naming the column and the first row with another number.
    pub(crate) fn counts(&mut self, py: Python<'_>, name: &str) -> PyResult<Vec<u64>> {
        let column = self.numbers(name);
        let count = |(row, value): (usize, f64)| {
            if (0.0..=1e15).contains(&value) && value.fract() == 0.0 {
                return Ok(value as u64);
            }
            let ad = self.texts.get("ad_id").and_then(|ids| ids.get(row));
            let message = format!(
                "ad {} in row {row}: {name} is {value}, allowed is a whole number from 0 to 1e15",
                ad.map_or("", String::as_str)
            );
            Err(errors::of_kind(py, ErrorKind::InvalidInput, &message))
        };
        column.into_iter().enumerate().map(count).collect()
    }
}

fn text_of(item: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(text) = item.cast::<PyString>() {
        return Ok(text.to_cow()?.into_owned());
    }
    let missing = item.is_none() || item.extract::<f64>().is_ok_and(f64::is_nan);
    if missing { Ok(String::new()) } else { Ok(item.str()?.to_string()) }
}

/// Columns on their way out, by name.
pub(crate) struct Sheet<'py>(Bound<'py, PyDict>);

impl<'py> Sheet<'py> {
    pub(crate) fn new(py: Python<'py>) -> Self {
        Self(PyDict::new(py))
    }

    /// Adds a column of numbers or truth values as an array.
    pub(crate) fn array<T: numpy::Element>(self, name: &str, values: Vec<T>) -> PyResult<Self> {
        self.0.set_item(name, PyArray1::from_vec(self.0.py(), values))?;
        Ok(self)
    }

    /// Adds a column of texts as a list; those that repeat share one Python object.
    pub(crate) fn names(
        self,
        name: &str,
        values: impl Iterator<Item = Option<&'static str>>,
    ) -> PyResult<Self> {
        let py = self.0.py();
        let mut known: HashMap<&'static str, Bound<'py, PyString>> = HashMap::new();
        let list = PyList::empty(py);
        for value in values {
            match value {
                Some(text) => list
                    .append(known.entry(text).or_insert_with(|| PyString::new(py, text)).clone())?,
                None => list.append(py.None())?,
            }
        }
        self.0.set_item(name, list)?;
        Ok(self)
    }

    /// Adds a column of texts as a list.
    pub(crate) fn texts(self, name: &str, values: Vec<String>) -> PyResult<Self> {
        self.0.set_item(name, values)?;
        Ok(self)
    }

    pub(crate) fn into_dict(self) -> Bound<'py, PyDict> {
        self.0
    }
}
