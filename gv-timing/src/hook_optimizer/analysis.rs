//! What an opening amounts to.

use super::improvements::improvements;
use super::strengths::{CLOSE_UP, HOOK_DURATION, Opening, strengths};
use super::types::{HookAnalysis, HookStrength, HookType};
use crate::{Error, Evidence, Part, Result, total};

/// What each part adds to the score at most; priors.
const WEIGHTS: [(&str, f64, &[HookType]); 5] = [
    ("face", 20.0, &[HookType::FaceHook]),
    ("motion", 20.0, &[HookType::MotionHook]),
    ("text", 15.0, &[HookType::TextHook, HookType::Question]),
    ("sound", 15.0, &[HookType::AudioHook]),
    ("change", 10.0, &[HookType::PatternInterrupt, HookType::Transformation]),
];
/// What predicted attention adds at most; a prior.
const ATTENTION: f64 = 20.0;
/// Strength from which on an opening is called a hook; a prior.
const LEAST_STRENGTH: f64 = 0.2;
/// Seconds before which the first cut is too early to have been seen.
const EARLIEST_CUT: f64 = 1.0;
/// Share of its peak below which attention has faded.
const FADED: f64 = 0.7;
/// Seconds by which a cut is moved onto a beat.
const TO_BEAT: f64 = 0.15;

/// Says what the first three seconds are, how well they work, and what to do about them.
///
/// # Errors
///
/// [`Error::InvalidParameter`] where the start or end of the video is no finite number.
pub fn analyze_hook(evidence: &Evidence) -> Result<HookAnalysis> {
    for (name, value) in [("start_time", evidence.start_time), ("end_time", evidence.end_time)] {
        if !value.is_finite() {
            return Err(Error::InvalidParameter {
                name,
                given: value.to_string(),
                allowed: "finite",
            });
        }
    }
    let opening = Opening::of(evidence);
    let strengths = strengths(evidence, &opening);
    let parts = parts(&strengths, evidence, &opening);
    let strongest = strengths
        .iter()
        .filter_map(|found| found.strength.map(|strength| (strength, found.hook_type)))
        .filter(|&(strength, _)| strength >= LEAST_STRENGTH)
        .reduce(|best, next| if next.0 >= best.0 { next } else { best });
    let (attention_times, attention_curve) = curve(evidence, &opening);
    let effectiveness_score = total(&parts);
    let unknown_points: f64 =
        parts.iter().filter(|part| !part.known).map(|part| part.possible).sum();
    Ok(HookAnalysis {
        hook_type: strongest.map(|(_, hook_type)| hook_type),
        effectiveness_score,
        possible_score: effectiveness_score + unknown_points,
        improvements: improvements(evidence, &opening, &parts),
        first_face_time: opening.first_face,
        first_motion_peak: opening.motion_peak.map(|(time, _)| time),
        first_text_time: opening.first_text,
        first_audio_peak: opening.sound_peak.map(|(time, _)| time),
        pattern_interrupt_score: opening
            .surprise
            .map(|(_, change)| -(-change / 0.15_f64).exp_m1())
            .or_else(|| evidence.light.as_ref().map(|_| 0.0)),
        emotional_intensity: intensity(evidence, &opening),
        optimal_cut_time: optimal_cut(evidence, &opening, &attention_times, &attention_curve),
        attention_curve,
        attention_times,
        unknown: unknown(evidence),
        parts,
        strengths,
    })
}

