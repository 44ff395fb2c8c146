//! From a frame at native size to the size at which it is analysed.

mod area;
#[cfg(feature = "cascade")]
mod enlarge;

use crate::{AnalysisFrame, Frame, Layout};
use area::AreaFilter;
#[cfg(feature = "cascade")]
pub(crate) use enlarge::enlarged;

/// Brings frames to analysis size with an area filter: each analysis pixel is the mean of the source
/// area that it covers, computed in integers, so the result is the same on every machine.
///
/// Pictures are never enlarged. Pixels that are not square are made so.
///
/// # Examples
///
/// ```
/// use gv_media::{Rational, Timestamp};
/// use gv_vision::{AnalysisFrame, Frame, FrameScaler, Layout};
///
/// let frame = Frame::new(0, Timestamp::ZERO, 640, 480, Layout::Gray8, vec![7; 640 * 480])?;
/// let mut small = AnalysisFrame::default();
/// FrameScaler::new(320).scale(&frame, Rational::ONE, &mut small);
/// assert_eq!((small.luma.width(), small.luma.height()), (320, 240));
/// assert_eq!(small.source_scale, 2.0);
/// # Ok::<(), gv_vision::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct FrameScaler {
    long_side: usize,
    luma: AreaFilter,
    chroma: AreaFilter,
    interleaved: Vec<u8>,
}

impl FrameScaler {
    /// A scaler to at most `long_side` pixels on the longer side of the displayed picture.
    pub fn new(long_side: usize) -> Self {
        Self { long_side: long_side.max(1), ..Self::default() }
    }

    /// Width and height of the analysis picture of a source of `width` x `height` pixels.
    pub fn target(
        &self,
        width: usize,
        height: usize,
        pixel_aspect: gv_media::Rational,
    ) -> (usize, usize) {
        target(self.long_side, (width, height), pixel_aspect)
    }

    /// Fills `out` with the analysis picture of `frame`.
    ///
    /// A frame without pixels gives planes without pixels.
    pub fn scale(
        &mut self,
        frame: &Frame,
        pixel_aspect: gv_media::Rational,
        out: &mut AnalysisFrame,
    ) {
        let (width, height) = if frame.width() == 0 || frame.height() == 0 {
            (0, 0)
        } else {
            let (width, height) = frame.native_size();
            let reached = frame.width().max(frame.height());
            let long_side =
                if frame.is_reduced() { self.long_side.min(reached) } else { self.long_side };
            target(long_side, (width, height), pixel_aspect)
        };
        out.index = frame.index;
        out.time = frame.pts.seconds();
        out.source_scale =
            if height == 0 { 1.0 } else { frame.native_size().1 as f64 / height as f64 };
        let planes = [
            out.luma.reshape(width, height),
            out.cb.reshape(width, height),
            out.cr.reshape(width, height),
        ];
        match frame.layout() {
            Layout::Gray8 => self.gray(frame, planes, (width, height)),
            Layout::Yuv420p => self.planar(frame, planes, (width, height)),
            Layout::Bgr24 => self.interleaved(frame, planes, (width, height), [2, 1, 0]),
            Layout::Rgb24 => self.interleaved(frame, planes, (width, height), [0, 1, 2]),
        }
    }

    fn gray(&mut self, frame: &Frame, planes: [&mut [u8]; 3], target: (usize, usize)) {
        let [luma, cb, cr] = planes;
        self.luma.prepare((frame.width(), frame.height()), target, 1);
        self.luma.apply(frame.data(), luma);
        cb.fill(128);
        cr.fill(128);
    }

    fn planar(&mut self, frame: &Frame, planes: [&mut [u8]; 3], target: (usize, usize)) {
        let filters = [&mut self.luma, &mut self.chroma];
        let [luma_filter, chroma_filter] = filters;
        for (number, out) in planes.into_iter().enumerate() {
            let Some(plane) = frame.plane(number) else { continue };
            let filter = if number == 0 { &mut *luma_filter } else { &mut *chroma_filter };
            filter.prepare((plane.width, plane.height), target, 1);
            filter.apply(plane.data, out);
            let table = if number == 0 { &FULL_RANGE_LUMA } else { &FULL_RANGE_CHROMA };
            out.iter_mut().for_each(|value| *value = table[usize::from(*value)]);
        }
    }

    fn interleaved(
        &mut self,
        frame: &Frame,
        planes: [&mut [u8]; 3],
        target: (usize, usize),
        rgb: [usize; 3],
    ) {
        self.luma.prepare((frame.width(), frame.height()), target, 3);
        self.interleaved.resize(target.0 * target.1 * 3, 0);
        self.luma.apply(frame.data(), &mut self.interleaved);
        let [luma, cb, cr] = planes;
        let outputs = luma.iter_mut().zip(cb).zip(cr);
        for (pixel, ((luma, cb), cr)) in self.interleaved.chunks_exact(3).zip(outputs) {
            (*luma, *cb, *cr) = ycbcr(rgb.map(|channel| i32::from(pixel[channel])));
        }
    }
}

