//! Where each trigger goes, all of them considered together.

use super::trigger::{MotionLevel, TriggerFit, TriggerType};
use super::window::{MotionSample, TriggerWindow, analyze_motion_windows};
use crate::Result;
use serde::{Deserialize, Serialize};

/// Steps in which time is tried, in seconds.
const STEP: f64 = 0.25;
/// A trigger that suits no stretch at least this well is left out.
const LEAST_FIT: f64 = 0.55;
/// Longest clip that is planned in such steps; the steps of a longer one are wider.
const MOST_STEPS: usize = 2400;

/// A trigger at its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PlacedTrigger {
    /// When it begins, in seconds.
    pub time: f64,
    /// How long it may take there.
    pub duration: f64,
    /// The trigger.
    pub trigger: TriggerType,
    /// How much moves there.
    pub motion: MotionLevel,
    /// Mean energy there.
    pub energy: f64,
    /// How well the place suits it, 0 to 1.
    pub fit: f64,
    /// What that is made of.
    pub parts: TriggerFit,
    /// Why here, in words.
    pub reason: String,
}

/// A plan for a clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TriggerPlan {
    /// The triggers in the order of time.
    pub recommended_structure: Vec<PlacedTrigger>,
    /// What stands out, with measured values.
    pub key_insights: Vec<String>,
    /// Triggers that found no place.
    pub left_out: Vec<TriggerType>,
    /// The windows of the plan.
    pub windows: Vec<TriggerWindow>,
}

/// Places triggers so that the sum of their fits is largest, none overlaps another, and their order is that of
/// an ad: hook, problem, solution, proof, urgency, call to action.
///
/// # Errors
///
/// Those of [`analyze_motion_windows`].
pub fn optimize_trigger_placement(samples: &[MotionSample]) -> Result<TriggerPlan> {
    let windows = analyze_motion_windows(samples)?;
    let (Some(first), Some(last)) = (windows.first(), windows.last()) else {
        return Ok(TriggerPlan {
            recommended_structure: Vec::new(),
            key_insights: vec!["there are no motion data to plan by".into()],
            left_out: TriggerType::ALL.to_vec(),
            windows,
        });
    };
    let (start, length) = (first.start_time, last.end_time - first.start_time);
    let step = STEP.max(length / MOST_STEPS as f64);
    let steps = (length / step).floor() as usize;
    let place = |kind: TriggerType, at: usize, width: usize| {
        let from = start + at as f64 * step;
        let to = from + width as f64 * step;
        fit_of(&windows, kind, (from, to), (start, length))
    };
    // best[i][t]: the first i triggers within the first t steps, by the sum of what exceeds the least fit.
    let count = TriggerType::ALL.len();
    let mut best = vec![vec![0.0_f64; steps + 1]; count + 1];
    let widths = TriggerType::ALL.map(|kind| (kind.config().min_duration / step).ceil() as usize);
    for i in 1..=count {
        let (kind, width) = (TriggerType::ALL[i - 1], widths[i - 1]);
        for t in 0..=steps {
            let mut value = best[i - 1][t];
            if t > 0 {
                value = value.max(best[i][t - 1]);
            }
            if t >= width {
                let gain = place(kind, t - width, width).total() - LEAST_FIT;
                value = value.max(best[i - 1][t - width] + gain);
            }
            best[i][t] = value;
        }
    }
    let mut placed = Vec::new();
    let mut t = steps;
    for i in (1..=count).rev() {
        while t > 0 && best[i][t] == best[i][t - 1] && best[i][t] != best[i - 1][t] {
            t -= 1;
        }
        if best[i][t] == best[i - 1][t] {
            continue;
        }
        let (kind, width) = (TriggerType::ALL[i - 1], widths[i - 1]);
        t -= width;
        placed.push((kind, t, width, place(kind, t, width)));
    }
    placed.reverse();
    let left_out = TriggerType::ALL
        .into_iter()
        .filter(|kind| placed.iter().all(|(placed, ..)| placed != kind))
        .collect();
    let recommended_structure = placed
        .into_iter()
        .map(|(kind, at, width, parts)| {
            let time = start + at as f64 * step;
            described(&windows, kind, (time, width as f64 * step), parts)
        })
        .collect();
    let key_insights = insights(&windows, length);
    Ok(TriggerPlan { recommended_structure, key_insights, left_out, windows })
}

