//! The few figures that stand at the top.

use super::findings::Grounds;
use crate::analyze::Analysis;
use gv_timing::checks::{Check, Outcome};
use serde::Serialize;

/// How a figure is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// Neither; a fact.
    Plain,
    /// It could not be told.
    Unknown,
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Tile {
    /// What it is.
    pub name: &'static str,
    /// Its value with its unit, or one word.
    pub value: String,
    /// What stands behind it, in a few words.
    pub about: String,
    /// How it is to be taken.
    pub mood: Mood,
}

pub(super) fn tiles(analysis: &Analysis, grounds: &Grounds<'_>) -> Vec<Tile> {
    vec![checks(grounds), hook(grounds), cta(grounds), sync(grounds), loudness(analysis, grounds)]
}

fn mood(grounds: &Grounds<'_>, check: Check) -> Mood {
    let of_check = grounds.checks.findings.iter().find(|finding| finding.check == check);
    match of_check.map(|finding| finding.outcome) {
        Some(Outcome::Pass) => Mood::Good,
        Some(Outcome::Fail) => Mood::Bad,
        Some(Outcome::Unknown) => Mood::Unknown,
        None => Mood::Plain,
    }
}

fn checks(grounds: &Grounds<'_>) -> Tile {
    let report = grounds.checks;
    let failed = report.count(Outcome::Fail);
    let must = report.findings.iter().filter(|f| f.required && f.outcome == Outcome::Fail).count();
    let mut about = match (failed, must) {
        (0, _) => "none fails".to_owned(),
        (failed, 0) => format!("{failed} fail, none that is required"),
        (failed, must) => format!("{failed} fail, {must} of them required"),
    };
    let unknown = report.count(Outcome::Unknown);
    if unknown > 0 {
        about.push_str(&format!("; {unknown} unknown"));
    }
    let value = format!("{} of {}", report.count(Outcome::Pass), report.findings.len());
    let mood = if must > 0 { Mood::Bad } else { Mood::Good };
    Tile { name: "checks passed", value, about, mood }
}

fn hook(grounds: &Grounds<'_>) -> Tile {
    let hook = grounds.hook;
    let score = hook.effectiveness_score;
    let mut about = match hook.hook_type {
        Some(kind) => format!("works by {}", kind.name().replace('_', " ").replace(" hook", "")),
        None => "nothing in it is strong enough".to_owned(),
    };
    if hook.possible_score - score > 0.5 {
        about.push_str(&format!("; up to {:.0} with what is unknown", hook.possible_score));
    }
    let mood = mood(grounds, Check::Hook);
    Tile { name: "hook", value: format!("{score:.0} of 100"), about, mood }
}

fn cta(grounds: &Grounds<'_>) -> Tile {
    let cta = grounds.cta;
    let value = match cta.cta_detected {
        Some(true) => format!("{:.0} of 100", cta.cta_visibility_score),
        Some(false) => "none".to_owned(),
        None => "unknown".to_owned(),
    };
    let about = match (cta.cta_detected, cta.cta_start_time, cta.cta_duration) {
        (Some(true), Some(start), Some(stands)) => {
            format!("visibility; from {start:.1} s on, for {stands:.1} s")
        }
        (Some(true), ..) => "visibility".to_owned(),
        (Some(false), ..) => "no button, no writing that asks".to_owned(),
        (None, ..) => cta.unknown.first().cloned().unwrap_or_default(),
    };
    Tile { name: "call to action", value, about, mood: mood(grounds, Check::CtaPresent) }
}

fn sync(grounds: &Grounds<'_>) -> Tile {
    let name = "cuts on beats";
    let Some(sync) = grounds.sync else {
        let about = "there is no sound to cut to".to_owned();
        return Tile { name, value: "unknown".into(), about, mood: Mood::Unknown };
    };
    match &sync.cuts_on_beats {
        None => {
            let about = "there is no beat, or no cut".to_owned();
            Tile { name, value: "none".into(), about, mood: Mood::Plain }
        }
        Some(beside) => {
            let chance = beside.chance_percentage;
            let about = format!(
                "{} of {}; {chance:.0} % by chance (p {:.2})",
                beside.synced, beside.visual_peaks, beside.p_value
            );
            let mood = if beside.p_value <= 0.05 { Mood::Good } else { Mood::Plain };
            Tile { name, value: format!("{:.0} %", beside.percentage), about, mood }
        }
    }
}

fn loudness(analysis: &Analysis, grounds: &Grounds<'_>) -> Tile {
    let name = "loudness";
    let measured = analysis.sound.as_ref().and_then(|heard| heard.loudness.as_ref());
    let mood = mood(grounds, Check::Loudness);
    let Some(loudness) = measured else {
        let about = "it was not measured".to_owned();
        return Tile { name, value: "unknown".into(), about, mood: Mood::Unknown };
    };
    let value = match loudness.integrated {
        Some(value) => format!("{value:.1} LUFS"),
        None => "silence".to_owned(),
    };
    let about = match loudness.true_peak {
        Some(peak) => format!("true peak {peak:.1} dBTP"),
        None => String::new(),
    };
    Tile { name, value, about, mood }
}
