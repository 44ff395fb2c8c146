//! Farneback's flow agrees with OpenCV's, computed in the same run.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails where it unwraps, and says what it skips"
)]
#![cfg(feature = "opencv")]

use gv_vision::{Farneback, FarnebackOptions, GrayImage, OpenCvFarneback, OpticalFlow};
use std::path::PathBuf;
use std::process::Command;

/// Mean and 99.9th percentile of the absolute differences of both directions, in pixels.
fn disagreement(options: &FarnebackOptions, previous: &GrayImage, next: &GrayImage) -> (f64, f64) {
    let ours = Farneback::new(options.clone()).unwrap().calculate(previous, next).unwrap();
    let theirs = OpenCvFarneback::new(options.clone()).unwrap().calculate(previous, next).unwrap();
    let pairs = ours.data().as_flattened().iter().zip(theirs.data().as_flattened());
    let mut differences: Vec<f64> = pairs.map(|(a, b)| f64::from((a - b).abs())).collect();
    differences.sort_by(f64::total_cmp);
    let mean = differences.iter().sum::<f64>() / differences.len() as f64;
    (mean, differences[differences.len() * 999 / 1000])
}

fn check(what: &str, options: &FarnebackOptions, previous: &GrayImage, next: &GrayImage) {
    let (mean, most) = disagreement(options, previous, next);
    assert!(mean < 0.01 && most < 0.1, "{what}: mean {mean} px, 99.9th percentile {most} px");
}

fn texture(width: usize, height: usize, dx: f64, dy: f64) -> GrayImage {
    GrayImage::from_fn(width, height, |x, y| {
        let (x, y) = (x as f64 - dx, y as f64 - dy);
        let coarse = (0.11 * x + 0.07 * y).sin() + (0.05 * x - 0.13 * y).cos();
        let fine = (0.43 * x - 0.31 * y).sin() + (0.29 * x + 0.51 * y).cos();
        (128.0 + 30.0 * coarse + 25.0 * fine) as u8
    })
}

#[test]
fn textures_of_all_kinds_of_sizes_agree() {
    let options = FarnebackOptions::default();
    for (width, height) in [
        (320, 180),
        (641, 363),
        (333, 187),
        (64, 64),
        (63, 65),
        (33, 32),
        (31, 40),
        (20, 9),
        (9, 9),
        (5, 3),
        (2, 2),
        (300, 2),
        (3, 200),
        (1000, 33),
    ] {
        let (previous, next) =
            (texture(width, height, 0.0, 0.0), texture(width, height, 1.7, -0.9));
        check(&format!("{width}x{height}"), &options, &previous, &next);
    }
}

#[test]
fn other_parameters_agree() {
    let options = FarnebackOptions::default;
    let (previous, next) = (texture(251, 143, 0.0, 0.0), texture(251, 143, 2.2, 1.1));
    for options in [
        options().winsize(9).iterations(1),
        options().winsize(16),
        options().winsize(51).iterations(5),
        options().poly_n(7).poly_sigma(1.5),
        options().levels(0),
        options().pyr_scale(0.7).levels(4),
    ] {
        check(&format!("{options:?}"), &options, &previous, &next);
    }
}

#[test]
fn frames_of_real_clips_agree() {
    let media = std::env::var_os("GV_TEST_MEDIA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/media")),
        PathBuf::from,
    );
    for (clip, width, height, start) in [
        ("video_motion/opencv_768x576.avi", 320, 240, "1"),
        ("video_motion/mdn_flower.mp4", 333, 187, "0"),
        ("video_ads/pixel8_en/pixel8_en_rebuilt_720p.mp4", 320, 180, "5"),
        ("video_formats/opencv_bbb.mp4", 641, 359, "0"),
    ] {
        let path = media.join(clip);
        if !path.is_file() {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{clip} is missing");
            eprintln!("frames_of_real_clips_agree: {clip} skipped, there is no {}", path.display());
            continue;
        }
        let ffmpeg = gv_media::Ffmpeg::locate(None).unwrap();
        let output = Command::new(ffmpeg.path())
            .args(["-v", "error", "-nostdin", "-ss", start, "-i"])
            .arg(&path)
            .args([
                "-frames:v",
                "9",
                "-vf",
                &format!("scale={width}:{height}:flags=area,format=gray"),
            ])
            .args(["-f", "rawvideo", "-"])
            .output()
            .unwrap();
        let frames: Vec<_> = output.stdout.chunks_exact(width * height).collect();
        assert!(frames.len() >= 2, "{clip}: {}", String::from_utf8_lossy(&output.stderr));
        for (number, pair) in frames.windows(2).enumerate() {
            let [previous, next] = [pair[0], pair[1]]
                .map(|data| GrayImage::new(width, height, data.to_vec()).unwrap());
            check(
                &format!("{clip}, pair {number}"),
                &FarnebackOptions::default(),
                &previous,
                &next,
            );
        }
    }
}
