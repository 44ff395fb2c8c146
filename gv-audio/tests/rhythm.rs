//! Onsets, beats, bars and drops that were planted are found; silence and noise have none.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod common;

use common::{RATE, Random, Sound, Stroke, recall_and_precision, rock};
use gv_audio::{AudioAnalysis, AudioOptions, PeakType, Samples, analyze};

fn hear(samples: Vec<f32>) -> AudioAnalysis {
    let options = AudioOptions::default().voice(false).loudness(false);
    analyze(&Samples::mono(samples, RATE).unwrap(), &options).unwrap()
}

fn beats(heard: &AudioAnalysis) -> Vec<f64> {
    heard.beats.iter().map(|beat| beat.time).collect()
}

#[test]
fn strokes_are_found_where_they_begin() {
    for stroke in [Stroke::Kick, Stroke::Snare, Stroke::Hat, Stroke::Pluck] {
        let (mut sound, mut random) = (Sound::new(15.0), Random(7));
        let (mut truth, mut time) = (Vec::new(), 0.4);
        while time < 14.0 {
            sound.strike(stroke, time, 0.1 + 0.7 * random.next());
            truth.push(time);
            time += 0.15 + 0.5 * f64::from(random.next());
        }
        sound.add_noise(1e-4);
        let heard = hear(sound.samples);
        let found: Vec<f64> = heard.onsets.iter().map(|onset| onset.time).collect();
        let (recall, precision) = recall_and_precision(&truth, &found, 0.025);
        assert!(
            recall > 0.9 && precision > 0.9,
            "{stroke:?}: {recall} {precision} {truth:.3?} {found:.3?}"
        );
        let nearest = |time: &f64| {
            let offset = |found: &f64| found - time;
            found.iter().map(offset).min_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap()
        };
        let mut offsets: Vec<f64> = truth.iter().map(nearest).collect();
        offsets.sort_by(f64::total_cmp);
        assert!(offsets[offsets.len() / 2].abs() < 0.002, "{stroke:?}: {offsets:?}");
    }
}

#[test]
fn a_groove_has_its_tempo_its_beats_and_its_bars() {
    for bpm in [84.0, 97.0, 120.0, 133.0] {
        let (sound, truth) = rock(24.0, |_| bpm);
        let heard = hear(sound.samples);
        let tempo = heard.tempo.as_ref().unwrap();
        assert!((tempo.bpm / bpm - 1.0).abs() < 0.002, "{bpm}: {tempo:?}");
        assert!(tempo.steady && tempo.confidence > 0.3, "{tempo:?}");
        let strengths: f64 = tempo.candidates.iter().map(|candidate| candidate.strength).sum();
        assert!((strengths - 1.0).abs() < 1e-9);
        let (recall, precision) = recall_and_precision(&truth, &beats(&heard), 0.01);
        assert!(recall > 0.97 && precision > 0.97, "{bpm}: {recall} {precision}");
        let bars = heard.bars.as_ref().unwrap();
        let ones: Vec<f64> = truth.iter().copied().step_by(4).collect();
        let (recall, precision) = recall_and_precision(&ones, &bars.downbeats, 0.01);
        assert!(bars.beats_per_bar == 4 && recall > 0.9 && precision > 0.9, "{bpm}: {bars:?}");
    }
}

#[test]
fn a_tempo_that_changes_is_followed() {
    let step = |time: f64| if time < 25.0 { 96.0 } else { 126.0 };
    let ramp = |time: f64| 100.0 + 0.5 * time;
    for bpm_at in [&step as &dyn Fn(f64) -> f64, &ramp] {
        let (sound, truth) = rock(50.0, bpm_at);
        let heard = hear(sound.samples);
        assert!(!heard.tempo.as_ref().unwrap().steady);
        let (recall, precision) = recall_and_precision(&truth, &beats(&heard), 0.03);
        assert!(recall > 0.93 && precision > 0.93, "{recall} {precision}");
    }
}

/// Hats on eighths, the second of each pair late by a share of it; strokes on some beats of four.
fn groove(seconds: f64, bpm: f64, swing: f64, strokes: [Option<Stroke>; 4]) -> (Sound, Vec<f64>) {
    let (mut sound, mut beats, period) = (Sound::new(seconds), Vec::new(), 60.0 / bpm);
    let mut time = 0.3;
    while time < seconds - 0.5 {
        if let Some(stroke) = strokes[beats.len() % 4] {
            sound.strike(stroke, time, 0.7);
        }
        sound.strike(Stroke::Hat, time, 0.25);
        sound.strike(Stroke::Hat, time + period * (0.5 + swing / 6.0), 0.2);
        beats.push(time);
        time += period;
    }
    sound.add_noise(1e-3);
    (sound, beats)
}

