//! The area filter: exact means over source areas, in integers.

use crate::simd::{Isa, kernel};
use std::ops::{AddAssign, Mul};

/// Averages areas of a picture of `channels` interleaved bytes a pixel.
///
/// An output pixel's area rarely ends at a source pixel's edge. Lengths are therefore counted in the
/// unit in which both grids are whole numbers: with `n / m` the reduced ratio of source to target
/// length, a source pixel is `m` units long and an output pixel `n`. The sums are exact.
#[derive(Debug, Default)]
pub(super) struct AreaFilter {
    source: (usize, usize),
    target: (usize, usize),
    channels: usize,
    columns: Axis,
    rows: Axis,
    sums: Vec<u32>,
}

impl AreaFilter {
    /// Sets the sizes (width, height); cheap where they are those of the call before.
    pub(super) fn prepare(
        &mut self,
        source: (usize, usize),
        target: (usize, usize),
        channels: usize,
    ) {
        if (self.source, self.target, self.channels) != (source, target, channels) {
            self.columns = Axis::new(source.0, target.0);
            self.rows = Axis::new(source.1, target.1);
            (self.source, self.target, self.channels) = (source, target, channels);
        }
    }

    /// Fills `out` (target size) from `source` (source size).
    pub(super) fn apply(&mut self, source: &[u8], out: &mut [u8]) {
        let stride = self.source.0 * self.channels;
        let out_stride = self.target.0 * self.channels;
        if stride == 0 || out_stride == 0 {
            return;
        }
        if self.source == self.target {
            out.copy_from_slice(source);
            return;
        }
        let isa = Isa::detect();
        let area = u64::from(self.columns.units) * u64::from(self.rows.units);
        let narrow = area <= u64::from(u32::MAX / 255);
        self.sums.resize(stride, 0);
        for (row, out) in out.chunks_exact_mut(out_stride).enumerate() {
            let (first, weights) = self.rows.window(row);
            let rows = source[first * stride..].chunks_exact(stride).zip(weights);
            for (number, (row, &weight)) in rows.filter(|(_, weight)| **weight > 0).enumerate() {
                let weigh = if number == 0 { set_weighted } else { add_weighted };
                weigh(isa, &mut self.sums, row, weight);
            }
            let (columns, sums, scale) = (&self.columns, &self.sums[..], 1.0 / area as f64);
            match (self.channels, narrow) {
                (1, true) => columns.average_narrow(isa, sums, scale, out),
                (1, false) => columns.average::<1, u64>(sums, |total| total as f64 * scale, out),
                (_, true) => columns.average::<3, u32>(sums, |total| f64::from(total) * scale, out),
                (_, false) => columns.average::<3, u64>(sums, |total| total as f64 * scale, out),
            }
        }
    }
}

kernel! {
    fn set_weighted(sums: &mut [u32], row: &[u8], weight: u32) {
        for (sum, &value) in sums.iter_mut().zip(row) {
            *sum = u32::from(value) * weight;
        }
    }
}

kernel! {
    fn add_weighted(sums: &mut [u32], row: &[u8], weight: u32) {
        for (sum, &value) in sums.iter_mut().zip(row) {
            *sum += u32::from(value) * weight;
        }
    }
}

/// What one direction of the filter does.
///
/// Every output pixel looks at a window of `taps` source pixels; those that it does not cover have weight 0.
#[derive(Debug, Default)]
struct Axis {
    firsts: Vec<usize>,
    weights: Vec<u32>,
    taps: usize,
    units: u32,
}

impl Axis {
    fn new(source: usize, target: usize) -> Self {
        let divisor = gcd(source, target).max(1);
        let (out_units, in_units) = (source / divisor, target / divisor);
        let span = |index: usize| {
            (index * out_units / in_units, ((index + 1) * out_units).div_ceil(in_units))
        };
        let taps = (0..target).map(|i| span(i).1 - span(i).0).max().unwrap_or(0);
        let firsts: Vec<usize> = (0..target).map(|i| span(i).0.min(source - taps)).collect();
        let mut weights = Vec::with_capacity(target * taps);
        for (index, first) in firsts.iter().enumerate() {
            let (start, end) = (index * out_units, (index + 1) * out_units);
            weights.extend((*first..first + taps).map(|i| {
                let covered = end.min((i + 1) * in_units);
                covered.saturating_sub(start.max(i * in_units)) as u32
            }));
        }
        Self { firsts, weights, taps, units: out_units as u32 }
    }

    fn window(&self, index: usize) -> (usize, &[u32]) {
        (self.firsts[index], &self.weights[index * self.taps..][..self.taps])
    }

