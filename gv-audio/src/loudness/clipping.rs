//! Where it is clipped.

use crate::Stretch;

/// Level from which on a sample is at the limit.
const LIMIT: f32 = 0.999;
/// Samples in a row at the limit that are clipping.
const CLIPPED_RUN: usize = 3;
/// Seconds within which two clipped places are one.
const CLIPPED_GAP: f64 = 0.05;

/// Finds runs of samples at the limit.
pub(super) struct Clipping {
    rate: f64,
    start: f64,
    frames: u64,
    runs: Vec<usize>,
    places: Vec<Stretch>,
    samples: u64,
}

impl Clipping {
    pub(super) fn new(channels: usize, rate: f64, start: f64) -> Self {
        Self { rate, start, frames: 0, runs: vec![0; channels], places: Vec::new(), samples: 0 }
    }

    /// Takes samples of a channel in, none of which exceeds `peak`.
    pub(super) fn push(&mut self, channel: usize, samples: &[f32], peak: f32) {
        if peak < LIMIT {
            self.end_run(channel, 0);
            return;
        }
        for (at, sample) in samples.iter().enumerate() {
            if sample.abs() >= LIMIT {
                self.runs[channel] += 1;
            } else {
                self.end_run(channel, at);
            }
        }
    }

    /// Goes on by as many frames as every channel was given.
    pub(super) fn advance(&mut self, frames: usize) {
        self.frames += frames as u64;
    }

    fn end_run(&mut self, channel: usize, after: usize) {
        let run = std::mem::take(&mut self.runs[channel]);
        if run < CLIPPED_RUN {
            return;
        }
        self.samples += run as u64;
        let end = self.start + (self.frames + after as u64) as f64 / self.rate;
        let start = end - run as f64 / self.rate;
        match self.places.last_mut() {
            Some(last) if start - last.end <= CLIPPED_GAP => {
                last.end = last.end.max(end);
                last.start = last.start.min(start);
            }
            _ => self.places.push(Stretch { start, end }),
        }
    }

    /// The places, in order of time, and how many samples are clipped.
    pub(super) fn finish(mut self) -> (Vec<Stretch>, u64) {
        for channel in 0..self.runs.len() {
            self.end_run(channel, 0);
        }
        (self.places, self.samples)
    }
}
