//! One list of boundaries out of cuts, gradual transitions and plain stretches.

use super::cut::Step;
use super::gradual::Gradual;
use super::{BoundaryKind, ShotOptions};

/// A boundary in positions of frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    /// First frame that shows the change.
    pub(super) start: usize,
    /// First frame of the new shot.
    pub(super) frame: usize,
    /// First frame that shows the new picture alone.
    pub(super) end: usize,
    pub(super) kind: BoundaryKind,
    pub(super) score: f64,
}

/// Joins what was found into boundaries in order, none inside another.
pub(super) fn assemble(
    steps: &[Step],
    cuts: Vec<Span>,
    gradual: Vec<Gradual>,
    options: &ShotOptions,
) -> Vec<Span> {
    let gradual = gradual
        .into_iter()
        .filter(|g| g.score >= options.threshold && !(g.from_plain && g.to_plain))
        .map(|g| {
            let (kind, frame) = match (g.from_plain, g.to_plain) {
                (_, true) => (BoundaryKind::FadeOut, g.end),
                (true, _) => (BoundaryKind::FadeIn, g.start),
                _ => (BoundaryKind::Dissolve, g.middle),
            };
            Span { start: g.start, frame, end: g.end, kind, score: g.score }
        });
    let mut spans: Vec<Span> = cuts.into_iter().chain(gradual).collect();
    spans.sort_by_key(|s| (s.frame, s.start));
    let spans = without_overlaps(spans);
    plain_stretches(steps, spans, options.blank_seconds)
}

/// Of spans that share frames keeps the one with the most evidence.
fn without_overlaps(spans: Vec<Span>) -> Vec<Span> {
    let mut kept: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match kept.last_mut() {
            Some(last) if span.start < last.end.max(last.start + 1) => {
                if span.score > last.score {
                    *last = span;
                }
            }
            _ => kept.push(span),
        }
    }
    kept
}

/// Makes one boundary of those at the two ends of a short plain stretch, and none of the one at a
/// short plain stretch with which the video begins or ends.
fn plain_stretches(steps: &[Step], mut spans: Vec<Span>, shortest: f64) -> Vec<Span> {
    let mut at = 0;
    while at < steps.len() {
        if !steps[at].plain {
            at += 1;
            continue;
        }
        let first = at;
        while at < steps.len() && steps[at].plain {
            at += 1;
        }
        let lasting = steps.get(at).or(steps.last()).map_or(0.0, |s| s.time) - steps[first].time;
        let ends = first == 0 || at == steps.len();
        if lasting >= if ends { shortest / 2.0 } else { shortest } {
            continue;
        }
        let near = |a: usize, b: usize| a.abs_diff(b) <= 2;
        let left = spans.iter().position(|s| near(s.end, first) && s.frame > 0);
        let right = spans.iter().position(|s| near(s.start, at));
        match (left, right) {
            (Some(l), Some(r)) if l < r => {
                let (a, b) = (spans[l], spans[r]);
                let cut = a.kind == BoundaryKind::Cut && b.kind == BoundaryKind::Cut;
                spans[l] = Span {
                    start: a.start,
                    frame: first + (at - first) / 2,
                    end: b.end,
                    kind: if cut { BoundaryKind::Cut } else { BoundaryKind::Fade },
                    score: a.score.min(b.score),
                };
                spans.drain(l + 1..=r);
            }
            (_, Some(r)) if first == 0 => drop(spans.remove(r)),
            (Some(l), _) if at == steps.len() => drop(spans.remove(l)),
            _ => {}
        }
    }
    spans
}
