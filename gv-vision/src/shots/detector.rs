//! The detector that frames are pushed into.

use super::assemble::{self, Span};
use super::cut::{self, Step};
use super::distance::Comparer;
use super::gradual::GradualFinder;
use super::signature::{Grid, Signature};
use super::{Boundary, BoundaryKind, Shot, ShotList};
use crate::AnalysisFrame;
use std::collections::VecDeque;

/// Frames kept at most to look back and ahead, whatever the frame rate.
const LONGEST_LOOK: usize = 64;
/// Steps on each side that are looked at however far apart the frames are.
const FEWEST_STEPS: usize = 4;

/// Pictures of which less than this share is replaced are the same picture.
const SAME_PICTURE: f32 = 0.22;
/// A picture is back where less than this share of what the step replaced is still replaced.
const RETURNED: f32 = 0.5;

/// How shots are found.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ShotOptions {
    /// Least evidence for a boundary, 0 to 1; 0.5 is as likely as not. Higher finds fewer.
    pub threshold: f64,
    /// Longest time for which a picture may be gone and come back as a flash or blink, in seconds.
    pub flash_seconds: f64,
    /// Shortest shot, in seconds; changes closer than this are one boundary.
    pub min_shot_seconds: f64,
    /// Shortest stretch of one plain colour that is a shot of its own, in seconds; half of it at the
    /// beginning and the end of the video. A shorter one belongs to the transition around it.
    pub blank_seconds: f64,
    /// Time on each side of a step from which ordinary change is learnt, in seconds.
    pub context_seconds: f64,
}

impl Default for ShotOptions {
    fn default() -> Self {
        Self {
            threshold: 0.5,
            flash_seconds: 0.2,
            min_shot_seconds: 0.1,
            blank_seconds: 1.0,
            context_seconds: 0.25,
        }
    }
}

impl ShotOptions {
    /// Sets the least evidence for a boundary, 0 to 1.
    #[must_use]
    pub fn threshold(self, threshold: f64) -> Self {
        Self { threshold, ..self }
    }

    /// Sets the longest time for which a picture may be gone and come back, in seconds.
    #[must_use]
    pub fn flash_seconds(self, flash_seconds: f64) -> Self {
        Self { flash_seconds, ..self }
    }

    /// Sets the shortest shot, in seconds.
    #[must_use]
    pub fn min_shot_seconds(self, min_shot_seconds: f64) -> Self {
        Self { min_shot_seconds, ..self }
    }

    /// Sets the shortest stretch of one plain colour that is a shot of its own, in seconds.
    #[must_use]
    pub fn blank_seconds(self, blank_seconds: f64) -> Self {
        Self { blank_seconds, ..self }
    }

    /// Sets the time on each side of a step from which ordinary change is learnt, in seconds.
    #[must_use]
    pub fn context_seconds(self, context_seconds: f64) -> Self {
        Self { context_seconds, ..self }
    }
}

/// Finds shots in frames that are pushed one after the other.
///
/// Keeps a few kilobytes for each frame of the last moments and a few bytes for every other frame.
/// The result depends on the frames and the options alone.
#[derive(Debug, Clone)]
pub struct ShotDetector {
    options: ShotOptions,
    grid: Option<Grid>,
    /// Signatures of the newest frames; the last belongs to the last of `steps`.
    recent: VecDeque<Signature>,
    /// One for each frame; the first is empty of change.
    steps: Vec<Step>,
    /// The first step that is not yet examined for a return of the picture.
    unexamined: usize,
    first_index: u64,
    gradual: GradualFinder,
    comparer: Comparer,
    scratch: Vec<u16>,
}

impl ShotDetector {
    /// Starts at the beginning of a video.
    pub fn new(options: ShotOptions) -> Self {
        Self {
            options,
            grid: None,
            recent: VecDeque::new(),
            steps: Vec::new(),
            unexamined: 1,
            first_index: 0,
            gradual: GradualFinder::default(),
            comparer: Comparer::default(),
            scratch: Vec::new(),
        }
    }

    /// Takes the next frame.
    ///
    /// Frames are numbered from the first one's `index` without a gap. A time that is not finite or
    /// goes back counts as the time before it. A frame without pixels counts as black.
    pub fn push(&mut self, frame: &AnalysisFrame) {
        let before = self.steps.last().map_or(0.0, |s| s.time);
        let time = if self.steps.is_empty() {
            self.first_index = frame.index;
            if frame.time.is_finite() { frame.time } else { 0.0 }
        } else if frame.time >= before && frame.time.is_finite() {
            frame.time
        } else {
            before
        };
        let grid = self.grid(frame);
        let signature = Signature::of(frame, grid, &mut self.scratch);
        let difference = match self.recent.back() {
            Some(last) => self.comparer.compare(last, &signature, grid),
            None => Default::default(),
        };
        self.steps.push(Step::new(time, difference, signature.plain));
        if self.grid.is_some() {
            self.gradual.push(self.steps.len() - 1, time, &signature, grid);
        }
        self.recent.push_back(signature);
        if self.recent.len() > 2 * LONGEST_LOOK {
            self.recent.pop_front();
        }
        let look = self.options.flash_seconds.max(self.options.context_seconds);
        while let Some(step) = self.steps.get(self.unexamined) {
            let ahead = self.steps.len() - self.unexamined;
            if ahead <= LONGEST_LOOK && (ahead <= FEWEST_STEPS + 1 || time - step.time <= look) {
                break;
            }
            self.examine();
        }
    }

