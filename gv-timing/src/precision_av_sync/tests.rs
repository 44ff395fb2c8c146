use super::*;
use gv_audio::{AudioPeak, PeakType, Stretch};
use proptest::prelude::*;

fn beat(timestamp: f64) -> AudioPeak {
    AudioPeak { timestamp, energy: 0.5, peak_type: PeakType::Beat }
}

fn cut(timestamp: f64) -> VisualPeak {
    VisualPeak { timestamp, motion_energy: 1.0, peak_type: VisualPeakType::Cut }
}

fn beats(period: f64, end: f64) -> Vec<AudioPeak> {
    (0..).map(|i| 0.3 + f64::from(i) * period).take_while(|&time| time < end).map(beat).collect()
}

/// A number from 0 to 1 for each index.
fn noise(i: usize) -> f64 {
    let mixed = (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 11) as f64 / (1u64 << 53) as f64
}

#[test]
fn each_peak_is_used_once_and_order_does_not_matter() {
    let points =
        find_sync_points(&[beat(2.0), beat(1.0)], &[cut(1.05), cut(0.98), cut(1.02)], 0.1).unwrap();
    assert_eq!(points.len(), 1);
    assert_eq!((points[0].visual_peak.timestamp, points[0].audio_peak.timestamp), (0.98, 1.0));
}

#[test]
fn more_pairs_are_better_than_closer_ones() {
    let points = find_sync_points(&[beat(1.0), beat(1.09)], &[cut(1.09), cut(1.18)], 0.1).unwrap();
    let pairs: Vec<_> =
        points.iter().map(|p| (p.visual_peak.timestamp, p.audio_peak.timestamp)).collect();
    assert_eq!(pairs, [(1.09, 1.0), (1.18, 1.09)]);
}

#[test]
fn what_is_left_over_is_matched_further_away_and_is_not_in_sync() {
    let points = find_sync_points(&[beat(1.0)], &[cut(1.3), cut(9.0)], 0.1).unwrap();
    assert_eq!(points.len(), 1);
    assert!(!points[0].is_synced && points[0].sync_score == 0.0);
    assert!((points[0].offset - 0.3).abs() < 1e-12);
}

#[test]
fn cuts_on_beats_are_no_chance_and_random_cuts_are() {
    let sound = beats(0.5, 60.0);
    let on: Vec<_> = sound.iter().step_by(4).map(|b| cut(b.timestamp + 0.01)).collect();
    let good = against_chance(&sound, &on, (0.0, 60.0), 0.1).unwrap().unwrap();
    assert!(good.corrected.unwrap() > 0.9 && good.p_value < 0.01, "{good:?}");
    let random: Vec<_> = (0..40).map(|i| cut(60.0 * noise(i))).collect();
    let bad = against_chance(&sound, &random, (0.0, 60.0), 0.1).unwrap().unwrap();
    let (low, high) = bad.chance_interval.unwrap();
    assert!((low..=high).contains(&bad.corrected.unwrap()) && bad.p_value > 0.05, "{bad:?}");
    assert!((bad.chance_percentage - 39.0).abs() < 4.0, "{bad:?}");
    assert_eq!(against_chance(&[], &on, (0.0, 60.0), 0.1).unwrap(), None);
}

#[test]
fn a_drop_without_a_beat_is_nothing_that_cuts_follow() {
    let drop = AudioPeak { timestamp: 8.0, energy: 1.0, peak_type: PeakType::Drop };
    let seen: Vec<_> = (1..20).map(|at| cut(1.5 * f64::from(at))).collect();
    let judged = |audio: &[AudioPeak]| {
        let evidence = SyncEvidence::new(audio, &seen, (0.0, 30.0));
        analyze_sync_quality(&evidence, &RecutOptions::default()).unwrap()
    };
    let alone = judged(&[drop]);
    assert_eq!(alone.cuts_on_beats, None);
    assert!(alone.recommendation.contains("there are no beats"), "{}", alone.recommendation);
    assert!(judged(&[beat(7.5), drop]).cuts_on_beats.is_some());
}

