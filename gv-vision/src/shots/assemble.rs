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
        let touches = |s: &Span, edge: usize| s.start <= edge + 2 && s.end + 2 >= edge;
        let left = spans.iter().position(|s| first > 0 && touches(s, first));
        let right = spans.iter().rposition(|s| touches(s, at));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(plain: std::ops::Range<usize>) -> Vec<Step> {
        let step = |i: usize| Step {
            time: i as f64 / 25.0,
            plain: plain.contains(&i),
            ..Default::default()
        };
        (0..100).map(step).collect()
    }

    fn fade(start: usize, end: usize, from_plain: bool, to_plain: bool) -> Gradual {
        Gradual { start, middle: (start + end) / 2, end, from_plain, to_plain, score: 0.9 }
    }

    fn cut(frame: usize, score: f64) -> Span {
        Span { start: frame, frame, end: frame, kind: BoundaryKind::Cut, score }
    }

    fn kinds(spans: &[Span]) -> Vec<(BoundaryKind, usize)> {
        spans.iter().map(|s| (s.kind, s.frame)).collect()
    }

    #[test]
    fn fades_around_a_short_plain_stretch_are_one_boundary_in_its_middle() {
        let gradual = vec![fade(30, 40, false, true), fade(50, 60, true, false)];
        let spans = assemble(&steps(40..50), vec![], gradual, &ShotOptions::default());
        assert_eq!(kinds(&spans), [(BoundaryKind::Fade, 45)]);
        assert_eq!((spans[0].start, spans[0].end), (30, 60));
    }

    #[test]
    fn a_long_plain_stretch_is_a_shot_between_a_fade_out_and_a_fade_in() {
        let gradual = vec![fade(20, 30, false, true), fade(60, 70, true, false)];
        let spans = assemble(&steps(30..60), vec![], gradual, &ShotOptions::default());
        assert_eq!(kinds(&spans), [(BoundaryKind::FadeOut, 30), (BoundaryKind::FadeIn, 60)]);
    }

    #[test]
    fn a_short_plain_stretch_at_either_end_of_the_video_is_no_shot() {
        let options = ShotOptions::default();
        assert_eq!(assemble(&steps(0..5), vec![cut(5, 0.9)], vec![], &options), []);
        let gradual = vec![fade(80, 95, false, true)];
        assert_eq!(assemble(&steps(95..100), vec![], gradual, &options), []);
    }

    #[test]
    fn of_a_cut_and_a_transition_over_the_same_frames_the_surer_one_stays() {
        let dissolve = || vec![fade(40, 50, false, false)];
        let options = ShotOptions::default();
        let sure = assemble(&steps(0..0), vec![cut(45, 0.95)], dissolve(), &options);
        assert_eq!(kinds(&sure), [(BoundaryKind::Cut, 45)]);
        let unsure = assemble(&steps(0..0), vec![cut(45, 0.6)], dissolve(), &options);
        assert_eq!(kinds(&unsure), [(BoundaryKind::Dissolve, 45)]);
    }

    #[test]
    fn a_change_from_one_plain_colour_to_another_is_no_transition() {
        let gradual = vec![fade(40, 50, true, true)];
        assert_eq!(assemble(&steps(0..100), vec![], gradual, &ShotOptions::default()), []);
    }
}
