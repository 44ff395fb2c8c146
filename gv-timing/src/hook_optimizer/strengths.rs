//! How much speaks for each type of hook.

use super::types::{HookStrength, HookType};
use crate::{Evidence, LightPoint};

/// Seconds of an opening.
pub(super) const HOOK_DURATION: f64 = 3.0;
/// Speed in frame diagonals per second that is worth 63 %, as in the attention curve; a prior.
const SPEED_SCALE: f64 = 0.2;
/// Speed in frame diagonals per second from which on motion can peak; a prior.
const LEAST_SPEED: f64 = 0.05;
/// Height of a face over the short side that is a close-up; a prior.
pub(super) const CLOSE_UP: f64 = 0.3;
/// Share of the picture that a full title covers; a prior.
const TITLE: f64 = 0.05;
/// Strength of an onset, of the strongest, from which on it is a peak; a prior.
const LEAST_ONSET: f64 = 0.3;
/// Change of light and colour that is worth 63 %; a prior.
const CHANGE_SCALE: f64 = 0.15;
/// Distance in light and colour between before and after that is worth all; a prior.
const STATE_DISTANCE: f64 = 0.25;
/// Likeness of the layouts of before and after from which on they show one thing; a prior.
const SAME_THING: (f64, f64) = (0.3, 0.7);
/// Seconds that each of two states must hold.
const HOLD: f64 = 0.5;

/// What an opening holds, measured; times in seconds.
#[derive(Debug, Clone, Default)]
pub(super) struct Opening {
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) first_face: Option<f64>,
    pub(super) largest_face: Option<f64>,
    pub(super) motion_peak: Option<(f64, f64)>,
    pub(super) highest_speed: Option<(f64, f64)>,
    pub(super) first_text: Option<f64>,
    pub(super) widest_text: f64,
    pub(super) sound_peak: Option<(f64, f64)>,
    pub(super) surprise: Option<(f64, f64)>,
    pub(super) states: Option<(f64, f64)>,
    pub(super) mean_attention: Option<f64>,
}

/// 1 for what happens in the first half second, less the later it happens; 0.25 at the end of three seconds.
pub(super) fn early(opening: &Opening, time: f64) -> f64 {
    let late = ((time - opening.start - 0.5) / (HOOK_DURATION - 0.5)).clamp(0.0, 1.0);
    1.0 - 0.75 * late
}

impl Opening {
    pub(super) fn of(evidence: &Evidence) -> Self {
        let start = if evidence.start_time.is_finite() { evidence.start_time } else { 0.0 };
        let end = start + evidence.duration().min(HOOK_DURATION);
        let mut opening = Self { start, end, ..Self::default() };
        if let Some(faces) = &evidence.faces {
            let here = faces.iter().filter(|face| face.span.overlap(start, end) > 0.0);
            for face in here {
                let time = face.span.start_time.max(start);
                opening.first_face = Some(opening.first_face.map_or(time, |t| t.min(time)));
                let size = face.size.max(0.0);
                opening.largest_face = Some(opening.largest_face.map_or(size, |s| s.max(size)));
            }
        }
        if let Some(texts) = &evidence.text {
            for text in texts.iter().filter(|text| text.span.overlap(start, end) > 0.0) {
                let time = text.span.start_time.max(start);
                opening.first_text = Some(opening.first_text.map_or(time, |t| t.min(time)));
                opening.widest_text = opening.widest_text.max(text.area.share());
            }
        }
        opening.measure_motion(evidence);
        opening.measure_sound(evidence);
        if let Some(light) = &evidence.light {
            opening.surprise = surprise(light, start, end);
            opening.states = states(light, start, end);
        }
        if let Some(curve) = &evidence.attention {
            let here: Vec<f64> = curve
                .iter()
                .filter(|point| (start..end).contains(&point.time))
                .map(|point| point.attention)
                .collect();
            if !here.is_empty() {
                opening.mean_attention = Some(here.iter().sum::<f64>() / here.len() as f64);
            }
        }
        opening
    }

    fn measure_motion(&mut self, evidence: &Evidence) {
        let Some(motion) = &evidence.motion else { return };
        let here: Vec<(f64, f64)> = motion
            .iter()
            .filter(|point| (self.start..=self.end).contains(&point.time))
            .map(|point| (point.time, if point.speed.is_finite() { point.speed } else { 0.0 }))
            .collect();
        self.highest_speed = here.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
        let most = self.highest_speed.map_or(0.0, |(_, speed)| speed);
        let least = LEAST_SPEED.max(0.5 * most);
        let speed = |i: usize| here.get(i).map_or(0.0, |&(_, speed)| speed);
        self.motion_peak = (0..here.len())
            .find(|&i| {
                let before = if i == 0 { 0.0 } else { speed(i - 1) };
                speed(i) >= least && speed(i) >= before && speed(i) >= speed(i + 1)
            })
            .map(|i| here[i]);
    }

