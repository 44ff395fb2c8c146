//! Where else a video may be cut.

use super::{MotionAnalysis, MotionFrame, MotionType, classify_motion, named, smooth_in_shots};
use serde::{Deserialize, Serialize};

/// Seconds over which energy is smoothed (Gaussian sigma).
const SIGMA: f64 = 0.1;
/// Seconds on either side of a point that are weighed against it.
const REACH: f64 = 1.5;
/// Seconds before and after the onset of a movement that are compared.
const ONSET_REACH: f64 = 0.4;
/// Change of motion that a point needs, in nats of `1 + energy`.
const MIN_SCORE: f64 = 0.4;
/// Seconds between two points.
const MIN_DISTANCE: f64 = 0.5;
/// Seconds between a point and a cut that is there, or an end of the video.
const KEEP_OFF: f64 = 0.3;

/// Why a cut works at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutPointKind {
    /// Motion dips between two movements.
    Rest,
    /// A movement sets in.
    Action,
}

named!(CutPointKind { Rest => "rest", Action => "action" });

/// A place where a video may be cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CutPoint {
    /// Presentation time of the frame that would be the first after the cut, in seconds.
    pub timestamp: f64,
    /// Number of that frame.
    pub frame: u64,
    /// Energy there, smoothed over a tenth of a second, in source pixels per nominal frame interval.
    pub energy: f64,
    /// The name of that energy.
    pub motion_type: MotionType,
    /// Why a cut works here.
    pub kind: CutPointKind,
    /// How much the motion changes, in nats of `1 + energy`.
    pub score: f64,
    /// What was measured, in words.
    pub reason: String,
}

pub(super) fn find(analysis: &MotionAnalysis, num_cuts: usize) -> Vec<CutPoint> {
    let frames = &analysis.frames;
    let level = smooth_in_shots(frames, SIGMA, |frame| frame.motion.mean_energy);
    let mut candidates = Vec::new();
    for shot in frames.chunk_by(|a, b| a.shot == b.shot) {
        let from = candidates_start(frames, shot);
        let level = &level[from..from + shot.len()];
        rests(shot, level, &mut candidates);
        actions(shot, level, &mut candidates);
    }
    let free = |point: &CutPoint| {
        let apart = |time: f64| (point.timestamp - time).abs() >= KEEP_OFF;
        apart(analysis.start_time)
            && apart(analysis.end_time)
            && analysis.cuts.iter().all(|cut| apart(cut.timestamp))
    };
    candidates.retain(free);
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.frame.cmp(&b.frame)));
    let mut chosen: Vec<CutPoint> = Vec::new();
    for candidate in candidates {
        if chosen.len() == num_cuts {
            break;
        }
        let near = |point: &CutPoint| (point.timestamp - candidate.timestamp).abs() < MIN_DISTANCE;
        if !chosen.iter().any(near) {
            chosen.push(candidate);
        }
    }
    chosen.sort_by_key(|point| point.frame);
    chosen
}

fn candidates_start(frames: &[MotionFrame], shot: &[MotionFrame]) -> usize {
    shot.first().map_or(0, |first| frames.partition_point(|f| f.frame_idx < first.frame_idx))
}

fn nats(energy: f64) -> f64 {
    energy.max(0.0).ln_1p()
}

fn point(
    frame: &MotionFrame,
    energy: f64,
    kind: CutPointKind,
    score: f64,
    why: String,
) -> CutPoint {
    CutPoint {
        timestamp: frame.timestamp,
        frame: frame.frame_idx,
        energy,
        motion_type: classify_motion(energy),
        kind,
        score,
        reason: why,
    }
}

/// Dips: places lower than all within reach on both sides, up to a higher place on each.
fn rests(shot: &[MotionFrame], level: &[f64], found: &mut Vec<CutPoint>) {
    let mut index = 0;
    while index < level.len() {
        let low = level[index];
        let plateau = level[index..].iter().take_while(|&&value| value == low).count();
        let middle = index + plateau / 2;
        let time = shot[middle].middle();
        let peak = |side: &mut dyn Iterator<Item = usize>| {
            let near = side.take_while(|&i| (shot[i].middle() - time).abs() <= REACH);
            near.take_while(|&i| level[i] >= low).map(|i| level[i]).fold(low, f64::max)
        };
        let before = peak(&mut (0..index).rev());
        let after = peak(&mut (index + plateau..level.len()));
        let score = nats(before.min(after)) - nats(low);
        if score >= MIN_SCORE {
            let why = format!(
                "motion rests at {low:.1} px per frame between {before:.1} before and {after:.1} after"
            );
            found.push(point(&shot[middle], low, CutPointKind::Rest, score, why));
        }
        index += plateau;
    }
}

