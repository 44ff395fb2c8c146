//! All iterations of a level in one sweep down a tile of the picture.
//!
//! An iteration turns displacements into equations, sums these over the window and solves the sums. Rows
//! pass through in blocks of eight: an iteration follows the one before it by as many blocks as the window
//! reaches down, so that what is between two iterations never leaves the cache.

use super::blur::{BLOCK, solve_row, sum_down};
use super::expansion::{Expansion, PAD, TERMS};
use super::resize::Resize;
use super::update::{Chunk, EdgeWeights, LANES, Target, equations};
use crate::simd::{Aligned, Isa, kernel, prefetch};
use std::ops::Range;

/// The displacements that the first iteration starts from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Start<'a> {
    /// No motion.
    Rest,
    /// The flow of the next smaller level.
    Coarse(&'a Resize, &'a [[f32; 2]]),
    /// A flow of this size.
    Flow(&'a [[f32; 2]]),
}

/// What all tiles of a sweep share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sweep<'a> {
    pub(super) isa: Isa,
    pub(super) first: &'a Expansion,
    pub(super) second: &'a Expansion,
    pub(super) edge: &'a EdgeWeights,
    pub(super) start: Start<'a>,
    pub(super) winsize: usize,
    pub(super) iterations: usize,
}

/// A part of the picture, and where its flow goes.
#[derive(Debug)]
pub(super) struct Tile<'a> {
    /// Columns.
    pub(super) columns: Range<usize>,
    /// First row, a multiple of [`BLOCK`].
    pub(super) top: usize,
    /// One slice for each row, as long as `columns`.
    pub(super) out: Vec<&'a mut [[f32; 2]]>,
}

/// Buffers of a sweep.
#[derive(Debug, Default)]
pub(super) struct SweepScratch {
    rings: Vec<Aligned>,
    slots: Vec<usize>,
    flow: Aligned,
    sums: Aligned,
    thirds: Aligned,
    partial: Aligned,
    weights: Aligned,
    chunk: Chunk,
    blended: Vec<[f32; 2]>,
}

