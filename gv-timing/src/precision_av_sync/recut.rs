//! Which cuts to move, and where to.

use super::matching::{REACH, SYNC_TOLERANCE, SyncPoint};
use crate::{Error, Result};
use gv_audio::{PeakType, Stretch};
use serde::{Deserialize, Serialize};

/// How cuts may be moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecutOptions {
    /// Frames a second, to which shifts are rounded; `None` does not round.
    pub frame_rate: Option<f64>,
    /// Seconds that a shot keeps at least. Default: 0.2.
    pub min_shot: f64,
    /// Where somebody speaks: no cut that lies outside is moved into it, and none out of it.
    pub speech: Vec<Stretch>,
    /// Seconds at which the score of a point is half. Default: 0.1.
    pub tolerance: f64,
}

impl Default for RecutOptions {
    fn default() -> Self {
        Self { frame_rate: None, min_shot: 0.2, speech: Vec::new(), tolerance: SYNC_TOLERANCE }
    }
}

impl RecutOptions {
    /// Sets the frames a second.
    pub fn frame_rate(mut self, rate: Option<f64>) -> Self {
        self.frame_rate = rate;
        self
    }

    /// Sets the seconds that a shot keeps at least.
    pub fn min_shot(mut self, seconds: f64) -> Self {
        self.min_shot = seconds;
        self
    }

    /// Sets where somebody speaks.
    pub fn speech(mut self, speech: Vec<Stretch>) -> Self {
        self.speech = speech;
        self
    }

    /// Sets the seconds at which the score of a point is half.
    pub fn tolerance(mut self, seconds: f64) -> Self {
        self.tolerance = seconds;
        self
    }

    fn check(&self) -> Result<()> {
        let invalid = |name, given: f64, allowed| {
            Err(Error::InvalidParameter { name, given: given.to_string(), allowed })
        };
        match self.frame_rate {
            Some(rate) if !(rate > 0.0 && rate <= 1e6) => {
                invalid("frame_rate", rate, "above 0, at most a million")
            }
            _ if !(0.0..=f64::MAX).contains(&self.min_shot) => {
                invalid("min_shot", self.min_shot, "0 or more seconds")
            }
            _ if !(self.tolerance > 0.0 && self.tolerance <= REACH) => {
                invalid("tolerance", self.tolerance, "above 0, at most 0.5 seconds")
            }
            _ => Ok(()),
        }
    }
}

/// Where to a cut is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The cut comes sooner.
    Earlier,
    /// The cut comes after its present time.
    Later,
}

/// How much a shift gains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// A cut comes onto a drop or a beat.
    High,
    /// A cut comes onto a voice or an onset.
    Medium,
    /// A face or motion, which is moved by trimming the shot before it.
    Low,
}

/// A shift.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CutAdjustment {
    /// When the visual peak is, in seconds.
    pub current_visual_time: f64,
    /// When the audio peak is that it belongs onto.
    pub target_audio_time: f64,
    /// Seconds to move it by, negative for earlier; whole frames where the rate is known.
    pub adjustment_needed: f64,
    /// Where to.
    pub direction: Direction,
    /// How much it gains.
    pub priority: Priority,
    /// The shift in frames; `None` where the rate is not known.
    pub frames: Option<i64>,
}

/// The fewest shifts that bring what can be brought into sync, smallest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecutPlan {
    /// The shifts.
    pub adjustments: Vec<CutAdjustment>,
    /// Mean sync score of the points as they are.
    pub score_before: f64,
    /// Mean sync score once all shifts are made.
    pub score_after: f64,
    /// Points out of sync that stay so: a shift would cross another cut, leave a shot too short, or break speech.
    pub kept: usize,
}

