//! The detector of lines of writing in one picture.

use super::components::part;
use super::glyphs::{self, Glyph};
#[cfg(feature = "testing")]
use super::likelihood;
use super::lines::Line;
use super::{TextRegion, lines};
use crate::GrayImage;

/// Height of the largest letters that are looked for, in pixels.
const TALLEST: usize = 220;

/// How writing is looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct TextOptions {
    /// Confidence that a line must have, 0 to 1.
    pub least_confidence: f64,
    /// Height of the smallest letters that are looked for, in pixels of the picture.
    pub least_height: usize,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { least_confidence: 0.6, least_height: 5 }
    }
}

impl TextOptions {
    /// Keeps lines of at least this confidence, 0 to 1.
    #[must_use]
    pub fn least_confidence(mut self, confidence: f64) -> Self {
        self.least_confidence = confidence;
        self
    }

    /// Looks for letters of at least this height in pixels.
    #[must_use]
    pub fn least_height(mut self, pixels: usize) -> Self {
        self.least_height = pixels;
        self
    }
}

/// Finds lines of writing in grey pictures.
///
/// Letters from [`TextOptions::least_height`] to about 220 pixels high are found; a picture of 640 pixels on the long
/// side suits captions and titles alike. Writing needs three letters or more. It must stand nearly level and stand out:
/// slanted and handwritten lines, and letters whose colour changes inside of a line, are missed.
///
/// # Examples
///
/// ```
/// use gv_vision::GrayImage;
/// use gv_vision::text::{TextDetector, TextOptions};
///
/// let black = GrayImage::filled(640, 360, 0);
/// assert!(TextDetector::new(TextOptions::default()).detect(&black).is_empty());
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct TextDetector {
    options: TextOptions,
}

impl TextDetector {
    /// A detector that works by `options`.
    pub const fn new(options: TextOptions) -> Self {
        Self { options }
    }

    /// The lines of writing in `image`, from top to bottom.
    ///
    /// A picture without pixels has none.
    pub fn detect(&self, image: &GrayImage) -> Vec<TextRegion> {
        let mut found: Vec<Line> = self.rows_of_marks(image).map(|(_, line)| line).collect();
        found.retain(|line| line.confidence >= self.options.least_confidence);
        let size = (image.width() as f64, image.height() as f64);
        let mut regions: Vec<TextRegion> =
            lines::strongest(found).iter().map(|line| region(line, size)).collect();
        regions.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.x.total_cmp(&b.x)));
        regions
    }
}

impl TextDetector {
    /// The rows of marks of all shades, with what each is as a line.
    fn rows_of_marks(&self, image: &GrayImage) -> impl Iterator<Item = (Vec<Glyph>, Line)> {
        let heights = self.options.least_height.max(4)..=TALLEST;
        let parts = part(image).into_iter();
        parts.flat_map(move |parted| lines::lines(glyphs::glyphs(parted.marks(), &heights)))
    }

    /// The rows of marks that are judged: where they lie, how likely they are writing, and the measures that say so.
    ///
    /// `scripts/fit_text.py` fits the weights of the measures on them.
    #[cfg(feature = "testing")]
    pub fn judged(&self, image: &GrayImage) -> Vec<(TextRegion, [f32; likelihood::MEASURES])> {
        let size = (image.width() as f64, image.height() as f64);
        let rows = self.rows_of_marks(image);
        rows.map(|(row, line)| (region(&line, size), likelihood::measures(&row))).collect()
    }
}

