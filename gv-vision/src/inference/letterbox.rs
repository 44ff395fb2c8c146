//! A picture brought to a network's input size, and its boxes back to the picture.

use super::{BoxF, Tensor};
use crate::simd::{Isa, kernel};
use crate::{Error, Result, check_pixels};

/// How a picture is brought to the input's size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fit {
    /// Stretched to the whole input.
    Stretch,
    /// Shape kept, at the top left, the rest filled with this value.
    TopLeft(f32),
    /// As [`TopLeft`](Self::TopLeft), but a picture smaller than the input keeps its size: detail that enlarging would
    /// invent is not looked at.
    NoLarger(f32),
    /// Shape kept, in the middle, the rest filled with this value.
    Middle(f32),
}

/// Where a picture lies inside of a network's input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Letterbox {
    source: (usize, usize),
    input: (usize, usize),
    inner: (usize, usize),
    offset: (usize, usize),
    fill: f32,
}

impl Letterbox {
    /// Places a picture of `source` size (width, height) in an input of `input` size.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] where a size is zero.
    pub fn new(source: (usize, usize), input: (usize, usize), fit: Fit) -> Result<Self> {
        check_pixels(source.0, source.1)?;
        check_pixels(input.0, input.1)?;
        let most = if matches!(fit, Fit::NoLarger(_)) { 1.0 } else { f64::INFINITY };
        let scale =
            (input.0 as f64 / source.0 as f64).min(input.1 as f64 / source.1 as f64).min(most);
        let fitted =
            |side: usize, most: usize| ((side as f64 * scale).round() as usize).clamp(1, most);
        let shaped = (fitted(source.0, input.0), fitted(source.1, input.1));
        let (inner, offset, fill) = match fit {
            Fit::Stretch => (input, (0, 0), 0.0),
            Fit::TopLeft(fill) | Fit::NoLarger(fill) => (shaped, (0, 0), fill),
            Fit::Middle(fill) => {
                (shaped, ((input.0 - shaped.0) / 2, (input.1 - shaped.1) / 2), fill)
            }
        };
        Ok(Self { source, input, inner, offset, fill })
    }

    /// The place in the picture of a place in the input, both in pixels.
    pub fn to_source(&self, x: f32, y: f32) -> (f32, f32) {
        let (across, down) = self.ratio();
        ((x - self.offset.0 as f32) * across, (y - self.offset.1 as f32) * down)
    }

    /// The part of a box in the input that is inside of the picture, in the picture's pixels; `None` where nothing is.
    pub fn box_in_source(&self, found: &BoxF) -> Option<BoxF> {
        let (x, y) = self.to_source(found.x, found.y);
        let (right, bottom) = self.to_source(found.x + found.width, found.y + found.height);
        BoxF { x, y, width: right - x, height: bottom - y, ..*found }.inside(self.source)
    }

    /// Source pixels per input pixel, across and down.
    pub fn ratio(&self) -> (f32, f32) {
        let across = self.source.0 as f32 / self.inner.0 as f32;
        (across, self.source.1 as f32 / self.inner.1 as f32)
    }

    /// The input tensor `[1, 3, height, width]` of interleaved pixels of three channels, `value * scale + shift` each; the
    /// last channel comes first where `swapped` is set.
    ///
    /// # Errors
    ///
    /// [`Error::BufferSize`] where `pixels` are not of the source's size.
    pub fn tensor(&self, pixels: &[u8], swapped: bool, scale: f32, shift: f32) -> Result<Tensor> {
        let (width, height) = self.source;
        let needed = width.saturating_mul(height).saturating_mul(3);
        if pixels.len() != needed {
            let given = pixels.len();
            return Err(Error::BufferSize { what: "picture", given, needed, width, height });
        }
        let isa = Isa::detect();
        let columns = Taps::new(width, self.inner.0);
        let rows = Taps::new(height, self.inner.1);
        let plane = self.input.0 * self.input.1;
        let mut data = vec![self.fill * scale + shift; plane * 3];
        let mut blended = vec![0.0_f32; width * 3];
        let mut channels = blended.clone();
        for y in 0..self.inner.1 {
            blended.fill(0.0);
            let (first, weights) = rows.window(y);
            for (row, &weight) in pixels[first * width * 3..].chunks_exact(width * 3).zip(weights) {
                add_row(isa, row, weight, &mut blended);
            }
            part_channels(isa, &blended, &mut channels);
            let start = (y + self.offset.1) * self.input.0 + self.offset.0;
            for (channel, row) in channels.chunks_exact(width).enumerate() {
                let channel = if swapped { 2 - channel } else { channel };
                let out = &mut data[channel * plane + start..][..self.inner.0];
                columns.sum_along(isa, row, (scale, shift), out);
            }
        }
        Tensor::new(vec![1, 3, self.input.1, self.input.0], data)
    }
}

kernel! {
    /// Adds a row, `weight` times, to `sums`.
    fn add_row(row: &[u8], weight: f32, sums: &mut [f32]) {
        for (sum, &value) in sums.iter_mut().zip(row) {
            *sum += f32::from(value) * weight;
        }
    }
}

kernel! {
    /// Puts one channel of interleaved values after the other.
    fn part_channels(values: &[f32], channels: &mut [f32]) {
        let pixels = values.as_chunks::<3>().0;
        let (first, rest) = channels.split_at_mut(pixels.len());
        let (second, third) = rest.split_at_mut(pixels.len());
        for (((pixel, first), second), third) in pixels.iter().zip(first).zip(second).zip(third) {
            (*first, *second, *third) = (pixel[0], pixel[1], pixel[2]);
        }
    }
}

