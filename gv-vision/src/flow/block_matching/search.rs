//! The search for one block.

use super::BlockMatchingOptions;
use crate::GrayImage;
use crate::parallel::Parallel;
use crate::simd::{Isa, kernel};

/// Cost of a displacement per pixel of its length, in grey levels over one row of the window: among places that
/// match alike, the nearest wins.
const LENGTH_COST: u32 = 1;

/// Where a block is found.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(in crate::flow) struct Match {
    /// Displacement in pixels.
    pub(in crate::flow) displacement: [f32; 2],
    /// Mean absolute difference over the window at that place, grey levels.
    pub(in crate::flow) difference: f32,
    /// The same for no displacement.
    pub(in crate::flow) still_difference: f32,
}

/// Matches every block of `previous`, rows from top to bottom; the pictures hold pixels.
pub(in crate::flow) fn matches(
    options: &BlockMatchingOptions,
    parallel: &Parallel,
    previous: &GrayImage,
    next: &GrayImage,
) -> Vec<Match> {
    let side = options.block_size;
    let across = previous.width().div_ceil(side);
    let down = previous.height().div_ceil(side);
    let isa = Isa::detect();
    let mut found = vec![Match::default(); across * down];
    let tasks: Vec<_> = found.chunks_mut(across).enumerate().collect();
    parallel.for_each_with(&mut Vec::<()>::new(), tasks, |(), (row, found)| {
        let mut left = [0, 0];
        for (column, found) in found.iter_mut().enumerate() {
            let window = Window::around(previous, column * side, row * side, side);
            let search = Search { isa, previous, next, window };
            let still = search.difference([0, 0], u32::MAX);
            if still <= u32::from(options.still_difference) * search.pixels() {
                let difference = still as f32 / search.pixels() as f32;
                *found = Match { displacement: [0.0; 2], difference, still_difference: difference };
                left = [0, 0];
                continue;
            }
            let (best, sum) = search.whole(options.search_radius as isize, still, left);
            left = best;
            let (displacement, sum) = if options.half_pixels {
                search.half(best, sum)
            } else {
                (best.map(|value| value as f32), sum)
            };
            let pixels = search.pixels() as f32;
            *found = Match {
                displacement,
                difference: sum as f32 / pixels,
                still_difference: still as f32 / pixels,
            };
        }
    });
    found
}

/// The pixels by which a block is known.
#[derive(Debug, Clone, Copy)]
struct Window {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

impl Window {
    fn around(picture: &GrayImage, x: usize, y: usize, side: usize) -> Self {
        let axis = |start: usize, length: usize| {
            let end = (start + side + side / 2).min(length);
            let start = start.saturating_sub(side / 2);
            (start, end - start)
        };
        let (x, width) = axis(x, picture.width());
        let (y, height) = axis(y, picture.height());
        Self { x, y, width, height }
    }
}

struct Search<'a> {
    isa: Isa,
    previous: &'a GrayImage,
    next: &'a GrayImage,
    window: Window,
}

