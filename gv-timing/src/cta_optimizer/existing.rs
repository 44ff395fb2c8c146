//! Whether a video has a call to action, and whether it can be seen.

use super::config::tables;
use crate::placements::Placements;
use crate::{Area, ButtonSpan, Evidence, Part, Result, Span, TextSpan, total};
use serde::{Deserialize, Serialize};

/// Seconds that something must stand to be a call.
const LEAST_STAND: f64 = 1.0;
/// Share of the picture that a call should cover; a prior.
const WANTED_AREA: f64 = 0.03;
/// Contrast that WCAG 2.2 (1.4.3) asks of text.
pub(crate) const WANTED_CONTRAST: f64 = 4.5;
/// Seconds for which a call should stand; a prior.
const WANTED_STAND: f64 = 3.0;
/// Seconds before a call in which it is looked for urgency.
const BEFORE: f64 = 3.0;
/// Motion before a call over that of the whole video from which on it presses; a prior.
const PRESSING: f64 = 1.25;

/// What a call was recognised by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CtaKind {
    /// A box of strong colour with writing in it, that stands still.
    Button,
    /// Writing whose words ask for something.
    Words,
    /// Writing in the last third that nobody has read: it may be a call.
    UnreadText,
}

/// Something that is, or may be, a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CtaCandidate {
    /// By what it was recognised.
    pub kind: CtaKind,
    /// When it begins, in seconds.
    pub start_time: f64,
    /// When it is over, in seconds.
    pub end_time: f64,
    /// Where it stands.
    pub area: Area,
    /// What it says, where somebody reads.
    pub text: Option<String>,
    /// Mean contrast over its life, 1 to 21 (WCAG); `None` where it was not measured.
    pub contrast: Option<f64>,
    /// Colour of a button as `#RRGGBB`.
    pub colour: Option<String>,
    /// Whether it stands in the last third.
    pub late: bool,
}

/// How much of a call a placement's controls cover.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ZoneOverlap {
    /// The placement.
    pub placement: String,
    /// The part of the call that is covered, in percent.
    pub overlap_percent: f64,
}

/// What was found of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExistingCta {
    /// Whether there is one; `None` where what could tell is unknown.
    pub cta_detected: Option<bool>,
    /// When it begins, in seconds.
    pub cta_start_time: Option<f64>,
    /// For how long it stands, in seconds.
    pub cta_duration: Option<f64>,
    /// 0 to 100: the sum of `parts`; 0 without a call.
    pub cta_visibility_score: f64,
    /// Mean motion energy meanwhile in source pixels per frame interval.
    pub motion_during_cta: Option<f64>,
    /// Whether the three seconds before press: more motion than usual, or writing whose words do. `None` without a call,
    /// and where motion, or what writing says there, is unknown and the other does not press.
    pub pre_cta_urgency: Option<bool>,
    /// What to do, with times and values.
    pub recommendations: Vec<String>,
    /// The parts of the score.
    pub parts: Vec<Part>,
    /// The call that was judged, else what may be one.
    pub candidates: Vec<CtaCandidate>,
    /// How much of it each vertical placement covers; empty for a picture that is not vertical, and without a call.
    pub safe_zones: Vec<ZoneOverlap>,
    /// What could not be told, and why.
    pub unknown: Vec<String>,
}

