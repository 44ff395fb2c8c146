//! What looking at a frame costs: `cargo bench --bench vision`.
//!
//! `scripts/bench` measures the same beside its peers; this is for working on the code, where only the change counts.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use geminivideo::vision::shots::{ShotDetector, ShotOptions};
use geminivideo::vision::testing::synthetic::{Edit, Motion, Scene};
use geminivideo::vision::text::{TextDetector, TextOptions};
use geminivideo::vision::{
    AnalysisFrame, BlockMatching, BlockMatchingOptions, Farneback, FarnebackOptions, OpticalFlow,
};
use std::hint::black_box;

/// Frames of a pan, and of a cut to another scene in the middle.
fn frames(width: usize, height: usize, count: usize) -> Vec<AnalysisFrame> {
    let pan = |seed| Scene::new(seed).motion(Motion::Pan { speed: 0.2 });
    let edit =
        Edit::new(width, height, 25.0).shot(pan(1), count / 2).shot(pan(2), count - count / 2);
    edit.frames().collect()
}

fn flow(criterion: &mut Criterion) {
    let one = |threads| FarnebackOptions::default().num_threads(Some(threads));
    let farneback = Farneback::new(one(1)).expect("one thread is allowed");
    let matching = BlockMatchingOptions::default().num_threads(Some(1));
    let matching = BlockMatching::new(matching).expect("one thread is allowed");
    let methods: [(&str, &dyn OpticalFlow); 2] =
        [("farneback", &farneback), ("block matching", &matching)];
    let mut group = criterion.benchmark_group("flow of a pair");
    for (width, height) in [(320, 180), (640, 360)] {
        let pair = frames(width, height, 4);
        group.throughput(Throughput::Elements((width * height) as u64));
        for (name, method) in methods {
            let size = BenchmarkId::new(name, format!("{width}x{height}"));
            group.bench_function(size, |bencher| {
                bencher.iter(|| method.calculate(&pair[0].luma, black_box(&pair[1].luma)));
            });
        }
    }
    group.finish();
}

fn shots(criterion: &mut Criterion) {
    let frames = frames(320, 180, 50);
    let mut group = criterion.benchmark_group("shots");
    group.throughput(Throughput::Elements(frames.len() as u64));
    group.bench_function("50 frames, 320x180", |bencher| {
        bencher.iter(|| {
            let mut detector = ShotDetector::new(ShotOptions::default());
            for frame in &frames {
                detector.push(black_box(frame));
            }
            detector.finish()
        });
    });
    group.finish();
}

fn text(criterion: &mut Criterion) {
    let frame = &frames(640, 360, 2)[0];
    let detector = TextDetector::new(TextOptions::default());
    criterion.bench_function("text in a frame, 640x360", |bencher| {
        bencher.iter(|| detector.detect(black_box(&frame.luma)));
    });
}

criterion_group!(benches, flow, shots, text);
criterion_main!(benches);
