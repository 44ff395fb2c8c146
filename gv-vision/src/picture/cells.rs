//! A frame as a grid of mean colours.

use super::colour::rgb;
use crate::{AnalysisFrame, GrayImage};

/// Cells along the longer side.
const LONG_SIDE: usize = 32;
/// Standard deviation of luma below which a picture is plain, in grey levels.
const PLAIN: f64 = 3.0;

/// Mean luma and chroma of the cells of a grid, 0 to 255.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cells {
    y: Vec<f32>,
    cb: Vec<f32>,
    cr: Vec<f32>,
}

/// The mean over a frame, in the units of [`LightCurve`](super::LightCurve).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mean {
    pub(super) brightness: f32,
    pub(super) saturation: f32,
    pub(super) blue: f32,
    pub(super) red: f32,
}

impl Cells {
    /// The cells of a frame; `None` where it has no pixels, or its planes are not of one size.
    pub(super) fn of(frame: &AnalysisFrame) -> Option<Self> {
        let (width, height) = (frame.luma.width(), frame.luma.height());
        let alike = |image: &GrayImage| (image.width(), image.height()) == (width, height);
        if width * height == 0 || !alike(&frame.cb) || !alike(&frame.cr) {
            return None;
        }
        let long = width.max(height);
        let along = |side: usize| (side * LONG_SIDE).div_ceil(long).clamp(1, side);
        let grid = (along(width), along(height));
        Some(Self {
            y: means(&frame.luma, grid),
            cb: means(&frame.cb, grid),
            cr: means(&frame.cr, grid),
        })
    }

    pub(super) fn len(&self) -> usize {
        self.y.len()
    }

    /// The sRGB colours of the cells, 0 to 1 each.
    pub(super) fn colours(&self) -> impl Iterator<Item = [f32; 3]> {
        self.y.iter().zip(&self.cb).zip(&self.cr).map(|((&y, &cb), &cr)| rgb(y, cb, cr))
    }

    pub(super) fn mean(&self) -> Mean {
        let count = self.len() as f32;
        let mean = |values: &[f32]| values.iter().sum::<f32>() / count;
        let strength = |(&cb, &cr): (&f32, &f32)| (cb - 128.0).hypot(cr - 128.0) / 128.0;
        let saturation = self.cb.iter().zip(&self.cr).map(strength).sum::<f32>() / count;
        Mean {
            brightness: mean(&self.y) / 255.0,
            saturation: saturation.min(1.0),
            blue: (mean(&self.cb) - 128.0) / 255.0,
            red: (mean(&self.cr) - 128.0) / 255.0,
        }
    }

    /// Mean over the cells of the largest difference of luma and chroma, 0 to 1; 1 where the grids differ.
    pub(super) fn difference(&self, other: &Self) -> f32 {
        if self.len() != other.len() {
            return 1.0;
        }
        let sum: f32 = (0..self.len())
            .map(|i| {
                let luma = (self.y[i] - other.y[i]).abs();
                let chroma = (self.cb[i] - other.cb[i]).abs().max((self.cr[i] - other.cr[i]).abs());
                luma.max(chroma)
            })
            .sum();
        sum / (255.0 * self.len() as f32)
    }
}

impl Cells {
    /// Correlation of the lumas, 0 to 1; 1 where both are plain, 0 where one is, or the grids differ.
    pub(super) fn alike(&self, other: &Self) -> f32 {
        if self.len() != other.len() {
            return 0.0;
        }
        let count = self.len() as f64;
        let mean = |values: &[f32]| values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
        let (mean_a, mean_b) = (mean(&self.y), mean(&other.y));
        let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
        for (&a, &b) in self.y.iter().zip(&other.y) {
            let (a, b) = (f64::from(a) - mean_a, f64::from(b) - mean_b);
            (ab, aa, bb) = (ab + a * b, aa + a * a, bb + b * b);
        }
        let is_plain = |squares: f64| squares < PLAIN * PLAIN * count;
        match (is_plain(aa), is_plain(bb)) {
            (true, true) => 1.0,
            (false, false) => (ab / (aa * bb).sqrt()).clamp(0.0, 1.0) as f32,
            _ => 0.0,
        }
    }
}

fn means(image: &GrayImage, (columns, rows): (usize, usize)) -> Vec<f32> {
    let (width, height) = (image.width(), image.height());
    let mut out = Vec::with_capacity(columns * rows);
    let mut sums = vec![0_u32; width];
    for row in 0..rows {
        let (top, bottom) = (row * height / rows, (row + 1) * height / rows);
        sums.fill(0);
        for y in top..bottom {
            for (sum, &value) in sums.iter_mut().zip(image.row(y)) {
                *sum += u32::from(value);
            }
        }
        for column in 0..columns {
            let (left, right) = (column * width / columns, (column + 1) * width / columns);
            let sum: u64 = sums[left..right].iter().map(|&sum| u64::from(sum)).sum();
            out.push(sum as f32 / ((right - left) * (bottom - top)).max(1) as f32);
        }
    }
    out
}
