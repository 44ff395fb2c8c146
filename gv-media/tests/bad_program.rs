//! Programs that are not ffmpeg, are too old, hang, flood, or are killed.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod common;

use gv_media::{Error, Ffmpeg, MediaOptions, MediaReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// One test at a time: a script must not be open for writing while another test starts a process.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn script(folder: &Path, name: &str, body: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// A program that answers as ffmpeg 5.1 does, and otherwise does what `body` says.
fn fake(folder: &Path, name: &str, body: &str) -> PathBuf {
    let answer = "[ \"$1\" = -version ] && { echo 'ffmpeg version 5.1.9 Copyright'; exit; }";
    script(folder, name, &format!("{answer}\n{body}"))
}

fn clip(folder: &Path, seconds: u32) -> PathBuf {
    let path = folder.join("clip.mkv");
    let make = format!("-f lavfi -i testsrc2=s=320x240:r=25:d={seconds} -c:v mpeg4");
    common::ffmpeg(&make, &path);
    path
}

fn open(program: &Path, clip: &Path) -> Error {
    let options =
        MediaOptions::default().program(program).silence_limit(Duration::from_millis(700));
    MediaReader::open(clip, &options).unwrap_err()
}

#[test]
fn a_program_that_is_no_usable_ffmpeg_is_told_by_what_it_answers() {
    let _alone = alone();
    let folder = common::folder("answers");
    let clip = clip(&folder, 1);
    let old = script(&folder, "old", "echo 'ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright'");
    let error = open(&old, &clip);
    assert!(matches!(&error, Error::FfmpegTooOld { version, .. } if version.starts_with("4.4.2")));
    assert!(error.to_string().contains("needed is 5.1 or later"), "{error}");
    for (name, body) in [
        ("silent", "exit 0"),
        ("failing", "exit 1"),
        ("garbage", "head -c 1000 /dev/urandom"),
        ("endless", "cat /dev/zero"),
        ("other", "echo 'avconv version 12'"),
    ] {
        let error = open(&script(&folder, name, body), &clip);
        assert!(matches!(error, Error::FfmpegUnusable { .. }), "{name}: {error}");
    }
    let error = open(&script(&folder, "hanging", "sleep 60"), &clip);
    assert!(matches!(error, Error::TimeLimit { what: "silence", .. }), "{error}");
    let text = folder.join("text");
    std::fs::write(&text, "not a program").unwrap();
    assert!(matches!(open(&text, &clip), Error::FfmpegUnusable { .. }));
    assert!(matches!(open(Path::new("/nowhere"), &clip), Error::FfmpegMissing { .. }));
}

#[test]
fn a_program_that_decodes_nothing_as_ffmpeg_does_is_an_error_soon() {
    let _alone = alone();
    let folder = common::folder("decodes");
    let clip = clip(&folder, 1);
    let table = "case \"$*\" in *framecrc*) printf '#tb 0: 1/25\\n#media_type 0: video\\n#codec_id 0: h264\\n'; exit;; esac";
    let cases = [
        ("hangs", "sleep 60", "time limit"),
        ("nothing", "exit 0", "not media"),
        ("table_only", table, "no frames"),
        ("zeros", &format!("{table}\ncat /dev/zero"), "bad stream"),
        ("garbage", &format!("{table}\ncat /dev/urandom"), "bad stream"),
        ("text", &format!("{table}\nwhile :; do echo nut; done"), "bad stream"),
        ("complains", "while :; do echo bad >&2; done", "time limit"),
        ("killed", "kill -9 $$", "died"),
        ("dies", &format!("{table}\nkill -11 $$"), "died"),
    ];
    for (name, body, expected) in cases {
        let begun = Instant::now();
        let error = open(&fake(&folder, name, body), &clip);
        let kind = match &error {
            Error::TimeLimit { .. } => "time limit",
            Error::NotMedia { .. } => "not media",
            Error::NoFrames { .. } => "no frames",
            Error::BadStream { .. } => "bad stream",
            Error::DecoderDied { .. } => "died",
            _ => "other",
        };
        assert_eq!(kind, expected, "{name}: {error}");
        assert!(begun.elapsed() < Duration::from_secs(20), "{name}: {:?}", begun.elapsed());
    }
}

fn zombies() -> Vec<String> {
    let own = std::process::id().to_string();
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let stats = entries.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
    let ours = stats.filter(|stat| {
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let mut fields = fields.split_ascii_whitespace();
        fields.next() == Some("Z") && fields.next() == Some(&own)
    });
    ours.collect()
}

#[test]
#[cfg(target_os = "linux")]
fn a_killed_decoder_is_an_error_with_the_frames_that_came_and_no_zombie() {
    let _alone = alone();
    let clip = clip(&common::folder("killed"), 60);
    for program in common::programs() {
        let mut reader = MediaReader::open(&clip, &common::pictures(&program)).unwrap();
        let (mut picture, mut sound) = (Vec::new(), Vec::new());
        for _ in 0..10 {
            reader.read(&mut picture, &mut sound).unwrap();
        }
        let process = reader.processes()[0].to_string();
        let killed = std::process::Command::new("kill").args(["-9", &process]).status();
        assert!(killed.unwrap().success());
        let mut more = 0;
        let error = loop {
            match reader.read(&mut picture, &mut sound) {
                Ok(event) => more += u64::from(event.is_some()),
                Err(error) => break error,
            }
            assert!(more < 1000);
        };
        let Error::DecoderDied { signal, frames, .. } = &error else { panic!("{error}") };
        assert_eq!((*signal, *frames), (9, 10 + more));
        assert_eq!(reader.read(&mut picture, &mut sound).unwrap_err(), error);
        assert!(!Path::new("/proc").join(&process).exists());
    }
    assert_eq!(zombies(), Vec::<String>::new());
}

#[test]
#[cfg(target_os = "linux")]
fn a_dropped_reader_takes_its_processes_along() {
    let _alone = alone();
    let clip = clip(&common::folder("dropped"), 60);
    let reader = MediaReader::open(&clip, &MediaOptions::default()).unwrap();
    let processes = reader.processes();
    assert!(!processes.is_empty());
    drop(reader);
    for process in processes {
        assert!(!Path::new("/proc").join(process.to_string()).exists());
    }
    assert_eq!(zombies(), Vec::<String>::new());
}

#[test]
fn reading_is_cancelled_within_100_ms() {
    let _alone = alone();
    let folder = common::folder("cancelled");
    let clip = clip(&folder, 1);
    let program = fake(&folder, "hangs", "sleep 60");
    let options = MediaOptions::default().program(&program);
    let cancel = options.cancel.clone();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        cancel.cancel();
        Instant::now()
    });
    assert_eq!(MediaReader::open(&clip, &options).unwrap_err(), Error::Cancelled);
    let late = canceller.join().unwrap().elapsed();
    assert!(late < Duration::from_millis(100), "{late:?}");
}

