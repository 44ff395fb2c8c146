//! Sound that is pushed beside frames, or alone, and what is judged by it: sync, checks.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they should")]
#![allow(unsafe_code, reason = "the tests call what C calls")]

mod called;

use called::{got, initialized, message};
use gv_ffi::analysis::*;
use gv_ffi::analyze::*;
use gv_ffi::analyzer::*;
use gv_ffi::checks::*;
use gv_ffi::heard::*;
use gv_ffi::listening::*;
use gv_ffi::picture::*;
use gv_ffi::precision_av_sync::*;
use gv_ffi::pushing::*;
use gv_ffi::samples::*;
use gv_ffi::sound::*;
use gv_ffi::status::*;
use serde_json::Value;
use std::ffi::{CStr, c_char};
use std::mem::size_of;
use std::ptr::{null, null_mut};

const RATE: u32 = 16_000;
const SECONDS: usize = 16;

fn json(tell: impl FnOnce(*mut *mut c_char) -> gv_status) -> Value {
    let mut text = null_mut();
    assert_eq!(tell(&raw mut text), GV_OK, "{}", message());
    let value = unsafe { CStr::from_ptr(text) }.to_str().unwrap().to_owned();
    unsafe { gv_string_free(text) };
    serde_json::from_str(&value).unwrap()
}

/// Clicks at 120 a minute, the first at 0.25 s; 20 ms of a decaying tone each.
fn clicks() -> Vec<f32> {
    let mut samples = vec![0.0; RATE as usize * SECONDS];
    for beat in 0..SECONDS * 2 {
        let start = (f64::from(RATE) * (0.25 + beat as f64 * 0.5)) as usize;
        for (at, sample) in samples[start..].iter_mut().take(RATE as usize / 50).enumerate() {
            let time = at as f64 / f64::from(RATE);
            *sample = (0.7 * (6283.0 * time).sin() * (-200.0 * time).exp()) as f32;
        }
    }
    samples
}

fn block(format: u32, channels: u32, pts: usize, frames: usize) -> gv_audio {
    let mut audio = initialized(gv_audio_init);
    (audio.format, audio.channels, audio.rate) = (format, channels, RATE);
    (audio.pts, audio.frames) = (pts as i64, frames);
    audio
}

/// Pushes mono sound in blocks of 1000 samples.
fn push_all(mono: &[f32], mut push: impl FnMut(&gv_audio) -> gv_status) {
    for (number, samples) in mono.chunks(1000).enumerate() {
        let mut audio = block(GV_SAMPLES_F32, 1, number * 1000, samples.len());
        audio.planes[0] = samples.as_ptr().cast();
        assert_eq!(push(&audio), GV_OK, "{}", message());
    }
}

/// A video with a cut every half second, `late` seconds after a click, and the clicks.
fn analysed(late: f64) -> *mut gv_analysis {
    let (width, height, rate) = (96, 54, 50);
    let mut format = initialized(gv_video_format_init);
    (format.layout, format.width, format.height) = (GV_LAYOUT_GRAY8, width, height);
    (format.rate_num, format.time_base_den) = (rate, rate);
    let mut options = initialized(gv_analyze_options_init);
    (options.faces, options.objects, options.text) = (0, 0, 0);
    let (mut analyzer, mut analysis) = (null_mut(), null_mut());
    let sound = clicks();
    unsafe {
        let status = gv_analyzer_new(&raw const format, &raw const options, &raw mut analyzer);
        assert_eq!(status, GV_OK, "{}", message());
        let shared = analyzer as usize;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                push_all(&sound, |audio| gv_analyzer_push_audio(shared as *mut gv_analyzer, audio));
            });
            for number in 0..SECONDS * rate as usize {
                let time = number as f64 / rate as f64;
                let scene = ((time - 0.25 - late + 1e-9) / 0.5).floor() as i64 + 2;
                let pixels: Vec<u8> = (0..width * height)
                    .map(|at| {
                        let (x, y) = (i64::from(at % width), i64::from(at / width));
                        let cell = (x / 7 * 31 + y / 5 * 17 + scene * 101) * 2_654_435_761;
                        (40 + (cell >> 7).rem_euclid(170)) as u8
                    })
                    .collect();
                let mut frame = initialized(gv_frame_init);
                frame.pts = number as i64;
                (frame.planes[0], frame.strides[0]) = (pixels.as_ptr(), width as isize);
                assert_eq!(gv_analyzer_push_frame(analyzer, &raw const frame), GV_OK);
            }
        });
        let status = gv_analyzer_finish(analyzer, &raw mut analysis);
        assert_eq!(status, GV_OK, "{}", message());
        let audio = block(GV_SAMPLES_F32, 1, 0, 0);
        assert_eq!(gv_analyzer_push_audio(analyzer, &raw const audio), GV_CONFLICT);
        gv_analyzer_free(analyzer);
    }
    analysis
}

