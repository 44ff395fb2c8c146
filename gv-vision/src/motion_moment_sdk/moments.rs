//! The moments of a video.

use super::points::{self, Candidate};
use super::track::Track;
use super::{
    AttentionCurve, FACE_WEIGHT, FaceSample, MomentType, MotionMoment, WINDOW_SECONDS, spans,
};
use crate::motion_energy::MotionAnalysis;
use serde::{Deserialize, Serialize};

/// Length of the shortest window in seconds.
const MIN_WINDOW: f64 = 0.2;
/// Seconds that must be left of a stretch when others have taken their part of it.
const MIN_LEFT: f64 = 1.0;

/// What counts as which moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MomentOptions {
    /// Length of a window around a point of time in seconds.
    pub window: f64,
    /// Length of the opening in seconds; a third of the video where that is less.
    pub opening: f64,
    /// Length of the closing section in seconds; a third of the video where that is less.
    pub closing: f64,
    /// What a face multiplies motion by, where faces are known.
    pub face_weight: f64,
}

impl Default for MomentOptions {
    fn default() -> Self {
        Self { window: WINDOW_SECONDS, opening: 3.0, closing: 8.0, face_weight: FACE_WEIGHT }
    }
}

impl MomentOptions {
    /// Makes windows `seconds` long, at least 0.2.
    #[must_use]
    pub fn window(mut self, seconds: f64) -> Self {
        self.window = seconds;
        self
    }

    /// Makes the opening `seconds` long.
    #[must_use]
    pub fn opening(mut self, seconds: f64) -> Self {
        self.opening = seconds;
        self
    }

    /// Makes the closing section `seconds` long.
    #[must_use]
    pub fn closing(mut self, seconds: f64) -> Self {
        self.closing = seconds;
        self
    }

    /// Weighs faces by `weight`.
    #[must_use]
    pub fn face_weight(mut self, weight: f64) -> Self {
        self.face_weight = weight;
        self
    }
}

/// Finds the moments of a video, in time order and without overlap.
///
/// `curve` is the attention curve of the same analysis. `faces` are what a detector saw; `None` where none
/// was asked, and then no moment says anything about faces.
///
/// - **hook**: the attention peak of the opening (3 s, or a third of the video), where it stands out by
///   0.2 from the opening's quietest moment or from the video's median. At most one.
/// - **transition**: a second around a cut, or around a change of speed by 3 times that lasts.
/// - **cta**: the calm stretch (below 0.03 diagonals per second, at least a second, not black) of the
///   closing section (8 s, or a third) that an attention peak leads to; the plainer the picture, the
///   clearer. Cards (three quarters of the picture without structure) that follow each other within
///   0.4 s are one. At most one.
/// - **emotional**: a stretch of a shot in the middle that is held for 1.2 s and shows people.
///   Where a face is known to be seen half of the time, held means below 0.06 diagonals per second. Where
///   faces are unknown, 6 % of the picture must have the chroma of skin, and held means at most half as
///   fast as the video's mean as well, but not frozen.
///
/// Hook and cta take their place first, then held shots, then transitions what is left around them: the
/// clearest first, at least half a window each.
///
/// A still, black or evenly noisy video has none, and no moment is shorter than a sampling step. Options that are no number or not above zero are taken
/// as their defaults.
pub fn detect_motion_moments(
    analysis: &MotionAnalysis,
    curve: &AttentionCurve,
    faces: Option<&[FaceSample]>,
    options: &MomentOptions,
) -> Vec<MotionMoment> {
    let default = MomentOptions::default();
    let or = |value: f64, default: f64| {
        if value.is_finite() && value > 0.0 { value } else { default }
    };
    let seconds = or(options.window, default.window).max(MIN_WINDOW);
    let opening = or(options.opening, default.opening);
    let closing = or(options.closing, default.closing);
    let weight = or(options.face_weight, default.face_weight);
    let track = Track::new(analysis, curve, faces, opening, closing);

    let mut taken: Vec<Candidate> = points::hook(&track, seconds).into_iter().collect();
    place(&mut taken, spans::cta(&track).into_iter().collect(), what_is_left);
    place(&mut taken, spans::emotional(&track), what_is_left);
    place(&mut taken, points::transitions(&track, seconds), what_is_left_around);
    taken.sort_by(|a, b| a.start.total_cmp(&b.start));
    let mut moments: Vec<MotionMoment> = Vec::new();
    for candidate in &taken {
        let next = to_moment(&track, candidate, weight);
        let after = |m: &MotionMoment| moments.last().is_none_or(|l| l.frame_end < m.frame_start);
        moments.extend(next.filter(after));
    }
    log::debug!("{} moments of {} candidates", moments.len(), taken.len());
    moments
}

