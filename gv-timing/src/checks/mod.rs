//! Checks before an ad is published: each pass, fail or unknown, with the time and value that decide.
//!
//! The rules are data (`data/checks.json`): limits, fixes, and which of them are required. Limits that are no standard's
//! are priors. What nobody looked at is unknown, never a pass.

mod message;
mod picture;
mod rules;
mod sound;
#[cfg(test)]
mod tests;

pub use rules::{Check, Rule, Rules};

use crate::cta_optimizer::{ExistingCta, score_existing_cta};
use crate::hook_optimizer::{HookAnalysis, analyze_hook};
use crate::placements::{Placement, Placements};
use crate::{Evidence, Result};
use gv_vision::picture::PictureAnalysis;
use serde::{Deserialize, Serialize};

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is as it should be.
    Pass,
    /// It is not.
    Fail,
    /// It could not be told.
    Unknown,
}

/// The outcome of one rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// What was checked.
    pub check: Check,
    /// How it went.
    pub outcome: Outcome,
    /// Whether an ad must pass it.
    pub required: bool,
    /// Where the evidence is, in seconds.
    pub time: Option<f64>,
    /// What was measured, in `unit`.
    pub measured: Option<f64>,
    /// The lowest value that passes.
    pub at_least: Option<f64>,
    /// The highest value that passes.
    pub at_most: Option<f64>,
    /// The unit of the values.
    pub unit: String,
    /// What was found, in words.
    pub reason: String,
    /// What to do about it.
    pub fix: String,
}

/// The outcome of all rules, in their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CheckReport {
    /// The placement that the ad was checked for; `None` for any.
    pub placement: Option<String>,
    /// When the table of placements was looked up.
    pub placements_dated: String,
    /// The outcomes.
    pub findings: Vec<Finding>,
}

impl CheckReport {
    /// Number of outcomes of a kind.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.findings.iter().filter(|finding| finding.outcome == outcome).count()
    }

    /// Whether no required check failed; where `strict`, none is unknown either.
    pub fn passes(&self, strict: bool) -> bool {
        self.findings.iter().filter(|finding| finding.required).all(|finding| {
            finding.outcome == Outcome::Pass || (!strict && finding.outcome == Outcome::Unknown)
        })
    }
}

/// What a check found, before the rule's limits are applied.
#[derive(Debug, Clone, PartialEq)]
enum Found {
    /// A value that the limits decide on.
    Value { measured: f64, time: Option<f64>, reason: String },
    /// What the limits cannot decide.
    Decided { outcome: Outcome, measured: Option<f64>, time: Option<f64>, reason: String },
}

impl Found {
    fn value(measured: f64, time: Option<f64>, reason: impl Into<String>) -> Self {
        Self::Value { measured, time, reason: reason.into() }
    }

    fn unknown(reason: impl Into<String>) -> Self {
        Self::Decided {
            outcome: Outcome::Unknown,
            measured: None,
            time: None,
            reason: reason.into(),
        }
    }

    fn decided(passes: bool, time: Option<f64>, reason: impl Into<String>) -> Self {
        let outcome = if passes { Outcome::Pass } else { Outcome::Fail };
        Self::Decided { outcome, measured: None, time, reason: reason.into() }
    }
}

/// All that the checks look at.
#[derive(Debug)]
struct Case<'a> {
    evidence: &'a Evidence,
    picture: Option<&'a PictureAnalysis>,
    placements: &'a [Placement],
    hook: HookAnalysis,
    cta: ExistingCta,
}

/// Checks an ad by `rules`, for the placement named, or where none is, for any of the table.
///
/// # Errors
///
/// [`Error::Unknown`](crate::Error::Unknown) for a placement that the table does not hold, and those of
/// [`analyze_hook`].
pub fn check(
    evidence: &Evidence,
    picture: Option<&PictureAnalysis>,
    rules: &Rules,
    placements: &Placements,
    placement: Option<&str>,
) -> Result<CheckReport> {
    let one;
    let wanted: &[Placement] = match placement {
        Some(name) => {
            one = [placements.get(name)?.clone()];
            &one
        }
        None => &placements.placements,
    };
    let hook = analyze_hook(evidence)?;
    let cta = score_existing_cta(evidence, placements)?;
    let case = Case { evidence, picture, placements: wanted, hook, cta };
    let findings = rules.rules.iter().map(|rule| finding(rule, found(&case, rule))).collect();
    Ok(CheckReport {
        placement: placement.map(str::to_owned),
        placements_dated: placements.dated.clone(),
        findings,
    })
}

fn found(case: &Case<'_>, rule: &Rule) -> Found {
    match rule.check {
        Check::Black => picture::black(case),
        Check::Frozen => picture::frozen(case),
        Check::Letterbox => picture::letterbox(case),
        Check::LuminanceFlashes => picture::flashes(case, false),
        Check::RedFlashes => picture::flashes(case, true),
        Check::Aspect => picture::aspect(case),
        Check::Duration => picture::duration(case),
        Check::LongestShot => picture::longest_shot(case),
        Check::CutsInThreeSeconds => picture::cuts_in_three_seconds(case),
        Check::Hook => message::hook(case, rule),
        Check::FirstFace => message::first_face(case),
        Check::FirstText => message::first_text(case),
        Check::CtaPresent => message::cta_present(case),
        Check::CtaSafeZone => message::cta_safe_zone(case),
        Check::CtaContrast => message::cta_contrast(case),
        Check::WorksMuted => sound::works_muted(case),
        Check::Loudness => sound::loudness(case),
        Check::TruePeak => sound::true_peak(case),
    }
}

fn finding(rule: &Rule, found: Found) -> Finding {
    let (outcome, measured, time, reason) = match found {
        Found::Value { measured, time, reason } => {
            let low = rule.at_least.is_none_or(|least| measured >= least);
            let high = rule.at_most.is_none_or(|most| measured <= most);
            let outcome = if low && high { Outcome::Pass } else { Outcome::Fail };
            (outcome, Some(measured), time, reason)
        }
        Found::Decided { outcome, measured, time, reason } => (outcome, measured, time, reason),
    };
    Finding {
        check: rule.check,
        outcome,
        required: rule.required,
        time,
        measured,
        at_least: rule.at_least,
        at_most: rule.at_most,
        unit: rule.check.unit().to_owned(),
        reason,
        fix: rule.fix.clone(),
    }
}