#[test]
fn a_planted_offset_is_measured_within_half_a_frame() {
    let sound = beats(0.5, 40.0);
    for planted in [-0.2, -0.08, 0.0, 0.04, 0.13, 0.2] {
        let frame = |time: f64| (time * 25.0).round() / 25.0;
        let seen: Vec<_> = (0..sound.len())
            .filter(|&i| noise(i) < 0.4)
            .map(|i| cut(frame(sound[i].timestamp + planted)))
            .chain((0..4).map(|i| cut(37.0 * noise(900 + i))))
            .collect();
        let offset = measure_offset(&sound, &seen).unwrap().unwrap();
        assert!((offset.seconds - planted).abs() < 0.02, "{planted}: {offset:?}");
        assert!(offset.uncertainty < 0.01 && offset.drift.is_none(), "{planted}: {offset:?}");
    }
    let random: Vec<_> = (0..25).map(|i| cut(40.0 * noise(i))).collect();
    assert_eq!(measure_offset(&sound, &random).unwrap(), None);
}

#[test]
fn random_cuts_score_nothing_within_their_interval() {
    let sound = beats(0.5, 60.0);
    let (mut within, mut sum) = (0, 0.0);
    for draw in 0..60 {
        let cuts: Vec<_> = (0..25).map(|i| cut(60.0 * noise(1000 * draw + i))).collect();
        let sync = against_chance(&sound, &cuts, (0.0, 60.0), 0.1).unwrap().unwrap();
        let (low, high) = sync.chance_interval.unwrap();
        let corrected = sync.corrected.unwrap();
        within += usize::from((low..=high).contains(&corrected));
        sum += corrected;
    }
    assert!(within >= 54, "{within} of 60");
    assert!((sum / 60.0).abs() < 0.05, "{sum}");
}

#[test]
fn sound_that_is_shifted_is_measured_within_half_a_frame() {
    let rate = 22_050;
    let click = |after: f64| {
        let strength = (-after / 0.08).exp() * f64::from(u8::from((0.0..0.4).contains(&after)));
        (0.7 * strength * (345.0 * after).sin()) as f32
    };
    for shift in [-0.2, -0.12, -0.05, 0.0, 0.07, 0.15, 0.2] {
        let sample = |i: usize| {
            let time = i as f64 / f64::from(rate) - 0.4 - shift;
            click(time - (time / 0.5).floor() * 0.5)
        };
        let samples = gv_audio::Samples::mono((0..30 * rate as usize).map(sample).collect(), rate);
        let options = gv_audio::AudioOptions::default().voice(false).loudness(false);
        let heard = gv_audio::analyze(&samples.unwrap(), &options).unwrap();
        let seen: Vec<_> =
            (1..14).map(|i| cut(((0.4 + 2.0 * f64::from(i)) * 25.0).round() / 25.0)).collect();
        let offset = measure_offset(&heard.peaks, &seen).unwrap().unwrap();
        assert!((offset.seconds + shift).abs() < 0.02, "{shift}: {offset:?}");
    }
}

#[test]
fn a_drift_is_measured_beside_cuts_of_whole_frames_and_cuts_off_the_beat() {
    let sound = beats(0.5, 60.0);
    for drift in [-0.001, -0.000_5, 0.0, 0.000_5, 0.001] {
        let frame = |time: f64| (time * 25.0).round() / 25.0;
        let seen: Vec<_> = (0..sound.len())
            .filter(|&i| noise(i + 300) < 0.5)
            .map(|i| cut(frame(sound[i].timestamp + drift * (sound[i].timestamp - 30.0))))
            .chain((0..6).map(|i| cut(60.0 * noise(700 + i))))
            .collect();
        let offset = measure_offset(&sound, &seen).unwrap().unwrap();
        assert!(offset.seconds.abs() < 0.01, "{drift}: {offset:?}");
        assert!((offset.drift.unwrap_or(0.0) - drift).abs() < 0.000_3, "{drift}: {offset:?}");
        assert_eq!(offset.drift.is_some(), drift != 0.0, "{drift}: {offset:?}");
    }
}