/// Onsets: places where the mean of what comes is most above the mean of what was.
fn actions(shot: &[MotionFrame], level: &[f64], found: &mut Vec<CutPoint>) {
    let mut best: Option<(f64, CutPoint)> = None;
    for (index, frame) in shot.iter().enumerate() {
        let time = frame.from_time;
        let side = |range: &mut dyn Iterator<Item = usize>| {
            let near = range.take_while(|&i| (shot[i].middle() - time).abs() <= ONSET_REACH);
            let (mut sum, mut seconds) = (0.0, 0.0);
            for i in near {
                sum += nats(shot[i].motion.mean_energy) * shot[i].interval();
                seconds += shot[i].interval();
            }
            (seconds > 0.75 * ONSET_REACH).then(|| sum / seconds)
        };
        let before = side(&mut (0..index).rev());
        let after = side(&mut (index..shot.len()));
        let (Some(before), Some(after)) = (before, after) else { continue };
        let score = after - before;
        let ended = best.as_ref().is_some_and(|&(at, _)| time - at > ONSET_REACH);
        if score < MIN_SCORE || ended {
            found.extend(best.take().map(|(_, point)| point));
        }
        if score >= MIN_SCORE && best.as_ref().is_none_or(|(_, known)| score > known.score) {
            let [before, after] = [before, after].map(f64::exp_m1);
            let why = format!("motion rises from {before:.1} to {after:.1} px per frame");
            let action = point(frame, level[index], CutPointKind::Action, score, why);
            best = Some((time, action));
        }
    }
    found.extend(best.map(|(_, point)| point));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doubles::analysis_of;

    fn step(t: f64) -> f64 {
        if t < 3.0 { 0.5 } else { 12.0 }
    }

    /// Two movements with a rest at 2.0 s.
    fn two_movements(t: f64) -> f64 {
        1.0 + 10.0 * (t * std::f64::consts::PI / 2.0).sin().powi(2)
    }

    #[test]
    fn a_rest_between_two_movements_is_a_cut_point() {
        let points = analysis_of(50.0, &[], two_movements, 4.0).find_cut_points(1);
        let [point] = &points[..] else { panic!("{points:?}") };
        assert!((point.timestamp - 2.0).abs() < 0.05, "{point:?}");
        assert_eq!((point.kind, point.motion_type), (CutPointKind::Rest, MotionType::Smooth));
    }

    #[test]
    fn the_onset_of_a_movement_is_a_cut_point() {
        let points = analysis_of(25.0, &[], step, 6.0).find_cut_points(5);
        let [point] = &points[..] else { panic!("{points:?}") };
        assert!((point.timestamp - 3.0).abs() < 0.1, "{point:?}");
        assert_eq!(point.kind, CutPointKind::Action);
        assert!(point.reason.starts_with("motion rises from 0.5 to 1"), "{}", point.reason);
    }

    #[test]
    fn points_keep_off_cuts_ends_and_each_other_and_come_in_time_order() {
        let wave = |t: f64| 6.0 + 5.0 * (t * 9.0).sin();
        let analysis = analysis_of(25.0, &[60, 130], wave, 10.0);
        let points = analysis.find_cut_points(usize::MAX);
        assert!(points.len() > 4);
        for point in &points {
            for time in [0.0, 2.4, 5.2, 10.0] {
                assert!((point.timestamp - time).abs() >= KEEP_OFF, "{point:?}");
            }
        }
        assert!(points.windows(2).all(|p| p[1].timestamp - p[0].timestamp >= MIN_DISTANCE));
        assert_eq!(analysis.find_cut_points(3).len(), 3);
        assert!(analysis.find_cut_points(0).is_empty());
    }

    #[test]
    fn fewer_points_are_the_best_of_more() {
        let analysis = analysis_of(25.0, &[], |t| 6.0 + t * (t * 4.0).sin(), 12.0);
        let all = analysis.find_cut_points(usize::MAX);
        let two = analysis.find_cut_points(2);
        let mut scores: Vec<f64> = all.iter().map(|point| point.score).collect();
        scores.sort_by(|a, b| b.total_cmp(a));
        assert!(two.iter().all(|point| all.contains(point) && point.score >= scores[1]));
    }

    #[test]
    fn even_motion_and_stillness_have_no_cut_point() {
        for level in [0.0, 4.0, 20.0] {
            let jitter = |t: f64| level * (1.0 + 0.1 * (t * 700.0).sin());
            assert!(analysis_of(25.0, &[], jitter, 8.0).find_cut_points(5).is_empty());
        }
    }

    #[test]
    fn the_rate_changes_nothing_but_the_frame_numbers() {
        let at = |fps| analysis_of(fps, &[], |t| two_movements(t) * 30.0 / fps, 8.0);
        let times = |fps: f64| -> Vec<f64> {
            at(fps).find_cut_points(3).iter().map(|point| point.timestamp).collect()
        };
        let (slow, quick) = (times(30.0), times(60.0));
        assert_eq!(slow.len(), quick.len());
        assert!(slow.iter().zip(&quick).all(|(a, b)| (a - b).abs() < 0.06), "{slow:?} {quick:?}");
    }
}
