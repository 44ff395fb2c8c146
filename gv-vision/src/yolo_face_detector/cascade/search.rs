//! The search of a picture: windows of every place and size, fewer and fewer of them, looked at closer and closer.

use super::WINDOW;
use super::boosted::FeatureMap;
use super::gradients::Gradients;
use super::model::{Model, Unit};
use super::perceptron::Perceptron;
use crate::GrayImage;

/// Pixels between two windows.
const STEP: usize = 4;
/// Ratio of the sizes of two pictures that are swept one after the other.
const SHRINK: f32 = 0.8;
/// Standard deviation of grey below which a window is too flat to hold a face.
const FLAT: f64 = 10.0;
/// Overlap (IoU) from which on two proposals are one, while searching and at the end.
const ONE: f32 = 0.8;
const ONE_AT_LAST: f32 = 0.3;

/// A square that may hold a face, in pixels of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Proposal {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) side: i32,
    /// The sum of the scores of all proposals that became this one.
    pub(super) score: f32,
}

/// The faces of a picture whose sides are at least a window's, surest first.
pub(super) fn search(model: &Model, picture: &GrayImage) -> Vec<Proposal> {
    let mut lists = sweep(model, picture);
    lists.iter_mut().for_each(|list| merge(list, ONE));
    let mut judge = Judge::new(picture);
    for (number, level) in model.levels.iter().enumerate() {
        let last = number + 1 == model.levels.len();
        lists = level.iter().map(|unit| judge.unit(unit, &lists, last)).collect();
    }
    lists.into_iter().next().unwrap_or_default()
}

/// What each of the sweepers proposes.
fn sweep(model: &Model, picture: &GrayImage) -> Vec<Vec<Proposal>> {
    let mut lists = vec![Vec::new(); model.sweepers.len()];
    let mut map = FeatureMap::default();
    let mut scale = 1.0_f32;
    loop {
        let side = |length: usize| (length as f32 * scale) as usize;
        let (width, height) = (side(picture.width()), side(picture.height()));
        if width.min(height) < WINDOW {
            return lists;
        }
        let level = shrunk(picture, width, height);
        map.compute(&level);
        let in_picture = |length: usize| (length as f32 / scale + 0.5) as i32;
        let sweepers: Vec<_> = model.sweepers.iter().map(|one| one.sweeper(width)).collect();
        for y in (0..=height - WINDOW).step_by(STEP) {
            for x in (0..=width - WINDOW).step_by(STEP) {
                for (sweeper, list) in sweepers.iter().zip(&mut lists) {
                    let Some(score) = sweeper.score(&map, x, y) else { continue };
                    if deviation(&level, x, y) > FLAT {
                        let (x, y, side) = (in_picture(x), in_picture(y), in_picture(WINDOW));
                        list.push(Proposal { x, y, side, score });
                    }
                }
            }
        }
        scale *= SHRINK;
    }
}

/// Standard deviation of grey in a window.
fn deviation(picture: &GrayImage, x: usize, y: usize) -> f64 {
    let (mut sum, mut squares) = (0_u32, 0_u32);
    for row in y..y + WINDOW {
        for &pixel in &picture.row(row)[x..x + WINDOW] {
            sum += u32::from(pixel);
            squares += u32::from(pixel).pow(2);
        }
    }
    let count = (WINDOW * WINDOW) as f64;
    let mean = f64::from(sum) / count;
    (f64::from(squares) / count - mean * mean).max(0.0).sqrt()
}

/// The picture at a smaller size, each pixel drawn from the four around its place: as the model was trained.
fn shrunk(picture: &GrayImage, width: usize, height: usize) -> GrayImage {
    if (width, height) == (picture.width(), picture.height()) {
        return picture.clone();
    }
    let (columns, rows) = (taps(picture.width(), width), taps(picture.height(), height));
    let mut data = Vec::with_capacity(width * height);
    let mut blended = vec![0_u32; picture.width()];
    for &(row, lower) in &rows {
        let (above, below) = (picture.row(row), picture.row(row + 1));
        for (blend, (&above, &below)) in blended.iter_mut().zip(above.iter().zip(below)) {
            *blend = u32::from(above) * (UNIT - lower) + u32::from(below) * lower;
        }
        data.extend(columns.iter().map(|&(column, right)| {
            let sum = blended[column] * (UNIT - right) + blended[column + 1] * right;
            (sum >> (2 * UNIT_BITS)) as u8
        }));
    }
    GrayImage::new(width, height, data).unwrap_or_default()
}

/// Weights are in parts of this.
const UNIT_BITS: u32 = 11;
const UNIT: u32 = 1 << UNIT_BITS;

/// For each target sample the first of two source samples and the weight of the second; the source has two at least.
fn taps(source: usize, target: usize) -> Vec<(usize, u32)> {
    let step = source as f64 / target as f64;
    let tap = |at: usize| {
        let place = step * at as f64;
        let first = (place as usize).min(source - 2);
        (first, ((place - first as f64).min(1.0) * f64::from(UNIT)) as u32)
    };
    (0..target).map(tap).collect()
}

/// Looks closer at proposals.
struct Judge<'a> {
    picture: &'a GrayImage,
    gradients: Gradients,
    window: [u8; WINDOW * WINDOW],
    buffers: [Vec<f32>; 2],
}

impl<'a> Judge<'a> {
    fn new(picture: &'a GrayImage) -> Self {
        Self {
            picture,
            gradients: Gradients::default(),
            window: [0; WINDOW * WINDOW],
            buffers: Default::default(),
        }
    }

