//! Analyses a video file: `cargo run --release --example analyze_file -- ad.mp4`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use geminivideo::{AnalyzeOptions, analyze};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: analyze_file VIDEO")?;
    let analysis = analyze(path, &AnalyzeOptions::default())?;
    println!("{} shots in {:.1} s", analysis.shots.shots.len(), analysis.duration());
    for moment in &analysis.moments {
        println!("{:6.2} s  {}: {}", moment.timestamp_start, moment.moment_type, moment.reason);
    }
    Ok(())
}
