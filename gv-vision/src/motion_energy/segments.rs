//! Runs of one type of motion.

use super::{MotionAnalysis, MotionFrame, MotionType, classify_motion, smooth_in_shots};
use serde::{Deserialize, Serialize};

/// Seconds over which energy is smoothed before it is named (Gaussian sigma).
pub(super) const SIGMA: f64 = 0.1;
/// Seconds that a segment lasts at least, where the video is that long.
const MIN_SECONDS: f64 = 0.5;

/// A run of one type of motion.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MotionSegment {
    /// Number of the first frame.
    pub start_frame: u64,
    /// Number of the last frame.
    pub end_frame: u64,
    /// Time at which the first frame is shown, in seconds.
    pub start_time: f64,
    /// Time at which the last frame stops being shown, in seconds.
    pub end_time: f64,
    /// Mean of the energy over time, cuts left out.
    pub avg_energy: f64,
    /// The name of that mean.
    pub motion_type: MotionType,
}

impl MotionSegment {
    /// Length in seconds.
    pub fn duration(&self) -> f64 {
        self.end_time - self.start_time
    }
}

#[derive(Debug, Clone, Copy)]
struct Run {
    first: usize,
    energy_seconds: f64,
    seconds: f64,
    motion_type: MotionType,
}

impl Run {
    fn mean(&self) -> f64 {
        self.energy_seconds / self.seconds
    }

    fn absorb(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.energy_seconds += other.energy_seconds;
        self.seconds += other.seconds;
        self.motion_type = classify_motion(self.mean());
    }

    fn distance(&self, other: &Self) -> f64 {
        ((self.mean() + 0.5) / (other.mean() + 0.5)).ln().abs()
    }
}

/// Names smoothed energies, then joins what is shorter than half a second to the neighbour of the more
/// similar energy until nothing is, and neighbours of one type to each other.
pub(super) fn find(analysis: &MotionAnalysis) -> Vec<MotionSegment> {
    let frames = &analysis.frames;
    let smoothed = smooth_in_shots(frames, SIGMA, |frame| frame.motion.mean_energy);
    let runs = frames.iter().zip(&smoothed).enumerate().map(|(first, (frame, &level))| Run {
        first,
        energy_seconds: frame.motion.mean_energy * frame.interval(),
        seconds: frame.interval(),
        motion_type: classify_motion(level),
    });
    let mut runs = join_equal(runs.collect());
    for run in &mut runs {
        run.motion_type = classify_motion(run.mean());
    }
    while runs.len() > 1 && runs.iter().any(|run| run.seconds < MIN_SECONDS) {
        runs = join_short(runs);
    }
    to_segments(&join_equal(runs), frames, analysis)
}

fn join_equal(runs: Vec<Run>) -> Vec<Run> {
    let mut joined: Vec<Run> = Vec::new();
    for run in runs {
        match joined.last_mut() {
            Some(last) if last.motion_type == run.motion_type => {
                let motion_type = last.motion_type;
                last.absorb(&run);
                last.motion_type = motion_type;
            }
            _ => joined.push(run),
        }
    }
    joined
}

fn join_short(runs: Vec<Run>) -> Vec<Run> {
    let mut joined: Vec<Run> = Vec::with_capacity(runs.len());
    let mut rest = runs.into_iter().peekable();
    while let Some(run) = rest.next() {
        if run.seconds >= MIN_SECONDS {
            joined.push(run);
            continue;
        }
        match (joined.last_mut(), rest.peek_mut()) {
            (Some(last), Some(next)) if last.distance(&run) > next.distance(&run) => {
                next.absorb(&run);
            }
            (Some(last), _) => last.absorb(&run),
            (None, Some(next)) => next.absorb(&run),
            (None, None) => joined.push(run),
        }
    }
    joined
}

