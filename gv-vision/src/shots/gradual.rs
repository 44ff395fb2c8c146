//! Gradual transitions: frames that lie on the straight line between two different pictures.

use super::cut::logistic;
use super::distance::Comparer;
use super::signature::{Grid, Signature};
use std::collections::VecDeque;

/// Lengths of the windows in which a transition is looked for, in slow frames.
const LENGTHS: [usize; 9] = [4, 6, 8, 12, 16, 24, 32, 48, 64];
/// Slow frames are at least this far apart, in seconds: every frame up to 30 a second.
const SLOW_INTERVAL: f64 = 1.0 / 32.0;
/// Slow frames of the shortest transition between the two pictures that are not of it.
const SHORTEST: usize = 2;
/// Slow frames looked at on each side of a window.
const MARGIN: usize = 16;
/// Slow frames that are kept.
const KEPT: usize = LENGTHS[LENGTHS.len() - 1] + 3 * MARGIN;
/// Least root mean square difference of the two pictures, in grey levels of one channel.
const LEAST_DIFFERENCE: f32 = 5.0;
/// Largest share of the difference that the frames between may be off the line.
const OFF_LINE: f32 = 0.3;
/// Least dip of the contrast for a transition to be thought of.
const LEAST_DIP: f32 = 0.15;
/// Variance, summed over the channels, that noise can make up or swallow.
const VARIANCE_FLOOR: f32 = 25.0;

/// A transition over several frames.
#[derive(Debug, Clone)]
pub(super) struct Gradual {
    /// First frame that shows the change.
    pub(super) start: usize,
    /// First frame in which the new picture outweighs the old one.
    pub(super) middle: usize,
    /// First frame that shows the new picture alone.
    pub(super) end: usize,
    pub(super) from_plain: bool,
    pub(super) to_plain: bool,
    pub(super) score: f64,
}

#[derive(Debug, Clone)]
struct SlowFrame {
    at: usize,
    signature: Signature,
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    /// Numbers of the slow frames at its ends.
    first: u64,
    last: u64,
    quality: f32,
}

/// Looks for gradual transitions as frames come.
#[derive(Debug, Clone, Default)]
pub(super) struct GradualFinder {
    frames: VecDeque<SlowFrame>,
    /// Number of slow frames so far.
    count: u64,
    last_time: f64,
    pending: Option<Candidate>,
    /// Number of the slow frame at the end of the last transition.
    settled: u64,
    comparer: Comparer,
    pub(super) found: Vec<Gradual>,
}

impl GradualFinder {
    pub(super) fn push(&mut self, at: usize, time: f64, signature: &Signature, grid: Grid) {
        if self.count > 0 && time - self.last_time < SLOW_INTERVAL {
            return;
        }
        self.last_time = time;
        self.count += 1;
        self.frames.push_back(SlowFrame { at, signature: signature.clone() });
        if self.frames.len() > KEPT {
            self.frames.pop_front();
        }
        let newest = self.frames.len() - 1;
        for length in LENGTHS.into_iter().take_while(|&l| l <= newest) {
            let Some(quality) = self.quality(newest - length, newest) else { continue };
            let last = self.count - 1;
            if last - (length as u64) < self.settled {
                continue;
            }
            let candidate = Candidate { first: last - length as u64, last, quality };
            match self.pending {
                Some(p) if p.quality >= quality => {}
                Some(p) if p.last <= candidate.first => {
                    self.settle(grid);
                    self.pending = Some(candidate);
                }
                _ => self.pending = Some(candidate),
            }
        }
        if self.pending.is_some_and(|p| self.count - p.last > MARGIN as u64) {
            self.settle(grid);
        }
    }

    pub(super) fn finish(&mut self, grid: Grid) {
        self.settle(grid);
    }

