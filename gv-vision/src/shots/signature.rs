//! What is kept of a frame: a small picture of cell means and how its values are spread.

use crate::simd::{Isa, kernel};
use crate::{AnalysisFrame, GrayImage};

/// Cells along the longer side of the grid.
pub(super) const LONG_SIDE_CELLS: usize = 40;
/// Number of bins of the spread of one channel.
pub(super) const BINS: usize = 64;

/// Largest standard deviation of a plain frame's cells, in grey levels.
const PLAIN_DEVIATION: f32 = 4.0;
/// Largest offset of a cell of a plain frame from the mean, in grey levels summed over the channels.
const PLAIN_MARK: f32 = 56.0;

/// Rows of pixels of which the mean of a tall cell is taken, at least.
const ROWS_PER_CELL: usize = 8;
/// Width of a cell of a picture of 320 pixels.
const USUAL_WIDTH: usize = 8;
/// Cells along the side of a block.
pub(super) const BLOCK: usize = 4;
/// Grey levels of luma that the cells of a structured block span at least.
const STRUCTURE: u8 = 24;
/// Bytes of a cell: Y, Cb, Cr and a zero.
pub(super) const CELL: usize = 4;

/// The number of columns and rows into which all frames of a video are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    /// A multiple of four.
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl Grid {
    /// The grid for pictures of `width` x `height` pixels, cells nearly square; `None` without pixels.
    pub(super) fn for_picture(width: usize, height: usize) -> Option<Self> {
        if width.min(height) == 0 {
            return None;
        }
        let long = width.max(height) as f64;
        let along = |side: usize| side as f64 * LONG_SIDE_CELLS as f64 / long;
        let columns = ((along(width) / 4.0).round() as usize).max(1) * 4;
        Some(Self { columns, rows: (along(height).round() as usize).max(1) })
    }

    pub(super) const fn cells(self) -> usize {
        self.columns * self.rows
    }
}

/// Cell means with the cumulative histogram of each channel.
#[derive(Debug, Clone)]
pub(super) struct Signature {
    /// `rows` rows of `columns` cells of [`CELL`] bytes.
    pub(super) cells: Vec<u8>,
    /// For each channel, the share of cells whose value is in bin `i` or below.
    pub(super) cumulative: [[f32; BINS]; 3],
    /// Variance over the cells, summed over the channels.
    pub(super) variance: f32,
    /// For each block of cells, row by row, whether it holds structure that can be found again.
    pub(super) structured: Vec<bool>,
    /// Whether the frame shows one plain colour, with at most a faint, small mark on it.
    pub(super) plain: bool,
}

impl Signature {
    /// Reduces a frame; a plane without pixels counts as black (luma 0, chroma 128).
    pub(super) fn of(frame: &AnalysisFrame, grid: Grid, sums: &mut Vec<u16>) -> Self {
        let mut cells = vec![0_u8; grid.cells() * CELL];
        for (channel, (image, empty)) in
            [(&frame.luma, 0), (&frame.cb, 128), (&frame.cr, 128)].into_iter().enumerate()
        {
            reduce(image, grid, empty, &mut cells[channel..], sums);
        }
        Self::of_cells(cells, grid)
    }

    /// The signature of a black frame.
    pub(super) fn black(grid: Grid) -> Self {
        Self::of_cells([0, 128, 128, 0].repeat(grid.cells()), grid)
    }

