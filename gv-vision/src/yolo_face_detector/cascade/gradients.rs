//! What the perceptrons see of a window: sums of its gradients in patches of two by two cells.
//!
//! After the speeded-up robust features of Li, Wang and Zhang, *Face detection using SURF cascade* (2011): gradients
//! across and down and their sizes, parted by the sign of the other gradient, eight sums for each cell.

use super::WINDOW;
use crate::simd::{Isa, kernel};

/// Sums for each cell.
const CHANNELS: usize = 8;
/// Numbers of one patch: four cells.
pub(super) const PATCH: usize = 4 * CHANNELS;
/// Least side of a patch and the step between two of them.
const SIDE: usize = 16;

/// A patch: left, upper edge, width and height in pixels of the window.
type Place = (usize, usize, usize, usize);

/// Sums of gradients over everything left of and above each pixel of a window.
#[derive(Debug)]
pub(super) struct Gradients {
    isa: Isa,
    patches: Vec<Place>,
    sums: Vec<[i32; CHANNELS]>,
}

impl Default for Gradients {
    fn default() -> Self {
        let side = WINDOW + 1;
        Self { isa: Isa::detect(), patches: patches(), sums: vec![[0; CHANNELS]; side * side] }
    }
}

/// Every patch of the five shapes, in the order by which the model numbers them.
fn patches() -> Vec<Place> {
    let mut places = Vec::new();
    for (across, down) in [(1, 1), (1, 2), (2, 1), (2, 3), (3, 2)] {
        for height in (SIDE..=WINDOW).filter(|height| height % 2 == 0 && height % down == 0) {
            let width = height / down * across;
            if width % 2 != 0 || !(SIDE..=WINDOW).contains(&width) {
                continue;
            }
            for y in (0..=WINDOW - height).step_by(SIDE) {
                places.extend((0..=WINDOW - width).step_by(SIDE).map(|x| (x, y, width, height)));
            }
        }
    }
    places
}

/// Which channels a pixel counts to: the gradient across by the sign of the one down, and the other way round.
const PARTS: [[i32; CHANNELS]; 4] = {
    const fn part(across_is_negative: bool, down_is_negative: bool) -> [i32; CHANNELS] {
        let (a, d) = (-(across_is_negative as i32), -(down_is_negative as i32));
        [!d, !d, d, d, !a, !a, a, a]
    }
    [part(false, false), part(true, false), part(false, true), part(true, true)]
};

kernel! {
    fn sum_up(window: &[u8; WINDOW * WINDOW], sums: &mut [[i32; CHANNELS]]) {
        let row_of = |y: usize| &window.as_chunks::<WINDOW>().0[y];
        let (mut across, mut down) = ([0_i32; WINDOW], [0_i32; WINDOW]);
        for y in 0..WINDOW {
            let (low, high) = (y.saturating_sub(1), (y + 1).min(WINDOW - 1));
            let (row, above, below) = (row_of(y), row_of(low), row_of(high));
            // At the edges, the one-sided difference counts twice.
            let twice = if high - low == 2 { 1 } else { 2 };
            for x in 0..WINDOW {
                down[x] = twice * (i32::from(below[x]) - i32::from(above[x]));
            }
            for x in 1..WINDOW - 1 {
                across[x] = i32::from(row[x + 1]) - i32::from(row[x - 1]);
            }
            across[0] = 2 * (i32::from(row[1]) - i32::from(row[0]));
            across[WINDOW - 1] = 2 * (i32::from(row[WINDOW - 1]) - i32::from(row[WINDOW - 2]));

            let (before, out) = sums[y * (WINDOW + 1)..][..2 * (WINDOW + 1)].split_at_mut(WINDOW + 1);
            let mut line = [0_i32; CHANNELS];
            for x in 0..WINDOW {
                let (dx, dy) = (across[x], down[x]);
                let parts = &PARTS[usize::from(dx < 0) + 2 * usize::from(dy < 0)];
                let values = [dx, dx.abs(), dx, dx.abs(), dy, dy.abs(), dy, dy.abs()];
                for channel in 0..CHANNELS {
                    line[channel] += values[channel] & parts[channel];
                    out[x + 1][channel] = before[x + 1][channel] + line[channel];
                }
            }
        }
    }
}

