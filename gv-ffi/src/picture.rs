//! Pictures in memory: how their bytes are laid out.

use crate::argument::{Visible, blank, initialize, one_of};
use crate::call::{Failure, Outcome};
use geminivideo::media::Rational;
use geminivideo::vision::{AnalysisFrame, Frame, FrameScaler, GrayImage, Layout};

/// One plane of grey, 0 black to 255 white.
pub const GV_LAYOUT_GRAY8: u32 = 0;
/// Three planes Y, Cb, Cr of limited range; the chroma planes have half the size, rounded up.
pub const GV_LAYOUT_YUV420P: u32 = 1;
/// Two planes: Y, and Cb and Cr in turn; limited range.
pub const GV_LAYOUT_NV12: u32 = 2;
/// One plane of blue, green, red.
pub const GV_LAYOUT_BGR24: u32 = 3;
/// One plane of red, green, blue.
pub const GV_LAYOUT_RGB24: u32 = 4;
/// One plane of blue, green, red and a byte that is not looked at.
pub const GV_LAYOUT_BGRA32: u32 = 5;
/// One plane of red, green, blue and a byte that is not looked at.
pub const GV_LAYOUT_RGBA32: u32 = 6;

/// How planes of C become the bytes of a frame.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Planes {
    Same(Layout),
    Nv12,
    Padded(Layout),
}

pub(crate) const LAYOUTS: [(u32, (Planes, &str)); 7] = [
    (GV_LAYOUT_GRAY8, (Planes::Same(Layout::Gray8), "gray")),
    (GV_LAYOUT_YUV420P, (Planes::Same(Layout::Yuv420p), "yuv420p")),
    (GV_LAYOUT_NV12, (Planes::Nv12, "nv12")),
    (GV_LAYOUT_BGR24, (Planes::Same(Layout::Bgr24), "bgr24")),
    (GV_LAYOUT_RGB24, (Planes::Same(Layout::Rgb24), "rgb24")),
    (GV_LAYOUT_BGRA32, (Planes::Padded(Layout::Bgr24), "bgra")),
    (GV_LAYOUT_RGBA32, (Planes::Padded(Layout::Rgb24), "rgba")),
];

/// Pixels on one side at most.
pub(crate) const MAX_SIDE: u32 = 1 << 15;

/// A picture that stands alone; gv_picture_init sets it to nothing. Its bytes are borrowed for the call.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_picture {
    /// sizeof(gv_picture).
    pub struct_size: u32,
    /// How the bytes are laid out: GV_LAYOUT_...
    pub layout: u32,
    /// Width in pixels, 1 to 32768.
    pub width: u32,
    /// Height in pixels, 1 to 32768.
    pub height: u32,
    /// The first row's first byte of each plane that the layout has.
    pub planes: [*const u8; 3],
    /// Bytes from a row to the next one below; negative for pictures that lie upside down in memory.
    pub strides: [isize; 3],
}

unsafe impl Visible for gv_picture {
    fn initial() -> Self {
        Self { layout: GV_LAYOUT_RGB24, ..blank() }
    }
}

/// Sets a picture to nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_picture_init(picture: *mut gv_picture) {
    unsafe { initialize(picture) };
}

impl gv_picture {
    /// The picture as a frame of its own bytes.
    pub(crate) unsafe fn frame(&self) -> Outcome<Frame> {
        let (planes, _) = one_of("picture.layout", self.layout, &LAYOUTS)?;
        check_sides("picture", self.width, self.height)?;
        let memory = Memory { name: "picture", planes: &self.planes, strides: &self.strides };
        let mut frame = Frame::default();
        unsafe { memory.copy(planes, self.width as usize, self.height as usize, &mut frame) }?;
        Ok(frame)
    }

    /// A picture of grey for C; `image` lends its bytes.
    pub(crate) fn of_gray(image: &GrayImage) -> Self {
        let mut picture = Self { layout: GV_LAYOUT_GRAY8, ..Self::initial() };
        (picture.width, picture.height) = (image.width() as u32, image.height() as u32);
        picture.planes[0] = image.data().as_ptr();
        picture.strides[0] = image.width() as isize;
        picture
    }

    /// A frame as a picture for C; the frame lends its bytes and is of three bytes a pixel.
    fn of_rgb(frame: &Frame) -> Self {
        let mut picture = Self::initial();
        (picture.width, picture.height) = (frame.width() as u32, frame.height() as u32);
        picture.planes[0] = frame.data().as_ptr();
        picture.strides[0] = (frame.width() * 3) as isize;
        picture
    }
}

