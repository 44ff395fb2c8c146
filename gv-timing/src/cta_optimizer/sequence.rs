//! The closing of a video, second by second.

use super::config::best_for_industry;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Seconds before the call that build up to it; a prior.
const LEAD: f64 = 3.0;
/// Part of the video that the closing takes at most.
const LARGEST_SHARE: f64 = 0.5;

/// A step of a closing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SequenceElement {
    /// `pre_cta`, `cta` or `urgency`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it begins, in seconds.
    pub start: f64,
    /// When it is over, in seconds.
    pub end: f64,
    /// What is said or shown.
    pub content: String,
    /// How much should move: `high` to build up, `low` to read by; `None` for what lies over another.
    pub motion_level: Option<String>,
    /// Colour of the button, of the call only.
    pub button_color: Option<String>,
    /// How it moves, of the call only.
    pub animation: Option<String>,
    /// Whether it lies over the call; `None` for what does not.
    pub overlay: Option<bool>,
}

/// A closing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CtaSequence {
    /// Length of the video in seconds.
    pub video_duration: f64,
    /// The industry that was asked for.
    pub industry: String,
    /// The industry whose call was taken.
    pub industry_used: String,
    /// The steps in the order of time.
    pub sequence: Vec<SequenceElement>,
    /// What to mind.
    pub optimization_tips: Vec<String>,
}

/// Plans the closing of a video of `duration` seconds.
///
/// It takes half of the video at most; a short video has a short one. An industry without a call of its own gets that of
/// `ecommerce`, and `industry_used` says so.
///
/// # Errors
///
/// [`Error::InvalidParameter`] for a duration that is not finite and above 0.
pub fn generate_sequence(duration: f64, industry: &str) -> Result<CtaSequence> {
    if !(duration.is_finite() && duration > 0.0) {
        return Err(Error::InvalidParameter {
            name: "video_duration",
            given: duration.to_string(),
            allowed: "finite, above 0",
        });
    }
    let (industry_used, config) = best_for_industry(industry)?;
    let wanted = LEAD + config.duration;
    let scale = (LARGEST_SHARE * duration / wanted).min(1.0);
    let call = duration - config.duration * scale;
    let lead = call - LEAD * scale;
    let element = |kind: &str, start, end, content: String| SequenceElement {
        kind: kind.into(),
        start,
        end,
        content,
        motion_level: None,
        button_color: None,
        animation: None,
        overlay: None,
    };
    let pressing = config.urgency_text.as_deref().unwrap_or("what the viewer gains by acting");
    let mut sequence = vec![
        SequenceElement {
            motion_level: Some("high".into()),
            ..element("pre_cta", lead, call, format!("Build up to it: {pressing}"))
        },
        SequenceElement {
            motion_level: Some("low".into()),
            button_color: Some(config.button_color.clone()),
            animation: Some(config.animation.clone()),
            ..element("cta", call, duration, config.text.clone())
        },
    ];
    if let Some(text) = &config.urgency_text {
        let start = call + (duration - call) / 4.0;
        sequence.push(SequenceElement {
            overlay: Some(true),
            ..element("urgency", start, duration, text.clone())
        });
    }
    let mut optimization_tips = vec![
        format!(
            "let the picture stand from {call:.1} s on: a call is read in calm (prior: 1.8 times the focus)"
        ),
        format!(
            "press from {lead:.1} s to {call:.1} s: a call after urgency is clicked more (prior: 2.1 times)"
        ),
        "keep the button out of the margins that the platform's controls cover".to_owned(),
    ];
    if scale < 1.0 {
        optimization_tips.push(format!(
            "{duration:.1} s leave the call {:.1} s of the {:.1} s that it wants",
            config.duration * scale,
            config.duration
        ));
    }
    if industry_used != industry.trim().to_lowercase() {
        optimization_tips.push(format!(
            "{industry:?} has no call of its own; that of {industry_used} was taken"
        ));
    }
    Ok(CtaSequence {
        video_duration: duration,
        industry: industry.into(),
        industry_used,
        sequence,
        optimization_tips,
    })
}
