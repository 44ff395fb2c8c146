//! What is seen over a whole video.

use super::{AD_RELEVANT_CATEGORIES, COCO_CLASSES, Object, ObjectDetector};
use crate::{AnalysisFrame, Frame, Result};
use serde::{Deserialize, Serialize};

/// What a detector saw in one frame of a video; objects are in source pixels.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ObjectFrame {
    /// Number of the frame in the video, from 0.
    pub frame: u64,
    /// The moment at which it is shown, in seconds.
    pub time: f64,
    /// The objects, surest first.
    pub objects: Vec<Object>,
}

impl ObjectFrame {
    /// Whether an object of such a class is seen.
    pub fn shows(&self, class: impl Fn(usize) -> bool) -> bool {
        self.objects.iter().any(|object| class(object.class_id))
    }
}

/// The objects of one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ObjectSummary {
    /// The class in words.
    pub class_name: String,
    /// What the class is to an ad.
    pub category: String,
    /// Detections over all frames that were looked at.
    pub count: u64,
    /// The highest confidence.
    pub max_confidence: f32,
    /// Areas of all detections added up, in square source pixels.
    pub total_area: f64,
}

/// Looks for objects in a picture at analysis size; they come in source pixels. `colours` is the same picture
/// ([`AnalysisFrame::to_rgb`]), so that who looks for more than objects makes it once.
///
/// # Errors
///
/// Those of the detector.
pub fn look_for_objects(
    detector: &dyn ObjectDetector,
    picture: &AnalysisFrame,
    colours: &Frame,
) -> Result<ObjectFrame> {
    let scale = picture.source_scale as f32;
    let objects = detector.detect(colours)?;
    Ok(ObjectFrame {
        frame: picture.index,
        time: picture.time,
        objects: objects.iter().map(|object| object.scaled(scale)).collect(),
    })
}

/// Sums up `objects` by class, most detections first, equal ones by name.
pub fn summarize<'a>(objects: impl IntoIterator<Item = &'a Object>) -> Vec<ObjectSummary> {
    let mut by_class: Vec<Option<ObjectSummary>> = vec![None; COCO_CLASSES.len()];
    for object in objects {
        let Some(entry) = by_class.get_mut(object.class_id) else { continue };
        let summary = entry.get_or_insert_with(|| ObjectSummary {
            class_name: object.class_name().to_owned(),
            category: object.category().to_owned(),
            count: 0,
            max_confidence: 0.0,
            total_area: 0.0,
        });
        summary.count += 1;
        summary.max_confidence = summary.max_confidence.max(object.confidence);
        summary.total_area += f64::from(object.area());
    }
    let mut summaries: Vec<ObjectSummary> = by_class.into_iter().flatten().collect();
    summaries.sort_by(|a, b| b.count.cmp(&a.count).then(a.class_name.cmp(&b.class_name)));
    summaries
}

/// Detections by category, in the order of [`AD_RELEVANT_CATEGORIES`], categories without any left out.
pub(super) fn by_category(frames: &[ObjectFrame]) -> Vec<(&'static str, Vec<&Object>)> {
    let objects = || frames.iter().flat_map(|frame| &frame.objects);
    AD_RELEVANT_CATEGORIES
        .iter()
        .map(|(category, _)| {
            (*category, objects().filter(|object| object.category() == *category).collect())
        })
        .filter(|(_, objects): &(_, Vec<&Object>)| !objects.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_counted_most_first() {
        let object = |class_id, confidence| Object {
            class_id,
            confidence,
            x: 0.0,
            y: 0.0,
            width: 10.0,
            height: 20.0,
        };
        let seen = [object(0, 0.9), object(67, 0.6), object(67, 0.8), object(999, 0.9)];
        let summaries = summarize(&seen);
        let named: Vec<_> = summaries.iter().map(|s| (s.class_name.as_str(), s.count)).collect();
        assert_eq!(named, [("cell phone", 2), ("person", 1)]);
        assert_eq!((summaries[0].max_confidence, summaries[0].total_area), (0.8, 400.0));
        assert_eq!(summaries[0].category, "technology");
        assert!(summarize(&[]).is_empty());
    }
}
