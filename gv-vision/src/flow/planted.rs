//! Pictures whose motion is known, for tests.

use super::FlowField;
use crate::GrayImage;

/// A texture moved by `(dx, dy)` pixels, fractions included: waves of no common period.
pub(super) fn moved(width: usize, height: usize, dx: f64, dy: f64) -> GrayImage {
    const WAVES: [(f64, f64, f64, f64); 7] = [
        (0.11, 0.07, 0.3, 24.0),
        (-0.05, 0.13, 1.9, 24.0),
        (0.23, -0.17, 4.1, 20.0),
        (0.31, 0.29, 2.7, 16.0),
        (-0.41, 0.19, 5.3, 14.0),
        (0.17, 0.53, 0.9, 12.0),
        (0.61, -0.37, 3.3, 10.0),
    ];
    GrayImage::from_fn(width, height, |x, y| {
        let (x, y) = (x as f64 - dx, y as f64 - dy);
        let sum: f64 = WAVES
            .iter()
            .map(|&(kx, ky, phase, height)| height * (kx * x + ky * y + phase).sin())
            .sum();
        (128.0 + sum).round().clamp(0.0, 255.0) as u8
    })
}

/// The greatest distance in pixels from `(dx, dy)` of any vector `margin` pixels and more from the edges.
pub(super) fn error_of(flow: &FlowField, dx: f64, dy: f64, margin: usize) -> f64 {
    let (width, height) = (flow.width(), flow.height());
    let rows = flow.data().chunks(width).take(height - margin).skip(margin);
    rows.flat_map(|row| &row[margin..width - margin])
        .map(|&[u, v]| (f64::from(u) - dx).hypot(f64::from(v) - dy))
        .fold(0.0, f64::max)
}
