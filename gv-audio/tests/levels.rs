//! Loudness, true peak, silence and clipping of sounds whose levels are known; bad input.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use gv_audio::{AudioOptions, Error, Listener, Samples, analyze};

fn tone(hertz: f32, level: f32, rate: u32, seconds: f32, channels: usize) -> Vec<f32> {
    let frames = (rate as f32 * seconds) as usize;
    let sample = |i: usize| level * (std::f32::consts::TAU * hertz * i as f32 / rate as f32).sin();
    (0..frames).flat_map(|i| std::iter::repeat_n(sample(i), channels)).collect()
}

#[test]
fn a_tone_of_the_standard_has_the_loudness_of_the_standard() {
    // EBU Tech 3341, case 1: stereo, 1 kHz, -23 dBFS, 20 s: -23.0 LUFS.
    let level = 10f32.powf(-23.0 / 20.0);
    let samples = Samples::new(tone(1000.0, level, 48_000, 20.0, 2), 2, 48_000, 0.0).unwrap();
    let loudness = analyze(&samples, &AudioOptions::default()).unwrap().loudness.unwrap();
    assert!((loudness.integrated.unwrap() + 23.0).abs() < 0.1, "{loudness:?}");
    assert!((loudness.momentary_max.unwrap() + 23.0).abs() < 0.1);
    assert!((loudness.short_term_max.unwrap() + 23.0).abs() < 0.1);
    assert!((loudness.true_peak.unwrap() + 23.0).abs() < 0.4);
    assert!(loudness.range.unwrap() < 0.1);
    assert_eq!(loudness.momentary.len(), 200);
}

#[test]
fn a_true_peak_lies_between_samples() {
    // A quarter of the rate, 45 degrees off: samples at 0.707 of the peak.
    let sample = |i: usize| {
        0.99 * (std::f32::consts::FRAC_PI_4 + i as f32 * std::f32::consts::FRAC_PI_2).sin()
    };
    let samples = Samples::mono((0..96_000).map(sample).collect(), 48_000).unwrap();
    let loudness = analyze(&samples, &AudioOptions::default()).unwrap().loudness.unwrap();
    assert!((loudness.sample_peak.unwrap() + 3.1).abs() < 0.1, "{loudness:?}");
    assert!(loudness.true_peak.unwrap().abs() < 0.3, "{loudness:?}");
}

#[test]
fn silence_is_found_even_with_an_offset_and_has_no_loudness() {
    let mut values = tone(440.0, 0.3, 48_000, 2.0, 1);
    values.extend(vec![0.1; 48_000]);
    values.extend(tone(440.0, 0.3, 48_000, 1.0, 1));
    let heard = analyze(&Samples::mono(values, 48_000).unwrap(), &AudioOptions::default()).unwrap();
    assert_eq!(heard.silence.len(), 1);
    assert!(
        (heard.silence[0].start - 2.0).abs() < 0.03 && (heard.silence[0].end - 3.0).abs() < 0.03
    );
    let heard =
        analyze(&Samples::mono(vec![0.0; 96_000], 48_000).unwrap(), &AudioOptions::default())
            .unwrap();
    let loudness = heard.loudness.unwrap();
    assert_eq!((loudness.integrated, loudness.true_peak, loudness.range), (None, None, None));
    assert_eq!(heard.silence.len(), 1);
    assert_eq!(heard.voice, Some(vec![]));
}

#[test]
fn clipping_is_found_where_it_is() {
    let mut values = tone(100.0, 0.5, 48_000, 3.0, 1);
    for value in &mut values[48_000..52_800] {
        *value = (*value * 6.0).clamp(-1.0, 1.0);
    }
    let heard = analyze(&Samples::mono(values, 48_000).unwrap(), &AudioOptions::default()).unwrap();
    assert_eq!(heard.clipping.len(), 1, "{:?}", heard.clipping);
    assert!(
        (heard.clipping[0].start - 1.0).abs() < 0.01 && (heard.clipping[0].end - 1.1).abs() < 0.01
    );
    assert!(heard.clipped_samples > 1000);
}

#[test]
fn bad_samples_are_counted_and_passed_over() {
    let mut values = tone(440.0, 0.3, 22_050, 2.0, 1);
    values[100] = f32::NAN;
    values[200] = f32::INFINITY;
    values[300] = 1e30;
    let heard = analyze(&Samples::mono(values, 22_050).unwrap(), &AudioOptions::default()).unwrap();
    assert_eq!(heard.bad_samples, 3);
    assert!(heard.loudness.unwrap().integrated.is_some_and(f64::is_finite));
}

#[test]
fn odd_formats_are_understood_or_refused() {
    for (channels, rate) in
        [(1, 8_000), (6, 48_000), (1, 1_000), (2, 768_000), (64, 44_100), (1, 44_101)]
    {
        let values = tone(200.0, 0.3, rate, 0.5, channels);
        let heard =
            analyze(&Samples::new(values, channels, rate, -3.5).unwrap(), &AudioOptions::default());
        let heard = heard.unwrap();
        assert!(
            (heard.duration - 0.5).abs() < 1e-3 && (heard.start + 3.5).abs() < 1e-3,
            "{channels} {rate}"
        );
    }
    for (channels, rate) in [(0, 48_000), (65, 48_000), (2, 0), (2, 999)] {
        assert!(matches!(
            Listener::new(channels, rate, &AudioOptions::default()),
            Err(Error::InvalidParameter { .. })
        ));
    }
    let options = AudioOptions::default();
    for bad in [
        options.clone().rate(7_000),
        options.clone().bpm_range(100.0, 120.0),
        options.clone().expected_bpm(f64::NAN),
        options.clone().silence(f64::NAN, 0.5),
        options.silence(-60.0, -1.0),
    ] {
        assert!(Listener::new(2, 48_000, &bad).is_err(), "{bad:?}");
    }
}

#[test]
fn few_samples_are_heard_without_findings() {
    for count in [0, 1, 100, 3000] {
        let heard =
            analyze(&Samples::mono(vec![0.25; count], 22_050).unwrap(), &AudioOptions::default());
        let heard = heard.unwrap();
        assert_eq!((heard.beats.len(), heard.tempo, heard.bars), (0, None, None));
    }
    let cancelled = AudioOptions::default();
    cancelled.cancel.cancel();
    let samples = Samples::mono(vec![0.0; 1000], 22_050).unwrap();
    assert!(matches!(analyze(&samples, &cancelled), Err(Error::Media(gv_media::Error::Cancelled))));
}
