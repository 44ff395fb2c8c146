//! Each check passes, fails and stays unknown where it was made to.

use super::*;
use crate::{
    Area, AttentionPoint, ButtonSpan, FaceSpan, LightPoint, MotionPoint, SoundEvidence, Span,
    TextSpan,
};
use gv_vision::picture::{PictureAnalysis, PictureMeter};
use gv_vision::{AnalysisFrame, GrayImage};

fn span(start_time: f64, end_time: f64) -> Span {
    Span { start_time, end_time }
}

/// A vertical ad of 20 s with everything in place.
fn good() -> Evidence {
    let times = || (0..500).map(|n| f64::from(n) / 25.0);
    let area = Area { x: 0.25, y: 0.5, width: 0.5, height: 0.08 };
    Evidence {
        end_time: 20.0,
        aspect: Some(9.0 / 16.0),
        motion: Some(times().map(|time| MotionPoint { time, energy: 9.0, speed: 0.3 }).collect()),
        cuts: Some(vec![3.0, 6.0, 9.0, 12.0, 15.0]),
        attention: Some(times().map(|time| AttentionPoint { time, attention: 0.6 }).collect()),
        light: Some(
            times()
                .map(|time| LightPoint { time, brightness: 0.5, ..Default::default() })
                .collect(),
        ),
        faces: Some(vec![FaceSpan { span: span(0.2, 4.0), size: 0.4 }]),
        text: Some(vec![TextSpan { span: span(0.5, 20.0), area, text: None, contrast: None }]),
        buttons: Some(vec![ButtonSpan {
            span: span(15.0, 20.0),
            area,
            colour: "#C00000".into(),
            contrast: 6.0,
            lowest_contrast: 5.5,
        }]),
        sound: Some(SoundEvidence {
            has_track: true,
            integrated_lufs: Some(-14.2),
            true_peak_dbtp: Some(-1.5),
            speech: Some(vec![span(1.0, 9.0)]),
            ..SoundEvidence::default()
        }),
        ..Evidence::default()
    }
}

/// What the meter says of 20 s whose luma is `luma(time, x, y)`.
fn seen(luma: impl Fn(f64, usize, usize) -> u8) -> PictureAnalysis {
    let mut meter = PictureMeter::new();
    for number in 0..500_u32 {
        let time = f64::from(number) / 25.0;
        meter.push(&AnalysisFrame {
            index: u64::from(number),
            time,
            luma: GrayImage::from_fn(36, 64, |x, y| luma(time, x, y)),
            cb: GrayImage::filled(36, 64, 128),
            cr: GrayImage::filled(36, 64, 128),
            source_scale: 1.0,
        });
    }
    meter.finish(20.0)
}

fn moving(time: f64, x: usize, y: usize) -> u8 {
    (90.0 + 40.0 * (time * 5.0 + x as f64 / 4.0 + y as f64 / 9.0).sin()) as u8
}

fn report(evidence: &Evidence, picture: Option<&PictureAnalysis>) -> CheckReport {
    let (rules, placements) = (Rules::built_in().unwrap(), Placements::built_in().unwrap());
    check(evidence, picture, &rules, &placements, None).unwrap()
}

fn outcome(report: &CheckReport, check: Check) -> Outcome {
    report.findings.iter().find(|finding| finding.check == check).unwrap().outcome
}

#[test]
fn a_good_ad_passes_everything() {
    let picture = seen(moving);
    let report = report(&good(), Some(&picture));
    let bad: Vec<_> = report.findings.iter().filter(|f| f.outcome != Outcome::Pass).collect();
    assert!(bad.is_empty(), "{bad:?}");
    assert!(report.passes(true));
    assert_eq!(report.count(Outcome::Pass), 18);
}

#[test]
fn nothing_looked_at_is_unknown_and_never_a_pass() {
    let evidence = Evidence { end_time: 20.0, ..Evidence::default() };
    let report = report(&evidence, None);
    for finding in &report.findings {
        let told = finding.check == Check::Duration;
        assert_eq!(finding.outcome == Outcome::Pass, told, "{finding:?}");
    }
    assert!(report.passes(false) && !report.passes(true));
}

