//! Times optical flow on the frames of a raw grey video.
//!
//! `bench_flow FRAMES WIDTH HEIGHT` prints a line for each way of calling and number of threads:
//! name, threads, least, median and greatest milliseconds a pair over seven rounds, separated by tabs.
//!
//! `bench_flow FRAMES WIDTH HEIGHT -` takes orders from standard input instead, one a line, and answers
//! each with a line, so that another program can take turns with it:
//! `pair THREADS` and `walk THREADS` answer with the milliseconds a pair of one round;
//! `dump PATH` writes the flow of every pair, `[dx, dy]` as 32-bit floats, and answers with their number.

use gv_vision::{Farneback, FarnebackOptions, GrayImage, OpticalFlow};
use std::io::Write;
use std::time::Instant;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, width, height, rest @ ..] = &arguments[..] else {
        return Err("give the frames' file, their width and height".into());
    };
    let frames = read_frames(file, width.parse()?, height.parse()?)?;
    let mut out = std::io::stdout();
    if rest.is_empty() {
        for (name, threads) in [("pair", 1), ("pair", 2), ("walk", 1), ("walk", 2)] {
            let method = method(threads)?;
            round(name, &method, &frames)?;
            let mut times = Vec::new();
            for _ in 0..7 {
                times.push(round(name, &method, &frames)?);
            }
            times.sort_by(f64::total_cmp);
            let (least, median, greatest) = (times[0], times[3], times[6]);
            writeln!(out, "{name}\t{threads}\t{least:.3}\t{median:.3}\t{greatest:.3}")?;
        }
        return Ok(());
    }
    for line in std::io::stdin().lines() {
        let line = line?;
        match line.split_once(' ') {
            Some(("dump", path)) => {
                let flow = method(1)?;
                let mut dump = std::io::BufWriter::new(std::fs::File::create(path)?);
                for pair in frames.windows(2) {
                    for value in flow.calculate(&pair[0], &pair[1])?.data().as_flattened() {
                        dump.write_all(&value.to_le_bytes())?;
                    }
                }
                dump.flush()?;
                writeln!(out, "{}", frames.len() - 1)?;
            }
            Some((name, threads)) => {
                let method = method(threads.parse()?)?;
                writeln!(out, "{:.4}", round(name, &method, &frames)?)?;
            }
            None => return Err(format!("unknown order {line:?}").into()),
        }
        out.flush()?;
    }
    Ok(())
}

fn method(threads: usize) -> Result<Farneback, Failure> {
    Ok(Farneback::new(FarnebackOptions::default().num_threads(threads))?)
}

fn read_frames(file: &str, width: usize, height: usize) -> Result<Vec<GrayImage>, Failure> {
    let bytes = std::fs::read(file)?;
    let frames = bytes.chunks_exact((width * height).max(1));
    let frames: Result<Vec<_>, _> =
        frames.map(|frame| GrayImage::new(width, height, frame.to_vec())).collect();
    match frames? {
        frames if frames.len() < 2 => Err("the file holds no pair of frames".into()),
        frames => Ok(frames),
    }
}

/// Milliseconds a pair over all frames.
fn round(name: &str, method: &dyn OpticalFlow, frames: &[GrayImage]) -> Result<f64, Failure> {
    let mut sum = 0.0;
    let mut check = |flow: &gv_vision::FlowField| sum += flow.data()[0][0];
    let pairs = (frames.len() - 1) as f64;
    let time = match name {
        "pair" => {
            let begin = Instant::now();
            for pair in frames.windows(2) {
                check(&method.calculate(&pair[0], &pair[1])?);
            }
            begin.elapsed()
        }
        "walk" => {
            let mut walk = method.walk();
            walk.push(&frames[0])?;
            let begin = Instant::now();
            for frame in &frames[1..] {
                if let Some(flow) = walk.push(frame)? {
                    check(flow);
                }
            }
            begin.elapsed()
        }
        _ => return Err(format!("unknown order {name:?}").into()),
    };
    std::hint::black_box(sum);
    Ok(time.as_secs_f64() * 1e3 / pairs)
}
