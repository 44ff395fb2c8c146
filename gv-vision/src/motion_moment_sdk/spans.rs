//! Moments that last: the call to action and held shots.

use super::MomentType;
use super::points::{Candidate, part};
use super::track::Track;

/// Speed in frame diagonals per second up to which a picture is calm enough to read.
const CALM: f64 = 0.03;
/// Speed up to which a shot is held.
const HELD: f64 = 0.06;
/// Speed below which nothing lives: a frozen picture, a graphic.
const ALIVE: f64 = 0.002;
/// Part of the video's mean speed that a held shot stays below.
const HELD_BELOW_MEAN: f64 = 0.5;
/// Standard deviation of grey values below which there is nothing to see.
const EMPTY: f64 = 4.0;
/// Seconds of motion that do not end the calm of a card: a logo that draws itself, a card after another.
const BRIDGE: f64 = 0.4;
/// Part of a picture that is without structure on a card: text or a logo on a plain ground.
const CARD: f64 = 0.75;
/// Seconds that a call to action must stand, and those that count in full.
const MIN_CTA: f64 = 1.0;
const FULL_CTA: f64 = 2.5;
/// Seconds that a held shot must last, and those that count in full.
const MIN_HELD: f64 = 1.2;
const FULL_HELD: f64 = 3.0;
/// Seconds before the call to action in which the peak that leads to it is looked for.
const LEAD: f64 = 2.0;
/// What that peak must stand out by, and what counts in full.
const MIN_DROP: f64 = 0.15;
const FULL_DROP: f64 = 0.5;
/// Part of the time in which a face must be seen for a shot to be held by it.
const FACE_SHARE: f64 = 0.5;
/// Part of the picture that must have the chroma of skin where faces are unknown, and the part that
/// counts in full.
const SKIN_SHARE: f64 = 0.06;
const FULL_SKIN: f64 = 0.2;

/// The calm stretch of the closing section that follows a peak; the one that scores highest.
pub(super) fn cta(track: &Track<'_>) -> Option<Candidate> {
    let closing = (track.closing_start, track.analysis.end_time);
    let calm = |speed: f64, contrast: f64| speed <= CALM && contrast >= EMPTY;
    let plain = |span: (f64, f64)| track.mean(span, |frame| frame.plain_share).unwrap_or(0.0);
    let card = |span: (f64, f64)| plain(span) >= CARD;
    let mut stretches: Vec<(f64, f64)> = Vec::new();
    for run in runs(track, closing, calm) {
        match stretches.last_mut() {
            Some(last) if run.0 - last.1 <= BRIDGE && card(*last) && card(run) => last.1 = run.1,
            _ => stretches.push(run),
        }
    }
    let found = stretches.into_iter().filter_map(|span| cta_of(track, span));
    found.reduce(|best, other| if other.score() > best.score() { other } else { best })
}

fn cta_of(track: &Track<'_>, span: (f64, f64)) -> Option<Candidate> {
    let seconds = span.1 - span.0;
    let peak = track.attention_peak((span.0 - LEAD, span.0 + 0.5))?;
    let drop = track.curve.attention[peak] - track.attention_floor(span)?;
    if seconds < MIN_CTA || drop < MIN_DROP {
        return None;
    }
    let speed = track.speed(span)?;
    let peak_time = track.curve.timeline[peak];
    let plain = track.mean(span, |frame| frame.plain_share)?;
    let parts = vec![
        part("speed in diagonals per second", 0.3 * (1.0 - speed / CALM).max(0.0), speed, span.0),
        part("attention lost since the peak", 0.2 * (drop / FULL_DROP).min(1.0), drop, peak_time),
        part("seconds it stands", 0.25 * (seconds / FULL_CTA).min(1.0), seconds, span.0),
        part("part of the picture without structure", 0.25 * plain.min(1.0), plain, span.0),
    ];
    let reason = format!(
        "the picture stands calm for {seconds:.1} s ({speed:.3} diagonals per second, {:.0} % of it plain) \
         in the closing section, after attention peaked at {:.2} at {peak_time:.1} s",
        plain * 100.0,
        track.curve.attention[peak],
    );
    Some(Candidate { moment_type: MomentType::Cta, start: span.0, end: span.1, parts, reason })
}

/// Stretches of shots in the middle that are held and show people.
pub(super) fn emotional(track: &Track<'_>) -> Vec<Candidate> {
    let middle = (track.opening_end, track.closing_start);
    let slowest = match track.faces {
        Some(_) => HELD,
        None => (HELD_BELOW_MEAN * track.mean_speed).min(HELD),
    };
    let held = |speed: f64, contrast: f64| speed <= slowest && contrast >= EMPTY;
    runs(track, middle, held).into_iter().filter_map(|span| held_shot(track, span)).collect()
}

fn held_shot(track: &Track<'_>, span: (f64, f64)) -> Option<Candidate> {
    let seconds = span.1 - span.0;
    let speed = track.speed(span)?;
    if seconds < MIN_HELD {
        return None;
    }
    let (people, words) = match track.face_share(span) {
        Some(share) if share >= FACE_SHARE => (
            part("faces in part of the time", 0.3 * share, share, span.0),
            format!("a face is seen for {:.0} % of it", share * 100.0),
        ),
        Some(_) => return None,
        None => {
            let share = track.mean(span, |frame| frame.skin_share)?;
            if share < SKIN_SHARE || speed < ALIVE {
                return None;
            }
            let value = 0.15 * (share / FULL_SKIN).min(1.0);
            let words = format!(
                "faces are unknown, {:.0} % of the picture has the chroma of skin",
                share * 100.0
            );
            (part("chroma of skin in part of the picture", value, share, span.0), words)
        }
    };
    let calm = (1.0 - speed / track.mean_speed.max(speed)).max(0.0);
    let parts = vec![
        part("seconds it is held", 0.4 * (seconds / FULL_HELD).min(1.0), seconds, span.0),
        part("speed in diagonals per second", 0.3 * calm, speed, span.0),
        people,
    ];
    let reason = format!(
        "a shot is held for {seconds:.1} s at {speed:.3} diagonals per second, the video's mean is \
         {:.3}; {words}",
        track.mean_speed,
    );
    Some(Candidate {
        moment_type: MomentType::Emotional,
        start: span.0,
        end: span.1,
        parts,
        reason,
    })
}

/// The stretches of a span, cut free, in which the smoothed speed and the contrast fit.
fn runs(track: &Track<'_>, span: (f64, f64), fits: impl Fn(f64, f64) -> bool) -> Vec<(f64, f64)> {
    let mut edges = vec![span.0];
    edges.extend(track.cuts(span).filter(|&cut| cut > span.0));
    edges.push(span.1);
    let step = match track.curve.timeline[..] {
        [first, second, ..] => second - first,
        _ => return Vec::new(),
    };
    let mut found = Vec::new();
    for shot in edges.windows(2) {
        let shot = (shot[0], shot[1]);
        let mut open: Option<(f64, f64)> = None;
        for point in track.points(shot) {
            let time = track.curve.timeline[point];
            let near = (time.max(shot.0), (time + step).min(shot.1));
            let speed = track.speed(near).unwrap_or(track.curve.speed[point]);
            let contrast = track.mean(near, |frame| frame.contrast).unwrap_or(0.0);
            if fits(speed.min(track.curve.speed[point]), contrast) {
                open = Some((open.map_or(near.0, |(start, _)| start), near.1));
            } else {
                found.extend(open.take());
            }
        }
        found.extend(open);
    }
    found
}
