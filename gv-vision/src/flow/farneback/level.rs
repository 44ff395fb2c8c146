//! The levels of the pyramid, from the smallest to the picture itself, in parallel over tiles.

use super::expansion::{Expansion, PAD, TERMS, expand_row};
use super::pyramid::{AxisFilter, RowScratch, image_row, level_sizes};
use super::resize::Resize;
use super::stream::{Start, Sweep, SweepScratch, Tile};
use super::update::EdgeWeights;
use super::{Farneback, FarnebackOptions};
use crate::{FlowField, GrayImage};

/// Rows of an expansion that are computed together.
const STRIP: usize = 64;
/// Widest tile that is swept at once, and the width of the tiles of wider pictures.
const MAX_TILE: usize = 512;
const TILE: usize = 384;
/// Fewest rows of a tile, where rows are divided among threads.
const MIN_TILE_ROWS: usize = 64;
/// Pixels by which the iterations of one sweep may widen a tile on each side.
const MAX_MARGIN: usize = 64;

/// The expansions of one picture, one for each level.
pub(super) type Expansions = Vec<Expansion>;

/// Buffers and tables for pictures of one size.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    size: Option<(usize, usize)>,
    levels: Vec<LevelPlan>,
    flows: [Vec<[f32; 2]>; 2],
    expand: Vec<ExpandScratch>,
    sweep: Vec<SweepScratch>,
}

#[derive(Debug)]
struct LevelPlan {
    width: usize,
    height: usize,
    horizontal: AxisFilter,
    vertical: AxisFilter,
    edge: EdgeWeights,
    /// From the next smaller level to this one.
    resize: Option<Resize>,
}

#[derive(Debug, Default)]
struct ExpandScratch {
    row: RowScratch,
    picture: Vec<f32>,
    sums: Vec<f32>,
}

impl Workspace {
    fn prepare(&mut self, width: usize, height: usize, options: &FarnebackOptions) {
        if self.size.replace((width, height)) == Some((width, height)) {
            return;
        }
        let sizes = level_sizes(width, height, options.pyr_scale, options.levels);
        let plan = |(level, &(w, h)): (usize, &(usize, usize))| LevelPlan {
            width: w,
            height: h,
            horizontal: AxisFilter::new(width, w, options.pyr_scale, level),
            vertical: AxisFilter::new(height, h, options.pyr_scale, level),
            edge: EdgeWeights::new(w, h),
            resize: sizes
                .get(level + 1)
                .map(|&smaller| Resize::new(smaller, (w, h), 1.0 / options.pyr_scale)),
        };
        self.levels = sizes.iter().enumerate().map(plan).collect();
    }
}

impl Farneback {
    /// Computes the expansions of `image` at the first `count` levels, those of greatest size.
    pub(super) fn expand(
        &self,
        image: &GrayImage,
        count: usize,
        workspace: &mut Workspace,
        expansions: &mut Expansions,
    ) {
        if image.data().is_empty() {
            return;
        }
        workspace.prepare(image.width(), image.height(), &self.options);
        let Workspace { levels, expand, .. } = workspace;
        expansions.resize_with(levels.len().min(count), Expansion::default);
        let mut tasks = Vec::new();
        for (plan, expansion) in levels.iter().zip(expansions) {
            expansion.reshape(plan.width, plan.height);
            let strip_len = STRIP * expansion.row_len();
            let strips = expansion.data_mut().chunks_mut(strip_len).enumerate();
            tasks.extend(strips.map(|(strip, out)| (plan, strip * STRIP, out)));
        }
        self.parallel.for_each_with(expand, tasks, |scratch, (plan, top, out)| {
            self.expand_strip(image, plan, top, out, scratch);
        });
    }