    /// Says what was found; the last shot ends one frame interval after the last frame.
    pub fn finish(self) -> ShotList {
        let times = self.steps.iter().map(|s| s.time).collect::<Vec<_>>();
        let interval = match times[..] {
            [.., a, b] => b - a,
            _ => 0.0,
        };
        let end = times.last().map_or(0.0, |t| t + interval);
        self.finish_at(end)
    }

    /// Says what was found in a video that ends at `end_time` seconds.
    ///
    /// An `end_time` that is not finite or lies before the last frame counts as the last frame's time.
    pub fn finish_at(mut self, end_time: f64) -> ShotList {
        while self.unexamined < self.steps.len() {
            self.examine();
        }
        if let Some(grid) = self.grid {
            self.gradual.finish(grid);
        }
        let gradual = std::mem::take(&mut self.gradual.found);
        let spans = assemble::assemble(&self.steps, self.cuts(), gradual, &self.options);
        let number = |at: usize| self.first_index + at as u64;
        let boundaries: Vec<Boundary> = spans
            .into_iter()
            .map(|s| Boundary {
                frame: number(s.frame),
                time: self.steps[s.frame].time,
                start_frame: number(s.start),
                start_time: self.steps[s.start].time,
                end_frame: number(s.end),
                end_time: self.steps[s.end].time,
                kind: s.kind,
                score: s.score,
            })
            .collect();
        let shots = self.shots(&boundaries, end_time);
        ShotList { shots, boundaries }
    }

    /// Hard cuts; those too close for a shot between them are one boundary in their middle.
    fn cuts(&self) -> Vec<Span> {
        let evidence = (1..self.steps.len())
            .map(|at| (at, self.evidence(at)))
            .filter(|&(_, score)| score >= self.options.threshold);
        let mut cuts: Vec<Span> = Vec::new();
        for (at, score) in evidence {
            let time = self.steps[at].time;
            match cuts.last_mut() {
                Some(cut) if time - self.steps[cut.end].time < self.options.min_shot_seconds => {
                    cut.end = at;
                    cut.frame = cut.start + (at - cut.start) / 2;
                    cut.score = cut.score.max(score);
                }
                _ => cuts.push(Span {
                    start: at,
                    frame: at,
                    end: at,
                    kind: BoundaryKind::Cut,
                    score,
                }),
            }
        }
        cuts
    }

    fn evidence(&self, at: usize) -> f64 {
        cut::evidence(&self.steps, at, self.options.context_seconds, FEWEST_STEPS)
    }

    fn shots(&self, boundaries: &[Boundary], end_time: f64) -> Vec<Shot> {
        let Some(last) = self.steps.last() else { return Vec::new() };
        let end_time = if end_time >= last.time { end_time } else { last.time };
        let one_past = self.first_index + self.steps.len() as u64;
        let starts = std::iter::once((self.first_index, self.steps[0].time))
            .chain(boundaries.iter().map(|b| (b.frame, b.time)));
        let ends = boundaries
            .iter()
            .map(|b| (b.frame, b.time))
            .chain(std::iter::once((one_past, end_time)));
        let shots = starts.zip(ends).enumerate();
        shots
            .map(|(index, ((start_frame, start_time), (end_frame, end_time)))| Shot {
                index,
                start_frame,
                end_frame,
                start_time,
                end_time,
                blank: self.steps[(start_frame - self.first_index) as usize
                    ..(end_frame - self.first_index) as usize]
                    .iter()
                    .all(|s| s.plain),
            })
            .collect()
    }

    fn grid(&mut self, frame: &AnalysisFrame) -> Grid {
        if let Some(grid) = self.grid {
            return grid;
        }
        match Grid::for_picture(frame.luma.width(), frame.luma.height()) {
            Some(grid) => {
                self.grid = Some(grid);
                let black = Signature::black(grid);
                self.recent.iter_mut().for_each(|s| *s = black.clone());
                grid
            }
            None => Grid { columns: 4, rows: 1 },
        }
    }

