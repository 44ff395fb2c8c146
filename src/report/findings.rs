//! What the report says to do, the most important first.

use crate::analyze::Analysis;
use crate::clock::clock_tenths;
use gv_timing::checks::{self, Check, CheckReport, Outcome};
use gv_timing::cta_optimizer::{CtaPlacement, ExistingCta};
use gv_timing::hook_optimizer::HookAnalysis;
use gv_timing::precision_av_sync::{Direction, SyncQuality};
use serde::Serialize;

/// Shifts of cuts that are named.
const MOST_SHIFTS: usize = 5;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Importance {
    /// A required check fails: the ad should not be published so.
    Must,
    /// A check fails that is advice.
    Should,
    /// What would make the ad better.
    Could,
    /// What could not be told.
    Unknown,
}

/// Something to do, or to know.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// How much it matters.
    pub importance: Importance,
    /// Where it is to be seen, in seconds.
    pub time: Option<f64>,
    /// What it is about.
    pub topic: String,
    /// What was found.
    pub text: String,
    /// What to do about it.
    pub fix: Option<String>,
}

/// What the findings are drawn from.
pub(super) struct Grounds<'a> {
    pub(super) checks: &'a CheckReport,
    pub(super) hook: &'a HookAnalysis,
    pub(super) cta: &'a ExistingCta,
    pub(super) placement: Option<&'a CtaPlacement>,
    pub(super) sync: Option<&'a SyncQuality>,
}

/// All findings, the most important first.
pub(super) fn findings(analysis: &Analysis, grounds: &Grounds<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let fails = |check| {
        let of_check = grounds.checks.findings.iter().find(|finding| finding.check == check);
        of_check.is_some_and(|finding| finding.outcome == Outcome::Fail)
    };
    for finding in &grounds.checks.findings {
        let importance = match (finding.outcome, finding.required) {
            (Outcome::Pass, _) => continue,
            (Outcome::Fail, true) => Importance::Must,
            (Outcome::Fail, false) => Importance::Should,
            (Outcome::Unknown, _) => Importance::Unknown,
        };
        found.push(of_check(finding, importance, grounds.placement));
    }
    for advice in &grounds.hook.improvements {
        // A failed check says the same.
        let told = match advice.part.as_str() {
            "face" => fails(Check::FirstFace),
            "text" => fails(Check::FirstText),
            _ => false,
        };
        if !told {
            let text = untimed(&advice.text);
            found.push(could("hook", Some(advice.time), text.to_owned(), None));
        }
    }
    if grounds.cta.cta_detected == Some(true) {
        let time = grounds.cta.cta_start_time;
        let advice = grounds.cta.recommendations.iter();
        found.extend(advice.map(|text| could("call to action", time, text.clone(), None)));
    }
    if let Some(sync) = grounds.sync.filter(|sync| sync.cuts_on_beats.is_some()) {
        found.extend(shifts(sync));
    }
    for advice in &analysis.motion.recommendations {
        let topic = advice.kind.to_string().replace('_', " ");
        found.push(could(&topic, Some(advice.time.start()), advice.reason.clone(), None));
    }
    let unknown = analysis.not_analyzed.iter().map(|part| Finding {
        importance: Importance::Unknown,
        time: None,
        topic: part.what.clone(),
        text: part.reason.clone(),
        fix: None,
    });
    found.extend(unknown);
    found.sort_by_key(|finding| finding.importance);
    found
}

fn of_check(
    finding: &checks::Finding,
    importance: Importance,
    placement: Option<&CtaPlacement>,
) -> Finding {
    let fix = match (finding.outcome, finding.check, placement) {
        (Outcome::Fail, Check::CtaPresent, Some(place)) => Some(format!(
            "{}; it would stand best from {} to {}",
            finding.fix,
            clock_tenths(place.start_time),
            clock_tenths(place.end_time)
        )),
        (Outcome::Fail, _, _) => Some(finding.fix.clone()),
        _ => None,
    };
    Finding {
        importance,
        time: finding.time,
        topic: finding.check.name().replace('_', " "),
        text: format!("{}{}", finding.reason, limits(finding)),
        fix,
    }
}

fn limits(finding: &checks::Finding) -> String {
    let unit = finding.unit.as_str();
    match (finding.measured, finding.at_least, finding.at_most) {
        (None, _, _) | (_, None, None) => String::new(),
        (_, Some(least), Some(most)) => format!(" (wanted: {least} to {most} {unit})"),
        (_, Some(least), None) => format!(" (wanted: at least {least} {unit})"),
        (_, None, Some(most)) => format!(" (wanted: at most {most} {unit})"),
    }
}

fn shifts(sync: &SyncQuality) -> Vec<Finding> {
    let mut found: Vec<Finding> = sync
        .recut
        .adjustments
        .iter()
        .take(MOST_SHIFTS)
        .map(|shift| {
            let by = match shift.frames.map(i64::abs) {
                Some(1) => "1 frame".to_owned(),
                Some(frames) => format!("{frames} frames"),
                None => format!("{:.0} ms", 1000.0 * shift.adjustment_needed.abs()),
            };
            let way = match shift.direction {
                Direction::Earlier => "earlier",
                Direction::Later => "later",
            };
            let text = format!("the cut misses the beat at {:.2} s", shift.target_audio_time);
            let time = Some(shift.current_visual_time);
            could("sync", time, text, Some(format!("cut {by} {way}")))
        })
        .collect();
    found.sort_by(|a, b| a.time.unwrap_or(0.0).total_cmp(&b.time.unwrap_or(0.0)));
    found
}

fn could(topic: &str, time: Option<f64>, text: String, fix: Option<String>) -> Finding {
    Finding { importance: Importance::Could, time, topic: topic.to_owned(), text, fix }
}

/// Advice without the time that it begins with, which stands beside it.
fn untimed(text: &str) -> &str {
    match text.split_once(" s: ") {
        Some((time, rest)) if time.parse::<f64>().is_ok() => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_once() {
        assert_eq!(untimed("0.0 s: no face"), "no face");
        assert_eq!(untimed("hold it for 3 s: it is short"), "hold it for 3 s: it is short");
    }
}
