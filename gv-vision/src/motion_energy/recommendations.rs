//! What to change about a video's motion.

use super::{MotionAnalysis, MotionSegment, MotionType, named, smooth_in_shots};
use serde::{Deserialize, Serialize};

/// Seconds of stillness at the start that cost attention.
const STILL_OPENING: f64 = 1.0;
/// Seconds of stillness without a cut from which on a picture stands too long.
const STILL_STRETCH: f64 = 3.0;
/// As before, for the picture that the video ends with: it is there to be read.
const STILL_CLOSE: f64 = 5.0;
/// Seconds of chaotic motion from which on nothing can be read.
const CHAOTIC_STRETCH: f64 = 1.0;
/// Seconds without a cut from which on one more is worth a thought.
const LONG_SHOT: f64 = 5.0;
/// What the strongest motion must be times the median to stand out.
const PEAK_RATIO: f64 = 2.0;

/// What a recommendation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecommendationKind {
    /// The video opens without motion: begin with some, or with a cut.
    StaticOpening,
    /// A picture stands for long: shorten it, or move something.
    StaticStretch,
    /// Motion is so strong that text cannot be read: keep text out, or shorten it.
    ChaoticStretch,
    /// The strongest motion: the place for the message, a beat, a reveal.
    MotionPeak,
    /// A long shot that may be cut here.
    AddCut,
}

named!(RecommendationKind {
    StaticOpening => "static_opening",
    StaticStretch => "static_stretch",
    ChaoticStretch => "chaotic_stretch",
    MotionPeak => "motion_peak",
    AddCut => "add_cut",
});

/// The time that a recommendation speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RecommendationTime {
    /// A stretch of the video.
    Span {
        /// Start in seconds.
        start_time: f64,
        /// End in seconds.
        end_time: f64,
    },
    /// One moment.
    Moment {
        /// Time in seconds.
        timestamp: f64,
    },
}

impl RecommendationTime {
    /// The start of the span, or the moment, in seconds.
    pub const fn start(self) -> f64 {
        match self {
            Self::Span { start_time, .. } => start_time,
            Self::Moment { timestamp } => timestamp,
        }
    }
}

/// What to change, where, and what was measured there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// What it is about.
    #[serde(rename = "type")]
    pub kind: RecommendationKind,
    /// Where in the video.
    #[serde(flatten)]
    pub time: RecommendationTime,
    /// What was measured, and what to do.
    pub reason: String,
}

pub(super) fn find(analysis: &MotionAnalysis) -> Vec<Recommendation> {
    let mut found = Vec::new();
    for (start, end) in analysis.shot_spans() {
        for segment in &analysis.segments {
            let span = (segment.start_time.max(start), segment.end_time.min(end));
            match segment.motion_type {
                MotionType::Static => found.extend(still(analysis, segment, span)),
                MotionType::Chaotic => found.extend(chaotic(segment, span)),
                MotionType::Smooth | MotionType::Fast => {}
            }
        }
    }
    found.extend(peak(analysis));
    found.extend(long_shots(analysis));
    found.sort_by(|a, b| a.time.start().total_cmp(&b.time.start()));
    found
}

fn spanning(kind: RecommendationKind, span: (f64, f64), reason: String) -> Recommendation {
    let time = RecommendationTime::Span { start_time: span.0, end_time: span.1 };
    Recommendation { kind, time, reason }
}

fn still(
    analysis: &MotionAnalysis,
    segment: &MotionSegment,
    span: (f64, f64),
) -> Option<Recommendation> {
    let seconds = span.1 - span.0;
    let energy = segment.avg_energy;
    if span.0 <= analysis.start_time && seconds >= STILL_OPENING {
        let reason = format!(
            "the first {seconds:.1} s hardly move ({energy:.1} px per frame): open with motion or with \
             a cut"
        );
        return Some(spanning(RecommendationKind::StaticOpening, span, reason));
    }
    let closes = span.1 >= analysis.end_time;
    (seconds >= if closes { STILL_CLOSE } else { STILL_STRETCH }).then(|| {
        let reason = format!(
            "the picture stands for {seconds:.1} s ({energy:.1} px per frame, no cut): shorten it, or \
             move something"
        );
        spanning(RecommendationKind::StaticStretch, span, reason)
    })
}

fn chaotic(segment: &MotionSegment, span: (f64, f64)) -> Option<Recommendation> {
    let seconds = span.1 - span.0;
    (seconds >= CHAOTIC_STRETCH).then(|| {
        let reason = format!(
            "{:.0} px per frame for {seconds:.1} s are too much to read by: keep text out, or shorten it",
            segment.avg_energy
        );
        spanning(RecommendationKind::ChaoticStretch, span, reason)
    })
}

