//! Which face network a model is, and what its outputs mean.

use super::Landmarks;
use crate::inference::{BoxF, Fit, Port, Preparation, Tensor};

/// The face networks that are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaceLayout {
    /// YuNet: three strides with class, object, box and landmark outputs each.
    YuNet,
    /// UltraFace (RFB-320 and its kin): scores of two classes and corners between 0 and 1.
    UltraFace,
    /// YOLOv8-face: one output of 20 rows: box, score, five landmarks of (x, y, seen).
    YoloV8Face,
    /// YOLOv8 of the 80 COCO classes: persons only, and of each the place where its head must be.
    YoloV8Person,
}

/// Sides of a person's head as shares of the person's width and height; a prior, for a standing person has a head of
/// about an eighth of its height and a cropped one has a larger one.
const HEAD: (f32, f32) = (0.5, 0.25);

const STRIDES: [usize; 3] = [8, 16, 32];

/// A box in pixels of the network's input, with its landmarks.
pub(super) type Candidate = (BoxF, Option<Landmarks>);

impl FaceLayout {
    /// What [`FaceLayout::recognize`] understands, in words.
    pub const UNDERSTOOD: &'static str = "YuNet (cls_8 ... kps_32), UltraFace (scores [1, n, 2] \
        and boxes [1, n, 4]), YOLOv8-face ([1, 20, n]), \
        YOLOv8 of COCO ([1, 84, n])";

    /// The network that has such outputs; `None` where there is none.
    pub fn recognize(size: (usize, usize), outputs: &[Port]) -> Option<Self> {
        let is_yunet = STRIDES.iter().all(|stride| {
            let cells = (size.0 / stride) * (size.1 / stride);
            [("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)].iter().all(|&(name, depth)| {
                let shape = [Some(1), Some(cells), Some(depth)];
                find(outputs, &format!("{name}_{stride}"))
                    .is_some_and(|at| outputs[at].shape == shape)
            })
        });
        if is_yunet && size.0.is_multiple_of(32) && size.1.is_multiple_of(32) {
            return Some(Self::YuNet);
        }
        match outputs {
            [scores, boxes] => match (scores.shape.as_slice(), boxes.shape.as_slice()) {
                (&[Some(1), Some(n), Some(2)], &[Some(1), Some(m), Some(4)]) if n == m => {
                    Some(Self::UltraFace)
                }
                _ => None,
            },
            [one] => match *one.shape.as_slice() {
                [Some(1), Some(20), Some(_)] => Some(Self::YoloV8Face),
                [Some(1), Some(84), Some(_)] => Some(Self::YoloV8Person),
                _ => None,
            },
            _ => None,
        }
    }

    /// How a picture is brought to the input.
    pub(super) const fn preparation(self) -> Preparation {
        let (fit, bgr, scale, shift) = match self {
            Self::YuNet => (Fit::NoLarger(0.0), true, 1.0, 0.0),
            Self::UltraFace => (Fit::Stretch, false, 1.0 / 128.0, -127.0 / 128.0),
            Self::YoloV8Face | Self::YoloV8Person => (Fit::Middle(114.0), false, 1.0 / 255.0, 0.0),
        };
        Preparation { fit, bgr, scale, shift }
    }

    /// The box as it is compared with others: YuNet's in whole pixels, as OpenCV's `FaceDetectorYN` does, which decides
    /// about faces of a few pixels.
    pub(super) fn compared(self, found: BoxF) -> BoxF {
        let BoxF { x, y, width, height, score } = found;
        match self {
            Self::YuNet => BoxF {
                x: x.trunc(),
                y: y.trunc(),
                width: width.trunc().max(1.0),
                height: height.trunc().max(1.0),
                score,
            },
            _ => found,
        }
    }

    /// Candidates whose score is at least `least`; outputs are as [`FaceLayout::recognize`] saw.
    pub(super) fn decode(
        self,
        size: (usize, usize),
        ports: &[Port],
        outputs: &[Tensor],
        least: f32,
    ) -> Vec<Candidate> {
        match self {
            Self::YuNet => STRIDES
                .iter()
                .filter_map(|&stride| yunet(size, stride, ports, outputs, least))
                .flatten()
                .collect(),
            Self::UltraFace => ultraface(size, outputs, least),
            Self::YoloV8Face => outputs.first().map(|all| yolo(all, least)).unwrap_or_default(),
            Self::YoloV8Person => outputs.first().map(|all| heads(all, least)).unwrap_or_default(),
        }
    }
}

