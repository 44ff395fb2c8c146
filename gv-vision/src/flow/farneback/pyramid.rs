//! The pictures of the pyramid: blurred and sampled straight from the full-size picture.

use crate::GrayImage;
use crate::simd::{Isa, kernel};

/// No level is smaller than this in either direction.
const MIN_SIZE: f64 = 32.0;
/// Subtracted from every pixel. The expansion does not depend on it, and smaller numbers round less.
const MIDDLE: f32 = 128.0;
/// Pixels that a kernel holds at a time.
const CHUNK: usize = 32;

/// Width and height of each level, the picture itself first.
pub(super) fn level_sizes(
    width: usize,
    height: usize,
    pyr_scale: f64,
    levels: usize,
) -> Vec<(usize, usize)> {
    let mut sizes = vec![(width, height)];
    let mut scale = 1.0;
    for _ in 0..levels {
        scale *= pyr_scale;
        let (w, h) = (width as f64 * scale, height as f64 * scale);
        if w < MIN_SIZE || h < MIN_SIZE {
            break;
        }
        sizes.push((w.round_ties_even() as usize, h.round_ties_even() as usize));
    }
    sizes
}

/// Blur and linear interpolation along one axis, as one filter for each output position.
#[derive(Debug, Clone)]
pub(super) struct AxisFilter {
    taps: usize,
    radius: usize,
    starts: Vec<usize>,
    weights: Vec<f32>,
    stride: Option<usize>,
}

impl AxisFilter {
    /// The filter from `source` pixels to the `target` pixels of level `level`.
    ///
    /// The blur is a Gaussian of standard deviation `(1 / pyr_scale^level - 1) / 2` over five of them,
    /// at least three pixels, and 1/4, 1/2, 1/4 for level 0; pixel centres are aligned as in OpenCV's
    /// `resize`.
    pub(super) fn new(source: usize, target: usize, pyr_scale: f64, level: usize) -> Self {
        let sigma = (pyr_scale.powi(-(level as i32)) - 1.0) * 0.5;
        let blur = blur_kernel(sigma);
        let radius = blur.len() / 2;
        let samples: Vec<_> = (0..target).map(|i| sample_position(i, source, target)).collect();
        let interpolates = samples.iter().any(|&(_, fraction)| fraction != 0.0);
        let taps = blur.len() + usize::from(interpolates);
        let starts: Vec<_> = samples.iter().map(|&(start, _)| start).collect();
        let mut weights = Vec::with_capacity(target * taps);
        for &(_, fraction) in &samples {
            weights.extend((0..taps).map(|tap| {
                let here = blur.get(tap).copied().unwrap_or(0.0);
                let before = tap.checked_sub(1).and_then(|t| blur.get(t)).copied().unwrap_or(0.0);
                ((1.0 - fraction) * here + fraction * before) as f32
            }));
        }
        let stride = uniform_stride(&starts, &weights, taps);
        Self { taps, radius, starts, weights, stride }
    }

    /// The weights at output position `at`.
    fn weights(&self, at: usize) -> &[f32] {
        &self.weights[at * self.taps..(at + 1) * self.taps]
    }
}

/// The distance between neighbouring outputs where all of them have the same weights.
fn uniform_stride(starts: &[usize], weights: &[f32], taps: usize) -> Option<usize> {
    let stride = match starts {
        [] => return None,
        [_] => 1,
        [first, second, ..] => second - first,
    };
    let evenly = starts.windows(2).all(|pair| pair[1] - pair[0] == stride);
    let alike = weights.chunks_exact(taps).all(|one| one == &weights[..taps]);
    (evenly && alike && matches!(stride, 1 | 2 | 4 | 8)).then_some(stride)
}

/// First of the two source pixels around output `i`, and the weight of the second.
pub(super) fn sample_position(i: usize, source: usize, target: usize) -> (usize, f64) {
    let position = (i as f64 + 0.5) * (source as f64 / target as f64) - 0.5;
    let position = f64::from(position as f32);
    let first = position.floor();
    if first < 0.0 {
        (0, 0.0)
    } else if first as usize + 1 >= source {
        (source - 1, 0.0)
    } else {
        (first as usize, position - first)
    }
}

