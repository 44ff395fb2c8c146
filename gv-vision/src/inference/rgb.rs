//! Frames of any layout as interleaved red, green, blue.

use crate::{Frame, Layout};
use std::borrow::Cow;

/// The frame's pixels, three bytes each; nothing is copied where they are so already.
///
/// [`Layout::Yuv420p`] is read as BT.601, limited range.
pub fn rgb_pixels(frame: &Frame) -> Cow<'_, [u8]> {
    let data = frame.data();
    match frame.layout() {
        Layout::Rgb24 => Cow::Borrowed(data),
        Layout::Bgr24 => {
            let mut pixels = data.to_vec();
            pixels.chunks_exact_mut(3).for_each(|pixel| pixel.swap(0, 2));
            Cow::Owned(pixels)
        }
        Layout::Gray8 => {
            let mut pixels = vec![0; data.len() * 3];
            for (pixel, &value) in pixels.chunks_exact_mut(3).zip(data) {
                pixel.fill(value);
            }
            Cow::Owned(pixels)
        }
        Layout::Yuv420p => Cow::Owned(from_yuv(frame)),
    }
}

fn from_yuv(frame: &Frame) -> Vec<u8> {
    let (width, height) = (frame.width(), frame.height());
    let (Some(luma), Some(cb), Some(cr)) = (frame.plane(0), frame.plane(1), frame.plane(2)) else {
        return Vec::new();
    };
    let mut pixels = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            let chroma = (y / 2) * cb.width + x / 2;
            let bright = (f32::from(luma.data[y * width + x]) - 16.0) * 1.164_383;
            let (blue, red) =
                (f32::from(cb.data[chroma]) - 128.0, f32::from(cr.data[chroma]) - 128.0);
            pixels.push((bright + 1.596_027 * red).round() as u8);
            pixels.push((bright - 0.391_762 * blue - 0.812_968 * red).round() as u8);
            pixels.push((bright + 2.017_232 * blue).round() as u8);
        }
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;
    use gv_media::Timestamp;

    fn pixels(width: usize, height: usize, layout: Layout, data: Vec<u8>) -> Vec<u8> {
        let frame = Frame::new(0, Timestamp::ZERO, width, height, layout, data).unwrap();
        rgb_pixels(&frame).into_owned()
    }

    #[test]
    fn every_layout_gives_red_green_blue() {
        assert_eq!(pixels(1, 1, Layout::Rgb24, vec![1, 2, 3]), [1, 2, 3]);
        assert_eq!(pixels(1, 1, Layout::Bgr24, vec![1, 2, 3]), [3, 2, 1]);
        assert_eq!(pixels(1, 1, Layout::Gray8, vec![7]), [7, 7, 7]);
        assert_eq!(pixels(1, 1, Layout::Yuv420p, vec![235, 128, 128]), [255, 255, 255]);
        assert_eq!(pixels(1, 1, Layout::Yuv420p, vec![81, 90, 240]), [254, 0, 0]);
    }

    #[test]
    fn odd_sizes_read_no_chroma_that_is_not_there() {
        assert_eq!(pixels(3, 3, Layout::Yuv420p, [vec![16; 9], vec![128; 8]].concat()), [0; 27]);
    }
}
