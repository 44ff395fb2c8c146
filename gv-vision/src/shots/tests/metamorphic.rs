//! Changes of the video that leave the answer as it should be.

use super::*;
use crate::GrayImage;
use crate::shots::BoundaryKind;
use crate::testing::synthetic::Join;

/// Cuts, a dissolve and a fade, in two sizes.
fn edit(width: usize, height: usize) -> Edit {
    Edit::new(width, height, 30.0)
        .shot(scene(1), 25)
        .shot(scene(2), 30)
        .join(Join::Dissolve { frames: 14 })
        .shot(scene(3), 30)
        .join(Join::Fade { frames: 8, hold: 4, level: 0 })
        .shot(scene(4), 40)
        .shot(scene(6), 21)
}

fn summary(list: &ShotList) -> Vec<(BoundaryKind, u64)> {
    list.boundaries.iter().map(|b| (b.kind, b.frame)).collect()
}

fn assert_near(list: &ShotList, expected: &[(BoundaryKind, u64)], slack: u64) {
    let found = summary(list);
    assert_eq!(found.len(), expected.len(), "{found:?} against {expected:?}");
    for ((kind, frame), (wanted, at)) in found.iter().zip(expected) {
        assert_eq!(kind, wanted, "{found:?} against {expected:?}");
        let slack = if *kind == BoundaryKind::Cut { 0 } else { slack };
        assert!(frame.abs_diff(*at) <= slack, "{found:?} against {expected:?}");
    }
}

#[test]
fn the_plain_video_has_all_of_its_boundaries() {
    let kinds: Vec<_> = summary(&detect(edit(96, 54).frames())).into_iter().map(|b| b.0).collect();
    use BoundaryKind::{Cut, Dissolve, Fade};
    assert_eq!(kinds, [Cut, Dissolve, Fade, Cut]);
}

#[test]
fn twice_the_size_changes_nothing() {
    let small = summary(&detect(edit(96, 54).frames()));
    assert_near(&detect(edit(192, 108).frames()), &small, 1);
}

#[test]
fn showing_each_frame_twice_moves_no_boundary_in_time() {
    let once = detect(edit(96, 54).frames());
    let twice = detect(edit(96, 54).frames().flat_map(|frame| {
        let half = 0.5 / 30.0;
        let later =
            AnalysisFrame { index: 2 * frame.index + 1, time: frame.time + half, ..frame.clone() };
        [AnalysisFrame { index: 2 * frame.index, ..frame }, later]
    }));
    let expected: Vec<_> = summary(&once).into_iter().map(|(kind, at)| (kind, 2 * at)).collect();
    assert_near(&twice, &expected, 2);
    for (a, b) in once.boundaries.iter().zip(&twice.boundaries) {
        assert!((a.time - b.time).abs() < 0.04, "{a:?} {b:?}");
    }
}

#[test]
fn a_later_start_and_another_first_number_shift_everything() {
    let plain = detect(edit(96, 54).frames());
    let shifted = detect(edit(96, 54).frames().map(|frame| AnalysisFrame {
        index: frame.index + 1000,
        time: frame.time + 3600.0,
        ..frame
    }));
    for (a, b) in plain.boundaries.iter().zip(&shifted.boundaries) {
        assert_eq!((a.kind, a.frame + 1000), (b.kind, b.frame));
        assert!((a.time + 3600.0 - b.time).abs() < 1e-6);
    }
    assert_eq!(plain.shots.len(), shifted.shots.len());
}

#[test]
fn more_light_and_more_grain_move_no_boundary() {
    let plain = summary(&detect(edit(96, 54).frames()));
    let edit_plain = edit(96, 54);
    let lit = edit_plain.frames().map(|frame| {
        let (width, height) = (frame.luma.width(), frame.luma.height());
        let lift = |x, y| (f32::from(frame.luma.row(y)[x]) * 0.8 + 30.0) as u8;
        let luma = GrayImage::from_fn(width, height, lift);
        AnalysisFrame { luma, ..frame }
    });
    assert_near(&detect(lit), &plain, 2);
    assert_near(&detect(edit(96, 54).grain(6.0).frames()), &plain, 2);
}

#[test]
fn frames_at_uneven_times_keep_their_cuts_and_their_times() {
    let uneven = |index: u64| index as f64 / 30.0 + if index % 3 == 1 { 0.012 } else { 0.0 };
    let plain = summary(&detect(edit(96, 54).frames()));
    let edit = edit(96, 54);
    let frames = edit.frames().map(|f| AnalysisFrame { time: uneven(f.index), ..f });
    let list = detect(frames);
    assert_near(&list, &plain, 2);
    for boundary in &list.boundaries {
        assert_eq!(boundary.time, uneven(boundary.frame));
    }
}

#[test]
fn the_same_frames_give_the_same_answer_and_it_survives_json() {
    let first = detect(edit(96, 54).frames());
    assert_eq!(first, detect(edit(96, 54).frames()));
    let text = serde_json::to_string(&first).expect("writes");
    let back: ShotList = serde_json::from_str(&text).expect("reads");
    assert_eq!(summary(&back), summary(&first));
    assert!(text.contains("\"dissolve\""));
}

#[test]
fn frames_pushed_backwards_have_as_many_boundaries() {
    let edit = edit(96, 54);
    let count = edit.len();
    let backwards = (0..count).rev().enumerate().map(|(index, at)| AnalysisFrame {
        index: index as u64,
        time: index as f64 / 30.0,
        ..edit.frame(at)
    });
    let list = detect(backwards);
    let kinds: Vec<_> = summary(&list).into_iter().map(|b| b.0).collect();
    use BoundaryKind::{Cut, Dissolve, Fade};
    assert_eq!(kinds, [Cut, Fade, Dissolve, Cut]);
}