/// Gives the clearest candidates their places first; equals in time order.
fn place(
    taken: &mut Vec<Candidate>,
    mut candidates: Vec<Candidate>,
    fit: impl Fn(&[Candidate], Candidate) -> Option<Candidate>,
) {
    candidates.sort_by(|a, b| b.score().total_cmp(&a.score()).then(a.start.total_cmp(&b.start)));
    for candidate in candidates {
        let placed = fit(taken, candidate);
        taken.extend(placed);
    }
}

fn overlaps(other: &Candidate, start: f64, end: f64) -> bool {
    other.start < end - 1e-9 && start < other.end - 1e-9
}

/// What of a window nothing else has taken around its point of time, where that is half of it or more. A
/// change without a cut that another window reaches into is that window's.
fn what_is_left_around(taken: &[Candidate], mut candidate: Candidate) -> Option<Candidate> {
    let (boundary, start, end) = (candidate.parts.first()?, candidate.start, candidate.end);
    let window =
        |other: &Candidate| matches!(other.moment_type, MomentType::Hook | MomentType::Transition);
    if boundary.value == 0.0 && taken.iter().any(|o| window(o) && overlaps(o, start, end)) {
        return None;
    }
    let time = boundary.time;
    let length = candidate.end - candidate.start;
    for other in taken {
        if other.end <= time + 1e-9 {
            candidate.start = candidate.start.max(other.end);
        } else if other.start >= time - 1e-9 {
            candidate.end = candidate.end.min(other.start);
        } else {
            return None;
        }
    }
    (candidate.end - candidate.start >= 0.5 * length - 1e-9).then_some(candidate)
}

/// The longest stretch of a candidate that nothing else has taken.
fn what_is_left(taken: &[Candidate], mut candidate: Candidate) -> Option<Candidate> {
    let (start, end) = (candidate.start, candidate.end);
    let mut others: Vec<_> = taken.iter().filter(|other| overlaps(other, start, end)).collect();
    others.sort_by(|a, b| a.start.total_cmp(&b.start));
    let (mut free, mut best) = (start, (start, start));
    for (from, until) in others.iter().map(|o| (o.start, o.end)).chain([(end, end)]) {
        if from - free > best.1 - best.0 {
            best = (free, from);
        }
        free = free.max(until);
    }
    (candidate.start, candidate.end) = best;
    (best.1 - best.0 >= MIN_LEFT - 1e-9).then_some(candidate)
}