#[test]
fn half_time_swing_and_fast_grooves_keep_their_pulse() {
    use Stroke::{Kick, Snare};
    let straight = [Some(Kick), Some(Snare), Some(Kick), Some(Snare)];
    let half = [Some(Kick), None, Some(Snare), None];
    for (bpm, swing, strokes) in [
        (120.0, 0.0, half),
        (140.0, 0.0, half),
        (150.0, 0.0, half),
        (80.0, 1.0, straight),
        (140.0, 1.0, straight),
        (72.0, 0.0, straight),
        (168.0, 0.0, straight),
    ] {
        let (sound, truth) = groove(30.0, bpm, swing, strokes);
        let heard = hear(sound.samples);
        let tempo = heard.tempo.as_ref().unwrap();
        assert!((tempo.bpm / bpm - 1.0).abs() < 0.02, "{bpm} {swing}: {tempo:?}");
        let (recall, precision) = recall_and_precision(&truth, &beats(&heard), 0.03);
        assert!(recall > 0.95 && precision > 0.95, "{bpm} {swing}: {recall} {precision}");
    }
}

#[test]
fn volume_and_offset_change_nothing() {
    let (sound, _) = rock(15.0, |_| 120.0);
    let loud = hear(sound.samples.clone());
    let quiet = hear(sound.samples.iter().map(|sample| sample * 1e-3).collect());
    let shifted = hear(sound.samples.iter().map(|sample| sample + 0.2).collect());
    assert_eq!(beats(&loud).len(), beats(&quiet).len());
    for other in [quiet, shifted] {
        let (recall, precision) = recall_and_precision(&beats(&loud), &beats(&other), 0.005);
        assert_eq!((recall, precision), (1.0, 1.0));
    }
}

#[test]
fn silence_and_noise_have_no_beats() {
    assert_eq!(hear(vec![0.0; 10 * RATE as usize]).peaks, vec![]);
    let mut random = Random(3);
    for seconds in [3, 12, 40] {
        let noise = (0..seconds * RATE as usize).map(|_| 0.2 * random.normal()).collect();
        let heard = hear(noise);
        assert!(heard.beats.is_empty() && heard.tempo.is_none() && heard.drops.is_empty());
    }
    let mut clicks = Sound::new(30.0);
    let mut time = 0.2;
    while time < 29.0 {
        clicks.strike(Stroke::Hat, time, 0.2 + random.next());
        time += -0.35 * f64::from(random.next().max(1e-3)).ln();
    }
    assert_eq!(hear(clicks.samples).beats, vec![]);
}

#[test]
fn no_beats_are_invented_in_a_long_silence() {
    let (sound, truth) = rock(12.0, |_| 120.0);
    let mut samples = sound.samples.clone();
    samples.extend(vec![0.0; 8 * RATE as usize]);
    samples.extend(&sound.samples);
    let heard = hear(samples);
    assert!(beats(&heard).iter().all(|&time| !(13.0..20.0).contains(&time)));
    assert!(heard.beats.len() >= 2 * truth.len() - 6);
}

#[test]
fn the_bass_that_comes_in_is_a_drop() {
    let mut sound = Sound::new(24.0);
    for i in 0..44 {
        sound.strike(Stroke::Hat, 0.5 + 0.5 * f64::from(i), 0.4);
        if i >= 23 {
            sound.strike(Stroke::Kick, 0.5 + 0.5 * f64::from(i), 0.8);
        }
    }
    sound.hold(440.0, 0.3, 23.5, 0.05);
    sound.add_noise(1e-3);
    let heard = hear(sound.samples);
    assert_eq!(heard.drops.len(), 1, "{:?}", heard.drops);
    assert!((heard.drops[0].time - 12.0).abs() < 0.02, "{:?}", heard.drops);
    assert!(heard.drops[0].bass_rise > 9.0);
    let sections: Vec<_> = heard.sections.iter().map(|section| section.name.as_str()).collect();
    assert_eq!(sections, ["A", "B"]);
    assert!((heard.sections[1].start - 12.0).abs() < 0.02, "{:?}", heard.sections);
    assert!(heard.beats.iter().any(|beat| beat.time == heard.sections[1].start));
    let kinds = [PeakType::Drop, PeakType::Beat, PeakType::Onset];
    let found = |kind: &PeakType| heard.peaks.iter().any(|peak| peak.peak_type == *kind);
    assert!(kinds[..2].iter().all(found), "{:?}", heard.peaks);
    assert!(heard.peaks.iter().all(|peak| (0.0..=1.0).contains(&peak.energy)));
    assert!(heard.peaks.is_sorted_by(|a, b| a.timestamp <= b.timestamp));
}

#[test]
fn a_section_begins_on_an_onset_where_there_are_no_beats() {
    let mut sound = Sound::new(20.0);
    sound.hold(440.0, 0.0, 9.83, 0.1);
    sound.hold(110.0, 9.83, 20.0, 0.4);
    sound.add_noise(1e-3);
    let heard = hear(sound.samples);
    assert!(heard.beats.is_empty() && heard.sections.len() == 2, "{:?}", heard.sections);
    assert!((heard.sections[1].start - 9.83).abs() < 0.03, "{:?}", heard.sections);
    assert_eq!(heard.sections[0].end, heard.sections[1].start);
}

#[test]
fn threads_do_not_matter() {
    let (sound, _) = rock(10.0, |_| 105.0);
    let samples = Samples::mono(sound.samples, RATE).unwrap();
    let hear = |threads| analyze(&samples, &AudioOptions::default().threads(threads)).unwrap();
    assert_eq!(hear(1), hear(4));
}
