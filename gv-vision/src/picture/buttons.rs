//! Buttons: boxes of one strong colour with writing in them, that stand still.

use super::colour::{contrast_ratio, rgb};
use crate::AnalysisFrame;
use serde::{Deserialize, Serialize};

/// Seconds between two looks.
const EVERY: f64 = 0.19;
/// Strength of chroma from which on a colour is saturated, of 128.
const SATURATED: i32 = 30;
/// Differences of chroma and luma within one box.
const ALIKE: (i32, i32) = (22, 44);
/// Width and height of a button at least, as shares of the picture.
const SMALLEST: (f64, f64) = (0.08, 0.025);
/// Height of a button at least, in pixels of the picture looked at.
const LEAST_ROWS: usize = 8;
/// Share of the picture that a button covers at most.
const LARGEST: f64 = 0.2;
/// Width over height of a button.
const ASPECT: std::ops::RangeInclusive<f64> = 1.4..=14.0;
/// Share of its box that a button fills between its edges, at least: a pill does, a blob does not.
const BOXED: f64 = 0.82;
/// Share of a button that its writing takes.
const INK: std::ops::RangeInclusive<f64> = 0.03..=0.5;
/// Strokes that a line through the writing crosses, at least.
const STROKES: f64 = 3.5;
/// Seconds that a button stands still, at least.
const SHORTEST: f64 = 1.0;
/// Overlap of each sighting with the first, intersection over union: a button that drifts away is another.
const SAME: f64 = 0.6;

/// A box of one strong colour with writing in it, that stands still for a second or more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Button {
    /// When it is first seen, in seconds.
    pub start_time: f64,
    /// When it is gone, in seconds; as fine as the five looks a second.
    pub end_time: f64,
    /// Left edge as a share of the picture's width.
    pub x: f64,
    /// Upper edge as a share of the picture's height.
    pub y: f64,
    /// Width as a share of the picture's width.
    pub width: f64,
    /// Height as a share of the picture's height.
    pub height: f64,
    /// Colour of the box as `#RRGGBB`.
    pub colour: String,
    /// Mean contrast of the writing against the box over its life, 1 to 21 (WCAG).
    pub contrast: f64,
    /// The lowest contrast over its life.
    pub lowest_contrast: f64,
}

/// A button in one frame, edges in shares.
#[derive(Debug, Clone, Copy)]
struct Sighting {
    edges: [f64; 4],
    colour: [f32; 3],
    contrast: f64,
}

impl Sighting {
    fn overlap(&self, other: &Self) -> f64 {
        let ([l, t, r, b], [u, v, w, z]) = (self.edges, other.edges);
        let common = (r.min(w) - l.max(u)).max(0.0) * (b.min(z) - t.max(v)).max(0.0);
        let area = |[l, t, r, b]: [f64; 4]| (r - l) * (b - t);
        let all = area(self.edges) + area(other.edges) - common;
        if all > 0.0 { common / all } else { 0.0 }
    }
}

#[derive(Debug)]
struct Open {
    start: f64,
    seen: Vec<Sighting>,
    /// When it was missed first since it was last seen.
    missed: Option<f64>,
}

/// Follows buttons over frames.
#[derive(Debug, Default)]
pub(super) struct ButtonTracker {
    looked: Option<f64>,
    open: Vec<Open>,
    closed: Vec<Button>,
}

impl ButtonTracker {
    pub(super) fn push(&mut self, frame: &AnalysisFrame) {
        if self.looked.is_some_and(|looked| frame.time - looked < EVERY) {
            return;
        }
        self.looked = Some(frame.time);
        let mut found: Vec<Option<Sighting>> = sightings(frame).into_iter().map(Some).collect();
        for open in &mut self.open {
            let Some(first) = open.seen.first().copied() else { continue };
            let place = found
                .iter_mut()
                .find(|found| found.as_ref().is_some_and(|found| found.overlap(&first) >= SAME));
            match place.and_then(Option::take) {
                Some(sighting) => {
                    open.seen.push(sighting);
                    open.missed = None;
                }
                None if open.missed.is_none() => open.missed = Some(frame.time),
                None => open.missed = open.missed.map(|missed| missed.min(frame.time - EVERY)),
            }
        }
        let (gone, open): (Vec<Open>, Vec<Open>) = std::mem::take(&mut self.open)
            .into_iter()
            .partition(|open| open.missed.is_some_and(|missed| frame.time - missed >= EVERY));
        self.open = open;
        self.closed.extend(gone.into_iter().filter_map(|open| finished(open, frame.time)));
        let new = found.into_iter().flatten();
        self.open.extend(new.map(|s| Open { start: frame.time, seen: vec![s], missed: None }));
    }

    pub(super) fn finish(mut self, end_time: f64) -> Vec<Button> {
        self.closed.extend(self.open.into_iter().filter_map(|open| finished(open, end_time)));
        self.closed.sort_by(|a, b| a.start_time.total_cmp(&b.start_time).then(a.y.total_cmp(&b.y)));
        self.closed
    }
}

