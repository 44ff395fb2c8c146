//! Block matching for what moves far, Farneback's flow for the rest.

use super::block_matching::{Match, matches};
use super::{
    BlockMatching, BlockMatchingOptions, Farneback, FarnebackOptions, FlowField, FlowWalk,
    OpticalFlow, PairWalk, check_sizes,
};
use crate::{GrayImage, Result};

/// Pixels around what moves that the flow is computed on besides.
const MARGIN: usize = 48;
/// Share of the picture up to which only the part that moves is computed.
const MAX_PART: f64 = 0.7;
/// Pixels by which the two methods must differ for a block's displacement to replace the flow.
const MIN_DISAGREEMENT: f32 = 2.0;
/// A block's displacement replaces the flow where its difference is below this share of the flow's.
const BETTER: f32 = 0.6;

/// Block matching and Farneback's flow together: right for large displacements, dense and fine for small ones.
///
/// 1. Block matching looks where anything moves. Where nothing does, the flow is zero and nothing more is
///    computed; where only a part of the picture does, only that part and 48 pixels around it are.
/// 2. Farneback's flow is computed on that part.
/// 3. Where a block's displacement is two pixels or more from the flow and fits clearly better (its mean
///    absolute difference is below 0.6 of the flow's), it takes the flow's place, and the result is refined by
///    Farneback's iterations on the full-size picture.
///
/// Without step 3 the result is Farneback's own on that part. Displacements up to the search radius of block
/// matching (24 px by default) are found to a fraction of a pixel, at any picture size.
#[derive(Debug, Clone)]
pub struct Hybrid {
    blocks: BlockMatching,
    flow: Farneback,
}

impl Hybrid {
    /// Joins the two methods.
    pub const fn new(blocks: BlockMatching, flow: Farneback) -> Self {
        Self { blocks, flow }
    }

    /// Joins the two methods with their default options, on `num_threads` threads.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](crate::Error::InvalidParameter) where the number of threads is not 1 to 1024.
    pub fn with_threads(num_threads: Option<usize>) -> Result<Self> {
        let blocks = BlockMatchingOptions::default().num_threads(num_threads);
        let flow = FarnebackOptions::default().num_threads(num_threads);
        Ok(Self::new(BlockMatching::new(blocks)?, Farneback::new(flow)?))
    }
}

impl OpticalFlow for Hybrid {
    fn name(&self) -> &'static str {
        "hybrid"
    }

    fn calculate(&self, previous: &GrayImage, next: &GrayImage) -> Result<FlowField> {
        check_sizes(previous, next)?;
        let (width, height) = (previous.width(), previous.height());
        if width == 0 || height == 0 {
            return Ok(FlowField::zeros(width, height));
        }
        let options = self.blocks.options();
        let found = matches(options, self.blocks.parallel(), previous, next);
        let still = f32::from(options.still_difference);
        let side = options.block_size;
        let Some(part) = Part::that_moves(&found, still, side, (width, height)) else {
            return Ok(FlowField::zeros(width, height));
        };
        let [before, after] = [previous, next].map(|picture| part.cut(picture));
        let mut flow = self.flow.calculate(&before, &after)?;
        if part.take_over(&found, side, width, [&before, &after], &mut flow) {
            flow = self.flow.refine(&before, &after, &flow);
        }
        Ok(part.put_back(&flow, width, height))
    }

    fn walk(&self) -> Box<dyn FlowWalk> {
        Box::new(PairWalk::new(self.clone()))
    }
}

/// A rectangle of the picture, in pixels; its corner lies on a block's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

impl Part {
    /// What moves and [`MARGIN`] around it, or the whole picture where that is most of it; `None` where
    /// nothing moves.
    fn that_moves(
        found: &[Match],
        still: f32,
        side: usize,
        (width, height): (usize, usize),
    ) -> Option<Self> {
        let across = width.div_ceil(side);
        let moving = found.iter().enumerate().filter(|(_, found)| found.still_difference > still);
        let places = moving.map(|(i, _)| (i % across, i / across));
        let (mut left, mut top, mut right, mut bottom) = (usize::MAX, usize::MAX, 0, 0);
        for (x, y) in places {
            (left, right) = (left.min(x), right.max(x + 1));
            (top, bottom) = (top.min(y), bottom.max(y + 1));
        }
        if left >= right {
            return None;
        }
        let margin = MARGIN.div_ceil(side);
        let (x, y) = (left.saturating_sub(margin) * side, top.saturating_sub(margin) * side);
        let part = Self {
            x,
            y,
            width: ((right + margin) * side).min(width) - x,
            height: ((bottom + margin) * side).min(height) - y,
        };
        let share = (part.width * part.height) as f64 / (width * height) as f64;
        Some(if share <= MAX_PART { part } else { Self { x: 0, y: 0, width, height } })
    }

    fn cut(&self, picture: &GrayImage) -> GrayImage {
        let mut out = GrayImage::filled(self.width, self.height, 0);
        for (y, row) in out.data_mut().chunks_mut(self.width).enumerate() {
            row.copy_from_slice(&picture.row(self.y + y)[self.x..self.x + self.width]);
        }
        out
    }

    fn put_back(&self, flow: &FlowField, width: usize, height: usize) -> FlowField {
        let mut out = FlowField::zeros(width, height);
        let rows = out.data_mut().chunks_mut(width).skip(self.y);
        for (row, flow) in rows.zip(flow.data().chunks(self.width)) {
            row[self.x..self.x + self.width].copy_from_slice(flow);
        }
        out
    }

