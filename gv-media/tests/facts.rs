//! The facts of real and of made files.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod common;

use gv_media::{MediaInfo, MediaOptions, MediaReader, Rational, Rotation, Timestamp};
use std::path::Path;

fn ratio(num: i64, den: i64) -> Rational {
    Rational::new(num, den).unwrap()
}

fn info(program: &Path, file: &Path) -> MediaInfo {
    let options = MediaOptions::default().program(program).audio(false);
    MediaReader::open(file, &options).unwrap().info().clone()
}

#[test]
fn rotated_files_have_the_same_upright_pictures() {
    let Some(media) = common::media("rotated_files_have_the_same_upright_pictures") else { return };
    let turns = [
        ("0", Rotation::None, (568, 320)),
        ("90", Rotation::Quarter, (320, 568)),
        ("180", Rotation::Half, (568, 320)),
        ("270", Rotation::ThreeQuarters, (320, 568)),
    ];
    for program in common::programs() {
        for (name, rotation, size) in turns {
            let file = media.join(format!("video_formats/decord_video_{name}.mov"));
            let mut reader = MediaReader::open(&file, &common::pictures(&program)).unwrap();
            let video = reader.info().video.clone().unwrap();
            assert_eq!((video.rotation, (video.width, video.height)), (Some(rotation), size));
            let picture = common::read_all(&mut reader).unwrap().first_picture;
            let angle = rotation.degrees();
            let turned = turned_by_ffmpeg(&program, &file, angle);
            assert!(picture == turned, "{name} by {}", program.display());
        }
    }
}

