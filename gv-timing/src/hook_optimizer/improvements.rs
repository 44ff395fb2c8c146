//! What to do about an opening: each piece of advice has a time and a measured value.

use super::strengths::{HOOK_DURATION, Opening};
use super::types::Improvement;
use crate::{Evidence, Part};

/// Seconds in which motion, face and writing should have come; the specification's prior (2.3 times the view rate).
const ALL_BY: f64 = 1.5;
/// Speed in frame diagonals per second that an opening should reach; a prior.
const WANTED_SPEED: f64 = 0.2;
/// Brightness below which an opening is dark.
const DARK: f64 = 0.08;
/// Attention below which a viewer leaves; a prior.
const LEAST_ATTENTION: f64 = 0.15;

/// Advice, that on the part with the most to gain first.
pub(super) fn improvements(
    evidence: &Evidence,
    opening: &Opening,
    parts: &[Part],
) -> Vec<Improvement> {
    let mut advice = Vec::new();
    let start = opening.start;
    let mut add = |part: &str, time: f64, measured: Option<f64>, wanted: f64, text: String| {
        advice.push(Improvement { part: part.into(), time, measured, wanted, text });
    };
    if opening.end <= start {
        return advice;
    }
    if evidence.faces.is_some() {
        match opening.first_face {
            None => {
                let text = format!(
                    "0.0 s: no face in the first {:.1} s; open on one",
                    opening.end - start
                );
                add("face", start, None, ALL_BY, text);
            }
            Some(time) if time - start > ALL_BY => {
                let text = format!(
                    "{time:.1} s: the first face comes after {:.1} s; show it within {ALL_BY:.1} s",
                    time - start
                );
                add("face", time, Some(time - start), ALL_BY, text);
            }
            Some(_) => {}
        }
    }
    if evidence.motion.is_some() {
        match (opening.motion_peak, opening.highest_speed) {
            (None, highest) => {
                let (time, speed) = highest.unwrap_or((start, 0.0));
                let text = format!(
                    "{time:.1} s: next to nothing moves ({speed:.2} diagonals per second at most); \
                     move the camera or the product at {WANTED_SPEED:.1} or more"
                );
                add("motion", time, Some(speed), WANTED_SPEED, text);
            }
            (Some((time, speed)), _) if time - start > ALL_BY => {
                let text = format!(
                    "{time:.1} s: motion peaks only here ({speed:.2} diagonals per second); \
                     bring it within {ALL_BY:.1} s"
                );
                add("motion", time, Some(time - start), ALL_BY, text);
            }
            (Some((time, speed)), _) if speed < WANTED_SPEED / 2.0 => {
                let text = format!(
                    "{time:.1} s: motion peaks at {speed:.2} diagonals per second; \
                     {WANTED_SPEED:.1} draw the eye"
                );
                add("motion", time, Some(speed), WANTED_SPEED, text);
            }
            _ => {}
        }
    }
    if evidence.text.is_some() {
        match opening.first_text {
            None => {
                let text = "0.0 s: no writing in the opening; most viewers watch muted, so write \
                            the promise on the screen"
                    .to_owned();
                add("text", start, None, ALL_BY, text);
            }
            Some(time) if time - start > ALL_BY => {
                let text = format!(
                    "{time:.1} s: the first writing comes after {:.1} s; bring it within {ALL_BY:.1} s",
                    time - start
                );
                add("text", time, Some(time - start), ALL_BY, text);
            }
            Some(_) => {}
        }
    }
    if evidence.sound.is_some() {
        match opening.sound_peak {
            None => {
                let text =
                    "0.0 s: nothing sets in that is heard; start on a beat or a word".to_owned();
                add("sound", start, None, 1.0, text);
            }
            Some((time, strength)) if time - start > 1.0 => {
                let text = format!(
                    "{time:.1} s: sound sets in only here (strength {strength:.2}); bring it within 1 s"
                );
                add("sound", time, Some(time - start), 1.0, text);
            }
            Some(_) => {}
        }
    }
    look_at_light(evidence, opening, &mut add);
    look_at_attention(evidence, opening, &mut add);
    let gain = |advice: &Improvement| {
        let part = parts.iter().find(|part| part.name == advice.part);
        part.map_or(0.0, |part| part.possible - part.value)
    };
    advice.sort_by(|a, b| gain(b).total_cmp(&gain(a)));
    advice
}

fn look_at_light(
    evidence: &Evidence,
    opening: &Opening,
    add: &mut impl FnMut(&str, f64, Option<f64>, f64, String),
) {
    let start = opening.start;
    let first: Vec<f64> = evidence
        .light
        .iter()
        .flatten()
        .filter(|point| (start..start + 0.5).contains(&point.time))
        .map(|point| point.brightness)
        .collect();
    if !first.is_empty() {
        let mean = first.iter().sum::<f64>() / first.len() as f64;
        if mean < DARK {
            let text = format!(
                "{start:.1} s: the first half second is dark (brightness {mean:.2}); begin with a picture"
            );
            add("change", start, Some(mean), DARK, text);
        }
    }
}

fn look_at_attention(
    evidence: &Evidence,
    opening: &Opening,
    add: &mut impl FnMut(&str, f64, Option<f64>, f64, String),
) {
    let (start, end) = (opening.start, opening.end);
    let lowest = evidence
        .attention
        .iter()
        .flatten()
        .filter(|point| (start + 0.5..end).contains(&point.time))
        .min_by(|a, b| a.attention.total_cmp(&b.attention));
    if let Some(lowest) = lowest.filter(|lowest| lowest.attention < LEAST_ATTENTION) {
        let cuts = evidence.cuts_between(start, end);
        let what = match cuts {
            Some(0) => format!(
                "the first shot holds for more than {:.1} s: cut here, or let something move",
                (end - start).min(HOOK_DURATION)
            ),
            _ => "cut here, or let something move".to_owned(),
        };
        let (time, value) = (lowest.time, lowest.attention);
        let text = format!("{time:.1} s: predicted attention falls to {value:.2}; {what}");
        add("attention", time, Some(value), LEAST_ATTENTION, text);
    }
}