#[test]
fn clicks_that_are_pushed_beside_frames_are_beats_that_its_cuts_follow() {
    let analysis = analysed(0.0);
    unsafe {
        assert_eq!(gv_analysis_unknown_len(analysis), 3);
        let sound = gv_analysis_sound(analysis);
        let figures: gv_sound_figures = got(|place| gv_sound_summary(sound, place)).unwrap();
        assert!((figures.bpm - 120.0).abs() < 0.5 && figures.steady == GV_YES, "{figures:?}");
        assert!((figures.duration - SECONDS as f64).abs() < 1e-3, "{figures:?}");
        assert_eq!((figures.channels, figures.rate), (1, RATE));
        let beats: Vec<f64> = (0..gv_sound_beats_len(sound))
            .map(|index| {
                got(|place: *mut gv_beat| gv_sound_beats_get(sound, index, place)).unwrap().time
            })
            .collect();
        assert!(beats.len() >= 30, "{beats:?}");
        let off = |time: f64| ((time - 0.25) / 0.5 - ((time - 0.25) / 0.5).round()).abs() * 0.5;
        assert!(beats.iter().all(|&time| off(time) < 0.01), "{beats:?}");
        let onset: gv_onset = got(|place| gv_sound_onsets_get(sound, 0, place)).unwrap();
        assert!((onset.time - 0.25).abs() < 0.005, "{onset:?}");

        let mut sync = null_mut();
        assert_eq!(gv_sync_new(analysis, null(), 0.1, &raw mut sync), GV_OK, "{}", message());
        let figures: gv_sync_figures = got(|place| gv_sync_summary(sync, place)).unwrap();
        assert!(figures.cuts_p_value < 0.01 && figures.synced >= 30, "{figures:?}");
        assert_eq!(gv_sync_shifts_len(sync), 0);
        assert!(CStr::from_ptr(figures.recommendation).to_str().unwrap().contains("keep the cuts"));
        for index in 0..gv_sync_points_len(sync) {
            let point: gv_sync_point = got(|place| gv_sync_points_get(sync, index, place)).unwrap();
            let offset = point.visual_time - point.audio_time;
            assert!((point.offset - offset).abs() < 1e-12, "{point:?}");
        }
        assert_eq!(json(|out| gv_sync_json(sync, out))["tolerance_used"], 0.1);
        gv_sync_free(sync);

        let mut report = null_mut();
        let status = gv_check(analysis, c"reels".as_ptr(), null(), null(), &raw mut report);
        assert_eq!(status, GV_OK, "{}", message());
        let findings: Vec<gv_finding> = (0..gv_check_report_len(report))
            .map(|index| got(|place| gv_check_report_get(report, index, place)).unwrap())
            .collect();
        let named = |name: &CStr| {
            *findings.iter().find(|finding| CStr::from_ptr(finding.check) == name).unwrap()
        };
        let aspect = named(c"aspect");
        assert_eq!(
            (aspect.outcome, named(c"first_face").outcome),
            (GV_CHECK_FAIL, GV_CHECK_UNKNOWN)
        );
        assert!(
            !CStr::from_ptr(aspect.reason).is_empty() && !CStr::from_ptr(aspect.fix).is_empty()
        );
        assert_eq!(CStr::from_ptr(named(c"loudness").unit), c"LUFS");
        assert!(named(c"loudness").measured < 0.0);
        assert_eq!(gv_check_report_passes(report, 1), 0);
        assert_eq!(json(|out| gv_check_report_json(report, out))["placement"], "reels");
        gv_check_report_free(report);
        let status = gv_check(analysis, c"billboard".as_ptr(), null(), null(), &raw mut report);
        assert_eq!(status, GV_INVALID_INPUT);
        gv_analysis_free(analysis);
    }
}