    /// Sees whether the picture comes back soon after the first unexamined step.
    fn examine(&mut self) {
        let at = self.unexamined;
        self.unexamined += 1;
        let step = self.steps[at];
        let oldest = self.steps.len() - self.recent.len();
        if at <= oldest || self.evidence(at) < self.options.threshold {
            return;
        }
        let Some(grid) = self.grid else { return };
        let (span, now) = (self.options.flash_seconds, step.time);
        let before = &self.recent[at - 1 - oldest];
        let after = &self.recent[at - oldest];
        let same = |comparer: &mut Comparer, a: &Signature, b: &Signature| {
            let difference = comparer.compare(a, b, grid);
            difference.replaced() < SAME_PICTURE.min(RETURNED * step.replaced)
        };
        let later = (at + 1..self.steps.len()).take_while(|&j| self.steps[j].time - now <= span);
        let mut returns =
            later.into_iter().any(|j| same(&mut self.comparer, before, &self.recent[j - oldest]));
        if !returns {
            let left = self.steps[at - 1].time;
            let earlier = (oldest..at - 1).rev().take_while(|&i| left - self.steps[i].time <= span);
            returns = earlier
                .into_iter()
                .any(|i| same(&mut self.comparer, &self.recent[i - oldest], after));
        }
        self.steps[at].returns = returns;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GrayImage;

    fn scene(seed: u32, shift: usize) -> impl Fn(usize, usize) -> u8 {
        move |x, y| {
            let (column, row) = (((x + shift) / 24) as u32, (y / 18) as u32);
            let cell = (column ^ row.wrapping_mul(0x9E37_79B9) ^ seed.wrapping_mul(0x85EB_CA6B))
                .wrapping_mul(0xC2B2_AE35);
            let cell = (cell ^ (cell >> 15)).wrapping_mul(0x27D4_EB2F);
            (cell >> 24) as u8
        }
    }

    fn frame(index: u64, luma: GrayImage) -> AnalysisFrame {
        let (width, height) = (luma.width(), luma.height());
        AnalysisFrame {
            index,
            time: index as f64 / 30.0,
            luma,
            cb: GrayImage::filled(width, height, 128),
            cr: GrayImage::filled(width, height, 128),
            source_scale: 1.0,
        }
    }

    fn detect(pictures: impl IntoIterator<Item = GrayImage>) -> ShotList {
        let mut detector = ShotDetector::new(ShotOptions::default());
        for (index, picture) in pictures.into_iter().enumerate() {
            detector.push(&frame(index as u64, picture));
        }
        detector.finish()
    }

    #[test]
    fn a_cut_is_found_at_the_first_frame_of_the_new_shot() {
        let list = detect(
            (0..60).map(|i| GrayImage::from_fn(320, 180, scene(if i < 25 { 1 } else { 2 }, i))),
        );
        assert_eq!(list.boundaries.len(), 1);
        assert_eq!(list.boundaries[0].frame, 25);
        assert_eq!(list.boundaries[0].kind, BoundaryKind::Cut);
        assert!(list.boundaries[0].score > 0.9);
        assert_eq!(list.shots.len(), 2);
        assert_eq!((list.shots[1].start_frame, list.shots[1].end_frame), (25, 60));
        assert!((list.shots[1].end_time - 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_flash_and_a_blink_of_the_same_picture_are_no_boundary() {
        for value in [0, 255] {
            let list = detect((0..60).map(|i| match i {
                30..33 => GrayImage::filled(320, 180, value),
                _ => GrayImage::from_fn(320, 180, scene(1, i)),
            }));
            assert_eq!(list.boundaries, []);
        }
    }

    #[test]
    fn a_blink_between_two_pictures_is_one_boundary() {
        let list = detect((0..60).map(|i| match i {
            30..32 => GrayImage::filled(320, 180, 0),
            _ => GrayImage::from_fn(320, 180, scene(1 + i as u32 / 31, 0)),
        }));
        assert_eq!(list.boundaries.len(), 1);
        let boundary = &list.boundaries[0];
        assert_eq!((boundary.start_frame, boundary.frame, boundary.end_frame), (30, 31, 32));
    }

    #[test]
    fn nothing_is_found_in_black_and_in_a_picture_that_stands() {
        let black = detect((0..40).map(|_| GrayImage::filled(64, 36, 0)));
        assert_eq!((black.boundaries.len(), black.shots.len()), (0, 1));
        assert!(black.shots[0].blank);
        let still = detect((0..40).map(|_| GrayImage::from_fn(64, 36, scene(3, 0))));
        assert_eq!((still.boundaries.len(), still.shots.len()), (0, 1));
        assert!(!still.shots[0].blank);
    }

    #[test]
    fn no_frame_is_no_shot_and_one_frame_is_one() {
        assert_eq!(detect([]), ShotList::default());
        let list = detect([GrayImage::filled(1, 1, 7)]);
        assert_eq!((list.shots[0].start_frame, list.shots[0].end_frame), (0, 1));
    }

    #[test]
    fn frames_without_pixels_and_without_time_do_no_harm() {
        let mut detector = ShotDetector::new(ShotOptions::default());
        for (index, time) in [f64::NAN, 1.0, f64::INFINITY, 0.5, 2.0].into_iter().enumerate() {
            let mut frame = frame(index as u64, GrayImage::filled(index, 3, 9));
            frame.time = time;
            detector.push(&frame);
        }
        let list = detector.finish_at(f64::NAN);
        assert_eq!(list.shots.len(), 1);
        assert!(list.shots[0].end_time >= list.shots[0].start_time);
    }
}
