//! `geminivideo shots`.

use super::{Context, analyze};
use crate::clock::{clock_tenths, counted};
use crate::{Result, ShotScan, scan_shots};
use gv_vision::shots::ShotOptions;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Options of `geminivideo shots`.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The video file
    video: PathBuf,
    /// Write shots and boundaries as JSON to FILE, `-` for standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Ask for this much evidence for a boundary, 0 to 1; more finds fewer
    #[arg(long, value_name = "SHARE", default_value_t = ShotOptions::default().threshold)]
    threshold: f64,
    /// The ffmpeg program that decodes
    #[arg(long, value_name = "PROGRAM")]
    ffmpeg: Option<PathBuf>,
    /// Print no list and show no progress
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<()> {
    let options = ShotOptions::default().threshold(arguments.threshold);
    let ffmpeg = arguments.ffmpeg.clone().or_else(context.find_ffmpeg);
    let found = analyze::watched(arguments.quiet, context, |observer| {
        scan_shots(&arguments.video, options, ffmpeg.as_deref(), observer)
    })?;
    if let Some(path) = &arguments.json {
        analyze::deliver_json(path, context, &found)?;
    }
    let piped = arguments.json.as_deref().is_some_and(analyze::is_dash);
    if !arguments.quiet && !piped {
        let text = list(&found);
        analyze::print(context.out, |out| out.write_all(text.as_bytes()))?;
    }
    Ok(())
}

/// One line for each shot: when it is, how many frames it has, and how it begins.
fn list(found: &ShotScan) -> String {
    let shots = &found.list.shots;
    let mut text = String::new();
    for (number, shot) in shots.iter().enumerate() {
        let begins = match number.checked_sub(1).and_then(|at| found.list.boundaries.get(at)) {
            Some(boundary) => {
                format!(
                    "after a {}, {:.2}",
                    boundary.kind.as_str().replace('_', "-"),
                    boundary.score
                )
            }
            None => String::new(),
        };
        let blank = if shot.blank { "blank " } else { "" };
        let _ = writeln!(
            text,
            "{:>4}  {} to {}  {:>5} frames  {blank}{begins}",
            number + 1,
            clock_tenths(shot.start_time),
            clock_tenths(shot.end_time),
            shot.end_frame - shot.start_frame,
        );
    }
    text.push_str(&counted(shots.len(), "shot"));
    if found.damage > 0 {
        let places = counted(found.damage as usize, "damaged place");
        let _ = write!(text, "; {places} passed over");
    }
    text.push('\n');
    text
}
