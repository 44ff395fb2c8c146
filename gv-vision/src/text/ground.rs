//! What a line of writing stands on.

use super::lines::Line;
use crate::GrayImage;

/// Part of the ground that is of one shade below which nothing speaks for writing, and above which nothing against it.
const UNCLEAR: f64 = 0.45;
const CLEAR: f64 = 0.75;
/// How far from the middle shade the ground may be, as a part of the contrast of the marks.
const NEAR: f64 = 0.35;

/// How clearly the marks of a line stand out from their ground, 0 to 1: which part of the ground is of one shade.
///
/// Writing that is meant to be read has a quiet ground; noise, foliage and fabric have none. `mask` is what
/// [`glyphs`](super::glyphs::glyphs) left of it.
pub(super) fn clearness(image: &GrayImage, mask: &[u8], line: &Line) -> f64 {
    let own = if line.light { 3 } else { 4 };
    let edge = |at: f64, most: usize| (at.max(0.0) as usize).min(most);
    let (left, right) = (edge(line.left, image.width()), edge(line.right, image.width()));
    let (top, bottom) = (edge(line.top, image.height()), edge(line.bottom, image.height()));
    let mut shades = [0_u32; 256];
    let mut count = 0_u32;
    for y in top..bottom {
        let start = y * image.width();
        let row = image.row(y)[left..right].iter().zip(&mask[start + left..start + right]);
        for (&shade, _) in row.filter(|&(_, &kind)| kind != own) {
            shades[usize::from(shade)] += 1;
            count += 1;
        }
    }
    let mut below = 0;
    let middle = shades.iter().position(|&number| {
        below += number;
        2 * below > count
    });
    let Some(middle) = middle.filter(|_| count > 0) else { return 0.0 };
    let reach = (NEAR * line.contrast.abs()).round() as usize;
    let near = &shades[middle.saturating_sub(reach)..(middle + reach + 1).min(256)];
    let share = f64::from(near.iter().sum::<u32>()) / f64::from(count);
    ((share - UNCLEAR) / (CLEAR - UNCLEAR)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Line {
        Line {
            left: 0.0,
            top: 0.0,
            right: 40.0,
            bottom: 20.0,
            confidence: 1.0,
            contrast: 100.0,
            light: true,
        }
    }

    #[test]
    fn an_even_ground_is_clear_and_noise_is_not() {
        let even = GrayImage::from_fn(40, 20, |x, _| if x % 8 < 2 { 200 } else { 100 });
        let mask: Vec<u8> = even.data().iter().map(|&shade| u8::from(shade == 200) * 3).collect();
        assert_eq!(clearness(&even, &mask, &line()), 1.0);
        let noise = GrayImage::from_fn(40, 20, |x, y| (x * 97 + y * 61 + x * y * 31) as u8);
        assert!(clearness(&noise, &[0; 800], &line()) < 0.2);
    }

    #[test]
    fn a_line_without_ground_is_not_clear() {
        assert_eq!(clearness(&GrayImage::filled(40, 20, 9), &[3; 800], &line()), 0.0);
    }
}
