//! What detectors of a program's own find, held against what the seams promise.

use crate::Frame;
use crate::yolo_face_detector::Face;
use crate::yolo_object_detector::Object;

/// Something that was found in a picture: a box in pixels, and how sure the detector is.
pub trait Detection {
    /// Left edge, top edge, width and height, in pixels.
    fn place(&self) -> [f32; 4];

    /// Moves it to a place.
    fn put(&mut self, place: [f32; 4]);

    /// How sure the detector is, 0 to 1.
    fn confidence(&self) -> f32;
}

impl Detection for Face {
    fn place(&self) -> [f32; 4] {
        [self.x, self.y, self.width, self.height]
    }

    fn put(&mut self, place: [f32; 4]) {
        [self.x, self.y, self.width, self.height] = place;
    }

    fn confidence(&self) -> f32 {
        self.confidence
    }
}

impl Detection for Object {
    fn place(&self) -> [f32; 4] {
        [self.x, self.y, self.width, self.height]
    }

    fn put(&mut self, place: [f32; 4]) {
        [self.x, self.y, self.width, self.height] = place;
    }

    fn confidence(&self) -> f32 {
        self.confidence
    }
}

/// Whether a detection is a box with a confidence; what is wrong with it where it is not. `what` names it.
///
/// # Errors
///
/// A sentence, for a number that is not finite, a negative size, or a confidence outside of 0 to 1.
pub fn check_detection(what: &str, found: &impl Detection) -> Result<(), String> {
    let place @ [.., width, height] = found.place();
    if !place.iter().all(|number| number.is_finite()) || width < 0.0 || height < 0.0 {
        return Err(format!("{what} is {place:?} (x, y, width, height), allowed is a box"));
    }
    let confidence = found.confidence();
    if !(0.0..=1.0).contains(&confidence) {
        return Err(format!("{what}.confidence is {confidence}, allowed is 0 to 1"));
    }
    Ok(())
}

/// The detections as the seams promise them: cut to the frame, those outside of it left out, surest first.
#[must_use]
pub fn detections_within<T: Detection>(mut found: Vec<T>, frame: &Frame) -> Vec<T> {
    let inside = |start: f32, length: f32, end: usize| {
        let (first, last) = (start.clamp(0.0, end as f32), (start + length).clamp(0.0, end as f32));
        (first, last - first)
    };
    found.retain_mut(|one| {
        let [x, y, width, height] = one.place();
        let (x, width) = inside(x, width, frame.width());
        let (y, height) = inside(y, height, frame.height());
        one.put([x, y, width, height]);
        width > 0.0 && height > 0.0
    });
    found.sort_by(|a, b| b.confidence().total_cmp(&a.confidence()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layout;
    use gv_media::Timestamp;

    fn face(place: [f32; 4], confidence: f32) -> Face {
        let [x, y, width, height] = place;
        Face { x, y, width, height, confidence, landmarks: None }
    }

    #[test]
    fn boxes_are_cut_to_the_picture_and_ordered() {
        let frame = Frame::new(0, Timestamp::ZERO, 20, 10, Layout::Gray8, vec![0; 200]).unwrap();
        let found = vec![
            face([-5.0, 2.0, 10.0, 4.0], 0.3),
            face([15.0, 8.0, 10.0, 10.0], 0.9),
            face([30.0, 0.0, 5.0, 5.0], 1.0),
        ];
        let places: Vec<_> =
            detections_within(found, &frame).iter().map(Detection::place).collect();
        assert_eq!(places, [[15.0, 8.0, 5.0, 2.0], [0.0, 2.0, 5.0, 4.0]]);
    }

    #[test]
    fn what_is_no_box_is_named() {
        let of = |place, confidence| check_detection("face 3", &face(place, confidence));
        assert_eq!(of([0.0, 0.0, 1.0, 1.0], 0.5), Ok(()));
        assert!(of([f32::NAN, 0.0, 1.0, 1.0], 0.5).unwrap_err().starts_with("face 3 is [NaN"));
        assert!(of([0.0, 0.0, -1.0, 1.0], 0.5).unwrap_err().contains("allowed is a box"));
        assert!(of([0.0, 0.0, 1.0, 1.0], 1.5).unwrap_err().contains("confidence is 1.5"));
    }
}
