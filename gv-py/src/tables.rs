//! Tables of a result as Arrow: read without a copy by whatever speaks the Arrow PyCapsule interface, and by numpy.

use crate::analysis::Analysis;
use crate::errors;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::types::{Float64Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, PrimitiveArray, RecordBatch, RecordBatchIterator,
    StringArray, UInt64Array,
};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use geminivideo::ErrorKind;
use numpy::ndarray::ArrayView1;
use numpy::{Element, PyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyList};
use std::collections::HashMap;
use std::sync::Arc;

/// Version of the tables' columns; columns are only ever added within one.
const SCHEMA_VERSION: &str = "1";

/// The names of the tables.
const TABLES: [&str; 5] = ["timeline", "shots", "boundaries", "moments", "attention"];

/// One table of a result.
#[pyclass(frozen, module = "geminivideo._core")]
pub(crate) struct Table(RecordBatch);

#[pymethods]
impl Table {
    /// The columns' names, types and metadata, as a capsule `arrow_schema`.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(self.0.schema_ref().as_ref());
        let schema = schema.map_err(|error| defect(py, &error))?;
        PyCapsule::new_with_value(py, schema, c"arrow_schema")
    }

    /// The table as a capsule `arrow_array_stream`; another schema that is asked for is not cast to.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        drop(requested_schema);
        let batches = RecordBatchIterator::new([Ok(self.0.clone())], self.0.schema());
        let stream = FFI_ArrowArrayStream::new(Box::new(batches));
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }

    fn __len__(&self) -> usize {
        self.0.num_rows()
    }

    /// The columns by name: numbers as read-only arrays that lie where Arrow has them, NaN where unknown; texts and
    /// flags as lists.
    fn columns<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDict>> {
        let py = slf.py();
        let batch = &slf.get().0;
        let columns = PyDict::new(py);
        for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            let any = array.as_any();
            let column = if let Some(values) = any.downcast_ref::<Float64Array>() {
                view(slf, values.values())?
            } else if let Some(values) = any.downcast_ref::<UInt64Array>() {
                view(slf, values.values())?
            } else if let Some(values) = any.downcast_ref::<StringArray>() {
                PyList::new(py, values.iter().collect::<Vec<_>>())?.into_any()
            } else if let Some(values) = any.downcast_ref::<BooleanArray>() {
                PyList::new(py, values.iter().collect::<Vec<_>>())?.into_any()
            } else {
                let message = format!("the column {} is of another type", field.name());
                return Err(errors::of_kind(py, ErrorKind::Internal, &message));
            };
            columns.set_item(field.name(), column)?;
        }
        Ok(columns)
    }
}

/// Numbers as a read-only array over the table's memory, which the array keeps alive.
fn view<'py, T: Element>(table: &Bound<'py, Table>, values: &[T]) -> PyResult<Bound<'py, PyAny>> {
    #[allow(unsafe_code, reason = "numpy is given memory that Rust owns")]
    // SAFETY: `values` lie in a buffer of the table, which is immutable and lives as long as the array's base.
    let array =
        unsafe { PyArray1::borrow_from_array(&ArrayView1::from(values), table.clone().into_any()) };
    array.getattr("flags")?.setattr("writeable", false)?;
    Ok(array.into_any())
}

fn defect(py: Python<'_>, error: &ArrowError) -> PyErr {
    errors::of_kind(py, ErrorKind::Internal, &format!("the table cannot be made: {error}"))
}

/// A table that is being made, column by column.
#[derive(Default)]
struct Columns {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

impl Columns {
    fn add(&mut self, name: &str, unknown: bool, array: ArrayRef) -> &mut Self {
        self.fields.push(Field::new(name, array.data_type().clone(), unknown));
        self.arrays.push(array);
        self
    }

    fn numbers(&mut self, name: &str, values: impl Iterator<Item = f64>) -> &mut Self {
        self.add(name, false, Arc::new(PrimitiveArray::<Float64Type>::from_iter_values(values)))
    }

    /// Numbers of which some are unknown; there the memory holds NaN, so that numpy says so too.
    fn maybe(&mut self, name: &str, values: impl Iterator<Item = Option<f64>>) -> &mut Self {
        let values: Vec<Option<f64>> = values.collect();
        let known = values.iter().map(Option::is_some).collect();
        let filled: Vec<f64> = values.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
        self.add(name, true, Arc::new(Float64Array::new(filled.into(), Some(known))))
    }

    fn counts(&mut self, name: &str, values: impl Iterator<Item = u64>) -> &mut Self {
        self.add(name, false, Arc::new(PrimitiveArray::<UInt64Type>::from_iter_values(values)))
    }

    fn texts<'a>(&mut self, name: &str, values: impl Iterator<Item = &'a str>) -> &mut Self {
        self.add(name, false, Arc::new(StringArray::from_iter_values(values)))
    }

    fn flags(&mut self, name: &str, values: impl Iterator<Item = Option<bool>>) -> &mut Self {
        self.add(name, true, Arc::new(values.collect::<BooleanArray>()))
    }

