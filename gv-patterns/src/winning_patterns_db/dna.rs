//! What winners have and losers have not.

use super::hooks::ranked_hooks as ranked_types;
use super::pattern::{WinningAdPattern, fold};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// `Φ⁻¹(0.95)`: intervals hold 90 %.
const Z90: f64 = 1.644_853_626_951_472_2;
const MOST_COLORS: usize = 5;

/// A property, how often patterns have it, and how often losers have it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Trait {
    /// Such as `hook_type`.
    pub name: String,
    /// Such as `question`.
    pub value: String,
    /// Patterns that have it.
    pub count: usize,
    /// Their share.
    pub share: f64,
    /// Share of the losers that have it; `None` without losers.
    pub contrast_share: Option<f64>,
    /// Share divided by that of the losers; `None` without losers.
    pub lift: Option<f64>,
    /// Central 90 % of the lift.
    pub lift_interval: Option<(f64, f64)>,
}

/// What patterns have in common, and whether it sets them apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CreativeDna {
    /// The most frequent type of hook.
    pub dominant_hook: Option<String>,
    /// The most frequent colours.
    pub common_colors: Vec<String>,
    /// The call to action of whose patterns the best return is to be expected, few patterns counting for little.
    pub best_cta_type: Option<String>,
    /// The most frequent emotion.
    pub dominant_emotion: Option<String>,
    /// Mean share of the time in which a face shows.
    pub avg_face_ratio: f64,
    /// Mean length in seconds.
    pub avg_duration: f64,
    /// Number of patterns.
    pub sample_size: usize,
    /// Number of losers that they are compared with.
    pub contrast_size: usize,
    /// Properties, those that set winners apart most surely first.
    pub traits: Vec<Trait>,
    /// What to keep in mind.
    pub note: String,
}

/// Compares patterns with losers; `None` without patterns.
pub(super) fn creative_dna(patterns: &[WinningAdPattern], losers: &Counted) -> Option<CreativeDna> {
    if patterns.is_empty() {
        return None;
    }
    let count = patterns.len() as f64;
    let mean = |of: fn(&WinningAdPattern) -> f64| patterns.iter().map(of).sum::<f64>() / count;
    let colors = ranked(patterns, |p| p.visual_pattern.dominant_colors.clone());
    let note = if losers.patterns == 0 {
        "no losers are stored, so that nothing here sets winners apart: add patterns with is_loser"
    } else {
        "a lift above 1 whose interval holds no 1 sets winners apart from the stored losers"
    };
    Some(CreativeDna {
        dominant_hook: first(ranked(patterns, |p| vec![p.hook_pattern.hook_type.clone()])),
        common_colors: colors.into_iter().take(MOST_COLORS).map(|(color, _)| color).collect(),
        best_cta_type: best_cta(patterns),
        dominant_emotion: first(ranked(patterns, |p| vec![p.hook_pattern.emotion.clone()])),
        avg_face_ratio: mean(|p| p.visual_pattern.face_ratio),
        avg_duration: mean(|p| p.duration_seconds),
        sample_size: patterns.len(),
        contrast_size: losers.patterns,
        traits: traits(patterns, losers),
        note: note.into(),
    })
}

