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

type Lanes = [f32; LANES];

kernel! {
    /// Sums over columns: row `j` of the eight rows of `out` becomes `rows[j] + ... + rows[j + window - 1]`,
    /// each from `from` on for `length` values.
    ///
    /// The rows that all eight sums share are added once.
    pub(super) fn sum_down(
        rows: &[&[f32]],
        window: usize,
        from: usize,
        length: usize,
        out: &mut [&mut [f32]],
    ) {
        for start in (from..from + length).step_by(LANES) {
            let mut sums = [[0.0f32; LANES]; BLOCK];
            if window >= BLOCK {
                let mut shared = *lanes(rows[BLOCK - 1], start);
                for row in &rows[BLOCK..window] {
                    let row = lanes(row, start);
                    for i in 0..LANES {
                        shared[i] += row[i];
                    }
                }
                let before: [&Lanes; BLOCK - 1] = std::array::from_fn(|j| lanes(rows[j], start));
                let after: [&Lanes; BLOCK - 1] =
                    std::array::from_fn(|j| lanes(rows[window + j], start));
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
                    for row in &rows[j..j + window] {
                        let row = lanes(row, start);
                        for i in 0..LANES {
                            sums[i] += row[i];
                        }
                    }
                }
            }
            for (out, sums) in out.iter_mut().zip(&sums) {
                out[start..start + LANES].copy_from_slice(sums);
            }
        }
    }
}

kernel! {
    /// Sums of `window` neighbours and the displacements that solve them.
    ///
    /// `sums` holds the five terms, each `sums.len() / 5` long; output `i` sums from value `from + i` on.
    /// `area` is the product of the window's sides. `scratch` is as long as `sums`.
    pub(super) fn solve_row(
        sums: &[f32],
        window: usize,
        area: f64,
        from: usize,
        scratch: &mut [f32],
        partial: &mut [f32],
        u: &mut [f32],
        v: &mut [f32],
    ) {
        let length = u.len();
        let pitch = sums.len() / TERMS;
        let floor = REGULARISER * area * area;
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
                    let thirds: [&Lanes; 5] = std::array::from_fn(|k| lanes(values, 3 * k));
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
                let [g11, g12, g22, h1, h2] = [0, 1, 2, 3, 4].map(|term| f64::from(m[term][i]));
                let determinant = g11 * g22 - g12 * g12;
                let determinant = if determinant > 0.0 { determinant } else { 0.0 } + floor;
                let inverse = 1.0 / determinant as f32;
                us[i] = bounded((g11 * h2 - g12 * h1) as f32 * inverse);
                vs[i] = bounded((g22 * h1 - g12 * h2) as f32 * inverse);
            }
            let end = (start + LANES).min(length);
            u[start..end].copy_from_slice(&us[..end - start]);
            v[start..end].copy_from_slice(&vs[..end - start]);
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

#[inline(always)]
fn bounded(value: f32) -> f32 {
    let value = if value > -MAX_DISPLACEMENT { value } else { -MAX_DISPLACEMENT };
    if value < MAX_DISPLACEMENT { value } else { MAX_DISPLACEMENT }
}