impl Gradients {
    /// Number of patches.
    pub(super) fn patches() -> usize {
        patches().len()
    }

    /// Sums up the gradients of a window, row by row.
    pub(super) fn compute(&mut self, window: &[u8; WINDOW * WINDOW]) {
        sum_up(self.isa, window, &mut self.sums);
    }

    /// The numbers of a patch, brought to length one; zeros where there is no gradient.
    pub(super) fn patch(&self, number: usize, out: &mut [f32]) {
        let Some(&(left, top, width, height)) = self.patches.get(number) else { return };
        let (width, height) = (width / 2, height / 2);
        let sum = |x: usize, y: usize| &self.sums[y * (WINDOW + 1) + x];
        let mut squares = 0.0_f64;
        for (cell, out) in out.chunks_exact_mut(CHANNELS).enumerate() {
            let (x, y) = (left + cell % 2 * width, top + cell / 2 * height);
            let corners =
                [sum(x + width, y + height), sum(x, y), sum(x + width, y), sum(x, y + height)];
            for (channel, out) in out.iter_mut().enumerate() {
                let [whole, corner, right, below] = corners.map(|corner| corner[channel]);
                let value = f64::from(whole + corner - right - below);
                squares += value * value;
                *out = value as f32;
            }
        }
        if squares > 0.0 {
            let length = squares.sqrt() as f32;
            out.iter_mut().for_each(|value| *value /= length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_a_patch_are_those_of_the_plain_definition() {
        let mut window = [0; WINDOW * WINDOW];
        for (at, pixel) in window.iter_mut().enumerate() {
            *pixel = (at * 37 % 251) as u8;
        }
        let mut gradients = Gradients::default();
        gradients.compute(&window);
        let (left, top, width, height) = gradients.patches[5];
        let mut out = [0.0; PATCH];
        gradients.patch(5, &mut out);
        let pixel = |x: usize, y: usize| i32::from(window[y * WINDOW + x]);
        let edge = |low: i32, middle: i32, high: i32, at: usize| match at {
            0 => 2 * (high - middle),
            39 => 2 * (middle - low),
            _ => high - low,
        };
        let mut expected = [0.0_f64; PATCH];
        for y in top..top + height {
            for x in left..left + width {
                let (l, r) = (x.saturating_sub(1), (x + 1).min(39));
                let (u, d) = (y.saturating_sub(1), (y + 1).min(39));
                let dx = edge(pixel(l, y), pixel(x, y), pixel(r, y), x);
                let dy = edge(pixel(x, u), pixel(x, y), pixel(x, d), y);
                let cell = (x - left) / (width / 2) + 2 * ((y - top) / (height / 2));
                let base = cell * CHANNELS;
                let (down, right) = (2 * usize::from(dy < 0), 2 * usize::from(dx < 0));
                expected[base + down] += f64::from(dx);
                expected[base + down + 1] += f64::from(dx.abs());
                expected[base + 4 + right] += f64::from(dy);
                expected[base + 5 + right] += f64::from(dy.abs());
            }
        }
        let length = expected.iter().map(|value| value * value).sum::<f64>().sqrt();
        for (given, expected) in out.iter().zip(expected) {
            assert!((f64::from(*given) - expected / length).abs() < 1e-5);
        }
    }

    #[test]
    fn a_flat_window_has_no_gradient() {
        let mut gradients = Gradients::default();
        gradients.compute(&[90; WINDOW * WINDOW]);
        let mut out = [1.0; PATCH];
        gradients.patch(0, &mut out);
        assert_eq!(out, [0.0; PATCH]);
    }
}