fn find(ports: &[Port], name: &str) -> Option<usize> {
    ports.iter().position(|port| port.name == name)
}

fn yunet(
    size: (usize, usize),
    stride: usize,
    ports: &[Port],
    outputs: &[Tensor],
    least: f32,
) -> Option<Vec<Candidate>> {
    let output = |name: &str| Some(outputs.get(find(ports, &format!("{name}_{stride}"))?)?.data());
    let (class, object) = (output("cls")?, output("obj")?);
    let boxes = output("bbox")?.chunks_exact(4);
    let points = output("kps")?.chunks_exact(10);
    let (columns, step) = (size.0 / stride, stride as f32);
    let rows = class.iter().zip(object).zip(boxes.zip(points)).enumerate();
    let found = rows.filter_map(|(cell, ((class, object), (place, points)))| {
        let score = (class.clamp(0.0, 1.0) * object.clamp(0.0, 1.0)).sqrt();
        if score.is_nan() || score < least {
            return None;
        }
        let (column, row) = ((cell % columns) as f32, (cell / columns) as f32);
        let (width, height) = (place[2].exp() * step, place[3].exp() * step);
        let x = (column + place[0]) * step - width / 2.0;
        let y = (row + place[1]) * step - height / 2.0;
        let point =
            |at: usize| ((column + points[2 * at]) * step, (row + points[2 * at + 1]) * step);
        let landmarks = five(point);
        Some((BoxF { x, y, width, height, score }, Some(landmarks)))
    });
    Some(found.collect())
}

fn ultraface(size: (usize, usize), outputs: &[Tensor], least: f32) -> Vec<Candidate> {
    let [scores, boxes] = outputs else { return Vec::new() };
    let rows = scores.data().chunks_exact(2).zip(boxes.data().chunks_exact(4));
    rows.filter(|(score, _)| score[1] >= least)
        .map(|(score, corner)| {
            let (width, height) = (size.0 as f32, size.1 as f32);
            let (x, y) = (corner[0] * width, corner[1] * height);
            let (right, bottom) = (corner[2] * width, corner[3] * height);
            let (width, height) = (right - x, bottom - y);
            (BoxF { x, y, width, height, score: score[1] }, None)
        })
        .collect()
}

/// The columns of a YOLOv8 output whose score is at least `least`: the box, and what else the column holds by its row.
fn columns<'a>(
    all: &'a Tensor,
    least: f32,
) -> impl Iterator<Item = (BoxF, impl Fn(usize) -> f32 + 'a)> {
    let count = if let &[_, _, count] = all.shape() { count } else { 0 };
    let value = move |row: usize, at: usize| all.data()[row * count + at];
    (0..count).filter(move |&at| value(4, at) >= least).map(move |at| {
        let (width, height) = (value(2, at), value(3, at));
        let (x, y) = (value(0, at) - width / 2.0, value(1, at) - height / 2.0);
        (BoxF { x, y, width, height, score: value(4, at) }, move |row| value(row, at))
    })
}

fn yolo(all: &Tensor, least: f32) -> Vec<Candidate> {
    columns(all, least)
        .map(|(place, value)| {
            let landmarks = five(|point| (value(5 + 3 * point), value(6 + 3 * point)));
            (place, Some(landmarks))
        })
        .collect()
}

/// The heads of the persons: a square at the top of the person, in its middle.
fn heads(all: &Tensor, least: f32) -> Vec<Candidate> {
    let head = |person: BoxF| {
        let side = (person.width * HEAD.0).min(person.height * HEAD.1);
        let x = person.x + (person.width - side) / 2.0;
        BoxF { x, width: side, height: side, ..person }
    };
    columns(all, least).map(|(person, _)| (head(person), None)).collect()
}

/// Both networks give the eyes, the nose and the corners of the mouth from the picture's left.
fn five(point: impl Fn(usize) -> (f32, f32)) -> Landmarks {
    Landmarks {
        left_eye: point(0),
        right_eye: point(1),
        nose: point(2),
        mouth_left: point(3),
        mouth_right: point(4),
    }
}
