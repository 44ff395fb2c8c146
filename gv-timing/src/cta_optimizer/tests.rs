//! Calls planted, placed and worded.

use super::*;
use crate::placements::Placements;
use crate::{
    Area, ButtonSpan, Evidence, FaceSpan, MotionPoint, SoundEvidence, Span, TextSpan, total,
};
use proptest::prelude::*;

fn span(start_time: f64, end_time: f64) -> Span {
    Span { start_time, end_time }
}

/// Thirty seconds whose motion is `energy(time)`.
fn video(energy: impl Fn(f64) -> f64) -> Evidence {
    let times = (0..750).map(|n| f64::from(n) / 25.0);
    Evidence {
        end_time: 30.0,
        aspect: Some(9.0 / 16.0),
        motion: Some(
            times.map(|time| MotionPoint { time, energy: energy(time), speed: 0.0 }).collect(),
        ),
        cuts: Some(vec![]),
        faces: Some(vec![]),
        text: Some(vec![]),
        buttons: Some(vec![]),
        sound: Some(SoundEvidence::default()),
        ..Evidence::default()
    }
}

fn config() -> CtaConfig {
    best_for_goal("sales").unwrap()
}

fn button(start: f64, end: f64, y: f64) -> ButtonSpan {
    ButtonSpan {
        span: span(start, end),
        area: Area { x: 0.25, y, width: 0.5, height: 0.08 },
        colour: "#FF0000".into(),
        contrast: 4.0,
        lowest_contrast: 3.8,
    }
}

fn judged(evidence: &Evidence) -> ExistingCta {
    let found = score_existing_cta(evidence, &Placements::built_in().unwrap()).unwrap();
    assert!((total(&found.parts) - found.cta_visibility_score).abs() < 1e-9);
    assert!((0.0..=100.0).contains(&found.cta_visibility_score));
    found
}

#[test]
fn a_call_is_placed_where_it_is_calm_after_a_build_up() {
    let calm =
        |from: f64| move |time: f64| if (from..from + 4.5).contains(&time) { 0.5 } else { 20.0 };
    for from in [25.2, 25.5] {
        let placed = analyze_cta_timing(&video(calm(from)), &config()).unwrap();
        assert!((placed.start_time - from).abs() <= 0.5, "{placed:?}");
        assert!((placed.end_time - placed.start_time - 4.0).abs() < 1e-9);
        assert!(placed.confidence_score > 0.5 && !placed.pre_cta_sequence.is_empty());
        assert!((total(&placed.parts) - placed.confidence_score).abs() < 1e-9);
    }
}

#[test]
fn beats_cuts_and_faces_move_a_call() {
    let mut evidence = video(|_| 5.0);
    evidence.sound = Some(SoundEvidence { beats: vec![25.0, 25.63, 29.0], ..Default::default() });
    assert_eq!(analyze_cta_timing(&evidence, &config()).unwrap().start_time, 25.0);
    evidence.faces = Some(vec![FaceSpan { span: span(24.0, 25.6), size: 0.3 }]);
    assert_eq!(analyze_cta_timing(&evidence, &config()).unwrap().start_time, 25.63);
    evidence.cuts = Some(vec![25.2]);
    let placed = analyze_cta_timing(&evidence, &config()).unwrap();
    assert!(placed.start_time >= 25.2 - 0.1, "{placed:?}");
}

#[test]
fn what_is_unknown_lowers_the_confidence_and_is_no_error() {
    let known = analyze_cta_timing(&video(|_| 1.0), &config()).unwrap();
    let unknown = Evidence { end_time: 30.0, ..Evidence::default() };
    let placed = analyze_cta_timing(&unknown, &config()).unwrap();
    assert!(placed.confidence_score <= 0.25 && placed.confidence_score < known.confidence_score);
    assert!(analyze_cta_timing(&Evidence::default(), &config()).is_err());
    let short = analyze_cta_timing(&Evidence { end_time: 1.0, ..unknown }, &config()).unwrap();
    assert_eq!((short.start_time, short.end_time), (0.0, 1.0));
}