fn region(line: &Line, (width, height): (f64, f64)) -> TextRegion {
    let (left, right) = (line.left / width, (line.right / width).min(1.0));
    let (top, bottom) = (line.top / height, (line.bottom / height).min(1.0));
    TextRegion {
        x: left,
        y: top,
        width: right - left,
        height: bottom - top,
        confidence: line.confidence,
        light_on_dark: line.light,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::synthetic_text::{draw_text, text_box};

    fn found(image: &GrayImage) -> Vec<TextRegion> {
        TextDetector::default().detect(image)
    }

    fn iou(region: &TextRegion, image: &GrayImage, boxed: (usize, usize, usize, usize)) -> f64 {
        let (w, h) = (image.width() as f64, image.height() as f64);
        let truth = TextRegion {
            x: boxed.0 as f64 / w,
            y: boxed.1 as f64 / h,
            width: boxed.2 as f64 / w,
            height: boxed.3 as f64 / h,
            ..*region
        };
        region.iou(&truth)
    }

    #[test]
    fn titles_of_every_size_and_polarity_are_found_where_they_stand() {
        for scale in [1, 2, 3, 5, 8, 12] {
            for (ink, paper) in [(235, 40), (20, 200), (160, 90)] {
                let mut image = GrayImage::filled(640, 360, paper);
                draw_text(&mut image, "SAVE 40 NOW", (30, 120), scale, ink);
                let regions = found(&image);
                assert_eq!(regions.len(), 1, "scale {scale}, {ink} on {paper}: {regions:?}");
                let truth = text_box("SAVE 40 NOW", (30, 120), scale);
                let overlap = iou(&regions[0], &image, truth);
                assert!(overlap > 0.7, "scale {scale}: {overlap:.2}");
                assert_eq!(regions[0].light_on_dark, ink > paper);
            }
        }
    }

    #[test]
    fn a_title_over_a_busy_picture_is_found_whole() {
        let waves = |x: usize, y: usize| {
            let (x, y) = (x as f64, y as f64);
            (110.0 + 70.0 * (x / 9.0).sin() * (y / 7.0).cos() + 20.0 * ((x + y) / 3.1).sin()) as u8
        };
        for scale in [3, 5, 8] {
            let mut image = GrayImage::from_fn(640, 360, waves);
            assert_eq!(found(&image), []);
            draw_text(&mut image, "MAKE IT POP", (30, 120), scale, 245);
            let regions = found(&image);
            assert_eq!(regions.len(), 1, "scale {scale}: {regions:?}");
            let overlap = iou(&regions[0], &image, text_box("MAKE IT POP", (30, 120), scale));
            assert!(overlap > 0.7, "scale {scale}: {overlap:.2}");
        }
    }

    #[test]
    fn two_lines_are_two_regions() {
        let mut image = GrayImage::filled(640, 360, 30);
        draw_text(&mut image, "FREE RETURNS", (60, 100), 3, 240);
        draw_text(&mut image, "ORDER TODAY", (60, 150), 3, 240);
        assert_eq!(found(&image).len(), 2);
    }

    #[test]
    fn gradients_stripes_checks_and_noise_are_no_writing() {
        let noise = |x: usize, y: usize| {
            let mut state =
                (x as u32).wrapping_mul(0x9E37_79B9) ^ (y as u32).wrapping_mul(0x85EB_CA6B);
            state ^= state >> 15;
            state = state.wrapping_mul(0x2C1B_3C6D);
            (state >> 24) as u8
        };
        let pictures: [(&str, GrayImage); 5] = [
            ("gradient", GrayImage::from_fn(640, 360, |x, _| (x * 255 / 639) as u8)),
            ("stripes", GrayImage::from_fn(640, 360, |x, _| ((x / 6) % 2 * 200) as u8)),
            (
                "bars",
                GrayImage::from_fn(640, 360, |x, y| u8::from(x % 12 < 5 && y % 60 < 30) * 220),
            ),
            ("checks", GrayImage::from_fn(640, 360, |x, y| ((x / 16 + y / 16) % 2 * 255) as u8)),
            ("noise", GrayImage::from_fn(640, 360, noise)),
        ];
        for (name, picture) in pictures {
            assert_eq!(found(&picture), [], "{name}");
        }
    }

    #[test]
    fn odd_pictures_have_an_answer() {
        for (width, height) in [(0, 0), (1, 1), (7, 300), (300, 7), (65, 65), (129, 67)] {
            found(&GrayImage::from_fn(width, height, |x, y| ((x * 7 + y * 11) % 256) as u8));
        }
    }
}