    fn expand_strip(
        &self,
        image: &GrayImage,
        plan: &LevelPlan,
        top: usize,
        out: &mut [f32],
        scratch: &mut ExpandScratch,
    ) {
        let n = self.basis.radius();
        let width = plan.width;
        let row_len = TERMS * (width.next_multiple_of(16) + 2 * PAD);
        let rows = out.len() / row_len;
        let first = top.saturating_sub(n);
        let end = (top + rows + n).min(plan.height);
        let ExpandScratch { row, picture, sums } = scratch;
        picture.resize(((end - first) * width).max(picture.len()), 0.0);
        for (y, out) in (first..end).zip(picture.chunks_exact_mut(width)) {
            image_row(self.isa, image, &plan.horizontal, &plan.vertical, y, row, out);
        }
        let mut around = Vec::with_capacity(2 * n + 1);
        for (y, out) in (top..).zip(out.chunks_exact_mut(row_len)) {
            around.clear();
            around.extend((0..=2 * n).map(|i| {
                let y = (y + i).saturating_sub(n).min(plan.height - 1) - first;
                &picture[y * width..][..width]
            }));
            expand_row(self.isa, &self.basis, &around, sums, out);
        }
    }

    /// Computes the flow between two expanded pictures of the workspace's size, from `given` on where it is
    /// there, which is a flow of the smallest level that is expanded.
    pub(super) fn flow(
        &self,
        first: &[Expansion],
        second: &[Expansion],
        given: Option<&[[f32; 2]]>,
        workspace: &mut Workspace,
        flow: &mut FlowField,
    ) {
        let passes = self.passes();
        let Workspace { levels, flows: [coarse, other], sweep, .. } = workspace;
        let expanded = first.len().min(second.len());
        for (level, plan) in levels.iter().enumerate().take(expanded).rev() {
            let (first, second) = (&first[level], &second[level]);
            for (pass, &iterations) in passes.iter().enumerate() {
                let start = match (pass, given, &plan.resize) {
                    (0, Some(start), _) if level + 1 == expanded => Start::Flow(start),
                    (0, _, None) => Start::Rest,
                    (0, _, Some(resize)) => Start::Coarse(resize, coarse),
                    _ => Start::Flow(coarse),
                };
                let is_last = level == 0 && pass + 1 == passes.len();
                let out = if is_last {
                    flow.data_mut()
                } else {
                    other.resize((plan.width * plan.height).max(other.len()), [0.0; 2]);
                    &mut other[..plan.width * plan.height]
                };
                let tiles = tiles(out, plan.width, plan.height, self.parallel.num_threads());
                let sweep_of_pass = Sweep {
                    isa: self.isa,
                    first,
                    second,
                    edge: &plan.edge,
                    start,
                    winsize: self.options.winsize,
                    iterations,
                };
                self.parallel.for_each_with(sweep, tiles, |scratch, mut tile| {
                    sweep_of_pass.run(&mut tile, scratch);
                });
                std::mem::swap(coarse, other);
            }
        }
    }

    /// Iterations of each sweep: as many at once as do not widen the tiles too much.
    fn passes(&self) -> Vec<usize> {
        let at_once = (MAX_MARGIN / (self.options.winsize / 2)).max(1);
        let mut left = self.options.iterations;
        let mut passes = Vec::new();
        while left > 0 {
            passes.push(left.min(at_once));
            left -= left.min(at_once);
        }
        passes
    }
}

/// Divides a flow field into tiles.
fn tiles(out: &mut [[f32; 2]], width: usize, height: usize, threads: usize) -> Vec<Tile<'_>> {
    let across = if width <= MAX_TILE { 1 } else { width.div_ceil(TILE) };
    let wanted = if threads == 1 { 1 } else { (2 * threads).div_ceil(across).max(1) };
    let wanted = if across == 1 && threads > 1 { threads } else { wanted };
    let down = wanted.min(height / MIN_TILE_ROWS).max(1);
    let tile_width = width.div_ceil(across).next_multiple_of(16).min(width);
    let tile_height = height.div_ceil(down).next_multiple_of(8);
    let mut tiles = Vec::new();
    for (band, rows) in out.chunks_mut(tile_height * width).enumerate() {
        let from = tiles.len();
        for start in (0..width).step_by(tile_width) {
            let columns = start..(start + tile_width).min(width);
            tiles.push(Tile { columns, top: band * tile_height, out: Vec::new() });
        }
        for row in rows.chunks_mut(width) {
            for (tile, out) in tiles[from..].iter_mut().zip(row.chunks_mut(tile_width)) {
                tile.out.push(out);
            }
        }
    }
    tiles
}