/// Shows a frame to a program's function as red, green and blue.
pub(crate) fn show<T>(frame: &Frame, look: impl FnOnce(&gv_picture) -> T) -> Result<T, String> {
    if frame.width() == 0 || frame.height() == 0 {
        return Err("a frame without pixels".into());
    }
    if frame.layout() == Layout::Rgb24 {
        return Ok(look(&gv_picture::of_rgb(frame)));
    }
    let mut scaler = FrameScaler::new(frame.width().max(frame.height()));
    let mut scaled = AnalysisFrame::default();
    scaler.scale(frame, Rational::ONE, &mut scaled);
    let coloured = scaled.to_rgb().map_err(|error| error.to_string())?;
    Ok(look(&gv_picture::of_rgb(&coloured)))
}

pub(crate) fn check_sides(name: &str, width: u32, height: u32) -> Outcome {
    for (what, side) in [("width", width), ("height", height)] {
        if !(1..=MAX_SIDE).contains(&side) {
            let message = format!("{name}.{what} is {side}, allowed is 1 to {MAX_SIDE}");
            return Err(Failure::invalid(message));
        }
    }
    Ok(())
}

/// Where the planes of a picture lie.
pub(crate) struct Memory<'a> {
    pub(crate) name: &'a str,
    pub(crate) planes: &'a [*const u8; 3],
    pub(crate) strides: &'a [isize; 3],
}

impl Memory<'_> {
    /// Copies the planes into a frame, rows without padding, without bytes that are not looked at.
    pub(crate) unsafe fn copy(
        &self,
        planes: Planes,
        width: usize,
        height: usize,
        frame: &mut Frame,
    ) -> Outcome {
        let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
        match planes {
            Planes::Same(layout) => {
                let data = frame.reshape(width, height, layout)?;
                let shapes: &[(usize, usize)] = match layout {
                    Layout::Yuv420p => {
                        &[(width, height), (half_width, half_height), (half_width, half_height)]
                    }
                    Layout::Gray8 => &[(width, height)],
                    _ => &[(width * 3, height)],
                };
                let mut rest = data;
                for (number, &(row_bytes, rows)) in shapes.iter().enumerate() {
                    let source = self.rows(number, row_bytes)?;
                    let (part, after) = rest.split_at_mut(row_bytes * rows);
                    for (row, target) in part.chunks_exact_mut(row_bytes).enumerate() {
                        target.copy_from_slice(unsafe { source.row(row) });
                    }
                    rest = after;
                }
            }
            Planes::Nv12 => {
                let (luma, chroma) = (self.rows(0, width)?, self.rows(1, half_width * 2)?);
                let data = frame.reshape(width, height, Layout::Yuv420p)?;
                let (y, rest) = data.split_at_mut(width * height);
                for (row, target) in y.chunks_exact_mut(width).enumerate() {
                    target.copy_from_slice(unsafe { luma.row(row) });
                }
                let (cb, cr) = rest.split_at_mut(half_width * half_height);
                let targets = cb.chunks_exact_mut(half_width).zip(cr.chunks_exact_mut(half_width));
                for (row, (cb, cr)) in targets.enumerate() {
                    let pairs = unsafe { chroma.row(row) }.chunks_exact(2);
                    for ((pair, cb), cr) in pairs.zip(cb).zip(cr) {
                        (*cb, *cr) = (pair[0], pair[1]);
                    }
                }
            }
            Planes::Padded(layout) => {
                let source = self.rows(0, width * 4)?;
                let data = frame.reshape(width, height, layout)?;
                for (row, target) in data.chunks_exact_mut(width * 3).enumerate() {
                    let pixels = unsafe { source.row(row) }.chunks_exact(4);
                    for (pixel, target) in pixels.zip(target.chunks_exact_mut(3)) {
                        target.copy_from_slice(&pixel[..3]);
                    }
                }
            }
        }
        Ok(())
    }

    fn rows(&self, number: usize, bytes: usize) -> Outcome<Rows> {
        let (start, stride, name) = (self.planes[number], self.strides[number], self.name);
        if start.is_null() {
            return Err(Failure::invalid(format!("{name}.planes[{number}] is NULL")));
        }
        if stride.unsigned_abs() < bytes || stride.unsigned_abs() > (1 << 30) {
            let message = format!(
                "{name}.strides[{number}] is {stride}, allowed is {bytes} or more, or minus that"
            );
            return Err(Failure::invalid(message));
        }
        Ok(Rows { start, stride, bytes })
    }
}

/// The rows of a plane of C.
struct Rows {
    start: *const u8,
    stride: isize,
    bytes: usize,
}

impl Rows {
    unsafe fn row(&self, row: usize) -> &[u8] {
        unsafe {
            let start = self.start.offset(self.stride * row as isize);
            std::slice::from_raw_parts(start, self.bytes)
        }
    }
}