    /// What of the lists a unit leaves.
    fn unit(&mut self, unit: &Unit, lists: &[Vec<Proposal>], last: bool) -> Vec<Proposal> {
        let sources = unit.sources.iter().filter_map(|&number| lists.get(number));
        let mut proposals: Vec<Proposal> = sources.flatten().copied().collect();
        for (number, stage) in unit.stages.iter().enumerate() {
            proposals = proposals.iter().filter_map(|one| self.refined(one, stage)).collect();
            if number + 1 < unit.stages.len() {
                merge(&mut proposals, ONE);
            } else if last {
                merge(&mut proposals, ONE_AT_LAST);
            }
        }
        proposals
    }

    /// The proposal moved to where its face is; `None` where it is none.
    fn refined(&mut self, proposal: &Proposal, stage: &Perceptron) -> Option<Proposal> {
        let Proposal { x, y, side, .. } = *proposal;
        if x + side <= 0 || y + side <= 0 || side < 2 {
            return None;
        }
        self.cut_out(x, y, side);
        self.gradients.compute(&self.window);
        let found = stage.judge(&self.gradients, &mut self.buffers)?;
        let (left, top, width) = (x.max(0) as f32, y.max(0) as f32, side as f32);
        let grown = (found.growth * width + width + 0.5).floor();
        let moved = |edge: f32, shift: f32| {
            (shift * width + edge + (width - grown) * 0.5 + 0.5).floor() as i32
        };
        Some(Proposal {
            x: moved(left, found.shift.0),
            y: moved(top, found.shift.1),
            side: grown as i32,
            score: found.score,
        })
    }

    /// Fills the window with a square of the picture; what is outside of the picture is black.
    fn cut_out(&mut self, x: i32, y: i32, side: i32) {
        let taps = taps(side as usize, WINDOW);
        let (width, height) = (self.picture.width() as i32, self.picture.height() as i32);
        if x >= 0 && y >= 0 && x + side <= width && y + side <= height {
            let columns = x as usize..(x + side) as usize;
            for (out, &(row, lower)) in self.window.chunks_exact_mut(WINDOW).zip(&taps) {
                let line = |row: usize| &self.picture.row(y as usize + row)[columns.clone()];
                let (above, below) = (line(row), line(row + 1));
                for (out, &(column, right)) in out.iter_mut().zip(&taps) {
                    let [a, b] = [above, below].map(|line| {
                        let pair = &line[column..column + 2];
                        u32::from(pair[0]) * (UNIT - right) + u32::from(pair[1]) * right
                    });
                    *out = ((a * (UNIT - lower) + b * lower) >> (2 * UNIT_BITS)) as u8;
                }
            }
            return;
        }
        let pixel = |row: Option<&[u8]>, u: i32| match row {
            Some(row) if (0..width).contains(&u) => u32::from(row[u as usize]),
            _ => 0,
        };
        for (out, &(row, lower)) in self.window.chunks_exact_mut(WINDOW).zip(&taps) {
            let line = |v: i32| (0..height).contains(&v).then(|| self.picture.row(v as usize));
            let (above, below) = (line(y + row as i32), line(y + row as i32 + 1));
            for (out, &(column, right)) in out.iter_mut().zip(&taps) {
                let u = x + column as i32;
                let blend = |u: i32| pixel(above, u) * (UNIT - lower) + pixel(below, u) * lower;
                let sum = blend(u) * (UNIT - right) + blend(u + 1) * right;
                *out = (sum >> (2 * UNIT_BITS)) as u8;
            }
        }
    }
}

/// Of proposals that overlap by more than `most` only the surest stays, with all their scores.
fn merge(proposals: &mut Vec<Proposal>, most: f32) {
    proposals.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Proposal> = Vec::new();
    let mut gone = vec![false; proposals.len()];
    for (at, first) in proposals.iter().enumerate() {
        if gone[at] {
            continue;
        }
        let mut sum = *first;
        for (other, gone) in proposals[at + 1..].iter().zip(&mut gone[at + 1..]) {
            if !*gone && iou(first, other) > most {
                *gone = true;
                sum.score += other.score;
            }
        }
        kept.push(sum);
    }
    *proposals = kept;
}

fn iou(a: &Proposal, b: &Proposal) -> f32 {
    let common = |a0: i32, a1: i32, b0: i32, b1: i32| (a1.min(b1) - a0.max(b0)).max(0) as f32;
    let shared =
        common(a.x, a.x + a.side, b.x, b.x + b.side) * common(a.y, a.y + a.side, b.y, b.y + b.side);
    let area = |one: &Proposal| (one.side as f32).powi(2);
    shared / (area(a) + area(b) - shared).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal(x: i32, score: f32) -> Proposal {
        Proposal { x, y: 10, side: 100, score }
    }

    #[test]
    fn overlapping_proposals_become_one_with_the_sum_of_their_scores() {
        let mut list = vec![proposal(0, 0.5), proposal(5, 0.9), proposal(300, 0.4)];
        merge(&mut list, 0.3);
        assert_eq!(list, [Proposal { score: 1.4, ..proposal(5, 0.9) }, proposal(300, 0.4)]);
    }

    #[test]
    fn a_square_past_the_edge_is_black_there() {
        let picture = GrayImage::filled(80, 80, 200);
        let mut judge = Judge::new(&picture);
        judge.cut_out(-20, 40, 80);
        assert_eq!(judge.window[0], 0);
        assert_eq!(judge.window[WINDOW / 2], 200);
        assert_eq!(judge.window[WINDOW * (WINDOW - 1) + WINDOW / 2], 0);
    }

    #[test]
    fn a_flat_picture_and_noise_have_no_face() {
        let model = Model::read(super::super::MODEL).unwrap();
        assert_eq!(search(&model, &GrayImage::filled(200, 100, 90)), []);
        let noise = GrayImage::from_fn(200, 100, |x, y| ((x * 7919 + y * 104_729) % 253) as u8);
        assert_eq!(search(&model, &noise), []);
    }
}
