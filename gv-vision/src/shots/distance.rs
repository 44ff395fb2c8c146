//! How different two frames are, motion aside.

use super::signature::{BINS, Grid, Signature};

/// Cells along the side of a matched block.
const BLOCK: usize = 4;
/// How far a block is looked for in each direction, in cells.
const REACH: usize = 3;

/// Grey levels added to the difference expected by chance, so that noise in plain frames is no change.
const CHANCE_FLOOR: f32 = 3.0;

/// The same between two plain frames: a shade more or less is no change.
const PLAIN_FLOOR: f32 = 40.0;

/// The difference between two frames, in grey levels summed over the three channels.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Difference {
    /// Mean difference after each block of the earlier frame was looked for in the later one.
    pub(super) leaving: f32,
    /// Mean difference after each block of the later frame was looked for in the earlier one.
    pub(super) entering: f32,
    /// Mean difference of cells paired at random: what unrelated frames with these colours have.
    pub(super) chance: f32,
    /// Whether both frames show one plain colour each.
    pub(super) plain: bool,
    /// Distance of the colour distributions (earth mover's distance), which motion hardly changes.
    pub(super) colour: f32,
}

impl Difference {
    /// Change that motion does not explain: content must both leave and enter.
    pub(super) fn amount(&self) -> f32 {
        (self.leaving * self.entering).sqrt()
    }
}

impl Difference {
    /// Share of the picture that is replaced: 0 none, from about 0.5 unrelated pictures.
    pub(super) fn replaced(&self) -> f32 {
        self.amount() / (self.chance + if self.plain { PLAIN_FLOOR } else { CHANCE_FLOOR })
    }
}

/// Compares frames; holds the buffers for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Comparer {
    padded: Vec<u8>,
    best: Vec<u32>,
    row: Vec<u16>,
}

impl Comparer {
    pub(super) fn compare(&mut self, a: &Signature, b: &Signature, grid: Grid) -> Difference {
        let n = grid.cells();
        let total: u64 =
            a.cells.iter().zip(&b.cells).map(|(&a, &b)| u64::from(a.abs_diff(b))).sum();
        let still = total as f32 / n as f32;
        let (chance, colour) = spreads(a, b);
        let (leaving, entering) = if still < 1.0 {
            (still, still)
        } else {
            (self.search(a, b, grid), self.search(b, a, grid))
        };
        Difference { leaving, entering, chance, colour, plain: a.plain && b.plain }
    }

    /// Mean over the cells of `a` of the difference at the best place of their block in `b`.
    fn search(&mut self, a: &Signature, b: &Signature, grid: Grid) -> f32 {
        let Grid { columns, rows } = grid;
        let n = grid.cells();
        let (wide, high) = (columns + 2 * REACH, rows + 2 * REACH);
        self.padded.clear();
        for plane in b.cells.chunks_exact(n) {
            for y in 0..high {
                let source = &plane[y.saturating_sub(REACH).min(rows - 1) * columns..][..columns];
                self.padded.extend([source[0]; REACH]);
                self.padded.extend_from_slice(source);
                self.padded.extend([source[columns - 1]; REACH]);
            }
        }
        let across = columns.div_ceil(BLOCK);
        self.best.clear();
        self.best.resize(across * rows.div_ceil(BLOCK), u32::MAX);
        self.row.resize(columns, 0);
        for dy in 0..=2 * REACH {
            for dx in 0..=2 * REACH {
                for (block_row, best) in self.best.chunks_exact_mut(across).enumerate() {
                    let top = block_row * BLOCK;
                    self.row.fill(0);
                    for channel in 0..3 {
                        for y in top..(top + BLOCK).min(rows) {
                            let a = &a.cells[channel * n + y * columns..][..columns];
                            let b =
                                &self.padded[(channel * high + y + dy) * wide + dx..][..columns];
                            for ((sum, &a), &b) in self.row.iter_mut().zip(a).zip(b) {
                                *sum += u16::from(a.abs_diff(b));
                            }
                        }
                    }
                    for (best, cells) in best.iter_mut().zip(self.row.chunks(BLOCK)) {
                        *best = (*best).min(cells.iter().map(|&c| u32::from(c)).sum());
                    }
                }
            }
        }
        self.best.iter().map(|&b| u64::from(b)).sum::<u64>() as f32 / n as f32
    }
}

/// The expected difference of a random cell of `a` and one of `b`, and the earth mover's distance of
/// the two distributions, summed over the channels.
fn spreads(a: &Signature, b: &Signature) -> (f32, f32) {
    let width = 256.0 / BINS as f32;
    let (mut chance, mut colour) = (0.0, 0.0);
    for (a, b) in a.cumulative.iter().zip(&b.cumulative) {
        for (&a, &b) in a.iter().zip(b) {
            chance += a * (1.0 - b) + b * (1.0 - a);
            colour += (a - b).abs();
        }
    }
    (chance * width, colour * width)
}