/// Plans shifts of the points that are out of sync.
///
/// Points in sync stay where they are: a shift there costs work and is not heard. Of all plans in which no peak
/// crosses another and shots keep their least length, the one with the most points in sync is taken, and among those the
/// one that moves least.
///
/// # Errors
///
/// [`Error::InvalidParameter`] for a time that is not finite, a rate that is not above 0, or a least length below 0.
pub fn suggest_cut_adjustments(points: &[SyncPoint], options: &RecutOptions) -> Result<RecutPlan> {
    options.check()?;
    let times = points.iter().flat_map(|p| [p.visual_peak.timestamp, p.audio_peak.timestamp]);
    if let Some(time) = times.into_iter().find(|time| !time.is_finite()) {
        return Err(Error::InvalidParameter {
            name: "sync_points",
            given: format!("a timestamp of {time}"),
            allowed: "finite timestamps",
        });
    }
    let mut points = points.to_vec();
    points.sort_by(|a, b| a.visual_peak.timestamp.total_cmp(&b.visual_peak.timestamp));
    let shifts: Vec<Option<f64>> = points.iter().map(|point| shift(point, options)).collect();
    let moved = choose(&points, &shifts, options.min_shot);
    let mut adjustments: Vec<CutAdjustment> = points
        .iter()
        .zip(&shifts)
        .zip(&moved)
        .filter_map(|((point, shift), moved)| {
            Some(adjustment(point, shift.filter(|_| *moved)?, options.frame_rate))
        })
        .collect();
    adjustments.sort_by(|a, b| a.adjustment_needed.abs().total_cmp(&b.adjustment_needed.abs()));
    let count = points.len().max(1) as f64;
    let score = |offset: f64| (1.0 - offset.abs() / (2.0 * options.tolerance)).max(0.0);
    let after = points.iter().zip(&shifts).zip(&moved).map(|((point, shift), moved)| {
        score(point.offset + shift.filter(|_| *moved).unwrap_or(0.0))
    });
    let before = points.iter().map(|point| score(point.offset));
    let out = points.iter().filter(|point| !point.is_synced).count();
    Ok(RecutPlan {
        kept: out - adjustments.len(),
        score_before: before.sum::<f64>() / count,
        score_after: after.sum::<f64>() / count,
        adjustments,
    })
}

/// Seconds by which a point has to move; `None` for one that is in sync, or that speech holds.
fn shift(point: &SyncPoint, options: &RecutOptions) -> Option<f64> {
    if point.is_synced {
        return None;
    }
    let (from, to) = (point.visual_peak.timestamp, point.audio_peak.timestamp);
    let in_speech = |time: f64| {
        options.speech.iter().position(|stretch| time > stretch.start && time < stretch.end)
    };
    if in_speech(from) != in_speech(to) {
        return None;
    }
    let seconds = to - from;
    let whole = |rate: f64| (seconds * rate).round() / rate;
    Some(options.frame_rate.map_or(seconds, whole)).filter(|seconds| *seconds != 0.0)
}

/// Which of the shifts to make: for each point in order of time, the best way to have it moved or not.
fn choose(points: &[SyncPoint], shifts: &[Option<f64>], min_shot: f64) -> Vec<bool> {
    type Value = Option<(usize, f64)>;
    let time = |at: usize, moved: bool| {
        let shift = if moved { shifts[at].unwrap_or(0.0) } else { 0.0 };
        points[at].visual_peak.timestamp + shift
    };
    let mut best: Vec<[Value; 2]> = Vec::with_capacity(points.len());
    let mut from: Vec<[bool; 2]> = Vec::with_capacity(points.len());
    for (at, shift) in shifts.iter().enumerate() {
        let mut value = [None, None];
        let mut came = [false, false];
        for moved in [false, true] {
            if moved && shift.is_none() {
                continue;
            }
            let gain = if moved { (1, -shift.unwrap_or(0.0).abs()) } else { (0, 0.0) };
            let Some(before) = at.checked_sub(1) else {
                value[usize::from(moved)] = Some(gain);
                continue;
            };
            for other in [false, true] {
                let Some(sum) = best[before][usize::from(other)] else { continue };
                let apart = time(at, moved) - time(before, other);
                let untouched = !moved && !other;
                if !untouched && apart < min_shot {
                    continue;
                }
                let total = Some((sum.0 + gain.0, sum.1 + gain.1));
                if total > value[usize::from(moved)] {
                    value[usize::from(moved)] = total;
                    came[usize::from(moved)] = other;
                }
            }
        }
        best.push(value);
        from.push(came);
    }
    let mut moved = vec![false; points.len()];
    let mut state = best.last().is_some_and(|value| value[1] > value[0]);
    for at in (0..points.len()).rev() {
        moved[at] = state;
        state = from[at][usize::from(state)];
    }
    moved
}

fn adjustment(point: &SyncPoint, seconds: f64, frame_rate: Option<f64>) -> CutAdjustment {
    let on_beat = matches!(point.audio_peak.peak_type, PeakType::Drop | PeakType::Beat);
    CutAdjustment {
        current_visual_time: point.visual_peak.timestamp,
        target_audio_time: point.audio_peak.timestamp,
        adjustment_needed: seconds,
        direction: if seconds < 0.0 { Direction::Earlier } else { Direction::Later },
        priority: match (point.visual_peak.peak_type.joins_shots(), on_beat) {
            (true, true) => Priority::High,
            (true, false) => Priority::Medium,
            (false, _) => Priority::Low,
        },
        frames: frame_rate.map(|rate| (seconds * rate).round() as i64),
    }
}
