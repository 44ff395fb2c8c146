//! Checks of the message: the opening, faces and writing, the call to action.

use super::{Case, Found, Outcome, Rule};

pub(super) fn hook(case: &Case<'_>, rule: &Rule) -> Found {
    let hook = &case.hook;
    let score = hook.effectiveness_score;
    let kind = hook.hook_type.map_or("no hook", |kind| kind.name());
    let time = hook
        .strengths
        .iter()
        .find(|strength| Some(strength.hook_type) == hook.hook_type)
        .and_then(|strength| strength.time);
    let open = rule.at_least.is_some_and(|least| score < least && hook.possible_score >= least);
    if open {
        return Found::Decided {
            outcome: Outcome::Unknown,
            measured: Some(score),
            time,
            reason: format!(
                "{kind}: {score:.0} points without {}, {:.0} at most with them",
                hook.unknown.join(", "),
                hook.possible_score
            ),
        };
    }
    let advice =
        hook.improvements.first().map_or(String::new(), |first| format!("; {}", first.text));
    Found::value(score, time, format!("{kind}, {score:.0} points of 100{advice}"))
}

/// When something of `times` begins, in seconds from the start; the whole length and more where nothing does.
fn first(case: &Case<'_>, times: impl Iterator<Item = f64>, what: &str) -> Found {
    let start = case.evidence.start_time;
    match times.filter(|time| time.is_finite()).reduce(f64::min) {
        Some(time) => {
            let after = (time - start).max(0.0);
            Found::value(after, Some(time), format!("the first {what} comes after {after:.1} s"))
        }
        None => Found::decided(false, None, format!("no {what} at all")),
    }
}

pub(super) fn first_face(case: &Case<'_>) -> Found {
    match &case.evidence.faces {
        Some(faces) => first(case, faces.iter().map(|face| face.span.start_time), "face"),
        None => Found::unknown("nobody looked for faces"),
    }
}

pub(super) fn first_text(case: &Case<'_>) -> Found {
    match &case.evidence.text {
        Some(texts) => first(case, texts.iter().map(|text| text.span.start_time), "writing"),
        None => Found::unknown("nobody looked for writing"),
    }
}

pub(super) fn cta_present(case: &Case<'_>) -> Found {
    let cta = &case.cta;
    match (cta.cta_detected, cta.candidates.first()) {
        (Some(true), Some(call)) => {
            let (start, end) = (call.start_time, call.end_time);
            let reason = format!("a call stands from {start:.1} s to {end:.1} s");
            Found::decided(true, Some(start), reason)
        }
        (Some(_), _) => {
            Found::decided(false, None, "no button, and no writing that asks for anything")
        }
        (None, _) => Found::unknown(cta.unknown.join("; ")),
    }
}

pub(super) fn cta_safe_zone(case: &Case<'_>) -> Found {
    let Some(call) = case.cta.candidates.first().filter(|_| case.cta.cta_detected == Some(true))
    else {
        return Found::unknown("no call is known");
    };
    let fitting = case
        .placements
        .iter()
        .filter(|placement| {
            case.evidence.aspect.is_none_or(|aspect| placement.takes_aspect(aspect))
        })
        .map(|placement| (100.0 * placement.covered.covered(&call.area), placement.name.as_str()));
    match fitting.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((percent, name)) => Found::value(
            percent,
            Some(call.start_time),
            format!("the controls of {name} cover {percent:.0} % of the call"),
        ),
        None => Found::unknown("no placement takes this aspect"),
    }
}

pub(super) fn cta_contrast(case: &Case<'_>) -> Found {
    let Some(call) = case.cta.candidates.first().filter(|_| case.cta.cta_detected == Some(true))
    else {
        return Found::unknown("no call is known");
    };
    match call.contrast {
        Some(contrast) => Found::value(
            contrast,
            Some(call.start_time),
            format!("the call's contrast is {contrast:.1} : 1"),
        ),
        None => Found::unknown("the call's contrast was not measured"),
    }
}
