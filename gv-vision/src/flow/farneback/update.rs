//! The equations that each pixel contributes: `G d = h` for its displacement `d`.

#[cfg(target_arch = "x86_64")]
use super::avx512;
use super::expansion::{PAD, TERMS};
use super::sample::sample;
#[cfg(target_arch = "x86_64")]
use crate::simd::Kind;
use crate::simd::{Isa, kernel};

/// Pixels handled together.
pub(super) const LANES: usize = 16;
/// Greatest width and height: beyond it, a 32-bit float does not place a pixel well enough.
pub(super) const MAX_SIDE: usize = 1 << 20;
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

    /// The weights of the pixels of row `y` from `x` on, written to `out`.
    pub(super) fn row(&self, y: usize, x: usize, out: &mut [f32]) {
        let (row_is_near, row) = self.rows[y];
        for (out, &(column_is_near, column)) in out.iter_mut().zip(&self.columns[x..]) {
            *out = if row_is_near || column_is_near { column * row } else { 1.0 };
        }
    }

    /// Whether rows `y` and `other` have the same weights.
    pub(super) fn same_rows(&self, y: usize, other: usize) -> bool {
        self.rows[y] == self.rows[other]
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

/// Pixels whose equations are written together.
pub(super) const CHUNK: usize = 128;

/// Where the pixels of a chunk lie in the second picture, and its coefficients there.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Chunk {
    /// Whether the place is inside the second picture: 0 or -1.
    pub(super) inside: [i32; CHUNK],
    /// What the sum of both pictures' curvatures is multiplied by: 0.5, outside 1.
    share: [f32; CHUNK],
    /// Whole pixels to the right and down.
    pub(super) dx: [i32; CHUNK],
    pub(super) dy: [i32; CHUNK],
    /// The rest, 0 to 1.
    pub(super) fx: [f32; CHUNK],
    pub(super) fy: [f32; CHUNK],
    /// The second picture's coefficients; 0 outside.
    pub(super) coefficients: [[f32; CHUNK]; TERMS],
}

impl Default for Chunk {
    fn default() -> Self {
        Self {
            inside: [0; CHUNK],
            share: [0.0; CHUNK],
            dx: [0; CHUNK],
            dy: [0; CHUNK],
            fx: [0.0; CHUNK],
            fy: [0.0; CHUNK],
            coefficients: [[0.0; CHUNK]; TERMS],
        }
    }
}

/// Writes the equations of the pixels `x..x + length` of row `y`: `g11`, `g12`, `g22`, `h1`, `h2`, each
/// `out.len() / 5` values long.
///
/// `first` is the first picture's row of coefficients; `u`, `v` and `weights` begin at pixel `x` and are,
/// like each part of `out`, at least `length` rounded up to [`LANES`] long.
#[allow(clippy::too_many_arguments, reason = "slices as arguments are known not to overlap")]
pub(super) fn equations(
    isa: Isa,
    first: &[f32],
    second: Target<'_>,
    y: usize,
    x: usize,
    length: usize,
    u: &[f32],
    v: &[f32],
    weights: &[f32],
    chunk: &mut Chunk,
    out: &mut [f32],
) {
    for start in (0..length).step_by(CHUNK) {
        let count = (length - start).min(CHUNK);
        let end = start + count.next_multiple_of(LANES);
        let (u, v, weights) = (&u[start..end], &v[start..end], &weights[start..end]);
        #[cfg(target_arch = "x86_64")]
        if isa.0 == Kind::Avx512 {
            let place = (x + start, start);
            #[allow(
                unsafe_code,
                reason = "an Isa is only made for instructions that were detected"
            )]
            // SAFETY: an `Isa` of this kind is only made where the features were detected.
            unsafe {
                avx512::equations(first, second, y, count, u, v, weights, place, chunk, out);
            }
            continue;
        }
        locate(isa, (second.width, second.height), y, x + start, count, u, v, chunk);
        sample(isa, second, y, x + start, count, chunk);
        let place = (PAD + x + start, start);
        combine(isa, first, chunk, u, v, weights, place, out);
    }
}

kernel! {
    fn locate(
        size: (usize, usize),
        y: usize,
        x: usize,
        count: usize,
        u: &[f32],
        v: &[f32],
        chunk: &mut Chunk,
    ) {
        let (right, bottom) = (size.0 as i32 - 1, size.1 as i32 - 1);
        let (x, y) = (x as i32, y as i32);
        let end = x + count as i32;
        let length = u.len().min(v.len()).min(CHUNK);
        for i in 0..length {
            let here = x + i as i32;
            let px = within(here as f32 + u[i], -2.0, right as f32 + 2.0);
            let py = within(y as f32 + v[i], -2.0, bottom as f32 + 2.0);
            let ix = floor(px);
            let iy = floor(py);
            chunk.fx[i] = px - ix as f32;
            chunk.fy[i] = py - iy as f32;
            chunk.dx[i] = ix - here;
            chunk.dy[i] = iy - y;
            let is_inside = (ix >= 0) & (ix < right) & (iy >= 0) & (iy < bottom) & (here < end);
            chunk.inside[i] = -i32::from(is_inside);
            chunk.share[i] = if is_inside { 0.5 } else { 1.0 };
        }
    }
}

kernel! {
    fn combine(
        first: &[f32],
        chunk: &Chunk,
        u: &[f32],
        v: &[f32],
        weights: &[f32],
        place: (usize, usize),
        out: &mut [f32],
    ) {
        let stride = first.len() / TERMS;
        let pitch = out.len() / TERMS;
        for start in (0..u.len().min(CHUNK)).step_by(LANES) {
            let mut q = [lanes(first, place.0 + start); TERMS];
            let mut r = [lanes(&chunk.coefficients[0], start); TERMS];
            for term in 1..TERMS {
                q[term] = lanes(first, term * stride + place.0 + start);
                r[term] = lanes(&chunk.coefficients[term], start);
            }
            let share = lanes(&chunk.share, start);
            let (u, v, weights) = (lanes(u, start), lanes(v, start), lanes(weights, start));
            let mut m = [[0.0f32; LANES]; TERMS];
            for i in 0..LANES {
                let by = (q[0][i] - r[0][i]) * 0.5;
                let bx = (q[1][i] - r[1][i]) * 0.5;
                let ayy = (q[2][i] + r[2][i]) * share[i];
                let axx = (q[3][i] + r[3][i]) * share[i];
                let axy = (q[4][i] + r[4][i]) * (share[i] * 0.5);
                let by = by + (ayy * v[i] + axy * u[i]);
                let bx = bx + (axy * v[i] + axx * u[i]);
                let weight = weights[i];
                let (by, bx) = (by * weight, bx * weight);
                let (ayy, axx, axy) = (ayy * weight, axx * weight, axy * weight);
                m[0][i] = ayy * ayy + axy * axy;
                m[1][i] = (ayy + axx) * axy;
                m[2][i] = axx * axx + axy * axy;
                m[3][i] = ayy * by + axy * bx;
                m[4][i] = axy * by + axx * bx;
            }
            for (term, m) in m.iter().enumerate() {
                out[term * pitch + place.1 + start..][..LANES].copy_from_slice(m);
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
