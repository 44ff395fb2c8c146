//! The equations that each pixel contributes: `G d = h` for its displacement `d`.

use super::expansion::{PAD, TERMS};
use crate::simd::kernel;

/// Pixels handled together.
pub(super) const LANES: usize = 16;
/// Greatest width and height: beyond it, a 32-bit float does not place a pixel well enough.
pub(super) const MAX_SIDE: usize = 1 << 20;
/// Most neighbours that are read as whole vectors before pixels are looked up one by one.
const MAX_TAPS: usize = 48;
/// Weights of the pixels next to the picture's edge.
const BORDER: [f32; 5] = [0.14, 0.14, 0.4472, 0.4472, 0.4472];

type Lanes = [f32; LANES];

/// Weights by which the equations next to the edge count less.
#[derive(Debug, Clone)]
pub(super) struct EdgeWeights {
    columns: Vec<(bool, f32)>,
    rows: Vec<(bool, f32)>,
}

impl EdgeWeights {
    pub(super) fn new(width: usize, height: usize) -> Self {
        let axis = |length: usize| (0..length).map(|i| edge_weight(i, length)).collect();
        Self { columns: axis(width), rows: axis(height) }
    }

    /// Fills `out` with the weights of the pixels of row `y` from `x` on; whether any of the row's
    /// pixels 5 to width - 6 weighs other than 1.
    pub(super) fn row(&self, y: usize, x: usize, out: &mut [f32]) -> bool {
        let (row_is_near, row) = self.rows[y];
        for (out, &(column_is_near, column)) in out.iter_mut().zip(&self.columns[x..]) {
            *out = if row_is_near || column_is_near { column * row } else { 1.0 };
        }
        row_is_near || self.columns.len() < 10
    }
}

/// Whether position `i` of `length` counts as next to an edge, and its weight along this axis.
///
/// Below a length of 10, most positions near both edges do not count as next to either: OpenCV's
/// unsigned comparison, kept so that the flow of tiny pictures agrees.
fn edge_weight(i: usize, length: usize) -> (bool, f32) {
    let near = (i as u32).wrapping_sub(5) >= (length as u32).wrapping_sub(10);
    let before = BORDER.get(i).copied().unwrap_or(1.0);
    let after = BORDER.get(length - 1 - i).copied().unwrap_or(1.0);
    (near, before * after)
}

/// Where the second picture's coefficients are, and how large it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) data: &'a [f32],
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) stride: usize,
}

