//! A sound is where a player plays it, in videos and in plain files.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod common;

use common::{ffmpeg, folder};
use gv_audio::{AudioOptions, Listener, analyze_file};
use gv_media::MediaOptions;

const BEEP: &str = "-f lavfi -i color=gray:s=64x48:r=25:d=3 -f lavfi \
    -i aevalsrc=gte(t\\,1)*lt(t\\,1.2)*0.8*sin(2*PI*1000*t):s=48000:d=3";

/// Times of the first onset and what decoded it.
fn beep(file: &std::path::Path) -> (f64, String) {
    let heard = analyze_file(file, &MediaOptions::default(), &AudioOptions::default()).unwrap();
    (heard.onsets[0].time, heard.decoder.unwrap().name)
}

#[test]
fn a_beep_is_heard_when_a_player_plays_it() {
    let folder = folder("beeps");
    let plain = folder.join("plain.mp4");
    ffmpeg(&format!("{BEEP} -c:v mpeg4 -g 1 -c:a aac -b:a 192k"), &plain);
    let name = plain.display();
    let delayed = folder.join("delayed.mp4");
    let make = format!("-i {name} -itsoffset 0.5 -i {name} -map 0:v -map 1:a -c copy");
    ffmpeg(&make, &delayed);
    let trimmed = folder.join("trimmed.mp4");
    ffmpeg(&format!("-ss 0.37 -i {name} -c copy"), &trimmed);
    for (file, time) in [(plain, 1.0), (delayed, 1.5), (trimmed, 0.63)] {
        let (onset, decoder) = beep(&file);
        assert!((onset - time).abs() < 1e-3, "{} {onset}", file.display());
        assert_eq!(decoder, "ffmpeg");
    }
}

#[test]
fn plain_files_are_decoded_in_process_and_begin_at_zero() {
    let folder = folder("plain");
    for (name, codec) in [
        ("a.wav", "pcm_s16le"),
        ("b.wav", "pcm_f32le"),
        ("c.aiff", "pcm_s16be"),
        ("d.flac", "flac"),
        ("e.mp3", "libmp3lame -b:a 192k"),
        ("f.ogg", "libvorbis -q:a 6"),
    ] {
        let file = folder.join(name);
        ffmpeg(&format!("{BEEP} -map 1:a -c:a {codec}"), &file);
        let (onset, decoder) = beep(&file);
        assert!((onset - 1.0).abs() < 2e-3, "{name} {onset}");
        assert_eq!(decoder, "symphonia", "{name}");
    }
}

#[test]
fn other_files_are_decoded_by_the_child() {
    let file = folder("opus").join("beep.opus");
    ffmpeg(&format!("{BEEP} -map 1:a -c:a libopus"), &file);
    let (onset, decoder) = beep(&file);
    assert!((onset - 1.0).abs() < 4e-3, "{onset}");
    assert_eq!(decoder, "ffmpeg");
}

#[test]
fn a_hole_is_silence_and_what_comes_twice_is_heard_once() {
    let options = AudioOptions::default().rate(48_000);
    let mut listener = Listener::new(1, 48_000, &options).unwrap();
    let tone: Vec<f32> = (0..48_000).map(|i| 0.3 * (i as f32 * 0.1).sin()).collect();
    listener.push(2.0, &tone).unwrap();
    listener.push(5.0, &tone).unwrap();
    listener.push(5.5, &tone).unwrap();
    listener.push(f64::NAN, &tone[..4800]).unwrap();
    listener.push(1e12, &tone[..4800]).unwrap();
    let heard = listener.finish().unwrap();
    assert!((heard.duration - 4.7).abs() < 1e-9 && heard.start == 2.0);
    assert_eq!(heard.silence.len(), 1);
    assert!((heard.silence[0].start - 3.0).abs() < 0.011, "{:?}", heard.silence);
    assert!((heard.silence[0].end - 5.0).abs() < 0.011, "{:?}", heard.silence);
    assert_eq!(heard.damage, 2);
}
