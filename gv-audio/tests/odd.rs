//! Sound of odd kinds is heard as ordinary sound is, or said to hold nothing.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod common;

use common::{RATE, ffmpeg, folder, recall_and_precision, rock};
use gv_audio::{AudioAnalysis, AudioOptions, Error, Samples, analyze, analyze_file};
use gv_media::MediaOptions;
use std::path::Path;

const BPM: f64 = 116.0;

fn hear_file(file: &Path) -> gv_audio::Result<AudioAnalysis> {
    analyze_file(file, &MediaOptions::default(), &AudioOptions::default())
}

/// Checks that the groove is there, however it came.
fn check_groove(what: &str, heard: &AudioAnalysis, truth: &[f64]) {
    let bpm = heard.tempo.as_ref().map_or(0.0, |tempo| tempo.bpm);
    assert!((bpm / BPM - 1.0).abs() < 0.002, "{what}: {bpm}");
    let beats: Vec<f64> = heard.beats.iter().map(|beat| beat.time).collect();
    let (recall, precision) = recall_and_precision(truth, &beats, 0.015);
    assert!(recall > 0.95 && precision > 0.95, "{what}: {recall} {precision}");
}

/// A WAV file of 32-bit floats, written here so that it can hold what encoders refuse.
fn write_floats(file: &Path, channels: u16, rate: u32, values: &[f32]) {
    let (frame, bytes) = (4 * channels, 4 * values.len() as u32);
    let mut data = Vec::with_capacity(58 + 4 * values.len());
    data.extend(b"RIFF");
    data.extend((50 + bytes).to_le_bytes());
    data.extend(b"WAVEfmt \x12\0\0\0\x03\0");
    data.extend(channels.to_le_bytes());
    data.extend(rate.to_le_bytes());
    data.extend((rate * u32::from(frame)).to_le_bytes());
    data.extend(frame.to_le_bytes());
    data.extend(b"\x20\0\0\0fact\x04\0\0\0");
    data.extend((values.len() as u32 / u32::from(channels)).to_le_bytes());
    data.extend(b"data");
    data.extend(bytes.to_le_bytes());
    data.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    std::fs::write(file, data).unwrap();
}

#[test]
fn a_groove_is_the_same_at_every_rate_and_in_every_kind_of_file() {
    let folder = folder("kinds");
    let (sound, truth) = rock(20.0, |_| BPM);
    let plain = folder.join("plain.wav");
    write_floats(&plain, 1, RATE, &sound.samples);
    check_groove("32-bit float", &hear_file(&plain).unwrap(), &truth);
    let name = plain.display();
    for (file, how, channels, rate) in [
        ("telephone.wav", "-ar 8000 -c:a pcm_s16le", 1, 8_000),
        ("telephone.mp4", "-ar 8000 -c:a aac", 1, 8_000),
        ("eight-bit.wav", "-c:a pcm_u8", 1, RATE),
        ("double.wav", "-c:a pcm_f64le", 1, RATE),
        ("surround.wav", "-af pan=5.1|FC=0.7*c0|LFE=0.2*c0 -ar 48000", 6, 48_000),
        ("surround.mp4", "-af pan=5.1|FL=c0|BR=0.5*c0 -ar 48000 -c:a aac -b:a 384k", 6, 48_000),
        ("studio.flac", "-ar 96000 -sample_fmt s32", 1, 96_000),
    ] {
        let path = folder.join(file);
        ffmpeg(&format!("-i {name} {how}"), &path);
        let heard = hear_file(&path).unwrap();
        assert_eq!((heard.channels, heard.rate), (channels, rate), "{file}");
        check_groove(file, &heard, &truth);
    }
}

#[test]
fn a_groove_is_the_same_clipped_shifted_and_with_holes() {
    let (sound, truth) = rock(20.0, |_| BPM);
    let hear = |change: &dyn Fn(usize, f32) -> f32| {
        let samples = sound.samples.iter().enumerate().map(|(at, &sample)| change(at, sample));
        let samples = Samples::mono(samples.collect(), RATE).unwrap();
        analyze(&samples, &AudioOptions::default()).unwrap()
    };
    let clipped = hear(&|_, sample| (8.0 * sample).clamp(-1.0, 1.0));
    assert!(clipped.clipped_samples > 1000 && !clipped.clipping.is_empty());
    check_groove("clipped", &clipped, &truth);
    check_groove("with an offset", &hear(&|_, sample| 0.2 * sample + 0.7), &truth);
    check_groove("faint", &hear(&|_, sample| 1e-4 * sample), &truth);
    check_groove("beyond full scale", &hear(&|_, sample| 300.0 * sample), &truth);
    let holes = hear(&|at, sample| if at % 997 == 0 { f32::NAN } else { sample });
    assert_eq!(holes.bad_samples, sound.samples.len().div_ceil(997) as u64);
    check_groove("with samples that are no numbers", &holes, &truth);
}

#[test]
fn a_file_of_no_numbers_is_silence_and_says_so() {
    let file = folder("no-numbers").join("nan.wav");
    write_floats(&file, 2, 44_100, &[f32::NAN; 88_200]);
    let heard = hear_file(&file).unwrap();
    assert_eq!((heard.bad_samples, heard.duration), (88_200, 1.0));
    assert!(heard.peaks.is_empty() && heard.beats.is_empty() && heard.silence.len() == 1);
    assert_eq!(heard.loudness.unwrap().integrated, None);
    write_floats(&file, 1, 44_100, &[f32::INFINITY, f32::MAX, -1e30, f32::NEG_INFINITY]);
    assert_eq!(hear_file(&file).unwrap().bad_samples, 4);
}

#[test]
fn files_of_one_sample_and_of_none_are_heard_or_refused() {
    let folder = folder("short");
    for count in [1, 2, 511, 1025] {
        let file = folder.join(format!("{count}.wav"));
        write_floats(&file, 1, 48_000, &vec![0.5; count]);
        let heard = hear_file(&file).unwrap();
        assert!((heard.duration - count as f64 / 48_000.0).abs() < 1e-9, "{count}");
        assert!(heard.beats.is_empty() && heard.tempo.is_none(), "{count}");
        assert!(heard.sections.iter().all(|section| section.end <= heard.duration), "{count}");
    }
    let file = folder.join("none.wav");
    write_floats(&file, 1, 48_000, &[]);
    match hear_file(&file) {
        Ok(heard) => assert_eq!((heard.duration, heard.peaks.len()), (0.0, 0)),
        Err(error) => assert!(matches!(error, Error::Media(_)), "{error}"),
    }
    let video = folder.join("mute.mp4");
    ffmpeg("-f lavfi -i color=gray:s=64x48:r=25:d=1 -c:v mpeg4", &video);
    let error = hear_file(&video).unwrap_err();
    assert!(matches!(error, Error::Media(gv_media::Error::NoAudio { .. })), "{error}");
}