#[test]
fn a_picture_that_is_late_throughout_is_measured_and_shifted_by_whole_frames() {
    let analysis = analysed(0.2);
    unsafe {
        let mut sync = null_mut();
        assert_eq!(gv_sync_new(analysis, null(), 0.1, &raw mut sync), GV_OK, "{}", message());
        let figures: gv_sync_figures = got(|place| gv_sync_summary(sync, place)).unwrap();
        assert!((figures.offset - 0.2).abs() < 0.02, "{figures:?}");
        assert!(figures.score_after > figures.score_before, "{figures:?}");
        let shift: gv_shift = got(|place| gv_sync_shifts_get(sync, 0, place)).unwrap();
        assert!((shift.seconds * 50.0 - shift.frames as f64).abs() < 1e-6, "{shift:?}");
        gv_sync_free(sync);
        gv_analysis_free(analysis);
    }
}

#[test]
fn every_way_to_lay_samples_out_is_heard_alike() {
    let mono = clicks();
    let integers: Vec<i16> = mono.iter().map(|sample| (sample * 32_768.0) as i16).collect();
    let rounded: Vec<f32> = integers.iter().map(|&sample| f32::from(sample) / 32_768.0).collect();
    let doubled: Vec<f32> = rounded.iter().flat_map(|&sample| [sample, sample]).collect();
    let mut heard = Vec::new();
    for format in [GV_SAMPLES_S16, GV_SAMPLES_F32, GV_SAMPLES_F32_PLANAR] {
        let (mut listener, mut sound) = (null_mut(), null_mut());
        let mut audio = block(format, 2, 0, mono.len());
        let pairs: Vec<i16> = integers.iter().flat_map(|&sample| [sample, sample]).collect();
        match format {
            GV_SAMPLES_S16 => audio.planes[0] = pairs.as_ptr().cast(),
            GV_SAMPLES_F32 => audio.planes[0] = doubled.as_ptr().cast(),
            _ => audio.planes[..2].fill(rounded.as_ptr().cast()),
        }
        unsafe {
            assert_eq!(gv_listener_new(null(), &raw mut listener), GV_OK);
            assert_eq!(gv_listener_push(listener, &raw const audio), GV_OK, "{}", message());
            assert_eq!(gv_listener_finish(listener, &raw mut sound), GV_OK, "{}", message());
            assert_eq!(gv_listener_push(listener, &raw const audio), GV_CONFLICT);
            assert_eq!(gv_listener_finish(listener, &raw mut sound), GV_CONFLICT);
            heard.push(json(|out| gv_sound_json(sound, out)));
            gv_sound_free(sound);
            gv_listener_free(listener);
        }
    }
    assert!(heard[0]["beats"].as_array().unwrap().len() > 20);
    assert_eq!(heard[0], heard[1]);
    assert_eq!(heard[1], heard[2]);
}

