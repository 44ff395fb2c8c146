//! Pictures on which detectors of things in pictures keep their contracts.

use crate::{Frame, Layout};
use gv_media::Timestamp;

/// Pictures of every layout and of odd sizes, each with its description.
#[expect(clippy::panic, reason = "a test suite reports by panicking")]
pub(super) fn pictures() -> impl Iterator<Item = (String, Frame)> {
    let sizes = [(1, 1), (7, 300), (300, 7), (65, 33), (320, 180)];
    let layouts = [Layout::Gray8, Layout::Yuv420p, Layout::Bgr24, Layout::Rgb24];
    let kinds = sizes.into_iter().flat_map(move |size| layouts.map(|layout| (size, layout)));
    kinds.map(|((width, height), layout)| {
        let bytes = layout.frame_bytes(width, height).unwrap_or(0);
        let data = (0..bytes).map(|at| (at * 31 % 251) as u8).collect();
        let picture = format!("{layout:?} of {width}x{height}");
        match Frame::new(0, Timestamp::ZERO, width, height, layout, data) {
            Ok(frame) => (picture, frame),
            Err(error) => panic!("{picture} is no frame: {error}"),
        }
    })
}

/// Whether a box of x, y, width and height has an area and lies inside of `frame`.
pub(super) fn is_inside(frame: &Frame, [x, y, width, height]: [f32; 4]) -> bool {
    let (right, bottom) = (frame.width() as f32 + 0.01, frame.height() as f32 + 0.01);
    let placed = x >= 0.0 && y >= 0.0 && x + width <= right && y + height <= bottom;
    placed && width * height > 0.0
}
