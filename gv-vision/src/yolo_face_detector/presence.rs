//! For how long faces are seen.

use super::FaceFrame;
use serde::{Deserialize, Serialize};

/// A stretch of time with a face in every frame that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Streak {
    /// Its first moment in seconds.
    pub start_time: f64,
    /// The moment in seconds at which no face is seen any more.
    pub end_time: f64,
}

impl Streak {
    /// Length in seconds.
    pub fn duration(&self) -> f64 {
        self.end_time - self.start_time
    }
}

/// How much of a video shows faces. A frame that was looked at stands for the time until the next one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FacePresence {
    /// Frames that were looked at.
    pub processed_frames: u64,
    /// Of these, frames with a face.
    pub frames_with_faces: u64,
    /// Part of the time in which a face is seen, 0 to 1.
    pub face_presence_ratio: f64,
    /// Mean number of faces over the time.
    pub average_faces_per_frame: f64,
    /// Faces of all frames that were looked at.
    pub total_face_detections: u64,
    /// When the first face is seen, in seconds.
    pub first_face_time: Option<f64>,
    /// The stretches with faces, in time order.
    pub streaks: Vec<Streak>,
}

impl FacePresence {
    /// Sums up `frames` (in time order) of a video that ends at `end_time` seconds.
    pub fn new(frames: &[FaceFrame], end_time: f64) -> Self {
        let mut presence = Self {
            processed_frames: frames.len() as u64,
            frames_with_faces: 0,
            face_presence_ratio: 0.0,
            average_faces_per_frame: 0.0,
            total_face_detections: 0,
            first_face_time: None,
            streaks: Vec::new(),
        };
        let (mut whole, mut seen, mut faces) = (0.0, 0.0, 0.0);
        for (number, frame) in frames.iter().enumerate() {
            let until = frames.get(number + 1).map_or(end_time, |next| next.time).max(frame.time);
            let (span, count) = (until - frame.time, frame.faces.len());
            whole += span;
            faces += span * count as f64;
            presence.total_face_detections += count as u64;
            if count == 0 {
                continue;
            }
            seen += span;
            presence.frames_with_faces += 1;
            presence.first_face_time.get_or_insert(frame.time);
            match presence.streaks.last_mut() {
                Some(streak) if streak.end_time == frame.time => streak.end_time = until,
                _ => presence.streaks.push(Streak { start_time: frame.time, end_time: until }),
            }
        }
        if whole > 0.0 {
            presence.face_presence_ratio = seen / whole;
            presence.average_faces_per_frame = faces / whole;
        } else if let [frame] = frames {
            presence.face_presence_ratio = f64::from(u8::from(!frame.faces.is_empty()));
            presence.average_faces_per_frame = frame.faces.len() as f64;
        }
        presence
    }

    /// The longest stretch with faces.
    pub fn longest_streak(&self) -> Option<Streak> {
        self.streaks.iter().copied().max_by(|a, b| a.duration().total_cmp(&b.duration()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yolo_face_detector::Face;

    fn frame(time: f64, count: usize) -> FaceFrame {
        let face =
            Face { x: 0.0, y: 0.0, width: 9.0, height: 9.0, confidence: 0.9, landmarks: None };
        FaceFrame { frame: 0, time, faces: vec![face; count], sharpness: None }
    }

    #[test]
    fn presence_is_a_part_of_the_time_and_not_of_the_frames() {
        let frames = [frame(0.0, 1), frame(0.1, 2), frame(0.2, 0), frame(1.2, 1)];
        let presence = FacePresence::new(&frames, 2.0);
        assert!((presence.face_presence_ratio - 0.5).abs() < 1e-9);
        assert!((presence.average_faces_per_frame - (0.1 + 0.2 + 0.8) / 2.0).abs() < 1e-9);
        assert_eq!((presence.frames_with_faces, presence.total_face_detections), (3, 4));
        assert_eq!(presence.first_face_time, Some(0.0));
        let spans: Vec<_> = presence.streaks.iter().map(|s| (s.start_time, s.end_time)).collect();
        assert_eq!(spans, [(0.0, 0.2), (1.2, 2.0)]);
        assert_eq!(presence.longest_streak().unwrap().start_time, 1.2);
    }

    #[test]
    fn a_still_picture_and_no_picture_have_an_answer() {
        assert_eq!(FacePresence::new(&[frame(0.0, 2)], 0.0).face_presence_ratio, 1.0);
        let nothing = FacePresence::new(&[], 5.0);
        assert_eq!((nothing.face_presence_ratio, nothing.first_face_time), (0.0, None));
        assert_eq!(nothing.longest_streak(), None);
    }
}
