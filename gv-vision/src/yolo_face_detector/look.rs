//! One frame of a video looked at.

use super::{Face, FaceDetector, FaceFrame};
use crate::{AnalysisFrame, Frame, GrayImage, Result};

/// Ratio of the second to the first difference of grey in a picture that is as sharp as its pixels allow.
const CRISP: f32 = 1.2;

/// Looks for faces in a picture at analysis size; they come in source pixels. `colours` is the same picture
/// ([`AnalysisFrame::to_rgb`]), so that who looks for more than faces makes it once.
///
/// # Errors
///
/// Those of the detector.
pub fn look_for_faces(
    detector: &dyn FaceDetector,
    picture: &AnalysisFrame,
    colours: &Frame,
) -> Result<FaceFrame> {
    let found = detector.detect(colours)?;
    let largest = found.iter().max_by(|a, b| a.area().total_cmp(&b.area()));
    let sharpness = largest.and_then(|face| sharpness(&picture.luma, face));
    let scale = picture.source_scale as f32;
    Ok(FaceFrame {
        frame: picture.index,
        time: picture.time,
        faces: found.iter().map(|face| face.scaled(scale)).collect(),
        sharpness,
    })
}

/// How sharp the picture is inside of a face, 0 to 1: the mean second difference of grey across, over the mean first
/// difference. Blur lowers the second more than the first; brightness and contrast change neither ratio.
///
/// `None` for a face of fewer than 8 pixels or without any detail.
fn sharpness(luma: &GrayImage, face: &Face) -> Option<f32> {
    let edge = |at: f32, most: usize| (at.max(0.0) as usize).min(most);
    let (left, right) = (edge(face.x, luma.width()), edge(face.x + face.width, luma.width()));
    let (top, bottom) = (edge(face.y, luma.height()), edge(face.y + face.height, luma.height()));
    if right < left + 8 || bottom < top + 8 {
        return None;
    }
    let (mut first, mut second) = (0_u64, 0_u64);
    for y in top..bottom {
        for three in luma.row(y)[left..right].windows(3) {
            let [a, b, c] = [three[0], three[1], three[2]].map(i32::from);
            first += u64::from((c - a).unsigned_abs());
            second += u64::from((a - 2 * b + c).unsigned_abs());
        }
    }
    (first > 0).then(|| (second as f32 / first as f32 / CRISP).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct OneFace;

    impl FaceDetector for OneFace {
        fn name(&self) -> &str {
            "one face"
        }

        fn detect(&self, _: &Frame) -> Result<Vec<Face>> {
            Ok(vec![Face {
                x: 8.0,
                y: 8.0,
                width: 40.0,
                height: 40.0,
                confidence: 0.7,
                landmarks: None,
            }])
        }
    }

    fn seen(luma: GrayImage) -> FaceFrame {
        let neutral = GrayImage::filled(luma.width(), luma.height(), 128);
        let picture = AnalysisFrame {
            index: 3,
            time: 0.5,
            luma,
            cb: neutral.clone(),
            cr: neutral,
            source_scale: 2.0,
        };
        look_for_faces(&OneFace, &picture, &picture.to_rgb().unwrap()).unwrap()
    }

    #[test]
    fn faces_come_in_source_pixels_and_blur_lowers_sharpness() {
        let sharp = seen(GrayImage::from_fn(64, 64, |x, y| ((x * 37 + y * 91) % 7 * 30) as u8));
        assert_eq!((sharp.frame, sharp.time, sharp.faces[0].width), (3, 0.5, 80.0));
        let soft =
            seen(GrayImage::from_fn(64, 64, |x, _| (128.0 + 90.0 * (x as f32 * 0.3).sin()) as u8));
        assert!(sharp.sharpness.unwrap() > 3.0 * soft.sharpness.unwrap(), "{sharp:?} {soft:?}");
        assert_eq!(seen(GrayImage::filled(64, 64, 90)).sharpness, None);
    }
}