#[test]
fn a_program_is_found_by_option_then_by_path() {
    let _alone = alone();
    let folder = common::folder("found");
    let mine = script(&folder, "mine", "echo 'ffmpeg version 7.1 Copyright'");
    let found = Ffmpeg::locate(Some(&mine)).unwrap();
    assert_eq!((found.path(), found.version().text.as_str()), (mine.as_path(), "7.1"));
    let named = Ffmpeg::locate(Some(Path::new("ffmpeg"))).unwrap();
    assert!(named.path().is_absolute());
}

#[test]
fn pictures_come_in_native_size_where_it_cannot_be_told_what_was_reduced() {
    let folder = common::folder("native_size");
    let clip = clip(&folder, 1);
    let real = Ffmpeg::locate(None).unwrap();
    let body = format!(
        "case \"$*\" in *rawvideo*nut*) case \"$*\" in *noautorotate*) exit 1;; esac;; esac\nexec {} \"$@\"",
        real.path().display()
    );
    let program = script(&folder, "ffmpeg", &body);
    let options = common::pictures(&program).reduce_to(96);
    let mut reader = MediaReader::open(&clip, &options).unwrap();
    let video = reader.info().video.clone().unwrap();
    assert_eq!((video.width, video.height, video.pixel_format), (320, 240, None));
    assert_eq!(reader.picture_size(), (320, 240));
    assert_eq!(common::read_all(&mut reader).unwrap().pictures.len(), 25);
}
