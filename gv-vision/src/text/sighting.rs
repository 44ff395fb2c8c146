//! A line of writing as it looks in one frame, and whether it is that of another.

use super::TextRegion;
use crate::GrayImage;

/// Rows of the small picture by which a line is known again, and the most columns.
const ROWS: usize = 6;
const MOST_COLUMNS: usize = 120;
/// Correlation of two looks from which on they show the same words.
const SAME: f32 = 0.6;
/// Share of the height of a line by which it is cut out larger for a reader.
const MARGIN: f64 = 0.2;

/// A line in a frame.
#[derive(Debug, Clone)]
pub(super) struct Sighting {
    pub(super) region: TextRegion,
    place: Pixels,
    /// The line with a margin, and the pixels of the frame that it shows.
    picture: GrayImage,
    around: Pixels,
}

/// Edges in pixels, at least one pixel apart; right and lower are not part of it.
#[derive(Debug, Clone, Copy)]
struct Pixels {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

impl Sighting {
    pub(super) fn new(image: &GrayImage, region: TextRegion) -> Self {
        let around = Pixels::of(image, &region, MARGIN);
        let place = Pixels::of(image, &region, 0.0);
        Self { region, place, picture: around.cut_out(image), around }
    }

    /// How well the line is seen: how much of it, and how surely.
    pub(super) fn worth(&self) -> f64 {
        self.region.width * self.region.confidence
    }

    /// Whether both show the same words where both see something: the one may see more of a line than the other.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        self.place.shared(&other.place).is_some_and(|shared| {
            let columns = shared.columns();
            self.look(&shared, columns).is_like(&other.look(&shared, columns))
        })
    }

    /// Whether both look alike as a whole, wherever they stand.
    pub(super) fn resembles(&self, other: &Self) -> bool {
        let columns = self.place.columns();
        self.look(&self.place, columns).is_like(&other.look(&other.place, columns))
    }

    /// The line with a margin of a fifth of its height.
    pub(super) const fn with_margin(&self) -> &GrayImage {
        &self.picture
    }

    /// How `place`, pixels of the frame that lie in this line, looks in so many columns.
    fn look(&self, place: &Pixels, columns: usize) -> Look {
        Look::new(&self.picture, &place.within(&self.around), columns)
    }
}

impl Pixels {
    /// The pixels of a region, and a margin around them as a share of its height.
    fn of(image: &GrayImage, region: &TextRegion, margin: f64) -> Self {
        let (width, height) = (image.width(), image.height());
        let margin = margin * region.height * height as f64;
        let edge = |share: f64, side: usize, by: f64| {
            ((share * side as f64 + by).round().max(0.0) as usize).min(side)
        };
        let left = edge(region.x, width, -margin).min(width.saturating_sub(1));
        let top = edge(region.y, height, -margin).min(height.saturating_sub(1));
        let right = edge(region.x + region.width, width, margin).max(left + 1);
        let bottom = edge(region.y + region.height, height, margin).max(top + 1);
        Self { left, top, right, bottom }
    }

    fn cut_out(&self, image: &GrayImage) -> GrayImage {
        let pixel = |x, y| image.row(self.top + y)[self.left + x];
        GrayImage::from_fn(self.right - self.left, self.bottom - self.top, pixel)
    }

    /// What lies in both.
    fn shared(&self, other: &Self) -> Option<Self> {
        let shared = Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        };
        (shared.left < shared.right && shared.top < shared.bottom).then_some(shared)
    }

    /// Columns of a look at these pixels: its cells are about square.
    fn columns(&self) -> usize {
        let (width, height) = (self.right - self.left, self.bottom - self.top);
        (ROWS * width / height).clamp(ROWS, MOST_COLUMNS)
    }

    /// The same pixels, counted from the corner of `around`.
    const fn within(&self, around: &Self) -> Self {
        let (x, y) = (around.left, around.top);
        let (left, right) = (self.left - x, self.right - x);
        Self { left, top: self.top - y, right, bottom: self.bottom - y }
    }
}

/// A small picture of a line, the mean of each row taken away and its length made one: what is left are the words.
#[derive(Debug)]
struct Look(Vec<f32>);

impl Look {
    /// The pixels of `place` in so many columns.
    fn new(image: &GrayImage, place: &Pixels, columns: usize) -> Self {
        let Pixels { left, top, right, bottom } = *place;
        let cell = |from: usize, until: usize, count: usize, number: usize| {
            let start = from + (until - from) * number / count;
            let end = from + (until - from) * (number + 1) / count;
            start..end.max(start + 1).min(until.max(start + 1))
        };
        let mut values = Vec::with_capacity(ROWS * columns);
        for row in 0..ROWS {
            let first = values.len();
            for column in 0..columns {
                let (mut sum, mut count) = (0.0, 0.0);
                for y in cell(top, bottom, ROWS, row) {
                    for &pixel in &image.row(y)[cell(left, right, columns, column)] {
                        sum += f32::from(pixel);
                        count += 1.0;
                    }
                }
                values.push(sum / count);
            }
            let row = &mut values[first..];
            let mean = row.iter().sum::<f32>() / columns as f32;
            row.iter_mut().for_each(|value| *value -= mean);
        }
        let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
        values.iter_mut().for_each(|value| *value /= length.max(1e-3));
        Self(values)
    }

    fn is_like(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum::<f32>() >= SAME
    }
}
