//! Stretches of an ad in which motion and face stay what they are.

use super::trigger::{MotionLevel, TriggerType};
use crate::Result;
use crate::error::Error;
use serde::{Deserialize, Serialize};

/// Motion at which the specification's classes begin, in source pixels per frame interval: priors.
const MEDIUM: f64 = 5.0;
const HIGH: f64 = 15.0;
/// Share by which a threshold has to be passed before the level changes.
const HYSTERESIS: f64 = 0.1;
/// A clip whose motion stays within one class is judged by itself where its calm and its lively parts differ
/// by this factor.
const LIVELY: f64 = 1.5;
/// Seconds below which a stretch belongs to its neighbour.
const MIN_WINDOW: f64 = 1.0;
/// A fit from which a trigger is recommended.
const RECOMMENDED: f64 = 0.7;
const MOST_RECOMMENDED: usize = 3;

/// Motion at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MotionSample {
    /// When, in seconds.
    pub time: f64,
    /// How much moves, in source pixels per frame interval or in the caller's unit.
    pub energy: f64,
    /// Whether a face shows; `None` where nobody looked.
    pub has_face: Option<bool>,
}

/// A stretch of an ad, and what it is good for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TriggerWindow {
    /// Where it starts, in seconds.
    pub start_time: f64,
    /// Where it ends; not part of it.
    pub end_time: f64,
    /// Mean energy.
    pub motion_level: f64,
    /// The level of it.
    pub level: MotionLevel,
    /// Whether a face shows for most of it; `None` where nobody looked.
    pub has_face: Option<bool>,
    /// Triggers that suit it, best first.
    pub recommended_triggers: Vec<TriggerType>,
    /// How well a viewer takes a message in, 0 to 1: the sum of the parts.
    pub absorption_score: f64,
    /// What the score is made of.
    pub absorption: Absorption,
}

/// The parts of an absorption score; the weights are priors of ours.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Absorption {
    /// For calm, up to 0.6: `0.6 / (1 + (energy / threshold)²)` with the threshold between low and medium.
    pub calm: f64,
    /// For a face, up to 0.2; half of it where nobody looked.
    pub face: f64,
    /// For time to read, up to 0.2 from three seconds on.
    pub time: f64,
}

/// Where levels part.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// Motion from which on a level is medium.
    pub medium: f64,
    /// Motion from which on a level is high.
    pub high: f64,
    /// Whether they are the clip's own, because all of it lies in one class.
    pub relative: bool,
}

impl Thresholds {
    /// Chooses the specification's thresholds, or the clip's own where it never leaves one class and still has
    /// calm and lively parts.
    fn of(samples: &[MotionSample]) -> Self {
        let mut energies: Vec<f64> = samples.iter().map(|sample| sample.energy).collect();
        energies.sort_by(f64::total_cmp);
        let quantile = |share: f64| {
            energies
                .get(((energies.len() - 1) as f64 * share).round() as usize)
                .copied()
                .unwrap_or(0.0)
        };
        let absolute = Self { medium: MEDIUM, high: HIGH, relative: false };
        let (low, high) = (quantile(0.1), quantile(0.9));
        let one_class = absolute.level(low, None) == absolute.level(high, None);
        if one_class && high > LIVELY * low.max(1e-3) && high > 0.1 {
            let third = (high - low) / 3.0;
            Self { medium: low + third, high: low + 2.0 * third, relative: true }
        } else {
            absolute
        }
    }

    /// The level of an energy; one that is only a little past a threshold stays what it was.
    fn level(&self, energy: f64, before: Option<MotionLevel>) -> MotionLevel {
        let plain = |energy: f64| {
            if energy >= self.high {
                MotionLevel::High
            } else if energy >= self.medium {
                MotionLevel::Medium
            } else {
                MotionLevel::Low
            }
        };
        let here = plain(energy);
        match before {
            Some(before) if here > before => plain(energy / (1.0 + HYSTERESIS)).max(before),
            Some(before) if here < before => plain(energy * (1.0 + HYSTERESIS)).min(before),
            _ => here,
        }
    }
}

/// Cuts a clip into windows.
///
/// Samples may come in any order; several of one moment are averaged. No samples give no window, and a clip in
/// which nothing changes gives one.
///
/// # Errors
///
/// [`Error::InvalidParameter`] for a time or energy that is not finite, or an energy below 0.
pub fn analyze_motion_windows(samples: &[MotionSample]) -> Result<Vec<TriggerWindow>> {
    let samples = sorted(samples)?;
    let Some(last) = samples.last() else { return Ok(Vec::new()) };
    let end = last.time + interval(&samples);
    let thresholds = Thresholds::of(&samples);
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut level = None;
    for (at, sample) in samples.iter().enumerate() {
        let next = samples.get(at + 1).map_or(end, |next| next.time);
        let here = thresholds.level(sample.energy, level);
        level = Some(here);
        let piece = Stretch::new(sample, next, here);
        match stretches.last_mut() {
            Some(before) if before.level == here && before.face == piece.face => {
                before.extend(&piece)
            }
            _ => stretches.push(piece),
        }
    }
    merge_short(&mut stretches);
    let length = end - samples[0].time;
    let start = samples[0].time;
    Ok(stretches.iter().map(|s| s.window(&thresholds, start, length)).collect())
}

