//! What a single picture says about itself, beside its motion.

use crate::AnalysisFrame;

/// Chroma of skin, Cb then Cr (Chai and Ngan 1999: 77 to 127 and 133 to 173), brought to full range.
const SKIN_CB: std::ops::RangeInclusive<u8> = 70..=127;
const SKIN_CR: std::ops::RangeInclusive<u8> = 134..=179;
/// Luma below which chroma says nothing.
const SKIN_LUMA: u8 = 40;

/// Standard deviation of the grey values; 0 for a picture without pixels.
pub(super) fn contrast(frame: &AnalysisFrame) -> f64 {
    let luma = frame.luma.data();
    let count = luma.len() as f64;
    if count == 0.0 {
        return 0.0;
    }
    let (mut sum, mut squares) = (0_u64, 0_u64);
    for &value in luma {
        let value = u64::from(value);
        sum += value;
        squares += value * value;
    }
    let mean = sum as f64 / count;
    (squares as f64 / count - mean * mean).max(0.0).sqrt()
}

/// Part of the picture that has the chroma of skin; 0 for a grey picture.
pub(super) fn skin_share(frame: &AnalysisFrame) -> f64 {
    let planes = [frame.luma.data(), frame.cb.data(), frame.cr.data()];
    let [luma, cb, cr] = planes;
    let skin = luma.iter().zip(cb).zip(cr).filter(|((luma, cb), cr)| {
        **luma >= SKIN_LUMA && SKIN_CB.contains(cb) && SKIN_CR.contains(cr)
    });
    skin.count() as f64 / luma.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GrayImage;
    use crate::doubles::analysis_frame;

    fn frame(luma: u8, cb: u8, cr: u8) -> AnalysisFrame {
        let plane = |value| GrayImage::filled(8, 4, value);
        AnalysisFrame { cb: plane(cb), cr: plane(cr), ..analysis_frame(0, 0.0, 1.0, plane(luma)) }
    }

    #[test]
    fn an_empty_picture_has_no_contrast_and_half_black_half_white_has_the_most() {
        assert_eq!(contrast(&AnalysisFrame::default()), 0.0);
        assert_eq!(contrast(&frame(200, 128, 128)), 0.0);
        let halves = GrayImage::from_fn(8, 4, |x, _| if x < 4 { 0 } else { 255 });
        assert_eq!(contrast(&analysis_frame(0, 0.0, 1.0, halves)), 127.5);
    }

    #[test]
    fn light_and_dark_skin_count_and_grey_sky_and_grass_do_not() {
        let full_range = |[r, g, b]: [f64; 3]| {
            let luma = 0.299 * r + 0.587 * g + 0.114 * b;
            frame(
                luma as u8,
                (128.0 + 0.564 * (b - luma)) as u8,
                (128.0 + 0.713 * (r - luma)) as u8,
            )
        };
        for skin in [[224.0, 172.0, 140.0], [150.0, 100.0, 75.0], [92.0, 58.0, 42.0]] {
            assert_eq!(skin_share(&full_range(skin)), 1.0, "{skin:?}");
        }
        for other in [[128.0; 3], [110.0, 160.0, 220.0], [70.0, 130.0, 50.0], [20.0, 10.0, 5.0]] {
            assert_eq!(skin_share(&full_range(other)), 0.0, "{other:?}");
        }
        assert_eq!(skin_share(&AnalysisFrame::default()), 0.0);
    }
}
