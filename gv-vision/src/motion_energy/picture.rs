//! What a single picture says about itself, beside its motion.

use crate::AnalysisFrame;

/// Chroma of skin, Cb then Cr: that of Chai and Ngan (1999, 77 to 127 and 133 to 173) brought to full
/// range, Cr from 142 on, since sand and paper lie below.
const SKIN_CB: std::ops::RangeInclusive<u8> = 70..=127;
const SKIN_CR: std::ops::RangeInclusive<u8> = 142..=179;
/// Luma below which chroma says nothing.
const SKIN_LUMA: u8 = 40;
/// Pixels whose counts and squares fit into 32 bits together.
const BLOCK: usize = 1 << 15;
/// Grey levels between neighbours that are no structure.
const PLAIN_STEP: u8 = 2;

/// Standard deviation of the grey values; 0 for a picture without pixels.
pub(super) fn contrast(frame: &AnalysisFrame) -> f64 {
    let luma = frame.luma.data();
    let count = luma.len() as f64;
    if count == 0.0 {
        return 0.0;
    }
    let (mut sum, mut squares) = (0_u64, 0_u64);
    for block in luma.chunks(BLOCK) {
        sum += u64::from(block.iter().map(|&value| u32::from(value)).sum::<u32>());
        let square = |&value: &u8| u32::from(value) * u32::from(value);
        squares += u64::from(block.iter().map(square).sum::<u32>());
    }
    let mean = sum as f64 / count;
    (squares as f64 / count - mean * mean).max(0.0).sqrt()
}

/// Part of the picture that differs from its left and upper neighbours by no more than noise: near 1 for
/// text on a plain ground, 0 for a picture without pixels.
pub(super) fn plain_share(frame: &AnalysisFrame) -> f64 {
    let luma = &frame.luma;
    let mut count = 0_u64;
    for y in 1..luma.height() {
        let (above, row) = (luma.row(y - 1), luma.row(y));
        let neighbours = row.iter().skip(1).zip(row).zip(above.iter().skip(1));
        let plain = neighbours.map(|((here, left), up)| {
            u32::from((here.abs_diff(*left) <= PLAIN_STEP) & (here.abs_diff(*up) <= PLAIN_STEP))
        });
        count += u64::from(plain.sum::<u32>());
    }
    let total = luma.width().saturating_sub(1) * luma.height().saturating_sub(1);
    count as f64 / total.max(1) as f64
}

/// Part of the picture that has the chroma of skin; 0 for a grey picture.
pub(super) fn skin_share(frame: &AnalysisFrame) -> f64 {
    let planes = [frame.luma.data(), frame.cb.data(), frame.cr.data()];
    let [luma, cb, cr] = planes;
    let mut count = 0_u64;
    let blocks = luma.chunks(BLOCK).zip(cb.chunks(BLOCK)).zip(cr.chunks(BLOCK));
    for ((luma, cb), cr) in blocks {
        let skin = luma.iter().zip(cb).zip(cr).map(|((luma, cb), cr)| {
            let within = SKIN_CB.contains(cb) & SKIN_CR.contains(cr);
            u32::from((*luma >= SKIN_LUMA) & within)
        });
        count += u64::from(skin.sum::<u32>());
    }
    count as f64 / luma.len().max(1) as f64
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
    fn a_title_on_a_plain_ground_is_plain_and_texture_is_not() {
        let title =
            GrayImage::from_fn(64, 36, |x, y| 240 * u8::from((30..34).contains(&x) && y == 9));
        assert!(plain_share(&analysis_frame(0, 0.0, 1.0, title)) > 0.99);
        let texture = GrayImage::from_fn(64, 36, |x, y| (x * 37 + y * 59) as u8);
        assert_eq!(plain_share(&analysis_frame(0, 0.0, 1.0, texture)), 0.0);
        assert_eq!(plain_share(&AnalysisFrame::default()), 0.0);
        assert_eq!(plain_share(&analysis_frame(0, 0.0, 1.0, GrayImage::filled(1, 9, 3))), 0.0);
    }

    #[test]
    fn light_and_dark_skin_count_and_grey_sand_sky_and_grass_do_not() {
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
        for other in [
            [128.0; 3],
            [170.0, 152.0, 122.0],
            [110.0, 160.0, 220.0],
            [70.0, 130.0, 50.0],
            [20.0, 10.0, 5.0],
        ] {
            assert_eq!(skin_share(&full_range(other)), 0.0, "{other:?}");
        }
        assert_eq!(skin_share(&AnalysisFrame::default()), 0.0);
    }
}
