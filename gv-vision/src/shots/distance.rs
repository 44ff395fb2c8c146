//! How different two frames are, motion aside.

use super::signature::{BINS, BLOCK, CELL, Grid, Signature};

/// Bytes of a row of a block.
const WIDTH: usize = BLOCK * CELL;
/// Bytes of a row of the window in which a block is looked for.
const WINDOW: usize = WIDTH + 2 * REACH * CELL;
/// A block that differs by no more than this from the one in its place is not looked for elsewhere,
/// in grey levels a cell summed over the channels.
const SAME: u32 = 2;
/// A block that differs by no more than this is the same, in grey levels a cell summed over the
/// channels.
const FOUND: u32 = 5;
/// Fewer structured blocks than one in this many say nothing.
const FEW: usize = 8;
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
    /// Share of the structured blocks that the other frame has as well; 0 where there are few.
    pub(super) kept: f32,
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
}

impl Comparer {
    pub(super) fn compare(&mut self, a: &Signature, b: &Signature, grid: Grid) -> Difference {
        let (chance, colour) = spreads(a, b);
        let ((leaving, kept), (entering, found)) =
            (self.search(a, b, grid), self.search(b, a, grid));
        let (kept, plain) = (kept.min(found), a.plain && b.plain);
        Difference { leaving, entering, chance, colour, kept, plain }
    }

    /// Mean over the cells of `a` of the difference at the best place of their block in `b`, and the
    /// share of structured blocks that are there.
    fn search(&mut self, a: &Signature, b: &Signature, grid: Grid) -> (f32, f32) {
        let Grid { columns, rows } = grid;
        let line = columns * CELL;
        self.pad(&b.cells, grid);
        let wide = (columns + 2 * REACH) * CELL;
        let mut total = 0_u64;
        let (mut kept, mut structured) = (0, 0);
        let mut marks = a.structured.iter();
        for top in (0..rows).step_by(BLOCK) {
            let height = BLOCK.min(rows - top);
            for left in (0..line).step_by(WIDTH) {
                let mut block = [[0_u8; WIDTH]; BLOCK];
                for (y, row) in block[..height].iter_mut().enumerate() {
                    row.copy_from_slice(&a.cells[(top + y) * line + left..][..WIDTH]);
                }
                let mut window = [[0_u8; WINDOW]; BLOCK + 2 * REACH];
                for (y, row) in window[..height + 2 * REACH].iter_mut().enumerate() {
                    row.copy_from_slice(&self.padded[(top + y) * wide + left..][..WINDOW]);
                }
                let best = best_match(&block[..height], &window);
                total += u64::from(best);
                if marks.next() == Some(&true) {
                    structured += 1;
                    kept += usize::from(best <= FOUND * (height * BLOCK) as u32);
                }
            }
        }
        let enough = structured * FEW > a.structured.len();
        let kept = if enough { kept as f32 / structured as f32 } else { 0.0 };
        (total as f32 / grid.cells() as f32, kept)
    }

    /// Fills `padded` with `cells`, whose outermost cells are repeated beyond the edges.
    fn pad(&mut self, cells: &[u8], grid: Grid) {
        let line = grid.columns * CELL;
        self.padded.clear();
        for y in 0..grid.rows + 2 * REACH {
            let row = &cells[y.saturating_sub(REACH).min(grid.rows - 1) * line..][..line];
            for _ in 0..REACH {
                self.padded.extend_from_slice(&row[..CELL]);
            }
            self.padded.extend_from_slice(row);
            for _ in 0..REACH {
                self.padded.extend_from_slice(&row[line - CELL..]);
            }
        }
    }
}

/// The difference of a block and the best place for it in the window around its own: first every
/// other place is tried, then those next to the best.
fn best_match(block: &[[u8; WIDTH]], window: &[[u8; WINDOW]; BLOCK + 2 * REACH]) -> u32 {
    let at = |dx: usize, dy: usize| -> u32 {
        let rows = block.iter().zip(&window[dy..]);
        let place = |row: &[u8; WINDOW]| row[dx * CELL..].first_chunk().copied();
        rows.filter_map(|(a, b)| place(b).map(|b| absolute(a, &b))).sum()
    };
    let still = at(REACH, REACH);
    if still <= SAME * (block.len() * BLOCK) as u32 {
        return still;
    }
    let mut best = (still, REACH, REACH);
    for dy in (0..=2 * REACH).step_by(2) {
        for dx in (0..=2 * REACH).step_by(2) {
            best = best.min((at(dx, dy), dx, dy));
        }
    }
    let (_, x, y) = best;
    for dy in y.saturating_sub(1)..=(y + 1).min(2 * REACH) {
        for dx in x.saturating_sub(1)..=(x + 1).min(2 * REACH) {
            best = best.min((at(dx, dy), dx, dy));
        }
    }
    best.0
}

/// The sum of absolute differences of a row of a block.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "every x86-64 processor has SSE2, and no pointer is involved")]
#[inline]
fn absolute(a: &[u8; WIDTH], b: &[u8; WIDTH]) -> u32 {
    use std::arch::x86_64::{
        __m128i, _mm_cvtsi128_si32, _mm_sad_epu8, _mm_set_epi64x, _mm_srli_si128,
    };
    #[target_feature(enable = "sse2")]
    #[inline]
    fn load(bytes: &[u8; WIDTH]) -> __m128i {
        let bits = u128::from_le_bytes(*bytes);
        _mm_set_epi64x((bits >> 64) as i64, bits as i64)
    }
    #[target_feature(enable = "sse2")]
    #[inline]
    fn sum(a: &[u8; WIDTH], b: &[u8; WIDTH]) -> u32 {
        let halves = _mm_sad_epu8(load(a), load(b));
        (_mm_cvtsi128_si32(halves) + _mm_cvtsi128_si32(_mm_srli_si128::<8>(halves))) as u32
    }
    // SAFETY: SSE2 belongs to the x86-64 baseline.
    unsafe { sum(a, b) }
}

/// The sum of absolute differences of a row of a block.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn absolute(a: &[u8; WIDTH], b: &[u8; WIDTH]) -> u32 {
    a.iter().zip(b).map(|(&a, &b)| u32::from(a.abs_diff(b))).sum()
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
