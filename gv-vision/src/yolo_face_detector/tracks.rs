//! Faces followed over frames.

use super::{Face, FaceFrame};
use serde::{Deserialize, Serialize};

/// How faces are followed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TrackOptions {
    /// Seconds for which a face may be missed without ending its track.
    pub longest_gap: f64,
    /// Seconds that a track must last; one that is seen in a single frame is none.
    pub shortest: f64,
    /// How far a face may be from where it is expected, in sides of the face.
    pub farthest: f32,
    /// Height of a face over the picture's short side from which on it is a close-up; a prior.
    pub close_up: f32,
    /// How frontal a face must be to count as looking at the camera, 0 to 1; a prior.
    pub looking: f32,
}

impl Default for TrackOptions {
    fn default() -> Self {
        Self { longest_gap: 0.5, shortest: 0.3, farthest: 0.8, close_up: 0.3, looking: 0.6 }
    }
}

/// A face of a track in one frame.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrackedFace {
    /// Number of the frame in the video.
    pub frame: u64,
    /// The moment at which it is shown, in seconds.
    pub time: f64,
    /// The face, in source pixels.
    pub face: Face,
}

/// One face followed through one shot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FaceTrack {
    /// Number of the track, from 0, in the order of their starts.
    pub id: u32,
    /// When the face is first seen, in seconds.
    pub start_time: f64,
    /// When it is gone, in seconds: the frame looked at after the last sighting, the cut, or the end of the video.
    pub end_time: f64,
    /// Where it was seen, in time order.
    pub sightings: Vec<TrackedFace>,
    /// Mean confidence of the sightings.
    pub confidence: f32,
    /// The largest height of the face over the picture's short side.
    pub largest: f32,
    /// Part of the sightings that are close-ups, 0 to 1.
    pub close_up_ratio: f64,
    /// Part of the sightings that look at the camera, 0 to 1; `None` where the detector gives no landmarks.
    pub looking_ratio: Option<f64>,
}

impl FaceTrack {
    /// Seconds for which the face is on the screen.
    pub fn screen_time(&self) -> f64 {
        self.end_time - self.start_time
    }

    /// The face at a moment, in source pixels, drawn straight between two sightings; `None` outside of the track.
    pub fn at(&self, time: f64) -> Option<Face> {
        if !(self.start_time..=self.end_time).contains(&time) {
            return None;
        }
        let next = self.sightings.partition_point(|sighting| sighting.time <= time);
        let before = self.sightings.get(next.checked_sub(1)?)?;
        let Some(after) = self.sightings.get(next) else { return Some(before.face) };
        let share = ((time - before.time) / (after.time - before.time)) as f32;
        Some(before.face.towards(&after.face, share))
    }
}

/// Follows the faces of `frames` (in time order) through a picture of `size` (width, height in pixels).
///
/// A face belongs to the track whose expected place, by its last movement, it is nearest to. A track ends at a cut:
/// who is seen in two shots has two tracks. `cuts` and `end_time` are in seconds.
pub fn track_faces(
    frames: &[FaceFrame],
    cuts: &[f64],
    size: (usize, usize),
    end_time: f64,
    options: &TrackOptions,
) -> Vec<FaceTrack> {
    let (mut open, mut closed): (Vec<Open>, Vec<Open>) = (Vec::new(), Vec::new());
    let mut cuts = cuts.iter().copied().filter(|cut| cut.is_finite()).collect::<Vec<_>>();
    cuts.sort_by(f64::total_cmp);
    let mut last_time = f64::NEG_INFINITY;
    for frame in frames {
        let cut = cuts.iter().copied().find(|&cut| cut > last_time && cut <= frame.time + 1e-9);
        if let Some(cut) = cut.filter(|_| last_time.is_finite()) {
            open.iter_mut().for_each(|track| track.close(cut));
            closed.append(&mut open);
        }
        let patience = options.longest_gap.max(1.5 * (frame.time - last_time));
        let (lost, going): (Vec<Open>, Vec<Open>) =
            open.into_iter().partition(|track| frame.time - track.last().time > patience);
        closed.extend(lost);
        open = going;
        let mut faces: Vec<Option<&Face>> = frame.faces.iter().map(Some).collect();
        for (track, face) in matches(&open, frame, options.farthest) {
            open[track].sightings.push(TrackedFace {
                frame: frame.frame,
                time: frame.time,
                face: frame.faces[face],
            });
            open[track].missed_at = None;
            faces[face] = None;
        }
        for track in &mut open {
            if track.last().frame != frame.frame {
                track.missed_at.get_or_insert(frame.time);
            }
        }
        open.extend(faces.into_iter().flatten().map(|&face| Open {
            sightings: vec![TrackedFace { frame: frame.frame, time: frame.time, face }],
            missed_at: None,
        }));
        last_time = frame.time;
    }
    closed.append(&mut open);
    let mut tracks: Vec<FaceTrack> =
        closed.into_iter().filter_map(|track| track.finish(size, end_time, options)).collect();
    tracks.sort_by(|a, b| {
        let first = |track: &FaceTrack| track.sightings[0].face;
        a.start_time.total_cmp(&b.start_time).then(first(a).x.total_cmp(&first(b).x))
    });
    for (id, track) in tracks.iter_mut().enumerate() {
        track.id = id as u32;
    }
    tracks
}

