//! The `geminivideo` program.

use geminivideo::cli::{Context, run};
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn main() -> ExitCode {
    let stopped = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stopped);
    // Where no handler can be set, Ctrl-C ends the process, and the decoder with it.
    let _ = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let status = run(
        std::env::args_os(),
        &mut Context {
            out: &mut out,
            err: &mut err,
            width: usize::from(console::Term::stdout().size().1),
            interrupted: &mut || stopped.load(Ordering::Relaxed),
            find_ffmpeg: &|| None,
            find_onnxruntime: &|| None,
            read_parquet: &geminivideo::cli::ads::no_parquet,
        },
    );
    let _ = std::io::stdout().flush();
    ExitCode::from(status)
}
