//! The seam: a picture tensor in, tensors out.

use crate::{Error, Result};
use std::fmt::Debug;

/// A dense array of numbers, the last dimension running fastest.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tensor {
    shape: Vec<usize>,
    data: Vec<f32>,
}

impl Tensor {
    /// Takes `data`, as many numbers as the product of `shape`.
    ///
    /// # Errors
    ///
    /// [`Error::ModelRun`] where the counts differ.
    pub fn new(shape: Vec<usize>, data: Vec<f32>) -> Result<Self> {
        let needed = shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
        if needed != Some(data.len()) {
            let message = format!("{} numbers do not fill a tensor of {shape:?}", data.len());
            return Err(Error::ModelRun { message });
        }
        Ok(Self { shape, data })
    }

    /// Sizes of the dimensions.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Checks that this is a picture of such a shape.
    #[cfg(feature = "onnx")]
    pub(crate) fn check_picture(&self, shape: [usize; 4]) -> Result<()> {
        if self.shape == shape {
            return Ok(());
        }
        let message = format!("the input is {:?}, allowed is {shape:?}", self.shape);
        Err(Error::ModelRun { message })
    }

    /// The brightness (BT.601) of a picture of red, green and blue, `[1, 1, height, width]` of `[1, 3, height, width]`.
    ///
    /// # Errors
    ///
    /// [`Error::ModelRun`] where this is no such picture.
    pub fn gray(&self) -> Result<Self> {
        let &[1, 3, height, width] = self.shape.as_slice() else {
            let message = format!("a tensor of {:?} has no brightness", self.shape);
            return Err(Error::ModelRun { message });
        };
        let plane = height * width;
        let value = |at: usize| {
            0.299 * self.data[at]
                + 0.587 * self.data[plane + at]
                + 0.114 * self.data[2 * plane + at]
        };
        Self::new(vec![1, 1, height, width], (0..plane).map(value).collect())
    }

    /// All numbers.
    pub fn data(&self) -> &[f32] {
        &self.data
    }
}

/// Name and shape of an input or output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The name inside of the model's file.
    pub name: String,
    /// Sizes of the dimensions; `None` where one is known only after a run.
    pub shape: Vec<Option<usize>>,
}

/// Names and shapes of outputs in words, for messages.
pub(crate) fn describe(ports: &[Port]) -> String {
    let one = |port: &Port| {
        let size = |size: &Option<usize>| size.map_or("?".to_owned(), |size| size.to_string());
        let shape: Vec<String> = port.shape.iter().map(size).collect();
        format!("{} [{}]", port.name, shape.join(", "))
    };
    ports.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A network with one picture as input.
///
/// # For implementers
///
/// - The input is one tensor `[1, channels, height, width]` in the size that [`size`](Self::size) says; another shape is
///   an [`Error::ModelRun`].
/// - [`run`](Self::run) gives as many tensors as [`outputs`](Self::outputs) has entries, in their
///   order, and the same numbers for the same input. It is called from several threads at once.
/// - Numbers that are not finite are handed over as they are; who decodes them refuses them.
pub trait InferenceModel: Debug + Send + Sync {
    /// What the model is called in results, for example its file's name.
    fn name(&self) -> &str;

    /// Width and height of the picture that the model wants, in pixels.
    fn size(&self) -> (usize, usize);

    /// 3 for a picture of red, green and blue, 1 for a grey one.
    fn channels(&self) -> usize {
        3
    }

    /// The outputs, in the order in which [`run`](Self::run) gives them.
    fn outputs(&self) -> &[Port];

    /// Runs the network.
    ///
    /// # Errors
    ///
    /// [`Error::ModelRun`] where the input has another shape or the network fails.
    fn run(&self, input: &Tensor) -> Result<Vec<Tensor>>;
}
