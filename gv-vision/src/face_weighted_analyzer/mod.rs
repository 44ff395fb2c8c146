//! Motion weighed by faces (component 2): what moves in faces counts [`FACE_WEIGHT`] times what moves elsewhere.

mod between;
mod video;

pub use crate::motion_moment_sdk::FACE_WEIGHT;
pub use video::{FaceWeightedMotion, FaceWeightedWalk, PeakFaceMoment};

use crate::motion_energy::PairScale;
use crate::yolo_face_detector::Face;
use crate::{Error, FlowField, Result};
use serde::{Deserialize, Serialize};

/// A face and how much moves in it. Energies are in source pixels per nominal frame interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FaceRegion {
    /// The face, in source pixels.
    #[serde(flatten)]
    pub face: Face,
    /// Mean energy inside of the face.
    pub motion_energy: f64,
    /// The same times the weight of faces.
    pub weighted_energy: f64,
}

/// How much moves between two pictures, in faces and elsewhere. Energies are in source pixels per nominal frame
/// interval.
///
/// `total_weighted_motion` is `face_ratio * face_motion + (1 - face_ratio) * background_motion`, so that a weight of 1
/// gives the plain mean energy of the picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrameAnalysis {
    /// Number of the frame that the motion leads to.
    pub frame_idx: u64,
    /// Its presentation time in seconds.
    pub timestamp: f64,
    /// The faces, in the detector's order.
    pub faces: Vec<FaceRegion>,
    /// Mean energy outside of all faces; 0 where faces cover everything.
    pub background_motion: f64,
    /// Mean energy inside of the faces times their weight; 0 without a face.
    pub face_motion: f64,
    /// The energy of the whole picture, that of faces weighed.
    pub total_weighted_motion: f64,
    /// Part of the picture that faces cover, 0 to 1.
    pub face_ratio: f64,
}

/// Weighs the motion of a flow field by faces; `faces` are in source pixels.
///
/// What two faces cover both counts once. `frame_idx` and `timestamp` are taken over.
///
/// # Errors
///
/// [`Error::InvalidParameter`] for a weight that is not finite or below 0.
pub fn weigh_motion(
    flow: &FlowField,
    faces: &[Face],
    scale: PairScale,
    weight: f64,
    (frame_idx, timestamp): (u64, f64),
) -> Result<FrameAnalysis> {
    if !(weight.is_finite() && weight >= 0.0) {
        let given = weight.to_string();
        return Err(Error::InvalidParameter {
            name: "weight",
            given,
            allowed: "finite, 0 or more",
        });
    }
    let (width, height) = (flow.width(), flow.height());
    let unit = scale.per_interval();
    let energy = |at: usize| {
        let [dx, dy] = flow.data()[at];
        f64::from(dx.hypot(dy)) * unit
    };
    let mut inside = vec![false; width * height];
    let shrink = scale.source_scale() as f32;
    let regions = faces
        .iter()
        .map(|face| {
            let edge = |at: f32, most: usize| ((at / shrink).round().max(0.0) as usize).min(most);
            let (left, right) = (edge(face.x, width), edge(face.x + face.width, width));
            let (top, bottom) = (edge(face.y, height), edge(face.y + face.height, height));
            let (mut sum, mut count) = (0.0, 0_u32);
            for at in (top..bottom).flat_map(|y| (y * width + left)..(y * width + right.max(left)))
            {
                inside[at] = true;
                sum += energy(at);
                count += 1;
            }
            let motion_energy = if count == 0 { 0.0 } else { sum / f64::from(count) };
            FaceRegion { face: *face, motion_energy, weighted_energy: weight * motion_energy }
        })
        .collect();
    let (mut sums, mut counts) = ([0.0; 2], [0_u32; 2]);
    for (at, &face) in inside.iter().enumerate() {
        sums[usize::from(face)] += energy(at);
        counts[usize::from(face)] += 1;
    }
    let mean =
        |part: usize| if counts[part] == 0 { 0.0 } else { sums[part] / f64::from(counts[part]) };
    let face_ratio = f64::from(counts[1]) / f64::from((counts[0] + counts[1]).max(1));
    let (background_motion, face_motion) = (mean(0), weight * mean(1));
    Ok(FrameAnalysis {
        frame_idx,
        timestamp,
        faces: regions,
        background_motion,
        face_motion,
        total_weighted_motion: face_ratio * face_motion + (1.0 - face_ratio) * background_motion,
        face_ratio,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion_energy::PairMotion;

    /// A picture of 40 x 20 in which the face (the left quarter) moves by `face` and the rest by `rest`.
    fn weighed(face: f32, rest: f32, weight: f64, faces: usize) -> FrameAnalysis {
        let mut flow = FlowField::zeros(40, 20);
        for (at, moved) in flow.data_mut().iter_mut().enumerate() {
            *moved = [if at % 40 < 10 { face } else { rest }, 0.0];
        }
        let place =
            Face { x: 0.0, y: 0.0, width: 20.0, height: 40.0, confidence: 0.9, landmarks: None };
        let scale = PairScale::new(2.0, 0.1, 0.05).unwrap();
        let analysis = weigh_motion(&flow, &vec![place; faces], scale, weight, (3, 0.5)).unwrap();
        let plain = PairMotion::measure(&flow, scale).mean_energy;
        if weight == 1.0 {
            assert!((analysis.total_weighted_motion - plain).abs() < 1e-6);
        }
        analysis
    }

    #[test]
    fn a_weight_of_one_is_plain_motion() {
        for (face, rest) in [(3.0, 1.0), (0.0, 2.0), (5.0, 0.0), (0.0, 0.0)] {
            for faces in [0, 1, 2] {
                weighed(face, rest, 1.0, faces);
            }
        }
    }

    #[test]
    fn a_moving_face_outweighs_a_moving_background() {
        let face = weighed(4.0, 0.0, FACE_WEIGHT, 1);
        let rest = weighed(0.0, 4.0, FACE_WEIGHT, 1);
        assert_eq!((face.background_motion, rest.face_motion), (0.0, 0.0));
        assert!((face.face_motion - 4.0 * FACE_WEIGHT).abs() < 1e-6, "{face:?}");
        assert!((rest.background_motion - 4.0).abs() < 1e-6);
        assert!((face.total_weighted_motion - 0.25 * 4.0 * FACE_WEIGHT).abs() < 1e-6);
        assert_eq!((face.face_ratio, face.faces.len(), face.frame_idx), (0.25, 1, 3));
        assert!((face.faces[0].weighted_energy - FACE_WEIGHT * 4.0).abs() < 1e-6);
    }

    #[test]
    fn what_two_faces_cover_counts_once_and_no_face_weighs_nothing() {
        assert_eq!(weighed(4.0, 1.0, 3.2, 2).face_ratio, 0.25);
        let none = weighed(4.0, 1.0, 3.2, 0);
        assert_eq!((none.face_ratio, none.face_motion), (0.0, 0.0));
        assert!((none.total_weighted_motion - 1.75).abs() < 1e-6);
    }

    #[test]
    fn a_weight_that_is_no_number_is_refused() {
        let flow = FlowField::zeros(1, 1);
        let scale = PairScale::consecutive(25.0).unwrap();
        assert!(weigh_motion(&flow, &[], scale, f64::NAN, (0, 0.0)).is_err());
    }
}
