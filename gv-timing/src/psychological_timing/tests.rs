//! Windows and plans change with their input, and only with it.

use super::*;
use proptest::prelude::*;

/// Samples every half second with the energies and faces of consecutive stretches.
fn clip(stretches: &[(usize, f64, Option<bool>)]) -> Vec<MotionSample> {
    let mut samples = Vec::new();
    for &(count, energy, has_face) in stretches {
        for _ in 0..count {
            samples.push(MotionSample { time: 0.5 * samples.len() as f64, energy, has_face });
        }
    }
    samples
}

fn ad() -> Vec<MotionSample> {
    let face = Some(true);
    clip(&[
        (6, 20.0, face),
        (8, 2.0, face),
        (12, 18.0, Some(false)),
        (10, 2.0, face),
        (8, 1.0, Some(false)),
    ])
}

fn bounds(samples: &[MotionSample]) -> Vec<(f64, f64)> {
    let windows = analyze_motion_windows(samples).unwrap();
    windows.iter().map(|w| (w.start_time, w.end_time)).collect()
}

#[test]
fn windows_are_the_stretches_and_cover_the_clip() {
    assert_eq!(bounds(&ad()), [(0.0, 3.0), (3.0, 7.0), (7.0, 13.0), (13.0, 18.0), (18.0, 22.0)]);
}

#[test]
fn a_clip_in_which_nothing_changes_is_one_window() {
    for energy in [0.0, 7.0, 100.0] {
        assert_eq!(bounds(&clip(&[(40, energy, None)])), [(0.0, 20.0)]);
    }
    assert!(bounds(&[]).is_empty());
    assert_eq!(bounds(&clip(&[(1, 3.0, None)])), [(0.0, 1.0)]);
}

#[test]
fn flicker_around_a_threshold_makes_no_windows() {
    let mut samples = clip(&[(40, 5.0, None)]);
    for (i, sample) in samples.iter_mut().enumerate() {
        sample.energy = if i % 2 == 0 { 4.8 } else { 5.2 };
    }
    assert_eq!(bounds(&samples).len(), 1);
}

#[test]
fn a_calm_clip_has_levels_of_its_own() {
    let windows =
        analyze_motion_windows(&clip(&[(10, 0.5, None), (10, 2.0, None), (10, 4.0, None)]))
            .unwrap();
    let levels: Vec<&str> = windows.iter().map(|w| w.level.name()).collect();
    assert_eq!(levels, ["low", "medium", "high"]);
}

#[test]
fn a_later_clip_gives_the_same_windows_later_and_the_order_of_samples_does_not_matter() {
    let mut shifted = ad();
    for sample in &mut shifted {
        sample.time += 3.25;
    }
    let expected: Vec<(f64, f64)> =
        bounds(&ad()).iter().map(|(a, b)| (a + 3.25, b + 3.25)).collect();
    assert_eq!(bounds(&shifted), expected);
    let mut reversed = ad();
    reversed.reverse();
    assert_eq!(bounds(&reversed), bounds(&ad()));
    let twice: Vec<MotionSample> = ad().into_iter().flat_map(|sample| [sample, sample]).collect();
    assert_eq!(bounds(&twice), bounds(&ad()));
}

#[test]
fn calm_faces_and_time_are_taken_in_better() {
    let score = |energy: f64, face: Option<bool>| {
        analyze_motion_windows(&clip(&[(10, energy, face)])).unwrap()[0].absorption_score
    };
    assert!(score(0.0, Some(true)) > 0.99);
    assert!(
        score(1.0, Some(true)) > score(1.0, None) && score(1.0, None) > score(1.0, Some(false))
    );
    assert!(score(1.0, None) > score(10.0, None) && score(10.0, None) > score(40.0, None));
    let window = &analyze_motion_windows(&ad()).unwrap()[0];
    let parts = window.absorption;
    assert_eq!(window.absorption_score, parts.calm + parts.face + parts.time);
}

#[test]
fn triggers_are_placed_in_their_order_where_they_belong() {
    let plan = optimize_trigger_placement(&ad()).unwrap();
    let placed: Vec<TriggerType> = plan.recommended_structure.iter().map(|p| p.trigger).collect();
    assert!(placed.is_sorted(), "{placed:?}");
    let at = |kind| plan.recommended_structure.iter().find(|p| p.trigger == kind).unwrap();
    assert!(at(TriggerType::Hook).time < 2.1);
    assert!((3.0..=5.0).contains(&at(TriggerType::PainPoint).time));
    assert!((5.0..=8.0).contains(&at(TriggerType::Solution).time));
    assert!((13.0..=15.0).contains(&at(TriggerType::SocialProof).time));
    assert!(at(TriggerType::Cta).time >= 15.0 && at(TriggerType::Cta).motion == MotionLevel::Low);
    for pair in plan.recommended_structure.windows(2) {
        assert!(pair[0].time + pair[0].duration <= pair[1].time + 1e-9, "{pair:?}");
    }
    assert!(at(TriggerType::Hook).reason.contains("a face shows"));
}

#[test]
fn what_finds_no_place_is_named() {
    let short = optimize_trigger_placement(&clip(&[(4, 1.0, Some(false))])).unwrap();
    assert!(short.left_out.contains(&TriggerType::Solution));
    let nothing = optimize_trigger_placement(&[]).unwrap();
    assert_eq!(nothing.left_out.len(), 9);
    let unknown = optimize_trigger_placement(&clip(&[(20, 1.0, None)])).unwrap();
    assert!(unknown.key_insights.iter().any(|told| told.contains("faces are unknown")));
}

#[test]
fn every_trigger_finds_a_place_somewhere() {
    let mut seen = std::collections::BTreeSet::new();
    let long = clip(&[
        (8, 20.0, Some(true)),
        (10, 1.0, Some(true)),
        (12, 8.0, Some(true)),
        (30, 20.0, Some(false)),
        (20, 1.0, Some(true)),
        (10, 20.0, Some(false)),
        (10, 8.0, Some(false)),
        (10, 1.0, Some(false)),
    ]);
    seen.extend(
        optimize_trigger_placement(&long).unwrap().recommended_structure.iter().map(|p| p.trigger),
    );
    assert_eq!(seen.len(), 9, "{seen:?}");
}

#[test]
fn what_cannot_be_is_refused() {
    for (time, energy) in [(f64::NAN, 1.0), (0.0, f64::NAN), (0.0, -1.0), (f64::INFINITY, 1.0)] {
        let sample = MotionSample { time, energy, has_face: None };
        assert!(analyze_motion_windows(&[sample]).is_err());
    }
}

proptest! {
    #[test]
    fn windows_follow_one_another_and_scores_are_shares(
        raw in prop::collection::vec((0.0..60.0f64, 0.0..50.0f64, prop::option::of(any::<bool>())), 1..80),
    ) {
        let samples: Vec<MotionSample> =
            raw.iter().map(|&(time, energy, has_face)| MotionSample { time, energy, has_face }).collect();
        let plan = optimize_trigger_placement(&samples).unwrap();
        for pair in plan.windows.windows(2) {
            prop_assert_eq!(pair[0].end_time, pair[1].start_time);
        }
        for window in &plan.windows {
            prop_assert!((0.0..=1.0 + 1e-9).contains(&window.absorption_score));
        }
        let placed: Vec<TriggerType> = plan.recommended_structure.iter().map(|p| p.trigger).collect();
        prop_assert!(placed.is_sorted());
    }
}