#[test]
fn a_drift_is_told_from_an_offset() {
    let sound = beats(0.5, 60.0);
    let seen: Vec<_> = sound.iter().step_by(2).map(|b| cut(b.timestamp * 1.001 + 0.01)).collect();
    let offset = measure_offset(&sound, &seen).unwrap().unwrap();
    assert!((offset.drift.unwrap() - 0.001).abs() < 1e-4, "{offset:?}");
    assert!((offset.seconds - 0.04).abs() < 0.003, "{offset:?}");
}

#[test]
fn shifts_put_cuts_on_beats_without_crossing_and_in_whole_frames() {
    let points =
        find_sync_points(&beats(1.0, 9.0), &[cut(1.5), cut(2.32), cut(4.05), cut(6.55)], 0.1)
            .unwrap();
    let plan =
        suggest_cut_adjustments(&points, &RecutOptions::default().frame_rate(Some(25.0))).unwrap();
    assert_eq!(plan.adjustments.len(), 3);
    assert!(
        plan.adjustments
            .is_sorted_by(|a, b| a.adjustment_needed.abs() <= b.adjustment_needed.abs())
    );
    for shift in &plan.adjustments {
        let frames = shift.adjustment_needed * 25.0;
        assert!(
            (frames - frames.round()).abs() < 1e-9 && shift.frames == Some(frames.round() as i64)
        );
        let there = shift.current_visual_time + shift.adjustment_needed;
        assert!((there - shift.target_audio_time).abs() <= 0.02 + 1e-9);
        assert_eq!(shift.direction == Direction::Later, shift.adjustment_needed > 0.0);
        assert_eq!(shift.priority, Priority::High);
    }
    assert!(plan.score_after > plan.score_before && plan.kept == 0);
}

#[test]
fn a_shift_that_would_cross_a_cut_or_break_speech_is_not_made() {
    let point =
        |seen: f64, heard: f64| find_sync_points(&[beat(heard)], &[cut(seen)], 0.1).unwrap()[0];
    let crossing = [point(1.0, 1.45), point(1.4, 1.4)];
    let plan = suggest_cut_adjustments(&crossing, &RecutOptions::default()).unwrap();
    assert_eq!((plan.adjustments.len(), plan.kept), (0, 1));
    let speech = vec![Stretch { start: 1.2, end: 3.0 }];
    let plan =
        suggest_cut_adjustments(&crossing[..1], &RecutOptions::default().speech(speech)).unwrap();
    assert_eq!((plan.adjustments.len(), plan.kept), (0, 1));
    assert_eq!(
        suggest_cut_adjustments(&crossing[..1], &RecutOptions::default())
            .unwrap()
            .adjustments
            .len(),
        1
    );
}

#[test]
fn the_recommendation_says_what_was_measured() {
    let sound = beats(0.5, 30.0);
    let judge = |seen: &[VisualPeak]| {
        let evidence = SyncEvidence::new(&sound, seen, (0.0, 30.0));
        analyze_sync_quality(&evidence, &RecutOptions::default()).unwrap()
    };
    let on: Vec<_> = sound.iter().step_by(3).map(|b| cut(b.timestamp)).collect();
    let good = judge(&on);
    assert_eq!((good.sync_percentage, good.average_offset_seconds), (100.0, 0.0));
    assert!(good.recommendation.starts_with("keep the cuts: 20 of 20"), "{}", good.recommendation);
    let late: Vec<_> = on.iter().map(|c| cut(c.timestamp + 0.08)).collect();
    assert!(judge(&late).recommendation.starts_with("shift the sound later by 80 ms"));
    assert!(judge(&[]).recommendation.starts_with("nothing is seen"));
    let random: Vec<_> = (0..15).map(|i| cut(30.0 * noise(i + 40))).collect();
    assert!(judge(&random).recommendation.contains("do not follow the beat"));
}

