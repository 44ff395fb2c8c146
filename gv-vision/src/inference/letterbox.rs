//! A picture brought to a network's input size, and its boxes back to the picture.

use super::{BoxF, Tensor};
use crate::{Error, Result};

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
        if [source.0, source.1, input.0, input.1].contains(&0) {
            return Err(Error::InvalidParameter {
                name: "picture",
                given: format!("{}x{} pixels", source.0, source.1),
                allowed: "at least one pixel",
            });
        }
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

    /// The input tensor `[1, 3, height, width]` of interleaved RGB pixels, `value * scale + shift`
    /// each; blue comes first where `bgr` is set.
    ///
    /// # Errors
    ///
    /// [`Error::BufferSize`] where `rgb` is not of the source's size.
    pub fn tensor(&self, rgb: &[u8], bgr: bool, scale: f32, shift: f32) -> Result<Tensor> {
        let (width, height) = self.source;
        let needed = width.saturating_mul(height).saturating_mul(3);
        if rgb.len() != needed {
            let given = rgb.len();
            return Err(Error::BufferSize { what: "picture", given, needed, width, height });
        }
        let (columns, rows) = (taps(width, self.inner.0), taps(height, self.inner.1));
        let plane = self.input.0 * self.input.1;
        let mut data = vec![self.fill * scale + shift; plane * 3];
        let mut blended = vec![0.0_f32; width * 3];
        for (y, (first, weights)) in rows.iter().enumerate() {
            blended.fill(0.0);
            for (row, weight) in rgb[first * width * 3..].chunks_exact(width * 3).zip(weights) {
                for (sum, &value) in blended.iter_mut().zip(row) {
                    *sum += f32::from(value) * weight;
                }
            }
            let start = (y + self.offset.1) * self.input.0 + self.offset.0;
            for (x, (first, weights)) in columns.iter().enumerate() {
                let mut sums = [0.0_f32; 3];
                for (pixel, weight) in blended[first * 3..].chunks_exact(3).zip(weights) {
                    for (sum, value) in sums.iter_mut().zip(pixel) {
                        *sum += value * weight;
                    }
                }
                for (channel, sum) in sums.iter().enumerate() {
                    let channel = if bgr { 2 - channel } else { channel };
                    data[channel * plane + start + x] = sum * scale + shift;
                }
            }
        }
        Tensor::new(vec![1, 3, self.input.1, self.input.0], data)
    }
}

/// For each target sample the first source sample and the weights from there on: linear
/// interpolation, widened where the picture shrinks so that every source sample counts.
fn taps(source: usize, target: usize) -> Vec<(usize, Vec<f32>)> {
    let step = source as f64 / target as f64;
    let reach = step.max(1.0);
    let tap = |at: usize| {
        let middle = (at as f64 + 0.5) * step - 0.5;
        let first = (middle - reach).floor().max(0.0) as usize;
        let last = ((middle + reach).ceil().max(0.0) as usize).min(source - 1);
        let weights = (first..=last).map(|s| (1.0 - (s as f64 - middle).abs() / reach).max(0.0));
        let weights: Vec<f64> = weights.collect();
        let sum: f64 = weights.iter().sum();
        let counts = |weight: &f64| *weight > 1e-9;
        let start = weights.iter().position(counts).unwrap_or(0);
        let end = weights.iter().rposition(counts).map_or(weights.len(), |last| last + 1);
        let counted = weights[start..end].iter();
        (first + start, counted.map(|weight| (weight / sum) as f32).collect())
    };
    (0..target).map(tap).collect()
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