    /// How much the pictures at the ends of a window differ where those between lie on the line.
    fn quality(&self, first: usize, last: usize) -> Option<f32> {
        let cells = |i: usize| &self.frames[i].signature.cells[..];
        let (a, b) = (cells(first), cells(last));
        let distance = squared(a, b);
        let mean = distance / ((a.len() / 4 * 3).max(1)) as f32;
        if mean < LEAST_DIFFERENCE * LEAST_DIFFERENCE {
            return None;
        }
        let variance = |i: usize| self.frames[i].signature.variance;
        let mut dip = Dip::new(variance(first), variance(last));
        let (mut off, mut before) = (0.0, 0.05);
        for quarter in 1..4 {
            let at = first + (last - first) * quarter / 4;
            let place = place(a, b, cells(at), distance);
            if place.share <= before || place.share >= 0.95 || place.off > 2.0 * OFF_LINE {
                return None;
            }
            dip.add(place.share, variance(at));
            (off, before) = (off + place.off / 3.0, place.share);
        }
        let length = (last - first) as f32;
        (off < OFF_LINE && dip.value() > LEAST_DIP)
            .then(|| mean * (1.0 - off / OFF_LINE) / length)
    }

    /// Widens a window as long as the frames outside it go on along its line.
    fn widened(&self, first: usize, last: usize) -> (usize, usize) {
        let cells = |i: usize| &self.frames[i].signature.cells[..];
        let (a, b) = (cells(first), cells(last));
        let distance = squared(a, b);
        let least = 0.5 / (last - first).max(1) as f32;
        let on = |i: usize| place(a, b, cells(i), distance);
        let (mut from, mut to) = (first, last);
        let mut here = on(to);
        while to + 1 < self.frames.len() && to - last < MARGIN {
            let next = on(to + 1);
            if next.share - here.share < least || next.off > OFF_LINE {
                break;
            }
            (to, here) = (to + 1, next);
        }
        here = on(from);
        while from > 0 && first - from < MARGIN {
            let next = on(from - 1);
            if here.share - next.share < least || next.off > OFF_LINE {
                break;
            }
            (from, here) = (from - 1, next);
        }
        (from, to)
    }

    /// Decides about the pending candidate.
    fn settle(&mut self, grid: Grid) {
        let Some(candidate) = self.pending.take() else { return };
        if std::env::var("DBG").is_ok() { eprintln!("C {candidate:?} now {}", self.count); }
        let oldest = self.count - self.frames.len() as u64;
        let (Some(first), Some(last)) =
            (candidate.first.checked_sub(oldest), candidate.last.checked_sub(oldest))
        else {
            return;
        };
        let (first, last) = self.widened(first as usize, last as usize);
        let frames = &self.frames;
        let cells = |i: usize| &frames[i].signature.cells[..];
        let (a, b) = (cells(first), cells(last));
        let distance = squared(a, b);
        let places: Vec<Place> = (first..=last).map(|i| place(a, b, cells(i), distance)).collect();
        let crossing = |level: f32| {
            places.windows(2).position(|p| p[0].share < level && p[1].share >= level).map(|i| {
                let (low, high) = (places[i].share, places[i + 1].share);
                (first + i) as f32 + (level - low) / (high - low)
            })
        };
        let (Some(early), Some(half), Some(late)) = (crossing(0.2), crossing(0.5), crossing(0.8))
        else {
            return;
        };
        let reach = (late - early).max(0.0) / 3.0;
        let before =
            ((early - reach).round().max(0.0) as usize).clamp(first.saturating_sub(4), last);
        let end =
            ((late + reach).round() as usize).clamp(before + 1, (last + 4).min(frames.len() - 1));
        if end - before <= SHORTEST {
            return;
        }
        let middle = (half.ceil() as usize).clamp(before + 1, end);
        let (a, b) = (cells(before), cells(end));
        let distance = squared(a, b);
        let places: Vec<Place> = (before..=end).map(|i| place(a, b, cells(i), distance)).collect();
        let share = |i: usize| places[i - before].share;
        let (mut biggest, mut second) = (0.0_f32, 0.0_f32);
        for i in before + 1..=end {
            let step = share(i) - share(i - 1);
            (biggest, second) = (biggest.max(step), second.max(step.min(biggest)));
        }
        let between = (before + 1..end).map(|i| places[i - before].off);
        let off = between.clone().sum::<f32>() / between.clone().count().max(1) as f32;
        let n = ((a.len() / 4 * 3).max(1)) as f32;
        let a = &frames[before].signature;
        let b = &frames[end].signature;
        let difference = self.comparer.compare(a, b, grid);
        let mut dip = Dip::new(a.variance, b.variance);
        for i in before + 1..end {
            dip.add(share(i), frames[i].signature.variance);
        }
        let dip = dip.value();
        let rate = |range: std::ops::Range<usize>| {
            let rates = range
                .filter(|&i| i > 0 && i < frames.len())
                .map(|i| (squared(cells(i - 1), cells(i)) / n).sqrt())
                .collect::<Vec<_>>();
            rates.iter().sum::<f32>() / rates.len().max(1) as f32
        };
        let inside = (distance / n).sqrt() / (end - before).max(1) as f32;
        let outside = rate(before.saturating_sub(6)..before + 1).max(rate(end + 1..end + 7));
        let alike = a.alike(b, grid);
        let length = (end - before) as f32;
        let uneven = (second - 0.03) * length;
        let above =
            |value: f32, slope: f32, centre: f32| logistic(f64::from(slope * (value - centre)));
        let score = above(dip, 15.0, 0.3)
            * above(difference.replaced(), 15.0, 0.38)
            * above(-off, 40.0, -(0.03 + 0.14 * (length / 24.0).min(1.0)))
            * above(-uneven, 5.0, -1.7)
            * above(-biggest, 20.0, -0.45)
            * above(-alike, 15.0, -0.8);
        if std::env::var("DBG").is_ok() {
            eprintln!(
                "G {} {} {} {} {} {:?}",
                frames[before + 1].at,
                frames[middle].at,
                frames[end].at,
                a.plain,
                b.plain,
                [
                    off,
                    difference.replaced(),
                    biggest,
                    second,
                    dip,
                    inside,
                    outside,
                    alike,
                    difference.amount(),
                    (end - before) as f32,
                    score as f32
                ]
            );
        }
        if score > 0.5 {
            self.settled = oldest + end as u64;
        }
        let found = Gradual {
            start: frames[before + 1].at,
            middle: frames[middle].at,
            end: frames[end].at,
            from_plain: a.plain,
            to_plain: b.plain,
            score,
        };
        self.found.push(found);
    }
}