#[test]
fn what_cannot_be_is_refused() {
    assert!(find_sync_points(&[beat(f64::NAN)], &[], 0.1).is_err());
    assert!(find_sync_points(&[], &[cut(f64::INFINITY)], 0.1).is_err());
    for tolerance in [0.0, -1.0, f64::NAN, 0.6] {
        assert!(find_sync_points(&[], &[], tolerance).is_err());
    }
    assert!(against_chance(&[], &[], (f64::NAN, 1.0), 0.1).is_err());
    assert!(suggest_cut_adjustments(&[], &RecutOptions::default().frame_rate(Some(0.0))).is_err());
    assert!(suggest_cut_adjustments(&[], &RecutOptions::default().min_shot(-1.0)).is_err());
}

/// The best matching by trying all of them: most pairs, then the smallest sum.
fn brute(seen: &[f64], heard: &[f64], used: u32, reach: f64) -> (usize, f64) {
    let Some((&first, rest)) = seen.split_first() else { return (0, 0.0) };
    let mut best = brute(rest, heard, used, reach);
    for (at, &sound) in heard.iter().enumerate() {
        if used & (1 << at) == 0 && (first - sound).abs() <= reach {
            let (count, sum) = brute(rest, heard, used | (1 << at), reach);
            let candidate = (count + 1, sum + (first - sound).abs());
            if candidate.0 > best.0 || (candidate.0 == best.0 && candidate.1 < best.1) {
                best = candidate;
            }
        }
    }
    best
}

proptest! {
    #[test]
    fn the_assignment_is_the_best_of_all(
        mut seen in proptest::collection::vec(0.0..1.0f64, 0..6),
        mut heard in proptest::collection::vec(0.0..1.0f64, 0..6),
    ) {
        seen.sort_by(f64::total_cmp);
        heard.sort_by(f64::total_cmp);
        let pairs = matching::assign(&seen, &heard, 0.2);
        let sum: f64 = pairs.iter().map(|&(v, a)| (seen[v] - heard[a]).abs()).sum();
        let (count, least) = brute(&seen, &heard, 0, 0.2);
        prop_assert_eq!(pairs.len(), count);
        prop_assert!((sum - least).abs() < 1e-9, "{} {}", sum, least);
    }

    #[test]
    fn no_other_plan_has_more_in_sync_or_moves_less(
        offsets in proptest::collection::vec((0.15..1.2f64, -0.45..0.45f64), 1..7),
    ) {
        let mut time = 0.0;
        let points: Vec<SyncPoint> = offsets
            .iter()
            .map(|&(apart, offset)| {
                time += apart;
                SyncPoint::new(beat(time - offset), cut(time), 0.1)
            })
            .collect();
        let plan = suggest_cut_adjustments(&points, &RecutOptions::default()).unwrap();
        let holds = |moved: u32| {
            let place = |at: usize| {
                let is_moved = moved & (1 << at) != 0;
                let peaks = (points[at].visual_peak.timestamp, points[at].audio_peak.timestamp);
                (is_moved, if is_moved { peaks.1 } else { peaks.0 })
            };
            (0..points.len()).all(|at| !place(at).0 || !points[at].is_synced)
                && (1..points.len()).all(|at| {
                    let (before, after) = (place(at - 1), place(at));
                    (!before.0 && !after.0) || after.1 - before.1 >= 0.2
                })
        };
        let worth = |moved: u32| {
            let chosen = (0..points.len()).filter(|at| moved & (1 << at) != 0);
            let sum: f64 = chosen.map(|at| points[at].offset.abs()).sum();
            (moved.count_ones(), sum)
        };
        let best = (0..1u32 << points.len()).filter(|&moved| holds(moved)).map(worth);
        let (count, least) = best.fold((0, 0.0), |a, b| {
            if b.0 > a.0 || (b.0 == a.0 && b.1 < a.1) { b } else { a }
        });
        prop_assert_eq!(plan.adjustments.len(), count as usize);
        let sum: f64 = plan.adjustments.iter().map(|a| a.adjustment_needed.abs()).sum();
        prop_assert!((sum - least).abs() < 1e-9, "{} {}", sum, least);
    }
}
