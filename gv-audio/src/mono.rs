//! Mono sound, kept in two bytes a sample.

use crate::lanes;
use crate::simd::kernel;
use std::ops::Range;

/// Samples of a block.
const BLOCK: usize = 1024;
/// Steps of a block on either side of zero.
const STEPS: f32 = 32_768.0;
/// Largest sample from which on a block is more than silence.
const NOTHING: f32 = 1e-30;

/// Mono sound in blocks of 16-bit numbers, each with a power of two that its numbers are multiplied by.
///
/// What 16 bits held is kept as it was, anything else to 90 dB below the largest sample of its block.
#[derive(Debug, Default)]
pub(crate) struct Mono {
    values: Vec<i16>,
    /// What the numbers of each block are multiplied by.
    scales: Vec<f32>,
    /// Samples that do not fill a block yet.
    waiting: Vec<f32>,
    sum: f64,
    /// The constant offset of the sound, which would begin with a step.
    offset: f32,
}

impl Mono {
    /// Sound of these samples and no more.
    #[cfg(test)]
    pub(crate) fn of(samples: &[f32]) -> Self {
        let mut mono = Self::default();
        mono.push(samples);
        mono.end();
        mono
    }

    /// Number of samples in whole blocks; of all of them once the sound has ended.
    pub(crate) const fn len(&self) -> usize {
        self.values.len()
    }

    /// Appends samples.
    pub(crate) fn push(&mut self, mut samples: &[f32]) {
        if !self.waiting.is_empty() {
            let missing = (BLOCK - self.waiting.len()).min(samples.len());
            self.waiting.extend_from_slice(&samples[..missing]);
            samples = &samples[missing..];
            if self.waiting.len() < BLOCK {
                return;
            }
            let waiting = std::mem::take(&mut self.waiting);
            self.keep(&waiting);
            self.waiting = waiting;
            self.waiting.clear();
        }
        let (blocks, rest) = samples.as_chunks::<BLOCK>();
        blocks.iter().for_each(|block| self.keep(block));
        self.waiting.extend_from_slice(rest);
    }

    /// Ends the sound, and takes its offset off.
    pub(crate) fn end(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        if !waiting.is_empty() {
            self.keep(&waiting);
        }
        self.offset = (self.sum / self.len().max(1) as f64) as f32;
    }

    fn keep(&mut self, block: &[f32]) {
        let scale = power_from(lanes::largest(block).max(NOTHING)) / STEPS;
        self.sum += f64::from(lanes::sum(block));
        self.scales.push(scale);
        let first = self.values.len();
        self.values.resize(first + block.len(), 0);
        pack(block, 1.0 / scale, &mut self.values[first..]);
    }

    /// Puts the samples of a range that lie within the sound in place of what `out` holds.
    pub(crate) fn read(&self, range: Range<usize>, out: &mut Vec<f32>) {
        let last = range.end.min(self.len());
        let mut at = range.start.min(last);
        out.resize(last - at, 0.0);
        let mut out = &mut out[..];
        while at < last {
            let length = (BLOCK - at % BLOCK).min(last - at);
            let (now, later) = out.split_at_mut(length);
            unpack(&self.values[at..at + length], self.scales[at / BLOCK], self.offset, now);
            (out, at) = (later, at + length);
        }
    }
}

/// The smallest power of two that is not below a positive number.
fn power_from(value: f32) -> f32 {
    let power = f32::from_bits(value.to_bits() & 0x7f80_0000);
    if power < value { 2.0 * power } else { power }
}

kernel! {
    fn pack(samples: &[f32], scale: f32, values: &mut [i16]) {
        // A number that this is added to has its nearest whole number in its lowest bits.
        const ROUND: f32 = 12_582_912.0;
        for (value, sample) in values.iter_mut().zip(samples) {
            let steps = (sample * scale).clamp(-STEPS, STEPS - 1.0);
            *value = (steps + ROUND).to_bits() as i16;
        }
    }
}

kernel! {
    fn unpack(values: &[i16], scale: f32, offset: f32, samples: &mut [f32]) {
        for (sample, &value) in samples.iter_mut().zip(values) {
            *sample = f32::from(value) * scale - offset;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mono: &Mono, range: Range<usize>) -> Vec<f32> {
        let mut out = vec![9.0; 3];
        mono.read(range, &mut out);
        out
    }

    #[test]
    fn what_sixteen_bits_held_is_kept_however_it_comes() {
        let sample = |at: i32| f32::from((at * at * 31 % 65_536 - 32_768) as i16) / 32_768.0;
        let samples: Vec<f32> = (0..5000).map(sample).collect();
        let mut pieces = Mono::default();
        samples.chunks(700).for_each(|piece| pieces.push(piece));
        pieces.end();
        for mono in [Mono::of(&samples), pieces] {
            let offset = mono.offset;
            assert!((f64::from(offset) - mono.sum / 5000.0).abs() < 1e-8);
            let expected: Vec<f32> = samples.iter().map(|sample| sample - offset).collect();
            assert_eq!(read(&mono, 0..5000), expected);
            assert_eq!(read(&mono, 1000..2100), expected[1000..2100]);
            assert_eq!(read(&mono, 4990..6000), expected[4990..]);
            assert!(read(&mono, 6000..7000).is_empty());
        }
    }

    #[test]
    fn sound_of_any_level_is_kept_to_ninety_decibels() {
        for level in [1e-12, 1e-4, 0.3, 1.0, 1e6] {
            let samples: Vec<f32> = (0..3000).map(|at| level * (at as f32 * 0.37).sin()).collect();
            let mono = Mono::of(&samples);
            let kept = read(&mono, 0..3000);
            let off = kept.iter().zip(&samples).map(|(a, b)| (a + mono.offset - b).abs());
            assert!(off.fold(0.0, f32::max) <= 3.2e-5 * level, "{level}");
        }
        assert_eq!(read(&Mono::of(&[0.0; 2000]), 0..2000), [0.0; 2000]);
        assert_eq!(Mono::of(&[]).len(), 0);
    }
}
