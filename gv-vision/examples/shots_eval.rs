//! Runs the shot detector over raw planar 4:4:4 frames and prints its boundaries as JSON lines.
//!
//! `shots_eval FILE WIDTH HEIGHT FPS [TIMES]`: FILE holds full-range Y, Cb and Cr planes frame after
//! frame; TIMES, where given, is a text file with the presentation time of each frame in seconds.

use gv_vision::shots::{ShotDetector, ShotOptions};
use gv_vision::{AnalysisFrame, GrayImage};
use std::error::Error;
use std::io::{BufReader, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, width, height, fps, times @ ..] = &arguments[..] else {
        return Err("usage: shots_eval FILE WIDTH HEIGHT FPS [TIMES]".into());
    };
    let (width, height, fps): (usize, usize, f64) = (width.parse()?, height.parse()?, fps.parse()?);
    let times: Vec<f64> = match times {
        [path] => std::fs::read_to_string(path)?
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()?,
        _ => Vec::new(),
    };
    let mut input = BufReader::with_capacity(1 << 20, std::fs::File::open(file)?);
    let mut detector = ShotDetector::new(ShotOptions::default());
    let plane = width.checked_mul(height).ok_or("the size is too large")?;
    let (mut spent, mut index) = (Duration::ZERO, 0_u64);
    loop {
        let mut planes = [vec![0; plane], vec![0; plane], vec![0; plane]];
        let read = planes.iter_mut().try_for_each(|p| input.read_exact(p));
        match read {
            Err(e) if e.kind() == ErrorKind::UnexpectedEof => break,
            other => other?,
        }
        let [luma, cb, cr] = planes;
        let frame = AnalysisFrame {
            index,
            time: times.get(index as usize).copied().unwrap_or(index as f64 / fps),
            luma: GrayImage::new(width, height, luma)?,
            cb: GrayImage::new(width, height, cb)?,
            cr: GrayImage::new(width, height, cr)?,
            source_scale: 1.0,
        };
        let start = Instant::now();
        detector.push(&frame);
        spent += start.elapsed();
        index += 1;
    }
    let start = Instant::now();
    let list = detector.finish();
    spent += start.elapsed();
    let mut out = std::io::stdout().lock();
    for boundary in &list.boundaries {
        writeln!(out, "{}", serde_json::to_string(boundary)?)?;
    }
    let (frames, seconds) = (index, spent.as_secs_f64());
    writeln!(
        out,
        "{{\"frames\":{frames},\"shots\":{},\"detector_seconds\":{seconds}}}",
        list.shots.len()
    )?;
    Ok(())
}
