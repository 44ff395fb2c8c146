//! Real files: frames, times and facts are those that ffmpeg itself finds.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod common;

use gv_media::{Error, MediaReader, Timestamp};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        let is_video = ["mp4", "mov", "webm", "mkv", "avi", "mpg", "wmv", "3gp", "gif"]
            .iter()
            .any(|known| ending == *known);
        if path.is_dir() {
            files_below(&path, found);
        } else if is_video {
            found.push(path);
        }
    }
}

/// Frame counts that the reference of the media folder states; `None` for files without a frame.
fn stated_counts(media: &Path) -> HashMap<String, Option<u64>> {
    let text = std::fs::read_to_string(media.join("reference/ffmpeg_frame_counts.json")).unwrap();
    let mut counts = HashMap::new();
    let mut file = String::new();
    for line in text.lines().map(str::trim) {
        if let Some((name, _)) = line.split_once("\": {") {
            file = name.trim_start_matches('"').to_owned();
        } else if let Some(value) = line.strip_prefix("\"frames\": \"") {
            counts.insert(file.clone(), value.trim_end_matches(['"', ',']).parse().ok());
        }
    }
    counts
}

fn check(
    program: &Path,
    media: &Path,
    file: &Path,
    stated: Option<&Option<u64>>,
    beside_ffmpeg: bool,
) -> Result<(), String> {
    let name = file.strip_prefix(media).unwrap().display().to_string();
    let from_start = name.ends_with(".mpg");
    let found = MediaReader::open(file, &common::pictures(program))
        .and_then(|mut reader| common::read_all(&mut reader));
    let pictures = match found {
        Ok(delivered) => delivered.pictures,
        Err(Error::NoFrames { .. }) => Vec::new(),
        Err(error) => return Err(format!("{name}: {error}")),
    };
    if beside_ffmpeg {
        let (expected, base) = common::frames_by_ffmpeg(program, file, from_start);
        let times: Vec<Timestamp> = expected.iter().map(|&pts| Timestamp::new(pts, base)).collect();
        if pictures != times {
            return Err(format!("{name}: {} frames, ffmpeg {}", pictures.len(), times.len()));
        }
    }
    match stated {
        Some(stated) if stated.unwrap_or(0) != pictures.len() as u64 => {
            Err(format!("{name}: {} frames, stated {stated:?}", pictures.len()))
        }
        _ => Ok(()),
    }
}

/// The files of a folder are looked at by two threads at once.
fn check_all(program: &Path, media: &Path, folders: &[&str], beside_ffmpeg: bool) {
    let stated = stated_counts(media);
    let mut files = Vec::new();
    folders.iter().for_each(|folder| files_below(&media.join(folder), &mut files));
    assert!(!files.is_empty());
    let next = AtomicUsize::new(0);
    let work = || {
        let take = || files.get(next.fetch_add(1, Ordering::Relaxed));
        let wrong = std::iter::from_fn(take).filter_map(|file| {
            let name = file.strip_prefix(media).unwrap().display().to_string();
            check(program, media, file, stated.get(&name), beside_ffmpeg).err()
        });
        wrong.collect::<Vec<String>>()
    };
    let wrong = std::thread::scope(|scope| {
        let other = scope.spawn(work);
        [work(), other.join().unwrap()].concat()
    });
    assert!(wrong.is_empty(), "{}: {wrong:#?}", program.display());
}

#[test]
fn odd_files_have_the_frames_and_times_that_ffmpeg_finds() {
    let test = "odd_files_have_the_frames_and_times_that_ffmpeg_finds";
    let Some(media) = common::media(test) else { return };
    for program in common::programs() {
        check_all(&program, &media, &["video_formats", "video_cuts"], true);
    }
}

#[test]
fn ordinary_files_have_the_frames_that_are_stated() {
    let Some(media) = common::media("ordinary_files_have_the_frames_that_are_stated") else {
        return;
    };
    let program = common::programs().remove(0);
    check_all(&program, &media, &["video_ads", "video_people", "video_motion"], false);
}
