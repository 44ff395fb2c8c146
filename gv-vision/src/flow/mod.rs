//! The optical flow seam: where does each pixel of a picture go in the next one.

mod block_matching;
mod difference_flow;
mod farneback;
mod frame_diff;
mod hybrid;
#[cfg(feature = "opencv")]
mod opencv;
#[cfg(test)]
mod planted;

pub use block_matching::{BlockMatching, BlockMatchingOptions};
pub use difference_flow::DifferenceFlow;
pub use farneback::{Farneback, FarnebackOptions};
pub use frame_diff::{FrameDifference, MOVING_THRESHOLD, frame_diff};
pub use hybrid::Hybrid;
#[cfg(feature = "opencv")]
pub use opencv::OpenCvFarneback;

use crate::{Error, GrayImage, Result};

/// A displacement for each pixel.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FlowField {
    width: usize,
    height: usize,
    data: Vec<[f32; 2]>,
}

impl FlowField {
    /// A field of no motion.
    pub fn zeros(width: usize, height: usize) -> Self {
        Self { width, height, data: vec![[0.0; 2]; width * height] }
    }

    /// Width in pixels.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub const fn height(&self) -> usize {
        self.height
    }

    /// Displacements `[dx, dy]` in pixels, row by row; positive is right and down.
    pub fn data(&self) -> &[[f32; 2]] {
        &self.data
    }

    /// Displacements, to be written.
    pub fn data_mut(&mut self) -> &mut [[f32; 2]] {
        &mut self.data
    }
}

/// A method that finds the dense displacement between two pictures.
///
/// # For implementers
///
/// - The flow at `(x, y)` is such that `previous(x, y)` is found at `next(x + dx, y + dy)`, in pixels
///   of the given pictures.
/// - The result depends on the two pictures alone: not on the number of threads, and not on whether
///   it came from [`calculate`](Self::calculate) or from a [`FlowWalk`].
/// - Pictures of different size are [`Error::SizeMismatch`](crate::Error::SizeMismatch); pictures too
///   small to be matched have no flow, which is a field of zeros.
pub trait OpticalFlow: Send + Sync {
    /// The method's name, for results to carry.
    fn name(&self) -> &'static str;

    /// The flow from `previous` to `next`.
    ///
    /// # Errors
    ///
    /// [`Error::SizeMismatch`](crate::Error::SizeMismatch) where the pictures differ in size.
    fn calculate(&self, previous: &GrayImage, next: &GrayImage) -> Result<FlowField>;

    /// Starts a walk along a video, in which what was computed for a frame is used for both of its pairs.
    fn walk(&self) -> Box<dyn FlowWalk>;
}

/// A walk along the frames of one video.
pub trait FlowWalk: Send {
    /// Takes the next frame; the flow from the frame before to this one, or `None` for the first frame.
    ///
    /// # Errors
    ///
    /// [`Error::SizeMismatch`](crate::Error::SizeMismatch) where the frame's size is not that of the frame before.
    fn push(&mut self, frame: &GrayImage) -> Result<Option<&FlowField>>;
}

/// A walk of a method that has nothing to keep but the picture before.
#[derive(Debug)]
struct PairWalk<M> {
    method: M,
    previous: Option<GrayImage>,
    flow: FlowField,
}

impl<M: OpticalFlow> PairWalk<M> {
    fn new(method: M) -> Self {
        Self { method, previous: None, flow: FlowField::default() }
    }
}

impl<M: OpticalFlow> FlowWalk for PairWalk<M> {
    fn push(&mut self, frame: &GrayImage) -> Result<Option<&FlowField>> {
        let Some(previous) = &mut self.previous else {
            self.previous = Some(frame.clone());
            return Ok(None);
        };
        self.flow = self.method.calculate(previous, frame)?;
        previous.data_mut().copy_from_slice(frame.data());
        Ok(Some(&self.flow))
    }
}

fn check_sizes(first: &GrayImage, second: &GrayImage) -> Result<()> {
    let [first, second] = [first, second].map(|image| (image.width(), image.height()));
    if first == second { Ok(()) } else { Err(Error::SizeMismatch { first, second }) }
}