fn to_segments(
    runs: &[Run],
    frames: &[MotionFrame],
    analysis: &MotionAnalysis,
) -> Vec<MotionSegment> {
    let start = |number: usize| match (number, runs.get(number)) {
        (0, _) => (analysis.first_frame, analysis.start_time),
        (_, Some(run)) => (frames[run.first].from_frame, frames[run.first].from_time),
        (_, None) => (analysis.first_frame + analysis.total_frames, analysis.end_time),
    };
    let segment = |(number, run): (usize, &Run)| {
        let ((start_frame, start_time), (next_frame, end_time)) =
            (start(number), start(number + 1));
        MotionSegment {
            start_frame,
            end_frame: next_frame.saturating_sub(1).max(start_frame),
            start_time,
            end_time,
            avg_energy: run.mean(),
            motion_type: run.motion_type,
        }
    };
    runs.iter().enumerate().map(segment).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doubles::analysis_of;
    use proptest::prelude::*;

    fn types(analysis: &MotionAnalysis) -> Vec<MotionType> {
        analysis.segments.iter().map(|segment| segment.motion_type).collect()
    }

    #[test]
    fn planted_levels_are_found_where_they_change() {
        let levels = [0.2, 3.0, 9.0, 30.0];
        let analysis = analysis_of(25.0, &[], |t| levels[(t / 2.0) as usize % 4], 8.0);
        assert_eq!(types(&analysis), MotionType::ALL);
        for (number, segment) in analysis.segments.iter().enumerate() {
            assert!((segment.start_time - 2.0 * number as f64).abs() < 0.15, "{segment:?}");
            assert!((segment.avg_energy / levels[number] - 1.0).abs() < 0.5, "{segment:?}");
        }
    }

    #[test]
    fn a_blink_is_no_segment() {
        let blink = |t: f64| if (2.0..2.2).contains(&t) { 9.0 } else { 2.0 };
        assert_eq!(types(&analysis_of(25.0, &[], blink, 5.0)), [MotionType::Smooth]);
    }

    #[test]
    fn a_change_at_a_cut_is_a_change_at_that_frame() {
        let analysis = analysis_of(30.0, &[45], |t| if t < 1.5 { 0.1 } else { 8.0 }, 4.0);
        let [still, fast] = analysis.segments[..] else { panic!("{:?}", analysis.segments) };
        assert_eq!((still.start_frame, still.end_frame), (0, 44));
        assert_eq!((fast.start_frame, fast.end_frame), (45, 119));
        assert_eq!((still.end_time, fast.start_time), (1.5, 1.5));
        assert!((fast.end_time - 4.0).abs() < 1e-9);
    }

    #[test]
    fn a_video_shorter_than_a_segment_is_one() {
        let analysis = analysis_of(25.0, &[], |t| t * 50.0, 0.2);
        assert_eq!(analysis.segments.len(), 1);
        assert_eq!((analysis.segments[0].start_frame, analysis.segments[0].end_frame), (0, 4));
    }

    proptest! {
        #[test]
        fn segments_cover_the_video_without_gap_and_are_named_by_their_mean(
            levels in proptest::collection::vec(0.0_f64..25.0, 40),
            cut in 5_u64..190,
        ) {
            let analysis = analysis_of(25.0, &[cut], |t| levels[(t * 5.0) as usize % 40], 8.0);
            let segments = &analysis.segments;
            prop_assert_eq!(segments[0].start_time, 0.0);
            prop_assert!((segments[segments.len() - 1].end_time - 8.0).abs() < 1e-9);
            for pair in segments.windows(2) {
                prop_assert_eq!(pair[0].end_time, pair[1].start_time);
                prop_assert_eq!(pair[0].end_frame + 1, pair[1].start_frame);
                prop_assert!(pair[0].motion_type != pair[1].motion_type);
            }
            for segment in segments {
                prop_assert_eq!(classify_motion(segment.avg_energy), segment.motion_type);
                prop_assert!(segment.duration() >= MIN_SECONDS - 1e-9);
            }
        }
    }
}
