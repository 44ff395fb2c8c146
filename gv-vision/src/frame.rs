//! Frames as a source hands them over, and as the analyses see them.

use crate::{Error, GrayImage, Result};
use gv_media::Timestamp;

/// How the bytes of a frame are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Layout {
    /// One plane of grey, 0 black to 255 white.
    Gray8,
    /// Three planes Y, Cb, Cr; the chroma planes have half the size in both directions, rounded up.
    /// Luma is 16 black to 235 white (limited range).
    Yuv420p,
    /// Interleaved blue, green, red.
    Bgr24,
    /// Interleaved red, green, blue.
    Rgb24,
}

impl Layout {
    /// Bytes that a frame of `width` x `height` pixels needs; `None` where that leaves `usize`.
    pub fn frame_bytes(self, width: usize, height: usize) -> Option<usize> {
        let pixels = width.checked_mul(height)?;
        match self {
            Self::Gray8 => Some(pixels),
            Self::Yuv420p => {
                let chroma = width.div_ceil(2).checked_mul(height.div_ceil(2))?;
                pixels.checked_add(chroma.checked_mul(2)?)
            }
            Self::Bgr24 | Self::Rgb24 => pixels.checked_mul(3),
        }
    }
}

/// One decoded picture with the moment at which it is shown.
///
/// A source fills the same `Frame` again and again, so a video is walked without an allocation per
/// frame; clone what is to be kept.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Number of the frame in the video, from 0.
    pub index: u64,
    /// The moment at which the frame is shown.
    pub pts: Timestamp,
    width: usize,
    height: usize,
    reduced_from: Option<(usize, usize)>,
    layout: Layout,
    data: Vec<u8>,
}

impl Default for Frame {
    fn default() -> Self {
        Self {
            index: 0,
            pts: Timestamp::ZERO,
            width: 0,
            height: 0,
            reduced_from: None,
            layout: Layout::Gray8,
            data: Vec::new(),
        }
    }
}

impl Frame {
    /// Takes `data`, planes one after the other, rows from top to bottom without padding.
    ///
    /// # Errors
    ///
    /// [`Error::BufferSize`] where the length of `data` is not [`Layout::frame_bytes`].
    pub fn new(
        index: u64,
        pts: Timestamp,
        width: usize,
        height: usize,
        layout: Layout,
        data: Vec<u8>,
    ) -> Result<Self> {
        let needed = layout.frame_bytes(width, height).unwrap_or(usize::MAX);
        if data.len() != needed {
            let given = data.len();
            return Err(Error::BufferSize { what: "frame", given, needed, width, height });
        }
        Ok(Self { index, pts, width, height, reduced_from: None, layout, data })
    }

    /// Gives the frame a size and a layout and hands out its bytes to be filled, keeping the
    /// buffer's memory.
    ///
    /// # Errors
    ///
    /// [`Error::BufferSize`] where the size leaves `usize`.
    pub fn reshape(&mut self, width: usize, height: usize, layout: Layout) -> Result<&mut [u8]> {
        let needed = layout.frame_bytes(width, height).ok_or(Error::BufferSize {
            what: "frame",
            given: 0,
            needed: usize::MAX,
            width,
            height,
        })?;
        self.data.resize(needed, 0);
        (self.width, self.height, self.layout) = (width, height, layout);
        self.reduced_from = None;
        Ok(&mut self.data)
    }

    /// Says that the picture is a smaller one of a video of `width` x `height` pixels; [`reshape`](Self::reshape)
    /// takes that back.
    pub fn reduced_from(&mut self, width: usize, height: usize) {
        self.reduced_from = Some((width, height));
    }

    /// Whether the picture is a smaller one than the video's.
    pub const fn is_reduced(&self) -> bool {
        self.reduced_from.is_some()
    }

    /// Width and height in pixels of the video's picture: the frame's own, or those it was reduced from.
    pub fn native_size(&self) -> (usize, usize) {
        self.reduced_from.unwrap_or((self.width, self.height))
    }

    /// Exchanges the bytes with `data`, which is as long as the frame's; no byte is copied.
    ///
    /// # Errors
    ///
    /// [`Error::BufferSize`] where the lengths differ.
    pub fn swap_data(&mut self, data: &mut Vec<u8>) -> Result<()> {
        if data.len() != self.data.len() {
            return Err(Error::BufferSize {
                what: "frame",
                given: data.len(),
                needed: self.data.len(),
                width: self.width,
                height: self.height,
            });
        }
        std::mem::swap(&mut self.data, data);
        Ok(())
    }