/// The fit of a stretch: the windows that it touches, weighed by the time that it spends in each.
fn fit_of(
    windows: &[TriggerWindow],
    kind: TriggerType,
    (from, to): (f64, f64),
    (start, length): (f64, f64),
) -> TriggerFit {
    let share = if length > 0.0 { ((from + to) / 2.0 - start) / length } else { 0.0 };
    let mut sum = TriggerFit { motion: 0.0, face: 0.0, duration: 0.0, position: 0.0 };
    for window in touched(windows, from, to) {
        let overlap = window.end_time.min(to) - window.start_time.max(from);
        let weight = overlap / (to - from);
        let room = window.end_time - window.start_time;
        let fit = kind.config().fit(window.level, window.has_face, room, share);
        sum.motion += weight * fit.motion;
        sum.face += weight * fit.face;
        sum.duration += weight * fit.duration;
        sum.position += weight * fit.position;
    }
    sum
}

fn touched(windows: &[TriggerWindow], from: f64, to: f64) -> impl Iterator<Item = &TriggerWindow> {
    let first = windows.partition_point(|window| window.end_time <= from);
    windows[first..].iter().take_while(move |window| window.start_time < to)
}

fn described(
    windows: &[TriggerWindow],
    kind: TriggerType,
    (time, duration): (f64, f64),
    parts: TriggerFit,
) -> PlacedTrigger {
    let here: Vec<&TriggerWindow> = touched(windows, time, time + duration).collect();
    let longest = here.iter().max_by(|a, b| {
        let overlap = |w: &TriggerWindow| w.end_time.min(time + duration) - w.start_time.max(time);
        overlap(a).total_cmp(&overlap(b))
    });
    let (motion, energy, has_face) =
        longest.map_or((MotionLevel::Low, 0.0, None), |w| (w.level, w.motion_level, w.has_face));
    let config = kind.config();
    let face = match has_face {
        Some(true) => "a face shows",
        Some(false) => "no face shows",
        None => "nobody looked for faces",
    };
    let reason = format!(
        "{} motion ({energy:.1}) where {} is wanted, {face}, {} in the ad: fit {:.2}",
        motion.name(),
        config.ideal_motion_level.name(),
        config.position_preference.name(),
        parts.total(),
    );
    PlacedTrigger {
        time,
        duration,
        trigger: kind,
        motion,
        energy,
        fit: parts.total(),
        parts,
        reason,
    }
}

fn insights(windows: &[TriggerWindow], length: f64) -> Vec<String> {
    let mut told = Vec::new();
    let calm: f64 = windows
        .iter()
        .filter(|window| window.level == MotionLevel::Low)
        .map(|window| window.end_time - window.start_time)
        .sum();
    told.push(format!(
        "{:.0} % of {length:.1} s are calm enough to take a message in",
        100.0 * calm / length.max(1e-9)
    ));
    let best = windows.iter().max_by(|a, b| a.absorption_score.total_cmp(&b.absorption_score));
    if let Some(best) = best {
        told.push(format!(
            "a message is taken in best from {:.1} to {:.1} s (absorption {:.2}, motion {:.1})",
            best.start_time, best.end_time, best.absorption_score, best.motion_level
        ));
    }
    if windows.len() == 1 {
        told.push("motion does not change: one window".into());
    }
    if windows.iter().all(|window| window.has_face.is_none()) {
        told.push("faces are unknown: fits count half of what a face would add".into());
    }
    told
}
