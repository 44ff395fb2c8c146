//! Sound lies where a player plays it: edit lists, priming and delays applied.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod common;

use gv_media::{Error, MediaOptions, MediaReader};
use std::path::{Path, PathBuf};

/// A picture track, and a beep at 1.000 s of the sound track.
const BEEP: &str = "-f lavfi -i color=gray:s=64x48:r=25:d=3 -f lavfi \
    -i aevalsrc=gte(t\\,1)*lt(t\\,1.2)*0.8*sin(2*PI*1000*t):s=48000:d=3 -c:v mpeg4 -g 1 -c:a aac -b:a 192k";

/// Time of the first sample above a tenth of full scale.
fn beep(program: &Path, file: &Path, video: bool) -> f64 {
    let options = MediaOptions::default().program(program).video(video);
    let mut reader = MediaReader::open(file, &options).unwrap();
    let audio = reader.info().audio.clone().unwrap();
    let (rate, channels) = (f64::from(audio.sample_rate), audio.channels.unwrap() as usize);
    let delivered = common::read_all(&mut reader).unwrap();
    assert_eq!(delivered.pictures.is_empty(), !video);
    let onset = delivered.sound.iter().find_map(|(pts, samples)| {
        let loud = samples.iter().position(|sample| sample.abs() > 0.1)?;
        Some(pts.seconds() + (loud / channels) as f64 / rate)
    });
    onset.unwrap()
}

fn beep_files(test: &str) -> [(PathBuf, f64); 3] {
    let folder = common::folder(test);
    let plain = folder.join("plain.mp4");
    common::ffmpeg(BEEP, &plain);
    let plain_name = plain.display();
    let delayed = folder.join("delayed.mp4");
    let make = format!("-i {plain_name} -itsoffset 0.5 -i {plain_name} -map 0:v -map 1:a -c copy");
    common::ffmpeg(&make, &delayed);
    let trimmed = folder.join("trimmed.mp4");
    common::ffmpeg(&format!("-ss 0.37 -i {plain_name} -c copy"), &trimmed);
    [(plain, 1.0), (delayed, 1.5), (trimmed, 0.63)]
}

#[test]
fn a_beep_is_heard_when_a_player_plays_it() {
    let files = beep_files("beeps");
    for program in common::programs() {
        for (file, time) in &files {
            for video in [true, false] {
                let onset = beep(&program, file, video);
                let off = (onset - time).abs();
                assert!(off < 1e-3, "{} {onset} {}", file.display(), program.display());
            }
        }
    }
}

#[test]
fn pictures_and_sound_come_in_the_order_of_presentation() {
    let [(plain, _), ..] = beep_files("order");
    let mut reader = MediaReader::open(&plain, &MediaOptions::default()).unwrap();
    let (mut picture, mut sound, mut last) = (Vec::new(), Vec::new(), f64::NEG_INFINITY);
    while let Some(event) = reader.read(&mut picture, &mut sound).unwrap() {
        let (gv_media::Event::Picture { pts } | gv_media::Event::Sound { pts }) = event;
        assert!(pts.seconds() >= last);
        last = pts.seconds();
    }
    assert!(last > 2.9);
    assert_eq!(reader.damage(), 0);
}

#[test]
fn channels_and_rate_stay_as_they_are() {
    let file = common::folder("channels").join("six.wav");
    common::ffmpeg(
        "-f lavfi -i aevalsrc=0.1|0.2|0.3|0.4|0.5|0.6:s=22050:d=0.5 -c:a pcm_f32le",
        &file,
    );
    let options = MediaOptions::default().video(false);
    let mut reader = MediaReader::open(&file, &options).unwrap();
    let audio = reader.info().audio.clone().unwrap();
    assert_eq!((audio.sample_rate, audio.channels, audio.duration), (22050, Some(6), Some(0.5)));
    let sound = common::read_all(&mut reader).unwrap().sound;
    let samples: Vec<f32> = sound.into_iter().flat_map(|(_, samples)| samples).collect();
    assert_eq!(samples.len(), 6 * 11025);
    let whole = samples.as_chunks::<6>().0;
    assert!(whole.iter().all(|frame| *frame == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]));
}

#[test]
fn a_video_without_sound_is_an_error_only_for_sound_alone() {
    let file = common::folder("mute").join("mute.mkv");
    common::ffmpeg("-f lavfi -i testsrc2=s=64x48:d=1 -c:v ffv1", &file);
    let reader = MediaReader::open(&file, &MediaOptions::default()).unwrap();
    assert_eq!(reader.info().audio, None);
    let error = MediaReader::open(&file, &MediaOptions::default().video(false)).unwrap_err();
    assert!(matches!(error, Error::NoAudio { .. }), "{error}");
}

#[test]
fn real_files_whose_sound_fails_still_show_their_pictures() {
    let test = "real_files_whose_sound_fails_still_show_their_pictures";
    let Some(media) = common::media(test) else { return };
    for program in common::programs() {
        let file = media.join("video_formats/moviepy_video_with_failing_audio.mp4");
        let options = MediaOptions::default().program(&program);
        let mut reader = MediaReader::open(&file, &options).unwrap();
        assert_eq!(common::read_all(&mut reader).unwrap().pictures.len(), 280);
    }
}
