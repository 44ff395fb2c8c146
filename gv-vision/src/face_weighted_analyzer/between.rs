//! Faces between two frames that a detector looked at.

use crate::yolo_face_detector::{Face, FaceFrame};

/// How far a face may have moved, in sides of the face, and still be the same.
const FARTHEST: f32 = 0.8;

/// The faces at a moment between two frames: those of both move straight, those of one only are there in its half.
pub(super) fn faces_between(before: &FaceFrame, after: &FaceFrame, time: f64) -> Vec<Face> {
    let span = after.time - before.time;
    let share = if span > 0.0 { ((time - before.time) / span).clamp(0.0, 1.0) as f32 } else { 1.0 };
    let mut others: Vec<Option<&Face>> = after.faces.iter().map(Some).collect();
    let mut faces = Vec::new();
    for face in &before.faces {
        let nearest = others
            .iter()
            .enumerate()
            .filter_map(|(at, other)| other.map(|other| (at, face.distance(other.middle(), other))))
            .filter(|(_, distance)| *distance <= FARTHEST)
            .min_by(|a, b| a.1.total_cmp(&b.1));
        match nearest.and_then(|(at, _)| others[at].take()) {
            Some(other) => faces.push(face.towards(other, share)),
            None if share < 0.5 => faces.push(*face),
            None => {}
        }
    }
    if share >= 0.5 {
        faces.extend(others.into_iter().flatten());
    }
    faces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(time: f64, places: &[f32]) -> FaceFrame {
        let face = |&x: &f32| Face {
            x,
            y: 50.0,
            width: 40.0,
            height: 40.0,
            confidence: 0.9,
            landmarks: None,
        };
        FaceFrame { time, faces: places.iter().map(face).collect(), ..FaceFrame::default() }
    }

    #[test]
    fn a_face_seen_twice_moves_and_one_seen_once_is_there_for_its_half() {
        let (before, after) = (seen(1.0, &[100.0, 400.0]), seen(1.2, &[110.0, 700.0]));
        let at = |time| {
            faces_between(&before, &after, time).iter().map(|face| face.x).collect::<Vec<_>>()
        };
        assert_eq!(at(1.05), [102.5, 400.0]);
        assert_eq!(at(1.15), [107.5, 700.0]);
        assert_eq!(at(1.2), [110.0, 700.0]);
    }

    #[test]
    fn nothing_stays_nothing() {
        assert!(faces_between(&seen(0.0, &[]), &seen(0.0, &[]), 0.0).is_empty());
    }
}
