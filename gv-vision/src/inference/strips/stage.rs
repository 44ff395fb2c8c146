//! One layer of a chain: what it does to rows.

use super::kernel::{self, COLUMNS, Group, Terms};
use super::rows::Rows;
use crate::simd::Isa;

/// Channels, height and width of a picture between layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) channels: usize,
    pub(super) height: usize,
    pub(super) width: usize,
}

/// The window that a layer moves over its input, each pair being (down, across).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) size: (usize, usize),
    pub(super) stride: (usize, usize),
    pub(super) dilation: (usize, usize),
    /// Rows and columns of nothing before the first.
    pub(super) before: (usize, usize),
}

impl Window {
    /// Rows of input that an output row spans.
    pub(super) const fn rows(&self) -> usize {
        (self.size.0 - 1) * self.dilation.0 + 1
    }

    /// Whether every output is made of the input at its own place alone.
    pub(super) fn is_point(&self) -> bool {
        self.size == (1, 1) && self.stride == (1, 1) && self.before == (0, 0)
    }
}

/// What becomes of a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Activation {
    None,
    Relu,
    Silu,
}

/// What a layer does in its window.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Work {
    /// Each output channel from all input channels; weights by output channel, input channel and place in the window.
    Dense { weights: Vec<f32>, bias: Vec<f32> },
    /// Each output channel from its input channel; weights by channel and place.
    Depthwise { weights: Vec<f32>, bias: Vec<f32> },
    /// The largest in the window, of each channel.
    Largest,
}

/// A layer, prepared for the processor.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) input: Shape,
    pub(super) output: Shape,
    pub(super) window: Window,
    work: Work,
    activation: Activation,
    isa: Isa,
    /// Output channels that are computed at once.
    group: usize,
}

impl Stage {
    pub(super) fn new(
        (input, output): (Shape, Shape),
        window: Window,
        work: Work,
        activation: Activation,
        isa: Isa,
    ) -> Self {
        let (work, group) = match work {
            Work::Dense { weights, bias } => {
                let rows =
                    if output.channels * 2 > kernel::group(isa) { kernel::group(isa) } else { 1 };
                (grouped(&weights, &bias, rows), rows)
            }
            other => (other, 1),
        };
        Self { input, output, window, work, activation, isa, group }
    }

    /// Channels that [`compute`](Self::compute) needs room for: whole groups.
    pub(super) const fn channels(&self) -> usize {
        self.output.channels.next_multiple_of(self.group)
    }

    /// Columns of each channel that [`compute`](Self::compute) writes: whole vectors.
    pub(super) const fn columns(&self) -> usize {
        self.output.width.next_multiple_of(COLUMNS)
    }

    /// What lies outside of the input, to this layer.
    pub(super) const fn outside(&self) -> f32 {
        if matches!(self.work, Work::Largest) { f32::NEG_INFINITY } else { 0.0 }
    }

    /// Computes output row `y` from the input rows that its window spans, into channels that are `pitch` apart.
    pub(super) fn compute(
        &self,
        y: usize,
        rows: &Rows,
        offsets: &mut Vec<usize>,
        (out, pitch): (&mut [f32], usize),
    ) {
        let columns = self.columns();
        let floor = if self.activation == Activation::Relu { 0.0 } else { f32::NEG_INFINITY };
        let Window { size, stride, dilation, before } = self.window;
        let place = |at: usize| {
            let row = (y * stride.0 + at / size.1 * dilation.0).checked_sub(before.0);
            rows.place(row, at % size.1 * dilation.1)
        };
        offsets.clear();
        offsets.extend((0..size.0 * size.1).map(place));
        let places = offsets.len();
        match &self.work {
            Work::Dense { weights, bias } => {
                let more = (1..self.input.channels)
                    .flat_map(|channel| (0..places).map(move |at| (channel, at)));
                offsets.reserve(places * self.input.channels);
                for (channel, at) in more {
                    offsets.push(offsets[at] + channel * rows.channel());
                }
                let terms = Terms { source: rows.values(), offsets };
                let groups =
                    weights.chunks_exact(offsets.len() * self.group).zip(bias.chunks(self.group));
                for ((weights, bias), out) in groups.zip(out.chunks_mut(pitch * self.group)) {
                    let group = Group { weights, bias };
                    kernel::sums(self.isa, terms, group, floor, columns, pitch, out);
                }
            }
            Work::Depthwise { weights, bias } => {
                for (channel, (weights, bias)) in
                    weights.chunks_exact(places).zip(bias.chunks_exact(1)).enumerate()
                {
                    let source = &rows.values()[channel * rows.channel()..];
                    let out = &mut out[channel * pitch..][..columns];
                    let (terms, group) = (Terms { source, offsets }, Group { weights, bias });
                    kernel::sums(self.isa, terms, group, floor, columns, pitch, out);
                }
            }
            Work::Largest => {
                for channel in 0..self.output.channels {
                    let out = &mut out[channel * pitch..][..columns];
                    let source = &rows.values()[channel * rows.channel()..];
                    out.fill(f32::NEG_INFINITY);
                    for &offset in &*offsets {
                        kernel::larger(self.isa, out, &source[offset..]);
                    }
                }
            }
        }
        if self.activation == Activation::Silu {
            for channel in 0..self.output.channels {
                kernel::silu(self.isa, &mut out[channel * pitch..][..columns]);
            }
        }
    }
}

/// Weights in groups of `rows` output channels, term by term; the last group is filled up with zeros.
fn grouped(weights: &[f32], bias: &[f32], rows: usize) -> Work {
    let terms = weights.len() / bias.len().max(1);
    let channels = bias.len().next_multiple_of(rows);
    let weight = |channel: usize, term: usize| {
        if channel < bias.len() { weights[channel * terms + term] } else { 0.0 }
    };
    let grouped = (0..channels).step_by(rows).flat_map(|first| {
        (0..terms).flat_map(move |term| (first..first + rows).map(move |channel| (channel, term)))
    });
    Work::Dense {
        weights: grouped.map(|(channel, term)| weight(channel, term)).collect(),
        bias: bias.iter().copied().chain(std::iter::repeat(0.0)).take(channels).collect(),
    }
}
