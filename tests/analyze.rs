//! The one pass, on frames of which everything is known.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]

use geminivideo::media::{Rational, Timestamp, VideoInfo};
use geminivideo::vision::{Frame, Layout, PushOptions, PushSource};
use geminivideo::{Analysis, AnalyzeOptions, Error, ErrorKind, Progress, analyze, analyze_source};
use std::ops::ControlFlow;

const SIZE: (usize, usize) = (320, 180);
const RATE: i64 = 25;

/// Three shots of two seconds each, one brighter than the other: a still texture, one that pans by four pixels a
/// frame, a still one.
fn picture(number: i64) -> Vec<u8> {
    let (scene, shift) = (number / 50, if number / 50 == 1 { number as usize % 50 * 4 } else { 0 });
    let value = |x: usize, y: usize| {
        let (cell_x, cell_y) = ((x + shift) / 12, y / (10 + 3 * scene as usize));
        let hash = (cell_x * 2_654_435 + cell_y * 40_503 + scene as usize * 7_919) % 199;
        (20 + scene as usize * 60 + hash / 3) as u8
    };
    (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| value(x, y))).collect()
}

fn analysed(
    options: &AnalyzeOptions,
    observer: &mut dyn geminivideo::Observer,
) -> Result<Analysis, Error> {
    let mut info = VideoInfo::new(SIZE.0 as u32, SIZE.1 as u32);
    info.nominal_rate = Rational::new(RATE, 1);
    let (mut pusher, mut source) = PushSource::new(info, PushOptions::default());
    let renderer = std::thread::spawn(move || {
        for number in 0..150 {
            let pts = Timestamp::new(number, Rational::new(1, RATE).unwrap());
            let frame = Frame::new(0, pts, SIZE.0, SIZE.1, Layout::Gray8, picture(number)).unwrap();
            if pusher.push(frame).is_err() {
                return;
            }
        }
    });
    let result = analyze_source(&mut source, options, observer);
    drop(source);
    renderer.join().unwrap();
    result
}

fn unwatched(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn planted_shots_and_motion_are_found() {
    let analysis = analysed(&AnalyzeOptions::default(), &mut unwatched).unwrap();
    let starts: Vec<u64> = analysis.shots.shots.iter().map(|shot| shot.start_frame).collect();
    assert_eq!(starts, [0, 50, 100]);
    assert_eq!(analysis.frames, 150);
    assert!((analysis.duration() - 6.0).abs() < 1e-9);
    let energy = |shot: u32| {
        let frames = analysis.motion.frames.iter().filter(|frame| frame.shot == shot);
        let values: Vec<f64> = frames.map(|frame| frame.motion.mean_energy).collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    assert!(energy(0) < 0.1 && energy(2) < 0.1, "{} {}", energy(0), energy(2));
    assert!((energy(1) - 4.0).abs() < 0.5, "{}", energy(1));
    assert_eq!(analysis.not_analyzed[0].what, "objects");
    assert!(analysis.moments.iter().all(|moment| moment.face_present == Some(false)));
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let json = |threads| {
        let options = AnalyzeOptions::default().num_threads(threads);
        let mut bytes = Vec::new();
        analysed(&options, &mut unwatched).unwrap().write_json(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let one = json(1);
    assert!(one == json(2) && one == json(3));
}

#[test]
fn a_result_survives_json() {
    let analysis = analysed(&AnalyzeOptions::default(), &mut unwatched).unwrap();
    let mut bytes = Vec::new();
    analysis.write_json(&mut bytes).unwrap();
    let back: Analysis = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(back.shots, analysis.shots);
    assert_eq!(back.moments.len(), analysis.moments.len());
}

#[test]
fn the_table_has_a_row_for_each_measured_frame() {
    let analysis = analysed(&AnalyzeOptions::default(), &mut unwatched).unwrap();
    let mut bytes = Vec::new();
    analysis.write_csv(&mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let columns = text.lines().map(|line| line.split(',').count());
    assert!(columns.eq(vec![10; analysis.motion.frames.len() + 1]));
}

#[test]
fn an_observer_hears_of_every_frame_and_may_stop() {
    let mut seen = 0;
    let mut observer = |progress: Progress| {
        seen = progress.frames;
        if seen < 40 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let error = analysed(&AnalyzeOptions::default(), &mut observer).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(seen, 40);
}

#[test]
fn what_cannot_be_analysed_is_named() {
    let error = analyze("no such file.mp4", &AnalyzeOptions::default()).unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (ErrorKind::NotFound, "no file at no such file.mp4")
    );
    let sizes = AnalyzeOptions::default().motion_long_side(8);
    let error = analyze("ad.mp4", &sizes).unwrap_err();
    assert_eq!(error.to_string(), "motion_long_side is 8, allowed is 32 to 4096");
    let threads = AnalyzeOptions::default().num_threads(0);
    assert_eq!(analyze("ad.mp4", &threads).unwrap_err().kind(), ErrorKind::InvalidInput);
}
