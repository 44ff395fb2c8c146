//! Voices are found where somebody speaks, and music alone has none: on real clips, and on synthetic speech over music.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails where it unwraps")]

mod common;

use common::{RATE, Random, Sound, Stroke, folder, media, rock};
use gv_audio::testing::{LostVoiceDetector, voice_detector_suite};
use gv_audio::{AudioOptions, Error, Result, Samples, VoiceDetector, VoiceStretch};
use gv_audio::{analyze, analyze_file, voice_scores};
use gv_media::MediaOptions;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

fn voices(samples: Vec<f32>) -> Vec<VoiceStretch> {
    let options = AudioOptions::default().loudness(false);
    analyze(&Samples::mono(samples, RATE).unwrap(), &options).unwrap().voice.unwrap()
}

fn voices_of(file: &Path) -> (Vec<VoiceStretch>, f64) {
    let options = AudioOptions::default().loudness(false);
    let heard = analyze_file(file, &MediaOptions::default(), &options).unwrap();
    (heard.voice.unwrap(), heard.duration)
}

fn seconds(voices: &[VoiceStretch]) -> f64 {
    voices.iter().map(|voice| voice.end - voice.start).sum()
}

/// Shares of hundredths of a second with a voice that are found, and of those without one that are taken for one.
fn found_and_false(voices: &[VoiceStretch], truth: &[(f64, f64)], duration: f64) -> (f64, f64) {
    let spans: Vec<(f64, f64)> = voices.iter().map(|voice| (voice.start, voice.end)).collect();
    let within = |time: f64, spans: &[(f64, f64)]| {
        spans.iter().any(|&(start, end)| (start..end).contains(&time))
    };
    let (mut hits, mut voiced, mut wrong, mut silent) = (0.0f64, 0.0f64, 0.0f64, 0.0f64);
    for step in 0..(duration * 100.0) as usize {
        let time = step as f64 / 100.0;
        let found = within(time, &spans);
        if within(time, truth) {
            (voiced, hits) = (voiced + 1.0, hits + f64::from(u8::from(found)));
        } else {
            (silent, wrong) = (silent + 1.0, wrong + f64::from(u8::from(found)));
        }
    }
    (hits / voiced.max(1.0), wrong / silent.max(1.0))
}

#[test]
fn people_who_speak_are_found() {
    let Some(media) = media("people_who_speak_are_found") else { return };
    let turns = std::fs::read_to_string(media.join("audio/speech/pyannote_sample.rttm")).unwrap();
    let turn = |line: &str| {
        let field = |at: usize| line.split(' ').nth(at).unwrap().parse::<f64>().unwrap();
        (field(3), field(3) + field(4))
    };
    let truth: Vec<(f64, f64)> = turns.lines().map(turn).collect();
    let (voices, duration) = voices_of(&media.join("audio/speech/pyannote_sample.wav"));
    let (found, wrong) = found_and_false(&voices, &truth, duration);
    assert!(found > 0.85 && wrong < 0.2, "{found} {wrong} {voices:?}");
    for book in ["198-209-0000", "3436-172162-0000", "5703-47212-0000"] {
        let file = media.join(format!("audio/librosa_data/{book}.ogg"));
        let (voices, duration) = voices_of(&file);
        assert!(seconds(&voices) > 0.75 * duration, "{book}: {voices:?}");
        assert!(voices.iter().all(|voice| (0.5..=1.0).contains(&voice.confidence)), "{voices:?}");
    }
}

#[test]
fn music_without_a_singer_has_few_voices() {
    let Some(media) = media("music_without_a_singer_has_few_voices") else { return };
    let orchestra = "Hungarian_Dance_number_5_-_Allegro_in_F_sharp_minor_string_o";
    let fairy = "Kevin_MacLeod_-_P_I_Tchaikovsky_Dance_of_the_Sugar_Plum_Fair";
    for (name, most) in [
        (orchestra, 0.25),
        (fairy, 0.02),
        ("Kevin_MacLeod_-_Vibe_Ace", 0.05),
        ("sorohanro_-_solo-trumpet-06", 0.0),
    ] {
        let (voices, duration) = voices_of(&media.join(format!("audio/librosa_data/{name}.ogg")));
        let share = seconds(&voices) / duration;
        eprintln!("{name}: {share:.3}");
        assert!(share <= most, "{name}: {share} {voices:?}");
    }
    for name in ["amen", "breakbeat", "electric", "garzul", "mehackit1", "mehackit2", "weirdo"] {
        let (voices, _) = voices_of(&media.join(format!("audio/sonicpi_cc0/loop_{name}.flac")));
        assert_eq!(voices, [], "{name}");
    }
}

#[test]
fn generated_music_has_no_voices() {
    assert_eq!(voices(rock(20.0, |_| 117.0).0.samples), []);
    let mut sound = Sound::new(20.0);
    for i in 0..36 {
        sound.strike(Stroke::Pluck, 0.5 + 0.5 * f64::from(i), 0.5);
        sound.hold([65.4, 55.0, 43.7, 49.0][i as usize / 4 % 4], f64::from(i) * 0.5, 19.0, 0.02);
    }
    assert_eq!(voices(sound.samples), []);
    let mut random = Random(2);
    assert_eq!(voices((0..10 * RATE).map(|_| 0.2 * random.normal()).collect()), []);
}

