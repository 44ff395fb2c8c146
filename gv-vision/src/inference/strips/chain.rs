//! Layers one after another, row by row.

use super::rows::Rows;
use super::stage::{Shape, Stage};
use std::sync::{Mutex, PoisonError};

/// Columns at most of the rows into which a picture is cut where only its points matter.
const LONGEST: usize = 512;

/// Layers of which each has only the one before as its input.
#[derive(Debug)]
pub(super) struct Chain {
    stages: Vec<Stage>,
    output: Shape,
    /// Room that runs have left behind.
    spare: Mutex<Vec<Room>>,
}

/// What a run needs to keep.
#[derive(Debug)]
struct Room {
    /// What each layer reads.
    rows: Vec<Rows>,
    /// A row that cannot be written where it belongs.
    row: Vec<f32>,
    offsets: Vec<usize>,
}

impl Chain {
    /// Takes at least one layer, and the shape of what comes out, whose rows the layers may have cut otherwise.
    pub(super) fn new(stages: Vec<Stage>, output: Shape) -> Self {
        Self { stages, output, spare: Mutex::default() }
    }

    /// The shape of what comes out.
    pub(super) const fn output(&self) -> Shape {
        self.output
    }

    /// Runs all layers: what is between them never is a whole picture, but the few rows that the next layer looks at, and
    /// stays near the processor.
    pub(super) fn run(&self, input: &[f32], output: &mut [f32]) {
        let Some(last) = self.stages.len().checked_sub(1) else { return };
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let room = spare.pop();
        drop(spare);
        let mut room = room.unwrap_or_else(|| self.room());
        room.rows.iter_mut().for_each(Rows::begin);
        let mut walk = Walk { stages: &self.stages, input, room };
        let Shape { channels, height, width } = self.stages[last].output;
        let plane = height * width;
        for y in 0..height {
            let room = &mut output[y * width..];
            // What is written past the end of a row is overwritten by the next one, where there is one.
            let is_room = y + 1 < height && self.stages[last].channels() == channels;
            if is_room && (width + self.stages[last].columns()) <= (height - y) * width {
                walk.compute(last, y, Some((room, plane)));
            } else {
                let pitch = walk.compute(last, y, None);
                let row = walk.room.row.chunks_exact(pitch);
                for (plane, channel) in room.chunks_mut(plane).zip(row) {
                    plane[..width].copy_from_slice(&channel[..width]);
                }
            }
        }
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).push(walk.room);
    }

    fn room(&self) -> Room {
        let channels = |at: usize| match at.checked_sub(1) {
            Some(before) => self.stages[before].channels(),
            None => self.stages[0].input.channels,
        };
        let rows = self.stages.iter().enumerate();
        let row = self.stages.iter().map(|stage| stage.channels() * stage.columns()).max();
        Room {
            rows: rows.map(|(at, stage)| Rows::new(stage, channels(at))).collect(),
            row: vec![0.0; row.unwrap_or(0)],
            offsets: Vec::new(),
        }
    }
}

/// Where each layer is.
struct Walk<'a> {
    stages: &'a [Stage],
    input: &'a [f32],
    room: Room,
}

impl Walk<'_> {
    /// Computes output row `y` of a layer into `room` (its values, and how far channels are apart), else into `row`, after
    /// what it needs of the layers before; how far channels are apart.
    fn compute(&mut self, stage: usize, y: usize, room: Option<(&mut [f32], usize)>) -> usize {
        self.prepare(stage, y);
        let layer = &self.stages[stage];
        let Room { rows, row, offsets } = &mut self.room;
        let (out, pitch) = room.unwrap_or((row, layer.columns()));
        layer.compute(y, &rows[stage], offsets, (out, pitch));
        pitch
    }

    /// Brings the rows that output row `y` of a layer is made of.
    fn prepare(&mut self, stage: usize, y: usize) {
        let Stage { window, input, .. } = &self.stages[stage];
        let past = (y * window.stride.0 + window.rows()).saturating_sub(window.before.0);
        let past = past.min(input.height);
        while self.room.rows[stage].next() < past {
            let next = self.room.rows[stage].next();
            let Some(before) = stage.checked_sub(1) else {
                let Shape { height, width, .. } = *input;
                self.room.rows[stage].push(&self.input[next * width..], height * width);
                continue;
            };
            self.prepare(before, next);
            let layer = &self.stages[before];
            let Room { rows, row, offsets } = &mut self.room;
            let (from, to) = rows.split_at_mut(stage);
            if let Some(room) = to[0].room() {
                layer.compute(next, &from[before], offsets, room);
                to[0].written();
            } else {
                layer.compute(next, &from[before], offsets, (row, layer.columns()));
                to[0].push(row, layer.columns());
            }
        }
    }
}

