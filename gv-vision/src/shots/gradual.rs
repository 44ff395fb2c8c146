//! Gradual transitions: frames that lie on the straight line between two different pictures.

use super::cut::logistic;
use super::distance::Comparer;
use super::line::{Dip, Place, place, squared};
use super::signature::{CELL, Grid, Signature};
use crate::simd::Isa;
use std::collections::VecDeque;

/// Lengths of the windows in which a transition is looked for, in slow frames.
const LENGTHS: [usize; 9] = [4, 6, 8, 12, 16, 24, 32, 48, 64];
/// Slow frames are this far apart on average, or farther, in seconds: every frame up to 30 a second.
const SLOW_INTERVAL: f64 = 1.0 / 32.0;
/// Slow frames from the last one before the shortest transition to the first one after it.
const SHORTEST: usize = 3;
/// Slow frames by which a transition may reach out of the window that shows it best.
const SLACK: usize = 4;
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

/// Share of the way that motion makes a frame jump.
const ORDINARY_MOTION: f32 = 0.03;
/// Evidence from which no other transition is looked for in the same frames.
const SETTLED_SCORE: f64 = 0.5;
/// Slow frames by which a transition may begin before the one before it has ended.
const OVERLAP: u64 = 1;
/// Least evidence for a transition to be kept.
const LEAST_SCORE: f64 = 0.05;

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
    isa: Isa,
    frames: VecDeque<SlowFrame>,
    /// Number of slow frames so far.
    count: u64,
    /// When the next slow frame is due, in seconds.
    due: f64,
    pending: Option<Candidate>,
    following: Option<Candidate>,
    /// Number of the slow frame at the end of the last transition.
    settled: u64,
    comparer: Comparer,
    pub(super) found: Vec<Gradual>,
}

impl GradualFinder {
    pub(super) fn push(&mut self, at: usize, time: f64, signature: &Signature, grid: Grid) {
        if self.count > 0 && time < self.due {
            return;
        }
        self.due = if self.count > 0 {
            (self.due + SLOW_INTERVAL).max(time)
        } else {
            time + SLOW_INTERVAL
        };
        self.count += 1;
        self.frames.push_back(SlowFrame { at, signature: signature.clone() });
        if self.frames.len() > KEPT {
            self.frames.pop_front();
        }
        self.look_back_from(self.frames.len() - 1);
        while self.pending.is_some_and(|p| self.count - p.last > MARGIN as u64) {
            self.settle(grid);
        }
    }

    /// Considers the windows that end at a slow frame and begin after the last transition.
    fn look_back_from(&mut self, newest: usize) {
        let oldest = self.count - self.frames.len() as u64;
        for length in LENGTHS.into_iter().take_while(|&l| l <= newest) {
            let (first, last) = (oldest + (newest - length) as u64, oldest + newest as u64);
            if first + OVERLAP < self.settled {
                break;
            }
            if let Some(quality) = self.quality(newest - length, newest) {
                self.consider(Candidate { first, last, quality });
            }
        }
    }

    /// Keeps the best candidate, and the best of those that begin after its end.
    fn consider(&mut self, candidate: Candidate) {
        match self.pending {
            Some(p) if candidate.first + (p.last - p.first) / 8 >= p.last => {
                if self.following.is_none_or(|f| candidate.quality > f.quality) {
                    self.following = Some(candidate);
                }
            }
            Some(p) if p.quality >= candidate.quality => {}
            _ => {
                self.pending = Some(candidate);
                self.following = self.following.filter(|f| f.first >= candidate.last);
            }
        }
    }

    pub(super) fn finish(&mut self, grid: Grid) {
        while self.pending.is_some() {
            self.settle(grid);
        }
    }

    /// How much the pictures at the ends of a window differ where those between lie on the line.
    fn quality(&self, first: usize, last: usize) -> Option<f32> {
        let (a, b) = (self.cells(first), self.cells(last));
        let distance = squared(self.isa, a, b);
        let mean = distance / (a.len() / CELL * 3).max(1) as f32;
        if mean < LEAST_DIFFERENCE * LEAST_DIFFERENCE {
            return None;
        }
        let variance = |i: usize| self.frames[i].signature.variance;
        let plain = |i: usize| self.frames[i].signature.plain;
        let mut dip = Dip::new(variance(first), variance(last));
        let (mut off, mut before) = (0.0, 0.05);
        for quarter in 1..4 {
            let at = first + (last - first) * quarter / 4;
            let place = place(self.isa, a, b, self.cells(at), distance);
            if place.share <= before || place.share >= 0.95 || place.off > 2.0 * OFF_LINE {
                return None;
            }
            dip.add(place.share, variance(at));
            (off, before) = (off + place.off / 3.0, place.share);
        }
        let length = (last - first) as f32;
        (off < OFF_LINE && dip.value(plain(first) || plain(last)) > LEAST_DIP)
            .then(|| mean * (1.0 - off / OFF_LINE) / length)
    }

