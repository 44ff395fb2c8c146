//! Checks of the picture: what is seen, how fast it changes, and whether it fits a placement.

use super::{Case, Found};
use gv_vision::picture::{FlashKind, Stretch, worst_second};

/// Seconds over which cuts are counted.
const WINDOW: f64 = 3.0;

const NOBODY: &str = "nobody looked at light and colour";

fn longest(stretches: impl Iterator<Item = Stretch>, what: &str) -> Found {
    match stretches.max_by(|a, b| a.duration().total_cmp(&b.duration())) {
        Some(longest) => {
            let (start, length) = (longest.start_time, longest.duration());
            Found::value(
                length,
                Some(start),
                format!("{what} for {length:.2} s from {start:.2} s on"),
            )
        }
        None => Found::value(0.0, None, format!("never {what}")),
    }
}

pub(super) fn black(case: &Case<'_>) -> Found {
    match case.picture {
        Some(picture) => longest(picture.black.iter().copied(), "black"),
        None => Found::unknown(NOBODY),
    }
}

pub(super) fn frozen(case: &Case<'_>) -> Found {
    let Some(picture) = case.picture else { return Found::unknown(NOBODY) };
    let end = case.evidence.end_time;
    let inside = picture.frozen.iter().filter(|stretch| stretch.end_time < end - 0.1);
    longest(inside.copied(), "frozen")
}

pub(super) fn letterbox(case: &Case<'_>) -> Found {
    let Some(picture) = case.picture else { return Found::unknown(NOBODY) };
    let Some(bars) = picture.bars else {
        return Found::unknown("no picture is light enough to see bars");
    };
    let percent = 100.0 * bars.area();
    let reason = if percent > 0.0 {
        format!(
            "bars cover {percent:.1} % (above {:.1}, below {:.1}, left {:.1}, right {:.1} %)",
            100.0 * bars.top,
            100.0 * bars.bottom,
            100.0 * bars.left,
            100.0 * bars.right
        )
    } else {
        "no bars".to_owned()
    };
    Found::value(percent, Some(case.evidence.start_time), reason)
}

pub(super) fn flashes(case: &Case<'_>, red: bool) -> Found {
    let Some(picture) = case.picture else { return Found::unknown(NOBODY) };
    let kind = if red { FlashKind::Red } else { FlashKind::Luminance };
    match worst_second(&picture.flashes, kind) {
        Some(worst) => Found::value(
            worst.flashes as f64,
            Some(worst.time),
            format!(
                "{} flash{} in the second from {:.2} s on, over {:.0} % of the picture",
                worst.flashes,
                if worst.flashes == 1 { "" } else { "es" },
                worst.time,
                100.0 * worst.area
            ),
        ),
        None => Found::value(0.0, None, "no flashes over a quarter of the picture"),
    }
}

pub(super) fn aspect(case: &Case<'_>) -> Found {
    let Some(aspect) = case.evidence.aspect else { return Found::unknown("the aspect is unknown") };
    let takers: Vec<&str> = case
        .placements
        .iter()
        .filter(|placement| placement.takes_aspect(aspect))
        .map(|placement| placement.name.as_str())
        .collect();
    let names: Vec<&str> =
        case.placements.iter().map(|placement| placement.name.as_str()).collect();
    if takers.is_empty() {
        let reason = format!("{aspect:.3} : 1 is taken as it is by none of {}", names.join(", "));
        Found::decided(false, None, reason)
    } else {
        Found::decided(true, None, format!("{aspect:.3} : 1 suits {}", takers.join(", ")))
    }
}

pub(super) fn duration(case: &Case<'_>) -> Found {
    let length = case.evidence.duration();
    let takers: Vec<&str> = case
        .placements
        .iter()
        .filter(|placement| {
            case.evidence.aspect.is_none_or(|aspect| placement.takes_aspect(aspect))
        })
        .filter(|placement| (placement.shortest..=placement.longest).contains(&length))
        .map(|placement| placement.name.as_str())
        .collect();
    if takers.is_empty() {
        let limits: Vec<String> = case
            .placements
            .iter()
            .map(|p| format!("{} {:.0} to {:.0} s", p.name, p.shortest, p.longest))
            .collect();
        let reason = format!(
            "{length:.1} s are taken by no placement of this aspect: {}",
            limits.join(", ")
        );
        Found::decided(false, None, reason)
    } else {
        Found::decided(true, None, format!("{length:.1} s suit {}", takers.join(", ")))
    }
}

pub(super) fn longest_shot(case: &Case<'_>) -> Found {
    let Some(cuts) = &case.evidence.cuts else { return Found::unknown("nobody looked for shots") };
    let mut edges = vec![case.evidence.start_time];
    edges.extend(cuts.iter().copied().filter(|cut| cut.is_finite()));
    edges.push(case.evidence.end_time);
    let longest = edges.windows(2).map(|pair| (pair[1] - pair[0], pair[0]));
    match longest.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((length, start)) => Found::value(
            length,
            Some(start),
            format!("the shot from {start:.2} s on lasts {length:.1} s"),
        ),
        None => Found::unknown("there are no shots"),
    }
}

pub(super) fn cuts_in_three_seconds(case: &Case<'_>) -> Found {
    let Some(cuts) = &case.evidence.cuts else { return Found::unknown("nobody looked for shots") };
    let within = |from: f64| cuts.iter().filter(|&&cut| cut >= from && cut < from + WINDOW).count();
    let most = cuts.iter().map(|&cut| (within(cut), cut)).max_by_key(|&(count, _)| count);
    match most {
        Some((count, start)) => Found::value(
            count as f64,
            Some(start),
            format!(
                "{count} cut{} in the three seconds from {start:.2} s on",
                if count == 1 { "" } else { "s" }
            ),
        ),
        None => Found::value(0.0, None, "no cuts"),
    }
}
