//! Openings made so that the answer is known.

use super::*;
use crate::{
    Area, AttentionPoint, Evidence, FaceSpan, LightPoint, MotionPoint, SoundEvidence, SoundPeak,
    Span, TextSpan,
};
use proptest::prelude::*;

const RATE: f64 = 25.0;

fn times() -> impl Iterator<Item = f64> {
    (0..250).map(|n| f64::from(n) / RATE)
}

/// Ten black, silent seconds of which everything is known.
fn nothing() -> Evidence {
    Evidence {
        end_time: 10.0,
        aspect: Some(16.0 / 9.0),
        motion: Some(times().map(|time| MotionPoint { time, ..Default::default() }).collect()),
        cuts: Some(vec![]),
        attention: Some(times().map(|time| AttentionPoint { time, attention: 0.0 }).collect()),
        light: Some(times().map(|time| LightPoint { time, ..Default::default() }).collect()),
        faces: Some(vec![]),
        text: Some(vec![]),
        buttons: Some(vec![]),
        sound: Some(SoundEvidence::default()),
        ..Evidence::default()
    }
}

fn span(start_time: f64, end_time: f64) -> Span {
    Span { start_time, end_time }
}

fn text(start: f64, said: Option<&str>) -> TextSpan {
    TextSpan {
        span: span(start, start + 2.0),
        area: Area { x: 0.1, y: 0.4, width: 0.8, height: 0.1 },
        text: said.map(str::to_owned),
        contrast: None,
    }
}

fn lit(of: impl Fn(f64) -> (f64, f64)) -> Vec<LightPoint> {
    let mut last: Option<(f64, f64)> = None;
    times()
        .map(|time| {
            let (brightness, red) = of(time);
            let change = last.map_or(0.0, |(b, r)| (b - brightness).abs().max((r - red).abs()));
            last = Some((brightness, red));
            LightPoint { time, brightness, blue: 0.0, red, change, alike: 1.0 }
        })
        .collect()
}

fn hook(evidence: &Evidence) -> HookAnalysis {
    let hook = analyze_hook(evidence).unwrap();
    let sum: f64 = hook.parts.iter().map(|part| part.value).sum();
    assert!((sum - hook.effectiveness_score).abs() < 1e-9);
    assert!((0.0..=100.0).contains(&hook.effectiveness_score));
    assert!(hook.possible_score <= 100.0 + 1e-9);
    hook
}

#[test]
fn black_silence_scores_nothing_and_is_no_hook() {
    let hook = hook(&nothing());
    assert_eq!((hook.hook_type, hook.effectiveness_score), (None, 0.0));
    assert_eq!(hook.possible_score, 0.0);
    assert!(hook.unknown.is_empty());
    assert_eq!(hook.improvements.len(), 6, "{:?}", hook.improvements);
}

#[test]
fn each_of_the_seven_types_is_found_where_it_was_planted() {
    let with = |plant: &dyn Fn(&mut Evidence)| {
        let mut evidence = nothing();
        plant(&mut evidence);
        hook(&evidence).hook_type
    };
    let face = FaceSpan { span: span(0.2, 2.0), size: 0.4 };
    assert_eq!(with(&|e| e.faces = Some(vec![face])), Some(HookType::FaceHook));
    assert_eq!(with(&|e| e.text = Some(vec![text(0.2, None)])), Some(HookType::TextHook));
    let fast =
        |time: f64| MotionPoint { time, energy: 30.0, speed: if time < 1.0 { 0.8 } else { 0.0 } };
    assert_eq!(with(&|e| e.motion = Some(times().map(fast).collect())), Some(HookType::MotionHook));
    let bang = SoundEvidence {
        has_track: true,
        onsets: vec![SoundPeak { time: 0.1, strength: 1.0 }],
        ..Default::default()
    };
    assert_eq!(with(&|e| e.sound = Some(bang.clone())), Some(HookType::AudioHook));
    let flash = lit(|time| if (0.8..0.96).contains(&time) { (0.9, 0.0) } else { (0.2, 0.0) });
    assert_eq!(with(&|e| e.light = Some(flash.clone())), Some(HookType::PatternInterrupt));
    let before_after = lit(|time| if time < 1.4 { (0.2, -0.05) } else { (0.7, 0.15) });
    assert_eq!(with(&|e| e.light = Some(before_after.clone())), Some(HookType::Transformation));
    let asked = text(0.2, Some("Tired of slow WiFi?"));
    assert_eq!(with(&|e| e.text = Some(vec![asked.clone()])), Some(HookType::Question));
}

#[test]
fn two_scenes_that_differ_are_no_before_and_after() {
    let mut light = lit(|time| if time < 1.4 { (0.2, -0.05) } else { (0.7, 0.15) });
    light.iter_mut().for_each(|point| point.alike = 0.2);
    let hook = hook(&Evidence { light: Some(light), ..nothing() });
    assert_eq!(hook.hook_type, Some(HookType::PatternInterrupt));
}

