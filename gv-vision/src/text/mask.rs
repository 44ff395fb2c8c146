//! Which pixels are lighter, and which darker, than their surroundings.

use crate::GrayImage;
use crate::simd::{Isa, kernel};

/// Half of the side of the surroundings, in pixels.
const RADIUS: usize = 12;
/// Least difference from the mean of the surroundings, in grey levels.
const LEAST: f32 = 10.0;
/// Least difference from that mean in standard deviations.
const DEVIATIONS: f32 = 0.4;

/// 1 where a pixel is lighter than its surroundings, 2 where it is darker, 0 elsewhere; row by row.
pub(super) fn local_contrast(image: &GrayImage) -> Vec<u8> {
    let (width, height) = (image.width(), image.height());
    let mut sums = ColumnSums::new(width);
    for y in 0..RADIUS.min(height) {
        sums.add(image.row(y));
    }
    let mut mask = Vec::with_capacity(width * height);
    for y in 0..height {
        if y + RADIUS < height {
            sums.add(image.row(y + RADIUS));
        }
        if let Some(gone) = y.checked_sub(RADIUS + 1) {
            sums.remove(image.row(gone));
        }
        sums.classify(image.row(y), &mut mask);
    }
    mask
}

/// Sums of values and of squares over the rows of the surroundings, one for each column.
struct ColumnSums {
    isa: Isa,
    rows: usize,
    values: Vec<u32>,
    squares: Vec<u32>,
    /// Number of columns around each, and the sums over them.
    columns: Vec<f32>,
    around: Vec<(u32, u32)>,
}

impl ColumnSums {
    fn new(width: usize) -> Self {
        let columns = |x: usize| (x + RADIUS + 1).min(width) - x.saturating_sub(RADIUS);
        Self {
            isa: Isa::detect(),
            rows: 0,
            values: vec![0; width],
            squares: vec![0; width],
            columns: (0..width).map(|x| columns(x) as f32).collect(),
            around: vec![(0, 0); width],
        }
    }

    fn add(&mut self, row: &[u8]) {
        self.rows += 1;
        for ((value, square), &pixel) in self.values.iter_mut().zip(&mut self.squares).zip(row) {
            *value += u32::from(pixel);
            *square += u32::from(pixel).pow(2);
        }
    }

    fn remove(&mut self, row: &[u8]) {
        self.rows -= 1;
        for ((value, square), &pixel) in self.values.iter_mut().zip(&mut self.squares).zip(row) {
            *value -= u32::from(pixel);
            *square -= u32::from(pixel).pow(2);
        }
    }

    fn classify(&mut self, row: &[u8], mask: &mut Vec<u8>) {
        let width = row.len();
        let (mut value, mut square) = (0, 0);
        for x in 0..RADIUS.min(width) {
            value += self.values[x];
            square += self.squares[x];
        }
        for (x, around) in self.around.iter_mut().enumerate() {
            if x + RADIUS < width {
                value += self.values[x + RADIUS];
                square += self.squares[x + RADIUS];
            }
            if let Some(gone) = x.checked_sub(RADIUS + 1) {
                value -= self.values[gone];
                square -= self.squares[gone];
            }
            *around = (value, square);
        }
        let start = mask.len();
        mask.resize(start + width, 0);
        classify(self.isa, row, &self.around, &self.columns, self.rows as f32, &mut mask[start..]);
    }
}

kernel! {
    /// `around` has the sums of values and of squares over the surroundings of each pixel, `columns` their widths.
    fn classify(row: &[u8], around: &[(u32, u32)], columns: &[f32], rows: f32, mask: &mut [u8]) {
        let surroundings = around.iter().zip(columns);
        for ((&pixel, (&(value, square), &columns)), out) in row.iter().zip(surroundings).zip(mask) {
            let count = columns * rows;
            let mean = value as f32 / count;
            let deviation = (square as f32 / count - mean * mean).max(0.0).sqrt();
            let difference = f32::from(pixel) - mean;
            let least = LEAST.max(DEVIATIONS * deviation);
            *out = u8::from(difference > least) + 2 * u8::from(difference < -least);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_picture_has_no_contrast() {
        assert!(local_contrast(&GrayImage::filled(50, 40, 200)).iter().all(|&kind| kind == 0));
        assert!(local_contrast(&GrayImage::default()).is_empty());
    }

    #[test]
    fn a_light_and_a_dark_stroke_stand_out() {
        let picture = GrayImage::from_fn(60, 30, |x, _| match x {
            15..=17 => 220,
            45..=47 => 30,
            _ => 128,
        });
        let mask = local_contrast(&picture);
        assert_eq!((mask[10 * 60 + 16], mask[10 * 60 + 46], mask[10 * 60 + 30]), (1, 2, 0));
    }

    #[test]
    fn sums_equal_those_of_the_plain_definition() {
        let picture = GrayImage::from_fn(41, 37, |x, y| ((x * x * 7 + y * 13 + x * y) % 256) as u8);
        let mask = local_contrast(&picture);
        for y in 0..37_usize {
            for x in 0..41_usize {
                let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
                for v in y.saturating_sub(RADIUS)..(y + RADIUS + 1).min(37) {
                    for u in x.saturating_sub(RADIUS)..(x + RADIUS + 1).min(41) {
                        let pixel = f64::from(picture.row(v)[u]);
                        (sum, squares, count) = (sum + pixel, squares + pixel * pixel, count + 1.0);
                    }
                }
                let mean: f64 = sum / count;
                let least = (0.4 * (squares / count - mean * mean).max(0.0).sqrt()).max(10.0);
                let difference = f64::from(picture.row(y)[x]) - mean;
                if (difference.abs() - least).abs() > 1e-2 {
                    let kind = u8::from(difference > least) + 2 * u8::from(difference < -least);
                    assert_eq!(mask[y * 41 + x], kind, "at {x}, {y}");
                }
            }
        }
    }
}
