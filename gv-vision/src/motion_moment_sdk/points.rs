//! Moments around one point of time: hook and transitions.

use super::track::{self, Track};
use super::{MomentType, ScorePart};

/// What the opening's attention peak must stand out by.
const MIN_HOOK_LIFT: f64 = 0.2;
/// Speed in frame diagonals per second that is added to both sides before they are compared, so that
/// differences between still pictures count for nothing.
const SPEED_FLOOR: f64 = 0.02;
/// Quotient of the speeds on both sides of a change that counts in full.
const FULL_CHANGE: f64 = 6.0;
/// Quotient that makes a transition where there is no cut.
const MIN_CHANGE: f64 = 3.0;
/// Part of a window that a shot must reach on both sides of a change.
const MIN_SIDE: f64 = 0.4;
const CUT_PART: f64 = 0.5;
const CHANGE_PART: f64 = 0.5;

/// A candidate before it is given its place.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) moment_type: MomentType,
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) parts: Vec<ScorePart>,
    pub(super) reason: String,
}

impl Candidate {
    pub(super) fn score(&self) -> f64 {
        self.parts.iter().map(|part| part.value).sum()
    }
}

pub(super) fn part(name: &str, value: f64, measured: f64, time: f64) -> ScorePart {
    ScorePart { name: name.to_owned(), value, measured, time }
}

/// A window around a point of time, moved to lie inside of the video.
pub(super) fn window(track: &Track<'_>, time: f64, seconds: f64) -> (f64, f64) {
    let (first, last) = (track.analysis.start_time, track.analysis.end_time);
    let start = (time - seconds / 2.0).min(last - seconds).max(first);
    (start, (start + seconds).min(last))
}

/// The attention peak of the opening, where it stands out from the opening's quietest moment or from
/// the video's usual attention. Its score is the attention, its parts are those of the curve.
pub(super) fn hook(track: &Track<'_>, seconds: f64) -> Option<Candidate> {
    let opening = (track.analysis.start_time, track.opening_end);
    let peak = track.attention_peak(opening)?;
    let curve = track.curve;
    let (attention, time) = (curve.attention[peak], curve.timeline[peak]);
    let mut sorted = curve.attention.clone();
    sorted.sort_by(f64::total_cmp);
    let usual = sorted.get(sorted.len() / 2).copied()?;
    let lift = attention - track.attention_floor(opening)?.min(usual);
    if lift < MIN_HOOK_LIFT {
        return None;
    }
    let mut parts = vec![
        part("motion in diagonals per second", curve.motion[peak], curve.speed[peak], time),
        part(
            "cuts in a second",
            curve.cuts[peak],
            track.cuts((time - 1.0, time + 0.1)).count() as f64,
            time,
        ),
    ];
    if let Some(faces) = &curve.faces {
        let share = track.face_share(window(track, time, seconds)).unwrap_or(0.0);
        parts.push(part("faces in part of the time", faces[peak], share, time));
    }
    let (start, end) = window(track, time, seconds);
    let reason = format!(
        "attention peaks at {attention:.2} in the first {:.1} s, {:.2} of it from motion ({:.2} \
         diagonals per second) and {:.2} from cuts",
        opening.1 - opening.0,
        curve.motion[peak],
        curve.speed[peak],
        curve.cuts[peak],
    );
    Some(Candidate { moment_type: MomentType::Hook, start, end, parts, reason })
}

/// Every cut, and every place without one at which the speed changes strongly for a second.
pub(super) fn transitions(track: &Track<'_>, seconds: f64) -> Vec<Candidate> {
    let mut found = Vec::new();
    for cut in &track.analysis.cuts {
        let time = cut.timestamp;
        let (before, after) = sides(track, time, seconds);
        let change = change(before.unwrap_or(0.0), after.unwrap_or(0.0));
        let change = if before.is_some() && after.is_some() { change } else { 1.0 };
        let reason = format!(
            "cut at {time:.2} s, {}",
            compared(before.unwrap_or(0.0), after.unwrap_or(0.0))
        );
        found.push(transition(track, time, CUT_PART, change, reason, seconds));
    }
    let timeline = &track.curve.timeline;
    let quotients: Vec<f64> =
        timeline.iter().map(|&time| uncut_change(track, time, seconds)).collect();
    for place in track::peaks(&quotients, MIN_CHANGE - 1.0) {
        let time = timeline[place];
        let (before, after) = sides(track, time, seconds);
        let reason = format!(
            "the motion changes at {time:.1} s, {}",
            compared(before.unwrap_or(0.0), after.unwrap_or(0.0))
        );
        found.push(transition(track, time, 0.0, quotients[place], reason, seconds));
    }
    found
}

fn compared(before: f64, after: f64) -> String {
    format!("{before:.2} diagonals per second before and {after:.2} after")
}

fn transition(
    track: &Track<'_>,
    time: f64,
    cut: f64,
    quotient: f64,
    reason: String,
    seconds: f64,
) -> Candidate {
    let share = (quotient.ln() / FULL_CHANGE.ln()).clamp(0.0, 1.0);
    let parts = vec![
        part("shot boundary", cut, if cut > 0.0 { 1.0 } else { 0.0 }, time),
        part("quotient of the speeds before and after", CHANGE_PART * share, quotient, time),
    ];
    let (start, end) = window(track, time, seconds);
    Candidate { moment_type: MomentType::Transition, start, end, parts, reason }
}

/// Speeds in the window's length before and after, no further than to the next cut.
fn sides(track: &Track<'_>, time: f64, seconds: f64) -> (Option<f64>, Option<f64>) {
    let (start, end) = reach(track, time, seconds);
    (track.speed((start, time)), track.speed((time, end)))
}

fn reach(track: &Track<'_>, time: f64, seconds: f64) -> (f64, f64) {
    let (first, last) = (track.analysis.start_time, track.analysis.end_time);
    let start = track.cuts((time - seconds, time)).fold((time - seconds).max(first), f64::max);
    let end = track.cuts((time + 1e-9, time + seconds)).fold((time + seconds).min(last), f64::min);
    (start, end)
}

fn change(before: f64, after: f64) -> f64 {
    let (before, after) = (before + SPEED_FLOOR, after + SPEED_FLOOR);
    (after / before).max(before / after)
}

/// The change of speed inside of a shot; 1 where the shot is too short on one side.
fn uncut_change(track: &Track<'_>, time: f64, seconds: f64) -> f64 {
    let (start, end) = reach(track, time, seconds);
    let least = MIN_SIDE * seconds;
    match sides(track, time, seconds) {
        (Some(before), Some(after)) if time - start >= least && end - time >= least => {
            change(before, after)
        }
        _ => 1.0,
    }
}
