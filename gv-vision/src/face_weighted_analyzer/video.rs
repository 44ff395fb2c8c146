//! Face-weighted motion of a whole video.

use super::between::faces_between;
use super::{FrameAnalysis, weigh_motion};
use crate::motion_energy::PairScale;
use crate::shots::Boundary;
use crate::yolo_face_detector::FaceFrame;
use crate::{AnalysisFrame, FlowField, FlowWalk, OpticalFlow, Result};
use serde::{Deserialize, Serialize};

/// Seconds that two peaks are apart at least.
const APART: f64 = 0.5;

/// A moment at which faces and their motion draw the eye most.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PeakFaceMoment {
    /// In seconds.
    pub timestamp: f64,
    /// Number of the frame.
    pub frame: u64,
    /// Energy of the whole picture with faces weighed.
    pub weighted_motion: f64,
    /// Faces in the picture.
    pub face_count: usize,
    /// Part of the picture that they cover, 0 to 1.
    pub face_ratio: f64,
}

/// The face-weighted motion of a video. Energies are in source pixels per nominal frame interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FaceWeightedMotion {
    /// Each pair of frames; pairs across a boundary of shots are left out.
    pub frames: Vec<FrameAnalysis>,
    /// Weighted motion in faces, added up over the frames.
    pub total_face_motion_weighted: f64,
    /// Motion outside of faces, added up over the frames.
    pub total_background_motion: f64,
    /// The first over the second; infinite where only faces move, 0 where nothing does.
    pub face_to_background_ratio: f64,
    /// Mean part of the picture that faces cover, 0 to 1.
    pub average_face_coverage: f64,
    /// The weight of faces that was applied.
    pub face_weight_applied: f64,
}

impl FaceWeightedMotion {
    fn new(frames: Vec<FrameAnalysis>, weight: f64) -> Self {
        let sum = |part: fn(&FrameAnalysis) -> f64| frames.iter().map(part).sum::<f64>();
        let (face, background) = (sum(|f| f.face_motion), sum(|f| f.background_motion));
        let ratio = match (face > 0.0, background > 0.0) {
            (_, true) => face / background,
            (true, false) => f64::INFINITY,
            (false, false) => 0.0,
        };
        Self {
            total_face_motion_weighted: face,
            total_background_motion: background,
            face_to_background_ratio: ratio,
            average_face_coverage: sum(|f| f.face_ratio) / frames.len().max(1) as f64,
            face_weight_applied: weight,
            frames,
        }
    }

    /// At most `count` moments with a face, most weighted motion first, half a second apart at least.
    pub fn peak_face_moments(&self, count: usize) -> Vec<PeakFaceMoment> {
        let mut seen: Vec<&FrameAnalysis> =
            self.frames.iter().filter(|frame| !frame.faces.is_empty()).collect();
        seen.sort_by(|a, b| b.total_weighted_motion.total_cmp(&a.total_weighted_motion));
        let mut peaks: Vec<PeakFaceMoment> = Vec::new();
        for frame in seen {
            if peaks.len() == count {
                break;
            }
            if peaks.iter().all(|peak| (peak.timestamp - frame.timestamp).abs() >= APART) {
                peaks.push(PeakFaceMoment {
                    timestamp: frame.timestamp,
                    frame: frame.frame_idx,
                    weighted_motion: frame.total_weighted_motion,
                    face_count: frame.faces.len(),
                    face_ratio: frame.face_ratio,
                });
            }
        }
        peaks
    }
}

/// A walk along a video: each frame once, and with some of them the faces that a detector saw.
///
/// Between two such frames faces move straight; flows wait until the next one is known.
pub struct FaceWeightedWalk {
    walk: Box<dyn FlowWalk>,
    weight: f64,
    nominal_interval: f64,
    last_time: Option<f64>,
    seen: Option<FaceFrame>,
    waiting: Vec<Waiting>,
    frames: Vec<(FrameAnalysis, u64)>,
}

impl std::fmt::Debug for FaceWeightedWalk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FaceWeightedWalk")
            .field("frames", &self.frames.len())
            .finish_non_exhaustive()
    }
}

struct Waiting {
    flow: FlowField,
    scale: PairScale,
    frame: u64,
    from: u64,
    time: f64,
}

impl FaceWeightedWalk {
    /// Starts a walk by `flow` along a video of `rate` frames per second, faces weighed by `weight`.
    ///
    /// A rate that is not above zero is taken as 30.
    pub fn new(flow: &dyn OpticalFlow, weight: f64, rate: f64) -> Self {
        let rate = if rate.is_finite() && rate > 0.0 { rate } else { 30.0 };
        Self {
            walk: flow.walk(),
            weight,
            nominal_interval: rate.recip(),
            last_time: None,
            seen: None,
            waiting: Vec::new(),
            frames: Vec::new(),
        }
    }

    /// Takes the next frame, and what a detector saw in it where one looked.
    ///
    /// # Errors
    ///
    /// [`Error::SizeMismatch`](crate::Error::SizeMismatch) where the frame's size is not that of the frame before,
    /// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for a weight that is not finite or below 0.
    pub fn push(&mut self, frame: &AnalysisFrame, faces: Option<FaceFrame>) -> Result<()> {
        let flow = self.walk.push(&frame.luma)?;
        if let (Some(flow), Some(last)) = (flow, self.last_time) {
            let seconds = frame.time - last;
            let scale = PairScale::new(frame.source_scale, seconds, self.nominal_interval);
            if let Ok(scale) = scale {
                let from = frame.index.saturating_sub(1);
                let flow = flow.clone();
                self.waiting.push(Waiting {
                    flow,
                    scale,
                    frame: frame.index,
                    from,
                    time: frame.time,
                });
            }
        }
        self.last_time = Some(frame.time);
        if let Some(faces) = faces {
            self.settle(Some(&faces))?;
            self.seen = Some(faces);
        }
        Ok(())
    }

