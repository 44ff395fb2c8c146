//! Pictures that the decoder makes smaller: the facts stay those of the file, every picture comes at its time.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod common;

use gv_media::{Error, MediaInfo, MediaReader, Rational};
use std::path::Path;

const LONG_SIDE: u32 = 96;

type Read = (MediaInfo, (u32, u32), common::Delivered);

fn read(program: &Path, file: &Path, reduce: bool) -> gv_media::Result<Read> {
    let options = common::pictures(program);
    let options = if reduce { options.reduce_to(LONG_SIDE) } else { options };
    let mut reader = MediaReader::open(file, &options)?;
    let delivered = common::read_all(&mut reader)?;
    Ok((reader.info().clone(), reader.picture_size(), delivered))
}

#[test]
fn odd_files_have_the_same_facts_and_times_and_pictures_of_the_size_asked_for() {
    let test = "odd_files_have_the_same_facts_and_times_and_pictures_of_the_size_asked_for";
    let Some(media) = common::media(test) else { return };
    let mut reduced_files = 0;
    for program in common::programs() {
        for entry in std::fs::read_dir(media.join("video_formats")).unwrap() {
            let file = entry.unwrap().path();
            let (native, reduced) =
                match (read(&program, &file, false), read(&program, &file, true)) {
                    (Ok(native), Ok(reduced)) => (native, reduced),
                    (native, reduced) => {
                        let kind = |read: &gv_media::Result<Read>| {
                            read.as_ref().err().map(Error::to_string)
                        };
                        assert_eq!(kind(&native), kind(&reduced), "{}", file.display());
                        continue;
                    }
                };
            assert_eq!(native.0, reduced.0, "{}", file.display());
            assert_eq!(native.2.pictures, reduced.2.pictures, "{}", file.display());
            let video = native.0.video.unwrap();
            let long = video.display_width().max(video.height);
            let (width, height) = reduced.1;
            if long >= 2 * LONG_SIDE {
                reduced_files += 1;
                assert_eq!(width.max(height), LONG_SIDE, "{}", file.display());
                let shape = f64::from(video.display_width()) / f64::from(video.height);
                let off = f64::from(width) - f64::from(height) * shape;
                assert!(off.abs() <= 0.51 * (1.0 + shape), "{}: {width}x{height}", file.display());
            } else {
                assert_eq!((width, height), (video.width, video.height), "{}", file.display());
            }
            let chroma = width.div_ceil(2) * height.div_ceil(2);
            let bytes = (width * height + 2 * chroma) as usize;
            assert_eq!(reduced.2.first_picture.len(), bytes, "{}", file.display());
        }
    }
    assert!(reduced_files >= 10, "{reduced_files}");
}

#[test]
fn turned_pictures_of_wide_pixels_are_made_square() {
    let folder = common::folder("turned_pictures_of_wide_pixels_are_made_square");
    let (plain, turned) = (folder.join("plain.mp4"), folder.join("turned.mp4"));
    common::ffmpeg("-f lavfi -i testsrc2=s=320x240:d=0.2 -vf setsar=3/2 -c:v mpeg4", &plain);
    let ffmpeg = gv_media::Ffmpeg::locate(None).unwrap();
    // The first is how it is said from version 6 on, the second before.
    let turns = |before: &[&str], after: &[&str]| {
        let mut command = std::process::Command::new(ffmpeg.path());
        command.args(["-v", "quiet", "-nostdin", "-y"]).args(before).arg("-i").arg(&plain);
        command.args(["-c", "copy"]).args(after).arg(&turned).status().unwrap().success()
    };
    let turned_by =
        turns(&["-display_rotation", "90"], &[]) || turns(&[], &["-metadata:s:v", "rotate=90"]);
    assert!(turned_by);
    for program in common::programs() {
        for (file, shown, reduced, aspect) in [
            (&plain, (320, 240), (96, 48), Rational::new(3, 2)),
            (&turned, (240, 320), (48, 96), Rational::new(2, 3)),
        ] {
            let (info, size, _) = read(&program, file, true).unwrap();
            let video = info.video.unwrap();
            assert_eq!((video.width, video.height, size), (shown.0, shown.1, reduced));
            assert_eq!(video.pixel_aspect, aspect.unwrap());
        }
    }
}
