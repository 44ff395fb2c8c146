//! Where a call to action belongs.

use super::config::CtaConfig;
use crate::{Error, Evidence, Part, Result, Span, total};
use serde::{Deserialize, Serialize};

/// Seconds in which a video is tried.
const STEP: f64 = 0.1;
/// Places that are tried at most; a long video is tried in wider steps.
const MOST_PLACES: f64 = 3000.0;
/// Seconds before a call in which it is prepared.
const BEFORE: f64 = 3.0;
/// Seconds by which a start may miss a beat or a cut.
const NEAR: f64 = 0.1;

/// A call at its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CtaPlacement {
    /// When it begins, in seconds.
    pub start_time: f64,
    /// When it is over, in seconds.
    pub end_time: f64,
    /// The call.
    pub cta_config: CtaConfig,
    /// 0 to 1: the sum of `parts`. What is unknown adds nothing.
    pub confidence_score: f64,
    /// What speaks for the place.
    pub parts: Vec<Part>,
    /// Why here, in words.
    pub reason: String,
    /// What should happen before, in the order of time.
    pub pre_cta_sequence: Vec<String>,
}

/// Finds the stretch in which `config` stands best: calm, at its position, after a build-up, inside of one shot, from a
/// beat on, and not beside a face that draws the eye. The weights are priors.
///
/// # Errors
///
/// [`Error::InvalidParameter`] where the video has no length, or the call's is not finite and above 0.
pub fn analyze_cta_timing(evidence: &Evidence, config: &CtaConfig) -> Result<CtaPlacement> {
    let duration = evidence.duration();
    let allowed = "finite, above 0";
    if !(duration > 0.0 && evidence.start_time.is_finite()) {
        let given = (evidence.end_time - evidence.start_time).to_string();
        return Err(Error::InvalidParameter { name: "duration", given, allowed });
    }
    if !(config.duration.is_finite() && config.duration > 0.0) {
        let given = config.duration.to_string();
        return Err(Error::InvalidParameter { name: "duration of the call", given, allowed });
    }
    let length = config.duration.min(duration);
    let (first, last) = (evidence.start_time, evidence.end_time - length);
    let step = STEP.max((last - first) / MOST_PLACES);
    let places = ((last - first) / step).floor() as usize;
    let mut tried: Vec<f64> = (0..=places).map(|n| first + n as f64 * step).chain([last]).collect();
    let beats = evidence.sound.iter().flat_map(|sound| &sound.beats);
    let exact = beats.chain(evidence.cuts.iter().flatten()).copied();
    tried.extend(exact.filter(|time| (first..=last).contains(time)));
    tried.sort_by(f64::total_cmp);
    let overall = evidence.mean_energy(evidence.start_time, evidence.end_time);
    let mut best: Option<(f64, Vec<Part>)> = None;
    for start in tried {
        let parts =
            parts(evidence, config, Span { start_time: start, end_time: start + length }, overall);
        if best.as_ref().is_none_or(|(_, held)| total(&parts) > total(held) + 1e-9) {
            best = Some((start, parts));
        }
    }
    let (start, parts) = best.unwrap_or((first, Vec::new()));
    let reason = parts
        .iter()
        .filter(|part| part.known && part.value >= 0.5 * part.possible)
        .map(|part| part.reason.as_str())
        .collect::<Vec<_>>()
        .join("; ");
    Ok(CtaPlacement {
        start_time: start,
        end_time: start + length,
        cta_config: config.clone(),
        confidence_score: total(&parts),
        reason: if reason.is_empty() { "no place stands out".into() } else { reason },
        pre_cta_sequence: before(evidence, config, start, &parts),
        parts,
    })
}