#[test]
fn what_was_planted_in_the_picture_fails_at_its_time() {
    let at = |picture: &PictureAnalysis, check| {
        let report = report(&good(), Some(picture));
        let finding = report.findings.iter().find(|f| f.check == check).unwrap().clone();
        assert_eq!(finding.outcome, Outcome::Fail, "{finding:?}");
        (finding.time.unwrap(), finding.measured.unwrap())
    };
    let black = seen(|t, x, y| if (5.0..7.0).contains(&t) { 2 } else { moving(t, x, y) });
    assert_eq!(at(&black, Check::Black), (5.0, 2.0));
    let frozen = seen(|t, x, y| moving(if (5.0..8.0).contains(&t) { 5.0 } else { t }, x, y));
    let (time, length) = at(&frozen, Check::Frozen);
    assert!((time - 5.0).abs() < 0.05 && (length - 3.0).abs() < 0.05);
    let card = seen(|t, x, y| moving(t.min(15.0), x, y));
    assert_eq!(outcome(&report(&good(), Some(&card)), Check::Frozen), Outcome::Pass);
    let bars = seen(|t, x, y| if !(8..56).contains(&y) { 1 } else { moving(t, x, y) });
    assert!((at(&bars, Check::Letterbox).1 - 25.0).abs() < 0.1);
    let strobe = seen(|t, x, y| {
        let lit = (8.0..10.0).contains(&t) && ((t * 12.5) as u32).is_multiple_of(2);
        if lit { 250 } else { moving(t, x, y) / 2 }
    });
    let (time, count) = at(&strobe, Check::LuminanceFlashes);
    assert!((7.9..9.1).contains(&time) && count >= 6.0, "{time} {count}");
}

#[test]
fn what_was_planted_in_the_evidence_fails() {
    let picture = seen(moving);
    let fails = |check: Check, plant: &dyn Fn(&mut Evidence)| {
        let mut evidence = good();
        plant(&mut evidence);
        let report = report(&evidence, Some(&picture));
        assert_eq!(outcome(&report, check), Outcome::Fail, "{check:?}");
    };
    fails(Check::Aspect, &|e| e.aspect = Some(2.39));
    fails(Check::Duration, &|e| e.end_time = 300.0);
    fails(Check::LongestShot, &|e| e.cuts = Some(vec![3.0]));
    fails(Check::CutsInThreeSeconds, &|e| {
        e.cuts = Some((0..30).map(|n| f64::from(n) * 0.25).collect());
    });
    fails(Check::FirstFace, &|e| e.faces = Some(vec![]));
    fails(Check::FirstText, &|e| e.text.iter_mut().flatten().for_each(|t| t.span.start_time = 6.0));
    fails(Check::CtaPresent, &|e| {
        e.buttons = Some(vec![]);
        e.text = Some(vec![]);
    });
    fails(Check::CtaSafeZone, &|e| e.buttons.iter_mut().flatten().for_each(|b| b.area.y = 0.8));
    fails(Check::CtaContrast, &|e| e.buttons.iter_mut().flatten().for_each(|b| b.contrast = 2.0));
    fails(Check::WorksMuted, &|e| e.text.iter_mut().flatten().for_each(|t| t.span.end_time = 3.0));
    fails(Check::Loudness, &|e| e.sound.iter_mut().for_each(|s| s.integrated_lufs = Some(-30.0)));
    fails(Check::TruePeak, &|e| e.sound.iter_mut().for_each(|s| s.true_peak_dbtp = Some(0.4)));
    fails(Check::Hook, &|e| {
        e.faces = Some(vec![]);
        e.text = Some(vec![]);
        e.motion.iter_mut().flatten().for_each(|m| m.speed = 0.0);
        e.attention.iter_mut().flatten().for_each(|a| a.attention = 0.05);
    });
}

#[test]
fn a_placement_is_checked_alone_and_rules_are_the_users() {
    let picture = seen(moving);
    let placements = Placements::built_in().unwrap();
    let mut rules = Rules::built_in().unwrap();
    let of = |rules: &Rules, name| check(&good(), Some(&picture), rules, &placements, Some(name));
    assert_eq!(outcome(&of(&rules, "instream").unwrap(), Check::Aspect), Outcome::Fail);
    assert!(of(&rules, "billboard").is_err());
    rules.rules.retain(|rule| rule.check == Check::LongestShot);
    rules.rules[0].at_most = Some(2.0);
    rules.rules[0].required = true;
    let report = of(&rules, "reels").unwrap();
    assert_eq!((report.findings.len(), report.passes(false)), (1, false));
    assert!(Rules::from_json(r#"{"dated":"x","rules":[{"check":"smell"}]}"#).is_err());
}