fn parts(strengths: &[HookStrength], evidence: &Evidence, opening: &Opening) -> Vec<Part> {
    let mut parts = Vec::with_capacity(WEIGHTS.len() + 1);
    for (name, possible, types) in WEIGHTS {
        let best = strengths
            .iter()
            .filter(|found| types.contains(&found.hook_type) && found.strength.is_some())
            .reduce(|best, next| if next.strength > best.strength { next } else { best });
        parts.push(match best {
            Some(best) => {
                let share = best.strength.unwrap_or(0.0);
                let reason = best.reason.clone();
                Part::known(name, possible, share, best.measured, best.time, reason)
            }
            None => Part::unknown(name, possible, &format!("{name}: nobody looked")),
        });
    }
    parts.push(match (opening.mean_attention, &evidence.attention) {
        (Some(mean), _) => {
            let reason = format!("predicted attention is {mean:.2} in the mean");
            Part::known("attention", ATTENTION, mean, Some(mean), Some(opening.start), reason)
        }
        (None, Some(_)) => {
            Part::known("attention", ATTENTION, 0.0, None, None, "there is no picture".into())
        }
        (None, None) => Part::unknown("attention", ATTENTION, "attention: nobody looked"),
    });
    parts
}

/// Attention at each measured frame of the opening.
fn curve(evidence: &Evidence, opening: &Opening) -> (Vec<f64>, Vec<f64>) {
    let Some(points) = evidence.attention.as_deref().filter(|points| !points.is_empty()) else {
        return (Vec::new(), Vec::new());
    };
    let within = |time: f64| (opening.start..opening.end).contains(&time);
    let mut times: Vec<f64> = match (&evidence.light, &evidence.motion) {
        (Some(light), _) => light.iter().map(|point| point.time).filter(|&t| within(t)).collect(),
        (None, Some(motion)) => {
            motion.iter().map(|point| point.time).filter(|&t| within(t)).collect()
        }
        (None, None) => Vec::new(),
    };
    if times.is_empty() {
        times = points.iter().map(|point| point.time).filter(|&t| within(t)).collect();
    }
    let at = |time: f64| {
        let after = points.partition_point(|point| point.time <= time);
        match (after.checked_sub(1).and_then(|i| points.get(i)), points.get(after)) {
            (Some(a), Some(b)) if b.time > a.time => {
                a.attention + (b.attention - a.attention) * (time - a.time) / (b.time - a.time)
            }
            (Some(a), _) => a.attention,
            (None, Some(b)) => b.attention,
            (None, None) => 0.0,
        }
    };
    let values = times.iter().map(|&time| at(time)).collect();
    (times, values)
}

fn intensity(evidence: &Evidence, opening: &Opening) -> f64 {
    let mut known = Vec::new();
    if evidence.faces.is_some() {
        known.push((opening.largest_face.unwrap_or(0.0) / CLOSE_UP).min(1.0));
    }
    known.extend(opening.mean_attention);
    if evidence.sound.is_some() {
        known.push(opening.sound_peak.map_or(0.0, |(_, strength)| strength));
    }
    if known.is_empty() { 0.0 } else { known.iter().sum::<f64>() / known.len() as f64 }
}

/// The first moment, a second in or later, at which attention has faded to 70 % of its peak so far; the end of the
/// opening where it holds. A beat close by takes it.
fn optimal_cut(evidence: &Evidence, opening: &Opening, times: &[f64], curve: &[f64]) -> f64 {
    let mut peak = 0.0_f64;
    let faded = times.iter().zip(curve).find(|&(&time, &value)| {
        peak = peak.max(value);
        time >= opening.start + EARLIEST_CUT && value < FADED * peak
    });
    let time = faded.map_or(opening.end, |(&time, _)| time);
    let beats = evidence.sound.iter().flat_map(|sound| &sound.beats);
    let near = beats
        .filter(|&&beat| (beat - time).abs() <= TO_BEAT && beat <= opening.start + HOOK_DURATION)
        .min_by(|a, b| (*a - time).abs().total_cmp(&(*b - time).abs()));
    near.copied().unwrap_or(time)
}

fn unknown(evidence: &Evidence) -> Vec<String> {
    let looked = [
        ("motion", evidence.motion.is_some()),
        ("attention", evidence.attention.is_some()),
        ("light", evidence.light.is_some()),
        ("faces", evidence.faces.is_some()),
        ("text", evidence.text.is_some()),
        ("sound", evidence.sound.is_some()),
    ];
    looked.into_iter().filter(|(_, known)| !known).map(|(name, _)| name.to_owned()).collect()
}