fn to_moment(track: &Track<'_>, candidate: &Candidate, weight: f64) -> Option<MotionMoment> {
    let analysis = track.analysis;
    let last_frame = analysis.first_frame + analysis.total_frames.checked_sub(1)?;
    let (frame_start, timestamp_start) = track.frame_at(candidate.start);
    let (next, end) = track.frame_at(candidate.end);
    let (frame_end, timestamp_end) = if next == last_frame || candidate.end >= analysis.end_time {
        (last_frame, analysis.end_time)
    } else if next > frame_start {
        (next - 1, end)
    } else {
        return None;
    };
    let span = (timestamp_start, timestamp_end);
    let frames = track.frames(span);
    let peak = frames
        .iter()
        .filter(|frame| frame.frame_idx <= frame_end)
        .reduce(|a, b| if b.motion.mean_energy > a.motion.mean_energy { b } else { a });
    let face = track.face_share(span);
    let face_present = face.map(|share| share >= 0.5);
    Some(MotionMoment {
        frame_start,
        frame_end,
        timestamp_start,
        timestamp_end,
        motion_energy: track.mean(span, |frame| frame.motion.mean_energy).unwrap_or(0.0),
        peak_frame: peak.map_or(frame_start, |frame| frame.frame_idx),
        peak_energy: peak.map_or(0.0, |frame| frame.motion.mean_energy),
        moment_type: candidate.moment_type,
        face_present,
        face_weight: if face_present == Some(true) { weight } else { 1.0 },
        score: candidate.score(),
        score_parts: candidate.parts.clone(),
        reason: candidate.reason.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doubles::analysis_of;
    use crate::motion_moment_sdk::{AttentionOptions, find_optimal_cut_points};
    use proptest::prelude::*;

    fn detect(analysis: &MotionAnalysis) -> Vec<MotionMoment> {
        detect_with(analysis, None, &MomentOptions::default())
    }

    fn detect_with(
        analysis: &MotionAnalysis,
        faces: Option<&[FaceSample]>,
        options: &MomentOptions,
    ) -> Vec<MotionMoment> {
        let curve = AttentionCurve::new(analysis, faces, &AttentionOptions::default());
        detect_motion_moments(analysis, &curve, faces, options)
    }

    /// An ad of 24 s at 25 frames per second: a burst at 1 s, cuts at 4, 8, 12 and 20 s, a held shot from
    /// 8 to 12 s, an end card that has settled by 20.5 s.
    fn ad() -> MotionAnalysis {
        let energy = |t: f64| match t {
            t if t < 4.0 => 2.0 + 30.0 * (-(t - 1.0) * (t - 1.0) * 8.0).exp(),
            t if t < 8.0 => 9.0,
            t if t < 12.0 => 1.0,
            t if t < 20.5 => 8.0,
            _ => 0.2,
        };
        analysis_of(25.0, &[100, 200, 300, 500], energy, 24.0)
    }

    fn of(moments: &[MotionMoment], moment_type: MomentType) -> Vec<&MotionMoment> {
        moments.iter().filter(|moment| moment.moment_type == moment_type).collect()
    }

    #[test]
    fn all_four_types_are_where_the_ad_has_them() {
        let moments = detect(&ad());
        let [hook] = of(&moments, MomentType::Hook)[..] else { panic!("{moments:#?}") };
        assert!((25..=27).contains(&hook.peak_frame), "{hook:?}");
        assert!((hook.duration() - 1.0).abs() < 0.05 && hook.peak_energy > 30.0);
        let cuts: Vec<f64> =
            of(&moments, MomentType::Transition).iter().map(|m| m.key_time()).collect();
        assert_eq!(cuts, [4.0, 8.0, 12.0, 20.0]);
        let [held] = of(&moments, MomentType::Emotional)[..] else { panic!("{moments:#?}") };
        assert!(held.timestamp_start == 8.0 && (held.timestamp_end - 12.0).abs() < 0.05);
        let [cta] = of(&moments, MomentType::Cta)[..] else { panic!("{moments:#?}") };
        assert!((cta.timestamp_start - 20.6).abs() < 0.3 && cta.timestamp_end == 24.0, "{cta:?}");
        assert_eq!(cta.frame_end, 599);
    }

    #[test]
    fn moments_come_in_time_order_without_overlap_and_their_parts_add_up() {
        let moments = detect(&ad());
        for pair in moments.windows(2) {
            assert!(pair[0].timestamp_end <= pair[1].timestamp_start + 1e-9);
            assert!(pair[0].frame_end < pair[1].frame_start);
        }
        for moment in &moments {
            let sum: f64 = moment.score_parts.iter().map(|part| part.value).sum();
            assert!((sum - moment.score).abs() < 1e-9 && (0.0..=1.0).contains(&moment.score));
            assert!((moment.frame_start..=moment.frame_end).contains(&moment.peak_frame));
            assert_eq!((moment.face_present, moment.face_weight), (None, 1.0));
            assert!(!moment.reason.is_empty());
        }
    }

    #[test]
    fn cut_points_are_in_time_order_and_never_inside_a_held_shot() {
        let moments = detect(&ad());
        let points = find_optimal_cut_points(&moments);
        assert!(points.windows(2).all(|p| p[1] - p[0] >= 0.5), "{points:?}");
        let held = of(&moments, MomentType::Emotional)[0];
        let inside = |t: &&f64| **t > held.timestamp_start && **t < held.timestamp_end;
        assert!(!points.iter().any(|t| inside(&t)));
        assert!(points.contains(&12.0));
        let mut reversed = moments.clone();
        reversed.reverse();
        assert_eq!(find_optimal_cut_points(&reversed), points);
        assert!(find_optimal_cut_points(&[]).is_empty());
    }

    #[test]
    fn still_even_and_noisy_videos_have_no_moment() {
        for level in [0.0, 0.5, 6.0, 40.0] {
            let noise = |t: f64| level * (1.0 + 0.3 * (t * 917.0).sin());
            assert_eq!(detect(&analysis_of(25.0, &[], noise, 20.0)), []);
        }
    }

    #[test]
    fn a_black_ending_is_no_call_to_action() {
        let mut analysis = ad();
        for frame in &mut analysis.frames {
            frame.contrast = if frame.timestamp > 20.0 { 0.5 } else { 50.0 };
        }
        assert!(of(&detect(&analysis), MomentType::Cta).is_empty());
    }

    #[test]
    fn end_cards_that_follow_each_other_are_one_call_to_action() {
        let energy = |t: f64| match t {
            t if t < 12.0 => 9.0,
            t if (13.5..13.8).contains(&t) => 6.0,
            _ => 0.1,
        };
        let mut analysis = analysis_of(25.0, &[300, 375], energy, 17.0);
        for frame in analysis.frames.iter_mut().filter(|frame| frame.timestamp > 12.0) {
            frame.plain_share = 0.95;
        }
        let moments = detect(&analysis);
        let [cta] = of(&moments, MomentType::Cta)[..] else { panic!("{moments:#?}") };
        assert_eq!((cta.frame_start, cta.timestamp_end), (300, 17.0));
    }

    #[test]
    fn a_held_shot_without_people_is_not_emotional() {
        let mut analysis = ad();
        analysis.frames.iter_mut().for_each(|frame| frame.skin_share = 0.01);
        assert!(of(&detect(&analysis), MomentType::Emotional).is_empty());
        let seen = [FaceSample { time: 0.0, present: true }];
        let moments = detect_with(&analysis, Some(&seen), &MomentOptions::default());
        assert_eq!(of(&moments, MomentType::Emotional).len(), 1);
    }

    #[test]
    fn a_strong_change_without_a_cut_is_a_transition() {
        let moments = detect(&analysis_of(25.0, &[], |t| if t < 7.0 { 0.5 } else { 12.0 }, 14.0));
        let [change] = of(&moments, MomentType::Transition)[..] else { panic!("{moments:#?}") };
        assert!((change.key_time() - 7.0).abs() < 0.15, "{change:?}");
        assert!(change.score < 0.5 + 1e-9, "without a cut half of the score is out of reach");
    }

    #[test]
    fn known_faces_are_told_and_weighed() {
        let analysis = analysis_of(25.0, &[150, 300], |_| 1.5, 24.0);
        let sample = |time, present| FaceSample { time, present };
        let faces = [sample(0.0, false), sample(6.0, true), sample(12.0, false)];
        assert!(of(&detect(&analysis), MomentType::Emotional).is_empty());
        let moments = detect_with(&analysis, Some(&faces), &MomentOptions::default());
        let [held] = of(&moments, MomentType::Emotional)[..] else { panic!("{moments:#?}") };
        assert_eq!((held.face_present, held.face_weight), (Some(true), FACE_WEIGHT));
        assert!((held.weighted_energy() - 1.5 * FACE_WEIGHT).abs() < 0.01);
        let known = moments.iter().filter(|m| m.timestamp_end < 6.0 || m.timestamp_start >= 12.0);
        assert!(known.into_iter().all(|m| m.face_present == Some(false) && m.face_weight == 1.0));
    }

    #[test]
    fn the_frame_rate_does_not_move_moments() {
        let energy =
            |t: f64| if (5.0..6.0).contains(&t) { 1.0 } else { 8.0 + 6.0 * (t * 2.0).sin() };
        let at_30 = detect(&analysis_of(30.0, &[150, 300], energy, 15.0));
        let at_60 = detect(&analysis_of(60.0, &[300, 600], |t| energy(t) / 2.0, 15.0));
        assert!(at_30.len() > 1);
        assert_eq!(at_30.len(), at_60.len());
        for (a, b) in at_30.iter().zip(&at_60) {
            assert_eq!(a.moment_type, b.moment_type);
            assert!((a.timestamp_start - b.timestamp_start).abs() < 0.11, "{a:?} {b:?}");
        }
    }

    #[test]
    fn no_frame_and_one_frame_have_no_moment() {
        assert_eq!(detect(&MotionAnalysis::empty("none", 25.0)), []);
        assert_eq!(detect(&analysis_of(25.0, &[], |_| 9.0, 0.04)), []);
    }

    proptest! {
        #[test]
        fn whatever_moves_moments_are_finite_ordered_and_apart(
            levels in proptest::collection::vec(0.0_f64..60.0, 40),
            cuts in proptest::collection::btree_set(1_u64..399, 0..25),
            window in -1.0_f64..4.0,
        ) {
            let cuts: Vec<u64> = cuts.into_iter().collect();
            let analysis = analysis_of(25.0, &cuts, |t| levels[(t * 2.5) as usize % 40], 16.0);
            let options = MomentOptions::default().window(window);
            let moments = detect_with(&analysis, None, &options);
            for pair in moments.windows(2) {
                prop_assert!(pair[0].timestamp_end <= pair[1].timestamp_start + 1e-9);
            }
            for moment in &moments {
                prop_assert!(moment.frame_start <= moment.frame_end && moment.frame_end < 400);
                prop_assert!(moment.score.is_finite() && moment.motion_energy.is_finite());
                prop_assert!(moment.duration() > 0.0);
            }
        }
    }
}
