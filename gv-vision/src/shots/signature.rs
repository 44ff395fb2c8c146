//! What is kept of a frame: a small picture of cell means and how its values are spread.

use crate::{AnalysisFrame, GrayImage};

/// Cells along the longer side of the grid.
pub(super) const LONG_SIDE_CELLS: usize = 40;
/// Number of bins of the spread of one channel.
pub(super) const BINS: usize = 64;

/// Largest standard deviation of a plain frame's cells, in grey levels.
const PLAIN_DEVIATION: f32 = 4.0;
/// Largest offset of a cell of a plain frame from the mean, in grey levels summed over the channels.
const PLAIN_MARK: f32 = 40.0;

/// The number of columns and rows into which all frames of a video are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl Grid {
    /// The grid for pictures of `width` x `height` pixels, cells nearly square; `None` without pixels.
    pub(super) fn for_picture(width: usize, height: usize) -> Option<Self> {
        let long = width.max(height);
        if width.min(height) == 0 {
            return None;
        }
        let cells = long.min(LONG_SIDE_CELLS);
        let along = |side: usize| {
            ((side as u128 * cells as u128 + long as u128 / 2) / long as u128).max(1) as usize
        };
        Some(Self { columns: along(width), rows: along(height) })
    }

    pub(super) const fn cells(self) -> usize {
        self.columns * self.rows
    }
}

/// Cell means of Y, Cb and Cr with the cumulative histogram of each.
#[derive(Debug, Clone)]
pub(super) struct Signature {
    /// Planes Y, Cb, Cr one after the other, each `rows` rows of `columns` cell means.
    pub(super) cells: Vec<u8>,
    /// For each channel, the share of cells whose value is in bin `i` or below.
    pub(super) cumulative: [[f32; BINS]; 3],
    /// Variance over the cells, summed over the channels.
    pub(super) variance: f32,
    /// Whether the frame shows one plain colour, with at most a faint, small mark on it.
    pub(super) plain: bool,
}

impl Signature {
    /// Reduces a frame; a plane without pixels counts as black (luma 0, chroma 128).
    pub(super) fn of(frame: &AnalysisFrame, grid: Grid, scratch: &mut Vec<u32>) -> Self {
        let n = grid.cells();
        let mut cells = vec![0_u8; n * 3];
        for (plane, (image, empty)) in cells.chunks_exact_mut(n.max(1)).zip([
            (&frame.luma, 0),
            (&frame.cb, 128),
            (&frame.cr, 128),
        ]) {
            reduce(image, grid, empty, plane, scratch);
        }
        Self::of_cells(cells, n)
    }

    /// The signature of a black frame.
    pub(super) fn black(grid: Grid) -> Self {
        let n = grid.cells();
        let mut cells = vec![128; n * 3];
        cells[..n].fill(0);
        Self::of_cells(cells, n)
    }

    /// Correlation of the lumas of two frames, -1 to 1; 0 where one of them is plain.
    pub(super) fn alike(&self, other: &Self, grid: Grid) -> f32 {
        let n = grid.cells();
        let (a, b) = (&self.cells[..n], &other.cells[..n]);
        let mean = |v: &[u8]| v.iter().map(|&v| f64::from(v)).sum::<f64>() / n as f64;
        let (mean_a, mean_b) = (mean(a), mean(b));
        let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
        for (&a, &b) in a.iter().zip(b) {
            let (a, b) = (f64::from(a) - mean_a, f64::from(b) - mean_b);
            (ab, aa, bb) = (ab + a * b, aa + a * a, bb + b * b);
        }
        if aa.min(bb) < n as f64 { 0.0 } else { (ab / (aa * bb).sqrt()) as f32 }
    }

    fn of_cells(cells: Vec<u8>, n: usize) -> Self {
        let mut cumulative = [[0.0; BINS]; 3];
        let mut variance = 0.0;
        let mut offsets = vec![0.0_f32; n];
        for (channel, plane) in cells.chunks_exact(n.max(1)).enumerate() {
            let mut counts = [0_u32; BINS];
            let (mut sum, mut squares) = (0_u64, 0_u64);
            for &value in plane {
                counts[usize::from(value) * BINS / 256] += 1;
                sum += u64::from(value);
                squares += u64::from(value) * u64::from(value);
            }
            let mut running = 0;
            for (share, count) in cumulative[channel].iter_mut().zip(counts) {
                running += count;
                *share = running as f32 / n as f32;
            }
            let average = sum as f64 / n as f64;
            variance += (squares as f64 / n as f64 - average * average).max(0.0);
            for (offset, &value) in offsets.iter_mut().zip(plane) {
                *offset += (f32::from(value) - average as f32).abs();
            }
        }
        let plain = variance < f64::from(PLAIN_DEVIATION * PLAIN_DEVIATION)
            && offsets.iter().all(|&offset| offset < PLAIN_MARK);
        Self { cells, cumulative, variance: variance as f32, plain }
    }
}

/// Writes the mean of each cell of `image` to `out`.
fn reduce(image: &GrayImage, grid: Grid, empty: u8, out: &mut [u8], sums: &mut Vec<u32>) {
    let (width, height) = (image.width(), image.height());
    if width == 0 || height == 0 {
        out.fill(empty);
        return;
    }
    sums.clear();
    sums.resize(width, 0);
    for (row, out) in out.chunks_exact_mut(grid.columns).enumerate() {
        let (top, bottom) = span(row, grid.rows, height);
        sums.fill(0);
        for y in top..bottom {
            for (sum, &value) in sums.iter_mut().zip(image.row(y)) {
                *sum += u32::from(value);
            }
        }
        for (column, out) in out.iter_mut().enumerate() {
            let (left, right) = span(column, grid.columns, width);
            let pixels = ((right - left) * (bottom - top)) as u64;
            let sum: u64 = sums[left..right].iter().map(|&s| u64::from(s)).sum();
            *out = ((sum + pixels / 2) / pixels) as u8;
        }
    }
}

/// First and one past the last pixel of cell `index`, at least one pixel wide.
fn span(index: usize, cells: usize, pixels: usize) -> (usize, usize) {
    let at = |i: usize| (i as u128 * pixels as u128 / cells as u128) as usize;
    let start = at(index).min(pixels - 1);
    (start, at(index + 1).clamp(start + 1, pixels))
}