    fn average_narrow(&self, isa: Isa, sums: &[u32], scale: f64, out: &mut [u8]) {
        let whole = self.taps == self.units as usize;
        match (whole, self.taps) {
            (true, 2) => average_whole::<2>(isa, sums, scale, out),
            (true, 3) => average_whole::<3>(isa, sums, scale, out),
            (true, 4) => average_whole::<4>(isa, sums, scale, out),
            (true, 6) => average_whole::<6>(isa, sums, scale, out),
            (true, 12) => average_whole::<12>(isa, sums, scale, out),
            (_, 2) => self.average_taps::<2>(sums, scale, out),
            (_, 3) => self.average_taps::<3>(sums, scale, out),
            (_, 4) => self.average_taps::<4>(sums, scale, out),
            (_, 5) => self.average_taps::<5>(sums, scale, out),
            _ => self.average::<1, u32>(sums, |total| f64::from(total) * scale, out),
        }
    }

    fn average_taps<const TAPS: usize>(&self, sums: &[u32], scale: f64, out: &mut [u8]) {
        let windows = self.firsts.iter().zip(self.weights.as_chunks::<TAPS>().0);
        for ((&first, weights), out) in windows.zip(out) {
            let parts = sums[first..first + TAPS].iter().zip(weights);
            let total = parts.map(|(sum, weight)| sum * weight).sum::<u32>();
            *out = (f64::from(total) * scale + 0.5) as u8;
        }
    }

    fn average<const CHANNELS: usize, T>(
        &self,
        sums: &[u32],
        mean: impl Fn(T) -> f64,
        out: &mut [u8],
    ) where
        T: Copy + From<u32> + Mul<Output = T> + AddAssign,
    {
        for (index, out) in out.chunks_exact_mut(CHANNELS).enumerate() {
            let (first, weights) = self.window(index);
            let sums = &sums[first * CHANNELS..][..self.taps * CHANNELS];
            let mut totals = [T::from(0); CHANNELS];
            for (sums, &weight) in sums.chunks_exact(CHANNELS).zip(weights) {
                for (total, &sum) in totals.iter_mut().zip(sums) {
                    *total += T::from(sum) * T::from(weight);
                }
            }
            for (out, total) in out.iter_mut().zip(totals) {
                *out = (mean(total) + 0.5) as u8;
            }
        }
    }
}

kernel! {
    /// The means of `N` whole source pixels each: the case of common picture widths.
    fn average_whole[const N: usize](sums: &[u32], scale: f64, out: &mut [u8]) {
        for (sums, out) in sums.as_chunks::<N>().0.iter().zip(out) {
            *out = (f64::from(sums.iter().sum::<u32>()) * scale + 0.5) as u8;
        }
    }
}

fn gcd(mut a: usize, mut b: usize) -> usize {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filtered(source: &[u8], from: (usize, usize), to: (usize, usize)) -> Vec<u8> {
        let mut filter = AreaFilter::default();
        filter.prepare(from, to, 1);
        let mut out = vec![0; to.0 * to.1];
        filter.apply(source, &mut out);
        out
    }

    #[test]
    fn a_whole_factor_gives_plain_means() {
        assert_eq!(filtered(&[0, 2, 100, 104, 4, 6, 102, 106], (4, 2), (2, 1)), [3, 103]);
    }

    #[test]
    fn a_pixel_on_the_edge_counts_in_part_on_both_sides() {
        assert_eq!(filtered(&[0, 90, 240], (3, 1), (2, 1)), [30, 190]);
    }

    #[test]
    fn an_enlarged_picture_repeats_its_pixels() {
        assert_eq!(filtered(&[10, 20], (2, 1), (4, 2)), [10, 10, 20, 20, 10, 10, 20, 20]);
    }

    #[test]
    fn areas_beyond_32_bits_are_summed_in_64() {
        let (width, height) = (4099, 4111);
        let source: Vec<u8> = (0..width * height).map(|i| (i % 256) as u8).collect();
        let mean = source.iter().map(|&v| u64::from(v)).sum::<u64>() as f64 / source.len() as f64;
        assert_eq!(filtered(&source, (width, height), (1, 1)), [(mean + 0.5) as u8]);
    }

    proptest! {
        #[test]
        fn doubling_a_picture_first_changes_nothing(
            data in proptest::collection::vec(any::<u8>(), 15 * 9),
            width in 1_usize..15,
            height in 1_usize..9,
        ) {
            let doubled = filtered(&data, (15, 9), (30, 18));
            prop_assert_eq!(
                filtered(&data, (15, 9), (width, height)),
                filtered(&doubled, (30, 18), (width, height))
            );
        }

        #[test]
        fn a_mean_stays_between_the_extremes(
            data in proptest::collection::vec(any::<u8>(), 20 * 11),
            width in 1_usize..20,
            height in 1_usize..11,
        ) {
            let (low, high) = (*data.iter().min().unwrap(), *data.iter().max().unwrap());
            let out = filtered(&data, (20, 11), (width, height));
            prop_assert!(out.iter().all(|&v| (low..=high).contains(&v)));
        }
    }
}
