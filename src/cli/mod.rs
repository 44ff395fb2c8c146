//! The command line, as the `geminivideo` program and the Python package's entry point run it.

pub mod ads;
mod analyze;
mod chart;
mod check;
mod models;
mod shots;
mod summary;

use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What the command line needs from the process that runs it.
pub struct Context<'a> {
    /// Takes what the user asked for.
    pub out: &'a mut dyn Write,
    /// Takes complaints.
    pub err: &'a mut dyn Write,
    /// Columns of the terminal.
    pub width: usize,
    /// Says whether the user has asked to stop, for example by Ctrl-C. Asked every 20 ms.
    pub interrupted: &'a mut dyn FnMut() -> bool,
    /// Finds an ffmpeg program where neither `--ffmpeg`, `GV_FFMPEG` nor `PATH` has one.
    pub find_ffmpeg: &'a dyn Fn() -> Option<PathBuf>,
    /// Finds the library of ONNX Runtime where `ORT_DYLIB_PATH` names none.
    pub find_onnxruntime: &'a dyn Fn() -> Option<PathBuf>,
    /// Reads a Parquet file as a JSON list of its rows; [`ads::no_parquet`] where nothing can.
    pub read_parquet: &'a dyn Fn(&Path) -> crate::Result<Vec<u8>>,
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("width", &self.width).finish_non_exhaustive()
    }
}

#[derive(Parser)]
#[command(name = "geminivideo", version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Look at a video: its shots, motion, moments and attention curve
    Analyze(analyze::Arguments),
    /// Find the shots of a video, and nothing else
    Shots(shots::Arguments),
    /// Check a video before it is published: pass, fail or unknown, each with its evidence
    Check(check::Arguments),
    /// Move budget between ads, as far as the evidence carries
    Budget(ads::budget::Arguments),
    /// Find the ads that waste money
    Kill(ads::kill::Arguments),
    /// List and fetch models of faces and objects
    Models(models::Arguments),
}

/// Runs one command line, `arguments[0]` being the program's name; the process's exit status.
///
/// 0 for success, 1 for an error (its text goes to `err`), 2 for a command line that is not understood, 3 where a required
/// check of `check` failed, 130 where the user interrupted.
pub fn run(arguments: impl IntoIterator<Item = OsString>, context: &mut Context<'_>) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error, context),
    };
    let result = match arguments.command {
        Command::Analyze(arguments) => analyze::run(&arguments, context).map(|()| 0),
        Command::Shots(arguments) => shots::run(&arguments, context).map(|()| 0),
        Command::Check(arguments) => check::run(&arguments, context),
        Command::Budget(arguments) => ads::budget::run(&arguments, context).map(|()| 0),
        Command::Kill(arguments) => ads::kill::run(&arguments, context).map(|()| 0),
        Command::Models(arguments) => models::run(&arguments, context).map(|()| 0),
    };
    match result {
        Ok(status) => status,
        Err(crate::Error::Cancelled) => {
            let _ = writeln!(context.err, "geminivideo: interrupted");
            130
        }
        Err(error) => {
            let _ = writeln!(context.err, "geminivideo: {error}");
            1
        }
    }
}

fn usage(error: &clap::Error, context: &mut Context<'_>) -> u8 {
    let target = if error.use_stderr() { &mut context.err } else { &mut context.out };
    let _ = write!(target, "{}", error.render());
    u8::try_from(error.exit_code()).unwrap_or(2)
}