    /// Puts the displacements of blocks that fit clearly better into `flow`; whether there are any.
    fn take_over(
        &self,
        found: &[Match],
        side: usize,
        picture_width: usize,
        [before, after]: [&GrayImage; 2],
        flow: &mut FlowField,
    ) -> bool {
        let across = picture_width.div_ceil(side);
        let mut any = false;
        for top in (0..self.height).step_by(side) {
            for left in (0..self.width).step_by(side) {
                let found = &found[(self.y + top) / side * across + (self.x + left) / side];
                let block = Self {
                    x: left,
                    y: top,
                    width: side.min(self.width - left),
                    height: side.min(self.height - top),
                };
                let [u, v] = block.mean(flow);
                let [x, y] = found.displacement;
                if (x - u).hypot(y - v) >= MIN_DISAGREEMENT
                    && found.difference < BETTER * block.difference(before, after, flow)
                {
                    for row in flow.data_mut().chunks_mut(self.width).skip(top).take(block.height) {
                        row[left..left + block.width].fill(found.displacement);
                    }
                    any = true;
                }
            }
        }
        any
    }

    fn mean(&self, flow: &FlowField) -> [f32; 2] {
        let rows = flow.data().chunks(flow.width()).skip(self.y).take(self.height);
        let pixels = rows.flat_map(|row| &row[self.x..self.x + self.width]);
        let [u, v] = pixels.fold([0.0; 2], |[u, v], [x, y]| [u + x, v + y]);
        let count = (self.width * self.height) as f32;
        [u / count, v / count]
    }

    /// Mean absolute difference between this part of `before` and where the flow leads in `after`.
    fn difference(&self, before: &GrayImage, after: &GrayImage, flow: &FlowField) -> f32 {
        let (right, bottom) = ((after.width() - 1) as f32, (after.height() - 1) as f32);
        let mut sum = 0.0;
        for y in self.y..self.y + self.height {
            for x in self.x..self.x + self.width {
                let [u, v] = flow.data()[y * flow.width() + x];
                let (px, py) =
                    ((x as f32 + u).clamp(0.0, right), (y as f32 + v).clamp(0.0, bottom));
                let (ix, iy) = (px as usize, py as usize);
                let (fx, fy) = (px - ix as f32, py - iy as f32);
                let row = |y: usize| {
                    let row = after.row(y.min(after.height() - 1));
                    let (a, b) = (f32::from(row[ix]), f32::from(row[(ix + 1).min(row.len() - 1)]));
                    a + (b - a) * fx
                };
                let there = row(iy) + (row(iy + 1) - row(iy)) * fy;
                sum += (f32::from(before.row(y)[x]) - there).abs();
            }
        }
        sum / (self.width * self.height) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::planted::{error_of, moved};
    use crate::testing::optical_flow_suite;

    fn hybrid() -> Hybrid {
        Hybrid::with_threads(Some(2)).unwrap()
    }

    fn farneback() -> Farneback {
        Farneback::new(FarnebackOptions::default().num_threads(2)).unwrap()
    }

    #[test]
    fn it_keeps_the_contract() {
        optical_flow_suite(&hybrid());
    }

    #[test]
    fn small_and_large_shifts_are_found_to_a_fraction_of_a_pixel() {
        let previous = moved(320, 180, 0.0, 0.0);
        for (dx, dy) in [(0.5, -0.25), (3.3, 2.0), (11.0, -7.5), (-23.5, 4.0), (20.0, 22.5)] {
            let flow = hybrid().calculate(&previous, &moved(320, 180, dx, dy)).unwrap();
            let error = error_of(&flow, dx, dy, 48);
            assert!(error < 0.3, "({dx}, {dy}) is {error} off");
        }
    }

    /// A disc of texture that moves over a texture that does not.
    fn disc(at: f64) -> GrayImage {
        let (ground, figure) = (moved(320, 180, 0.0, 0.0), moved(320, 180, 57.0 + at, 31.0));
        GrayImage::from_fn(320, 180, |x, y| {
            let inside = (x as f64 - 120.0 - at).hypot(y as f64 - 90.0) < 24.0;
            (if inside { &figure } else { &ground }).row(y)[x]
        })
    }

    #[test]
    fn a_small_thing_that_moves_far_is_found_where_the_flow_alone_loses_it() {
        let (previous, next) = (disc(0.0), disc(22.0));
        let centre = |flow: &FlowField| flow.data()[90 * 320 + 120];
        let [u, v] = centre(&hybrid().calculate(&previous, &next).unwrap());
        assert!((u - 22.0).hypot(v) < 1.0, "hybrid: ({u}, {v})");
        let [u, v] = centre(&farneback().calculate(&previous, &next).unwrap());
        assert!((u - 22.0).hypot(v) > 5.0, "the flow alone: ({u}, {v})");
    }

    #[test]
    fn what_does_not_move_is_exactly_zero() {
        let flow = hybrid().calculate(&disc(0.0), &disc(5.0)).unwrap();
        assert!(flow.data()[90 * 320 + 300] == [0.0; 2] && flow.data()[5 * 320 + 5] == [0.0; 2]);
        let still = hybrid().calculate(&disc(3.0), &disc(3.0)).unwrap();
        assert!(still == FlowField::zeros(320, 180));
    }

    #[test]
    fn where_everything_moves_a_little_it_is_farnebacks_flow() {
        let (previous, next) = (moved(160, 96, 0.0, 0.0), moved(160, 96, 1.2, 0.7));
        let flow = hybrid().calculate(&previous, &next).unwrap();
        assert!(flow == farneback().calculate(&previous, &next).unwrap());
    }
}