/// Which source samples make a target sample, and with which weights: linear interpolation, widened where the picture
/// shrinks so that every source sample counts.
struct Taps {
    firsts: Vec<usize>,
    weights: Vec<f32>,
    /// Weights of each target sample.
    count: usize,
}

impl Taps {
    fn new(source: usize, target: usize) -> Self {
        let step = source as f64 / target as f64;
        let reach = step.max(1.0);
        let tap = |at: usize| {
            let middle = (at as f64 + 0.5) * step - 0.5;
            let first = (middle - reach).floor().max(0.0) as usize;
            let last = ((middle + reach).ceil().max(0.0) as usize).min(source - 1);
            let weight = move |s: usize| (1.0 - (s as f64 - middle).abs() / reach).max(0.0);
            let counts = |&s: &usize| weight(s) > 1e-9;
            let start = (first..=last).find(counts).unwrap_or(first);
            let end = (first..=last).rfind(counts).unwrap_or(last) + 1;
            let sum: f64 = (first..=last).map(weight).sum();
            (start..end, move |s: usize| (weight(s) / sum) as f32)
        };
        let count = (0..target).map(|at| tap(at).0.len()).max().unwrap_or(1);
        let (mut firsts, mut weights) = (Vec::with_capacity(target), Vec::new());
        for (counted, weight) in (0..target).map(tap) {
            let first = counted.start.min(source - count);
            let of = |s: usize| if counted.contains(&s) { weight(s) } else { 0.0 };
            weights.extend((first..first + count).map(of));
            firsts.push(first);
        }
        Self { firsts, weights, count }
    }

    /// The first source sample of a target sample, and the weights from there on.
    fn window(&self, at: usize) -> (usize, &[f32]) {
        (self.firsts[at], &self.weights[at * self.count..][..self.count])
    }

    /// The weighted sums of `row`, each times the first and plus the second number of `map`.
    fn sum_along(&self, isa: Isa, row: &[f32], map: (f32, f32), out: &mut [f32]) {
        match self.count {
            1 if row.len() == out.len() => map_row(isa, row, map, out),
            2 => sum_taps::<2>(isa, row, &self.firsts, &self.weights, map, out),
            3 => sum_taps::<3>(isa, row, &self.firsts, &self.weights, map, out),
            4 => sum_taps::<4>(isa, row, &self.firsts, &self.weights, map, out),
            _ => {
                for (at, out) in out.iter_mut().enumerate() {
                    let (first, weights) = self.window(at);
                    let terms =
                        row[first..].iter().zip(weights).map(|(value, weight)| value * weight);
                    *out = terms.sum::<f32>() * map.0 + map.1;
                }
            }
        }
    }
}

kernel! {
    fn map_row(row: &[f32], map: (f32, f32), out: &mut [f32]) {
        for (out, value) in out.iter_mut().zip(row) {
            *out = value * map.0 + map.1;
        }
    }
}

kernel! {
    fn sum_taps[const N: usize](
        row: &[f32],
        firsts: &[usize],
        weights: &[f32],
        map: (f32, f32),
        out: &mut [f32],
    ) {
        for ((out, &first), weights) in out.iter_mut().zip(firsts).zip(weights.as_chunks::<N>().0) {
            let values = &row[first..first + N];
            let mut sum = 0.0;
            for tap in 0..N {
                sum += values[tap] * weights[tap];
            }
            *out = sum * map.0 + map.1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_of_the_inputs_size_is_copied_channel_by_channel() {
        let fit = Letterbox::new((2, 1), (2, 1), Fit::Stretch).unwrap();
        let tensor = fit.tensor(&[1, 2, 3, 4, 5, 6], false, 1.0, 0.0).unwrap();
        assert_eq!(tensor.data(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        let tensor = fit.tensor(&[1, 2, 3, 4, 5, 6], true, 1.0, 0.0).unwrap();
        assert_eq!(tensor.data(), [3.0, 6.0, 2.0, 5.0, 1.0, 4.0]);
    }

    #[test]
    fn a_flat_picture_stays_flat_and_the_rest_is_filled() {
        let fit = Letterbox::new((50, 20), (10, 10), Fit::Middle(114.0)).unwrap();
        let tensor = fit.tensor(&[200; 3000], false, 1.0, 0.0).unwrap();
        assert_eq!(tensor.data()[0], 114.0);
        assert!(tensor.data()[30..70].iter().all(|value| (value - 200.0).abs() < 1e-3));
    }

    #[test]
    fn a_small_picture_keeps_its_size_where_it_must_not_grow() {
        let fit = Letterbox::new((2, 1), (4, 4), Fit::NoLarger(0.0)).unwrap();
        let tensor = fit.tensor(&[9; 6], false, 1.0, 0.0).unwrap();
        assert_eq!(tensor.data()[..8], [9.0, 9.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(fit.to_source(1.0, 1.0), (1.0, 1.0));
    }

    #[test]
    fn places_come_back_to_the_picture() {
        let fit = Letterbox::new((1920, 1080), (640, 640), Fit::Middle(0.0)).unwrap();
        assert_eq!(fit.to_source(0.0, 140.0), (0.0, 0.0));
        assert_eq!(fit.to_source(640.0, 500.0), (1920.0, 1080.0));
    }

    #[test]
    fn a_picture_without_pixels_is_refused() {
        assert!(Letterbox::new((0, 5), (10, 10), Fit::Stretch).is_err());
        assert!(Letterbox::new((100_000, 1), (10, 10), Fit::TopLeft(0.0)).is_ok());
    }
}
