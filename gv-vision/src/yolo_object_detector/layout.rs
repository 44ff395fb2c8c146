//! Which object network a model is, and what its output means.

use super::COCO_CLASSES;
use crate::inference::{BoxF, Fit, Port, Preparation, Tensor};

/// The object networks that are understood, all of the 80 COCO classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectLayout {
    /// YOLOX: a row for each cell of three grids: offsets in the cell, logarithms of the size, object, classes.
    Yolox,
    /// YOLOv8: a column for each candidate: middle and size in pixels, classes.
    YoloV8,
    /// YOLOv5: a row for each candidate: middle and size in pixels, object, classes.
    YoloV5,
}

const STRIDES: [usize; 3] = [8, 16, 32];
const CLASSES: usize = COCO_CLASSES.len();

/// A box in pixels of the network's input with the number of its class.
pub(super) type Candidate = (BoxF, usize);

impl ObjectLayout {
    /// What [`ObjectLayout::recognize`] understands, in words.
    pub const UNDERSTOOD: &'static str = "YOLOX ([1, cells, 85]), YOLOv8 ([1, 84, n]), YOLOv5 ([1, 3 times cells, 85]), each of 80 classes";

    /// The network that has such outputs; `None` where there is none.
    pub fn recognize((width, height): (usize, usize), outputs: &[Port]) -> Option<Self> {
        let cells: usize = STRIDES.iter().map(|s| (width / s) * (height / s)).sum();
        let [output] = outputs else { return None };
        match *output.shape.as_slice() {
            [Some(1), Some(rows), Some(depth)] if depth == CLASSES + 5 && rows == cells => {
                Some(Self::Yolox)
            }
            [Some(1), Some(rows), Some(depth)] if depth == CLASSES + 5 && rows == 3 * cells => {
                Some(Self::YoloV5)
            }
            [Some(1), Some(depth), Some(_)] if depth == CLASSES + 4 => Some(Self::YoloV8),
            _ => None,
        }
    }

    /// How a picture is brought to the input.
    pub(super) const fn preparation(self) -> Preparation {
        let (fit, bgr, scale) = match self {
            Self::Yolox => (Fit::TopLeft(114.0), true, 1.0),
            Self::YoloV8 | Self::YoloV5 => (Fit::Middle(114.0), false, 1.0 / 255.0),
        };
        Preparation { fit, bgr, scale, shift: 0.0 }
    }

    /// Candidates whose score is at least `least`; each has its likeliest class.
    pub(super) fn decode(
        self,
        size: (usize, usize),
        output: &Tensor,
        least: f32,
    ) -> Vec<Candidate> {
        match self {
            Self::Yolox => yolox(size, output, least),
            Self::YoloV8 => columns(output, least),
            Self::YoloV5 => rows(output, least),
        }
    }
}

fn yolox((width, height): (usize, usize), output: &Tensor, least: f32) -> Vec<Candidate> {
    let cells = STRIDES.iter().flat_map(|&stride| {
        let (across, down) = (width / stride, height / stride);
        (0..across * down).map(move |cell| (cell % across, cell / across, stride as f32))
    });
    output
        .data()
        .chunks_exact(CLASSES + 5)
        .zip(cells)
        .filter_map(|(row, (column, line, stride))| {
            let (class, score) = likeliest(&row[5..], row[4], least)?;
            let middle = ((row[0] + column as f32) * stride, (row[1] + line as f32) * stride);
            let size = (row[2].exp() * stride, row[3].exp() * stride);
            Some((centred(middle, size, score), class))
        })
        .collect()
}

fn rows(output: &Tensor, least: f32) -> Vec<Candidate> {
    output
        .data()
        .chunks_exact(CLASSES + 5)
        .filter_map(|row| {
            let (class, score) = likeliest(&row[5..], row[4], least)?;
            Some((centred((row[0], row[1]), (row[2], row[3]), score), class))
        })
        .collect()
}