/// Looks for a call to action and says how well it can be seen.
///
/// A button is one. So is writing whose words ask for something, where somebody reads. Writing in the last third that
/// nobody has read leaves the answer open; without any writing there is none.
///
/// # Errors
///
/// [`Error::Table`](crate::Error::Table) where a built-in table is damaged.
pub fn score_existing_cta(evidence: &Evidence, placements: &Placements) -> Result<ExistingCta> {
    let tables = tables()?;
    let asks = |text: &str| says(text, &tables.words);
    let last_third = evidence.start_time + evidence.duration() * 2.0 / 3.0;
    let mut candidates = candidates(evidence, last_third, asks);
    let worth = |candidate: &CtaCandidate| {
        let stands = (candidate.end_time - candidate.start_time).min(WANTED_STAND);
        let kind = match candidate.kind {
            CtaKind::Button => 2.0,
            CtaKind::Words => 1.0,
            CtaKind::UnreadText => 0.0,
        };
        kind + if candidate.late { 2.0 } else { 0.0 } + stands / WANTED_STAND
    };
    candidates.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
    let sure = candidates.iter().position(|candidate| candidate.kind != CtaKind::UnreadText);
    let mut unknown = Vec::new();
    if evidence.buttons.is_none() {
        unknown.push("buttons: nobody looked for them".to_owned());
    }
    if evidence.text.is_none() {
        unknown.push("writing: nobody looked for it".to_owned());
    } else if sure.is_none() && !candidates.is_empty() {
        unknown.push("writing stands in the last third, but nobody reads what it says".to_owned());
    }
    let mut found = ExistingCta {
        cta_detected: match sure {
            Some(_) => Some(true),
            None => unknown.is_empty().then_some(false),
        },
        cta_start_time: None,
        cta_duration: None,
        cta_visibility_score: 0.0,
        motion_during_cta: None,
        pre_cta_urgency: None,
        recommendations: Vec::new(),
        parts: Vec::new(),
        candidates: Vec::new(),
        safe_zones: Vec::new(),
        unknown,
    };
    let Some(number) = sure else {
        found.recommendations.push(format!(
            "{:.1} s: nothing that is surely a call stands in the last third; put a button of strong colour there, still for {WANTED_STAND:.0} s",
            last_third
        ));
        found.candidates = candidates;
        return Ok(found);
    };
    let call = candidates.swap_remove(number);
    let span = Span { start_time: call.start_time, end_time: call.end_time };
    found.cta_start_time = Some(call.start_time);
    found.cta_duration = Some(span.duration());
    found.motion_during_cta = evidence.mean_energy(span.start_time, span.end_time);
    found.pre_cta_urgency = pressing(evidence, call.start_time, |text| says(text, &tables.urgent));
    if found.pre_cta_urgency.is_none() && evidence.motion.is_some() {
        let unread = "urgency: writing stands before the call, but nobody reads what it says";
        found.unknown.push(unread.to_owned());
    }
    found.parts = parts(evidence, &call, span, found.motion_during_cta);
    found.cta_visibility_score = total(&found.parts);
    if evidence.aspect.is_some_and(|aspect| aspect < 0.8) {
        found.safe_zones = placements
            .placements
            .iter()
            .filter(|placement| placement.takes_aspect(9.0 / 16.0))
            .map(|placement| ZoneOverlap {
                placement: placement.name.clone(),
                overlap_percent: 100.0 * placement.covered.covered(&call.area),
            })
            .collect();
    }
    found.recommendations = recommendations(&found, &call);
    found.candidates = vec![call];
    Ok(found)
}

fn candidates(
    evidence: &Evidence,
    last_third: f64,
    asks: impl Fn(&str) -> bool,
) -> Vec<CtaCandidate> {
    let late = |span: &Span| span.overlap(last_third, f64::INFINITY) >= 0.5 * span.duration();
    let stands = |span: &Span| span.duration() >= LEAST_STAND - 1e-9;
    let texts = || evidence.text.iter().flatten();
    let mut found = Vec::new();
    for button in evidence.buttons.iter().flatten().filter(|button| stands(&button.span)) {
        found.push(of_button(button, late(&button.span), words_in(button, texts())));
    }
    for text in texts().filter(|text| stands(&text.span)) {
        let on_button = evidence.buttons.iter().flatten().any(|button| is_on(text, button));
        let kind = match text.text.as_deref() {
            Some(said) if asks(said) => CtaKind::Words,
            None if late(&text.span) => CtaKind::UnreadText,
            _ => continue,
        };
        if !on_button {
            found.push(CtaCandidate {
                kind,
                start_time: text.span.start_time,
                end_time: text.span.end_time,
                area: text.area,
                text: text.text.clone(),
                contrast: text.contrast,
                colour: None,
                late: late(&text.span),
            });
        }
    }
    found
}

fn is_on(text: &TextSpan, button: &ButtonSpan) -> bool {
    let together = text.span.overlap(button.span.start_time, button.span.end_time);
    together > 0.0 && text.area.common(&button.area) >= 0.5 * text.area.share()
}

