//! Frame differencing: how much changes, not where it goes.

use crate::{Error, GrayImage, Result};

/// Difference in grey levels from which a pixel counts as moving, where no other is asked for.
///
/// Three times the noise (a standard deviation of about 5 levels) that compression at the rates of online
/// video leaves between frames of a still picture.
pub const MOVING_THRESHOLD: u8 = 15;

/// What differs between two pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameDifference {
    /// Mean of the absolute differences, 0 to 255 grey levels; 0 for pictures without pixels.
    pub mean_absolute: f64,
    /// Share of the pixels that differ by the threshold or more, 0 to 1; 0 for pictures without pixels.
    pub moving_ratio: f64,
    /// The absolute difference of each pixel.
    pub map: GrayImage,
}

/// Compares two pictures pixel by pixel.
///
/// A pixel moves where it differs by `threshold` grey levels or more ([`MOVING_THRESHOLD`] suits video); with
/// 0, every pixel does. The measure is blind to the motion of flat areas, and a change of light is motion to it.
///
/// ```
/// use gv_vision::{GrayImage, MOVING_THRESHOLD, frame_diff};
///
/// let previous = GrayImage::filled(4, 4, 100);
/// let next = GrayImage::from_fn(4, 4, |x, _| if x == 0 { 140 } else { 102 });
/// let difference = frame_diff(&previous, &next, MOVING_THRESHOLD)?;
/// assert_eq!(difference.moving_ratio, 0.25);
/// assert_eq!(difference.mean_absolute, (40.0 + 3.0 * 2.0) / 4.0);
/// # Ok::<(), gv_vision::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::SizeMismatch`] where the pictures differ in size.
pub fn frame_diff(
    previous: &GrayImage,
    next: &GrayImage,
    threshold: u8,
) -> Result<FrameDifference> {
    let (width, height) = (previous.width(), previous.height());
    let second = (next.width(), next.height());
    if second != (width, height) {
        return Err(Error::SizeMismatch { first: (width, height), second });
    }
    let mut map = GrayImage::filled(width, height, 0);
    let (mut sum, mut moving) = (0u64, 0u64);
    let rows = previous.data().chunks(4096).zip(next.data().chunks(4096));
    for (out, (a, b)) in map.data_mut().chunks_mut(4096).zip(rows) {
        let (mut sum_here, mut moving_here) = (0u32, 0u32);
        for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
            *out = a.abs_diff(b);
            sum_here += u32::from(*out);
            moving_here += u32::from(*out >= threshold);
        }
        sum += u64::from(sum_here);
        moving += u64::from(moving_here);
    }
    let pixels = (width * height).max(1) as f64;
    Ok(FrameDifference {
        mean_absolute: sum as f64 / pixels,
        moving_ratio: moving as f64 / pixels,
        map,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_pictures_do_not_differ() {
        let picture = GrayImage::from_fn(70, 90, |x, y| (x * y) as u8);
        let difference = frame_diff(&picture, &picture, MOVING_THRESHOLD).unwrap();
        assert_eq!((difference.mean_absolute, difference.moving_ratio), (0.0, 0.0));
        assert!(difference.map.data().iter().all(|&value| value == 0));
    }

    #[test]
    fn a_square_that_appears_is_its_share_of_the_picture() {
        let previous = GrayImage::filled(100, 80, 20);
        let square = |x: usize, y: usize| (10..30).contains(&x) && (40..60).contains(&y);
        let next = GrayImage::from_fn(100, 80, |x, y| if square(x, y) { 220 } else { 20 });
        let difference = frame_diff(&previous, &next, MOVING_THRESHOLD).unwrap();
        assert_eq!(difference.moving_ratio, 400.0 / 8000.0);
        assert_eq!(difference.mean_absolute, 200.0 * 400.0 / 8000.0);
        assert_eq!(difference.map.row(50)[9..31], [&[0][..], &[200; 20], &[0]].concat());
    }

    #[test]
    fn the_threshold_itself_counts() {
        let (a, b) = (GrayImage::filled(3, 3, 50), GrayImage::filled(3, 3, 35));
        assert_eq!(frame_diff(&a, &b, 15).unwrap().moving_ratio, 1.0);
        assert_eq!(frame_diff(&a, &b, 16).unwrap().moving_ratio, 0.0);
    }

    #[test]
    fn no_pixels_do_not_move() {
        let none = GrayImage::filled(0, 5, 0);
        let difference = frame_diff(&none, &none, 0).unwrap();
        assert_eq!((difference.mean_absolute, difference.moving_ratio), (0.0, 0.0));
    }

    #[test]
    fn pictures_of_two_sizes_are_refused() {
        let result = frame_diff(&GrayImage::filled(4, 4, 0), &GrayImage::filled(4, 5, 0), 1);
        assert!(matches!(result, Err(Error::SizeMismatch { .. })));
    }
}