/// Speech that a machine makes; `None`, with a note, where it is not installed and CI does not ask for it.
fn spoken(voice: &str, text: &str) -> Option<Vec<f32>> {
    let file = folder(&format!("spoken-{voice}")).join("speech.wav");
    let mut command = Command::new("espeak-ng");
    command.args(["-v", voice, "-s", "150", "-w"]).arg(&file).arg(text);
    if !command.status().is_ok_and(|status| status.success()) {
        let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!required, "speech_over_music_is_found_where_it_is: there is no espeak-ng");
        eprintln!("skipped speech_over_music_is_found_where_it_is: there is no espeak-ng");
        return None;
    }
    let bytes = std::fs::read(file).unwrap();
    let (samples, _) = bytes[44..].as_chunks::<2>();
    let mut values: Vec<f32> =
        samples.iter().map(|&pair| f32::from(i16::from_le_bytes(pair)) / 32_768.0).collect();
    let top = values.iter().copied().fold(0.0, |top: f32, value| top.max(value.abs()));
    values.iter_mut().for_each(|value| *value *= 0.6 / top);
    Some(values)
}

#[test]
fn speech_over_music_is_found_where_it_is() {
    let text = "Our new phone takes pictures that you will love, by day and by night. Order now.";
    for (voice, music) in [("en-us", 0.05), ("en+f3", 0.1), ("de", 0.05), ("es+f2", 0.0)] {
        let Some(speech) = spoken(voice, text) else { return };
        let length = speech.len() as f64 / f64::from(RATE);
        let (bed, _) = rock(length + 10.0, |_| 104.0);
        let mut samples: Vec<f32> = bed.samples.iter().map(|sample| music * sample).collect();
        let first = 5 * RATE as usize;
        samples[first..].iter_mut().zip(&speech).for_each(|(sum, sample)| *sum += sample);
        let found = voices(samples);
        let (hits, wrong) = found_and_false(&found, &[(5.0, 5.0 + length)], length + 10.0);
        eprintln!("{voice} over music at {music}: {hits:.2} found, {wrong:.3} false");
        assert!(hits > 0.75 && wrong < 0.12, "{voice} {music}: {hits} {wrong} {found:?}");
        assert!((found[0].start - 5.0).abs() < 0.3, "{voice} {music}: {found:?}");
    }
}

/// Says that there is a voice wherever it is loud.
#[derive(Debug)]
struct Loud(usize);

impl VoiceDetector for Loud {
    fn name(&self) -> &str {
        "loud"
    }

    fn rate(&self) -> u32 {
        16_000
    }

    fn frame(&self) -> usize {
        512
    }

    fn scores(&self, samples: &[f32]) -> Result<Vec<f32>> {
        let frames = samples.chunks_exact(512).skip(self.0);
        Ok(frames.map(|f| f32::from(u8::from(f.iter().any(|s| s.abs() > 0.05)))).collect())
    }
}

#[test]
fn a_detector_keeps_to_the_contract_or_is_told_from_one_that_does() {
    voice_detector_suite(&Loud(0));
    let one_too_few = voice_scores(&Loud(1), &[0.0; 1024]).unwrap_err();
    assert_eq!(one_too_few.to_string(), "the voice detector loud gave 1 scores for 2 frames");
    assert!(std::panic::catch_unwind(|| voice_detector_suite(&Loud(1))).is_err());
}

#[test]
fn a_detector_that_is_given_decides() {
    let mut sound = Sound::new(6.0);
    sound.hold(220.0, 2.0, 4.0, 0.3);
    let hear = |detector: Loud| {
        let options = AudioOptions::default().voice_detector(Some(Arc::new(detector)));
        analyze(&Samples::mono(sound.samples.clone(), RATE).unwrap(), &options)
    };
    let voices = hear(Loud(0)).unwrap().voice.unwrap();
    assert!(voices.len() == 1 && voices[0].confidence == 1.0, "{voices:?}");
    assert!((voices[0].start - 2.0).abs() < 0.033 && (voices[0].end - 4.0).abs() < 0.033);
    assert!(matches!(hear(Loud(1)), Err(Error::VoiceScores { .. })));
}

#[test]
fn what_a_detector_says_of_its_failure_arrives_as_the_source() {
    let mut sound = Sound::new(2.0);
    sound.hold(220.0, 0.5, 1.5, 0.3);
    let options = AudioOptions::default().voice_detector(Some(Arc::new(LostVoiceDetector)));
    let failed = analyze(&Samples::mono(sound.samples, RATE).unwrap(), &options).unwrap_err();
    let cause = std::error::Error::source(&failed).unwrap().downcast_ref::<std::io::Error>();
    assert_eq!(cause.unwrap().kind(), std::io::ErrorKind::BrokenPipe);
    assert_eq!(failed.to_string(), "the voice detector lost failed: broken pipe");
}