fn words_in<'a>(button: &ButtonSpan, texts: impl Iterator<Item = &'a TextSpan>) -> Option<String> {
    let words: Vec<&str> =
        texts.filter(|text| is_on(text, button)).filter_map(|text| text.text.as_deref()).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn of_button(button: &ButtonSpan, late: bool, text: Option<String>) -> CtaCandidate {
    CtaCandidate {
        kind: CtaKind::Button,
        start_time: button.span.start_time,
        end_time: button.span.end_time,
        area: button.area,
        text,
        contrast: Some(button.contrast),
        colour: Some(button.colour.clone()),
        late,
    }
}

/// Whether more moves in the seconds before than usual.
fn pressing(evidence: &Evidence, start: f64, urgent: impl Fn(&str) -> bool) -> Option<bool> {
    let before = |span: &Span| span.start_time < start && span.end_time > start - BEFORE;
    let texts =
        evidence.text.as_deref().map(|texts| texts.iter().filter(|text| before(&text.span)));
    let words = texts.and_then(|texts| {
        let said: Vec<_> = texts.map(|text| text.text.as_deref().map(&urgent)).collect();
        if said.contains(&Some(true)) {
            Some(true)
        } else {
            (!said.contains(&None)).then_some(false)
        }
    });
    let motion = evidence.mean_energy(evidence.start_time, evidence.end_time).map(|overall| {
        evidence.mean_energy(start - BEFORE, start).unwrap_or(0.0) > PRESSING * overall
    });
    match (words, motion) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

/// Whether one of `words`, in small letters, stands in `text`: whole, unless it begins or ends with a dot.
fn says(text: &str, words: &[String]) -> bool {
    let text = text.to_lowercase();
    words.iter().any(|word| {
        text.match_indices(word.as_str()).any(|(at, _)| {
            let free = |beside: Option<char>, edge: Option<char>| {
                edge == Some('.') || !beside.is_some_and(char::is_alphanumeric)
            };
            free(text[..at].chars().next_back(), word.chars().next())
                && free(text[at + word.len()..].chars().next(), word.chars().next_back())
        })
    })
}

fn parts(evidence: &Evidence, call: &CtaCandidate, span: Span, during: Option<f64>) -> Vec<Part> {
    let at = Some(span.start_time);
    let area = call.area.share();
    let stands = span.duration();
    let mut parts = vec![Part::known(
        "size",
        25.0,
        area / WANTED_AREA,
        Some(area),
        at,
        format!("it covers {:.1} % of the picture", 100.0 * area),
    )];
    parts.push(match call.contrast {
        Some(contrast) => Part::known(
            "contrast",
            25.0,
            (contrast - 1.0) / (WANTED_CONTRAST - 1.0),
            Some(contrast),
            at,
            format!("its contrast is {contrast:.1} : 1"),
        ),
        None => Part::unknown("contrast", 25.0, "its contrast was not measured"),
    });
    let reason = format!("it stands for {stands:.1} s");
    parts.push(Part::known("time", 20.0, stands / WANTED_STAND, Some(stands), at, reason));
    let overall = evidence.mean_energy(evidence.start_time, evidence.end_time);
    parts.push(match (during, overall) {
        (Some(during), Some(overall)) => {
            let sum = during + overall;
            let calm = if sum > 0.0 { 1.0 - during / sum } else { 1.0 };
            let reason = format!("motion is {during:.1} meanwhile, {overall:.1} in the mean");
            Part::known("calm", 15.0, calm, Some(during), at, reason)
        }
        _ => Part::unknown("calm", 15.0, "motion is unknown"),
    });
    let share = (span.start_time - evidence.start_time) / evidence.duration().max(1e-9);
    let reason = format!("it begins at {:.0} % of the video", 100.0 * share);
    let late = if call.late { 1.0 } else { 0.0 };
    parts.push(Part::known("position", 15.0, late, Some(share), at, reason));
    parts
}

fn recommendations(found: &ExistingCta, call: &CtaCandidate) -> Vec<String> {
    let at = call.start_time;
    let mut advice = Vec::new();
    for part in &found.parts {
        let short = part.known && part.value < 0.8 * part.possible;
        let value = part.measured.unwrap_or(0.0);
        match part.name.as_str() {
            "size" if short => advice.push(format!(
                "{at:.1} s: the call covers {:.1} % of the picture; {:.0} % are seen at a glance",
                100.0 * value,
                100.0 * WANTED_AREA
            )),
            "contrast" if part.known && value < WANTED_CONTRAST => advice.push(format!(
                "{at:.1} s: the writing's contrast is {value:.1} : 1; {WANTED_CONTRAST} : 1 can be read by all"
            )),
            "time" if short => advice.push(format!(
                "{at:.1} s: the call stands for {value:.1} s; {WANTED_STAND:.0} s give time to act"
            )),
            "calm" if part.known && part.value < 0.5 * part.possible => advice.push(format!(
                "{at:.1} s: {}; let the picture stand",
                part.reason
            )),
            "position" if short => advice.push(format!("{at:.1} s: {}; repeat it in the last third", part.reason)),
            _ => {}
        }
    }
    if found.pre_cta_urgency == Some(false) {
        advice.push(format!(
            "{:.1} s: nothing presses before the call; raise the pace there (prior: 2.1 times the clicks)",
            (at - BEFORE).max(0.0)
        ));
    }
    for zone in found.safe_zones.iter().filter(|zone| zone.overlap_percent > 0.5) {
        advice.push(format!(
            "{at:.1} s: in {} the controls cover {:.0} % of the call; move it to the middle",
            zone.placement, zone.overlap_percent
        ));
    }
    advice
}
