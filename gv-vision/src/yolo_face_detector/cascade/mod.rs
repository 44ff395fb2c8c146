//! Faces found without any file: the SeetaFace cascade, whose numbers are compiled in.

mod boosted;
mod gradients;
mod model;
mod perceptron;
mod search;

use super::{Face, FaceDetector};
use crate::inference::BoxF;
use crate::scale::enlarged;
use crate::{AnalysisFrame, Error, Frame, FrameScaler, Result, check_pixels};
use gv_media::Rational;
use model::Model;

/// Sides of the cascade's window in pixels: the smallest face that it can see.
const WINDOW: usize = 40;
/// The numbers of the cascade, by the Visual Information Processing and Learning group of the Chinese Academy of
/// Sciences (BSD-2-Clause).
const MODEL: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/cascade.bin"));
/// A shorter side than this holds no face that could be told from noise.
const LEAST_SIDE: usize = 20;
/// Score at which confidence is one half, and the step of scores that brings it to 73 %.
const EVEN_SCORE: f32 = 2.8;
const SCORE_STEP: f32 = 2.0;

/// How the cascade looks.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct CascadeOptions {
    /// Least confidence, 0 to 1; 0.5 by default.
    pub confidence: f32,
    /// Least and most pixels on the long side of the picture that is looked at, 40 to 4096; 640 and 1280 by default.
    /// A face must have 40 pixels in it. Work grows with the square.
    pub long_side: (usize, usize),
}

impl Default for CascadeOptions {
    fn default() -> Self {
        Self { confidence: 0.5, long_side: (640, 1280) }
    }
}

/// The built-in detector of upright faces that look at the camera or nearly so.
///
/// After Wu, Kan, He, Shan and Chen, *Funnel-structured cascade for multi-view face detection with alignment awareness*
/// (2016), with their model. It gives no landmarks. Confidence is a logistic function of the cascade's score, so
/// that its customary threshold of 2.8 is one half; it is not calibrated.
#[derive(Debug)]
pub struct CascadeFaceDetector {
    model: Model,
    options: CascadeOptions,
}

impl CascadeFaceDetector {
    /// What results call it.
    pub const NAME: &'static str = "seetaface-frontal-1.0 (built in)";

    /// Prepares the detector.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for an option out of its range.
    pub fn new(options: CascadeOptions) -> Result<Self> {
        let (least, most) = options.long_side;
        let given = [
            ("confidence", options.confidence.to_string(), "0 to 1"),
            ("long_side", format!("{least} to {most}"), "a range within 40 to 4096"),
        ];
        let sound = [
            (0.0..=1.0).contains(&options.confidence),
            40 <= least && least <= most && most <= 4096,
        ];
        for ((name, given, allowed), sound) in given.into_iter().zip(sound) {
            if !sound {
                return Err(Error::InvalidParameter { name, given, allowed });
            }
        }
        let message =
            || Error::ModelRun { message: "the built-in face model is damaged".to_owned() };
        Ok(Self { model: Model::read(MODEL).ok_or_else(message)?, options })
    }
}

impl FaceDetector for CascadeFaceDetector {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn detect(&self, frame: &Frame) -> Result<Vec<Face>> {
        let (width, height) = (frame.width(), frame.height());
        check_pixels(width, height)?;
        if width.min(height) < LEAST_SIDE {
            return Ok(Vec::new());
        }
        let (least, most) = self.options.long_side;
        let long_side = width.max(height).clamp(least, most);
        let mut picture = AnalysisFrame::default();
        FrameScaler::new(long_side).scale(frame, Rational::ONE, &mut picture);
        let scale = long_side as f32 / width.max(height) as f32;
        let luma = if scale > 1.0 {
            let side = |length: usize| ((length as f32 * scale).round() as usize).max(1);
            enlarged(&picture.luma, side(width), side(height))
        } else {
            picture.luma
        };
        if luma.width().min(luma.height()) < WINDOW {
            return Ok(Vec::new());
        }
        let score = EVEN_SCORE + SCORE_STEP * logit(self.options.confidence);
        let across = width as f32 / luma.width() as f32;
        let down = height as f32 / luma.height() as f32;
        let found = search::search(&self.model, &luma);
        let mut faces: Vec<Face> = found
            .iter()
            .filter(|face| face.score >= score)
            .filter_map(|face| {
                let found = BoxF {
                    x: face.x as f32 * across,
                    y: face.y as f32 * down,
                    width: face.side as f32 * across,
                    height: face.side as f32 * down,
                    score: logistic((face.score - EVEN_SCORE) / SCORE_STEP),
                };
                Some(Face::new(found.inside((width, height))?, None))
            })
            .collect();
        faces.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        Ok(faces)
    }
}

fn logistic(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}

/// The inverse of [`logistic`], kept finite at both ends.
fn logit(share: f32) -> f32 {
    let share = share.clamp(1e-4, 1.0 - 1e-4);
    (share / (1.0 - share)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layout;
    use crate::testing::face_detector_suite;
    use gv_media::Timestamp;

    #[test]
    fn the_cascade_keeps_the_contract() {
        face_detector_suite(&CascadeFaceDetector::new(CascadeOptions::default()).unwrap());
    }

    #[test]
    fn options_out_of_range_are_named() {
        for (confidence, long_side, name) in [
            (1.5, (640, 640), "confidence"),
            (f32::NAN, (640, 640), "confidence"),
            (0.5, (700, 640), "long_side"),
            (0.5, (0, 640), "long_side"),
        ] {
            let options = CascadeOptions { confidence, long_side };
            let error = CascadeFaceDetector::new(options).unwrap_err().to_string();
            assert!(error.starts_with(name), "{error}");
        }
    }

    #[test]
    fn a_picture_too_small_for_any_face_has_none() {
        let cascade = CascadeFaceDetector::new(CascadeOptions::default()).unwrap();
        for (width, height) in [(1, 1), (19, 400), (20, 2000), (64, 64)] {
            let data = vec![90; width * height];
            let frame = Frame::new(0, Timestamp::ZERO, width, height, Layout::Gray8, data).unwrap();
            assert_eq!(cascade.detect(&frame).unwrap(), []);
        }
    }
}
