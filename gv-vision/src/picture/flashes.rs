//! Flashes, as the photosensitivity guidelines define them (WCAG 2.2, 2.3.1; ITU-R BT.1702; Harding and Binnie 2002).
//!
//! A general flash is a pair of opposing changes in relative luminance of 10 % or more of white, the darker state below
//! 0.80. A red flash is a pair of opposing changes of `(R - G - B) * 320` by more than 20, one state a saturated red
//! (`R / (R + G + B) >= 0.8`; R, G, B linear). Only changes that cover a quarter of the picture at a time count, and a
//! change is opposed only in the same quarter: what moves through the picture does not flash.

use super::cells::Cells;
use super::colour::linear;
use serde::{Deserialize, Serialize};

/// Change of relative luminance that counts.
const LUMINANCE_STEP: f32 = 0.1;
/// Relative luminance that the darker state must be below.
const DARKER: f32 = 0.8;
/// Change of redness that counts.
const RED_STEP: f32 = 20.0;
/// Share of red from which on it is saturated.
const SATURATED: f32 = 0.8;
/// Share of the picture that must change at a time.
const LEAST_AREA: f64 = 0.25;
/// Changes that are less than this many seconds apart happen at a time.
const CONCURRENT: f64 = 0.05;

/// What flashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlashKind {
    /// Light.
    Luminance,
    /// Saturated red.
    Red,
}

/// A change to lighter or darker, or to or from red, over a quarter of the picture or more.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FlashTransition {
    /// The frame that completes it, in seconds.
    pub time: f64,
    /// What changes.
    pub kind: FlashKind,
    /// Whether it becomes lighter, or redder.
    pub rising: bool,
    /// Whether it takes back the change before it, in the same quarter of the picture: the two are a flash.
    pub opposes: bool,
    /// Share of the picture that changes.
    pub area: f64,
}

/// The second with the most flashes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorstSecond {
    /// When it begins, in seconds.
    pub time: f64,
    /// Pairs of opposing changes in it.
    pub flashes: usize,
    /// The largest area that changes in it, as a share.
    pub area: f64,
}

/// The second with the most flashes of a kind; `None` where there is no pair of changes within a second.
pub fn worst_second(transitions: &[FlashTransition], kind: FlashKind) -> Option<WorstSecond> {
    let of_kind: Vec<&FlashTransition> =
        transitions.iter().filter(|transition| transition.kind == kind).collect();
    let mut worst: Option<WorstSecond> = None;
    let mut last = 0;
    for (first, transition) in of_kind.iter().enumerate() {
        while last < of_kind.len() && of_kind[last].time <= transition.time + 1.0 {
            last += 1;
        }
        let within = &of_kind[first..last];
        let opposing = within.iter().skip(1).filter(|transition| transition.opposes).count();
        let flashes = opposing.div_ceil(2);
        if flashes > worst.map_or(0, |worst| worst.flashes) {
            let area = within.iter().map(|transition| transition.area).fold(0.0, f64::max);
            worst = Some(WorstSecond { time: transition.time, flashes, area });
        }
    }
    worst
}

/// The last extremes of one cell, and which way it went last.
#[derive(Debug, Clone, Copy)]
struct Turning {
    low: (f32, bool),
    high: (f32, bool),
    rising: Option<bool>,
}

impl Turning {
    const fn at(value: (f32, bool)) -> Self {
        Self { low: value, high: value, rising: None }
    }

    /// Takes the next value and whether it is marked; says which way it went where `counts(low, high)`.
    fn next(
        &mut self,
        value: (f32, bool),
        counts: impl Fn((f32, bool), (f32, bool)) -> bool,
    ) -> Option<bool> {
        if value.0 > self.high.0 {
            self.high = value;
        }
        if value.0 < self.low.0 {
            self.low = value;
        }
        if self.rising != Some(true) && counts(self.low, value) {
            (self.rising, self.high) = (Some(true), value);
            return Some(true);
        }
        if self.rising != Some(false) && counts(value, self.high) {
            (self.rising, self.low) = (Some(false), value);
            return Some(false);
        }
        None
    }
}

/// One kind of flash over all cells.
#[derive(Debug, Default)]
struct Watch {
    cells: Vec<Turning>,
    /// When each cell changed last, and which way.
    changed: Vec<(f64, bool)>,
    /// Which way the picture changed last, and in which cells.
    last: Option<(bool, Vec<bool>)>,
}

/// A change over a quarter of the picture.
#[derive(Debug, Clone, Copy)]
struct Change {
    rising: bool,
    opposes: bool,
    area: f64,
}

impl Change {
    const fn at(self, time: f64, kind: FlashKind) -> FlashTransition {
        let Self { rising, opposes, area } = self;
        FlashTransition { time, kind, rising, opposes, area }
    }
}

