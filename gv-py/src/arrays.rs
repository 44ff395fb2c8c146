//! Pictures from numpy arrays, and arrays from results.

use crate::errors;
use geminivideo::ErrorKind;
use geminivideo::media::Timestamp;
use geminivideo::vision::{FlowField, Frame, GrayImage, Layout, gray_from_bgr};
use numpy::{
    PyArray1, PyArrayDescrMethods, PyArrayDyn, PyArrayMethods, PyUntypedArray,
    PyUntypedArrayMethods, dtype,
};
use pyo3::prelude::*;

const ALLOWED: &str =
    "a numpy array of uint8, shape (height, width, 3) in BGR order or (height, width) in grey";
/// Bytes that are taken out of an array at a time: whole pixels.
const BLOCK: usize = 3 << 14;

/// Takes the argument called `name`, `uint8 (H, W, 3)` BGR or `uint8 (H, W)` grey, as a grey picture.
///
/// A C-contiguous array is read where it lies, any other is copied once.
///
/// # Errors
///
/// `InvalidInputError` that names what was given and what is allowed.
pub(crate) fn gray(argument: &Bound<'_, PyAny>, name: &str) -> PyResult<GrayImage> {
    let py = argument.py();
    let picture = Picture::of(argument, name)?;
    let mut pixels = Vec::with_capacity(picture.array.len() / picture.channels);
    picture.blocks(|block| {
        if picture.channels == 1 {
            pixels.extend_from_slice(block);
            return Ok(());
        }
        let gray = gray_from_bgr(block, block.len() / 3, 1)
            .map_err(|error| errors::exception(py, &error.into()))?;
        pixels.extend_from_slice(gray.data());
        Ok(())
    })?;
    GrayImage::new(picture.width, picture.height, pixels)
        .map_err(|error| errors::exception(py, &geminivideo::Error::from(error)))
}

/// Takes the argument called `name`, `uint8 (H, W, 3)` BGR or `uint8 (H, W)` grey, as a frame.
///
/// # Errors
///
/// `InvalidInputError` that names what was given and what is allowed.
pub(crate) fn frame(argument: &Bound<'_, PyAny>, name: &str) -> PyResult<Frame> {
    let picture = Picture::of(argument, name)?;
    let mut data = Vec::with_capacity(picture.array.len());
    picture.blocks(|block| {
        data.extend_from_slice(block);
        Ok(())
    })?;
    let layout = if picture.channels == 1 { Layout::Gray8 } else { Layout::Bgr24 };
    Frame::new(0, Timestamp::ZERO, picture.width, picture.height, layout, data)
        .map_err(|error| errors::exception(argument.py(), &geminivideo::Error::from(error)))
}

/// A contiguous array of bytes that is a picture.
struct Picture<'py> {
    array: Bound<'py, PyArrayDyn<u8>>,
    height: usize,
    width: usize,
    channels: usize,
}

impl<'py> Picture<'py> {
    fn of(argument: &Bound<'py, PyAny>, name: &str) -> PyResult<Self> {
        let py = argument.py();
        let refuse = |given: &str| {
            let message = format!("{name} must be {ALLOWED}, given is {given}");
            errors::of_kind(py, ErrorKind::InvalidInput, &message)
        };
        let Ok(array) = argument.cast::<PyUntypedArray>() else {
            let given = argument.get_type().fully_qualified_name()?;
            return Err(refuse(&given.to_string_lossy()));
        };
        let (height, width, channels) = match *array.shape() {
            [height, width] if is_bytes(array) => (height, width, 1),
            [height, width, 3] if is_bytes(array) => (height, width, 3),
            _ => {
                let shape = array.as_any().getattr("shape")?;
                return Err(refuse(&format!("{} of shape {shape}", array.dtype())));
            }
        };
        let array: Bound<'_, PyArrayDyn<u8>> = if array.is_c_contiguous() {
            array.clone().into_any().cast_into()?
        } else {
            py.import("numpy")?.call_method1("ascontiguousarray", (array,))?.cast_into()?
        };
        Ok(Self { array, height, width, channels })
    }

    /// Gives the bytes to `take`, block by block.
    ///
    /// Another thread may write to the array meanwhile: numpy releases the interpreter lock, and so may
    /// others. So there is never a reference to the array's memory, bytes are only copied out of it; such a
    /// writer changes what is measured and nothing else.
    fn blocks(&self, mut take: impl FnMut(&[u8]) -> PyResult<()>) -> PyResult<()> {
        let (data, length) = (self.array.data().cast_const(), self.array.len());
        let mut block = Vec::with_capacity(BLOCK.min(length));
        for start in (0..length).step_by(BLOCK) {
            let part = BLOCK.min(length - start);
            #[allow(unsafe_code, reason = "numpy hands out the array's memory as a raw pointer")]
            // SAFETY: the array is alive and C-contiguous, so `length` bytes lie at `data`; the block has
            // room for `BLOCK.min(length)`, which is no less than `part`, and all of `part` is written.
            unsafe {
                std::ptr::copy_nonoverlapping(data.add(start), block.as_mut_ptr(), part);
                block.set_len(part);
            }
            take(&block)?;
        }
        Ok(())
    }
}

fn is_bytes(array: &Bound<'_, PyUntypedArray>) -> bool {
    array.dtype().is_equiv_to(&dtype::<u8>(array.py()))
}

/// A flow field as `float32 (H, W, 2)`, dx then dy.
pub(crate) fn flow_array<'py>(py: Python<'py>, flow: &FlowField) -> PyResult<Bound<'py, PyAny>> {
    let values = PyArray1::from_slice(py, flow.data().as_flattened());
    Ok(values.reshape([flow.height(), flow.width(), 2])?.into_any())
}

/// The lengths of a flow field's displacements as `float32 (H, W)`.
pub(crate) fn magnitude_array<'py>(
    py: Python<'py>,
    flow: &FlowField,
) -> PyResult<Bound<'py, PyAny>> {
    let lengths = flow.data().iter().map(|[dx, dy]| dx.hypot(*dy));
    let values = PyArray1::from_vec(py, lengths.collect());
    Ok(values.reshape([flow.height(), flow.width()])?.into_any())
}

/// A grey picture as `uint8 (H, W)`.
pub(crate) fn gray_array<'py>(py: Python<'py>, picture: &GrayImage) -> PyResult<Bound<'py, PyAny>> {
    let values = PyArray1::from_slice(py, picture.data());
    Ok(values.reshape([picture.height(), picture.width()])?.into_any())
}
