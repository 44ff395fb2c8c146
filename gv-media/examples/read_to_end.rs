//! Reads a video to its end and prints how long that took: `read_to_end VIDEO [FFMPEG]`.
#![allow(clippy::print_stdout, reason = "it is what the program is for")]

use gv_media::{Event, MediaOptions, MediaReader, Result};
use std::time::Instant;

fn main() -> Result<()> {
    let mut args = std::env::args_os().skip(1);
    let Some(path) = args.next() else {
        println!("usage: read_to_end VIDEO [FFMPEG]");
        return Ok(());
    };
    let mut options = MediaOptions::default();
    if let Some(program) = args.next() {
        options = options.program(program);
    }
    let begun = Instant::now();
    let mut reader = MediaReader::open(path, &options.audio(false))?;
    let opened = begun.elapsed();
    let (mut picture, mut sound) = (Vec::new(), Vec::new());
    let (mut frames, mut bytes) = (0u64, 0u64);
    while let Some(event) = reader.read(&mut picture, &mut sound)? {
        if let Event::Picture { .. } = event {
            frames += 1;
            bytes += picture.len() as u64;
        }
    }
    let (opened, all) = (opened.as_secs_f64(), begun.elapsed().as_secs_f64());
    println!("{frames} frames, {bytes} bytes, {opened:.3} s to open, {all:.3} s in all");
    println!("damage: {}, decoder: {}", reader.damage(), reader.info().decoder.version);
    Ok(())
}
