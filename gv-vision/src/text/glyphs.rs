//! Marks that may be letters: connected pixels of one colour with even strokes and sharp edges.

use crate::GrayImage;

/// Marks looked at in one picture; more of them are foliage, not writing.
const MOST: usize = 6000;

/// A connected mark.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Glyph {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) width: usize,
    pub(super) height: usize,
    /// Number of its pixels.
    pub(super) area: usize,
    /// Mean grey.
    pub(super) shade: f32,
    /// Grey of the mark less that of what is around it.
    pub(super) contrast: f32,
    /// Mean width of its strokes in pixels.
    pub(super) stroke: f32,
    pub(super) light: bool,
}

impl Glyph {
    pub(super) const fn right(&self) -> usize {
        self.left + self.width
    }

    pub(super) const fn bottom(&self) -> usize {
        self.top + self.height
    }

    /// Letters that a mark of this shape holds: some run together.
    pub(super) fn letters(&self) -> f32 {
        (self.width as f32 / (0.7 * self.height as f32)).round().max(1.0)
    }
}

/// The marks of `mask` (see [`local_contrast`](super::mask::local_contrast)) that may be letters at least `least`
/// pixels high. Uses up the mask.
pub(super) fn glyphs(image: &GrayImage, mask: &mut [u8], least: usize, most: usize) -> Vec<Glyph> {
    let (width, height) = (image.width(), image.height());
    let (mut found, mut pixels) = (Vec::new(), Vec::new());
    for start in 0..mask.len() {
        let kind = mask[start];
        if kind == 0 || kind > 2 {
            continue;
        }
        if found.len() == MOST {
            break;
        }
        fill(mask, (width, height), start, &mut pixels);
        if let Some(glyph) = Mark::new(image, &pixels, kind == 1).glyph(mask, kind, least, most) {
            found.push(glyph);
        }
        // What stays in the mask as 3 or 4 is known to belong to a mark.
    }
    found
}

/// Collects the pixels connected with `start` by sides and corners, and marks them as seen (their kind + 2).
fn fill(mask: &mut [u8], (width, height): (usize, usize), start: usize, pixels: &mut Vec<usize>) {
    pixels.clear();
    pixels.push(start);
    let kind = mask[start];
    mask[start] = kind + 2;
    let mut next = 0;
    while let Some(&pixel) = pixels.get(next) {
        next += 1;
        let (x, y) = (pixel % width, pixel / width);
        for v in y.saturating_sub(1)..(y + 2).min(height) {
            for u in x.saturating_sub(1)..(x + 2).min(width) {
                let other = v * width + u;
                if mask[other] == kind {
                    mask[other] = kind + 2;
                    pixels.push(other);
                }
            }
        }
    }
}

struct Mark<'a> {
    image: &'a GrayImage,
    pixels: &'a [usize],
    light: bool,
}

impl<'a> Mark<'a> {
    const fn new(image: &'a GrayImage, pixels: &'a [usize], light: bool) -> Self {
        Self { image, pixels, light }
    }

    fn glyph(&self, mask: &[u8], kind: u8, least: usize, most: usize) -> Option<Glyph> {
        let row = self.image.width();
        let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, usize::MAX, 0);
        for &pixel in self.pixels {
            let (x, y) = (pixel % row, pixel / row);
            (left, right) = (left.min(x), right.max(x + 1));
            (top, bottom) = (top.min(y), bottom.max(y + 1));
        }
        let (width, height) = (right - left, bottom - top);
        let area = self.pixels.len();
        let sized = (least..=most).contains(&height) && width >= 2 && width <= 9 * height;
        let filled = area * 8 >= width * height && width * 7 >= height;
        if !sized || !filled {
            return None;
        }
        let data = self.image.data();
        let (mut sum, mut squares) = (0.0_f32, 0.0_f32);
        for &pixel in self.pixels {
            let value = f32::from(data[pixel]);
            sum += value;
            squares += value * value;
        }
        let count = area as f32;
        let shade = sum / count;
        let spread = (squares / count - shade * shade).max(0.0).sqrt();
        let (edges, step) = self.edges(mask, kind + 2);
        let stroke = 2.0 * count / edges.max(1) as f32;
        let contrast = step;
        let even = spread <= 0.42 * contrast.abs() && contrast.abs() >= 24.0;
        let right_way = (contrast > 0.0) == self.light;
        let strokes = stroke <= 0.62 * height as f32;
        (even && right_way && strokes).then_some(Glyph {
            left,
            top,
            width,
            height,
            area,
            shade,
            contrast,
            stroke,
            light: self.light,
        })
    }

    /// Number of sides at which the mark ends, and the mean step of grey from two pixels outside to one inside.
    fn edges(&self, mask: &[u8], own: u8) -> (usize, f32) {
        let (width, height) = (self.image.width(), self.image.height());
        let data = self.image.data();
        let (mut sides, mut steps, mut sum) = (0, 0, 0.0);
        for &pixel in self.pixels {
            let (x, y) = (pixel % width, pixel / width);
            let mut side = |beyond: bool, next: usize, outer: Option<usize>, inner: usize| {
                if !beyond && mask[next] == own {
                    return;
                }
                sides += 1;
                if let Some(outer) = outer {
                    let inside = if mask[inner] == own { inner } else { pixel };
                    sum += f32::from(data[inside]) - f32::from(data[outer]);
                    steps += 1;
                }
            };
            let (left, right) = (pixel.saturating_sub(1), (pixel + 1).min(data.len() - 1));
            let (up, down) = (pixel.saturating_sub(width), (pixel + width).min(data.len() - 1));
            side(x == 0, left, (x >= 2).then(|| pixel - 2), right);
            side(x + 1 == width, right, (x + 2 < width).then(|| pixel + 2), left);
            side(y == 0, up, (y >= 2).then(|| pixel - 2 * width), down);
            side(y + 1 == height, down, (y + 2 < height).then(|| pixel + 2 * width), up);
        }
        (sides, if steps == 0 { 0.0 } else { sum / steps as f32 })
    }
}

#[cfg(test)]
mod tests {
    use super::super::mask::local_contrast;
    use super::*;

    #[test]
    fn a_stroke_has_its_place_and_its_width() {
        let picture = GrayImage::from_fn(60, 40, |x, y| {
            if (20..24).contains(&x) && (10..30).contains(&y) { 230 } else { 40 }
        });
        let mut mask = local_contrast(&picture);
        let found = glyphs(&picture, &mut mask, 6, 56);
        let light: Vec<_> = found.iter().filter(|glyph| glyph.light).collect();
        assert_eq!(light.len(), 1);
        let glyph = light[0];
        assert_eq!((glyph.left, glyph.top, glyph.width, glyph.height), (20, 10, 4, 20));
        assert!((glyph.contrast - 190.0).abs() < 1.0 && (glyph.stroke - 3.3).abs() < 0.5);
    }

    #[test]
    fn marks_at_the_edge_and_pictures_of_one_pixel_are_ordinary() {
        for (width, height) in [(1, 1), (1, 40), (40, 1), (3, 3), (13, 29)] {
            let picture = GrayImage::from_fn(width, height, |x, y| ((x + y) % 2 * 255) as u8);
            let mut mask = local_contrast(&picture);
            glyphs(&picture, &mut mask, 1, 56);
        }
    }
}