impl Search<'_> {
    const fn pixels(&self) -> u32 {
        (self.window.width * self.window.height) as u32
    }

    /// Sum of absolute differences for a displacement that keeps the window inside the picture; some greater
    /// sum than `limit` where it exceeds that.
    fn difference(&self, [dx, dy]: [isize; 2], limit: u32) -> u32 {
        let Window { x, y, width, height } = self.window;
        let stride = self.previous.width();
        let there = y.wrapping_add_signed(dy) * stride + x.wrapping_add_signed(dx);
        let here = &self.previous.data()[y * stride + x..];
        absolute_differences(
            self.isa,
            here,
            &self.next.data()[there..],
            stride,
            width,
            height,
            limit,
        )
    }

    /// Displacements that keep the window inside the picture, `least..=most` in each direction.
    fn range(&self, radius: isize) -> [(isize, isize); 2] {
        let Window { x, y, width, height } = self.window;
        let right = (self.next.width() - x - width) as isize;
        let bottom = (self.next.height() - y - height) as isize;
        [
            (-(x as isize).min(radius), right.min(radius)),
            (-(y as isize).min(radius), bottom.min(radius)),
        ]
    }

    /// The best whole displacement and its sum.
    fn whole(&self, radius: isize, still: u32, hint: [isize; 2]) -> ([isize; 2], u32) {
        let [(left, right), (top, bottom)] = self.range(radius);
        let length_cost = LENGTH_COST * self.window.width as u32;
        let cost =
            |[dx, dy]: [isize; 2]| length_cost * (dx.unsigned_abs() + dy.unsigned_abs()) as u32;
        let mut best = (still, 0, [0, 0]);
        let mut consider = |place: [isize; 2]| {
            let extra = cost(place);
            if extra > best.0 {
                return;
            }
            let sum = self.difference(place, best.0 - extra);
            let candidate = (sum.saturating_add(extra), extra, place);
            if candidate < best {
                best = candidate;
            }
        };
        let [hint_x, hint_y] = hint;
        consider([hint_x.clamp(left, right), hint_y.clamp(top, bottom)]);
        for dy in top..=bottom {
            for dx in left..=right {
                consider([dx, dy]);
            }
        }
        let (total, extra, place) = best;
        (place, total - extra)
    }

    /// The best displacement among `whole` and the half pixels around it, and its sum.
    fn half(&self, whole: [isize; 2], sum: u32) -> ([f32; 2], u32) {
        let [(left, right), (top, bottom)] = self.range(isize::MAX);
        let Window { x, y, width, height } = self.window;
        let stride = self.previous.width();
        let mut best = (sum, whole.map(|value| value as f32));
        for half_y in -1..=1 {
            for half_x in -1..=1 {
                let low = [whole[0] + (half_x - 1) / 2, whole[1] + (half_y - 1) / 2];
                let high = [low[0] + (half_x & 1), low[1] + (half_y & 1)];
                let inside =
                    low[0] >= left && high[0] <= right && low[1] >= top && high[1] <= bottom;
                if !inside || (half_x == 0 && half_y == 0) {
                    continue;
                }
                let mut sum = 0;
                for row in 0..height {
                    let here = &self.previous.row(y + row)[x..x + width];
                    let at = |dy: isize, dx: isize| {
                        let start = (y + row).wrapping_add_signed(dy) * stride;
                        &self.next.data()[start + x.wrapping_add_signed(dx)..][..width]
                    };
                    let four = [
                        at(low[1], low[0]),
                        at(low[1], high[0]),
                        at(high[1], low[0]),
                        at(high[1], high[0]),
                    ];
                    for i in 0..width {
                        let mean = four.iter().map(|row| u32::from(row[i])).sum::<u32>();
                        sum += (4 * u32::from(here[i])).abs_diff(mean);
                    }
                }
                let sum = sum / 4;
                if sum < best.0 {
                    best = (
                        sum,
                        [
                            whole[0] as f32 + half_x as f32 / 2.0,
                            whole[1] as f32 + half_y as f32 / 2.0,
                        ],
                    );
                }
            }
        }
        (best.1, best.0)
    }
}

kernel! {
    fn absolute_differences(
        a: &[u8],
        b: &[u8],
        stride: usize,
        width: usize,
        height: usize,
        limit: u32,
    ) -> u32 {
        let mut sum = 0;
        for y in 0..height {
            let a = &a[y * stride..][..width];
            let b = &b[y * stride..][..width];
            let (a16, a) = a.as_chunks::<16>();
            let (b16, b) = b.as_chunks::<16>();
            for (a, b) in a16.iter().zip(b16) {
                let mut part = 0;
                for i in 0..16 {
                    part += u32::from(a[i].abs_diff(b[i]));
                }
                sum += part;
            }
            for (a, b) in a.iter().zip(b) {
                sum += u32::from(a.abs_diff(*b));
            }
            if sum > limit {
                break;
            }
        }
        sum
    }
}
