//! What kind of scene the objects make.

use super::ObjectFrame;
use super::summary::by_category;
use serde::{Deserialize, Serialize};

/// A scene must have this part of all that is seen to be the primary one; with less, scenes are mixed.
const PRIMARY: f64 = 0.4;

/// The kinds of scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SceneType {
    /// People and little else.
    People,
    /// A thing that is sold.
    Product,
    /// A device and its screen.
    Technology,
    /// Food and what it is eaten with.
    Food,
    /// Sport.
    Sports,
    /// Rooms: furniture and kitchens.
    Home,
    /// Roads, vehicles, signs.
    Street,
    /// Animals.
    Animals,
    /// No kind has enough of it.
    Mixed,
    /// Nothing was recognised.
    Unknown,
}

impl SceneType {
    /// The name in results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Product => "product",
            Self::Technology => "technology",
            Self::Food => "food",
            Self::Sports => "sports",
            Self::Home => "home",
            Self::Street => "street",
            Self::Animals => "animals",
            Self::Mixed => "mixed",
            Self::Unknown => "unknown",
        }
    }

    fn of_category(category: &str) -> Self {
        match category {
            "people" => Self::People,
            "product" => Self::Product,
            "technology" => Self::Technology,
            "food" => Self::Food,
            "sports" => Self::Sports,
            "home" => Self::Home,
            "animal" => Self::Animals,
            _ => Self::Street,
        }
    }
}

/// How much of what is seen makes one kind of scene.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SceneShare {
    /// The kind.
    pub scene_type: SceneType,
    /// Its part, 0 to 1; the parts of all kinds add up to 1.
    pub share: f64,
}

/// What kind of scene a video shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SceneAnalysis {
    /// The kind with the largest part.
    pub primary_scene_type: SceneType,
    /// Its part, 0 to 1: how clearly it is that kind; for mixed scenes the part of the largest.
    pub confidence: f64,
    /// All kinds with their parts, largest first.
    pub scene_types: Vec<SceneShare>,
    /// Whether a person is seen.
    pub has_people: bool,
}

/// Finds the kind of scene from what was seen.
///
/// Each detection counts with its confidence times the square root of its area, so that a thing twice as wide counts
/// twice. People count half: they are in nearly every scene, and what they do is told by the things around them. This
/// is a stated rule, not a measurement.
pub fn analyze_scene(frames: &[ObjectFrame]) -> SceneAnalysis {
    let mut shares: Vec<SceneShare> = Vec::new();
    for (category, objects) in by_category(frames) {
        let weight = if category == "people" { 0.5 } else { 1.0 };
        let seen: f64 = objects
            .iter()
            .map(|object| f64::from(object.confidence) * f64::from(object.area()).sqrt() * weight)
            .sum();
        let scene_type = SceneType::of_category(category);
        match shares.iter_mut().find(|share| share.scene_type == scene_type) {
            Some(share) => share.share += seen,
            None => shares.push(SceneShare { scene_type, share: seen }),
        }
    }
    let whole: f64 = shares.iter().map(|share| share.share).sum();
    if whole > 0.0 {
        shares.iter_mut().for_each(|share| share.share /= whole);
    }
    shares.sort_by(|a, b| b.share.total_cmp(&a.share));
    let (primary_scene_type, confidence) = match shares.first() {
        Some(first) if whole > 0.0 && first.share >= PRIMARY => (first.scene_type, first.share),
        Some(first) if whole > 0.0 => (SceneType::Mixed, first.share),
        _ => (SceneType::Unknown, 0.0),
    };
    let has_people = shares.iter().any(|share| share.scene_type == SceneType::People);
    SceneAnalysis { primary_scene_type, confidence, scene_types: shares, has_people }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yolo_object_detector::{COCO_CLASSES, Object};

    fn frame(names: &[&str]) -> ObjectFrame {
        let object = |name: &&str| Object {
            class_id: COCO_CLASSES.iter().position(|class| class == name).unwrap(),
            confidence: 0.8,
            x: 0.0,
            y: 0.0,
            width: 50.0,
            height: 50.0,
        };
        ObjectFrame { frame: 0, time: 0.0, objects: names.iter().map(object).collect() }
    }

    #[test]
    fn every_kind_of_scene_has_objects_that_make_it() {
        let cases = [
            (vec!["person"], "people"),
            (vec!["bottle"], "product"),
            (vec!["person", "laptop"], "technology"),
            (vec!["pizza", "fork"], "food"),
            (vec!["person", "surfboard"], "sports"),
            (vec!["couch"], "home"),
            (vec!["car", "stop sign"], "street"),
            (vec!["dog"], "animals"),
            (vec!["bottle", "pizza", "couch", "dog"], "mixed"),
            (vec![], "unknown"),
        ];
        for (names, kind) in cases {
            let scene = analyze_scene(&[frame(&names)]);
            assert_eq!(scene.primary_scene_type.as_str(), kind, "{names:?}");
            assert_eq!(scene.has_people, names.contains(&"person"));
            let sum: f64 = scene.scene_types.iter().map(|share| share.share).sum();
            assert!(names.is_empty() || (sum - 1.0).abs() < 1e-9);
        }
    }
}