#[test]
fn a_planted_button_is_found_and_a_clip_without_one_has_none() {
    let mut evidence = video(|_| 5.0);
    assert_eq!(judged(&evidence).cta_detected, Some(false));
    evidence.buttons = Some(vec![button(25.0, 30.0, 0.5)]);
    let found = judged(&evidence);
    assert_eq!(found.cta_detected, Some(true));
    assert_eq!((found.cta_start_time, found.cta_duration), (Some(25.0), Some(5.0)));
    assert!(found.cta_visibility_score > 80.0, "{found:?}");
    assert!(found.safe_zones.iter().all(|zone| zone.overlap_percent < 1e-9));
    assert_eq!(found.pre_cta_urgency, Some(false));
}

#[test]
fn a_call_under_the_controls_is_told_in_percent() {
    let mut evidence = video(|time| if (22.0..25.0).contains(&time) { 30.0 } else { 2.0 });
    evidence.buttons = Some(vec![button(25.0, 30.0, 0.61)]);
    let found = judged(&evidence);
    let reels = found.safe_zones.iter().find(|zone| zone.placement == "reels").unwrap();
    assert!((reels.overlap_percent - 50.0).abs() < 1e-6, "{reels:?}");
    assert!(
        found.recommendations.iter().any(|text| text.contains("reels") && text.contains("50 %"))
    );
    assert_eq!(found.pre_cta_urgency, Some(true));
    evidence.aspect = Some(16.0 / 9.0);
    assert!(judged(&evidence).safe_zones.is_empty());
}

#[test]
fn words_that_press_before_a_call_are_urgency_and_unread_ones_leave_it_open() {
    let mut evidence = video(|_| 5.0);
    evidence.buttons = Some(vec![button(25.0, 30.0, 0.5)]);
    let mut urgency = |start: f64, said: Option<&str>| {
        evidence.text = Some(vec![TextSpan {
            span: span(start, start + 2.0),
            area: Area { x: 0.2, y: 0.4, width: 0.6, height: 0.06 },
            text: said.map(str::to_owned),
            contrast: Some(9.0),
        }]);
        judged(&evidence).pre_cta_urgency
    };
    assert_eq!(urgency(22.5, Some("Ends tonight.")), Some(true));
    assert_eq!(urgency(22.5, Some("Friends and todays")), Some(false));
    assert_eq!(urgency(10.0, Some("Ends tonight.")), Some(false), "long before");
    assert_eq!(urgency(22.5, None), None);
    assert_eq!(urgency(10.0, None), Some(false));
}

#[test]
fn a_call_is_asked_for_in_whole_words() {
    let asks = |said: &str| {
        let mut evidence = video(|_| 5.0);
        evidence.text = Some(vec![TextSpan {
            span: span(26.0, 29.0),
            area: Area { x: 0.2, y: 0.4, width: 0.6, height: 0.06 },
            text: Some(said.to_owned()),
            contrast: Some(9.0),
        }]);
        judged(&evidence).cta_detected
    };
    for call in ["Try it", "TRY!", "acme.com", "www.acme.de", "Facebook? Book now"] {
        assert_eq!(asks(call), Some(true), "{call}");
    }
    for none in ["A country on tape", "Facebook", "Startled"] {
        assert_eq!(asks(none), Some(false), "{none}");
    }
}

#[test]
fn writing_counts_by_its_words_and_is_open_where_nobody_reads() {
    let writing = |start: f64, said: Option<&str>| TextSpan {
        span: span(start, start + 3.0),
        area: Area { x: 0.2, y: 0.4, width: 0.6, height: 0.06 },
        text: said.map(str::to_owned),
        contrast: Some(9.0),
    };
    let mut evidence = video(|_| 5.0);
    evidence.text = Some(vec![writing(26.0, Some("Shop now at our store"))]);
    let found = judged(&evidence);
    assert_eq!((found.cta_detected, found.candidates[0].kind), (Some(true), CtaKind::Words));
    evidence.text = Some(vec![writing(26.0, Some("A quiet evening"))]);
    assert_eq!(judged(&evidence).cta_detected, Some(false));
    evidence.text = Some(vec![writing(26.0, None)]);
    let open = judged(&evidence);
    assert_eq!((open.cta_detected, open.candidates[0].kind), (None, CtaKind::UnreadText));
    evidence.text = Some(vec![writing(3.0, None)]);
    assert_eq!(judged(&evidence).cta_detected, Some(false));
    evidence.text = None;
    assert_eq!(judged(&evidence).cta_detected, None);
}