impl Watch {
    fn push(
        &mut self,
        time: f64,
        values: impl Iterator<Item = (f32, bool)>,
        count: usize,
        counts: impl Fn((f32, bool), (f32, bool)) -> bool + Copy,
    ) -> Option<Change> {
        if self.cells.len() != count {
            self.cells = values.map(Turning::at).collect();
            self.changed = vec![(f64::NEG_INFINITY, false); count];
            self.last = None;
            return None;
        }
        for ((cell, changed), value) in self.cells.iter_mut().zip(&mut self.changed).zip(values) {
            if let Some(rising) = cell.next(value, counts) {
                *changed = (time, rising);
            }
        }
        for rising in [true, false] {
            if self.last.as_ref().is_some_and(|&(last, _)| last == rising) {
                continue;
            }
            let now: Vec<bool> = self
                .changed
                .iter()
                .map(|&(then, way)| way == rising && time - then < CONCURRENT)
                .collect();
            let share = |cells: usize| cells as f64 / count.max(1) as f64;
            let area = share(now.iter().filter(|&&changes| changes).count());
            if area >= LEAST_AREA {
                let common = self.last.as_ref().map_or(0, |(_, before)| {
                    before.iter().zip(&now).filter(|&(&a, &b)| a && b).count()
                });
                self.last = Some((rising, now));
                return Some(Change { rising, opposes: share(common) >= LEAST_AREA, area });
            }
        }
        None
    }
}

/// Watches for flashes.
#[derive(Debug, Default)]
pub(super) struct FlashMeter {
    light: Watch,
    red: Watch,
    found: Vec<FlashTransition>,
}

impl FlashMeter {
    pub(super) fn push(&mut self, time: f64, cells: &Cells) {
        let colours: Vec<[f32; 3]> = cells.colours().map(|colour| colour.map(linear)).collect();
        let light = colours.iter().map(|[r, g, b]| (0.2126 * r + 0.7152 * g + 0.0722 * b, false));
        let general = |low: (f32, bool), high: (f32, bool)| {
            high.0 - low.0 >= LUMINANCE_STEP - 1e-4 && low.0 < DARKER
        };
        let change = self.light.push(time, light, colours.len(), general);
        self.found.extend(change.map(|change| change.at(time, FlashKind::Luminance)));
        let red = colours.iter().map(|&[r, g, b]| {
            let sum = r + g + b;
            (((r - g - b) * 320.0).max(0.0), sum > 1e-3 && r / sum >= SATURATED)
        });
        let reds =
            |low: (f32, bool), high: (f32, bool)| high.0 - low.0 > RED_STEP && (low.1 || high.1);
        let change = self.red.push(time, red, colours.len(), reds);
        self.found.extend(change.map(|change| change.at(time, FlashKind::Red)));
    }

    pub(super) fn finish(self) -> Vec<FlashTransition> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::frame;
    use super::*;

    /// Three seconds at 24 frames a second that switch `hertz` times a second between two colours in the left part.
    fn flashing(hertz: f64, share: f64, on: [u8; 3], off: [u8; 3]) -> Vec<FlashTransition> {
        let mut meter = FlashMeter::default();
        for number in 0..72 {
            let lit = (f64::from(number) / 24.0 * hertz * 2.0 + 0.01) as u64 % 2 == 1;
            let picture =
                frame(number, 24.0, |x, _| if (x as f64) < 64.0 * share && lit { on } else { off });
            meter.push(picture.time, &Cells::of(&picture).unwrap());
        }
        meter.finish()
    }

    const WHITE: [u8; 3] = [230, 128, 128];
    const BLACK: [u8; 3] = [10, 128, 128];
    const RED: [u8; 3] = [76, 85, 255];
    const GREY: [u8; 3] = [76, 128, 128];

    #[test]
    fn flashes_a_second_are_counted() {
        for hertz in [1, 2, 3, 4, 6, 12] {
            let found = flashing(f64::from(hertz), 1.0, WHITE, BLACK);
            let worst = worst_second(&found, FlashKind::Luminance).unwrap();
            assert!(worst.flashes.abs_diff(hertz as usize) <= 1, "{hertz} Hz: {worst:?}");
            assert!(worst.flashes >= hertz as usize, "{hertz} Hz: {worst:?}");
            assert!((worst.area - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn small_areas_faint_changes_and_light_states_do_not_count() {
        assert_eq!(flashing(6.0, 0.2, WHITE, BLACK), []);
        assert!(!flashing(6.0, 0.3, WHITE, BLACK).is_empty());
        assert_eq!(flashing(6.0, 1.0, [60, 128, 128], [40, 128, 128]), []);
        assert_eq!(flashing(6.0, 1.0, [255, 128, 128], [242, 128, 128]), []);
    }

    #[test]
    fn red_flashes_are_told_from_light_ones() {
        let found = flashing(5.0, 1.0, RED, GREY);
        assert!(worst_second(&found, FlashKind::Red).unwrap().flashes >= 5);
        let grey = flashing(5.0, 1.0, WHITE, BLACK);
        assert_eq!(worst_second(&grey, FlashKind::Red), None);
        let blue = flashing(5.0, 1.0, [29, 255, 107], BLACK);
        assert_eq!(worst_second(&blue, FlashKind::Red), None);
    }

    #[test]
    fn stripes_that_pass_by_do_not_flash() {
        let mut meter = FlashMeter::default();
        for number in 0..72_usize {
            let picture = frame(number as u32, 24.0, |x, _| {
                let wave = ((x + 3 * number) as f64 / 5.0).sin();
                [(100.0 + 60.0 * wave) as u8, 128, 128]
            });
            meter.push(picture.time, &Cells::of(&picture).unwrap());
        }
        let worst = worst_second(&meter.finish(), FlashKind::Luminance);
        assert!(worst.is_none_or(|worst| worst.flashes <= 3), "{worst:?}");
    }

    #[test]
    fn one_cut_is_no_flash() {
        let found = flashing(0.4, 1.0, WHITE, BLACK);
        assert_eq!(worst_second(&found, FlashKind::Luminance), None);
    }
}