fn target(
    long_side: usize,
    (width, height): (usize, usize),
    pixel_aspect: gv_media::Rational,
) -> (usize, usize) {
    let display = (width as f64 * pixel_aspect.to_f64().clamp(1e-3, 1e3)).max(1.0);
    let scale = (long_side as f64 / display.max(height as f64)).min(1.0);
    let side = |length: f64| ((length * scale).round() as usize).max(1);
    (side(display), side(height as f64))
}

/// Full-range luma and chroma of a colour, after ITU-R BT.601 as JFIF uses it, in 16-bit fixed point.
fn ycbcr([r, g, b]: [i32; 3]) -> (u8, u8, u8) {
    let fixed = |sum: i32| ((sum + (1 << 15)) >> 16).clamp(0, 255) as u8;
    (
        fixed(19_595 * r + 38_470 * g + 7_471 * b),
        fixed(-11_059 * r - 21_709 * g + 32_768 * b + (128 << 16)),
        fixed(32_768 * r - 27_439 * g - 5_329 * b + (128 << 16)),
    )
}

const FULL_RANGE_LUMA: [u8; 256] = expanded(16, 16, 219);
const FULL_RANGE_CHROMA: [u8; 256] = expanded(128, 16, 224);

/// Stretches limited range to full range around `centre`: `centre'` + (v - centre) * 255 / `span`, where
/// luma's black (16) becomes 0 and chroma's neutral (128) stays.
const fn expanded(centre: i32, black: i32, span: i32) -> [u8; 256] {
    let origin = if centre == black { 0 } else { centre };
    let mut table = [0; 256];
    let mut value = 0;
    while value < 256 {
        let offset = (value - centre) * 255;
        let half = if offset < 0 { -span / 2 } else { span / 2 };
        let stretched = origin + (offset + half) / span;
        table[value as usize] = if stretched < 0 {
            0
        } else if stretched > 255 {
            255
        } else {
            stretched as u8
        };
        value += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use gv_media::{Rational, Timestamp};

    fn scaled(frame: &Frame, long_side: usize) -> AnalysisFrame {
        let mut out = AnalysisFrame::default();
        FrameScaler::new(long_side).scale(frame, Rational::ONE, &mut out);
        out
    }

    fn frame(width: usize, height: usize, layout: Layout, data: Vec<u8>) -> Frame {
        Frame::new(3, Timestamp::ZERO, width, height, layout, data).unwrap()
    }

    #[test]
    fn limited_range_black_and_white_become_full_range() {
        let mut data = vec![16, 235, 16, 235];
        data.extend([128, 128]);
        let out = scaled(&frame(2, 2, Layout::Yuv420p, data), 320);
        assert_eq!(out.luma.data(), [0, 255, 0, 255]);
        assert_eq!(out.cb.data(), [128; 4]);
    }

    #[test]
    fn the_three_layouts_agree_on_a_grey_picture() {
        let gray: Vec<u8> = (0..64 * 36).map(|i| (i % 251) as u8).collect();
        let interleaved = gray.iter().flat_map(|&v| [v; 3]).collect();
        let from_gray = scaled(&frame(64, 36, Layout::Gray8, gray), 32);
        let from_bgr = scaled(&frame(64, 36, Layout::Bgr24, interleaved), 32);
        assert_eq!(from_gray.luma, from_bgr.luma);
        assert!(from_bgr.cb.data().iter().all(|&v| v == 128));
    }

    #[test]
    fn pure_colours_have_the_chroma_that_jfif_says() {
        let red = scaled(&frame(1, 1, Layout::Rgb24, vec![255, 0, 0]), 32);
        assert_eq!((red.luma.data()[0], red.cb.data()[0], red.cr.data()[0]), (76, 85, 255));
        let blue = scaled(&frame(1, 1, Layout::Bgr24, vec![255, 0, 0]), 32);
        assert_eq!((blue.luma.data()[0], blue.cb.data()[0], blue.cr.data()[0]), (29, 255, 107));
    }

    #[test]
    fn pixels_that_are_not_square_are_made_so() {
        let scaler = FrameScaler::new(320);
        assert_eq!(scaler.target(640, 360, Rational::new(2, 1).unwrap()), (320, 90));
        assert_eq!(scaler.target(16384, 16, Rational::ONE), (320, 1));
        assert_eq!(scaler.target(100, 60, Rational::ONE), (100, 60));
    }

    #[test]
    fn a_reduced_frame_is_scaled_to_the_size_that_the_native_one_has() {
        let mut reduced = frame(640, 427, Layout::Gray8, vec![9; 640 * 427]);
        reduced.reduced_from(1400, 933);
        let small = scaled(&reduced, 320);
        assert_eq!((small.luma.width(), small.luma.height()), (320, 213));
        assert_eq!(small.source_scale, 933.0 / 213.0);
        let large = scaled(&reduced, 1000);
        assert_eq!((large.luma.width(), large.luma.height()), (640, 427));
    }

    #[test]
    fn a_frame_without_pixels_gives_planes_without_pixels() {
        let out = scaled(&frame(0, 0, Layout::Yuv420p, Vec::new()), 320);
        assert_eq!((out.luma.width(), out.luma.height(), out.source_scale), (0, 0, 1.0));
    }
}