fn parts(evidence: &Evidence, config: &CtaConfig, span: Span, overall: Option<f64>) -> Vec<Part> {
    let Span { start_time: start, end_time: end } = span;
    let length = span.duration().max(1e-9);
    let mut parts = Vec::with_capacity(6);
    let during = evidence.mean_energy(start, end);
    parts.push(match (during, overall) {
        (Some(during), Some(overall)) => {
            let sum = during + overall;
            let calm = if sum > 0.0 { 1.0 - during / sum } else { 1.0 };
            let reason = format!("motion is {during:.1} here, {overall:.1} in the mean");
            Part::known("calm", 0.30, calm, Some(during), Some(start), reason)
        }
        _ => Part::unknown("calm", 0.30, "motion is unknown"),
    });
    let duration = evidence.duration();
    let stretches = config.position.stretches(duration, length);
    let inside = stretches
        .iter()
        .map(|&(a, b)| span.overlap(evidence.start_time + a, evidence.start_time + b))
        .fold(0.0, f64::max);
    let widest = stretches.iter().map(|&(a, b)| (b - a).min(length)).fold(0.0, f64::max).max(1e-9);
    let at = (start - evidence.start_time) / duration;
    let reason = format!("it begins at {:.0} % of the video", 100.0 * at);
    parts.push(Part::known("position", 0.25, inside / widest, Some(at), Some(start), reason));
    parts.push(match (evidence.mean_energy(start - BEFORE, start), during) {
        (Some(before), Some(during)) => {
            let sum = before + during;
            let falls = if sum > 0.0 { (before - during) / sum } else { 0.0 };
            let reason = format!("motion falls from {before:.1} to {during:.1}");
            Part::known("build_up", 0.15, falls, Some(before), Some(start), reason)
        }
        (None, _) if evidence.motion.is_some() => {
            Part::known("build_up", 0.15, 0.0, None, Some(start), "nothing comes before".into())
        }
        _ => Part::unknown("build_up", 0.15, "motion is unknown"),
    });
    parts.push(match evidence.cuts_between(start + NEAR, end - NEAR) {
        Some(cuts) => {
            let on_cut = evidence.cuts.iter().flatten().any(|cut| (cut - start).abs() <= NEAR);
            let share = if cuts > 0 {
                0.3 / cuts as f64
            } else if on_cut {
                1.0
            } else {
                0.7
            };
            let reason = match (cuts, on_cut) {
                (0, true) => "it begins with a shot, and no cut breaks it".to_owned(),
                (0, false) => "no cut breaks it".to_owned(),
                (cuts, _) => format!("{cuts} cuts break it"),
            };
            Part::known("shot", 0.15, share, Some(cuts as f64), Some(start), reason)
        }
        None => Part::unknown("shot", 0.15, "shots are unknown"),
    });
    parts.push(match &evidence.sound {
        Some(sound) => {
            let near =
                sound.beats.iter().map(|beat| (beat - start).abs()).fold(f64::INFINITY, f64::min);
            let share = if near <= NEAR { 1.0 - 0.5 * near / NEAR } else { 0.0 };
            let reason = format!("a beat is {:.0} ms away", 1000.0 * near.min(99.0));
            Part::known("beat", 0.10, share, near.is_finite().then_some(near), Some(start), reason)
        }
        None => Part::unknown("beat", 0.10, "sound is unknown"),
    });
    parts.push(match &evidence.faces {
        Some(faces) => {
            let seen = faces.iter().map(|face| face.span.overlap(start, end)).fold(0.0, f64::max);
            let free = 1.0 - seen / length;
            let reason = format!("no face beside it for {:.0} % of the time", 100.0 * free);
            Part::known("no_face", 0.05, free, Some(seen), Some(start), reason)
        }
        None => Part::unknown("no_face", 0.05, "faces are unknown"),
    });
    parts
}

fn before(evidence: &Evidence, config: &CtaConfig, start: f64, parts: &[Part]) -> Vec<String> {
    let mut steps = Vec::new();
    let lead = (start - BEFORE).max(evidence.start_time);
    if start - lead < 0.5 {
        return steps;
    }
    let middle = lead + (start - lead) / 2.0;
    let built = parts.iter().find(|part| part.name == "build_up");
    match built.filter(|part| part.known) {
        Some(part) if part.value >= 0.5 * part.possible => {
            steps.push(format!(
                "{lead:.1} s: keep the motion of {:.1}",
                part.measured.unwrap_or(0.0)
            ));
        }
        Some(part) => steps.push(format!(
            "{lead:.1} s: raise the pace (motion is {:.1})",
            part.measured.unwrap_or(0.0)
        )),
        None => steps.push(format!("{lead:.1} s: raise the pace")),
    }
    let pressing = config.urgency_text.as_deref().unwrap_or("what the viewer gains by acting");
    steps.push(format!("{middle:.1} s: say it: {pressing}"));
    steps.push(format!("{start:.1} s: calm down and hold for {:?}", config.text));
    steps
}
