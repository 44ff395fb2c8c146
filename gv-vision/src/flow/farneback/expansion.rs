//! The quadratic polynomial that describes the neighbourhood of each pixel.
//!
//! Around a pixel, the picture is approximated by `c + bx x + by y + axx x^2 + ayy y^2 + axy x y`, a
//! least-squares fit under Gaussian weights (Farneback, Two-Frame Motion Estimation Based on Polynomial
//! Expansion, 2003). The fit is five separable correlations, the constant left out.

use crate::simd::{Aligned, Isa, kernel};

/// Number of coefficients: `by`, `bx`, `ayy`, `axx`, `axy`.
pub(super) const TERMS: usize = 5;
/// Values on either side of a row that may be read but mean nothing.
pub(super) const PAD: usize = 32;

/// The coefficients of every pixel of a picture.
///
/// A row holds the five coefficients one after the other, each `stride` values long with the first
/// pixel at [`PAD`].
#[derive(Debug, Default)]
pub(super) struct Expansion {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) stride: usize,
    data: Aligned,
}

impl Expansion {
    /// Changes the size; the content is unspecified (and finite) where the size is new.
    pub(super) fn reshape(&mut self, width: usize, height: usize) {
        if (self.width, self.height) != (width, height) {
            self.stride = width.next_multiple_of(16) + 2 * PAD;
            (self.width, self.height) = (width, height);
            self.data.reserve(height * self.row_len());
        }
    }

    /// Values of one row: five times the stride.
    pub(super) const fn row_len(&self) -> usize {
        TERMS * self.stride
    }

    /// All rows.
    pub(super) fn data(&self) -> &[f32] {
        &self.data[..self.height * self.row_len()]
    }

    /// All rows, to be written.
    pub(super) fn data_mut(&mut self) -> &mut [f32] {
        let length = self.height * self.row_len();
        &mut self.data[..length]
    }
}

/// The correlation kernels of the fit: weights of the pixels at distance 0, 1, ... `n`.
#[derive(Debug, Clone)]
pub(super) struct Basis {
    n: usize,
    gauss: Vec<f32>,
    slope: Vec<f32>,
    curve: Vec<f32>,
    fit_gauss: Vec<f32>,
    fit_slope: Vec<f32>,
    fit_twist: Vec<f32>,
}

impl Basis {
    /// The kernels for a neighbourhood of radius `n` under a Gaussian of standard deviation `sigma`.
    pub(super) fn new(n: usize, sigma: f64) -> Self {
        let bell = |k: usize| (-((k * k) as f64) / (2.0 * sigma * sigma)).exp();
        let total: f64 = (0..=n).map(|k| bell(k) * if k == 0 { 1.0 } else { 2.0 }).sum();
        let gauss: Vec<f64> = (0..=n).map(|k| bell(k) / total).collect();
        let moment =
            |power: i32| -> f64 { (1..=n).map(|k| 2.0 * gauss[k] * (k as f64).powi(power)).sum() };
        let (second, fourth) = (moment(2), moment(4));
        let mixed = second * second;
        let determinant = fourth + mixed - 2.0 * second * second;
        let from_constant = -second / determinant;
        let from_square = (1.0 / determinant + 1.0 / (fourth - mixed)) / 2.0;
        let kernel = |weight: &dyn Fn(f64) -> f64| -> Vec<f32> {
            (0..=n).map(|k| (gauss[k] * weight(k as f64)) as f32).collect()
        };
        Self {
            n,
            gauss: kernel(&|_| 1.0),
            slope: kernel(&|k| k),
            curve: kernel(&|k| from_constant + from_square * k * k),
            fit_gauss: kernel(&|_| 1.0 / second),
            fit_slope: kernel(&|k| k / second),
            fit_twist: kernel(&|k| k / mixed),
        }
    }

    /// Radius of the neighbourhood in pixels.
    pub(super) const fn radius(&self) -> usize {
        self.n
    }
}

/// Writes one row of an [`Expansion`] from the picture's rows `-n` to `n` around it.
///
/// `rows` are `2 n + 1` rows of the picture's width, `sums` is scratch.
pub(super) fn expand_row(
    isa: Isa,
    basis: &Basis,
    rows: &[&[f32]],
    sums: &mut Vec<f32>,
    out: &mut [f32],
) {
    match basis.n {
        3 => expand::<3>(isa, basis, rows, sums, out),
        4 => expand::<4>(isa, basis, rows, sums, out),
        5 => expand::<5>(isa, basis, rows, sums, out),
        6 => expand::<6>(isa, basis, rows, sums, out),
        7 => expand::<7>(isa, basis, rows, sums, out),
        8 => expand::<8>(isa, basis, rows, sums, out),
        _ => expand::<9>(isa, basis, rows, sums, out),
    }
}

