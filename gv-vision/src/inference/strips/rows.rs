//! The last few rows of a picture between two layers.

use super::kernel::{BEHIND, COLUMNS};
use super::stage::{Shape, Stage};

/// As many rows as a window spans, channel beside channel, with the nothing around them; where the window steps two
/// columns at a time, even and odd columns lie apart.
#[derive(Debug)]
pub(super) struct Rows {
    values: Vec<f32>,
    shape: Shape,
    /// Rows that are kept; one more stands for those outside.
    kept: usize,
    /// Channels for which there is room.
    channels: usize,
    /// What lies outside of the picture.
    outside: f32,
    /// Columns of nothing before the first.
    before: usize,
    /// Columns that the window steps.
    step: usize,
    /// Values of one channel that lie together.
    part: usize,
    /// The row that comes next.
    next: usize,
}

impl Rows {
    /// Room for what `layer` reads; `channels` is how many the layer before writes, with those that fill its groups.
    pub(super) fn new(layer: &Stage, channels: usize) -> Self {
        let (shape, window) = (layer.input, &layer.window);
        let (step, before) = (window.stride.1, window.before.1);
        let read = layer.output.width + (window.size.1 - 1) * window.dilation.1 / step + 1;
        let written = (shape.width.next_multiple_of(COLUMNS) + before).div_ceil(step) + 1;
        let part = read.max(written).next_multiple_of(COLUMNS);
        let (kept, outside) = (window.rows(), layer.outside());
        let values = vec![outside; (kept + 1) * channels * step * part + BEHIND + COLUMNS];
        Self { values, shape, kept, channels, outside, before, step, part, next: 0 }
    }

    /// Room for the next row, where a layer can write it as it lies, and the values from one channel to the next.
    pub(super) fn room(&mut self) -> Option<(&mut [f32], usize)> {
        let start = self.next % self.kept * self.channels * self.channel() + self.before;
        let pitch = self.channel();
        (self.step == 1).then(|| (&mut self.values[start..], pitch))
    }

    /// Takes the row that was written into [`room`](Self::room).
    pub(super) fn written(&mut self) {
        let start = self.next % self.kept * self.channels * self.channel();
        let pitch = self.channel();
        let right = self.before + self.shape.width;
        for channel in self.values[start..].chunks_exact_mut(pitch).take(self.shape.channels) {
            channel[right..].fill(self.outside);
        }
        self.next += 1;
    }

    /// Begins anew.
    pub(super) fn begin(&mut self) {
        self.next = 0;
    }

    /// The row that comes next.
    pub(super) const fn next(&self) -> usize {
        self.next
    }

    /// All values.
    pub(super) fn values(&self) -> &[f32] {
        &self.values
    }

    /// Values from one channel to the next.
    pub(super) const fn channel(&self) -> usize {
        self.step * self.part
    }

    /// Where the value `column` columns into the window of the first output is, in the first channel of a row; `None` and
    /// rows past the last are outside.
    pub(super) fn place(&self, row: Option<usize>, column: usize) -> usize {
        let slot =
            row.filter(|&row| row < self.shape.height).map_or(self.kept, |row| row % self.kept);
        (slot * self.channels * self.step + column % self.step) * self.part + column / self.step
    }

    /// Takes the next row, whose channels are `pitch` apart.
    pub(super) fn push(&mut self, channels: &[f32], pitch: usize) {
        let Self { shape, before, step, part, .. } = *self;
        let start = self.next % self.kept * self.channels * step * part;
        let row = &mut self.values[start..][..shape.channels * step * part];
        for (into, from) in row.chunks_exact_mut(step * part).zip(channels.chunks(pitch)) {
            let from = &from[..shape.width];
            if step == 1 {
                into[before..before + shape.width].copy_from_slice(from);
            } else {
                let (even, odd) = into.split_at_mut(part);
                let (even, odd, from) = if before % 2 == 0 {
                    (&mut even[before / 2..], &mut odd[before / 2..], from)
                } else {
                    odd[before / 2] = from[0];
                    (&mut even[before / 2 + 1..], &mut odd[before / 2 + 1..], &from[1..])
                };
                let pairs = from.chunks_exact(2);
                if let [last] = pairs.remainder() {
                    even[pairs.len()] = *last;
                }
                for ((even, odd), pair) in even.iter_mut().zip(odd).zip(pairs) {
                    (*even, *odd) = (pair[0], pair[1]);
                }
            }
        }
        self.next += 1;
    }
}