/// The first picture, turned by a filter instead of by the file's matrix.
fn turned_by_ffmpeg(program: &Path, file: &Path, angle: u16) -> Vec<u8> {
    let filter = match angle {
        90 => "transpose=clock",
        180 => "hflip,vflip",
        270 => "transpose=cclock",
        _ => "null",
    };
    let output = std::process::Command::new(program)
        .args(["-v", "error", "-nostdin", "-noautorotate", "-i"])
        .arg(file)
        .args(["-vf", filter, "-frames:v", "1", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"])
        .output();
    output.unwrap().stdout
}

#[test]
fn facts_of_real_files_are_exact() {
    let Some(media) = common::media("facts_of_real_files_are_exact") else { return };
    for program in common::programs() {
        let video = |name: &str| info(&program, &media.join(name)).video.unwrap();

        let wide = video("video_formats/mediabunny_sar_2x1.mp4");
        assert_eq!(wide.pixel_aspect, ratio(2, 1));
        assert_eq!(wide.display_width(), 2 * wide.width);
        assert_eq!(wide.nominal_rate, Some(ratio(30, 1)));

        let varying = video("video_formats/mediabunny_cursed-vfr.mp4");
        assert_eq!(varying.nominal_rate, Some(ratio(30, 1)));
        assert_eq!(varying.frame_count, Some(63));
        assert_eq!(varying.start.time_base(), ratio(1, 57600));

        let hidden = video("video_formats/exo_roadtrip-vp92-10bit.webm");
        assert_eq!((hidden.frame_count, hidden.nominal_rate), (Some(72), Some(ratio(24000, 1001))));
        assert_eq!(hidden.pixel_format.as_deref(), Some("yuv420p10le"));
        assert_eq!(hidden.codec, "vp9");

        let ad = video("video_ads/pixel9_de/pixel9_combo_0_v.mp4");
        assert_eq!(ad.pixel_format.as_deref(), Some("yuv422p10le"));
        assert_eq!((ad.width, ad.height, ad.frame_count), (608, 1080, Some(357)));
        assert_eq!((ad.nominal_rate, ad.average_rate), (Some(ratio(24, 1)), Some(ratio(24, 1))));
        assert_eq!(ad.duration, Some(14.875));

        let late = video("video_cuts/psd_delayed_start.mp4");
        assert_eq!(late.start, Timestamp::new(1075, ratio(1, 1000)));
        assert_eq!(video("video_motion/mdn_flower.webm").nominal_rate, Some(ratio(30000, 1001)));
        assert_eq!(video("video_formats/opencv_VID00003.3GP").nominal_rate, Some(ratio(30, 1)));
        let one = video("video_formats/moviepy_bitmap.mp4");
        assert_eq!((one.width, one.height, one.frame_count), (1, 1, Some(5)));
        let two = video("video_formats/torchcodec_nasa_13013.mp4");
        assert_eq!((two.width, two.height, two.frame_count), (320, 180, Some(325)));
    }
}

#[test]
fn one_movie_in_two_containers_gives_the_same_frames() {
    let Some(media) = common::media("one_movie_in_two_containers_gives_the_same_frames") else {
        return;
    };
    for program in common::programs() {
        let read = |name: &str| {
            let file = media.join("video_formats").join(name);
            let mut reader = MediaReader::open(file, &common::pictures(&program)).unwrap();
            common::read_all(&mut reader).unwrap()
        };
        let (mov, mp4) = (read("opencv_bbb.mov"), read("opencv_bbb.mp4"));
        assert_eq!(mov.pictures, mp4.pictures);
        assert!(mov.first_picture == mp4.first_picture && mov.last_picture == mp4.last_picture);
    }
}

#[test]
fn every_range_comes_out_limited() {
    let folder = common::folder("range");
    let full = folder.join("full.mkv");
    common::ffmpeg(
        "-f lavfi -i color=white:s=64x48:r=5:d=1 -vf scale=out_range=pc,format=yuv420p \
         -color_range pc -c:v ffv1",
        &full,
    );
    let limited = folder.join("limited.mkv");
    common::ffmpeg("-f lavfi -i color=white:s=64x48:r=5:d=1,format=yuv444p -c:v ffv1", &limited);
    for program in common::programs() {
        for file in [&full, &limited] {
            let mut reader = MediaReader::open(file, &common::pictures(&program)).unwrap();
            let picture = common::read_all(&mut reader).unwrap().first_picture;
            assert_eq!((picture.len(), picture[0]), (64 * 48 * 3 / 2, 235), "{}", file.display());
        }
    }
}

#[test]
fn extreme_shapes_are_read() {
    let folder = common::folder("shapes");
    for (size, bytes) in [("16384x16", 16384 * 16 * 3 / 2), ("3x5", 15 + 2 * 6)] {
        let file = folder.join(format!("{size}.mkv"));
        let make = format!(
            "-f lavfi -i testsrc2=s=64x64:r=5:d=1 -vf scale={} -c:v ffv1",
            size.replace('x', ":")
        );
        common::ffmpeg(&make, &file);
        for program in common::programs() {
            let mut reader = MediaReader::open(&file, &common::pictures(&program)).unwrap();
            let delivered = common::read_all(&mut reader).unwrap();
            assert_eq!((delivered.pictures.len(), delivered.last_picture.len()), (5, bytes));
            assert_eq!(reader.damage(), 0);
        }
    }
}

#[test]
fn a_cover_picture_is_not_the_video() {
    let folder = common::folder("cover");
    let (picture, song) = (folder.join("cover.png"), folder.join("song.mp3"));
    common::ffmpeg("-f lavfi -i testsrc2=s=64x48:d=1 -frames:v 1", &picture);
    let make = format!(
        "-f lavfi -i sine=440:d=1 -i {} -map 0:a -map 1:v -c:v copy -disposition:v attached_pic",
        picture.display()
    );
    common::ffmpeg(&make, &song);
    let error = MediaReader::open(&song, &MediaOptions::default()).unwrap_err();
    assert!(matches!(error, gv_media::Error::NoVideo { .. }), "{error}");
}

#[test]
fn transport_and_program_streams_start_at_zero() {
    let folder = common::folder("clock");
    for ending in ["ts", "mpg"] {
        let file = folder.join(format!("clip.{ending}"));
        common::ffmpeg("-f lavfi -i testsrc2=s=64x48:r=25:d=1 -c:v mpeg2video -bf 2", &file);
        for program in common::programs() {
            let mut reader = MediaReader::open(&file, &common::pictures(&program)).unwrap();
            let times = common::read_all(&mut reader).unwrap().pictures;
            assert_eq!((times.len(), times[0]), (25, Timestamp::ZERO));
            assert_eq!(times[24], Timestamp::new(24, ratio(1, 25)));
        }
    }
}
