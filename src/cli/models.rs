//! `geminivideo models`.

use super::Context;
use crate::models::{ModelEntry, fetch_model, is_fetched, model_folder, models};
use crate::{Error, Result};
use clap::Subcommand;
use gv_gen::http::{Cancel, UreqOptions, UreqTransport};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

/// How often progress is shown and an interruption is looked for.
const POLL: Duration = Duration::from_millis(50);

/// Options of `geminivideo models`.
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List the models that can be fetched, and which of them are there
    List,
    /// Fetch a model into the model cache
    Fetch {
        /// The model's name, as the list gives it
        name: String,
        /// Fetch it into DIR, for example the one that GV_MODEL_DIR names
        #[arg(long, value_name = "DIR")]
        into: Option<PathBuf>,
        /// Fetch it from a mirror, as URL/FILE; by default the one that GV_MODELS_URL names
        #[arg(long, value_name = "URL")]
        mirror: Option<String>,
    },
}

pub(super) fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<()> {
    match &arguments.action {
        Action::List => list(context),
        Action::Fetch { name, into, mirror } => {
            let variable = std::env::var("GV_MODELS_URL").ok().filter(|url| !url.is_empty());
            fetch(name, into.as_deref(), mirror.as_deref().or(variable.as_deref()), context)
        }
    }
}

fn list(context: &mut Context<'_>) -> Result<()> {
    let folder = model_folder().ok();
    for model in models()? {
        let there = folder.as_ref().is_some_and(|folder| is_fetched(&model, folder));
        let text = format!(
            "{:<11} {:<8} {:>5.1} MB  {:<11} {}\n",
            model.name,
            if there { "fetched" } else { "" },
            model.bytes as f64 / 1e6,
            model.licence,
            model.what
        );
        say(context, &text)?;
    }
    if let Some(folder) = folder {
        say(context, &format!("\nThe model cache is {}\n", folder.display()))?;
    }
    Ok(())
}

fn fetch(
    name: &str,
    into: Option<&Path>,
    mirror: Option<&str>,
    context: &mut Context<'_>,
) -> Result<()> {
    let models = models()?;
    let Some(model) = models.iter().find(|model| model.name == name) else {
        let names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
        return Err(Error::UnknownModel { name: name.to_owned(), known: names.join(", ") });
    };
    let folder = match into {
        Some(folder) => folder.to_owned(),
        None => model_folder()?,
    };
    let path = observed(model, &folder, mirror, context)?;
    say(context, &format!("{}\n", path.display()))
}

/// Fetches on a thread of its own, with a bar, until it is done or the user interrupts.
fn observed(
    model: &ModelEntry,
    folder: &Path,
    mirror: Option<&str>,
    context: &mut Context<'_>,
) -> Result<PathBuf> {
    let transport = UreqTransport::new(&UreqOptions::default())
        .map_err(|error| Error::Generation(gv_gen::Error::Http(error)))?;
    let bar = ProgressBar::new(model.bytes);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}") {
        bar.set_style(style);
    }
    let cancel = Cancel::new();
    let result = std::thread::scope(|scope| {
        let (finished, wait) = mpsc::channel::<()>();
        let worker = scope.spawn(|| {
            let _finished = finished;
            fetch_model(model, folder, mirror, &transport, &cancel)
        });
        while wait.recv_timeout(POLL) == Err(mpsc::RecvTimeoutError::Timeout) {
            bar.set_position(arrived(model, folder));
            if (context.interrupted)() {
                cancel.cancel();
            }
        }
        worker.join().unwrap_or_else(|_| {
            Err(Error::Internal { message: "the thread that fetches panicked".into() })
        })
    });
    bar.finish_and_clear();
    result
}

/// Bytes of a model's file that have come so far.
fn arrived(model: &ModelEntry, folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let arriving = entries.filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with(&model.file) && name != model.file.as_str()
    });
    arriving.filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).max().unwrap_or(0)
}

fn say(context: &mut Context<'_>, text: &str) -> Result<()> {
    let written = context.out.write_all(text.as_bytes());
    written.map_err(|source| Error::Output { path: "standard output".into(), source })
}
