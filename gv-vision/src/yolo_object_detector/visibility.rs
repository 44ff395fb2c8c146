//! For how long products are seen.

use super::{ObjectFrame, is_product};
use serde::{Deserialize, Serialize};

/// A product should be seen by then, in seconds; a prior.
const EARLY: f64 = 5.0;
/// And for this part of the time; a prior.
const OFTEN: f64 = 0.3;

/// How products are seen in a video. A frame that was looked at stands for the time until the next one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProductVisibility {
    /// Part of the time in which a product is seen, 0 to 1.
    pub product_presence_ratio: f64,
    /// Seconds in which a product is seen.
    pub visible_seconds: f64,
    /// When the first product is seen, in seconds.
    pub first_appearance: Option<f64>,
    /// The longest stretch in seconds in which a product is seen without a break.
    pub longest_seconds: f64,
    /// Mean part of the picture that the largest product has while one is seen, 0 to 1.
    pub average_size: f64,
    /// What to do about it.
    pub recommendation: String,
}

/// Measures how products are seen in `frames` (in time order) of a video that ends at `end_time` seconds and has `size`
/// pixels (width, height).
///
/// What counts as a product is told by [`is_product`]: bottles, phones, food and their like. A brand's own product that
/// is no class of COCO is not seen by this.
pub fn product_visibility(
    frames: &[ObjectFrame],
    end_time: f64,
    size: (usize, usize),
) -> ProductVisibility {
    let picture = (size.0 * size.1).max(1) as f64;
    let (mut whole, mut seen, mut longest, mut running, mut covered) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let mut first_appearance = None;
    for (number, frame) in frames.iter().enumerate() {
        let until = frames.get(number + 1).map_or(end_time, |next| next.time).max(frame.time);
        let span = until - frame.time;
        whole += span;
        let areas = frame
            .objects
            .iter()
            .filter(|object| is_product(object.class_id))
            .map(|object| f64::from(object.area()));
        let Some(area) = areas.max_by(f64::total_cmp) else {
            running = 0.0;
            continue;
        };
        first_appearance.get_or_insert(frame.time);
        seen += span;
        running += span;
        longest = f64::max(longest, running);
        covered += span * (area / picture).min(1.0);
    }
    let ratio =
        if whole > 0.0 { seen / whole } else { f64::from(u8::from(first_appearance.is_some())) };
    ProductVisibility {
        product_presence_ratio: ratio,
        visible_seconds: seen,
        first_appearance,
        longest_seconds: longest,
        average_size: if seen > 0.0 { covered / seen } else { 0.0 },
        recommendation: recommendation(frames.is_empty(), first_appearance, ratio),
    }
}

fn recommendation(nothing_seen: bool, first: Option<f64>, ratio: f64) -> String {
    let percent = 100.0 * ratio;
    match first {
        _ if nothing_seen => "no frame was looked at: product visibility is unknown".to_owned(),
        None => "no product of a known class is seen: show it, or look with a model that knows it"
            .to_owned(),
        Some(first) if first > EARLY => {
            format!("the product comes at {first:.1} s: show it within the first {EARLY:.0} s")
        }
        Some(_) if ratio < OFTEN => {
            format!("the product is seen for {percent:.0} % of the time: show it longer")
        }
        Some(first) => {
            format!("the product is seen from {first:.1} s on, for {percent:.0} % of the time")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yolo_object_detector::Object;

    fn frame(time: f64, class_id: usize) -> ObjectFrame {
        let object =
            Object { class_id, confidence: 0.8, x: 0.0, y: 0.0, width: 20.0, height: 10.0 };
        ObjectFrame { frame: 0, time, objects: vec![object] }
    }

    #[test]
    fn visibility_is_in_seconds() {
        let frames = [frame(0.0, 0), frame(1.0, 39), frame(2.0, 39), frame(3.0, 0), frame(3.5, 67)];
        let seen = product_visibility(&frames, 4.0, (100, 100));
        assert_eq!((seen.visible_seconds, seen.longest_seconds), (2.5, 2.0));
        assert_eq!((seen.product_presence_ratio, seen.first_appearance), (0.625, Some(1.0)));
        assert!((seen.average_size - 0.02).abs() < 1e-9);
        assert!(seen.recommendation.contains("63 %") || seen.recommendation.contains("62 %"));
    }

    #[test]
    fn every_recommendation_has_its_case() {
        let words = |frames: &[ObjectFrame], end| {
            product_visibility(frames, end, (100, 100)).recommendation
        };
        assert!(words(&[], 4.0).contains("unknown"));
        assert!(words(&[frame(0.0, 0)], 4.0).contains("no product"));
        assert!(words(&[frame(0.0, 0), frame(8.0, 39)], 10.0).contains("comes at 8.0 s"));
        assert!(words(&[frame(0.0, 39), frame(1.0, 0)], 10.0).contains("longer"));
    }
}
