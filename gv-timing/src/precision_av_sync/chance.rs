//! How much sync there would be by chance.

use super::matching::check;
use super::peaks::VisualPeak;
use crate::{Error, Result};
use gv_audio::AudioPeak;
use serde::{Deserialize, Serialize};

/// Random placements, fewer for very many peaks.
const PLACEMENTS: usize = 999;
const FEWER_PLACEMENTS: usize = 199;
const MANY: usize = 20_000;

/// Sync beside that of as many visual peaks placed at random.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChanceSync {
    /// Visual peaks.
    pub visual_peaks: usize,
    /// Audio peaks.
    pub audio_peaks: usize,
    /// Visual peaks that have an audio peak of their own within the tolerance.
    pub synced: usize,
    /// The same as a share, in percent.
    pub percentage: f64,
    /// Mean percentage of random placements.
    pub chance_percentage: f64,
    /// `(percentage - chance) / (100 - chance)`: 0 for chance, 1 for all in sync; `None` where chance leaves nothing
    /// to gain.
    pub corrected: Option<f64>,
    /// Between which values of `corrected` 95 % of random placements lie.
    pub chance_interval: Option<(f64, f64)>,
    /// Share of random placements that are as much in sync, this one counted among them.
    pub p_value: f64,
}

/// Compares the sync of visual peaks with that of as many placed at random between `start` and `end` seconds.
///
/// The random numbers are the same at every call. `None` where there are no visual or no audio peaks, or no time
/// between start and end.
///
/// # Errors
///
/// [`Error::InvalidParameter`] as for [`find_sync_points`](super::find_sync_points), and for a start or end that is
/// not finite.
pub fn against_chance(
    audio: &[AudioPeak],
    visual: &[VisualPeak],
    (start, end): (f64, f64),
    tolerance: f64,
) -> Result<Option<ChanceSync>> {
    check(tolerance, audio, visual)?;
    if !start.is_finite() || !end.is_finite() {
        return Err(Error::InvalidParameter {
            name: "span",
            given: format!("{start} to {end}"),
            allowed: "finite seconds",
        });
    }
    if audio.is_empty() || visual.is_empty() || end <= start {
        return Ok(None);
    }
    let mut heard: Vec<f64> = audio.iter().map(|peak| peak.timestamp).collect();
    let mut seen: Vec<f64> = visual.iter().map(|peak| peak.timestamp).collect();
    heard.sort_by(f64::total_cmp);
    seen.sort_by(f64::total_cmp);
    let synced = count(&seen, &heard, tolerance);
    let many = heard.len() + seen.len() > MANY;
    let placements = if many { FEWER_PLACEMENTS } else { PLACEMENTS };
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut counts: Vec<usize> = Vec::with_capacity(placements);
    for _ in 0..placements {
        seen.iter_mut().for_each(|time| *time = start + (end - start) * random.next());
        seen.sort_by(f64::total_cmp);
        counts.push(count(&seen, &heard, tolerance));
    }
    counts.sort_unstable();
    let total = seen.len() as f64;
    let chance = counts.iter().sum::<usize>() as f64 / placements as f64 / total;
    let corrected = |synced: usize| (synced as f64 / total - chance) / (1.0 - chance);
    let gain = chance < 1.0 - 1e-9;
    let at = |share: f64| corrected(counts[((placements - 1) as f64 * share).round() as usize]);
    let as_good = counts.len() - counts.partition_point(|&count| count < synced);
    Ok(Some(ChanceSync {
        visual_peaks: seen.len(),
        audio_peaks: heard.len(),
        synced,
        percentage: 100.0 * synced as f64 / total,
        chance_percentage: 100.0 * chance,
        corrected: gain.then(|| corrected(synced)),
        chance_interval: gain.then(|| (at(0.025), at(0.975))),
        p_value: (as_good + 1) as f64 / (placements + 1) as f64,
    }))
}

/// The most pairs within a tolerance: each visual peak takes the earliest audio peak that is free.
fn count(seen: &[f64], heard: &[f64], tolerance: f64) -> usize {
    let (mut free, mut pairs) = (0, 0);
    for &time in seen {
        while heard.get(free).is_some_and(|&sound| sound < time - tolerance) {
            free += 1;
        }
        if heard.get(free).is_some_and(|&sound| sound <= time + tolerance) {
            free += 1;
            pairs += 1;
        }
    }
    pairs
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    /// A number from 0 to below 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}
