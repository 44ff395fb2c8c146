//! The detector on synthetic video with exact labels.

mod metamorphic;
mod quiet;
mod truth;

use super::{Boundary, ShotDetector, ShotList, ShotOptions};
use crate::AnalysisFrame;
use crate::testing::synthetic::{Edit, Label, Motion, Scene};

fn detect(frames: impl IntoIterator<Item = AnalysisFrame>) -> ShotList {
    let mut detector = ShotDetector::new(ShotOptions::default());
    for frame in frames {
        detector.push(&frame);
    }
    let list = detector.finish();
    assert_whole(&list);
    list
}

/// The shots cover the frames once, and the boundaries lie between them.
fn assert_whole(list: &ShotList) {
    assert_eq!(list.shots.len(), if list.shots.is_empty() { 0 } else { list.boundaries.len() + 1 });
    for (boundary, pair) in list.boundaries.iter().zip(list.shots.windows(2)) {
        assert_eq!((pair[0].end_frame, pair[1].start_frame), (boundary.frame, boundary.frame));
        assert_eq!(pair[0].end_time, boundary.time);
        assert!(boundary.start_frame <= boundary.frame && boundary.frame <= boundary.end_frame);
        assert!(boundary.score > 0.0 && boundary.score <= 1.0);
        assert!(pair[0].start_frame < pair[0].end_frame);
    }
}

/// A scene whose camera and subjects move in one of the ordinary ways.
fn scene(number: u32) -> Scene {
    let scene = Scene::new(number);
    match number % 5 {
        0 => scene,
        1 => scene.motion(Motion::Pan { speed: 0.15 }),
        2 => scene.motion(Motion::Zoom { rate: 0.2 }),
        3 => scene.motion(Motion::Subjects { speed: 0.4 }),
        _ => scene.motion(Motion::Handheld { amount: 0.004 }),
    }
}

/// Precision, recall and their harmonic mean.
#[derive(Debug)]
#[allow(dead_code, reason = "printed where an assertion fails")]
struct Score {
    precision: f64,
    recall: f64,
    f1: f64,
}

/// Scores boundaries of the labels' kinds: each label is met by at most one boundary, whose frame lies
/// within `slack` of the label's span.
fn score(labels: &[Label], found: &[Boundary], slack: u64) -> Score {
    let mut free: Vec<&Boundary> = found.iter().collect();
    let hits = labels
        .iter()
        .filter(|label| {
            let hit = free.iter().position(|b| {
                b.kind == label.kind
                    && b.frame + slack >= label.start
                    && b.frame <= label.end + slack
            });
            hit.map(|at| free.remove(at)).is_some()
        })
        .count() as f64;
    let precision = hits / found.len().max(1) as f64;
    let recall = hits / labels.len().max(1) as f64;
    let f1 = 2.0 * hits / (found.len() + labels.len()).max(1) as f64;
    Score { precision, recall, f1 }
}

/// Scores an edit and tells where it went wrong.
fn score_of(edit: &Edit, slack: u64) -> (Score, ShotList) {
    let list = detect(edit.frames());
    let score = score(&edit.labels(), &list.boundaries, slack);
    if score.f1 < 1.0 {
        println!("labels {:?}\nfound {:?}", edit.labels(), list.boundaries);
    }
    (score, list)
}
