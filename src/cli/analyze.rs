//! `geminivideo analyze`.

use super::{Context, summary};
use crate::analyze::{Analysis, AnalyzeOptions, ObjectLook, analyze_observed};
use crate::pipeline::{Observer, Progress};
use crate::{Error, Result, Settings, SileroVoice, VoiceModel};
use gv_vision::inference::Runtime;
use gv_vision::yolo_face_detector::FaceModel;
use gv_vision::yolo_object_detector::ObjectModel;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Options of `geminivideo analyze`.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The video file
    video: PathBuf,
    /// Write the report that a person reads as one page of HTML to FILE, `-` for standard output
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write the whole result as JSON to FILE, `-` for standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write one row for each frame as CSV to FILE, `-` for standard output
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write shots and markers as OpenTimelineIO to FILE, `-` for standard output
    #[arg(long, value_name = "FILE")]
    otio: Option<PathBuf>,
    /// Write shots and markers as Final Cut Pro XML to FILE, `-` for standard output
    #[arg(long, value_name = "FILE")]
    fcpxml: Option<PathBuf>,
    /// Write shots and markers as a CMX 3600 edit decision list to FILE, `-` for standard output
    #[arg(long, value_name = "FILE")]
    edl: Option<PathBuf>,
    /// Use at most N threads; the result does not depend on it
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// The ffmpeg program that decodes
    #[arg(long, value_name = "PROGRAM")]
    ffmpeg: Option<PathBuf>,
    /// Look for faces with this ONNX file (YuNet, UltraFace, YOLOv8)
    #[arg(long, value_name = "FILE")]
    face_model: Option<PathBuf>,
    /// Look for objects with this ONNX file (YOLOX, YOLOv8, YOLOv5)
    #[arg(long, value_name = "FILE")]
    object_model: Option<PathBuf>,
    /// Find voices with this ONNX file (Silero)
    #[arg(long, value_name = "FILE")]
    voice_model: Option<PathBuf>,
    /// Run networks with NAME: tract (built in), or onnxruntime where it is installed
    #[arg(long, value_name = "NAME")]
    runtime: Option<String>,
    /// Run networks on NAME: cpu, or cuda (with onnxruntime alone)
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Look at motion and shots alone: no faces, objects, text or sound
    #[arg(long, conflicts_with_all = ["face_model", "object_model", "voice_model"])]
    motion_only: bool,
    /// Print no summary and show no progress
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<()> {
    let mut options = Settings::from_env()?.analyze_options();
    if let Some(threads) = arguments.threads {
        options = options.num_threads(threads);
    }
    let runtime = Runtime::named(arguments.runtime.as_deref(), arguments.device.as_deref())?
        .with_library(context.find_onnxruntime);
    if let Some(path) = &arguments.face_model {
        let look = options.faces.take().unwrap_or_default();
        options = options.faces(Some(look.model(FaceModel::File(path.clone()))));
    }
    if let Some(path) = &arguments.object_model {
        let look = ObjectLook::default().model(ObjectModel::File(path.clone()));
        options = options.objects(Some(look));
    }
    if let Some(path) = &arguments.voice_model {
        let silero = SileroVoice::open(path, &runtime)?;
        options = options.voices(VoiceModel::Own(Arc::new(silero)));
    }
    options.faces = options.faces.take().map(|look| look.runtime(runtime.clone()));
    options.objects = options.objects.take().map(|look| look.runtime(runtime));
    if arguments.motion_only {
        options = options.motion_only();
    }
    let ffmpeg = arguments.ffmpeg.clone().or_else(context.find_ffmpeg);
    if let Some(program) = &ffmpeg {
        options = options.ffmpeg(program);
    }
    let analysis = observed(&arguments.video, arguments.quiet, &options, context)?;
    if let Some(path) = &arguments.html {
        let page = page(&analysis, arguments, ffmpeg.as_deref(), context)?;
        deliver(path, context, |out| out.write_all(page.as_bytes()))?;
    }
    if let Some(path) = &arguments.json {
        deliver(path, context, |out| analysis.write_json(out))?;
    }
    if let Some(path) = &arguments.csv {
        deliver(path, context, |out| analysis.write_csv(out))?;
    }
    let Arguments { html, json, csv, otio, fcpxml, edl, .. } = arguments;
    if [otio, fcpxml, edl].into_iter().any(Option::is_some) {
        let timeline = analysis.timeline()?;
        let texts = [
            (otio, otio.as_ref().map(|_| Ok(timeline.to_otio()))),
            (fcpxml, fcpxml.as_ref().map(|_| Ok(timeline.to_fcpxml()))),
            (edl, edl.as_ref().map(|_| timeline.to_edl())),
        ];
        for (path, text) in texts {
            if let (Some(path), Some(text)) = (path, text) {
                let text = text?;
                deliver(path, context, |out| out.write_all(text.as_bytes()))?;
            }
        }
    }
    let piped =
        [html, json, csv, otio, fcpxml, edl].into_iter().flatten().any(|path| is_dash(path));
    if !arguments.quiet && !piped {
        let text = summary::render(&analysis, context.width);
        print(context.out, |out| out.write_all(text.as_bytes()))?;
    }
    Ok(())
}

/// The report, with pictures of the video.
fn page(
    analysis: &Analysis,
    arguments: &Arguments,
    ffmpeg: Option<&Path>,
    context: &mut Context<'_>,
) -> Result<String> {
    let mut report = analysis.report()?;
    watched(arguments.quiet, context, |observer| {
        report.add_film(&arguments.video, ffmpeg, observer)
    })?;
    report.page()
}

pub(super) fn observed(
    video: &Path,
    quiet: bool,
    options: &AnalyzeOptions,
    context: &mut Context<'_>,
) -> Result<Analysis> {
    watched(quiet, context, |observer| analyze_observed(video, options, observer))
}

/// Runs `work` under a progress bar, and ends it where the user interrupts.
pub(super) fn watched<T>(
    quiet: bool,
    context: &mut Context<'_>,
    work: impl FnOnce(&mut dyn Observer) -> Result<T>,
) -> Result<T> {
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(0) };
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} frames, {eta} left");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    let interrupted = &mut *context.interrupted;
    let mut observer = |progress: Progress| {
        bar.set_length(progress.total_frames.unwrap_or(progress.frames));
        bar.set_position(progress.frames);
        if interrupted() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let result = work(&mut observer);
    bar.finish_and_clear();
    result
}

pub(super) fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

pub(super) fn deliver(
    path: &Path,
    context: &mut Context<'_>,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<()> {
    if is_dash(path) { print(context.out, write) } else { crate::output::write_whole(path, write) }
}

/// Delivers a value as JSON that a person can read as well.
pub(super) fn deliver_json(
    path: &Path,
    context: &mut Context<'_>,
    value: &impl serde::Serialize,
) -> Result<()> {
    deliver(path, context, |out| {
        serde_json::to_writer_pretty(&mut *out, value)?;
        out.write_all(b"\n")
    })
}

pub(super) fn print(
    out: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<()> {
    match write(out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(|source| Error::Output { path: "standard output".into(), source }),
    }
}