    fn measure_sound(&mut self, evidence: &Evidence) {
        let Some(sound) = &evidence.sound else { return };
        let onset = sound
            .onsets
            .iter()
            .find(|peak| {
                peak.strength >= LEAST_ONSET && (self.start..self.end).contains(&peak.time)
            })
            .map(|peak| (peak.time, peak.strength.min(1.0)));
        let length = (self.end - self.start).max(1e-9);
        let spoken: f64 =
            sound.speech.iter().flatten().map(|span| span.overlap(self.start, self.end)).sum();
        let speech = sound
            .speech
            .iter()
            .flatten()
            .find(|span| span.overlap(self.start, self.end) > 0.0)
            .map(|span| (span.start_time.max(self.start), (spoken / length).min(1.0)));
        let stronger = |a: (f64, f64), b: (f64, f64)| {
            if early(self, a.0) * a.1 >= early(self, b.0) * b.1 { a } else { b }
        };
        self.sound_peak = match (onset, speech) {
            (Some(a), Some(b)) => Some(stronger(a, b)),
            (a, b) => a.or(b),
        };
    }
}

/// The most unexpected change: when, and how much it exceeds the usual change.
fn surprise(light: &[LightPoint], start: f64, end: f64) -> Option<(f64, f64)> {
    let here: Vec<&LightPoint> =
        light.iter().filter(|point| point.time > start && point.time < end).collect();
    let mut usual: Vec<f64> = here.iter().map(|point| point.change).collect();
    usual.sort_by(f64::total_cmp);
    let median = usual.get(usual.len() / 2).copied()?;
    let most = here.iter().max_by(|a, b| a.change.total_cmp(&b.change))?;
    Some((most.time, (most.change - median).max(0.0)))
}

/// The clearest change of one thing from a state that holds to another that holds: when, and their distance less what
/// varies within them.
fn states(light: &[LightPoint], start: f64, end: f64) -> Option<(f64, f64)> {
    let step = 0.1;
    let count = ((end - start - 2.0 * HOLD) / step).floor();
    let mut best = (start, 0.0);
    let places = if count >= 0.0 { (count as usize).min(100) + 1 } else { 0 };
    for number in 0..places {
        let time = start + HOLD + number as f64 * step;
        let before = state(light, time - HOLD - step, time - step);
        let after = state(light, time + step, time + HOLD + step);
        let (Some(before), Some(after)) = (before, after) else { continue };
        let distance =
            (0..3).map(|part| (after.0[part] - before.0[part]).powi(2)).sum::<f64>().sqrt();
        let clear = (distance - 3.0 * (before.1 + after.1)).max(0.0) * same_thing(light, time);
        if clear > best.1 {
            best = (time, clear);
        }
    }
    Some(best)
}

/// Whether the pictures at both sides of a moment have one layout, 0 to 1: two scenes are no before and after.
fn same_thing(light: &[LightPoint], time: f64) -> f64 {
    let after = light.partition_point(|point| point.time < time + 0.4 - 1e-9);
    let alike = light.get(after).map_or(0.0, |point| point.alike);
    ((alike - SAME_THING.0) / (SAME_THING.1 - SAME_THING.0)).clamp(0.0, 1.0)
}

/// Mean light and colour between two moments, and how much they vary.
fn state(light: &[LightPoint], start: f64, end: f64) -> Option<([f64; 3], f64)> {
    let parts = |point: &LightPoint| [point.brightness, point.blue, point.red];
    let here = || light.iter().filter(|point| (start..end).contains(&point.time));
    let count = here().count() as f64;
    if count < 3.0 {
        return None;
    }
    let mut mean = [0.0; 3];
    for point in here() {
        for (sum, value) in mean.iter_mut().zip(parts(point)) {
            *sum += value / count;
        }
    }
    let variance = here()
        .map(|point| parts(point).iter().zip(mean).map(|(v, m)| (v - m).powi(2)).sum::<f64>())
        .sum::<f64>()
        / count;
    variance.is_finite().then(|| (mean, variance.sqrt()))
}