fn finished(open: Open, end_time: f64) -> Option<Button> {
    let end_time = open.missed.unwrap_or(end_time);
    let stands = end_time - open.start >= SHORTEST - 1e-9 && open.seen.len() >= 3;
    if !stands {
        return None;
    }
    let count = open.seen.len() as f64;
    let mean = |of: &dyn Fn(&Sighting) -> f64| open.seen.iter().map(of).sum::<f64>() / count;
    let [left, top, right, bottom] = [0, 1, 2, 3].map(|edge| mean(&|s| s.edges[edge]));
    let [red, green, blue] = [0, 1, 2]
        .map(|part| (mean(&|s| f64::from(s.colour[part])) * 255.0).round().clamp(0.0, 255.0) as u8);
    Some(Button {
        start_time: open.start,
        end_time,
        x: left,
        y: top,
        width: right - left,
        height: bottom - top,
        colour: format!("#{red:02X}{green:02X}{blue:02X}"),
        contrast: mean(&|s| s.contrast),
        lowest_contrast: open.seen.iter().map(|s| s.contrast).fold(f64::INFINITY, f64::min),
    })
}

/// The boxes of strong colour with writing of a frame.
fn sightings(frame: &AnalysisFrame) -> Vec<Sighting> {
    let (width, height) = (frame.luma.width(), frame.luma.height());
    let planes = (frame.luma.data(), frame.cb.data(), frame.cr.data());
    let strong = |at: usize| {
        let (cb, cr) = (i32::from(planes.1[at]) - 128, i32::from(planes.2[at]) - 128);
        cb * cb + cr * cr >= SATURATED * SATURATED
    };
    let mut owner = vec![0_u16; width * height];
    let (mut found, mut pixels, mut number) = (Vec::new(), Vec::new(), 0_u16);
    for start in 0..owner.len() {
        if owner[start] != 0 || !strong(start) || number == u16::MAX {
            continue;
        }
        number += 1;
        let sum = fill(planes, (width, height), start, number, &mut owner, &mut pixels);
        let least = SMALLEST.0 * SMALLEST.1 * (width * height) as f64 / 2.0;
        if (pixels.len() as f64) < least {
            continue;
        }
        found.extend(judged(planes, (width, height), &pixels, &owner, number, sum));
    }
    found
}

type Planes<'a> = (&'a [u8], &'a [u8], &'a [u8]);

/// Collects the pixels connected with `start` by sides that are of the mean colour of those before; their sums.
fn fill(
    (y, cb, cr): Planes<'_>,
    (width, height): (usize, usize),
    start: usize,
    number: u16,
    owner: &mut [u16],
    pixels: &mut Vec<usize>,
) -> [i64; 3] {
    pixels.clear();
    pixels.push(start);
    owner[start] = number;
    let at = |pixel: usize| [y[pixel], cb[pixel], cr[pixel]].map(i64::from);
    let mut sum = at(start);
    let mut next = 0;
    while let Some(&pixel) = pixels.get(next) {
        next += 1;
        let (column, row) = (pixel % width, pixel / width);
        let neighbours = [
            (column > 0).then(|| pixel - 1),
            (column + 1 < width).then_some(pixel + 1),
            (row > 0).then(|| pixel - width),
            (row + 1 < height).then_some(pixel + width),
        ];
        for other in neighbours.into_iter().flatten() {
            if owner[other] != 0 {
                continue;
            }
            let (value, count) = (at(other), pixels.len() as i64);
            let off = [0, 1, 2].map(|part| (value[part] - sum[part] / count).abs() as i32);
            if off[0] <= ALIKE.1 && off[1].max(off[2]) <= ALIKE.0 {
                owner[other] = number;
                pixels.push(other);
                for part in 0..3 {
                    sum[part] += value[part];
                }
            }
        }
    }
    sum
}