/// A track that may go on; it has at least one sighting.
#[derive(Debug)]
struct Open {
    sightings: Vec<TrackedFace>,
    /// When the face was first missed since it was last seen, or cut off.
    missed_at: Option<f64>,
}

impl Open {
    fn last(&self) -> &TrackedFace {
        &self.sightings[self.sightings.len() - 1]
    }

    fn close(&mut self, cut: f64) {
        self.missed_at = Some(self.missed_at.map_or(cut, |missed| missed.min(cut)));
    }

    /// Where the middle of the face is expected at a moment.
    fn expected(&self, time: f64) -> (f32, f32) {
        let last = self.last();
        let (x, y) = last.face.middle();
        let Some(before) = self.sightings.len().checked_sub(2).map(|at| &self.sightings[at]) else {
            return (x, y);
        };
        let (u, v) = before.face.middle();
        let ahead = ((time - last.time) / (last.time - before.time)).clamp(0.0, 2.0) as f32;
        (x + (x - u) * ahead, y + (y - v) * ahead)
    }

    fn finish(
        self,
        size: (usize, usize),
        end_time: f64,
        options: &TrackOptions,
    ) -> Option<FaceTrack> {
        let start_time = self.sightings[0].time;
        let end_time = self.missed_at.unwrap_or(end_time).max(self.last().time);
        let count = self.sightings.len();
        if count < 2 || end_time - start_time < options.shortest {
            return None;
        }
        let short_side = size.0.min(size.1).max(1) as f32;
        let heights = self.sightings.iter().map(|sighting| sighting.face.height / short_side);
        let close_ups = heights.clone().filter(|&height| height >= options.close_up).count();
        let frontal: Vec<f32> = self
            .sightings
            .iter()
            .filter_map(|sighting| sighting.face.landmarks.and_then(|places| places.frontal()))
            .collect();
        let looking = frontal.iter().filter(|&&share| share >= options.looking).count();
        let confidence =
            self.sightings.iter().map(|sighting| sighting.face.confidence).sum::<f32>();
        Some(FaceTrack {
            id: 0,
            start_time,
            end_time,
            confidence: confidence / count as f32,
            largest: heights.fold(0.0, f32::max),
            close_up_ratio: close_ups as f64 / count as f64,
            looking_ratio: (!frontal.is_empty()).then(|| looking as f64 / frontal.len() as f64),
            sightings: self.sightings,
        })
    }
}

