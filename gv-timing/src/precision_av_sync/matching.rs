//! Which visual peak goes with which audio peak.

use super::peaks::VisualPeak;
use crate::{Error, Result};
use gv_audio::AudioPeak;
use serde::{Deserialize, Serialize};

/// Seconds within which an audio and a visual peak are in sync.
pub const SYNC_TOLERANCE: f64 = 0.1;
/// Seconds beyond which two peaks have nothing to do with each other.
pub(super) const REACH: f64 = 0.5;

/// A visual peak and the audio peak that goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SyncPoint {
    /// What is heard.
    pub audio_peak: AudioPeak,
    /// What is seen.
    pub visual_peak: VisualPeak,
    /// Seconds by which the picture is later than the sound; negative where it is earlier.
    pub offset: f64,
    /// Whether the offset is within the tolerance.
    pub is_synced: bool,
    /// 1 for no offset, 0.5 at the tolerance, 0 from twice the tolerance on.
    pub sync_score: f64,
}

impl SyncPoint {
    /// Holds a visual peak against an audio peak; `tolerance` in seconds.
    pub fn new(audio_peak: AudioPeak, visual_peak: VisualPeak, tolerance: f64) -> Self {
        let offset = visual_peak.timestamp - audio_peak.timestamp;
        Self {
            audio_peak,
            visual_peak,
            offset,
            is_synced: offset.abs() <= tolerance,
            sync_score: (1.0 - offset.abs() / (2.0 * tolerance)).max(0.0),
        }
    }
}

/// Matches visual with audio peaks, one with one, in the order of the visual ones.
///
/// As many pairs as possible are within the tolerance, and the sum of their offsets is the smallest that such a
/// matching can have. What is left over is matched in the same way up to half a second apart; those pairs are not in
/// sync. The peaks may come in any order.
///
/// # Errors
///
/// [`Error::InvalidParameter`] for a time that is not finite, or a tolerance that is not above 0 and at most 0.5 s.
pub fn find_sync_points(
    audio: &[AudioPeak],
    visual: &[VisualPeak],
    tolerance: f64,
) -> Result<Vec<SyncPoint>> {
    check(tolerance, audio, visual)?;
    let mut audio = audio.to_vec();
    let mut visual = visual.to_vec();
    audio.sort_by(|a, b| a.timestamp.total_cmp(&b.timestamp));
    visual.sort_by(|a, b| a.timestamp.total_cmp(&b.timestamp));
    let heard: Vec<f64> = audio.iter().map(|peak| peak.timestamp).collect();
    let seen: Vec<f64> = visual.iter().map(|peak| peak.timestamp).collect();
    let mut pairs = assign(&seen, &heard, tolerance);
    let left = |taken: Vec<usize>, count: usize| {
        let mut free = vec![true; count];
        taken.into_iter().for_each(|at| free[at] = false);
        (0..count).filter(|&at| free[at]).collect::<Vec<_>>()
    };
    let seen_left = left(pairs.iter().map(|pair| pair.0).collect(), seen.len());
    let heard_left = left(pairs.iter().map(|pair| pair.1).collect(), heard.len());
    let times = |left: &[usize], of: &[f64]| left.iter().map(|&at| of[at]).collect::<Vec<_>>();
    let more = assign(&times(&seen_left, &seen), &times(&heard_left, &heard), REACH);
    pairs.extend(more.into_iter().map(|(v, a)| (seen_left[v], heard_left[a])));
    pairs.sort_unstable();
    let point = |(v, a): (usize, usize)| SyncPoint::new(audio[a], visual[v], tolerance);
    Ok(pairs.into_iter().map(point).collect())
}

pub(super) fn check(tolerance: f64, audio: &[AudioPeak], visual: &[VisualPeak]) -> Result<()> {
    if !(tolerance > 0.0 && tolerance <= REACH) {
        return Err(Error::InvalidParameter {
            name: "tolerance",
            given: tolerance.to_string(),
            allowed: "above 0, at most 0.5 seconds",
        });
    }
    let heard = audio.iter().map(|peak| ("audio_peaks", peak.timestamp));
    let seen = visual.iter().map(|peak| ("visual_peaks", peak.timestamp));
    match heard.chain(seen).find(|(_, time)| !time.is_finite()) {
        Some((name, time)) => Err(Error::InvalidParameter {
            name,
            given: format!("a timestamp of {time}"),
            allowed: "finite timestamps",
        }),
        None => Ok(()),
    }
}

/// The matching of two sorted lists of times that has the most pairs within a reach, and among those the smallest
/// sum of distances.
///
/// Such a matching need not cross, so that each visual peak either stays alone or takes the next free audio peak of
/// its reach: solved from left to right, run by run of peaks that can reach each other.
pub(super) fn assign(seen: &[f64], heard: &[f64], reach: f64) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let (mut first, mut free) = (0, 0);
    while first < seen.len() {
        let start = heard.partition_point(|&time| time < seen[first] - reach).max(free);
        let (mut last, mut end) = (first, start);
        loop {
            end = heard.partition_point(|&time| time <= seen[last] + reach).max(end);
            let next = seen.get(last + 1);
            let joined = next.is_some_and(|&next| end > start && heard[end - 1] >= next - reach);
            if !joined {
                break;
            }
            last += 1;
        }
        let run = assign_run(&seen[first..=last], &heard[start..end], reach);
        pairs.extend(run.into_iter().map(|(v, a)| (first + v, start + a)));
        (first, free) = (last + 1, end);
    }
    pairs
}

#[derive(Clone, Copy, PartialEq)]
enum Step {
    SkipSeen,
    SkipHeard,
    Pair,
}

fn assign_run(seen: &[f64], heard: &[f64], reach: f64) -> Vec<(usize, usize)> {
    let width = heard.len() + 1;
    let mut steps = vec![Step::SkipHeard; (seen.len() + 1) * width];
    // Number of pairs, and the sum of their distances with its sign turned: the larger, the better.
    let mut row = vec![(0usize, 0.0f64); width];
    for (v, &time) in seen.iter().enumerate() {
        let mut next = vec![row[0]; width];
        steps[(v + 1) * width] = Step::SkipSeen;
        for (a, &sound) in heard.iter().enumerate() {
            let distance = (time - sound).abs();
            let mut best = (next[a], Step::SkipHeard);
            if row[a + 1] > best.0 {
                best = (row[a + 1], Step::SkipSeen);
            }
            let paired = (row[a].0 + 1, row[a].1 - distance);
            if distance <= reach && paired > best.0 {
                best = (paired, Step::Pair);
            }
            next[a + 1] = best.0;
            steps[(v + 1) * width + a + 1] = best.1;
        }
        row = next;
    }
    let (mut v, mut a) = (seen.len(), heard.len());
    let mut pairs = Vec::new();
    while v > 0 && a > 0 {
        match steps[v * width + a] {
            Step::SkipSeen => v -= 1,
            Step::SkipHeard => a -= 1,
            Step::Pair => {
                (v, a) = (v - 1, a - 1);
                pairs.push((v, a));
            }
        }
    }
    pairs.reverse();
    pairs
}
