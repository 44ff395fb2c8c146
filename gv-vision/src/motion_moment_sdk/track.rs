//! What the detectors of moments ask of a video.

use super::curve::AttentionCurve;
use super::faces::{FaceSample, FaceTrack};
use crate::motion_energy::{MotionAnalysis, MotionFrame};

/// A video seen by the detectors of moments.
pub(super) struct Track<'a> {
    pub(super) analysis: &'a MotionAnalysis,
    pub(super) curve: &'a AttentionCurve,
    pub(super) faces: Option<FaceTrack>,
    pub(super) opening_end: f64,
    pub(super) closing_start: f64,
    /// Mean speed of the video in frame diagonals per second.
    pub(super) mean_speed: f64,
}

impl<'a> Track<'a> {
    pub(super) fn new(
        analysis: &'a MotionAnalysis,
        curve: &'a AttentionCurve,
        faces: Option<&'a [FaceSample]>,
        opening: f64,
        closing: f64,
    ) -> Self {
        let third = analysis.duration() / 3.0;
        let mut track = Self {
            analysis,
            curve,
            faces: FaceTrack::new(faces),
            opening_end: analysis.start_time + opening.min(third),
            closing_start: analysis.end_time - closing.min(third),
            mean_speed: 0.0,
        };
        let whole = (analysis.start_time, analysis.end_time);
        track.mean_speed = track.mean(whole, |f| f.motion.diagonals_per_second).unwrap_or_default();
        track
    }

    /// The measured frames whose motion reaches into a span.
    pub(super) fn frames(&self, (start, end): (f64, f64)) -> &'a [MotionFrame] {
        let frames = &self.analysis.frames;
        let from = frames.partition_point(|frame| frame.timestamp <= start);
        let until = frames.partition_point(|frame| frame.from_time < end);
        &frames[from..until.max(from)]
    }

    /// Mean over the measured time of a span; `None` where none of it was measured.
    pub(super) fn mean(
        &self,
        span: (f64, f64),
        value: impl Fn(&MotionFrame) -> f64,
    ) -> Option<f64> {
        let (mut sum, mut seconds) = (0.0, 0.0);
        for frame in self.frames(span) {
            let inside = frame.timestamp.min(span.1) - frame.from_time.max(span.0);
            sum += value(frame) * inside;
            seconds += inside;
        }
        (seconds > 0.0).then(|| sum / seconds)
    }

    /// Mean speed of a span in frame diagonals per second.
    pub(super) fn speed(&self, span: (f64, f64)) -> Option<f64> {
        self.mean(span, |frame| frame.motion.diagonals_per_second)
    }

    /// The part of a span in which a face is seen; `None` where that is unknown.
    pub(super) fn face_share(&self, span: (f64, f64)) -> Option<f64> {
        self.faces.as_ref()?.share(span)
    }

    /// The frame shown at a time, and its presentation time.
    pub(super) fn frame_at(&self, time: f64) -> (u64, f64) {
        let first = (self.analysis.first_frame, self.analysis.start_time);
        let frames = &self.analysis.frames;
        let next = frames.partition_point(|frame| frame.timestamp <= time);
        let shown = next.checked_sub(1).map(|i| (frames[i].frame_idx, frames[i].timestamp));
        let started = frames.get(next).map(|frame| (frame.from_frame, frame.from_time));
        let known = [Some(first), shown, started.filter(|&(_, from)| from <= time)];
        known.into_iter().flatten().fold(first, |a, b| if b.0 > a.0 { b } else { a })
    }

    /// Numbers of the curve's points inside of a span.
    pub(super) fn points(&self, (start, end): (f64, f64)) -> std::ops::Range<usize> {
        let from = self.curve.timeline.partition_point(|&time| time < start);
        let until = self.curve.timeline.partition_point(|&time| time < end);
        from..until.max(from)
    }

    /// Number of the first of the highest points of attention inside of a span.
    pub(super) fn attention_peak(&self, span: (f64, f64)) -> Option<usize> {
        let attention = &self.curve.attention;
        self.points(span).reduce(|a, b| if attention[b] > attention[a] { b } else { a })
    }

    /// Lowest attention inside of a span.
    pub(super) fn attention_floor(&self, span: (f64, f64)) -> Option<f64> {
        self.points(span).map(|point| self.curve.attention[point]).reduce(f64::min)
    }

    /// The cuts inside of a span.
    pub(super) fn cuts(&self, (start, end): (f64, f64)) -> impl Iterator<Item = f64> {
        let times = self.analysis.cuts.iter().map(|cut| cut.timestamp);
        times.filter(move |&time| time >= start && time < end)
    }
}

/// The places of the maxima that stand out by `prominence` from the higher of the two valleys beside
/// them; a plateau has its middle, a maximum at an end has one valley.
pub(super) fn peaks(values: &[f64], prominence: f64) -> Vec<usize> {
    let left = valleys(values.iter().copied());
    let mut right = valleys(values.iter().rev().copied());
    right.reverse();
    let mut found = Vec::new();
    let mut index = 0;
    while index < values.len() {
        let value = values[index];
        let plateau = values[index..].iter().take_while(|&&other| other == value).count();
        let last = index + plateau - 1;
        let rises = index.checked_sub(1).is_none_or(|before| values[before] < value);
        let falls = values.get(last + 1).is_none_or(|&after| after < value);
        let before = if index == 0 { f64::NEG_INFINITY } else { left[index] };
        let after = if last + 1 == values.len() { f64::NEG_INFINITY } else { right[last] };
        if rises && falls && value - before.max(after) >= prominence && plateau < values.len() {
            found.push(index + plateau / 2);
        }
        index += plateau;
    }
    found
}

/// For each value the lowest one back to the last that is higher, or to the start.
fn valleys(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut lower: Vec<(f64, f64)> = Vec::new();
    let valley = |value: f64| {
        let mut low = value;
        while let Some((_, since)) = lower.pop_if(|(other, _)| *other <= value) {
            low = low.min(since);
        }
        lower.push((value, low));
        low
    };
    values.map(valley).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [usize; 0] = [];

    #[test]
    fn peaks_stand_out_from_the_higher_valley() {
        let values = [0.0, 0.5, 0.3, 0.9, 0.9, 0.9, 0.1, 0.2, 0.15];
        assert_eq!(peaks(&values, 0.15), [1, 4]);
        assert_eq!(peaks(&values, 0.04), [1, 4, 7]);
        assert_eq!(peaks(&values, 0.95), NONE);
        assert_eq!(peaks(&[], 0.1), NONE);
    }

    #[test]
    fn even_values_have_no_peak_and_an_end_may_be_one() {
        assert_eq!(peaks(&[0.4; 9], 0.1), NONE);
        assert_eq!(peaks(&[0.4], 0.1), NONE);
        assert_eq!(peaks(&[0.9, 0.5, 0.4, 0.7], 0.2), [0, 3]);
    }
}