#[test]
fn blocks_that_cannot_be_are_refused_by_name() {
    let samples = [0.5_f32; 64];
    let mut good = block(GV_SAMPLES_F32, 1, 0, 64);
    good.planes[0] = samples.as_ptr().cast();
    let with = |change: fn(&mut gv_audio)| {
        let mut audio = good;
        change(&mut audio);
        audio
    };
    for (audio, said) in [
        (with(|audio| audio.struct_size = 3), "audio.struct_size is 3, allowed is"),
        (with(|audio| audio.format = 9), "audio.format is 9, allowed is 0, 1, 2"),
        (with(|audio| audio.channels = 0), "channels is 0"),
        (with(|audio| audio.rate = 3), "rate is 3"),
        (with(|audio| audio.planes[0] = null()), "audio.planes[0] is NULL"),
        (with(|audio| audio.frames = usize::MAX), "more than memory holds"),
        (
            with(|audio| (audio.frames, audio.channels) = (usize::MAX / 2, 8)),
            "more than memory holds",
        ),
        (
            with(|audio| (audio.format, audio.channels) = (GV_SAMPLES_F32_PLANAR, 9)),
            "audio.channels is 9, allowed for planes is 1 to 8",
        ),
        (
            with(|audio| (audio.format, audio.channels) = (GV_SAMPLES_F32_PLANAR, 2)),
            "audio.planes[1] is NULL",
        ),
    ] {
        let (mut listener, mut sound) = (null_mut(), null_mut());
        unsafe {
            assert_eq!(gv_listener_new(null(), &raw mut listener), GV_OK);
            assert_eq!(gv_listener_push(listener, &raw const audio), GV_INVALID_INPUT, "{said}");
            assert!(message().contains(said), "{}", message());
            gv_listener_free(listener);
            assert_eq!(gv_listener_new(null(), &raw mut listener), GV_OK);
            assert_eq!(gv_listener_finish(listener, &raw mut sound), GV_INVALID_INPUT);
            gv_listener_free(listener);
        }
    }
    let mut listener = null_mut();
    unsafe {
        assert_eq!(gv_listener_new(null(), &raw mut listener), GV_OK);
        assert_eq!(gv_listener_push(listener, &raw const good), GV_OK);
        let other = with(|audio| audio.rate = 44_100);
        assert_eq!(gv_listener_push(listener, &raw const other), GV_INVALID_INPUT);
        assert!(message().contains("the first block has [0, 1, 16000]"), "{}", message());
        gv_listener_free(listener);
        gv_listener_free(null_mut());
        let mut sound = null_mut();
        assert_eq!(gv_listen_file(null(), null(), &raw mut sound), GV_INVALID_INPUT);
        let nowhere = c"nowhere.wav".as_ptr();
        assert_eq!(gv_listen_file(nowhere, null(), &raw mut sound), GV_NOT_FOUND);
        assert_eq!(gv_sound_beats_len(null()), 0);
        assert!(gv_analysis_sound(null()).is_null());
        let mut sync = null_mut();
        assert_eq!(gv_sync_new(null(), null(), 0.1, &raw mut sync), GV_INVALID_INPUT);
    }
}

#[test]
fn peaks_of_ones_own_are_matched_and_odd_ones_refused() {
    let heard: Vec<gv_audio_peak> = (0..12)
        .map(|beat| gv_audio_peak {
            struct_size: size_of::<gv_audio_peak>() as u32,
            kind: GV_AUDIO_PEAK_BEAT,
            time: f64::from(beat) * 0.5,
            energy: 1.0,
        })
        .collect();
    let mut seen: Vec<gv_visual_peak> = [1.04, 2.0, 3.13]
        .map(|time| gv_visual_peak {
            struct_size: size_of::<gv_visual_peak>() as u32,
            kind: GV_VISUAL_PEAK_CUT,
            time,
            motion_energy: 1.0,
        })
        .to_vec();
    let mut sync = null_mut();
    let judge = |seen: &[gv_visual_peak], sync: *mut *mut gv_sync| unsafe {
        let (audio, visual) = (heard.as_ptr(), seen.as_ptr());
        gv_sync_of_peaks(audio, heard.len(), visual, seen.len(), 0.0, 6.0, 25.0, 0.1, sync)
    };
    unsafe {
        assert_eq!(judge(&seen, &raw mut sync), GV_OK, "{}", message());
        let figures: gv_sync_figures = got(|place| gv_sync_summary(sync, place)).unwrap();
        assert_eq!((figures.audio_peaks, figures.visual_peaks, figures.synced), (12, 3, 2));
        let shift: gv_shift = got(|place| gv_sync_shifts_get(sync, 0, place)).unwrap();
        assert_eq!((shift.frames, shift.priority), (-3, GV_PRIORITY_HIGH));
        gv_sync_free(sync);
        seen[1].kind = 44;
        assert_eq!(judge(&seen, &raw mut sync), GV_INVALID_INPUT);
        assert_eq!(message(), "visual[1].kind is 44, allowed is 0, 1, 2, 3");
        (seen[1].kind, seen[1].time) = (0, f64::NAN);
        assert_eq!(judge(&seen, &raw mut sync), GV_INVALID_INPUT);
    }
}