    /// Ends the walk of a video whose shots are divided by `boundaries`.
    ///
    /// # Errors
    ///
    /// Those of [`push`](Self::push).
    pub fn finish(mut self, boundaries: &[Boundary]) -> Result<FaceWeightedMotion> {
        self.settle(None)?;
        let crossed = |frame: u64, from: u64| {
            let inside = |boundary: &Boundary| {
                let start = boundary.start_frame.min(boundary.frame);
                frame >= start && from < boundary.end_frame.max(boundary.frame)
            };
            boundaries.iter().any(inside)
        };
        let kept = self.frames.into_iter().filter(|(frame, from)| !crossed(frame.frame_idx, *from));
        let frames: Vec<FrameAnalysis> = kept.map(|(frame, _)| frame).collect();
        log::debug!("motion of {} pairs of frames weighed by {}", frames.len(), self.weight);
        Ok(FaceWeightedMotion::new(frames, self.weight))
    }

    /// Weighs the flows that wait, now that the faces after them are known, or that none will be.
    fn settle(&mut self, after: Option<&FaceFrame>) -> Result<()> {
        for waiting in self.waiting.drain(..) {
            let faces = match (&self.seen, after) {
                (Some(before), Some(after)) => faces_between(before, after, waiting.time),
                (Some(only), None) => only.faces.clone(),
                (None, Some(only)) => only.faces.clone(),
                (None, None) => Vec::new(),
            };
            let place = (waiting.frame, waiting.time);
            let analysis = weigh_motion(&waiting.flow, &faces, waiting.scale, self.weight, place)?;
            self.frames.push((analysis, waiting.from));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shots::BoundaryKind;
    use crate::yolo_face_detector::Face;
    use crate::{DifferenceFlow, Farneback, FarnebackOptions, GrayImage};

    /// Frames of 160 x 90 in which the square of a face moves by `step` on a textured ground that stands.
    fn walked(step: usize, weight: f64, boundaries: &[Boundary]) -> FaceWeightedMotion {
        let flow = Farneback::new(FarnebackOptions::default()).unwrap();
        let mut walk = FaceWeightedWalk::new(&flow, weight, 10.0);
        for k in 0..12_usize {
            let left = 30 + k * step;
            let texture = |x: usize, y: usize| {
                (128.0 + 60.0 * (x as f32 * 0.5).sin() + 60.0 * (y as f32 * 0.4).cos()) as u8
            };
            let luma = GrayImage::from_fn(160, 90, |x, y| {
                let inside = (left..left + 40).contains(&x) && (20..70).contains(&y);
                if inside { texture(x + 500 - left, y) } else { texture(x, y) / 2 }
            });
            let time = k as f64 * 0.1;
            let frame = AnalysisFrame {
                index: k as u64,
                time,
                luma,
                source_scale: 1.0,
                ..AnalysisFrame::default()
            };
            let face = Face {
                x: left as f32,
                y: 20.0,
                width: 40.0,
                height: 50.0,
                confidence: 0.9,
                landmarks: None,
            };
            let seen = FaceFrame { frame: k as u64, time, faces: vec![face], sharpness: None };
            walk.push(&frame, (k % 3 == 0).then_some(seen)).unwrap();
        }
        walk.finish(boundaries).unwrap()
    }

    #[test]
    fn a_moving_face_has_the_motion_and_its_weight() {
        let found = walked(2, 3.2, &[]);
        assert_eq!(found.frames.len(), 11);
        let plain = walked(2, 1.0, &[]);
        let ratio = found.total_face_motion_weighted / plain.total_face_motion_weighted;
        assert!((ratio - 3.2).abs() < 1e-9);
        assert!(found.face_to_background_ratio > 6.0, "{}", found.face_to_background_ratio);
        assert!((found.average_face_coverage - 2000.0 / 14_400.0).abs() < 0.01);
        let peaks = found.peak_face_moments(5);
        assert_eq!((peaks.len(), peaks[0].face_count), (2, 1));
        assert!(peaks[0].weighted_motion >= peaks[1].weighted_motion);
    }

    #[test]
    fn pairs_across_a_boundary_do_not_count() {
        let cut = Boundary {
            frame: 5,
            time: 0.5,
            start_frame: 5,
            start_time: 0.5,
            end_frame: 5,
            end_time: 0.5,
            kind: BoundaryKind::Cut,
            score: 0.9,
        };
        let found = walked(2, 3.2, &[cut]);
        assert_eq!(found.frames.len(), 10);
        assert!(found.frames.iter().all(|frame| frame.frame_idx != 5));
    }

    #[test]
    fn a_video_of_no_frame_or_without_faces_has_an_answer() {
        let walk = FaceWeightedWalk::new(&DifferenceFlow, 3.2, f64::NAN);
        let nothing = walk.finish(&[]).unwrap();
        assert_eq!((nothing.face_to_background_ratio, nothing.average_face_coverage), (0.0, 0.0));
        assert!(nothing.peak_face_moments(3).is_empty());
    }
}