    /// Width in pixels.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub const fn height(&self) -> usize {
        self.height
    }

    /// How the bytes are laid out.
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// All bytes, planes one after the other.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// One plane of a [`Layout::Gray8`] (only 0) or [`Layout::Yuv420p`] frame (0 Y, 1 Cb, 2 Cr);
    /// `None` for interleaved layouts and other numbers.
    pub fn plane(&self, number: usize) -> Option<PlaneView<'_>> {
        let (width, height) = (self.width, self.height);
        let luma = width * height;
        match (self.layout, number) {
            (Layout::Gray8 | Layout::Yuv420p, 0) => {
                Some(PlaneView { width, height, data: &self.data[..luma] })
            }
            (Layout::Yuv420p, 1 | 2) => {
                let (width, height) = (width.div_ceil(2), height.div_ceil(2));
                let start = luma + (number - 1) * width * height;
                Some(PlaneView { width, height, data: &self.data[start..start + width * height] })
            }
            _ => None,
        }
    }
}

/// Refuses a picture without pixels.
///
/// # Errors
///
/// [`Error::InvalidParameter`] where a side is zero.
pub fn check_pixels(width: usize, height: usize) -> Result<()> {
    if width > 0 && height > 0 {
        return Ok(());
    }
    let given = format!("{width}x{height} pixels");
    Err(Error::InvalidParameter { name: "picture", given, allowed: "at least one pixel" })
}

/// One borrowed plane of bytes, rows without padding.
#[derive(Debug, Clone, Copy)]
pub struct PlaneView<'a> {
    /// Width in samples.
    pub width: usize,
    /// Height in samples.
    pub height: usize,
    /// `height` rows of `width` bytes.
    pub data: &'a [u8],
}

/// A frame at analysis size: what the streaming analyses read.
///
/// All three planes have one size.
#[derive(Debug, Clone, Default)]
pub struct AnalysisFrame {
    /// Number of the frame in the video, from 0.
    pub index: u64,
    /// The moment at which the frame is shown, in seconds.
    pub time: f64,
    /// Luma, 0 black to 255 white.
    pub luma: GrayImage,
    /// Blue-difference chroma, 128 neutral; the size of `luma`.
    pub cb: GrayImage,
    /// Red-difference chroma, 128 neutral; the size of `luma`.
    pub cr: GrayImage,
    /// Source pixels per analysis pixel (source width / `luma` width).
    pub source_scale: f64,
}

impl AnalysisFrame {
    /// The picture in colour, [`Layout::Rgb24`], after ITU-R BT.601 as JFIF uses it; its `pts` is zero.
    ///
    /// # Errors
    ///
    /// [`Error::BufferSize`] where the planes are not of one size.
    pub fn to_rgb(&self) -> Result<Frame> {
        let (width, height) = (self.luma.width(), self.luma.height());
        let planes = self.luma.data().iter().zip(self.cb.data()).zip(self.cr.data());
        let mut data = vec![0; planes.len() * 3];
        for (pixel, ((&y, &cb), &cr)) in data.chunks_exact_mut(3).zip(planes) {
            pixel.copy_from_slice(&rgb(y, cb, cr));
        }
        Frame::new(self.index, Timestamp::ZERO, width, height, Layout::Rgb24, data)
    }
}

/// A colour from full-range luma and chroma, in 16-bit fixed point.
fn rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let (y, cb, cr) = (i32::from(y) << 16, i32::from(cb) - 128, i32::from(cr) - 128);
    let byte = |sum: i32| ((sum + (1 << 15)) >> 16).clamp(0, 255) as u8;
    [byte(y + 91_881 * cr), byte(y - 22_554 * cb - 46_802 * cr), byte(y + 116_130 * cb)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_come_back_from_luma_and_chroma() {
        for colour in
            [[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 200, 90]]
        {
            let frame =
                Frame::new(0, Timestamp::ZERO, 1, 1, Layout::Rgb24, colour.to_vec()).unwrap();
            let mut picture = AnalysisFrame::default();
            crate::FrameScaler::new(8).scale(&frame, gv_media::Rational::ONE, &mut picture);
            let back = picture.to_rgb().unwrap();
            let off = back.data().iter().zip(colour).map(|(&a, b)| a.abs_diff(b)).max();
            assert!(off <= Some(2), "{colour:?} becomes {:?}", back.data());
        }
    }
}
