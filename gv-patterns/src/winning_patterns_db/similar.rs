//! Which patterns are like another, and in what (Gower 1971).

use super::pattern::{WinningAdPattern, fold};
use crate::store::Filter;
use serde::Serialize;
use std::collections::{BTreeSet, HashSet};

/// A pattern beside another.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Similar {
    /// The pattern.
    pub pattern: WinningAdPattern,
    /// Mean likeness of the parts, 0 to 1.
    pub similarity: f64,
    /// Likeness of each part, most alike first.
    pub parts: Vec<(&'static str, f64)>,
}

/// Likeness of two patterns in each part that both state; parts weigh the same, a prior.
pub(super) fn parts(a: &WinningAdPattern, b: &WinningAdPattern) -> Vec<(&'static str, f64)> {
    let mut parts = Vec::new();
    let mut name = |part: &'static str, x: &str, y: &str| {
        let (x, y) = (fold(x), fold(y));
        if !x.is_empty() && !y.is_empty() {
            parts.push((part, f64::from(u8::from(x == y))));
        }
    };
    name("industry", &a.industry, &b.industry);
    name("platform", &a.source_platform, &b.source_platform);
    name("objective", &a.objective, &b.objective);
    name("hook_type", &a.hook_pattern.hook_type, &b.hook_pattern.hook_type);
    name("emotion", &a.hook_pattern.emotion, &b.hook_pattern.emotion);
    name("motion_level", &a.hook_pattern.motion_level, &b.hook_pattern.motion_level);
    name("composition", &a.visual_pattern.composition, &b.visual_pattern.composition);
    name("aspect_ratio", &a.visual_pattern.aspect_ratio, &b.visual_pattern.aspect_ratio);
    name("cta_type", &a.cta_pattern.cta_type, &b.cta_pattern.cta_type);
    let mut set = |part: &'static str, x: &[String], y: &[String]| {
        let (x, y): (BTreeSet<String>, BTreeSet<String>) =
            (x.iter().map(|v| fold(v)).collect(), y.iter().map(|v| fold(v)).collect());
        let all = x.union(&y).count();
        if all > 0 {
            parts.push((part, x.intersection(&y).count() as f64 / all as f64));
        }
    };
    set("colors", &a.visual_pattern.dominant_colors, &b.visual_pattern.dominant_colors);
    set("tags", &a.tags, &b.tags);
    let near = |x: f64, y: f64, range: f64| 1.0 - ((x - y).abs() / range).min(1.0);
    parts.push(("face_ratio", near(a.visual_pattern.face_ratio, b.visual_pattern.face_ratio, 1.0)));
    parts.push(("cta_timing", near(a.cta_pattern.cta_timing, b.cta_pattern.cta_timing, 1.0)));
    if a.duration_seconds > 0.0 && b.duration_seconds > 0.0 {
        // A factor of four in length is as unlike as it gets.
        let apart = (a.duration_seconds / b.duration_seconds).ln().abs();
        parts.push(("duration", 1.0 - (apart / 4f64.ln()).min(1.0)));
    }
    parts
}

/// Where patterns that are like one are looked for among many, the nearest first: those that agree in all but one of what
/// it states of industry, platform, objective and type of hook; those that agree in one; all.
pub(super) fn lookups(to: &WinningAdPattern) -> Vec<Vec<Filter>> {
    let stated: Vec<(&str, String)> = [
        ("industry", &to.industry),
        ("platform", &to.source_platform),
        ("objective", &to.objective),
        ("hook_type", &to.hook_pattern.hook_type),
    ]
    .into_iter()
    .map(|(field, value)| (field, fold(value)))
    .filter(|(_, value)| !value.is_empty())
    .collect();
    let agreeing = |kept: &dyn Fn(usize) -> bool| {
        let kept = stated.iter().enumerate().filter(|(place, _)| kept(*place));
        kept.fold(Filter::new(), |filter, (_, (field, value))| filter.equals(*field, value.clone()))
    };
    let places = 0..stated.len();
    let in_all_but_one = places.clone().map(|out| agreeing(&|place| place != out)).collect();
    let in_one = places.map(|only| agreeing(&|place| place == only)).collect();
    match stated.len() {
        0 | 1 => vec![in_one, vec![Filter::new()]],
        2 => vec![in_all_but_one, vec![Filter::new()]],
        _ => vec![in_all_but_one, in_one, vec![Filter::new()]],
    }
}

/// The patterns that are most like one so far, itself left out.
pub(super) struct Nearest<'a> {
    to: &'a WinningAdPattern,
    limit: usize,
    found: Vec<Similar>,
    ids: HashSet<String>,
}

impl<'a> Nearest<'a> {
    pub(super) fn new(to: &'a WinningAdPattern, limit: usize) -> Self {
        Self { to, limit, found: Vec::new(), ids: HashSet::new() }
    }

    /// Whether a pattern was not looked at yet.
    pub(super) fn is_new(&mut self, id: &str) -> bool {
        id != self.to.id && self.ids.insert(id.to_owned())
    }

    /// Number of patterns that were looked at.
    pub(super) fn seen(&self) -> usize {
        self.ids.len()
    }

    /// Keeps a pattern if it is among the nearest; at most twice the limit are kept on the way.
    pub(super) fn look_at(&mut self, pattern: WinningAdPattern) {
        if self.limit == 0 {
            return;
        }
        let mut parts = parts(self.to, &pattern);
        let similarity = parts.iter().map(|(_, value)| value).sum::<f64>() / parts.len() as f64;
        parts.sort_by(|a, b| b.1.total_cmp(&a.1));
        self.found.push(Similar { pattern, similarity, parts });
        if self.found.len() >= self.limit.saturating_mul(2) {
            self.keep_nearest();
        }
    }

    pub(super) fn into_sorted(mut self) -> Vec<Similar> {
        self.keep_nearest();
        self.found
    }

    fn keep_nearest(&mut self) {
        self.found.sort_by(|a, b| {
            b.similarity.total_cmp(&a.similarity).then_with(|| a.pattern.id.cmp(&b.pattern.id))
        });
        self.found.truncate(self.limit);
    }
}