impl Sweep<'_> {
    const fn reach(&self) -> usize {
        self.winsize / 2
    }

    /// Columns whose equations iteration `iteration` needs for the tile's `columns`.
    fn needed(&self, columns: &Range<usize>, iteration: usize) -> Range<usize> {
        let reach = self.reach() * (self.iterations - iteration);
        columns.start.saturating_sub(reach)..(columns.end + reach).min(self.first.width)
    }

    /// Computes the flow of `tile`.
    pub(super) fn run(&self, tile: &mut Tile<'_>, scratch: &mut SweepScratch) {
        let height = self.first.height;
        let reach = self.reach();
        let lag = reach.div_ceil(BLOCK);
        let ring_blocks = 2 * lag + 1;
        let widest = self.needed(&tile.columns, 0).len();
        let pitch = widest.next_multiple_of(LANES) + 2 * reach.next_multiple_of(LANES) + 2 * LANES;
        scratch.rings.resize_with(self.iterations.max(scratch.rings.len()), Aligned::default);
        for ring in &mut scratch.rings[..self.iterations] {
            ring.reserve(ring_blocks * BLOCK * TERMS * pitch);
        }
        scratch.flow.reserve(2 * BLOCK * pitch);
        scratch.sums.reserve(BLOCK * TERMS * pitch);
        scratch.thirds.reserve(TERMS * pitch);
        scratch.partial.reserve(pitch);
        scratch.weights.reserve(pitch);

        let blocks = height.div_ceil(BLOCK) as isize;
        let lag = lag as isize;
        let first_block = (tile.top / BLOCK) as isize;
        let end_block = (tile.top + tile.out.len()).div_ceil(BLOCK) as isize;
        let total = self.iterations as isize;
        let begin = (first_block - lag * total).max(0);
        for step in begin..end_block + lag * total {
            for iteration in 0..total {
                let block = step - iteration * lag;
                let margin = lag * (total - iteration);
                let from = (first_block - margin).max(0);
                let end = (end_block + margin).min(blocks);
                let columns = self.needed(&tile.columns, iteration as usize);
                if (from..end).contains(&block) {
                    if iteration == 0 {
                        self.begin(block as usize, &columns, pitch, scratch);
                    }
                    self.add_equations(
                        iteration as usize,
                        block as usize,
                        &columns,
                        pitch,
                        scratch,
                    );
                }
                let solved = block - lag;
                let from = (first_block - margin + lag).max(0);
                let end = (end_block + margin - lag).min(blocks);
                if (from..end).contains(&solved) {
                    let target = self.needed(&tile.columns, iteration as usize + 1);
                    self.solve(
                        iteration as usize,
                        solved as usize,
                        &columns,
                        &target,
                        pitch,
                        scratch,
                    );
                    if iteration + 1 == total {
                        let top = solved as usize * BLOCK - tile.top;
                        let rows = tile.out[top..].iter_mut().take(BLOCK);
                        for (row, out) in rows.enumerate() {
                            let at = 2 * row * pitch;
                            let (u, v) = (&scratch.flow[at..], &scratch.flow[at + pitch..]);
                            interleave(self.isa, u, v, out);
                        }
                    }
                }
            }
        }
    }

    /// Fills the block's displacements with those to start from.
    fn begin(
        &self,
        block: usize,
        columns: &Range<usize>,
        pitch: usize,
        scratch: &mut SweepScratch,
    ) {
        let width = self.first.width;
        for row in 0..BLOCK.min(self.first.height - block * BLOCK) {
            let y = block * BLOCK + row;
            let (u, v) = scratch.flow[2 * row * pitch..][..2 * pitch].split_at_mut(pitch);
            let (u, v) = (&mut u[..columns.len()], &mut v[..columns.len()]);
            match self.start {
                Start::Rest => {
                    u.fill(0.0);
                    v.fill(0.0);
                }
                Start::Coarse(resize, flow) => {
                    resize.row(self.isa, flow, y, columns.start, &mut scratch.blended, u, v);
                }
                Start::Flow(flow) => {
                    let flow = &flow[y * width + columns.start..];
                    for ((u, v), flow) in u.iter_mut().zip(v).zip(flow) {
                        [*u, *v] = *flow;
                    }
                }
            }
        }
    }

    /// Writes the block's equations to the iteration's ring.
    fn add_equations(
        &self,
        iteration: usize,
        block: usize,
        columns: &Range<usize>,
        pitch: usize,
        scratch: &mut SweepScratch,
    ) {
        let second = Target {
            data: self.second.data(),
            width: self.second.width,
            height: self.second.height,
            stride: self.second.stride,
        };
        let row_len = self.first.row_len();
        let ring = &mut scratch.rings[iteration];
        let ring_blocks = 2 * self.reach().div_ceil(BLOCK) + 1;
        let weights = &mut scratch.weights[..columns.len().next_multiple_of(LANES)];
        for row in 0..BLOCK.min(self.first.height - block * BLOCK) {
            let y = block * BLOCK + row;
            if row == 0 || !self.edge.same_rows(y, y - 1) {
                self.edge.row(y, columns.start, weights);
            }
            let slot = (block % ring_blocks * BLOCK + row) * TERMS * pitch;
            let flow = &scratch.flow[2 * row * pitch..][..2 * pitch];
            let first = self.first.data();
            if iteration == 0 {
                self.prefetch(y, columns);
            }
            equations(
                self.isa,
                &first[y * row_len..][..row_len],
                second,
                y,
                columns.start,
                columns.len(),
                &flow[..pitch],
                &flow[pitch..],
                weights,
                &mut scratch.chunk,
                &mut ring[slot..slot + TERMS * pitch],
            );
        }
    }

    /// Brings near what the row below `y` needs.
    fn prefetch(&self, y: usize, columns: &Range<usize>) {
        let row_len = self.first.row_len();
        for (expansion, row) in [(self.first, y + 1), (self.second, y + 2)] {
            if let Some(row) = expansion.data().get(row * row_len..(row + 1) * row_len) {
                for term in row.chunks_exact(expansion.stride) {
                    prefetch(&term[PAD + columns.start..PAD + columns.end]);
                }
            }
        }
    }

    /// Solves the block's equations, summed over the window, into the block's displacements.
    fn solve(
        &self,
        iteration: usize,
        block: usize,
        columns: &Range<usize>,
        target: &Range<usize>,
        pitch: usize,
        scratch: &mut SweepScratch,
    ) {
        let (width, height) = (self.first.width, self.first.height);
        let reach = self.reach();
        let window = 2 * reach + 1;
        let ring_blocks = 2 * reach.div_ceil(BLOCK) + 1;
        let ring = &scratch.rings[iteration];
        let pad = reach.next_multiple_of(LANES);
        scratch.slots.clear();
        scratch.slots.extend((0..window + BLOCK - 1).map(|i| {
            let y = (block * BLOCK + i).saturating_sub(reach).min(height - 1);
            (y / BLOCK % ring_blocks * BLOCK + y % BLOCK) * TERMS * pitch
        }));
        sum_down(
            self.isa,
            ring,
            &scratch.slots,
            window,
            pitch,
            columns.len(),
            pad,
            &mut scratch.sums,
        );
        let area = (self.winsize * self.winsize) as f64;
        for row in 0..BLOCK.min(height - block * BLOCK) {
            let sums = &mut scratch.sums[row * TERMS * pitch..][..TERMS * pitch];
            for term in sums.chunks_exact_mut(pitch) {
                if columns.start == 0 {
                    let first = term[pad];
                    term[pad - reach..pad].fill(first);
                }
                if columns.end == width {
                    let end = pad + columns.len();
                    let last = term[end - 1];
                    term[end..end + reach].fill(last);
                }
            }
            let (u, v) = scratch.flow[2 * row * pitch..][..2 * pitch].split_at_mut(pitch);
            solve_row(
                self.isa,
                sums,
                window,
                area,
                pad - reach + target.start - columns.start,
                target.len(),
                &mut scratch.thirds[..TERMS * pitch],
                &mut scratch.partial,
                u,
                v,
            );
        }
    }
}

kernel! {
    fn interleave(u: &[f32], v: &[f32], out: &mut [[f32; 2]]) {
        for ((out, &u), &v) in out.iter_mut().zip(u).zip(v) {
            *out = [u, v];
        }
    }
}
