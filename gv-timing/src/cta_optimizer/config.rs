//! What a call to action can be, and the tables of those that suit an industry or a goal.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CtaType {
    /// A button of any text.
    Button,
    /// To swipe up.
    SwipeUp,
    /// To follow the link of a profile.
    LinkBio,
    /// To shop.
    ShopNow,
    /// To read on.
    LearnMore,
    /// To sign up.
    SignUp,
    /// To download.
    Download,
    /// To call.
    CallNow,
    /// To act before a clock runs out.
    Countdown,
    /// Something else.
    Custom,
}

/// Where in a video a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CtaPosition {
    /// In the last 3 to 5 seconds.
    End,
    /// From 70 to 85 % of the video.
    MidEnd,
    /// Several times.
    Repeated,
    /// At half of the video and at its end.
    EarlyEnd,
}

impl CtaPosition {
    /// The stretches of a video of `duration` seconds in which a call of `length` seconds stands.
    pub(super) fn stretches(self, duration: f64, length: f64) -> Vec<(f64, f64)> {
        let end = ((duration - length.max(5.0)).max(0.0), duration);
        match self {
            Self::End => vec![end],
            Self::MidEnd => vec![(0.7 * duration, 0.85 * duration)],
            Self::Repeated => {
                vec![(0.25 * duration, 0.4 * duration), (0.5 * duration, 0.65 * duration), end]
            }
            Self::EarlyEnd => vec![(0.45 * duration, 0.6 * duration), end],
        }
    }
}

/// A call to action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CtaConfig {
    /// What it asks for.
    pub cta_type: CtaType,
    /// What it says.
    pub text: String,
    /// Where it stands.
    pub position: CtaPosition,
    /// For how many seconds.
    pub duration: f64,
    /// What presses.
    pub urgency_text: Option<String>,
    /// Seconds of a clock that runs out.
    pub countdown_seconds: Option<u32>,
    /// Colour of the button as `#RRGGBB`.
    pub button_color: String,
    /// How it moves.
    pub animation: String,
}

/// `data/cta.json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tables {
    pub(super) industries: BTreeMap<String, CtaConfig>,
    pub(super) goals: BTreeMap<String, CtaConfig>,
    pub(super) synonyms: Vec<Vec<String>>,
    pub(super) endings: Vec<String>,
    pub(super) openings: Vec<String>,
    /// Words that ask for something.
    pub(super) words: Vec<String>,
    /// Words that press.
    pub(super) urgent: Vec<String>,
}

pub(super) fn tables() -> Result<Tables> {
    serde_json::from_str(include_str!("../../data/cta.json"))
        .map_err(|error| Error::table("calls to action", &error))
}

/// The calls that suit each industry; priors of the specification.
///
/// # Errors
///
/// [`Error::Table`] where the built-in table is damaged, which a test rules out.
pub fn industries() -> Result<BTreeMap<String, CtaConfig>> {
    Ok(tables()?.industries)
}

/// The call that suits `industry`, and the name under which it was found: `ecommerce` for an industry that has none of
/// its own.
///
/// # Errors
///
/// As for [`industries`].
pub fn best_for_industry(industry: &str) -> Result<(String, CtaConfig)> {
    let mut table = industries()?;
    let wanted = plain(industry);
    let name = if table.contains_key(&wanted) { wanted } else { "ecommerce".to_owned() };
    let config = table.remove(&name).ok_or_else(|| Error::Table {
        what: "calls to action",
        reason: "ecommerce is missing".into(),
    })?;
    Ok((name, config))
}

/// The call that suits a goal.
///
/// # Errors
///
/// [`Error::Unknown`] for a goal that has none; its text lists those there are.
pub fn best_for_goal(goal: &str) -> Result<CtaConfig> {
    let mut table = tables()?.goals;
    table.remove(&plain(goal)).ok_or_else(|| Error::Unknown {
        what: "goal",
        given: goal.into(),
        known: table.into_keys().collect(),
    })
}

fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}