fn expand<const N: usize>(
    isa: Isa,
    basis: &Basis,
    rows: &[&[f32]],
    sums: &mut Vec<f32>,
    out: &mut [f32],
) {
    let width = rows[N].len();
    let pitch = width + 2 * N;
    sums.resize(3 * pitch, 0.0);
    let (level, rest) = sums.split_at_mut(pitch);
    let (slope, curve) = rest.split_at_mut(pitch);
    let (mut above, mut below) = ([rows[N]; N], [rows[N]; N]);
    for k in 0..N {
        above[k] = rows[N - 1 - k];
        below[k] = rows[N + 1 + k];
    }
    expand_down::<N>(
        isa,
        rows[N],
        above,
        below,
        [&basis.gauss, &basis.slope, &basis.curve],
        &mut level[N..N + width],
        &mut slope[N..N + width],
        &mut curve[N..N + width],
    );
    for sums in [&mut *level, &mut *slope, &mut *curve] {
        let (first, last) = (sums[N], sums[N + width - 1]);
        sums[..N].fill(first);
        sums[N + width..].fill(last);
    }
    let stride = out.len() / TERMS;
    let (by, out) = out.split_at_mut(stride);
    let (bx, out) = out.split_at_mut(stride);
    let (ayy, out) = out.split_at_mut(stride);
    let (axx, axy) = out.split_at_mut(stride);
    let [by, bx, ayy, axx, axy] = [by, bx, ayy, axx, axy].map(|term| &mut term[PAD..PAD + width]);
    expand_level::<N>(isa, level, &basis.fit_slope, &basis.curve, bx, axx);
    expand_slope::<N>(isa, slope, &basis.fit_gauss, &basis.fit_twist, by, axy);
    expand_curve::<N>(isa, curve, &basis.gauss, ayy);
}

kernel! {
    fn expand_down[const N: usize](
        middle: &[f32],
        above: [&[f32]; N],
        below: [&[f32]; N],
        weights: [&[f32]; 3],
        level: &mut [f32],
        slope: &mut [f32],
        curve: &mut [f32],
    ) {
        let width = middle.len();
        let (mut above, mut below) = (above, below);
        for k in 0..N {
            above[k] = &above[k][..width];
            below[k] = &below[k][..width];
        }
        let (slope, curve) = (&mut slope[..width], &mut curve[..width]);
        let level = &mut level[..width];
        let gauss: [f32; N] = std::array::from_fn(|k| weights[0][k + 1]);
        let sloped: [f32; N] = std::array::from_fn(|k| weights[1][k + 1]);
        let curved: [f32; N] = std::array::from_fn(|k| weights[2][k + 1]);
        let (gauss0, curved0) = (weights[0][0], weights[2][0]);
        for x in 0..width {
            let mut l = middle[x] * gauss0;
            let mut s = 0.0;
            let mut c = middle[x] * curved0;
            for k in 0..N {
                let sum = above[k][x] + below[k][x];
                l += gauss[k] * sum;
                s += sloped[k] * (below[k][x] - above[k][x]);
                c += curved[k] * sum;
            }
            level[x] = l;
            slope[x] = s;
            curve[x] = c;
        }
    }
}

kernel! {
    fn expand_level[const N: usize](
        level: &[f32],
        slope: &[f32],
        curve: &[f32],
        bx: &mut [f32],
        axx: &mut [f32],
    ) {
        let width = bx.len();
        let axx = &mut axx[..width];
        let (mut left, mut right) = ([&level[..width]; N], [&level[..width]; N]);
        for k in 0..N {
            left[k] = &level[N - 1 - k..][..width];
            right[k] = &level[N + 1 + k..][..width];
        }
        let middle = &level[N..][..width];
        let sloped: [f32; N] = std::array::from_fn(|k| slope[k + 1]);
        let curved: [f32; N] = std::array::from_fn(|k| curve[k + 1]);
        let curved0 = curve[0];
        for x in 0..width {
            let mut s = 0.0;
            let mut c = middle[x] * curved0;
            for k in 0..N {
                s += sloped[k] * (right[k][x] - left[k][x]);
                c += curved[k] * (right[k][x] + left[k][x]);
            }
            bx[x] = s;
            axx[x] = c;
        }
    }
}

kernel! {
    fn expand_slope[const N: usize](
        slope: &[f32],
        gauss: &[f32],
        twist: &[f32],
        by: &mut [f32],
        axy: &mut [f32],
    ) {
        let width = by.len();
        let axy = &mut axy[..width];
        let (mut left, mut right) = ([&slope[..width]; N], [&slope[..width]; N]);
        for k in 0..N {
            left[k] = &slope[N - 1 - k..][..width];
            right[k] = &slope[N + 1 + k..][..width];
        }
        let middle = &slope[N..][..width];
        let smoothed: [f32; N] = std::array::from_fn(|k| gauss[k + 1]);
        let twisted: [f32; N] = std::array::from_fn(|k| twist[k + 1]);
        let smoothed0 = gauss[0];
        for x in 0..width {
            let mut s = middle[x] * smoothed0;
            let mut t = 0.0;
            for k in 0..N {
                s += smoothed[k] * (right[k][x] + left[k][x]);
                t += twisted[k] * (right[k][x] - left[k][x]);
            }
            by[x] = s;
            axy[x] = t;
        }
    }
}

kernel! {
    fn expand_curve[const N: usize](curve: &[f32], gauss: &[f32], ayy: &mut [f32]) {
        let width = ayy.len();
        let (mut left, mut right) = ([&curve[..width]; N], [&curve[..width]; N]);
        for k in 0..N {
            left[k] = &curve[N - 1 - k..][..width];
            right[k] = &curve[N + 1 + k..][..width];
        }
        let middle = &curve[N..][..width];
        let smoothed: [f32; N] = std::array::from_fn(|k| gauss[k + 1]);
        let smoothed0 = gauss[0];
        for x in 0..width {
            let mut s = middle[x] * smoothed0;
            for k in 0..N {
                s += smoothed[k] * (right[k][x] + left[k][x]);
            }
            ayy[x] = s;
        }
    }
}
