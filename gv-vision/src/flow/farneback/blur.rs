//! Sums of the equations over the window around each pixel, and their solution.

use super::expansion::TERMS;
use super::update::{LANES, lanes};
use crate::simd::kernel;

/// Rows solved together.
pub(super) const BLOCK: usize = 8;
/// Added to the determinant of the mean equations: no structure, no motion.
const REGULARISER: f64 = 1e-3;
/// Greatest displacement in pixels that a solution may have in either direction.
const MAX_DISPLACEMENT: f32 = 32768.0;
/// Displacements below it are none. On flat areas, each iteration would make them smaller, down to numbers with
/// which processors calculate a hundred times slower.
const LEAST_DISPLACEMENT: f32 = 1e-8;

kernel! {
    /// Sums over columns: row `j` of the eight rows of `out` becomes `rows[j] + ... + rows[j + window - 1]`
    /// for each of the five terms.
    ///
    /// A row of `ring` and of `out` holds the terms one after the other, each `pitch` values long; `slots`
    /// are the places in `ring` where the `window + 7` rows begin. Values from `pad` on of a term of `out`
    /// are written, `length` rounded up to [`LANES`]. The rows that all eight sums share are added once.
    pub(super) fn sum_down(
        ring: &[f32],
        slots: &[usize],
        window: usize,
        pitch: usize,
        length: usize,
        pad: usize,
        out: &mut [f32],
    ) {
        for term in 0..TERMS {
            for start in (0..length).step_by(LANES) {
                let at = term * pitch + start;
                let mut sums = [[0.0f32; LANES]; BLOCK];
                if window >= BLOCK {
                    let mut shared = *lanes(ring, slots[BLOCK - 1] + at);
                    for slot in &slots[BLOCK..window] {
                        let row = lanes(ring, slot + at);
                        for i in 0..LANES {
                            shared[i] += row[i];
                        }
                    }
                    let mut before = [lanes(ring, slots[0] + at); BLOCK - 1];
                    let mut after = before;
                    for j in 0..BLOCK - 1 {
                        before[j] = lanes(ring, slots[j] + at);
                        after[j] = lanes(ring, slots[window + j] + at);
                    }
                    for i in 0..LANES {
                        let mut sum = 0.0;
                        sums[BLOCK - 1][i] = shared[i];
                        for j in (0..BLOCK - 1).rev() {
                            sum += before[j][i];
                            sums[j][i] = shared[i] + sum;
                        }
                        let mut sum = 0.0;
                        for j in 0..BLOCK - 1 {
                            sum += after[j][i];
                            sums[j + 1][i] += sum;
                        }
                    }
                } else {
                    for (j, sums) in sums.iter_mut().enumerate() {
                        for slot in &slots[j..j + window] {
                            let row = lanes(ring, slot + at);
                            for i in 0..LANES {
                                sums[i] += row[i];
                            }
                        }
                    }
                }
                for (row, sums) in sums.iter().enumerate() {
                    out[row * TERMS * pitch + at + pad..][..LANES].copy_from_slice(sums);
                }
            }
        }
    }
}

kernel! {
    /// Sums of `window` neighbours and the displacements that solve them.
    ///
    /// `sums` holds the five terms, each `sums.len() / 5` long; output `i` sums from value `from + i` on.
    /// `area` is the product of the window's sides. `scratch` is as long as `sums`;
    /// `u` and `v` are at least `length` rounded up to [`LANES`] long.
    pub(super) fn solve_row(
        sums: &[f32],
        window: usize,
        area: f64,
        from: usize,
        length: usize,
        scratch: &mut [f32],
        partial: &mut [f32],
        u: &mut [f32],
        v: &mut [f32],
    ) {
        let pitch = sums.len() / TERMS;
        let floor = (REGULARISER * area * area) as f32;
        if window == 15 {
            for term in 0..TERMS {
                let wide = (length + 12).next_multiple_of(LANES);
                let values = &sums[term * pitch + from..];
                let (a, b, c) = (&values[..wide], &values[1..wide + 1], &values[2..wide + 2]);
                let out = &mut scratch[term * pitch..][..wide];
                for i in 0..wide {
                    out[i] = a[i] + b[i] + c[i];
                }
            }
        } else {
            for term in 0..TERMS {
                let values = &sums[term * pitch + from..][..length + window - 1];
                let out = &mut scratch[term * pitch..][..length];
                sum_along(values, window, partial, out);
            }
        }
        for start in (0..length).step_by(LANES) {
            let mut m = [[0.0f32; LANES]; TERMS];
            for term in 0..TERMS {
                let values = &scratch[term * pitch + start..];
                if window == 15 {
                    let mut thirds = [lanes(values, 0); 5];
                    for (k, third) in thirds.iter_mut().enumerate() {
                        *third = lanes(values, 3 * k);
                    }
                    for i in 0..LANES {
                        m[term][i] =
                            (thirds[0][i] + thirds[1][i]) + (thirds[2][i] + thirds[3][i]) + thirds[4][i];
                    }
                } else {
                    m[term] = *lanes(values, 0);
                }
            }
            let mut us = [0.0f32; LANES];
            let mut vs = [0.0f32; LANES];
            for i in 0..LANES {
                let [g11, g12, g22, h1, h2] = [m[0][i], m[1][i], m[2][i], m[3][i], m[4][i]];
                let determinant = difference(g11, g22, g12, g12);
                let determinant = if determinant > 0.0 { determinant } else { 0.0 } + floor;
                let inverse = 1.0 / determinant;
                us[i] = bounded(difference(g11, h2, g12, h1) * inverse);
                vs[i] = bounded(difference(g22, h1, g12, h2) * inverse);
            }
            u[start..start + LANES].copy_from_slice(&us);
            v[start..start + LANES].copy_from_slice(&vs);
        }
    }
}

/// Sums of `window` neighbours by doubling: sums of 1, 2, 4, ... values, of which those in `window` add up.
#[inline(always)]
fn sum_along(values: &[f32], window: usize, partial: &mut [f32], out: &mut [f32]) {
    let partial = &mut partial[..values.len()];
    partial.copy_from_slice(values);
    out.fill(0.0);
    let mut size = 1;
    let mut done = 0;
    while size <= window {
        if window & size != 0 {
            for (out, &value) in out.iter_mut().zip(&partial[done..]) {
                *out += value;
            }
            done += size;
        }
        let length = values.len() + 1 - size;
        for i in 0..length.saturating_sub(size) {
            partial[i] += partial[i + size];
        }
        size *= 2;
    }
}

/// `a b - c d` without cancellation, off by at most one and a half units in the last place (Kahan).
#[inline(always)]
fn difference(a: f32, b: f32, c: f32, d: f32) -> f32 {
    let product = c * d;
    let rest = (-c).mul_add(d, product);
    a.mul_add(b, -product) + rest
}

#[inline(always)]
fn bounded(value: f32) -> f32 {
    let value = if value > -MAX_DISPLACEMENT { value } else { -MAX_DISPLACEMENT };
    let value = if value < MAX_DISPLACEMENT { value } else { MAX_DISPLACEMENT };
    if value.abs() < LEAST_DISPLACEMENT { 0.0 } else { value }
}
