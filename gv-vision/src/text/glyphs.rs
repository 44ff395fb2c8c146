//! Marks that may be letters: of one colour, with even strokes and sharp edges.

use super::components::Component;

/// Marks of one side of a shade that are looked at; more of them are foliage, not writing.
const MOST: usize = 6000;
/// Least step of grey at the edge of a letter.
const LEAST_CONTRAST: f32 = 24.0;

/// A mark that may be a letter, or some that run together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Glyph {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) width: usize,
    pub(super) height: usize,
    /// Part of its box that it fills.
    pub(super) fill: f32,
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

    /// The mark as a glyph; `None` where it is none, or not of a height in `heights` (in pixels).
    fn of(mark: &Component, heights: &std::ops::RangeInclusive<usize>) -> Option<Self> {
        let (width, height, fill) = (mark.width(), mark.height(), mark.fill());
        let sized = heights.contains(&height) && (2..=9 * height).contains(&width);
        if !sized || 7 * width < height || fill < 0.125 {
            return None;
        }
        let (contrast, stroke) = (mark.contrast(), mark.stroke());
        let right_way = (contrast > 0.0) == mark.light && contrast.abs() >= LEAST_CONTRAST;
        let even = mark.spread() <= 0.42 * contrast.abs();
        let strokes = stroke <= 0.62 * height as f32;
        (right_way && even && strokes).then(|| Self {
            left: mark.left(),
            top: mark.top(),
            width,
            height,
            fill,
            shade: mark.shade(),
            contrast,
            stroke,
            light: mark.light,
        })
    }
}

/// The `marks` that may be letters of a height in `heights`, in pixels.
pub(super) fn glyphs<'a>(
    marks: impl Iterator<Item = &'a Component>,
    heights: &std::ops::RangeInclusive<usize>,
) -> Vec<Glyph> {
    marks.filter_map(|mark| Glyph::of(mark, heights)).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::super::components::part;
    use super::*;
    use crate::GrayImage;

    /// What of a light box on a dark ground may be a letter.
    fn found(width: usize, height: usize, grey: u8) -> Vec<Glyph> {
        let inside =
            |x: usize, y: usize| (20..20 + width).contains(&x) && (10..10 + height).contains(&y);
        let picture = GrayImage::from_fn(90, 60, |x, y| if inside(x, y) { grey } else { 40 });
        let parts = part(&picture);
        let all = parts.iter().flat_map(|part| glyphs(part.marks(), &(6..=40)));
        all.filter(|glyph| glyph.light).collect()
    }

    #[test]
    fn a_stroke_has_its_place_and_its_width() {
        let glyphs = found(4, 20, 230);
        assert_eq!(glyphs.len(), 12, "once for each shade between 40 and 230");
        for glyph in glyphs {
            assert_eq!((glyph.left, glyph.top, glyph.width, glyph.height), (20, 10, 4, 20));
            assert!((glyph.contrast - 190.0).abs() < 1.0 && (glyph.stroke - 3.3).abs() < 0.1);
        }
    }

    #[test]
    fn faint_marks_plates_and_marks_of_other_heights_are_no_letters() {
        assert_eq!(found(4, 20, 60), [], "faint");
        assert_eq!(found(60, 20, 230), [], "a plate");
        assert_eq!((found(4, 5, 230), found(8, 41, 230)), (vec![], vec![]));
    }
}