    fn finish(&mut self, name: &str) -> Result<RecordBatch, ArrowError> {
        let metadata = HashMap::from([
            ("geminivideo.table".to_owned(), name.to_owned()),
            ("geminivideo.schema_version".to_owned(), SCHEMA_VERSION.to_owned()),
            ("geminivideo.version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ]);
        debug_assert!(self.fields.iter().all(|field| *field.data_type() != DataType::Null));
        let schema = Schema::new_with_metadata(std::mem::take(&mut self.fields), metadata);
        RecordBatch::try_new(Arc::new(schema), std::mem::take(&mut self.arrays))
    }
}

/// A table of a result by its name.
#[pyfunction]
pub(crate) fn analysis_table(
    py: Python<'_>,
    analysis: PyRef<'_, Analysis>,
    name: &str,
) -> PyResult<Table> {
    let found = analysis.inner();
    let mut columns = Columns::default();
    match name {
        "timeline" => timeline(found, &mut columns),
        "shots" => shots(found, &mut columns),
        "boundaries" => boundaries(found, &mut columns),
        "moments" => moments(found, &mut columns),
        "attention" => attention(found, &mut columns),
        _ => {
            let message = format!("the table is {name}, allowed are {}", TABLES.join(", "));
            return Err(errors::of_kind(py, ErrorKind::InvalidInput, &message));
        }
    }
    columns.finish(name).map(Table).map_err(|error| defect(py, &error))
}

fn timeline(found: &geminivideo::Analysis, columns: &mut Columns) {
    let frames = || found.motion.frames.iter();
    columns
        .counts("frame", frames().map(|frame| frame.frame_idx))
        .numbers("time", frames().map(|frame| frame.timestamp))
        .counts("shot", frames().map(|frame| frame.shot.into()))
        .numbers("mean_energy", frames().map(|frame| frame.motion.mean_energy))
        .numbers("diagonals_per_second", frames().map(|frame| frame.motion.diagonals_per_second))
        .texts("motion_type", frames().map(|frame| frame.motion.motion_type.as_str()))
        .texts("direction", frames().map(|frame| frame.motion.dominant_direction.as_str()))
        .maybe("camera_energy", frames().map(|f| f.camera.as_ref().map(|c| c.camera_energy)))
        .maybe("subject_energy", frames().map(|f| f.camera.as_ref().map(|c| c.subject_energy)))
        .maybe("attention", frames().map(|frame| found.attention.at(frame.timestamp)));
}

fn shots(found: &geminivideo::Analysis, columns: &mut Columns) {
    let shots = || found.shots.shots.iter();
    columns
        .counts("index", shots().map(|shot| shot.index as u64))
        .counts("start_frame", shots().map(|shot| shot.start_frame))
        .counts("end_frame", shots().map(|shot| shot.end_frame))
        .numbers("start_time", shots().map(|shot| shot.start_time))
        .numbers("end_time", shots().map(|shot| shot.end_time))
        .flags("blank", shots().map(|shot| Some(shot.blank)));
}

fn boundaries(found: &geminivideo::Analysis, columns: &mut Columns) {
    let boundaries = || found.shots.boundaries.iter();
    columns
        .counts("frame", boundaries().map(|boundary| boundary.frame))
        .numbers("time", boundaries().map(|boundary| boundary.time))
        .counts("start_frame", boundaries().map(|boundary| boundary.start_frame))
        .numbers("start_time", boundaries().map(|boundary| boundary.start_time))
        .counts("end_frame", boundaries().map(|boundary| boundary.end_frame))
        .numbers("end_time", boundaries().map(|boundary| boundary.end_time))
        .texts("kind", boundaries().map(|boundary| boundary.kind.as_str()))
        .numbers("score", boundaries().map(|boundary| boundary.score));
}

fn moments(found: &geminivideo::Analysis, columns: &mut Columns) {
    let moments = || found.moments.iter();
    columns
        .texts("moment_type", moments().map(|moment| moment.moment_type.as_str()))
        .counts("frame_start", moments().map(|moment| moment.frame_start))
        .counts("frame_end", moments().map(|moment| moment.frame_end))
        .numbers("timestamp_start", moments().map(|moment| moment.timestamp_start))
        .numbers("timestamp_end", moments().map(|moment| moment.timestamp_end))
        .numbers("motion_energy", moments().map(|moment| moment.motion_energy))
        .counts("peak_frame", moments().map(|moment| moment.peak_frame))
        .numbers("peak_energy", moments().map(|moment| moment.peak_energy))
        .flags("face_present", moments().map(|moment| moment.face_present))
        .numbers("face_weight", moments().map(|moment| moment.face_weight))
        .numbers("score", moments().map(|moment| moment.score))
        .texts("reason", moments().map(|moment| moment.reason.as_str()));
}

fn attention(found: &geminivideo::Analysis, columns: &mut Columns) {
    let curve = &found.attention;
    let faces = |at: usize| curve.faces.as_ref().and_then(|faces| faces.get(at).copied());
    columns
        .numbers("time", curve.timeline.iter().copied())
        .numbers("attention", curve.attention.iter().copied())
        .numbers("motion", curve.motion.iter().copied())
        .numbers("cuts", curve.cuts.iter().copied())
        .maybe("faces", (0..curve.timeline.len()).map(faces))
        .numbers("speed", curve.speed.iter().copied());
}