#[test]
fn a_larger_clearer_longer_call_scores_more() {
    let score = |of: &dyn Fn(&mut ButtonSpan)| {
        let mut evidence = video(|_| 5.0);
        let mut planted = button(27.5, 29.0, 0.5);
        planted.area.width = 0.2;
        planted.contrast = 2.0;
        of(&mut planted);
        evidence.buttons = Some(vec![planted]);
        judged(&evidence).cta_visibility_score
    };
    let plain = score(&|_| {});
    assert!(score(&|b| b.area.width = 0.4) > plain);
    assert!(score(&|b| b.contrast = 4.0) > plain);
    assert!(score(&|b| b.span.start_time = 26.0) > plain);
}

#[test]
fn a_closing_fits_any_video() {
    let long = generate_sequence(30.0, "ecommerce").unwrap();
    let times: Vec<_> = long.sequence.iter().map(|e| (e.kind.as_str(), e.start, e.end)).collect();
    assert_eq!(times, [("pre_cta", 23.0, 26.0), ("cta", 26.0, 30.0), ("urgency", 27.0, 30.0)]);
    let short = generate_sequence(2.0, "saas").unwrap();
    assert!((short.sequence[0].start - 1.0).abs() < 1e-9);
    let other = generate_sequence(20.0, "funeral").unwrap();
    assert_eq!((other.industry.as_str(), other.industry_used.as_str()), ("funeral", "ecommerce"));
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(generate_sequence(bad, "app").is_err());
    }
}

#[test]
fn variations_differ_from_the_call_and_from_each_other() {
    for (base, count) in [("Shop Now", 5), ("SHOP NOW", 12), ("Feed the cat", 8)] {
        let found = generate_variations(base, count).unwrap();
        assert_eq!(found.len(), count, "{found:?}");
        let mut plain: Vec<String> = found.iter().map(|text| text.to_lowercase()).collect();
        plain.push(base.to_lowercase());
        plain.sort();
        plain.dedup();
        assert_eq!(plain.len(), count + 1);
    }
    assert!(generate_variations("Shop Now", 0).unwrap().is_empty());
    assert!(generate_variations("Shop Now", 1_000_000).unwrap().len() < 200);
    assert!(generate_variations(" ", 3).is_err());
}

#[test]
fn every_industry_goal_and_type_has_its_call() {
    let table = industries().unwrap();
    assert_eq!(table.keys().collect::<Vec<_>>(), ["app", "ecommerce", "leadgen", "saas"]);
    assert_eq!(table["saas"].urgency_text.as_deref(), Some("Free for 14 days"));
    let told = best_for_goal("fame").unwrap_err().to_string();
    assert!(told.contains("\"fame\"") && told.contains("app_installs"), "{told}");
    assert_eq!(best_for_goal("App installs").unwrap().cta_type, CtaType::Download);
}

proptest! {
    #[test]
    fn any_times_have_a_finite_answer(
        end in 0.01..1e5_f64,
        values in prop::collection::vec((prop::num::f64::ANY, prop::num::f64::ANY), 0..20),
    ) {
        let evidence = Evidence {
            end_time: end,
            motion: Some(values.iter().map(|&(time, energy)| MotionPoint { time, energy, speed: 0.0 }).collect()),
            cuts: Some(values.iter().map(|&(time, _)| time).collect()),
            buttons: Some(values.iter().map(|&(a, b)| ButtonSpan { span: span(a, b), ..Default::default() }).collect()),
            ..video(|_| 1.0)
        };
        let placed = analyze_cta_timing(&evidence, &config()).unwrap();
        prop_assert!(placed.confidence_score.is_finite() && placed.start_time >= 0.0);
        prop_assert!(judged(&evidence).cta_visibility_score.is_finite());
    }
}