/// How far the contrast dips between two pictures.
///
/// Where unrelated pictures of variance `u` and `v` are mixed with the shares `1 - s` and `s`, the
/// variance of the mixture is `(1 - s)^2 u + s^2 v`, less than the `(1 - s) u + s v` that pictures
/// have which change in any other way (Alattar 1993).
#[derive(Debug, Clone, Copy)]
struct Dip {
    from: f32,
    to: f32,
    missing: f32,
    expected: f32,
}

impl Dip {
    fn new(from: f32, to: f32) -> Self {
        Self { from, to, missing: 0.0, expected: VARIANCE_FLOOR }
    }

    /// Adds a frame with the given share of the second picture.
    fn add(&mut self, share: f32, variance: f32) {
        let s = share.clamp(0.0, 1.0);
        let flat = (1.0 - s) * self.from + s * self.to;
        self.missing += flat - variance;
        self.expected += flat - (1.0 - s).powi(2) * self.from - s * s * self.to;
    }

    /// The missing variance as a share of what a mixture lacks: 0 no dip, 1 a mixture.
    fn value(&self) -> f32 {
        self.missing / self.expected
    }
}

/// Where a picture lies with respect to the line from one picture to another.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// Share of the second picture: 0 at the first, 1 at the second.
    share: f32,
    /// Squared distance from the line, as a share of the squared length of the line.
    off: f32,
}

fn place(a: &[u8], b: &[u8], m: &[u8], distance: f32) -> Place {
    let (mut along, mut whole) = (0_i32, 0_i32);
    for ((&a, &b), &m) in a.iter().zip(b).zip(m) {
        let (a, b, m) = (i16::from(a), i16::from(b), i16::from(m));
        let (ab, am) = (i32::from(b - a), i32::from(m - a));
        along += ab * am;
        whole += am * am;
    }
    let share = along as f32 / distance.max(1.0);
    let off = (whole as f32 / distance.max(1.0) - share * share).max(0.0);
    Place { share, off }
}

fn squared(a: &[u8], b: &[u8]) -> f32 {
    let square = |(&a, &b): (&u8, &u8)| {
        let difference = i32::from(i16::from(b) - i16::from(a));
        difference * difference
    };
    a.iter().zip(b).map(square).sum::<i32>() as f32
}