/// Whether connected pixels of one colour are a button, and what it looks like.
fn judged(
    (y, cb, cr): Planes<'_>,
    (width, height): (usize, usize),
    pixels: &[usize],
    owner: &[u16],
    number: u16,
    sum: [i64; 3],
) -> Option<Sighting> {
    let (mut left, mut right, mut top, mut bottom) = (width, 0, height, 0);
    for &pixel in pixels {
        let (column, row) = (pixel % width, pixel / width);
        (left, right) = (left.min(column), right.max(column + 1));
        (top, bottom) = (top.min(row), bottom.max(row + 1));
    }
    let (across, down) = (right - left, bottom - top);
    let (share_x, share_y) = (across as f64 / width as f64, down as f64 / height as f64);
    let sized = share_x >= SMALLEST.0
        && share_y >= SMALLEST.1
        && down >= LEAST_ROWS
        && share_x * share_y <= LARGEST
        && ASPECT.contains(&(across as f64 / down as f64));
    if !sized {
        return None;
    }
    let colour = {
        let count = pixels.len() as f32;
        rgb(sum[0] as f32 / count, sum[1] as f32 / count, sum[2] as f32 / count)
    };
    let fill_luma = sum[0] as f32 / pixels.len() as f32;
    let (mut boxed, mut ink, mut crossings, mut written_rows, mut edge_ink) =
        (0, Vec::new(), 0, 0, 0);
    let margin = (down / 8).max(1);
    for row in top..bottom {
        let line = &owner[row * width + left..row * width + right];
        let Some(first) = line.iter().position(|&own| own == number) else { continue };
        let last = line.iter().rposition(|&own| own == number).unwrap_or(first);
        boxed += last + 1 - first;
        let before = ink.len();
        let mut inside = false;
        let mut runs = 0;
        for (offset, &own) in line[first..=last].iter().enumerate() {
            if own != number {
                ink.push(row * width + left + first + offset);
                runs += usize::from(!inside);
            }
            inside = own != number;
        }
        if ink.len() > before {
            crossings += runs;
            written_rows += 1;
            if row < top + margin || row + margin >= bottom {
                edge_ink += ink.len() - before;
            }
        }
    }
    let area = (across * down) as f64;
    let inked = ink.len() as f64 / boxed.max(1) as f64;
    let is_boxed = boxed as f64 >= BOXED * area;
    let is_written = INK.contains(&inked)
        && f64::from(crossings as u32) >= STROKES * f64::from(written_rows as u32)
        && edge_ink * 4 <= ink.len();
    if !is_boxed || !is_written {
        return None;
    }
    let off = |pixel: usize| (f32::from(y[pixel]) - fill_luma).abs();
    let most = ink.iter().map(|&pixel| off(pixel)).fold(0.0, f32::max);
    ink.retain(|&pixel| off(pixel) >= 0.6 * most);
    let mean = |plane: &[u8]| {
        ink.iter().map(|&pixel| f32::from(plane[pixel])).sum::<f32>() / ink.len().max(1) as f32
    };
    let contrast = f64::from(contrast_ratio(colour, rgb(mean(y), mean(cb), mean(cr))));
    let edges = [
        left as f64 / width as f64,
        top as f64 / height as f64,
        right as f64 / width as f64,
        bottom as f64 / height as f64,
    ];
    Some(Sighting { edges, colour, contrast })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GrayImage;

    /// A red box with bars for letters at (left, top), 90 by 24 pixels, on a grey ground of 320 by 180.
    fn picture(time: f64, place: Option<(usize, usize)>, written: bool) -> AnalysisFrame {
        let inside = |x: usize, y: usize| {
            place.is_some_and(|(l, t)| (l..l + 90).contains(&x) && (t..t + 24).contains(&y))
        };
        let letter = |x: usize, y: usize| {
            let (l, t) = place.unwrap_or_default();
            written
                && (l + 10..l + 80).contains(&x)
                && (t + 7..t + 17).contains(&y)
                && (x - l) % 7 < 3
        };
        let of = |red: u8, white: u8, ground: u8| {
            GrayImage::from_fn(320, 180, |x, y| match (inside(x, y), letter(x, y)) {
                (true, true) => white,
                (true, false) => red,
                _ => ground,
            })
        };
        AnalysisFrame {
            index: 0,
            time,
            luma: of(76, 255, 110),
            cb: of(85, 128, 128),
            cr: of(255, 128, 128),
            source_scale: 1.0,
        }
    }

    fn tracked(looks: u32, of: impl Fn(u32) -> AnalysisFrame) -> Vec<Button> {
        let mut tracker = ButtonTracker::default();
        (0..looks).for_each(|number| tracker.push(&of(number)));
        tracker.finish(f64::from(looks) * 0.2)
    }

    #[test]
    fn a_button_that_stands_is_found_where_and_when_it_stands() {
        let found = tracked(20, |n| {
            picture(f64::from(n) * 0.2, (5..15).contains(&n).then_some((100, 130)), true)
        });
        assert_eq!(found.len(), 1, "{found:?}");
        let button = &found[0];
        assert!((button.start_time - 1.0).abs() < 1e-6 && (button.end_time - 3.0).abs() < 1e-6);
        assert!(
            (button.x - 100.0 / 320.0).abs() < 1e-6 && (button.width - 90.0 / 320.0).abs() < 1e-6
        );
        assert!(
            (button.y - 130.0 / 180.0).abs() < 1e-6 && (button.height - 24.0 / 180.0).abs() < 1e-6
        );
        assert_eq!(&button.colour[1..3], "FE");
        assert!((button.contrast - 4.0).abs() < 0.1 && button.lowest_contrast <= button.contrast);
    }

    #[test]
    fn a_box_without_writing_one_that_moves_and_one_that_passes_are_none() {
        let time = |n: u32| f64::from(n) * 0.2;
        assert_eq!(tracked(20, |n| picture(time(n), Some((100, 130)), false)), []);
        assert_eq!(tracked(12, |n| picture(time(n), Some((15 * n as usize, 60)), true)), []);
        assert_eq!(tracked(20, |n| picture(time(n), (n < 4).then_some((100, 60)), true)), []);
    }

    #[test]
    fn a_button_missed_once_is_one_button() {
        let found =
            tracked(20, |n| picture(f64::from(n) * 0.2, (n != 9).then_some((100, 130)), true));
        assert_eq!(found.len(), 1);
        assert!((found[0].end_time - 4.0).abs() < 1e-6);
    }
}
