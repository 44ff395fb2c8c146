//! Non-maximum suppression: of boxes that lie on each other, the surest stays.

/// A box in pixels with how sure its detector is of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoxF {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
    /// 0 to 1.
    pub score: f32,
}

impl BoxF {
    /// Area shared with `other` over the area of both, 0 to 1; 0 where one of them is empty.
    pub fn iou(&self, other: &Self) -> f32 {
        let across = (self.x + self.width).min(other.x + other.width) - self.x.max(other.x);
        let down = (self.y + self.height).min(other.y + other.height) - self.y.max(other.y);
        if !(across > 0.0 && down > 0.0) {
            return 0.0;
        }
        let shared = across * down;
        let union = self.width * self.height + other.width * other.height - shared;
        if union > 0.0 { shared / union } else { 0.0 }
    }

    /// The part of the box that is inside of a picture of `size` (width, height); `None` where nothing is.
    pub fn inside(&self, size: (usize, usize)) -> Option<Self> {
        let (wide, high) = (size.0 as f32, size.1 as f32);
        let (x, y) = (self.x.clamp(0.0, wide), self.y.clamp(0.0, high));
        let width = (self.x + self.width).clamp(0.0, wide) - x;
        let height = (self.y + self.height).clamp(0.0, high) - y;
        (width > 0.0 && height > 0.0).then_some(Self { x, y, width, height, score: self.score })
    }

    fn is_sound(&self) -> bool {
        let finite = [self.x, self.y, self.score].iter().all(|number| number.is_finite());
        let size = [self.width, self.height].iter().all(|size| size.is_finite() && *size > 0.0);
        finite && size
    }
}

/// Candidates beyond this many are the least sure ones, and are not looked at.
const MOST: usize = 10_000;

/// Indices of the boxes that stay, surest first: each box whose overlap with a surer one that
/// stays is above `most_iou` goes, and so does each box that is empty or not finite.
///
/// Of more than 10,000 boxes, only the surest 10,000 are looked at.
pub fn suppress(boxes: &[BoxF], most_iou: f32) -> Vec<usize> {
    let mut order: Vec<usize> = (0..boxes.len()).filter(|&at| boxes[at].is_sound()).collect();
    order.sort_by(|&a, &b| boxes[b].score.total_cmp(&boxes[a].score).then(a.cmp(&b)));
    order.truncate(MOST);
    let mut kept: Vec<usize> = Vec::new();
    for at in order {
        if kept.iter().all(|&other| boxes[at].iou(&boxes[other]) <= most_iou) {
            kept.push(at);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f32, score: f32) -> BoxF {
        BoxF { x, y: 0.0, width: 10.0, height: 10.0, score }
    }

    #[test]
    fn the_surest_of_overlapping_boxes_stays() {
        let boxes = [square(1.0, 0.6), square(0.0, 0.9), square(30.0, 0.5)];
        assert_eq!(suppress(&boxes, 0.3), [1, 2]);
    }

    #[test]
    fn overlap_is_shared_area_over_the_area_of_both() {
        assert!((square(0.0, 1.0).iou(&square(5.0, 1.0)) - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!(square(0.0, 1.0).iou(&square(10.0, 1.0)), 0.0);
    }

    #[test]
    fn what_is_outside_of_the_picture_is_cut_off() {
        let boxed = |x: f32| BoxF { x, y: 5.0, width: 30.0, height: 20.0, score: 0.9 };
        let part = boxed(-10.0).inside((100, 20)).unwrap();
        assert_eq!((part.x, part.y, part.width, part.height), (0.0, 5.0, 20.0, 15.0));
        assert!(boxed(200.0).inside((100, 20)).is_none());
        assert!(boxed(f32::NAN).inside((100, 20)).is_none());
    }

    #[test]
    fn boxes_that_are_empty_or_not_finite_go() {
        let mut boxes = [square(0.0, f32::NAN), square(30.0, 0.5), square(60.0, 0.5)];
        boxes[1].width = 0.0;
        boxes[2].x = f32::INFINITY;
        assert_eq!(suppress(&boxes, 0.3), Vec::<usize>::new());
    }

    #[test]
    fn twelve_thousand_boxes_apart_leave_the_surest_ten_thousand() {
        let boxes: Vec<BoxF> =
            (0..12_000).map(|at| square(at as f32 * 20.0, at as f32 / 12_000.0)).collect();
        let kept = suppress(&boxes, 0.3);
        assert_eq!((kept.len(), kept[0]), (10_000, 11_999));
    }
}
