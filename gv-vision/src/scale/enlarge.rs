//! A grey picture made larger.

use crate::GrayImage;

/// The picture at `width` x `height`, by linear interpolation between the centres of its pixels.
///
/// A picture without pixels stays one.
pub(crate) fn enlarged(image: &GrayImage, width: usize, height: usize) -> GrayImage {
    if image.data().is_empty() {
        return GrayImage::default();
    }
    let columns = taps(image.width(), width);
    let rows = taps(image.height(), height);
    GrayImage::from_fn(width, height, |x, y| {
        let ((left, right, across), (upper, lower, down)) = (columns[x], rows[y]);
        let at = |row: usize| {
            let row = image.row(row);
            f32::from(row[left]) * (1.0 - across) + f32::from(row[right]) * across
        };
        (at(upper) * (1.0 - down) + at(lower) * down).round() as u8
    })
}

/// For each target sample the two source samples beside it and the weight of the second.
fn taps(source: usize, target: usize) -> Vec<(usize, usize, f32)> {
    let step = source as f32 / target.max(1) as f32;
    let tap = |at: usize| {
        let place = ((at as f32 + 0.5) * step - 0.5).clamp(0.0, (source - 1) as f32);
        let first = place as usize;
        (first, (first + 1).min(source - 1), place - first as f32)
    };
    (0..target).map(tap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_stays_a_ramp() {
        let ramp = GrayImage::from_fn(4, 2, |x, _| (x * 40) as u8);
        let large = enlarged(&ramp, 8, 4);
        assert_eq!(large.row(2), [0, 10, 30, 50, 70, 90, 110, 120]);
    }

    #[test]
    fn a_pixel_fills_the_picture_and_nothing_stays_nothing() {
        assert_eq!(enlarged(&GrayImage::filled(1, 1, 7), 3, 2), GrayImage::filled(3, 2, 7));
        assert_eq!(enlarged(&GrayImage::default(), 3, 2), GrayImage::default());
    }
}
