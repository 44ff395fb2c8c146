//! Another sample rate, without moving the sound in time.

use crate::{Error, Result};
use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler as _};

/// Samples that go in at a time.
const CHUNK: usize = 4096;

/// Brings mono sound to another rate piece by piece.
///
/// The delay of the filter is taken off again: a sample at a time of the input is at the same time of the
/// output, to half a sample, and the whole output is as long as the input.
pub(crate) struct Resampler {
    state: Option<State>,
}

struct State {
    inner: Fft<f32>,
    waiting: Vec<f32>,
    chunk_out: Vec<f32>,
    /// Output of the filter's delay that is still to be dropped.
    to_drop: usize,
    taken: u64,
    given: u64,
    ratio: (u64, u64),
}

impl Resampler {
    /// Prepares for a pair of rates; nothing is done where they are equal.
    pub(crate) fn new(from: u32, to: u32) -> Result<Self> {
        if from == to {
            return Ok(Self { state: None });
        }
        let inner = Fft::new(from as usize, to as usize, CHUNK, 1, FixedSync::Input);
        let inner = inner.map_err(|error| refused(from, to, &error.to_string()))?;
        let to_drop = inner.output_delay();
        let ratio = (u64::from(from), u64::from(to));
        let (waiting, chunk_out) = (Vec::new(), Vec::new());
        Ok(Self {
            state: Some(State { inner, waiting, chunk_out, to_drop, taken: 0, given: 0, ratio }),
        })
    }

    /// Takes samples in, and gives those that are ready: the samples themselves where there is nothing to do, else what
    /// is put in place of what `space` holds.
    pub(crate) fn push<'a>(
        &mut self,
        samples: &'a [f32],
        space: &'a mut Vec<f32>,
    ) -> Result<&'a [f32]> {
        let Some(state) = &mut self.state else { return Ok(samples) };
        state.taken += samples.len() as u64;
        state.waiting.extend_from_slice(samples);
        space.clear();
        state.run(space, u64::MAX)?;
        Ok(space)
    }

    /// Appends what is left.
    pub(crate) fn finish(mut self, out: &mut Vec<f32>) -> Result<()> {
        let Some(state) = &mut self.state else { return Ok(()) };
        let (from, to) = state.ratio;
        let wanted = (u128::from(state.taken) * u128::from(to)).div_ceil(u128::from(from)) as u64;
        while state.given < wanted {
            state.waiting.resize(state.waiting.len().max(CHUNK), 0.0);
            state.run(out, wanted)?;
        }
        Ok(())
    }
}

impl State {
    fn run(&mut self, out: &mut Vec<f32>, wanted: u64) -> Result<()> {
        let mut at = 0;
        while self.waiting.len() - at >= self.inner.input_frames_next() {
            let taken = self.inner.input_frames_next();
            let length = self.inner.output_frames_next();
            self.chunk_out.resize(length, 0.0);
            let failed = |error: &dyn std::fmt::Display| {
                refused(self.ratio.0 as u32, self.ratio.1 as u32, &error.to_string())
            };
            let input = SequentialSlice::new(&self.waiting[at..at + taken], 1, taken);
            let input = input.map_err(|error| failed(&error))?;
            let output = SequentialSlice::new_mut(&mut self.chunk_out, 1, length);
            let mut output = output.map_err(|error| failed(&error))?;
            let done = self.inner.process_into_buffer(&input, &mut output, Some(&Indexing::new()));
            let (_, length) = done.map_err(|error| failed(&error))?;
            at += taken;
            let dropped = self.to_drop.min(length);
            self.to_drop -= dropped;
            let left = usize::try_from(wanted - self.given).unwrap_or(usize::MAX);
            let ready = &self.chunk_out[dropped..length];
            let ready = &ready[..ready.len().min(left)];
            self.given += ready.len() as u64;
            out.extend_from_slice(ready);
        }
        self.waiting.drain(..at);
        Ok(())
    }
}

fn refused(from: u32, to: u32, reason: &str) -> Error {
    Error::InvalidParameter {
        name: "rate",
        given: format!("{from} to {to} Hz ({reason})"),
        allowed: "rates that can be brought to each other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resampled(samples: &[f32], from: u32, to: u32, piece: usize) -> Vec<f32> {
        let (mut out, mut space) = (Vec::new(), Vec::new());
        let mut resampler = Resampler::new(from, to).unwrap();
        for piece in samples.chunks(piece) {
            out.extend_from_slice(resampler.push(piece, &mut space).unwrap());
        }
        resampler.finish(&mut out).unwrap();
        out
    }

    #[test]
    fn a_click_stays_where_it_is_at_every_rate() {
        for from in [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000] {
            let mut samples = vec![0.0; from as usize];
            samples[from as usize / 4] = 1.0;
            let out = resampled(&samples, from, 22_050, 1000);
            assert_eq!(out.len(), 22_050, "{from}");
            let loudest = (0..out.len()).max_by(|&a, &b| out[a].abs().total_cmp(&out[b].abs()));
            let off = loudest.unwrap() as f64 / 22_050.0 - f64::from(from / 4) / f64::from(from);
            assert!(off.abs() < 1e-4, "{from} Hz: {off}");
        }
    }

    #[test]
    fn the_size_of_the_pieces_does_not_matter() {
        let samples: Vec<f32> = (0..30_000).map(|i| (f64::from(i) * 0.05).sin() as f32).collect();
        let whole = resampled(&samples, 48_000, 22_050, 30_000);
        assert_eq!(whole, resampled(&samples, 48_000, 22_050, 7));
        let tone = |i: usize| (i as f64 * 0.05 * 48_000.0 / 22_050.0).sin() as f32;
        let worst = (2000..12_000).map(|i| (whole[i] - tone(i)).abs()).fold(0.0, f32::max);
        assert!(worst < 0.06, "half a sample is 0.054 here: {worst}");
    }

    #[test]
    fn nothing_stays_nothing() {
        assert!(resampled(&[], 44_100, 22_050, 1).is_empty());
        assert_eq!(resampled(&[0.5], 44_100, 22_050, 1).len(), 1);
    }
}
