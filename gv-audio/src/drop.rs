//! Drops: where the bass comes in.

use crate::features::Features;
use crate::onset::Onset;
use serde::{Deserialize, Serialize};

/// Seconds before and after a drop that are compared.
const SIDE: f64 = 2.0;
/// dB by which the power below 150 Hz rises at a drop.
const LEAST_BASS: f64 = 9.0;
/// dB by which the whole power rises.
const LEAST_RISE: f64 = 3.0;
/// dB by which the bass may fall again within four seconds.
const MOST_FALL: f64 = 6.0;
/// Share of the power after a drop that there is before it at least: silence is followed by a start, not by a drop.
const LEAST_BEFORE: f64 = 1e-4;
/// Share of the power after a drop that lies below 150 Hz at least.
const LEAST_LOW: f64 = 0.1;
/// Seconds between two drops.
const APART: f64 = 6.0;

/// A moment at which the bass comes in and stays.
///
/// The power below 150 Hz over the two seconds after it exceeds that of the two seconds before by 9 dB or more, the
/// whole power by 3 dB or more; a tenth of it is bass then; before it there is sound, and the bass stays for two seconds more, 6 dB below at
/// most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Drop {
    /// When it is, in seconds: an onset.
    pub time: f64,
    /// Rise below 150 Hz in dB, 60 at most.
    pub bass_rise: f64,
    /// Rise of the whole power in dB, 60 at most.
    pub rise: f64,
}

/// Finds the drops; times are in seconds after the first sample.
pub(crate) fn find(features: &Features, onsets: &[Onset]) -> Vec<Drop> {
    let (low, all) = (Sums::of(&features.low_power), Sums::of(&features.power));
    let side = (SIDE * features.fps).round() as usize;
    let rise = |onset: &Onset| {
        let frame = features.frame_at(onset.time);
        // A frame reaches two hops to either side of its middle.
        let before = frame.checked_sub(side)?..frame.checked_sub(2)?;
        let after = frame + 2..frame + side;
        let later = frame + side..frame + 2 * side;
        if later.end > features.frames() {
            return None;
        }
        let decibel = |sums: &Sums| {
            let before = sums.mean(&before).max(1e-6 * sums.mean(&after)).max(1e-20);
            10.0 * (sums.mean(&after) / before).log10()
        };
        let stays = low.mean(&later) >= low.mean(&after) * 10f64.powf(-MOST_FALL / 10.0);
        let sounds = all.mean(&before) >= LEAST_BEFORE * all.mean(&after);
        let is_bass = low.mean(&after) >= LEAST_LOW * all.mean(&after);
        let drop = Drop { time: onset.time, bass_rise: decibel(&low), rise: decibel(&all) };
        let is_one = drop.bass_rise >= LEAST_BASS && drop.rise >= LEAST_RISE;
        (is_one && is_bass && stays && sounds).then_some(drop)
    };
    let mut found: Vec<Drop> = onsets.iter().filter_map(rise).collect();
    found.sort_by(|a, b| (b.bass_rise + b.rise).total_cmp(&(a.bass_rise + a.rise)));
    let mut drops: Vec<Drop> = Vec::new();
    for drop in found {
        if drops.iter().all(|other| (other.time - drop.time).abs() >= APART) {
            drops.push(drop);
        }
    }
    drops.sort_by(|a, b| a.time.total_cmp(&b.time));
    drops
}

struct Sums(Vec<f64>);

impl Sums {
    fn of(values: &[f32]) -> Self {
        let mut sum = 0.0;
        let mut sums = vec![0.0];
        sums.extend(values.iter().map(|&value| {
            sum += f64::from(value);
            sum
        }));
        Self(sums)
    }

    fn mean(&self, range: &std::ops::Range<usize>) -> f64 {
        (self.0[range.end] - self.0[range.start]).max(0.0) / range.len().max(1) as f64
    }
}