/// How much speaks for each of the seven types.
pub(super) fn strengths(evidence: &Evidence, opening: &Opening) -> Vec<HookStrength> {
    let worth = |time: f64, strength: f64| early(opening, time) * strength;
    let transformed = opening.states.map(|(_, d)| (d / STATE_DISTANCE).min(1.0));
    let found = |hook_type, known: bool, what: Option<(f64, f64, f64)>, reason: String| {
        let strength = known.then(|| what.map_or(0.0, |(_, strength, _)| strength.clamp(0.0, 1.0)));
        HookStrength {
            hook_type,
            strength,
            time: what.map(|(time, ..)| time),
            measured: what.map(|(.., measured)| measured),
            reason,
        }
    };
    let unknown = |what: &str| format!("{what} unknown");
    let face = opening
        .first_face
        .zip(opening.largest_face)
        .map(|(time, size)| (time, worth(time, 0.5 + 0.5 * (size / CLOSE_UP).min(1.0)), size));
    let motion = opening
        .motion_peak
        .map(|(time, speed)| (time, worth(time, -(-speed / SPEED_SCALE).exp_m1()), speed));
    let text = opening.first_text.map(|time| {
        let share = opening.widest_text;
        (time, worth(time, 0.5 + 0.5 * (share / TITLE).min(1.0)), share)
    });
    let sound = opening.sound_peak.map(|(time, strength)| (time, worth(time, strength), strength));
    let interrupt = opening.surprise.map(|(time, change)| {
        let lasting = transformed.unwrap_or(0.0);
        let strength = -(-change / CHANGE_SCALE).exp_m1() * (1.0 - lasting);
        (time, worth(time, strength), change)
    });
    let states = opening
        .states
        .filter(|&(_, distance)| distance > 0.0)
        .map(|(time, distance)| (time, transformed.unwrap_or(0.0), distance));
    let told = |what: &Option<(f64, f64, f64)>, some: &str, none: &str| match what {
        Some((time, _, measured)) => format!("{measured:.2} {some} at {time:.2} s"),
        None => none.to_owned(),
    };
    let seen = "of the picture's short side for the largest face, the first";
    vec![
        found(
            HookType::FaceHook,
            evidence.faces.is_some(),
            face,
            if evidence.faces.is_some() { told(&face, seen, "no face") } else { unknown("faces") },
        ),
        found(
            HookType::MotionHook,
            evidence.motion.is_some(),
            motion,
            told(&motion, "frame diagonals per second", "little moves"),
        ),
        found(
            HookType::TextHook,
            evidence.text.is_some(),
            text,
            if evidence.text.is_some() {
                told(&text, "of the picture for the widest writing, the first", "no writing")
            } else {
                unknown("writing")
            },
        ),
        found(
            HookType::AudioHook,
            evidence.sound.is_some(),
            sound,
            if evidence.sound.is_some() {
                told(&sound, "of the strongest sound", "no sound sets in")
            } else {
                unknown("sound")
            },
        ),
        found(
            HookType::PatternInterrupt,
            evidence.light.is_some(),
            interrupt,
            told(&interrupt, "of light and colour change", "light and colour unknown"),
        ),
        found(
            HookType::Transformation,
            evidence.light.is_some(),
            states,
            told(&states, "lies between two states that hold,", "no two states hold"),
        ),
        question(evidence, opening),
    ]
}

/// A question that is read or heard. It is absent only where all writing was read and all speech understood.
fn question(evidence: &Evidence, opening: &Opening) -> HookStrength {
    let of = |strength, time: Option<f64>, reason: &str| HookStrength {
        hook_type: HookType::Question,
        strength,
        time,
        measured: None,
        reason: reason.into(),
    };
    let asks = |text: &str| text.contains(['?', '？', '؟', '¿']);
    let texts = evidence.text.iter().flatten();
    let here = || texts.clone().filter(|text| text.span.overlap(opening.start, opening.end) > 0.0);
    let asked = here().find(|text| text.text.as_deref().is_some_and(asks));
    if let Some(text) = asked {
        let time = text.span.start_time.max(opening.start);
        let said = text.text.as_deref().unwrap_or_default();
        return of(Some(early(opening, time)), Some(time), &format!("{said:?} is asked"));
    }
    let all_read = evidence.text.is_some() && here().all(|text| text.text.is_some());
    let sound = evidence.sound.as_ref();
    let words = sound.and_then(|sound| sound.words.as_deref());
    if words.is_some_and(asks) {
        let speech = sound.and_then(|sound| sound.speech.as_ref()).and_then(|spans| spans.first());
        let time = speech.map_or(opening.start, |span| span.start_time.max(opening.start));
        return of(Some(early(opening, time)), Some(time), "a question is asked aloud");
    }
    let nobody_speaks = sound.is_some_and(|sound| {
        let silent = sound.onsets.is_empty() && sound.speech.is_none();
        let heard = sound.speech.as_ref().is_some_and(|spans| {
            spans.iter().all(|span| span.overlap(opening.start, opening.end) <= 0.0)
        });
        silent || heard || words.is_some()
    });
    if all_read && nobody_speaks {
        of(Some(0.0), None, "nothing is asked")
    } else {
        of(None, None, "nobody reads the writing or understands the speech")
    }
}
