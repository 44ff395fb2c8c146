//! From a video's analysis to a pattern.

use super::pattern::WinningAdPattern;
use serde_json::Value;
use std::collections::BTreeSet;

/// Motion at which the specification's classes begin, in source pixels per frame interval: priors.
const MEDIUM: f64 = 5.0;
const HIGH: f64 = 15.0;
/// Seconds that count as the hook.
const HOOK: f64 = 3.0;
const RATIOS: [(&str, f64); 5] =
    [("9:16", 9.0 / 16.0), ("4:5", 0.8), ("1:1", 1.0), ("16:9", 16.0 / 9.0), ("21:9", 21.0 / 9.0)];

/// Takes what an analysis measured into a pattern; what it did not look at stays empty or `unknown`. The
/// caller adds platform, format, objective, industry and figures.
pub fn extract_pattern(analysis: &Value) -> WinningAdPattern {
    let mut pattern = WinningAdPattern::default();
    let frames = list(&analysis["motion"]["frames"]);
    let end = list(&analysis["shots"]["shots"])
        .last()
        .and_then(|shot| shot["end_time"].as_f64())
        .or_else(|| analysis["video"]["duration"].as_f64());
    pattern.duration_seconds = end.unwrap_or(0.0);
    let early: Vec<f64> = frames
        .iter()
        .filter(|frame| frame["timestamp"].as_f64().is_some_and(|time| time <= HOOK))
        .filter_map(|frame| frame["motion"]["mean_energy"].as_f64())
        .collect();
    pattern.hook_pattern.motion_level = match mean(&early) {
        None => "unknown",
        Some(energy) if energy >= HIGH => "high",
        Some(energy) if energy >= MEDIUM => "medium",
        Some(_) => "low",
    }
    .into();
    pattern.hook_pattern.hook_type = "unknown".into();
    let moments = list(&analysis["moments"]);
    let start_of = |kind: &str| {
        moments
            .iter()
            .find(|moment| moment["moment_type"] == kind)
            .and_then(|moment| moment["timestamp_start"].as_f64())
    };
    if let Some(start) = start_of("hook") {
        pattern.hook_pattern.timing.insert("hook".into(), start);
        pattern.hook_pattern.hook_type = "motion".into();
    }
    if let Some(start) = start_of("cta").filter(|_| pattern.duration_seconds > 0.0) {
        pattern.cta_pattern.cta_timing = (start / pattern.duration_seconds).clamp(0.0, 1.0);
    }
    let kinds: BTreeSet<String> = list(&analysis["shots"]["boundaries"])
        .iter()
        .filter_map(|boundary| boundary["kind"].as_str().map(str::to_owned))
        .collect();
    pattern.visual_pattern.transitions = kinds.into_iter().collect();
    pattern.visual_pattern.aspect_ratio = aspect_ratio(&analysis["video"]);
    pattern
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The nearest usual ratio within 3 %, else the sizes themselves.
fn aspect_ratio(video: &Value) -> String {
    let size = |name: &str| video[name].as_f64().filter(|size| *size > 0.0);
    let (Some(width), Some(height)) =
        (size("display_width").or(size("width")), size("display_height").or(size("height")))
    else {
        return "unknown".into();
    };
    let ratio = width / height;
    RATIOS
        .iter()
        .find(|(_, usual)| (ratio / usual - 1.0).abs() < 0.03)
        .map_or_else(|| format!("{width:.0}:{height:.0}"), |(name, _)| (*name).to_owned())
}
