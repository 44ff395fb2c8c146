//! A grey picture: the form in which every analysis looks at a frame.

use crate::{Error, Result};

/// An 8-bit grey picture, rows from top to bottom without padding.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GrayImage {
    width: usize,
    height: usize,
    data: Vec<u8>,
}

impl GrayImage {
    /// Takes `data`, `height` rows of `width` bytes.
    ///
    /// # Errors
    ///
    /// [`Error::BufferSize`] where `data` is not exactly `width * height` bytes long.
    pub fn new(width: usize, height: usize, data: Vec<u8>) -> Result<Self> {
        let needed = width.saturating_mul(height);
        if data.len() != needed {
            let given = data.len();
            return Err(Error::BufferSize { what: "gray image", given, needed, width, height });
        }
        Ok(Self { width, height, data })
    }

    /// A picture of one value.
    pub fn filled(width: usize, height: usize, value: u8) -> Self {
        Self { width, height, data: vec![value; width * height] }
    }

    /// A picture whose pixel at `(x, y)` is `value(x, y)`.
    pub fn from_fn(width: usize, height: usize, value: impl Fn(usize, usize) -> u8) -> Self {
        let data = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let data = data.map(|(x, y)| value(x, y)).collect();
        Self { width, height, data }
    }

    /// Changes the size, keeping the buffer's memory; the content is unspecified afterwards.
    pub(crate) fn reshape(&mut self, width: usize, height: usize) -> &mut [u8] {
        self.data.resize(width * height, 0);
        (self.width, self.height) = (width, height);
        &mut self.data
    }

    /// Width in pixels.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub const fn height(&self) -> usize {
        self.height
    }

    /// All pixels, row by row.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// All pixels, row by row, to be written.
    pub fn data_mut(&mut self) -> &mut [u8] {
        &mut self.data
    }

    /// The pixels of row `y`, from left to right.
    ///
    /// # Panics
    ///
    /// Where `y` is not below the height.
    pub fn row(&self, y: usize) -> &[u8] {
        &self.data[y * self.width..(y + 1) * self.width]
    }
}
