//! A window of frames held in memory.

use super::FACE_WEIGHT;
use crate::motion_energy::{PairMotion, PairScale};
use crate::{Error, GrayImage, OpticalFlow, Result};
use serde::{Deserialize, Serialize};

/// The motion inside of a window of frames.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemporalWindow {
    /// Mean displacement from each frame to the next in pixels: one less than there are frames.
    pub motion_energies: Vec<f64>,
    /// Whether each frame shows a face; empty where that is unknown.
    pub face_detections: Vec<bool>,
    /// Mean of the energies, those that lead to a frame with a face times [`FACE_WEIGHT`].
    pub weighted_energy: f64,
    /// Number of the highest weighted energy in `motion_energies`, the first of equals; `None` without one.
    pub peak_index: Option<usize>,
}

/// Measures how much moves from one picture to the next: the mean displacement in pixels.
///
/// # Errors
///
/// [`Error::SizeMismatch`] where the pictures differ in size.
pub fn calculate_motion_energy(
    flow: &dyn OpticalFlow,
    frame1: &GrayImage,
    frame2: &GrayImage,
) -> Result<f64> {
    let scale = PairScale::consecutive(1.0)?;
    Ok(PairMotion::measure(&flow.calculate(frame1, frame2)?, scale).mean_energy)
}

/// Measures the motion inside of a window of consecutive frames.
///
/// `face_detections` says for each frame whether it shows a face; empty means unknown, and then nothing
/// is weighted. A window of no frame or one has no energies and a weighted energy of 0.
///
/// # Errors
///
/// [`Error::SizeMismatch`] where frames differ in size, [`Error::InvalidParameter`] where
/// `face_detections` is neither empty nor as long as `frames`.
pub fn analyze_temporal_window(
    flow: &dyn OpticalFlow,
    frames: &[GrayImage],
    face_detections: &[bool],
) -> Result<TemporalWindow> {
    if !face_detections.is_empty() && face_detections.len() != frames.len() {
        return Err(Error::InvalidParameter {
            name: "face_detections",
            given: format!("{} values for {} frames", face_detections.len(), frames.len()),
            allowed: "one value per frame, or none where faces are unknown",
        });
    }
    let scale = PairScale::consecutive(1.0)?;
    let mut walk = flow.walk();
    let mut motion_energies = Vec::with_capacity(frames.len().saturating_sub(1));
    for frame in frames {
        if let Some(flow) = walk.push(frame)? {
            motion_energies.push(PairMotion::measure(flow, scale).mean_energy);
        }
    }
    let face = |pair: usize| face_detections.get(pair + 1).copied().unwrap_or(false);
    let weight = |pair: usize| if face(pair) { FACE_WEIGHT } else { 1.0 };
    let weighted: Vec<f64> =
        motion_energies.iter().enumerate().map(|(i, e)| e * weight(i)).collect();
    let highest = (0..weighted.len()).reduce(|a, b| if weighted[b] > weighted[a] { b } else { a });
    Ok(TemporalWindow {
        weighted_energy: weighted.iter().sum::<f64>() / weighted.len().max(1) as f64,
        peak_index: highest,
        motion_energies,
        face_detections: face_detections.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doubles::{PlantedFlow, numbered};

    fn window(count: u8, faces: &[bool]) -> Result<TemporalWindow> {
        let flow = PlantedFlow::new(|_, to, _, _| [0.0, if to == 3 { 6.0 } else { 2.0 }]);
        let frames: Vec<_> = (0..count).map(|i| numbered(i, 16, 9)).collect();
        analyze_temporal_window(&flow, &frames, faces)
    }

    #[test]
    fn unknown_faces_weigh_nothing() {
        let found = window(5, &[]).unwrap();
        assert_eq!(found.motion_energies, [2.0, 2.0, 6.0, 2.0]);
        assert_eq!((found.weighted_energy, found.peak_index), (3.0, Some(2)));
    }

    #[test]
    fn a_face_weighs_the_motion_that_leads_to_it() {
        let found = window(5, &[true, false, false, false, true]).unwrap();
        assert!((found.weighted_energy - (10.0 + 2.0 * FACE_WEIGHT) / 4.0).abs() < 1e-9);
        assert_eq!(found.peak_index, Some(3));
        assert_eq!(window(5, &[false; 5]).unwrap().weighted_energy, 3.0);
    }

    #[test]
    fn a_window_without_a_pair_has_no_peak_and_a_wrong_number_of_faces_is_refused() {
        for count in [0, 1] {
            let found = window(count, &[]).unwrap();
            assert_eq!((found.weighted_energy, found.peak_index), (0.0, None));
        }
        let error = window(4, &[true]).unwrap_err().to_string();
        assert!(error.starts_with("face_detections is 1 values for 4 frames"), "{error}");
    }

    #[test]
    fn two_pictures_have_the_energy_of_their_displacement() {
        let flow = PlantedFlow::new(|_, _, _, _| [3.0, -4.0]);
        let energy = calculate_motion_energy(&flow, &numbered(0, 9, 9), &numbered(1, 9, 9));
        assert!((energy.unwrap() - 5.0).abs() < 1e-6);
    }
}