    /// Correlation of the lumas of two frames, -1 to 1; 0 where one of them is plain.
    pub(super) fn alike(&self, other: &Self, grid: Grid) -> f32 {
        let n = grid.cells();
        let luma = |s: &'_ Self| -> Vec<f64> {
            s.cells.iter().step_by(CELL).map(|&v| f64::from(v)).collect()
        };
        let (a, b) = (luma(self), luma(other));
        let mean = |v: &[f64]| v.iter().sum::<f64>() / n as f64;
        let (mean_a, mean_b) = (mean(&a), mean(&b));
        let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
        for (a, b) in a.into_iter().zip(b) {
            let (a, b) = (a - mean_a, b - mean_b);
            (ab, aa, bb) = (ab + a * b, aa + a * a, bb + b * b);
        }
        if aa.min(bb) < n as f64 { 0.0 } else { (ab / (aa * bb).sqrt()) as f32 }
    }

    fn of_cells(cells: Vec<u8>, grid: Grid) -> Self {
        let n = (cells.len() / CELL).max(1) as f32;
        let mut counts = [[0_u16; BINS]; 3];
        let (mut sums, mut squares) = ([0_u32; 3], [0_u64; 3]);
        for cell in cells.chunks_exact(CELL) {
            for channel in 0..3 {
                let value = cell[channel];
                counts[channel][usize::from(value) * BINS / 256] += 1;
                sums[channel] += u32::from(value);
                squares[channel] += u64::from(value) * u64::from(value);
            }
        }
        let mut cumulative = [[0.0; BINS]; 3];
        let mut means = [0.0; 3];
        let mut variance = 0.0;
        for channel in 0..3 {
            let mut running = 0_u32;
            for (share, &count) in cumulative[channel].iter_mut().zip(&counts[channel]) {
                running += u32::from(count);
                *share = running as f32 / n;
            }
            means[channel] = sums[channel] as f32 / n;
            let mean = f64::from(sums[channel]) / f64::from(n);
            variance += (squares[channel] as f64 / f64::from(n) - mean * mean).max(0.0) as f32;
        }
        let offset = |cell: &[u8]| -> f32 {
            cell.iter().zip(means).map(|(&value, mean)| (f32::from(value) - mean).abs()).sum()
        };
        let plain = variance < PLAIN_DEVIATION * PLAIN_DEVIATION
            && cells.chunks_exact(CELL).all(|cell| offset(cell) < PLAIN_MARK);
        let structured = structured(&cells, grid);
        Self { cells, cumulative, variance, structured, plain }
    }
}

/// Whether the luma of each block spans enough grey levels.
fn structured(cells: &[u8], grid: Grid) -> Vec<bool> {
    let mut structured = Vec::with_capacity(grid.cells().div_ceil(BLOCK * BLOCK));
    let line = grid.columns * CELL;
    for rows in cells.chunks(BLOCK * line) {
        for left in (0..line).step_by(BLOCK * CELL) {
            let (mut least, mut most) = (u8::MAX, 0);
            for row in rows.chunks_exact(line) {
                for cell in row[left..left + BLOCK * CELL].chunks_exact(CELL) {
                    (least, most) = (least.min(cell[0]), most.max(cell[0]));
                }
            }
            structured.push(most.saturating_sub(least) >= STRUCTURE);
        }
    }
    structured
}

/// Writes the mean of each cell of `image` to every [`CELL`]th byte of `out`, taken over fewer
/// than sixteen rows of the cell.
fn reduce(image: &GrayImage, grid: Grid, empty: u8, out: &mut [u8], sums: &mut Vec<u16>) {
    let (width, height) = (image.width(), image.height());
    if width == 0 || height == 0 {
        out.iter_mut().step_by(CELL).for_each(|v| *v = empty);
        return;
    }
    let isa = Isa::detect();
    sums.resize(width, 0);
    for row in 0..grid.rows {
        let (top, bottom) = span(row, grid.rows, height);
        let rows = (top..bottom).step_by(((bottom - top) / ROWS_PER_CELL).max(1));
        let count = rows.len() as u32;
        sums.fill(0);
        rows.for_each(|y| add_row(isa, sums, image.row(y)));
        let out = &mut out[row * grid.columns * CELL..];
        let out = out.iter_mut().step_by(CELL).take(grid.columns);
        let cells = sums.as_chunks::<USUAL_WIDTH>().0;
        if width == cells.len() * USUAL_WIDTH && cells.len() == grid.columns {
            // Of the usual width of 320 pixels every cell has as many.
            let pixels = USUAL_WIDTH as u32 * count;
            for (cell, out) in cells.iter().zip(out) {
                *out = mean(cell, pixels);
            }
        } else {
            for (column, out) in out.enumerate() {
                let (left, right) = span(column, grid.columns, width);
                *out = mean(&sums[left..right], (right - left) as u32 * count);
            }
        }
    }
}

kernel! {
    fn add_row(sums: &mut [u16], row: &[u8]) {
        for (sum, &value) in sums.iter_mut().zip(row) {
            *sum += u16::from(value);
        }
    }
}

#[inline(always)]
fn mean(sums: &[u16], pixels: u32) -> u8 {
    let sum: u32 = sums.iter().map(|&sum| u32::from(sum)).sum();
    ((sum + pixels / 2) / pixels) as u8
}

/// First and one past the last pixel of cell `index`, at least one pixel wide.
fn span(index: usize, cells: usize, pixels: usize) -> (usize, usize) {
    let at = |i: usize| i * pixels / cells;
    let start = at(index).min(pixels - 1);
    (start, at(index + 1).clamp(start + 1, pixels))
}
