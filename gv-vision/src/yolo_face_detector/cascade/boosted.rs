//! The first look at a window: boosted decisions on locally assembled binary features.
//!
//! A feature says which of eight squares of 3 x 3 pixels around a square are no brighter than it (Yan, Shan, Chen and
//! Gao, *Locally assembled binary (LAB) feature with feature-centric cascade for fast and accurate face detection*, 2008).

use super::WINDOW;
use crate::GrayImage;

/// Side of a square.
const SQUARE: usize = 3;
/// Features that are summed up between two decisions.
const GROUP: usize = 10;
/// Values of a feature.
const VALUES: usize = 256;

/// The features of a picture, at each pixel that of the 9 x 9 pixels to its right and below.
#[derive(Debug, Default)]
pub(super) struct FeatureMap {
    width: usize,
    values: Vec<u8>,
    sums: Vec<u16>,
}

impl FeatureMap {
    /// Computes the features of a picture of at least a window's size.
    pub(super) fn compute(&mut self, picture: &GrayImage) {
        let (width, height) = (picture.width(), picture.height());
        self.width = width;
        self.values.resize(width * height, 0);
        self.sums.resize(width * height, 0);
        let mut column = vec![0_u16; width];
        for (y, sums) in self.sums.chunks_exact_mut(width).enumerate().take(height + 1 - SQUARE) {
            let [a, b, c] = [0, 1, 2].map(|below| picture.row(y + below));
            for (sum, ((&a, &b), &c)) in column.iter_mut().zip(a.iter().zip(b).zip(c)) {
                *sum = u16::from(a) + u16::from(b) + u16::from(c);
            }
            let across = column.iter().zip(&column[1..]).zip(&column[2..]);
            for (sum, ((&a, &b), &c)) in sums.iter_mut().zip(across) {
                *sum = a + b + c;
            }
        }
        for y in 0..(height + 1).saturating_sub(3 * SQUARE) {
            let row = |down: usize| &self.sums[(y + down * SQUARE) * width..][..width];
            let (upper, middle, lower) = (row(0), row(1), row(2));
            let count = (width + 1).saturating_sub(3 * SQUARE);
            let out = &mut self.values[y * width..][..count];
            features(out, upper, middle, lower);
        }
    }
}

/// One row of features from the sums of the rows of squares above, at and below the middle.
fn features(out: &mut [u8], upper: &[u16], middle: &[u16], lower: &[u16]) {
    let count = out.len();
    let (a, b, c) = (&upper[..count], &upper[SQUARE..][..count], &upper[2 * SQUARE..][..count]);
    let (d, e, f) = (&middle[..count], &middle[SQUARE..][..count], &middle[2 * SQUARE..][..count]);
    let (g, h, i) = (&lower[..count], &lower[SQUARE..][..count], &lower[2 * SQUARE..][..count]);
    for x in 0..count {
        let centre = e[x];
        let bit = |square: &[u16], bit: u16| if centre >= square[x] { bit } else { 0 };
        let value = bit(a, 0x80)
            | bit(b, 0x40)
            | bit(c, 0x20)
            | bit(d, 0x10)
            | bit(f, 0x08)
            | bit(g, 0x04)
            | bit(h, 0x02)
            | bit(i, 0x01);
        out[x] = value as u8;
    }
}

/// A boosted classifier of windows.
#[derive(Debug)]
pub(super) struct Boosted {
    places: Vec<(usize, usize)>,
    /// What the sum must reach after each group of features.
    thresholds: Vec<f32>,
    /// For each feature, the weight of each of its values.
    weights: Vec<[f32; VALUES]>,
}

/// A classifier made ready for pictures of one width.
#[derive(Debug)]
pub(super) struct Sweeper<'a> {
    classifier: &'a Boosted,
    offsets: Vec<usize>,
}

impl Boosted {
    /// Takes the numbers of a model; `None` where they do not fit together.
    pub(super) fn new(
        places: Vec<(usize, usize)>,
        thresholds: Vec<f32>,
        weights: Vec<f32>,
        bins: usize,
    ) -> Option<Self> {
        let fits = |&(x, y): &(usize, usize)| x.max(y) + 3 * SQUARE <= WINDOW;
        let whole = places.len().is_multiple_of(GROUP) && bins == VALUES;
        if !whole || !places.iter().all(fits) || weights.len() != places.len() * VALUES {
            return None;
        }
        let weights = weights.chunks_exact(VALUES).map(|row| row.try_into().ok());
        Some(Self { places, thresholds, weights: weights.collect::<Option<_>>()? })
    }

    /// Makes the classifier ready for pictures of `width` pixels.
    pub(super) fn sweeper(&self, width: usize) -> Sweeper<'_> {
        let offsets = self.places.iter().map(|(x, y)| y * width + x).collect();
        Sweeper { classifier: self, offsets }
    }
}

impl Sweeper<'_> {
    /// The score of the window at `(x, y)`; `None` where it is no face.
    pub(super) fn score(&self, map: &FeatureMap, x: usize, y: usize) -> Option<f32> {
        let window = &map.values[y * map.width + x..];
        let mut score = 0.0;
        let groups =
            self.offsets.chunks_exact(GROUP).zip(self.classifier.weights.chunks_exact(GROUP));
        let thresholds = self.classifier.thresholds.iter().skip(GROUP - 1).step_by(GROUP);
        for ((offsets, weights), &threshold) in groups.zip(thresholds) {
            for (&offset, weights) in offsets.iter().zip(weights) {
                score += weights[usize::from(window[offset])];
            }
            if score < threshold {
                return None;
            }
        }
        Some(score)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_has_a_bit_for_each_square_that_is_no_brighter() {
        let picture = GrayImage::from_fn(40, 40, |x, y| ((x * 5 + y * 3) % 256) as u8);
        let mut map = FeatureMap::default();
        map.compute(&picture);
        for (x, y) in [(0, 0), (7, 11), (31, 31)] {
            let sum = |across: usize, down: usize| -> u32 {
                let cells = (0..9).map(|k| (across * 3 + k % 3, down * 3 + k / 3));
                cells.map(|(u, v)| u32::from(picture.row(y + v)[x + u])).sum()
            };
            let squares = [
                (0, 0, 0x80),
                (1, 0, 0x40),
                (2, 0, 0x20),
                (0, 1, 0x10),
                (2, 1, 0x08),
                (0, 2, 0x04),
                (1, 2, 0x02),
                (2, 2, 0x01),
            ];
            let expected: u8 = squares
                .iter()
                .filter(|&&(across, down, _)| sum(1, 1) >= sum(across, down))
                .map(|&(_, _, bit)| bit)
                .sum();
            assert_eq!(map.values[y * 40 + x], expected, "at {x}, {y}");
        }
    }

    #[test]
    fn numbers_that_do_not_fit_are_no_classifier() {
        let places = || vec![(0, 0); GROUP];
        let weights = || vec![0.0; GROUP * VALUES];
        assert!(Boosted::new(places(), vec![0.0; GROUP], weights(), VALUES).is_some());
        assert!(Boosted::new(places(), vec![0.0; GROUP], weights(), 255).is_none());
        assert!(Boosted::new(vec![(35, 0); GROUP], vec![0.0; GROUP], weights(), VALUES).is_none());
    }
}
