//! `geminivideo check`.

use super::{Context, analyze};
use crate::{Error, Result, Settings};
use gv_timing::checks::{CheckReport, Finding, Outcome, Rules, check};
use gv_timing::placements::Placements;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The exit status where a required check fails.
pub(super) const FAILED: u8 = 3;

/// Options of `geminivideo check`.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The video file
    video: PathBuf,
    /// Check for this placement (stories, reels, tiktok, shorts, feed, instream); for any otherwise
    #[arg(long, value_name = "NAME")]
    placement: Option<String>,
    /// Rules of your own, as JSON of the shape of gv-timing/data/checks.json
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Placements of your own, as JSON of the shape of gv-timing/data/placements.json
    #[arg(long, value_name = "FILE")]
    placements: Option<PathBuf>,
    /// Take a required check that is unknown for a failure
    #[arg(long)]
    strict: bool,
    /// Write the outcomes as JSON to FILE, `-` for standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Use at most N threads; the result does not depend on it
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// The ffmpeg program that decodes
    #[arg(long, value_name = "PROGRAM")]
    ffmpeg: Option<PathBuf>,
    /// Print no table and show no progress
    #[arg(long, short)]
    quiet: bool,
}

/// Runs the checks; the exit status.
pub(super) fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<u8> {
    let rules = match &arguments.rules {
        Some(path) => Rules::from_json(&read(path)?)?,
        None => Rules::built_in()?,
    };
    let placements = match &arguments.placements {
        Some(path) => Placements::from_json(&read(path)?)?,
        None => Placements::built_in()?,
    };
    if let Some(name) = &arguments.placement {
        placements.get(name)?;
    }
    let mut options = Settings::from_env()?.analyze_options();
    if let Some(threads) = arguments.threads {
        options = options.num_threads(threads);
    }
    let ffmpeg = arguments.ffmpeg.clone().or_else(context.find_ffmpeg);
    if let Some(program) = &ffmpeg {
        options = options.ffmpeg(program);
    }
    let analysis = analyze::observed(&arguments.video, arguments.quiet, &options, context)?;
    let evidence = analysis.evidence_with_sound(ffmpeg.as_deref());
    let placement = arguments.placement.as_deref();
    let report = check(&evidence, analysis.picture.as_ref(), &rules, &placements, placement)?;
    if let Some(path) = &arguments.json {
        analyze::deliver_json(path, context, &report)?;
    }
    let piped = arguments.json.as_deref().is_some_and(analyze::is_dash);
    if !arguments.quiet && !piped {
        let text = table(&report, context.width);
        analyze::print(context.out, |out| out.write_all(text.as_bytes()))?;
    }
    Ok(if report.passes(arguments.strict) { 0 } else { FAILED })
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|source| Error::Input { path: path.to_owned(), source })
}

/// The outcomes as a person reads them: what fails first, each with its fix.
fn table(report: &CheckReport, width: usize) -> String {
    let mut text = String::new();
    for outcome in [Outcome::Fail, Outcome::Unknown, Outcome::Pass] {
        for finding in report.findings.iter().filter(|finding| finding.outcome == outcome) {
            row(finding, width, &mut text);
        }
    }
    let count = |outcome| report.count(outcome);
    let place = report.placement.as_deref().unwrap_or("any placement");
    let _ = writeln!(
        text,
        "\n{} passed, {} failed, {} unknown; for {place} (figures of {})",
        count(Outcome::Pass),
        count(Outcome::Fail),
        count(Outcome::Unknown),
        report.placements_dated,
    );
    text
}

fn row(finding: &Finding, width: usize, text: &mut String) {
    const LABEL: usize = 31;
    let mark = match (finding.outcome, finding.required) {
        (Outcome::Pass, _) => "pass",
        (Outcome::Fail, true) => "FAIL",
        (Outcome::Fail, false) => "warn",
        (Outcome::Unknown, _) => "?",
    };
    let limit = match (finding.at_least, finding.at_most) {
        (Some(least), Some(most)) => format!(" ({least} to {most} {})", finding.unit),
        (Some(least), None) => format!(" (at least {least} {})", finding.unit),
        (None, Some(most)) => format!(" (at most {most} {})", finding.unit),
        (None, None) => String::new(),
    };
    let fix =
        if finding.outcome == Outcome::Fail { format!(": {}", finding.fix) } else { String::new() };
    let label = format!("{mark:<6}{:<23}", finding.check.name());
    let words = format!("{}{limit}{fix}", finding.reason);
    let mut line = format!("{label:<LABEL$}");
    let mut is_first = true;
    for word in words.split_whitespace() {
        let length = line.chars().count() + 1 + word.chars().count();
        if !is_first && length > width.clamp(60, 120) {
            text.push_str(line.trim_end());
            text.push('\n');
            line = " ".repeat(LABEL);
            is_first = true;
        }
        if !is_first {
            line.push(' ');
        }
        line.push_str(word);
        is_first = false;
    }
    text.push_str(line.trim_end());
    text.push('\n');
}