/// Pairs of track and face that belong together, each in one pair, the nearest first.
fn matches(open: &[Open], frame: &FaceFrame, farthest: f32) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
    for (number, track) in open.iter().enumerate() {
        let expected = track.expected(frame.time);
        let known = &track.last().face;
        for (other, face) in frame.faces.iter().enumerate() {
            let (smaller, larger) = (known.area().min(face.area()), known.area().max(face.area()));
            let distance = face.distance(expected, known);
            if smaller * 3.0 >= larger && distance <= farthest {
                pairs.push((distance, number, other));
            }
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let (mut tracks, mut faces) = (vec![false; open.len()], vec![false; frame.faces.len()]);
    let mut chosen = Vec::new();
    for (_, track, face) in pairs {
        if !tracks[track] && !faces[face] {
            (tracks[track], faces[face]) = (true, true);
            chosen.push((track, face));
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yolo_face_detector::Landmarks;

    const SIZE: (usize, usize) = (640, 360);

    fn face(x: f32, y: f32, side: f32) -> Face {
        Face { x, y, width: side, height: side, confidence: 0.9, landmarks: None }
    }

    /// Frames five times a second whose faces are `at(time)`.
    fn frames(count: u64, at: impl Fn(f64) -> Vec<Face>) -> Vec<FaceFrame> {
        let frame = |k: u64| {
            let time = k as f64 * 0.2;
            FaceFrame { frame: k * 5, time, faces: at(time), sharpness: None }
        };
        (0..count).map(frame).collect()
    }

    fn track(frames: &[FaceFrame], cuts: &[f64]) -> Vec<FaceTrack> {
        track_faces(frames, cuts, SIZE, frames.len() as f64 * 0.2, &TrackOptions::default())
    }

    #[test]
    fn two_faces_that_cross_keep_their_identities() {
        let seen = frames(20, |time| {
            let step = 400.0 * time as f32 / 3.8;
            vec![face(50.0 + step, 100.0, 60.0), face(450.0 - step, 115.0, 60.0)]
        });
        let found = track(&seen, &[]);
        assert_eq!(found.len(), 2);
        for (track, direction) in found.iter().zip([1.0, -1.0]) {
            let moves = track.sightings.windows(2).map(|pair| pair[1].face.x - pair[0].face.x);
            assert!(moves.into_iter().all(|step| step * direction > 0.0), "{track:?}");
        }
    }

    #[test]
    fn a_face_missed_for_a_moment_goes_on_and_one_gone_for_long_comes_back_as_another() {
        let missed = frames(20, |time| {
            if (time - 1.0).abs() < 0.05 { vec![] } else { vec![face(100.0, 100.0, 80.0)] }
        });
        let found = track(&missed, &[]);
        assert_eq!((found.len(), found[0].start_time, found[0].end_time), (1, 0.0, 4.0));
        let gone = frames(20, |time| {
            if (1.0..3.0).contains(&time) { vec![] } else { vec![face(100.0, 100.0, 80.0)] }
        });
        let found = track(&gone, &[]);
        let times: Vec<_> = found.iter().map(|track| (track.start_time, track.end_time)).collect();
        assert_eq!(times, [(0.0, 1.0), (3.0, 4.0)]);
    }

    #[test]
    fn a_cut_ends_a_track_at_its_moment() {
        let seen = frames(10, |_| vec![face(100.0, 100.0, 80.0)]);
        let times: Vec<_> =
            track(&seen, &[0.9]).iter().map(|t| (t.start_time, t.end_time)).collect();
        assert_eq!(times, [(0.0, 0.9), (1.0, 2.0)]);
    }

    #[test]
    fn a_face_seen_once_is_no_track() {
        let seen = frames(10, |time| {
            if (time - 1.0).abs() < 0.05 { vec![face(100.0, 100.0, 80.0)] } else { vec![] }
        });
        assert_eq!(track(&seen, &[]), []);
    }

    #[test]
    fn close_ups_and_looks_are_parts_of_the_sightings() {
        let looking = |nose: f32| Landmarks {
            left_eye: (10.0, 10.0),
            right_eye: (30.0, 10.0),
            nose: (nose, 20.0),
            mouth_left: (12.0, 30.0),
            mouth_right: (28.0, 30.0),
        };
        let seen = frames(10, |time| {
            let mut seen = face(200.0, 100.0, 100.0 + 20.0 * time as f32);
            seen.landmarks = Some(looking(if time < 0.9 { 20.0 } else { 6.0 }));
            vec![seen]
        });
        let found = track(&seen, &[]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].close_up_ratio, found[0].looking_ratio), (0.8, Some(0.5)));
        assert!((found[0].largest - 136.0 / 360.0).abs() < 1e-4);
        assert!((found[0].at(0.3).unwrap().width - 106.0).abs() < 1e-3);
        assert_eq!(found[0].at(9.0), None);
    }

    #[test]
    fn the_rate_of_looking_does_not_change_the_tracks() {
        let at = |time: f64| vec![face(100.0 + 30.0 * time as f32, 90.0, 70.0)];
        let every = frames(40, at);
        let third: Vec<FaceFrame> = every.iter().step_by(3).cloned().collect();
        let spans = |frames: &[FaceFrame]| {
            let found = track_faces(frames, &[], SIZE, 8.0, &TrackOptions::default());
            found.iter().map(|track| (track.start_time, track.end_time)).collect::<Vec<_>>()
        };
        assert_eq!(spans(&every), [(0.0, 8.0)]);
        assert_eq!(spans(&third), [(0.0, 8.0)]);
    }

    #[test]
    fn nothing_seen_is_no_track() {
        assert_eq!(track(&[], &[f64::NAN]), []);
    }
}
