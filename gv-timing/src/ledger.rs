//! Scores that break down into parts.

use serde::{Deserialize, Serialize};

/// One part of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Part {
    /// What it stands for.
    pub name: String,
    /// What it adds to the score; 0 where it is unknown.
    pub value: f64,
    /// What it adds at most.
    pub possible: f64,
    /// What was measured, in the unit that `reason` names; `None` where it is unknown, or nothing is there.
    pub measured: Option<f64>,
    /// Where, in seconds.
    pub time: Option<f64>,
    /// Whether anybody looked; what is unknown is not absent.
    pub known: bool,
    /// What was found, in words.
    pub reason: String,
}

impl Part {
    /// A part that adds `share` (0 to 1) of `possible`.
    pub(crate) fn known(
        name: &str,
        possible: f64,
        share: f64,
        measured: Option<f64>,
        time: Option<f64>,
        reason: String,
    ) -> Self {
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        let value = possible * share;
        Self { name: name.into(), value, possible, measured, time, known: true, reason }
    }

    /// A part of which nothing is known.
    pub(crate) fn unknown(name: &str, possible: f64, reason: &str) -> Self {
        Self {
            name: name.into(),
            value: 0.0,
            possible,
            measured: None,
            time: None,
            known: false,
            reason: reason.into(),
        }
    }
}

/// The score that parts add up to.
pub fn total(parts: &[Part]) -> f64 {
    parts.iter().map(|part| part.value).sum()
}