fn peak(analysis: &MotionAnalysis) -> Option<Recommendation> {
    let level = smooth_in_shots(&analysis.frames, 0.1, |frame| frame.motion.mean_energy);
    let median = analysis.energy_stats?.median;
    let best = (0..level.len()).reduce(|best, i| if level[i] > level[best] { i } else { best })?;
    let (energy, timestamp) = (level[best], analysis.frames[best].timestamp);
    let stands_out = energy >= super::STATIC_THRESHOLD && energy >= PEAK_RATIO * median;
    stands_out.then(|| {
        let reason = format!(
            "the strongest motion, {energy:.1} px per frame against {median:.1} in the median: the \
             place for a reveal, a beat or the message"
        );
        let time = RecommendationTime::Moment { timestamp };
        Recommendation { kind: RecommendationKind::MotionPeak, time, reason }
    })
}

fn long_shots(analysis: &MotionAnalysis) -> Vec<Recommendation> {
    let points = analysis.find_cut_points(usize::MAX);
    let best_within = |(start, end): (f64, f64)| {
        let inside = points.iter().filter(|p| p.timestamp > start && p.timestamp < end);
        let best = inside.reduce(|best, p| if p.score > best.score { p } else { best })?;
        let reason = format!("the shot lasts {:.1} s; {}", end - start, best.reason);
        let time = RecommendationTime::Moment { timestamp: best.timestamp };
        Some(Recommendation { kind: RecommendationKind::AddCut, time, reason })
    };
    let spans = analysis.shot_spans().into_iter();
    spans.filter(|(start, end)| end - start >= LONG_SHOT).filter_map(best_within).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doubles::analysis_of;

    fn kinds(analysis: &MotionAnalysis) -> Vec<RecommendationKind> {
        analysis.recommendations.iter().map(|found| found.kind).collect()
    }

    #[test]
    fn every_kind_has_a_video_that_calls_for_it() {
        let energy = |t: f64| match t {
            t if t < 2.0 => 0.2,
            t if t < 4.0 => 30.0,
            t if t < 9.0 => 0.3,
            t if t < 12.0 => 4.0,
            _ => 4.0 + 3.0 * (t * 3.0).sin(),
        };
        let analysis = analysis_of(25.0, &[100, 225], energy, 18.0);
        let kinds = kinds(&analysis);
        for kind in RecommendationKind::ALL {
            assert!(kinds.contains(kind), "{kind} is not in {kinds:?}");
        }
        let opening = &analysis.recommendations[0];
        assert_eq!(opening.kind, RecommendationKind::StaticOpening);
        assert!(
            opening.reason.starts_with("the first 2.0 s hardly move (0."),
            "{}",
            opening.reason
        );
        let times = analysis.recommendations.windows(2);
        assert!(times.into_iter().all(|r| r[0].time.start() <= r[1].time.start()));
    }

    #[test]
    fn stillness_with_cuts_is_no_long_stretch() {
        let cut_often: Vec<u64> = (1..10).map(|i| i * 20).collect();
        assert!(kinds(&analysis_of(25.0, &cut_often, |_| 0.2, 8.0)).is_empty());
        let whole = analysis_of(25.0, &[], |_| 0.2, 8.0);
        assert_eq!(kinds(&whole), [RecommendationKind::StaticOpening]);
    }

    #[test]
    fn an_end_card_may_stand_longer_than_other_pictures() {
        let card = |seconds: f64| {
            let energy = |t: f64| if t < 6.0 { 3.0 } else { 0.1 };
            kinds(&analysis_of(25.0, &[], energy, 6.0 + seconds))
        };
        assert!(!card(4.0).contains(&RecommendationKind::StaticStretch));
        assert!(card(6.0).contains(&RecommendationKind::StaticStretch));
    }

    #[test]
    fn even_smooth_motion_needs_no_change() {
        assert!(kinds(&analysis_of(25.0, &[], |_| 3.0, 20.0)).is_empty());
    }

    #[test]
    fn a_span_and_a_moment_have_the_keys_of_the_contract() {
        let analysis = analysis_of(25.0, &[], |t| if t < 3.0 { 0.1 } else { 9.0 }, 4.0);
        let json = serde_json::to_value(&analysis.recommendations).unwrap();
        assert_eq!(json[0]["type"], "static_opening");
        assert!(json[0]["start_time"].is_f64() && json[0]["end_time"].is_f64());
        assert!(json[1]["timestamp"].is_f64() && json[1]["reason"].is_string(), "{json}");
    }
}
