//! Hard cuts: one step that replaces the picture, out of line with the steps around it.

use super::distance::Difference;

/// Grey levels added to the surrounding change, so that compression noise stands out from nothing.
const CALM: f32 = 1.0;
/// Times that a step must exceed its surroundings to be as likely a cut as not.
const STANDS_OUT: f64 = 2.7;
/// Share of the picture that must be replaced to be as likely a cut as not.
const REPLACED: f64 = 0.22;
/// Share of the structure that is kept in a step that is as likely a cut as not.
const KEPT: f64 = 0.45;

/// Share of the picture below which a step is not looked at.
const LEAST_REPLACED: f32 = 0.05;

/// What is kept of the step to a frame from the one before it, for the whole video.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Step {
    /// Presentation time of the frame, in seconds.
    pub(super) time: f64,
    /// Change that motion does not explain, and change of colours, in grey levels.
    pub(super) change: f32,
    /// Share of the picture that is replaced: 0 none, from about 0.5 unrelated pictures.
    pub(super) replaced: f32,
    /// Share of the structure that both frames have.
    pub(super) kept: f32,
    /// Whether the frame shows one plain colour.
    pub(super) plain: bool,
    /// Whether the picture before the step is back a moment later, or the one after it was there a
    /// moment earlier.
    pub(super) returns: bool,
}

impl Step {
    pub(super) fn new(time: f64, difference: Difference, plain: bool) -> Self {
        let kept = difference.kept;
        let change = difference.amount() + difference.colour;
        Self { time, change, replaced: difference.replaced(), kept, plain, returns: false }
    }
}

/// Evidence that the step at `at` is a hard cut, 0 to 1: the product of how surely the picture is
/// replaced, how little of its structure stays, and how surely the step stands out from those within `span` seconds (at least `least`
/// frames) on each side.
pub(super) fn evidence(steps: &[Step], at: usize, span: f64, least: usize) -> f64 {
    let step = &steps[at];
    if step.returns || step.replaced < LEAST_REPLACED {
        return 0.0;
    }
    let around = surroundings(steps, at, span, least);
    let stands_out = f64::from(step.change) / f64::from(around + CALM);
    logistic(4.0 * (stands_out.max(1e-6) / STANDS_OUT).ln())
        * logistic(20.0 * (f64::from(step.replaced) - REPLACED))
        * logistic(15.0 * (KEPT - f64::from(step.kept)))
}

/// The logistic function.
pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The greater of the upper quartiles of change before and after the step at `at`.
fn surroundings(steps: &[Step], at: usize, span: f64, least: usize) -> f32 {
    let now = steps[at].time;
    let near = |(i, s): &(usize, &Step)| *i < least || (s.time - now).abs() <= span;
    let before = steps[1..at].iter().rev().enumerate().take_while(near);
    let after = steps[at + 1..].iter().enumerate().take_while(near);
    upper_quartile(before.map(|(_, s)| s.change).collect())
        .max(upper_quartile(after.map(|(_, s)| s.change).collect()))
}

fn upper_quartile(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() * 3 / 4).copied().unwrap_or(0.0)
}