kernel! {
    /// Writes the equations of the pixels `x..x + length` of row `y`: `g11`, `g12`, `g22`, `h1`, `h2`,
    /// one slice each.
    ///
    /// `first` is the first picture's row of coefficients; `u`, `v` and `weights` begin at pixel `x` and
    /// are, like the slices of `out`, at least `length` rounded up to [`LANES`] long.
    pub(super) fn equations(
        first: &[f32],
        second: Target<'_>,
        y: usize,
        x: usize,
        length: usize,
        u: &[f32],
        v: &[f32],
        weights: &[f32],
        weigh_all: bool,
        out: [&mut [f32]; TERMS],
    ) {
        let Target { data, width, height, stride } = second;
        let row_len = TERMS * stride;
        let (right, bottom) = (width as i32 - 1, height as i32 - 1);
        for start in (0..length).step_by(LANES) {
            let u: &Lanes = lanes(u, start);
            let v: &Lanes = lanes(v, start);
            let column = x + start;
            let mut fx = [0.0f32; LANES];
            let mut fy = [0.0f32; LANES];
            let mut dx = [0i32; LANES];
            let mut dy = [0i32; LANES];
            let mut inside = [0i32; LANES];
            let valid = (length - start).min(LANES) as i32;
            for i in 0..LANES {
                let here = column as i32 + i as i32;
                let px = within(here as f32 + u[i], -2.0, right as f32 + 2.0);
                let py = within(y as f32 + v[i], -2.0, bottom as f32 + 2.0);
                let ix = floor(px);
                let iy = floor(py);
                fx[i] = px - ix as f32;
                fy[i] = py - iy as f32;
                dx[i] = ix - here;
                dy[i] = iy - y as i32;
                let is_inside = (ix >= 0) & (ix < right) & (iy >= 0) & (iy < bottom);
                inside[i] = -i32::from(is_inside & ((i as i32) < valid));
            }
            let mut low_x = i32::MAX;
            let mut high_x = i32::MIN;
            let mut low_y = i32::MAX;
            let mut high_y = i32::MIN;
            for i in 0..LANES {
                low_x = low_x.min(if inside[i] != 0 { dx[i] } else { i32::MAX });
                high_x = high_x.max(if inside[i] != 0 { dx[i] } else { i32::MIN });
                low_y = low_y.min(if inside[i] != 0 { dy[i] } else { i32::MAX });
                high_y = high_y.max(if inside[i] != 0 { dy[i] } else { i32::MIN });
            }
            let mut r = [[0.0f32; LANES]; TERMS];
            if low_x <= high_x {
                let from = (PAD + column).wrapping_add_signed(low_x as isize);
                let top = y.wrapping_add_signed(low_y as isize) * row_len;
                let taps_x = (high_x - low_x) as usize + 2;
                let taps_y = (high_y - low_y) as usize + 2;
                if taps_x == 2 && taps_y == 2 {
                    let upper = &data[top..top + row_len];
                    let lower = &data[top + row_len..top + 2 * row_len];
                    let taps: [[&Lanes; 4]; TERMS] = std::array::from_fn(|term| {
                        let at = term * stride + from;
                        [lanes(upper, at), lanes(upper, at + 1), lanes(lower, at), lanes(lower, at + 1)]
                    });
                    for i in 0..LANES {
                        let w00 = (1.0 - fx[i]) * (1.0 - fy[i]);
                        let w01 = fx[i] * (1.0 - fy[i]);
                        let w10 = (1.0 - fx[i]) * fy[i];
                        let w11 = fx[i] * fy[i];
                        for term in 0..TERMS {
                            let [p00, p01, p10, p11] = taps[term];
                            r[term][i] = 0.0 + w00 * p00[i] + w01 * p01[i] + w10 * p10[i] + w11 * p11[i];
                        }
                    }
                } else if taps_x * taps_y <= MAX_TAPS {
                    for j in 0..taps_y {
                        let row = &data[top + j * row_len..][..row_len];
                        let mut wy = [0.0f32; LANES];
                        for i in 0..LANES {
                            wy[i] = tap_weight(dy[i] - low_y, j as i32, fy[i]);
                        }
                        for k in 0..taps_x {
                            let taps: [&Lanes; TERMS] =
                                std::array::from_fn(|term| lanes(row, term * stride + from + k));
                            for i in 0..LANES {
                                let weight = tap_weight(dx[i] - low_x, k as i32, fx[i]) * wy[i];
                                for term in 0..TERMS {
                                    r[term][i] += weight * taps[term][i];
                                }
                            }
                        }
                    }
                } else {
                    for i in 0..LANES {
                        if inside[i] == 0 {
                            continue;
                        }
                        let at = (PAD + column + i).wrapping_add_signed(dx[i] as isize);
                        let upper = &data[y.wrapping_add_signed(dy[i] as isize) * row_len..][..2 * row_len];
                        let w00 = (1.0 - fx[i]) * (1.0 - fy[i]);
                        let w01 = fx[i] * (1.0 - fy[i]);
                        let w10 = (1.0 - fx[i]) * fy[i];
                        let w11 = fx[i] * fy[i];
                        for term in 0..TERMS {
                            let a = &upper[term * stride + at..][..2];
                            let b = &upper[row_len + term * stride + at..][..2];
                            r[term][i] = 0.0 + w00 * a[0] + w01 * a[1] + w10 * b[0] + w11 * b[1];
                        }
                    }
                }
            }
            let q: [&Lanes; TERMS] =
                std::array::from_fn(|term| lanes(first, term * stride + PAD + column));
            let weights: &Lanes = lanes(weights, start);
            let weigh = weigh_all || column < 5 || column + LANES + 5 > width;
            let mut m = [[0.0f32; LANES]; TERMS];
            for i in 0..LANES {
                let is_inside = inside[i] != 0;
                let by = (q[0][i] - if is_inside { r[0][i] } else { 0.0 }) * 0.5;
                let bx = (q[1][i] - if is_inside { r[1][i] } else { 0.0 }) * 0.5;
                let ayy = (q[2][i] + if is_inside { r[2][i] } else { q[2][i] }) * 0.5;
                let axx = (q[3][i] + if is_inside { r[3][i] } else { q[3][i] }) * 0.5;
                let axy = (q[4][i] + if is_inside { r[4][i] } else { q[4][i] }) * 0.25;
                let by = by + (ayy * v[i] + axy * u[i]);
                let bx = bx + (axy * v[i] + axx * u[i]);
                let weight = if weigh { weights[i] } else { 1.0 };
                let (by, bx) = (by * weight, bx * weight);
                let (ayy, axx, axy) = (ayy * weight, axx * weight, axy * weight);
                m[0][i] = ayy * ayy + axy * axy;
                m[1][i] = (ayy + axx) * axy;
                m[2][i] = axx * axx + axy * axy;
                m[3][i] = ayy * by + axy * bx;
                m[4][i] = axy * by + axx * bx;
            }
            for term in 0..TERMS {
                out[term][start..][..LANES].copy_from_slice(&m[term]);
            }
        }
    }
}

/// The lanes of `values` from `start` on.
#[inline(always)]
pub(super) fn lanes(values: &[f32], start: usize) -> &Lanes {
    &values[start..start + LANES].as_chunks().0[0]
}

/// `value` between `least` and `most`; `least` for NaN.
#[inline(always)]
fn within(value: f32, least: f32, most: f32) -> f32 {
    let value = if value > least { value } else { least };
    if value < most { value } else { most }
}

/// The greatest whole number not above `value`, which is below [`MAX_SIDE`] in magnitude.
///
/// Adding 1.5 * 2^23 leaves the nearest whole number in the low bits; conversion instructions of several
/// processors differ where a number does not fit, and the language's check for it does not vectorise.
#[inline(always)]
fn floor(value: f32) -> i32 {
    const SHIFT: f32 = 12_582_912.0;
    let shifted = value + SHIFT;
    let nearest = shifted.to_bits() as i32 - SHIFT.to_bits() as i32;
    nearest - i32::from(shifted - SHIFT > value)
}

/// Weight of neighbour `tap` for a pixel that lies `fraction` behind neighbour `offset`.
#[inline(always)]
fn tap_weight(offset: i32, tap: i32, fraction: f32) -> f32 {
    if offset == tap {
        1.0 - fraction
    } else if offset == tap - 1 {
        fraction
    } else {
        0.0
    }
}