#[test]
fn the_times_are_those_that_were_planted() {
    let mut evidence = nothing();
    evidence.faces = Some(vec![FaceSpan { span: span(0.8, 2.0), size: 0.2 }]);
    evidence.text = Some(vec![text(1.2, None)]);
    let bump = |time: f64| MotionPoint {
        time,
        energy: 0.0,
        speed: 0.5 * (-((time - 1.6) / 0.2).powi(2)).exp(),
    };
    evidence.motion = Some(times().map(bump).collect());
    let hook = hook(&evidence);
    assert_eq!((hook.first_face_time, hook.first_text_time), (Some(0.8), Some(1.2)));
    assert!((hook.first_motion_peak.unwrap() - 1.6).abs() < 0.021);
    assert_eq!(hook.first_audio_peak, None);
}

#[test]
fn what_nobody_looked_at_is_unknown_and_not_absent() {
    let evidence = Evidence { faces: None, text: None, sound: None, ..nothing() };
    let hook = hook(&evidence);
    assert_eq!(hook.unknown, ["faces", "text", "sound"]);
    assert_eq!((hook.effectiveness_score, hook.possible_score), (0.0, 50.0));
    let of = |kind| hook.strengths.iter().find(|s| s.hook_type == kind).unwrap().strength;
    assert_eq!(of(HookType::FaceHook), None);
    assert_eq!(of(HookType::Question), None);
    assert_eq!(of(HookType::MotionHook), Some(0.0));
    assert!(
        hook.improvements.iter().all(|a| !["face", "text", "sound"].contains(&a.part.as_str()))
    );
}

#[test]
fn the_earlier_the_better() {
    let score = |start: f64| {
        let mut evidence = nothing();
        evidence.faces = Some(vec![FaceSpan { span: span(start, start + 1.0), size: 0.4 }]);
        hook(&evidence).effectiveness_score
    };
    assert!(score(0.0) > score(1.0) && score(1.0) > score(2.5) && score(2.5) > score(4.0));
}

#[test]
fn a_cut_belongs_where_attention_fades_and_on_a_beat_close_by() {
    let mut evidence = nothing();
    let fades = |time: f64| AttentionPoint { time, attention: if time < 1.8 { 0.8 } else { 0.3 } };
    evidence.attention = Some(times().map(fades).collect());
    let cut = hook(&evidence).optimal_cut_time;
    assert!((cut - 1.8).abs() < 0.05, "{cut}");
    evidence.sound = Some(SoundEvidence { beats: vec![1.4, 1.9, 2.4], ..Default::default() });
    assert_eq!(hook(&evidence).optimal_cut_time, 1.9);
    let steady = |time: f64| AttentionPoint { time, attention: 0.5 };
    evidence.attention = Some(times().map(steady).collect());
    evidence.sound = None;
    assert_eq!(hook(&evidence).optimal_cut_time, 3.0);
}

#[test]
fn a_shift_in_time_shifts_the_times_and_leaves_the_score() {
    let mut evidence = nothing();
    evidence.faces = Some(vec![FaceSpan { span: span(0.8, 2.0), size: 0.2 }]);
    evidence.light = Some(lit(|time| if time < 1.4 { (0.2, 0.0) } else { (0.7, 0.1) }));
    let mut shifted = evidence.clone();
    (shifted.start_time, shifted.end_time) = (5.0, 15.0);
    shifted.motion.iter_mut().flatten().for_each(|p| p.time += 5.0);
    shifted.attention.iter_mut().flatten().for_each(|p| p.time += 5.0);
    shifted.light.iter_mut().flatten().for_each(|p| p.time += 5.0);
    shifted.faces = Some(vec![FaceSpan { span: span(5.8, 7.0), size: 0.2 }]);
    let (a, b) = (hook(&evidence), hook(&shifted));
    assert_eq!(a.hook_type, b.hook_type);
    assert!((a.effectiveness_score - b.effectiveness_score).abs() < 1e-6);
    assert!((b.first_face_time.unwrap() - a.first_face_time.unwrap() - 5.0).abs() < 1e-9);
}

#[test]
fn no_video_is_an_answer_and_no_time_an_error() {
    let hook = hook(&Evidence::default());
    assert_eq!((hook.hook_type, hook.optimal_cut_time), (None, 0.0));
    assert!(analyze_hook(&Evidence { end_time: f64::NAN, ..nothing() }).is_err());
}

proptest! {
    #[test]
    fn any_numbers_have_a_finite_answer(
        end in -1e3..1e6_f64,
        values in prop::collection::vec(
            (prop::num::f64::ANY, prop::num::f64::ANY, prop::num::f64::ANY), 0..40),
    ) {
        let evidence = Evidence {
            end_time: end,
            motion: Some(values.iter().map(|&(time, energy, speed)| MotionPoint { time, energy, speed }).collect()),
            light: Some(values.iter().map(|&(time, brightness, change)| LightPoint { time, brightness, blue: 0.0, red: 0.0, change, alike: change }).collect()),
            faces: Some(values.iter().map(|&(a, b, size)| FaceSpan { span: span(a, b), size }).collect()),
            sound: Some(SoundEvidence { onsets: values.iter().map(|&(time, strength, _)| SoundPeak { time, strength }).collect(), ..Default::default() }),
            ..nothing()
        };
        let hook = analyze_hook(&evidence).unwrap();
        prop_assert!(hook.effectiveness_score.is_finite() && hook.effectiveness_score <= 100.0 + 1e-9);
        prop_assert!(hook.optimal_cut_time.is_finite());
    }
}