    /// Widens a window as long as the frames outside it go on along its line.
    fn widened(&self, first: usize, last: usize) -> (usize, usize) {
        let (a, b) = (self.cells(first), self.cells(last));
        let distance = squared(self.isa, a, b);
        let least = 0.5 / (last - first).max(1) as f32;
        let on = |i: usize| place(self.isa, a, b, self.cells(i), distance);
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
    ///
    /// A candidate that turns out to be a transition already found is dropped, so that every call leaves less to
    /// decide about.
    fn settle(&mut self, grid: Grid) {
        let Some(candidate) = std::mem::replace(&mut self.pending, self.following.take()) else {
            return;
        };
        let oldest = self.count - self.frames.len() as u64;
        let (Some(first), Some(last)) =
            (candidate.first.checked_sub(oldest), candidate.last.checked_sub(oldest))
        else {
            return;
        };
        let (first, last) = self.widened(first as usize, last as usize);
        let Some((before, middle, end)) = self.extent(first, last) else { return };
        if oldest + end as u64 <= self.settled {
            return;
        }
        let score = self.evidence(before, end, grid);
        if score < LEAST_SCORE {
            return;
        }
        if score >= SETTLED_SCORE {
            self.settled = oldest + end as u64;
        }
        self.found.push(Gradual {
            start: self.frames[before + 1].at,
            middle: self.frames[middle].at,
            end: self.frames[end].at,
            from_plain: self.frames[before].signature.plain,
            to_plain: self.frames[end].signature.plain,
            score,
        });
        if score >= SETTLED_SCORE {
            (self.pending, self.following) = (None, None);
            for newest in end + 1..self.frames.len() {
                self.look_back_from(newest);
            }
        }
    }

    /// The last frame before, the middle and the first frame after the transition in a window, from
    /// the moments at which a fifth, half and four fifths of the way are done.
    fn extent(&self, first: usize, last: usize) -> Option<(usize, usize, usize)> {
        let (a, b) = (self.cells(first), self.cells(last));
        let distance = squared(self.isa, a, b);
        let shares: Vec<f32> =
            (first..=last).map(|i| place(self.isa, a, b, self.cells(i), distance).share).collect();
        let crossing = |level: f32| {
            let at = shares.windows(2).position(|p| p[0] < level && p[1] >= level)?;
            let (low, high) = (shares[at], shares[at + 1]);
            Some((first + at) as f32 + (level - low) / (high - low))
        };
        let (early, half, late) = (crossing(0.2)?, crossing(0.5)?, crossing(0.8)?);
        let rest = (late - early).max(0.0) / 3.0;
        let before = (early - rest).round().max(0.0) as usize;
        let before = before.clamp(first.saturating_sub(SLACK), last);
        let end = (late + rest).round() as usize;
        let end = end.clamp(before + 1, (last + SLACK).max(before + 1));
        let end = end.min(self.frames.len() - 1);
        if end < before + SHORTEST {
            return None;
        }
        Some((before, (half.ceil() as usize).clamp(before + 1, end), end))
    }

    /// Evidence that the frames between two are a transition from one to the other, 0 to 1: the
    /// product of how surely the contrast dips as in a mixture, the pictures are different, the
    /// frames between lie on the line, go along it evenly and without a jump, and the second picture
    /// is not the first one in another light.
    fn evidence(&mut self, before: usize, end: usize, grid: Grid) -> f64 {
        let (first, last) = (&self.frames[before].signature, &self.frames[end].signature);
        let distance = squared(self.isa, &first.cells, &last.cells);
        let places: Vec<Place> = (before..=end)
            .map(|i| place(self.isa, &first.cells, &last.cells, self.cells(i), distance))
            .collect();
        let (mut jump, mut second) = (0.0_f32, 0.0_f32);
        for pair in places.windows(2) {
            let step = pair[1].share - pair[0].share;
            (jump, second) = (jump.max(step), second.max(step.min(jump)));
        }
        let length = (end - before) as f32;
        let mut dip = Dip::new(first.variance, last.variance);
        let mut off = 0.0;
        for i in before + 1..end {
            let place = places[i - before];
            dip.add(place.share, self.frames[i].signature.variance);
            off += place.off / (length - 1.0);
        }
        let uneven = (second - ORDINARY_MOTION) * length;
        let off_allowed = 0.03 + 0.12 * (length / 24.0).min(1.0);
        let replaced = self.comparer.compare(first, last, grid).replaced();
        let above =
            |value: f32, slope: f32, centre: f32| logistic(f64::from(slope * (value - centre)));
        let below = |value: f32, slope: f32, centre: f32| above(-value, slope, -centre);
        above(dip.value(first.plain || last.plain), 15.0, 0.3)
            * above(replaced, 15.0, 0.38)
            * below(off, 40.0, off_allowed)
            * below(uneven, 5.0, 1.7)
            * below(jump, 20.0, 0.45)
            * below(first.alike(last, grid), 15.0, 0.8)
    }

    fn cells(&self, at: usize) -> &[u8] {
        &self.frames[at].signature.cells
    }
}
