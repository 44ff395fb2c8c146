//! Colour to grey, bit for bit as OpenCV's `cvtColor` does it.

use crate::{Error, GrayImage, Result};

/// Weights of red, green and blue (Rec. 601: 0.299, 0.587, 0.114) in 1/32768; they add up to one.
const RED: u32 = 9798;
const GREEN: u32 = 19235;
const BLUE: u32 = 3735;
const SHIFT: u32 = 15;

const fn luma(red: u8, green: u8, blue: u8) -> u8 {
    let sum = RED * red as u32 + GREEN * green as u32 + BLUE * blue as u32;
    ((sum + (1 << (SHIFT - 1))) >> SHIFT) as u8
}

/// Turns interleaved blue, green, red bytes into grey.
///
/// Takes `height` rows of `width` pixels without padding, three bytes each: a `uint8 (H, W, 3)` array
/// as OpenCV reads pictures. Equal in every bit to OpenCV's `cvtColor` with `COLOR_BGR2GRAY`, for all
/// 2^24 colours: `(3735 B + 19235 G + 9798 R + 2^14) >> 15`.
///
/// # Errors
///
/// [`Error::BufferSize`] where `data` is not exactly `width * height * 3` bytes long.
///
/// # Examples
///
/// ```
/// let pure_red = [0, 0, 255];
/// let gray = gv_vision::gray_from_bgr(&pure_red, 1, 1)?;
/// assert_eq!(gray.data(), [76]);
/// # Ok::<(), gv_vision::Error>(())
/// ```
pub fn gray_from_bgr(data: &[u8], width: usize, height: usize) -> Result<GrayImage> {
    gray_from_triples(data, width, height, "bgr picture", |[blue, green, red]| {
        luma(red, green, blue)
    })
}

/// Turns interleaved red, green, blue bytes into grey.
///
/// As [`gray_from_bgr`], for the other order of the bytes (`COLOR_RGB2GRAY`).
///
/// # Errors
///
/// [`Error::BufferSize`] where `data` is not exactly `width * height * 3` bytes long.
pub fn gray_from_rgb(data: &[u8], width: usize, height: usize) -> Result<GrayImage> {
    gray_from_triples(data, width, height, "rgb picture", |[red, green, blue]| {
        luma(red, green, blue)
    })
}

fn gray_from_triples(
    data: &[u8],
    width: usize,
    height: usize,
    what: &'static str,
    gray: impl Fn([u8; 3]) -> u8,
) -> Result<GrayImage> {
    let needed = width.saturating_mul(height).saturating_mul(3);
    if data.len() != needed {
        return Err(Error::BufferSize { what, given: data.len(), needed, width, height });
    }
    let (triples, _) = data.as_chunks::<3>();
    GrayImage::new(width, height, triples.iter().map(|&triple| gray(triple)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }

    /// The digest is that of `cv2.cvtColor(every_colour, cv2.COLOR_BGR2GRAY)` with OpenCV 5.0 and 4.x;
    /// `every_colour` counts blue slowest and red fastest.
    #[test]
    fn every_colour_is_as_opencv_has_it() {
        let all = (0..1_u32 << 24).map(|c| [(c >> 16) as u8, (c >> 8) as u8, c as u8]);
        let bgr: Vec<u8> = all.flatten().collect();
        let gray = gray_from_bgr(&bgr, 4096, 4096).unwrap();
        assert_eq!(fnv1a(gray.data().iter().copied()), OPENCV_DIGEST);
    }

    const OPENCV_DIGEST: u64 = 0x54d9_d333_59ec_c53d;

    #[test]
    fn the_two_orders_of_bytes_agree() {
        let bgr = [10, 20, 30, 200, 100, 50];
        let rgb = [30, 20, 10, 50, 100, 200];
        assert_eq!(gray_from_bgr(&bgr, 2, 1).unwrap(), gray_from_rgb(&rgb, 2, 1).unwrap());
    }

    #[test]
    fn grey_stays_as_it_is() {
        for value in 0..=255 {
            assert_eq!(gray_from_bgr(&[value; 3], 1, 1).unwrap().data(), [value]);
        }
    }

    #[test]
    fn a_wrong_length_names_the_need() {
        let error = gray_from_bgr(&[0; 5], 1, 2).unwrap_err().to_string();
        assert_eq!(error, "bgr picture has 5 bytes, 1x2 pixels of it need 6");
        assert!(gray_from_rgb(&[], usize::MAX, 2).is_err());
        assert_eq!(gray_from_bgr(&[], 0, 7).unwrap().data(), [0_u8; 0]);
    }
}
