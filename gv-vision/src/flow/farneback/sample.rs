//! The second picture's coefficients at places between its pixels.
//!
//! The coefficients of a row are interpolated along the row first, then those of neighbouring rows. A
//! neighbour of weight 0 changes no bit, so pixels that lie close together are read as whole vectors that
//! hold the neighbours of all of them.

use super::expansion::{PAD, TERMS};
use super::update::{Chunk, LANES, Target, lanes};
use crate::simd::kernel;

/// Most neighbours that are read as whole vectors before pixels are looked up one by one.
const MAX_TAPS: usize = 48;

kernel! {
    /// Fills the chunk's coefficients for the pixels `x..x + count` of row `y`.
    pub(super) fn sample(second: Target<'_>, y: usize, x: usize, count: usize, chunk: &mut Chunk) {
        for start in (0..count).step_by(LANES) {
            sample_segment(second, y, x, start, chunk);
        }
    }
}

/// Fills the coefficients of [`LANES`] pixels from `start` on.
#[inline(always)]
pub(super) fn sample_segment(
    second: Target<'_>,
    y: usize,
    x: usize,
    start: usize,
    chunk: &mut Chunk,
) {
    let Target { data, stride, .. } = second;
    let row_len = TERMS * stride;
    let column = x + start;
    let segment = start..start + LANES;
    let inside: &[i32; LANES] = &chunk.inside[segment.clone()].as_chunks().0[0];
    let dx: &[i32; LANES] = &chunk.dx[segment.clone()].as_chunks().0[0];
    let dy: &[i32; LANES] = &chunk.dy[segment.clone()].as_chunks().0[0];
    let fx: &[f32; LANES] = &chunk.fx[segment.clone()].as_chunks().0[0];
    let fy: &[f32; LANES] = &chunk.fy[segment.clone()].as_chunks().0[0];
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
    if low_x > high_x {
        return clear(chunk, start);
    }
    let mut r = [[0.0f32; LANES]; TERMS];
    let taps_x = (high_x - low_x) as usize + 2;
    let taps_y = (high_y - low_y) as usize + 2;
    if taps_x * taps_y <= MAX_TAPS {
        let from = (PAD + column).wrapping_add_signed(low_x as isize);
        let top = y.wrapping_add_signed(low_y as isize) * row_len;
        for j in 0..taps_y {
            let row = &data[top + j * row_len..][..row_len];
            let mut wy = [0.0f32; LANES];
            for i in 0..LANES {
                let weight = tap_weight(dy[i] - low_y, j as i32, fy[i]);
                wy[i] = if inside[i] != 0 { weight } else { 0.0 };
            }
            let mut t = [[0.0f32; LANES]; TERMS];
            for k in 0..taps_x {
                let mut taps = [lanes(row, from + k); TERMS];
                for (term, tap) in taps.iter_mut().enumerate() {
                    *tap = lanes(row, term * stride + from + k);
                }
                for i in 0..LANES {
                    let weight = tap_weight(dx[i] - low_x, k as i32, fx[i]);
                    for term in 0..TERMS {
                        t[term][i] += weight * taps[term][i];
                    }
                }
            }
            for i in 0..LANES {
                for term in 0..TERMS {
                    r[term][i] += wy[i] * t[term][i];
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
            for term in 0..TERMS {
                let a = &upper[term * stride + at..][..2];
                let b = &upper[row_len + term * stride + at..][..2];
                let above = (1.0 - fx[i]) * a[0] + fx[i] * a[1];
                let below = (1.0 - fx[i]) * b[0] + fx[i] * b[1];
                r[term][i] = 0.0 + (1.0 - fy[i]) * above + fy[i] * below;
            }
        }
    }
    for (coefficients, r) in chunk.coefficients.iter_mut().zip(&r) {
        coefficients[segment.clone()].copy_from_slice(r);
    }
}

/// Sets the coefficients of [`LANES`] pixels to 0.
#[inline(always)]
fn clear(chunk: &mut Chunk, start: usize) {
    for coefficients in &mut chunk.coefficients {
        coefficients[start..start + LANES].fill(0.0);
    }
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
