//! Planted boundaries are found.

use super::*;
use crate::shots::BoundaryKind;
use crate::testing::synthetic::Join;

const LENGTHS: [usize; 7] = [4, 6, 8, 12, 24, 36, 48];

#[test]
fn cuts_between_moving_shots_are_found_at_their_frame() {
    let mut edit = Edit::new(96, 54, 25.0);
    for number in 0..40 {
        edit = edit.shot(scene(number), 9 + (number as usize * 7) % 23);
    }
    let (score, _) = score_of(&edit, 0);
    assert!(score.f1 >= 0.98, "{score:?}");
}

#[test]
fn cuts_at_night_and_without_colour_are_found() {
    for dark in [true, false] {
        let mut edit = Edit::new(96, 54, 24.0);
        for number in 100..120 {
            let scene = scene(number);
            edit = edit.shot(if dark { scene.light(0.15) } else { scene.colourless() }, 20);
        }
        let (score, _) = score_of(&edit.grain(1.0), 0);
        assert!(score.f1 >= 0.95, "dark {dark}: {score:?}");
    }
}

#[test]
fn dissolves_of_all_lengths_are_found_with_their_extent() {
    let mut edit = Edit::new(96, 54, 25.0);
    for (turn, number) in (200..221).enumerate() {
        let frames = LENGTHS[turn % LENGTHS.len()];
        edit = edit.shot(scene(number), 30).join(Join::Dissolve { frames });
    }
    let edit = edit.shot(scene(199), 30);
    let (score, list) = score_of(&edit, 0);
    assert!(score.f1 >= 0.9, "{score:?}");
    let labels = edit.labels();
    let whole = list.boundaries.iter().filter(|found| {
        labels.iter().any(|label| {
            let tolerance = 1 + (label.end - label.start) / 4;
            found.start_frame.abs_diff(label.start) <= tolerance
                && found.end_frame.abs_diff(label.end) <= tolerance
        })
    });
    assert!(whole.count() * 10 >= labels.len() * 8, "{:?}", list.boundaries);
}

#[test]
fn fades_through_black_and_white_are_found_most_of_them_whole() {
    for level in [0, 255] {
        let mut edit = Edit::new(96, 54, 30.0);
        for (turn, number) in (300..309).enumerate() {
            let (frames, hold) = (LENGTHS[1 + turn % 4], [0, 3, 10][turn % 3]);
            edit = edit.shot(scene(number), 35).join(Join::Fade { frames, hold, level });
        }
        let edit = edit.shot(scene(310), 35);
        let mut list = detect(edit.frames());
        let whole = list.boundaries.iter().filter(|b| b.kind == BoundaryKind::Fade).count();
        assert!(whole * 2 > edit.labels().len(), "level {level}: {:?}", list.boundaries);
        list.boundaries.iter_mut().for_each(|b| b.kind = BoundaryKind::Fade);
        let score = score(&edit.labels(), &list.boundaries, 0);
        assert!(score.f1 >= 0.9, "level {level}: {score:?} {:?}", list.boundaries);
    }
}

#[test]
fn a_fade_with_a_long_hold_is_a_fade_out_a_blank_shot_and_a_fade_in() {
    let join = Join::Fade { frames: 12, hold: 60, level: 0 };
    let edit = Edit::new(96, 54, 30.0).shot(scene(1), 40).join(join).shot(scene(2), 40);
    let list = detect(edit.frames());
    let kinds: Vec<_> = list.boundaries.iter().map(|b| b.kind).collect();
    assert_eq!(kinds, [BoundaryKind::FadeOut, BoundaryKind::FadeIn]);
    let blank: Vec<_> = list.shots.iter().map(|s| s.blank).collect();
    assert_eq!(blank, [false, true, false]);
    assert!(list.boundaries[0].frame.abs_diff(52) <= 2);
    assert!(list.boundaries[1].frame.abs_diff(112) <= 2);
}

#[test]
fn a_cut_is_found_at_every_frame_rate() {
    for fps in [10.0, 15.0, 23.976, 50.0, 60.0, 120.0] {
        let mut edit = Edit::new(96, 54, fps);
        for number in 400..404 {
            edit = edit.shot(scene(number), (fps * 1.2) as usize);
        }
        let (score, _) = score_of(&edit, 0);
        assert!(score.f1 >= 0.99, "{fps}: {score:?}");
    }
}

#[test]
fn a_dissolve_of_half_a_second_is_found_at_every_frame_rate() {
    for fps in [10.0, 25.0, 60.0, 120.0] {
        let join = Join::Dissolve { frames: (fps * 0.5) as usize };
        let frames = (fps * 1.5) as usize;
        let edit = Edit::new(96, 54, fps).shot(scene(5), frames).join(join).shot(scene(7), frames);
        let (score, _) = score_of(&edit, 0);
        assert!(score.f1 >= 0.99, "{fps}: {score:?}");
    }
}

#[test]
fn a_cut_under_letterbox_bars_and_in_odd_sizes_is_found() {
    for (width, height) in [(161, 121), (54, 96), (40, 3), (9, 200), (24, 24)] {
        let edit = Edit::new(width, height, 25.0).shot(scene(11), 30).shot(scene(13), 30);
        let (score, _) = score_of(&edit, 0);
        assert!(score.f1 >= 0.99, "{width}x{height}: {score:?}");
    }
    let edit = Edit::new(160, 90, 25.0).shot(scene(11), 30).shot(scene(13), 30);
    let boxed = edit.frames().map(|mut frame| {
        for (plane, value) in [(&mut frame.luma, 0), (&mut frame.cb, 128), (&mut frame.cr, 128)] {
            plane.data_mut()[..160 * 22].fill(value);
            plane.data_mut()[160 * 68..].fill(value);
        }
        frame
    });
    let list = detect(boxed);
    assert_eq!(list.boundaries.iter().map(|b| b.frame).collect::<Vec<_>>(), [30]);
}

#[test]
fn a_higher_threshold_finds_no_more() {
    let mut edit = Edit::new(96, 54, 25.0);
    for number in 500..512 {
        let join = if number % 2 == 0 { Join::Cut } else { Join::Dissolve { frames: 10 } };
        edit = edit.shot(scene(number), 25).join(join);
    }
    let count = |threshold: f64| {
        let mut detector = ShotDetector::new(ShotOptions::default().threshold(threshold));
        edit.frames().for_each(|frame| detector.push(&frame));
        detector.finish().boundaries.len()
    };
    let counts = [0.3, 0.5, 0.9, 0.9999].map(count);
    assert!(counts.is_sorted_by(|a, b| a >= b), "{counts:?}");
    assert!(counts[0] > counts[3], "{counts:?}");
}
