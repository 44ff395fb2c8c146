//! The seam: tensors in, tensors out.

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

/// Names and shapes of inputs or outputs in words, for messages.
pub fn describe(ports: &[Port]) -> String {
    let one = |port: &Port| {
        let size = |size: &Option<usize>| size.map_or("?".to_owned(), |size| size.to_string());
        let shape: Vec<String> = port.shape.iter().map(size).collect();
        format!("{} [{}]", port.name, shape.join(", "))
    };
    ports.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Checks that tensors have the shapes of the inputs that they are for.
#[cfg(feature = "onnx")]
pub(super) fn check_inputs(given: &[Tensor], ports: &[Port]) -> Result<()> {
    let fits = |(tensor, port): (&Tensor, &Port)| {
        tensor.shape.iter().map(|&size| Some(size)).eq(port.shape.iter().copied())
    };
    if given.len() == ports.len() && given.iter().zip(ports).all(fits) {
        return Ok(());
    }
    let shapes: Vec<_> = given.iter().map(Tensor::shape).collect();
    let message = format!("the inputs are {shapes:?}, allowed is {}", describe(ports));
    Err(Error::ModelRun { message })
}

/// A network.
///
/// One that looks at pictures has one input `[1, channels, height, width]`; [`size`](Self::size) and
/// [`channels`](Self::channels) tell it.
///
/// # For implementers
///
/// - [`inputs`](Self::inputs) are the tensors of a run in their order, with every size known; others are an
///   [`Error::ModelRun`].
/// - [`run`](Self::run) gives as many tensors as [`outputs`](Self::outputs) has entries, in their
///   order, and the same numbers for the same inputs. It is called from several threads at once, and remembers nothing.
/// - Numbers that are not finite are handed over as they are; who decodes them refuses them.
pub trait InferenceModel: Debug + Send + Sync {
    /// What the model is called in results, for example its file's name.
    fn name(&self) -> &str;

    /// The inputs, in the order in which [`run`](Self::run) takes them.
    fn inputs(&self) -> &[Port];

    /// The outputs, in the order in which [`run`](Self::run) gives them.
    fn outputs(&self) -> &[Port];

    /// Runs the network.
    ///
    /// # Errors
    ///
    /// [`Error::ModelRun`] where an input has another shape or the network fails.
    fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>>;

    /// Width and height of the picture that the model wants, in pixels; 0 where its input is no picture.
    fn size(&self) -> (usize, usize) {
        picture(self.inputs()).map_or((0, 0), |[_, height, width]| (width, height))
    }

    /// 3 for a picture of red, green and blue, 1 for a grey one; 0 where the input is no picture.
    fn channels(&self) -> usize {
        picture(self.inputs()).map_or(0, |[channels, ..]| channels)
    }
}

/// Channels, height and width of the one input that is a picture.
fn picture(ports: &[Port]) -> Option<[usize; 3]> {
    let [port] = ports else { return None };
    match port.shape.as_slice() {
        &[Some(1), Some(channels), Some(height), Some(width)] => Some([channels, height, width]),
        _ => None,
    }
}
