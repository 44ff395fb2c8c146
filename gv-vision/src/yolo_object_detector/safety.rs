//! Whether something is seen that a brand would not want beside its name.

use super::ObjectFrame;
use serde::{Deserialize, Serialize};

/// The classes that speak against a brand-safe picture: blades, and glasses of alcohol.
///
/// COCO has no other; weapons, smoking, nudity and words are not among its classes, so that a pass says only that
/// nothing of this list is seen.
pub const BRAND_UNSAFE_CLASSES: [&str; 3] = ["knife", "scissors", "wine glass"];

/// Confidence from which on one sighting is enough; less sure ones must be repeated.
const SURE: f32 = 0.6;

/// What was found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing of the list is seen.
    Pass,
    /// Something of the list is seen.
    Fail,
    /// Nothing was looked at, or something was seen once and not surely.
    Unknown,
}

impl Verdict {
    /// The name in results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
        }
    }
}

/// Something of the list and when it is seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SafetySighting {
    /// The class in words.
    pub class_name: String,
    /// In seconds.
    pub timestamp: f64,
    /// How sure the detector is, 0 to 1.
    pub confidence: f32,
}

/// The verdict, the classes that were looked for, and what speaks against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BrandSafety {
    /// The verdict.
    pub verdict: Verdict,
    /// The classes that were looked for.
    pub classes: Vec<String>,
    /// What was seen of them, in time order.
    pub sightings: Vec<SafetySighting>,
}

/// Looks for `classes` in what was seen.
pub fn brand_safety(frames: &[ObjectFrame], classes: &[&str]) -> BrandSafety {
    let mut sightings = Vec::new();
    for frame in frames {
        let listed = frame.objects.iter().filter(|object| classes.contains(&object.class_name()));
        sightings.extend(listed.map(|object| SafetySighting {
            class_name: object.class_name().to_owned(),
            timestamp: frame.time,
            confidence: object.confidence,
        }));
    }
    let repeated = sightings.iter().any(|sighting| {
        let same = |other: &&SafetySighting| other.class_name == sighting.class_name;
        sightings.iter().filter(same).any(|other| other.timestamp != sighting.timestamp)
    });
    let sure = sightings.iter().any(|sighting| sighting.confidence >= SURE);
    let verdict = match (frames.is_empty(), sightings.is_empty()) {
        (true, _) => Verdict::Unknown,
        (false, true) => Verdict::Pass,
        (false, false) if sure || repeated => Verdict::Fail,
        (false, false) => Verdict::Unknown,
    };
    let classes = classes.iter().map(|class| (*class).to_owned()).collect();
    BrandSafety { verdict, classes, sightings }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yolo_object_detector::{COCO_CLASSES, Object};

    fn frame(time: f64, confidence: f32) -> ObjectFrame {
        let class_id = COCO_CLASSES.iter().position(|class| *class == "knife").unwrap();
        let object = Object { class_id, confidence, x: 0.0, y: 0.0, width: 9.0, height: 9.0 };
        ObjectFrame { frame: 0, time, objects: vec![object] }
    }

    #[test]
    fn each_verdict_has_its_evidence() {
        let verdict = |frames: &[ObjectFrame]| brand_safety(frames, &BRAND_UNSAFE_CLASSES).verdict;
        assert_eq!(verdict(&[]), Verdict::Unknown);
        assert_eq!(verdict(&[ObjectFrame::default()]), Verdict::Pass);
        assert_eq!(verdict(&[frame(1.0, 0.8)]), Verdict::Fail);
        assert_eq!(verdict(&[frame(1.0, 0.45)]), Verdict::Unknown);
        assert_eq!(verdict(&[frame(1.0, 0.45), frame(1.5, 0.45)]), Verdict::Fail);
        assert_eq!(brand_safety(&[frame(1.0, 0.8)], &["scissors"]).verdict, Verdict::Pass);
    }
}
