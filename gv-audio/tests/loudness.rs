//! Loudness and peaks are those of `ebur128`, which runs beside it.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod common;

use common::Random;
use ebur128::{EbuR128, Mode};
use gv_audio::{AudioOptions, Loudness, Samples, analyze};

/// Noise and tones whose level goes up and down over 30 dB, with a silence.
fn sound(rate: u32, channels: usize, seconds: f64) -> Vec<f32> {
    let mut random = Random(u64::from(rate) + channels as u64);
    let frames = (f64::from(rate) * seconds) as usize;
    let mut values = Vec::with_capacity(frames * channels);
    for at in 0..frames {
        let time = at as f32 / rate as f32;
        let level = 10f32.powf(-1.0 - (0.4 * time).sin()) * f32::from(!(6.0..8.5).contains(&time));
        for channel in 0..channels {
            let tone = (std::f32::consts::TAU * (220.0 + 300.0 * channel as f32) * time).sin();
            values.push(level * (tone + 0.2 * random.normal()));
        }
    }
    values
}

fn peer(values: &[f32], channels: usize, rate: u32) -> (EbuR128, f64, f64) {
    let mut ebu = EbuR128::new(channels as u32, rate, Mode::all() - Mode::HISTOGRAM).unwrap();
    let (mut momentary, mut short_term) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    for step in values.chunks_exact((rate as usize + 5) / 10 * channels) {
        ebu.add_frames_f32(step).unwrap();
        momentary = momentary.max(ebu.loudness_momentary().unwrap());
        short_term = short_term.max(ebu.loudness_shortterm().unwrap());
    }
    (ebu, momentary, short_term)
}

#[test]
fn loudness_and_peaks_are_those_of_ebur128() {
    for (rate, channels) in [
        (8_000, 1),
        (22_050, 1),
        (44_100, 2),
        (48_000, 2),
        (48_000, 4),
        (48_000, 5),
        (48_000, 6),
        (96_000, 2),
    ] {
        let values = sound(rate, channels, 14.0);
        let (ebu, momentary, short_term) = peer(&values, channels, rate);
        let samples = Samples::new(values, channels, rate, 0.0).unwrap();
        let heard = analyze(&samples, &AudioOptions::default().voice(false)).unwrap();
        let ours: Loudness = heard.loudness.unwrap();
        let top = |of: &dyn Fn(u32) -> f64| (0..channels as u32).map(of).fold(0.0, f64::max);
        let decibel = |value: f64| 20.0 * value.log10();
        for (what, ours, theirs, allowed) in [
            ("integrated", ours.integrated, ebu.loudness_global().unwrap(), 1e-3),
            ("range", ours.range, ebu.loudness_range().unwrap(), 1e-3),
            ("momentary", ours.momentary_max, momentary, 1e-3),
            ("short-term", ours.short_term_max, short_term, 1e-3),
            ("sample peak", ours.sample_peak, decibel(top(&|c| ebu.sample_peak(c).unwrap())), 1e-5),
            ("true peak", ours.true_peak, decibel(top(&|c| ebu.true_peak(c).unwrap())), 1e-3),
        ] {
            let off = (ours.unwrap() - theirs).abs();
            assert!(
                off < allowed,
                "{what} of {channels} channels at {rate} Hz: {ours:?}, {theirs}"
            );
        }
    }
}
