//! The moments at which a face is seen best.

use super::{Face, FaceFrame};
use serde::{Deserialize, Serialize};

/// Seconds that two moments are apart at least.
const APART: f64 = 0.5;
/// What each part counts where all are known.
const WEIGHTS: [f64; 5] = [0.35, 0.25, 0.15, 0.15, 0.10];
/// Height of a face over the picture's short side that is large enough.
const LARGE: f64 = 0.5;
/// From this height on it is a close-up.
const CLOSE_UP: f64 = 0.3;
/// A face less sharp than this is blurred.
const BLURRED: f64 = 0.25;

/// A moment and why it is good. The parts and the weights are priors, not measurements of what viewers prefer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FaceMoment {
    /// In seconds.
    pub timestamp: f64,
    /// Number of the frame in the video.
    pub frame: u64,
    /// Faces in the picture.
    pub face_count: usize,
    /// 0 to 1: the sum of `parts`.
    pub score: f64,
    /// What the score is made of, by name: `size`, `sharpness`, `confidence`, `frontal`, `centred`. A part that is
    /// unknown is left out, and the others share its weight.
    pub parts: Vec<(String, f64)>,
    /// What the moment is good for.
    pub recommendation: String,
}

/// At most `count` moments of `frames` at which the largest face is seen best, best first, half a second apart at least.
///
/// `size` is width and height of the picture in pixels.
pub fn best_face_moments(
    frames: &[FaceFrame],
    size: (usize, usize),
    count: usize,
) -> Vec<FaceMoment> {
    let mut moments: Vec<FaceMoment> =
        frames.iter().filter_map(|frame| moment(frame, size)).collect();
    moments.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.timestamp.total_cmp(&b.timestamp)));
    let mut kept: Vec<FaceMoment> = Vec::new();
    for moment in moments {
        let apart = |other: &FaceMoment| (other.timestamp - moment.timestamp).abs() >= APART;
        if kept.len() < count && kept.iter().all(apart) {
            kept.push(moment);
        }
    }
    kept
}

fn moment(frame: &FaceFrame, (width, height): (usize, usize)) -> Option<FaceMoment> {
    let face = frame.faces.iter().max_by(|a, b| a.area().total_cmp(&b.area()))?;
    let short_side = width.min(height).max(1) as f64;
    let tall = f64::from(face.height) / short_side;
    let frontal = face.landmarks.and_then(|places| places.frontal()).map(f64::from);
    let values = [
        ("size", Some((tall / LARGE).min(1.0))),
        ("sharpness", frame.sharpness.map(f64::from)),
        ("confidence", Some(f64::from(face.confidence).clamp(0.0, 1.0))),
        ("frontal", frontal),
        ("centred", Some(centred(face, width, height))),
    ];
    let known: f64 =
        values.iter().zip(WEIGHTS).filter_map(|(part, weight)| part.1.map(|_| weight)).sum();
    let parts: Vec<(String, f64)> = values
        .iter()
        .zip(WEIGHTS)
        .filter_map(|((name, value), weight)| {
            Some(((*name).to_owned(), (*value)? * weight / known))
        })
        .collect();
    let mut recommendation = if frame.faces.len() > 1 {
        format!("{} faces together: shows people, suits social proof", frame.faces.len())
    } else if tall >= CLOSE_UP {
        "a close-up: suits the opening or a thumbnail".to_owned()
    } else {
        let share = 100.0 * tall;
        format!("the face has {share:.0} % of the picture's short side: crop in for a thumbnail")
    };
    if frame.sharpness.is_some_and(|sharpness| f64::from(sharpness) < BLURRED) {
        recommendation.push_str("; it is blurred");
    }
    if frontal.is_some_and(|frontal| frontal < 0.4) {
        recommendation.push_str("; it looks away");
    }
    Some(FaceMoment {
        timestamp: frame.time,
        frame: frame.frame,
        face_count: frame.faces.len(),
        score: parts.iter().map(|(_, value)| value).sum(),
        parts,
        recommendation,
    })
}

/// 1 in the middle of the picture, 0 in a corner.
fn centred(face: &Face, width: usize, height: usize) -> f64 {
    let off = |middle: f32, side: usize| {
        (2.0 * f64::from(middle) / side.max(1) as f64 - 1.0).clamp(-1.0, 1.0)
    };
    let x = off(face.x + face.width / 2.0, width);
    let y = off(face.y + face.height / 2.0, height);
    1.0 - x.hypot(y) / std::f64::consts::SQRT_2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(time: f64, side: f32, sharpness: f32) -> FaceFrame {
        let (x, y) = (320.0 - side / 2.0, 180.0 - side / 2.0);
        let face = Face { x, y, width: side, height: side, confidence: 0.8, landmarks: None };
        FaceFrame { frame: 0, time, faces: vec![face], sharpness: Some(sharpness) }
    }

    fn best(frames: &[FaceFrame], count: usize) -> Vec<FaceMoment> {
        best_face_moments(frames, (640, 360), count)
    }

    #[test]
    fn larger_and_sharper_faces_come_first_and_apart() {
        let frames = [frame(0.0, 60.0, 0.9), frame(1.0, 160.0, 0.9), frame(1.2, 170.0, 0.9)];
        let moments = best(&frames, 5);
        let times: Vec<f64> = moments.iter().map(|moment| moment.timestamp).collect();
        assert_eq!(times, [1.2, 0.0]);
        assert_eq!(best(&[frame(0.0, 90.0, 0.1), frame(2.0, 90.0, 0.9)], 1)[0].timestamp, 2.0);
        assert_eq!(best(&frames, 0), []);
    }

    #[test]
    fn parts_add_up_and_words_follow_what_is_seen() {
        let moment = &best(&[frame(0.0, 60.0, 0.1)], 1)[0];
        let sum: f64 = moment.parts.iter().map(|part| part.1).sum();
        assert!((sum - moment.score).abs() < 1e-12);
        assert_eq!(moment.parts.len(), 4);
        assert!(moment.recommendation.contains("17 %"), "{}", moment.recommendation);
        assert!(moment.recommendation.ends_with("it is blurred"));
        assert!(best(&[frame(0.0, 150.0, 0.9)], 1)[0].recommendation.contains("close-up"));
        let mut two = frame(0.0, 60.0, 0.9);
        two.faces.push(two.faces[0]);
        assert!(best(&[two], 1)[0].recommendation.contains("2 faces"));
    }

    #[test]
    fn no_face_is_no_moment() {
        let empty = FaceFrame { faces: vec![], ..frame(0.0, 60.0, 0.5) };
        assert_eq!(best(&[empty], 3), []);
    }
}