fn blur_kernel(sigma: f64) -> Vec<f64> {
    if sigma <= 0.0 {
        return vec![0.25, 0.5, 0.25];
    }
    let size = ((sigma * 5.0).round_ties_even() as i64 | 1).max(3);
    let radius = size / 2;
    let weights = (-radius..=radius).map(|x| (-(x * x) as f64 / (2.0 * sigma * sigma)).exp());
    let weights: Vec<f64> = weights.collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// The pixel that stands at `position` of a row mirrored at the middle of its first and last pixel.
fn mirrored(position: isize, length: usize) -> usize {
    if length <= 1 {
        return 0;
    }
    let period = 2 * (length as isize - 1);
    let position = position.rem_euclid(period);
    position.min(period - position) as usize
}

/// Buffers of [`image_row`].
#[derive(Debug, Default)]
pub(super) struct RowScratch {
    row: Vec<f32>,
    phases: Vec<f32>,
}

/// Writes row `y` of a level's picture, 128 subtracted, to `out`.
pub(super) fn image_row(
    isa: Isa,
    image: &GrayImage,
    horizontal: &AxisFilter,
    vertical: &AxisFilter,
    y: usize,
    scratch: &mut RowScratch,
    out: &mut [f32],
) {
    let (width, height) = (image.width(), image.height());
    let radius = horizontal.radius;
    let first = vertical.starts[y] as isize - vertical.radius as isize;
    let rows: Vec<&[u8]> =
        (0..vertical.taps).map(|tap| image.row(mirrored(first + tap as isize, height))).collect();
    scratch.row.resize((width + 2 * radius + 1).next_multiple_of(8) + 8, 0.0);
    let row = &mut scratch.row;
    blend_rows(isa, &rows, vertical.weights(y), &mut row[radius..radius + width]);
    for i in 1..=radius {
        row[radius - i] = row[radius + mirrored(-(i as isize), width)];
    }
    for i in 0..=radius {
        row[radius + width + i] = row[radius + mirrored((width + i) as isize, width)];
    }
    let weights = horizontal.weights(0);
    match horizontal.stride {
        Some(1) => {
            filter_row::<1>(isa, row, weights, horizontal.starts[0], &mut scratch.phases, out)
        }
        Some(2) => {
            filter_row::<2>(isa, row, weights, horizontal.starts[0], &mut scratch.phases, out)
        }
        Some(4) => {
            filter_row::<4>(isa, row, weights, horizontal.starts[0], &mut scratch.phases, out)
        }
        Some(8) => {
            filter_row::<8>(isa, row, weights, horizontal.starts[0], &mut scratch.phases, out)
        }
        _ => filter_row_anywhere(isa, row, &horizontal.weights, &horizontal.starts, out),
    }
}

kernel! {
    /// The weighted sum of rows of pixels, less [`MIDDLE`].
    fn blend_rows(rows: &[&[u8]], weights: &[f32], out: &mut [f32]) {
        let length = out.len();
        let whole = length / CHUNK * CHUNK;
        for start in (0..whole).step_by(CHUNK) {
            let mut sums = [-MIDDLE; CHUNK];
            for (row, &weight) in rows.iter().zip(weights) {
                let pixels = &row[start..start + CHUNK];
                for i in 0..CHUNK {
                    sums[i] += weight * f32::from(pixels[i]);
                }
            }
            out[start..start + CHUNK].copy_from_slice(&sums);
        }
        for x in whole..length {
            let terms = rows.iter().zip(weights).map(|(row, &weight)| weight * f32::from(row[x]));
            out[x] = terms.fold(-MIDDLE, |sum, term| sum + term);
        }
    }
}

kernel! {
    /// One filter at every `STRIDE`-th position from `start`.
    fn filter_row[const STRIDE: usize](
        row: &[f32],
        weights: &[f32],
        start: usize,
        phases: &mut Vec<f32>,
        out: &mut [f32],
    ) {
        let length = (row.len() - start) / STRIDE;
        phases.resize(STRIDE * (length + CHUNK), 0.0);
        let pitch = length + CHUNK;
        let groups = row[start..start + length * STRIDE].as_chunks::<STRIDE>().0;
        for phase in 0..STRIDE {
            for (value, group) in phases[phase * pitch..][..length].iter_mut().zip(groups) {
                *value = group[phase];
            }
        }
        for (chunk, out) in out.chunks_mut(CHUNK).enumerate() {
            let mut sums = [0.0; CHUNK];
            for (tap, &weight) in weights.iter().enumerate() {
                let from = tap % STRIDE * pitch + tap / STRIDE + chunk * CHUNK;
                let end = (from + CHUNK).min(phases.len());
                for (sum, &value) in sums.iter_mut().zip(&phases[from.min(end)..end]) {
                    *sum += weight * value;
                }
            }
            out.copy_from_slice(&sums[..out.len()]);
        }
    }
}

kernel! {
    /// A filter of its own for each output position.
    fn filter_row_anywhere(row: &[f32], weights: &[f32], starts: &[usize], out: &mut [f32]) {
        let taps = weights.len() / starts.len().max(1);
        for ((out, &start), weights) in out.iter_mut().zip(starts).zip(weights.chunks(taps.max(1))) {
            let terms = row[start..].iter().zip(weights).map(|(value, weight)| weight * value);
            *out = terms.fold(0.0, |sum, term| sum + term);
        }
    }
}
