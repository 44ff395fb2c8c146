//! What listening costs: `cargo bench --bench audio`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use geminivideo::audio::{AudioOptions, Samples, analyze};
use std::hint::black_box;

const RATE: u32 = 44_100;
const SECONDS: usize = 10;

/// Strokes of noise twice a second over a hum, in stereo.
fn groove() -> Samples {
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    let frame = |n: usize| {
        let time = n as f32 / RATE as f32;
        let stroke = 0.6 * (-40.0 * (time % 0.5)).exp() * noise();
        let hum = 0.1 * (std::f32::consts::TAU * 110.0 * time).sin();
        [stroke + hum; 2]
    };
    let values = (0..SECONDS * RATE as usize).flat_map(frame).collect();
    Samples::new(values, 2, RATE, 0.0).expect("two channels at a common rate")
}

fn listening(criterion: &mut Criterion) {
    let samples = groove();
    let mut group = criterion.benchmark_group("sound");
    group.sample_size(20);
    group.throughput(Throughput::Elements(SECONDS as u64));
    for (name, voice) in [("all", true), ("without voices", false)] {
        let mut options = AudioOptions::default();
        options.voice = voice;
        group.bench_function(format!("{name}, 10 s of stereo"), |bencher| {
            bencher.iter(|| analyze(black_box(&samples), &options));
        });
    }
    group.finish();
}

criterion_group!(benches, listening);
criterion_main!(benches);