/// A shape of as many points in rows that fill whole vectors well.
pub(super) fn points(shape: Shape) -> Shape {
    use super::kernel::COLUMNS;
    let all = shape.height * shape.width;
    let widths = (1..=all.min(LONGEST)).filter(|width| all.is_multiple_of(*width));
    let cost = |width: &usize| {
        let rows = all / width;
        // A row costs about as much as two dozen columns, beside the columns themselves.
        rows * (width.next_multiple_of(COLUMNS) + 24)
    };
    let width = widths.min_by_key(cost).unwrap_or(shape.width);
    Shape { height: all / width.max(1), width, ..shape }
}

#[cfg(test)]
mod tests {
    use super::super::stage::{Activation, Window, Work};
    use super::*;
    use crate::simd::Isa;

    fn number(seed: usize) -> f32 {
        ((seed.wrapping_mul(2_654_435_761) >> 7) % 2001) as f32 / 1000.0 - 1.0
    }

    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|at| number(at + seed * 7919)).collect()
    }

    /// A layer as it is described.
    #[derive(Clone)]
    struct Plain {
        input: Shape,
        output: Shape,
        window: Window,
        work: Work,
        activation: Activation,
    }

    impl Plain {
        fn new(input: Shape, channels: usize, side: usize, stride: usize, kind: &str) -> Self {
            let before = side / 2;
            let reach = |size: usize| (size + 2 * before - side) / stride + 1;
            let output = Shape { channels, height: reach(input.height), width: reach(input.width) };
            let window = Window {
                size: (side, side),
                stride: (stride, stride),
                dilation: (1, 1),
                before: (before, before),
            };
            let (places, seed) = (side * side, channels + side);
            let bias = numbers(channels, seed + 1);
            let (work, activation) = match kind {
                "dense" => {
                    let weights = numbers(channels * input.channels * places, seed);
                    (Work::Dense { weights, bias }, Activation::Relu)
                }
                "depthwise" => {
                    let weights = numbers(channels * places, seed);
                    (Work::Depthwise { weights, bias }, Activation::Silu)
                }
                _ => (Work::Largest, Activation::None),
            };
            Self { input, output, window, work, activation }
        }

        /// The sum that defines the layer.
        fn run(&self, input: &[f32]) -> Vec<f32> {
            let Window { size, stride, dilation, before } = self.window;
            let mut result = Vec::new();
            for at in 0..self.output.channels * self.output.height * self.output.width {
                let (channel, y, x) = (
                    at / (self.output.height * self.output.width),
                    at / self.output.width % self.output.height,
                    at % self.output.width,
                );
                let value = |from: usize, place: usize| {
                    let row = (y * stride.0 + place / size.1 * dilation.0).checked_sub(before.0)?;
                    let column =
                        (x * stride.1 + place % size.1 * dilation.1).checked_sub(before.1)?;
                    let is_inside = row < self.input.height && column < self.input.width;
                    let at = (from * self.input.height + row) * self.input.width + column;
                    is_inside.then(|| input[at])
                };
                let places = size.0 * size.1;
                let sum = match &self.work {
                    Work::Dense { weights, bias } => {
                        let terms = (0..self.input.channels * places).map(|term| {
                            let weight = weights[channel * self.input.channels * places + term];
                            weight * value(term / places, term % places).unwrap_or(0.0)
                        });
                        bias[channel] + terms.sum::<f32>()
                    }
                    Work::Depthwise { weights, bias } => {
                        let terms = (0..places).map(|place| {
                            weights[channel * places + place] * value(channel, place).unwrap_or(0.0)
                        });
                        bias[channel] + terms.sum::<f32>()
                    }
                    Work::Largest => {
                        (0..places).filter_map(|place| value(channel, place)).fold(-9.0, f32::max)
                    }
                };
                result.push(match self.activation {
                    Activation::None => sum,
                    Activation::Relu => sum.max(0.0),
                    Activation::Silu => sum / (1.0 + (-sum).exp()),
                });
            }
            result
        }

        fn stage(&self, isa: Isa) -> Stage {
            let shapes = (self.input, self.output);
            Stage::new(shapes, self.window, self.work.clone(), self.activation, isa)
        }
    }

    fn check(layers: &[Plain]) {
        let shape = layers[0].input;
        let input = numbers(shape.channels * shape.height * shape.width, 3);
        let expected = layers.iter().fold(input.clone(), |values, layer| layer.run(&values));
        for isa in Isa::available() {
            let output = layers[layers.len() - 1].output;
            let chain = Chain::new(layers.iter().map(|layer| layer.stage(isa)).collect(), output);
            let mut found = vec![0.0; expected.len()];
            chain.run(&vec![0.7; input.len()], &mut found);
            chain.run(&input, &mut found);
            for (at, (a, b)) in found.iter().zip(&expected).enumerate() {
                assert!((a - b).abs() <= 1e-4 * b.abs().max(1.0), "{isa:?} {at}: {a} {b}");
            }
        }
    }

    fn shape(channels: usize, height: usize, width: usize) -> Shape {
        Shape { channels, height, width }
    }

    #[test]
    fn single_layers_are_the_sums_that_define_them() {
        for (channels, width) in [(3, 17), (12, 33), (20, 64), (1, 5)] {
            let input = shape(channels, 11, width);
            for (out, side, stride) in [(16, 1, 1), (10, 3, 1), (4, 3, 2), (1, 5, 1), (9, 1, 2)] {
                check(&[Plain::new(input, out, side, stride, "dense")]);
            }
            for (side, stride) in [(3, 1), (3, 2), (5, 1), (5, 2)] {
                check(&[Plain::new(input, channels, side, stride, "depthwise")]);
            }
        }
        check(&[Plain::new(shape(5, 13, 13), 5, 9, 1, "largest")]);
        let mut largest = Plain::new(shape(5, 12, 20), 5, 2, 2, "largest");
        largest.window.before = (0, 0);
        largest.output = shape(5, 6, 10);
        check(&[largest]);
        let mut wide = Plain::new(shape(6, 19, 23), 7, 3, 1, "dense");
        wide.window.dilation = (5, 5);
        wide.window.before = (5, 5);
        check(&[wide]);
    }

    #[test]
    fn a_chain_is_its_layers_one_after_another() {
        let first = Plain::new(shape(3, 37, 50), 16, 3, 2, "dense");
        let second = Plain::new(first.output, 24, 1, 1, "dense");
        let third = Plain::new(second.output, 24, 3, 1, "depthwise");
        let fourth = Plain::new(third.output, 24, 3, 2, "depthwise");
        let fifth = Plain::new(fourth.output, 5, 1, 1, "dense");
        check(&[first, second, third, fourth, fifth]);
    }

    #[test]
    fn numbers_that_are_not_finite_stay_so() {
        let layer = Plain::new(shape(2, 3, 4), 2, 1, 1, "dense");
        let chain = Chain::new(vec![layer.stage(Isa::detect())], layer.output);
        let mut found = vec![0.0; 24];
        chain.run(&[f32::NAN; 24], &mut found);
        assert!(found.iter().all(|value| value.is_nan()));
    }

    #[test]
    fn points_are_cut_into_rows_that_hold_them_all() {
        for (height, width) in [(13, 13), (26, 26), (104, 104), (1, 1), (7, 1021)] {
            let cut = points(shape(4, height, width));
            assert_eq!((cut.height * cut.width, cut.channels), (height * width, 4));
        }
        assert_eq!(points(shape(1, 13, 13)).width, 169);
    }
}
