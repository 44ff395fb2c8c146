//! Faces as the motion moments need them.

use serde::{Deserialize, Serialize};

/// Whether a face is seen from a moment on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FaceSample {
    /// Presentation time in seconds.
    pub time: f64,
    /// Whether a face is seen, until the next sample.
    pub present: bool,
}

/// Samples in time order. One holds until the next, the last to the end; before the first nothing is known.
#[derive(Debug, Clone)]
pub(super) struct FaceTrack(Vec<FaceSample>);

impl FaceTrack {
    /// Samples whose time is no number do not count; `None` where none is left.
    pub(super) fn new(samples: Option<&[FaceSample]>) -> Option<Self> {
        let mut known: Vec<_> = samples?.iter().copied().filter(|s| s.time.is_finite()).collect();
        known.sort_by(|a, b| a.time.total_cmp(&b.time));
        (!known.is_empty()).then_some(Self(known))
    }

    /// The part of the known time of a span in which a face is seen; `None` where none of it is known.
    pub(super) fn share(&self, (start, end): (f64, f64)) -> Option<f64> {
        let first = self.0.partition_point(|sample| sample.time <= start).saturating_sub(1);
        let (mut seen, mut seconds) = (0.0, 0.0);
        for (number, sample) in self.0.iter().enumerate().skip(first) {
            if sample.time >= end {
                break;
            }
            let until = self.0.get(number + 1).map_or(end, |next| next.time.min(end));
            let length = (until - sample.time.max(start)).max(0.0);
            seconds += length;
            seen += if sample.present { length } else { 0.0 };
        }
        (seconds > 0.0).then(|| seen / seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_holds_until_the_next() {
        let sample = |time, present| FaceSample { time, present };
        let samples = [sample(2.0, true), sample(1.0, false), sample(f64::NAN, false)];
        let track = FaceTrack::new(Some(&samples)).unwrap();
        assert_eq!(track.share((0.0, 0.5)), None);
        assert_eq!(track.share((0.5, 1.5)), Some(0.0));
        assert_eq!(track.share((1.5, 2.5)), Some(0.5));
        assert_eq!(track.share((5.0, 9.0)), Some(1.0));
        assert_eq!(track.share((5.0, 5.0)), None);
    }

    #[test]
    fn no_samples_are_no_knowledge() {
        assert!(FaceTrack::new(None).is_none() && FaceTrack::new(Some(&[])).is_none());
    }
}