fn sorted(given: &[MotionSample]) -> Result<Vec<MotionSample>> {
    for sample in given {
        if !sample.time.is_finite() || !(0.0..=f64::MAX).contains(&sample.energy) {
            return Err(Error::InvalidParameter {
                name: "motion_data",
                given: format!("a time of {} with an energy of {}", sample.time, sample.energy),
                allowed: "finite times and finite energies of at least 0",
            });
        }
    }
    let mut samples = given.to_vec();
    samples.sort_by(|a, b| a.time.total_cmp(&b.time));
    let mut unique: Vec<(MotionSample, f64)> = Vec::with_capacity(samples.len());
    for sample in samples {
        match unique.last_mut() {
            Some((before, count)) if before.time == sample.time => {
                *count += 1.0;
                before.energy += (sample.energy - before.energy) / *count;
                before.has_face = match (before.has_face, sample.has_face) {
                    (Some(a), Some(b)) => Some(a || b),
                    (known, None) | (None, known) => known,
                };
            }
            _ => unique.push((sample, 1.0)),
        }
    }
    Ok(unique.into_iter().map(|(sample, _)| sample).collect())
}

/// The median distance of samples; a second where there is one sample.
fn interval(samples: &[MotionSample]) -> f64 {
    let mut gaps: Vec<f64> = samples.windows(2).map(|pair| pair[1].time - pair[0].time).collect();
    gaps.sort_by(f64::total_cmp);
    gaps.get(gaps.len() / 2).copied().unwrap_or(1.0)
}

#[derive(Debug, Clone)]
struct Stretch {
    start: f64,
    end: f64,
    level: MotionLevel,
    face: Option<bool>,
    /// Integral of the energy over time.
    energy: f64,
    /// Seconds with a face, and seconds in which somebody looked.
    with_face: f64,
    looked: f64,
}

impl Stretch {
    fn new(sample: &MotionSample, end: f64, level: MotionLevel) -> Self {
        let duration = end - sample.time;
        let with_face = if sample.has_face == Some(true) { duration } else { 0.0 };
        let looked = if sample.has_face.is_some() { duration } else { 0.0 };
        let (start, face, energy) = (sample.time, sample.has_face, sample.energy * duration);
        Self { start, end, level, face, energy, with_face, looked }
    }

    fn duration(&self) -> f64 {
        self.end - self.start
    }

    fn mean(&self) -> f64 {
        if self.duration() > 0.0 { self.energy / self.duration() } else { 0.0 }
    }

    fn extend(&mut self, next: &Self) {
        self.end = next.end;
        self.energy += next.energy;
        self.with_face += next.with_face;
        self.looked += next.looked;
    }

    fn window(&self, thresholds: &Thresholds, start: f64, length: f64) -> TriggerWindow {
        let has_face = (self.looked > 0.0).then_some(self.with_face * 2.0 >= self.looked);
        let middle = (self.start + self.end) / 2.0 - start;
        let share = if length > 0.0 { middle / length } else { 0.0 };
        let mut fits: Vec<(f64, TriggerType)> = TriggerType::ALL
            .into_iter()
            .map(|kind| {
                (kind.config().fit(self.level, has_face, self.duration(), share).total(), kind)
            })
            .filter(|(fit, _)| *fit >= RECOMMENDED)
            .collect();
        fits.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let absorption = self.absorption(thresholds, has_face);
        TriggerWindow {
            start_time: self.start,
            end_time: self.end,
            motion_level: self.mean(),
            level: self.level,
            has_face,
            recommended_triggers: fits.into_iter().take(MOST_RECOMMENDED).map(|(_, k)| k).collect(),
            absorption_score: absorption.calm + absorption.face + absorption.time,
            absorption,
        }
    }

    fn absorption(&self, thresholds: &Thresholds, has_face: Option<bool>) -> Absorption {
        let share = self.mean() / thresholds.medium.max(1e-9);
        Absorption {
            calm: 0.6 / (1.0 + share * share),
            face: match has_face {
                Some(true) => 0.2,
                None => 0.1,
                Some(false) => 0.0,
            },
            time: 0.2 * (self.duration() / 3.0).clamp(0.0, 1.0),
        }
    }
}

/// Gives stretches that are too short to the neighbour whose motion is nearer, the shortest first.
fn merge_short(stretches: &mut Vec<Stretch>) {
    while stretches.len() > 1 {
        let shortest = (0..stretches.len())
            .min_by(|&a, &b| stretches[a].duration().total_cmp(&stretches[b].duration()));
        let Some(at) = shortest.filter(|&at| stretches[at].duration() < MIN_WINDOW) else { break };
        let away = |other: usize| (stretches[other].mean() - stretches[at].mean()).abs();
        let into_next = at == 0 || (at + 1 < stretches.len() && away(at + 1) < away(at - 1));
        let first = if into_next { at } else { at - 1 };
        let second = stretches.remove(first + 1);
        let kept = if into_next { &second } else { &stretches[first] };
        let (level, face) = (kept.level, kept.face);
        stretches[first].extend(&second);
        (stretches[first].level, stretches[first].face) = (level, face);
        join_alike(stretches);
    }
}

/// Joins neighbours that have become alike.
fn join_alike(stretches: &mut Vec<Stretch>) {
    let mut at = 1;
    while at < stretches.len() {
        if stretches[at - 1].level == stretches[at].level
            && stretches[at - 1].face == stretches[at].face
        {
            let next = stretches.remove(at);
            stretches[at - 1].extend(&next);
        } else {
            at += 1;
        }
    }
}
