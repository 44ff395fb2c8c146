//! Where it is silent.

use crate::lanes::{LANES, join, top};
use crate::simd::kernel;
use crate::{AudioOptions, Stretch};

/// Seconds over which a level is taken.
const CELL: f64 = 0.01;

/// Finds stretches in which every channel is below a level.
///
/// A cell is silent where the power around its mean is: a constant offset is not heard.
pub(super) struct Silence {
    rate: f64,
    start: f64,
    frames: u64,
    power: f64,
    min_seconds: f64,
    cell_frames: usize,
    in_cell: usize,
    channels: Vec<Moments>,
    since: Option<f64>,
    found: Vec<Stretch>,
}

/// Sums over a cell, of samples less its first one: they lose nothing to an offset.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    pivot: f32,
    sum: f64,
    squares: f64,
}

impl Silence {
    pub(super) fn new(channels: usize, rate: f64, start: f64, options: &AudioOptions) -> Self {
        Self {
            rate,
            start,
            frames: 0,
            power: 10f64.powf(options.silence_level / 10.0),
            min_seconds: options.min_silence,
            cell_frames: (rate * CELL).round().max(1.0) as usize,
            in_cell: 0,
            channels: vec![Moments::default(); channels],
            since: None,
            found: Vec::new(),
        }
    }

    /// Samples of each channel until the present cell ends.
    pub(super) const fn until_cell(&self) -> usize {
        self.cell_frames - self.in_cell
    }

    /// Takes samples of a channel in, not more than the cell has room for; the largest size among them.
    pub(super) fn push(&mut self, channel: usize, samples: &[f32]) -> f32 {
        let moments = &mut self.channels[channel];
        if self.in_cell == 0 {
            *moments =
                Moments { pivot: samples.first().copied().unwrap_or(0.0), ..Moments::default() };
        }
        let (peak, sum, squares) = survey(samples, moments.pivot);
        moments.sum += f64::from(sum);
        moments.squares += f64::from(squares);
        peak
    }

    /// Goes on by as many frames as every channel was given.
    pub(super) fn advance(&mut self, frames: usize) {
        self.in_cell += frames;
        self.frames += frames as u64;
        if self.in_cell == self.cell_frames {
            self.end_cell();
        }
    }

    fn end_cell(&mut self) {
        let count = self.in_cell as f64;
        let power = |m: &Moments| m.squares / count - (m.sum / count).powi(2);
        let quiet = self.channels.iter().map(power).fold(0.0, f64::max) < self.power;
        let begin = self.start + (self.frames - self.in_cell as u64) as f64 / self.rate;
        match (quiet, self.since) {
            (true, None) => self.since = Some(begin),
            (false, Some(since)) => self.end(since, begin),
            _ => {}
        }
        self.in_cell = 0;
    }

    fn end(&mut self, start: f64, end: f64) {
        self.since = None;
        if end - start >= self.min_seconds {
            self.found.push(Stretch { start, end });
        }
    }

    pub(super) fn finish(mut self) -> Vec<Stretch> {
        if self.in_cell > 0 {
            self.end_cell();
        }
        if let Some(since) = self.since {
            self.end(since, self.start + self.frames as f64 / self.rate);
        }
        self.found
    }
}

kernel! {
    /// The largest size of samples, the sum of what they exceed a pivot by, and that of its squares.
    fn survey(samples: &[f32], pivot: f32) -> (f32, f32, f32) {
        let (chunks, rest) = samples.as_chunks::<LANES>();
        let (mut tops, mut sums, mut squares) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        let mut take = |lane: usize, sample: f32| {
            let (size, value) = (sample.abs(), sample - pivot);
            tops[lane] = if size > tops[lane] { size } else { tops[lane] };
            sums[lane] += value;
            squares[lane] += value * value;
        };
        for chunk in chunks {
            (0..LANES).for_each(|lane| take(lane, chunk[lane]));
        }
        rest.iter().enumerate().for_each(|(lane, &sample)| take(lane, sample));
        (top(tops), join(sums), join(squares))
    }
}
