//! Analyses frames that the program renders itself, as an editing or render tool does, without a file.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use geminivideo::media::{Rational, Timestamp, VideoInfo};
use geminivideo::vision::{Frame, FramePusher, Layout, PushOptions, PushSource};
use geminivideo::{AnalyzeOptions, Progress, analyze_source};
use std::ops::ControlFlow;

const SIZE: (usize, usize) = (640, 360);

/// A disc that crosses a striped background; every two seconds another background begins.
fn render(number: i64) -> Vec<u8> {
    let (scene, centre) = (number / 50, (number % 50 * 12) as f64);
    let mut pixels = Vec::with_capacity(SIZE.0 * SIZE.1 * 3);
    for y in 0..SIZE.1 {
        for x in 0..SIZE.0 {
            let distance = (x as f64 - centre).hypot(y as f64 - 180.0);
            let stripe =
                40 + 60 * u8::from((x / 16 + y / (16 + 8 * scene as usize)).is_multiple_of(2));
            pixels.extend(match (distance < 70.0, scene % 3) {
                (true, _) => [240, 240, 230],
                (false, 0) => [stripe, 30, 30],
                (false, 1) => [30, 180 - stripe, 60],
                (false, _) => [90, 60, stripe + 100],
            });
        }
    }
    pixels
}

fn push_all(mut pusher: FramePusher) -> Result<(), geminivideo::vision::Error> {
    let interval = Rational::new(1, 25).unwrap_or(Rational::ONE);
    for number in 0..150 {
        let pts = Timestamp::new(number, interval);
        pusher.push(Frame::new(0, pts, SIZE.0, SIZE.1, Layout::Rgb24, render(number))?)?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut info = VideoInfo::new(SIZE.0 as u32, SIZE.1 as u32);
    info.nominal_rate = Rational::new(25, 1);
    let (pusher, mut source) = PushSource::new(info, PushOptions::default());
    let renderer = std::thread::spawn(move || push_all(pusher));
    let mut observer = |progress: Progress| {
        eprint!("\r{} frames", progress.frames);
        ControlFlow::Continue(())
    };
    let analysis = analyze_source(&mut source, &AnalyzeOptions::default(), &mut observer)?;
    renderer.join().map_err(|_| "the renderer panicked")??;
    eprintln!();
    for shot in &analysis.shots.shots {
        println!("shot {} from {:.2} s to {:.2} s", shot.index, shot.start_time, shot.end_time);
    }
    Ok(())
}