fn columns(output: &Tensor, least: f32) -> Vec<Candidate> {
    let &[_, _, count] = output.shape() else { return Vec::new() };
    if count == 0 {
        return Vec::new();
    }
    let mut best = vec![(0_usize, f32::NEG_INFINITY); count];
    for (class, scores) in output.data().chunks_exact(count).skip(4).enumerate() {
        for (best, &score) in best.iter_mut().zip(scores) {
            if score > best.1 {
                *best = (class, score);
            }
        }
    }
    let value = |row: usize, at: usize| output.data()[row * count + at];
    best.iter()
        .enumerate()
        .filter(|(_, (_, score))| *score >= least)
        .map(|(at, &(class, score))| {
            let (middle, size) = ((value(0, at), value(1, at)), (value(2, at), value(3, at)));
            (centred(middle, size, score), class)
        })
        .collect()
}

/// The likeliest class and its score, where that is at least `least`.
fn likeliest(classes: &[f32], object: f32, least: f32) -> Option<(usize, f32)> {
    if object < least {
        return None;
    }
    let (class, share) = classes.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
    (object * share >= least).then_some((class, object * share))
}

fn centred((x, y): (f32, f32), (width, height): (f32, f32), score: f32) -> BoxF {
    BoxF { x: x - width / 2.0, y: y - height / 2.0, width, height, score }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(shape: [usize; 3]) -> Vec<Port> {
        vec![Port { name: "output".to_owned(), shape: shape.map(Some).into() }]
    }

    #[test]
    fn a_network_is_known_by_the_shape_of_its_output() {
        let known = |size, shape| ObjectLayout::recognize(size, &port(shape));
        assert_eq!(known((416, 416), [1, 3549, 85]), Some(ObjectLayout::Yolox));
        assert_eq!(known((640, 640), [1, 84, 8400]), Some(ObjectLayout::YoloV8));
        assert_eq!(known((640, 640), [1, 25200, 85]), Some(ObjectLayout::YoloV5));
        assert_eq!(known((640, 640), [1, 20, 8400]), None);
        assert_eq!(known((640, 640), [1, 300, 6]), None);
    }

    #[test]
    fn each_layout_is_decoded_as_it_is_defined() {
        let size = (32, 32);
        let mut grid = vec![0.0; 21 * 85];
        let cell = 16 + 3;
        grid[cell * 85..cell * 85 + 5].copy_from_slice(&[0.5, 0.25, 0.0, 2.0_f32.ln(), 0.8]);
        grid[cell * 85 + 5 + 16] = 0.5;
        let output = Tensor::new(vec![1, 21, 85], grid).unwrap();
        let found = ObjectLayout::Yolox.decode(size, &output, 0.3);
        assert_eq!(found.len(), 1);
        let (place, class) = found[0];
        assert_eq!((place.x, place.y, class), (16.0, 4.0, 16));
        assert!((place.width - 16.0).abs() < 1e-4 && (place.height - 32.0).abs() < 1e-4);
        assert!((place.score - 0.4).abs() < 1e-6);

        let mut columns = vec![0.0; 84 * 2];
        for (row, value) in [(0, 10.0), (1, 12.0), (2, 8.0), (3, 4.0), (4 + 67, 0.9)] {
            columns[row * 2 + 1] = value;
        }
        let output = Tensor::new(vec![1, 84, 2], columns).unwrap();
        let found = ObjectLayout::YoloV8.decode(size, &output, 0.3);
        let expected = BoxF { x: 6.0, y: 10.0, width: 8.0, height: 4.0, score: 0.9 };
        assert_eq!(found, [(expected, 67)]);

        let mut row = vec![0.0; 85];
        row[..5].copy_from_slice(&[10.0, 12.0, 8.0, 4.0, 1.0]);
        row[5 + 39] = 0.6;
        let output = Tensor::new(vec![1, 1, 85], row).unwrap();
        assert_eq!(
            ObjectLayout::YoloV5.decode(size, &output, 0.3),
            [(BoxF { score: 0.6, ..expected }, 39)]
        );
        assert_eq!(ObjectLayout::YoloV5.decode(size, &output, 0.7), []);
    }
}