/// Every named property of a pattern.
fn properties(pattern: &WinningAdPattern) -> BTreeSet<(&'static str, String)> {
    let mut all = BTreeSet::new();
    let mut add = |name: &'static str, value: &str| {
        let value = fold(value);
        if !value.is_empty() && value != "unknown" {
            all.insert((name, value));
        }
    };
    add("hook_type", &pattern.hook_pattern.hook_type);
    add("first_element", &pattern.hook_pattern.first_element);
    add("emotion", &pattern.hook_pattern.emotion);
    add("motion_level", &pattern.hook_pattern.motion_level);
    add("composition", &pattern.visual_pattern.composition);
    add("text_overlay_style", &pattern.visual_pattern.text_overlay_style);
    add("aspect_ratio", &pattern.visual_pattern.aspect_ratio);
    add("cta_type", &pattern.cta_pattern.cta_type);
    add("button_color", &pattern.cta_pattern.button_color);
    add("animation", &pattern.cta_pattern.animation);
    for color in &pattern.visual_pattern.dominant_colors {
        add("color", color);
    }
    for transition in &pattern.visual_pattern.transitions {
        add("transition", transition);
    }
    for (name, yes) in [
        ("music", pattern.audio_pattern.has_music),
        ("voiceover", pattern.audio_pattern.has_voiceover),
        ("beat_sync", pattern.audio_pattern.beat_sync),
        ("urgency", pattern.cta_pattern.urgency_used),
        ("scarcity", pattern.cta_pattern.scarcity_used),
    ] {
        if yes {
            add(name, "yes");
        }
    }
    all
}

/// How many patterns have which property.
#[derive(Debug, Default)]
pub(super) struct Counted {
    patterns: usize,
    properties: BTreeMap<(&'static str, String), usize>,
}

impl Counted {
    pub(super) fn add(&mut self, pattern: &WinningAdPattern) {
        self.patterns += 1;
        for property in properties(pattern) {
            *self.properties.entry(property).or_default() += 1;
        }
    }
}

fn traits(patterns: &[WinningAdPattern], lost: &Counted) -> Vec<Trait> {
    let mut won = Counted::default();
    patterns.iter().for_each(|pattern| won.add(pattern));
    let (n, m) = (patterns.len() as f64, lost.patterns as f64);
    let mut traits: Vec<Trait> = won
        .properties
        .into_iter()
        .map(|((name, value), count)| {
            let a = count as f64;
            let b = lost.properties.get(&(name, value.clone())).copied().unwrap_or(0) as f64;
            // Logarithm of a ratio of shares with half an observation added (Katz et al. 1978).
            let log_lift = ((a + 0.5) / (n + 0.5)).ln() - ((b + 0.5) / (m + 0.5)).ln();
            let variance = 1.0 / (a + 0.5) - 1.0 / (n + 0.5) + 1.0 / (b + 0.5) - 1.0 / (m + 0.5);
            let around = Z90 * variance.max(0.0).sqrt();
            let known = m > 0.0;
            Trait {
                name: name.to_owned(),
                value,
                count,
                share: a / n,
                contrast_share: known.then(|| b / m),
                lift: known.then(|| log_lift.exp()),
                lift_interval: known
                    .then(|| ((log_lift - around).exp(), (log_lift + around).exp())),
            }
        })
        .collect();
    let sureness = |found: &Trait| found.lift_interval.map_or(found.share, |(low, _)| low);
    traits.sort_by(|a, b| sureness(b).total_cmp(&sureness(a)));
    traits
}

/// Values by the number of patterns that have them, most first; ties by name.
fn ranked(
    patterns: &[WinningAdPattern],
    values: impl Fn(&WinningAdPattern) -> Vec<String>,
) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for pattern in patterns {
        let unique: BTreeSet<String> = values(pattern).iter().map(|value| fold(value)).collect();
        for value in unique.into_iter().filter(|value| !value.is_empty()) {
            *counts.entry(value).or_default() += 1;
        }
    }
    most_first(counts)
}

/// Values, the most frequent first; ties by name.
pub(super) fn most_first(counts: BTreeMap<String, usize>) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

fn first(ranked: Vec<(String, usize)>) -> Option<String> {
    ranked.into_iter().next().map(|(value, _)| value)
}

fn best_cta(patterns: &[WinningAdPattern]) -> Option<String> {
    let mut returns: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for pattern in patterns {
        let kind = fold(&pattern.cta_pattern.cta_type);
        if !kind.is_empty() {
            returns.entry(kind).or_default().push(pattern.estimated_roas);
        }
    }
    ranked_types(&returns, 1).pop().map(|best| best.hook_type)
}
