//! Whether the opening holds (component 8).

use crate::analysis::{self, Analysis};
use crate::numbers::Count;
use crate::{call, config, errors, ffmpeg, to_python};
use geminivideo::timing::Evidence;
use geminivideo::timing::hook_optimizer::{
    HookTemplate, analyze_hook, best_template, hook_script, hook_templates,
};
use geminivideo::{Error, ErrorKind, listen, timing};
use pyo3::prelude::*;
use std::path::PathBuf;

fn exception(py: Python<'_>, error: timing::Error) -> PyErr {
    errors::exception(py, &Error::from(error))
}

/// Looks at the opening of a video.
#[pyfunction]
#[pyo3(signature = (path, audio_path=None, *, progress=None, num_threads=None))]
pub(crate) fn video_hook<'py>(
    py: Python<'py>,
    path: PathBuf,
    audio_path: Option<PathBuf>,
    progress: Option<Py<PyAny>>,
    num_threads: Option<Count>,
) -> PyResult<Bound<'py, PyAny>> {
    let mut options = config::analyze_options(py)?;
    options.num_threads = num_threads.map(|Count(threads)| threads);
    let found = analysis::run(py, &path, options, progress.as_ref())?;
    hook_of(py, &heard(py, &found, audio_path)?)
}

/// Says what the opening of an analysed video is.
#[pyfunction]
#[pyo3(signature = (analysis, audio_path=None))]
pub(crate) fn analysis_hook<'py>(
    py: Python<'py>,
    analysis: PyRef<'py, Analysis>,
    audio_path: Option<PathBuf>,
) -> PyResult<Bound<'py, PyAny>> {
    hook_of(py, &heard(py, analysis.inner(), audio_path)?)
}

/// What is known of a video, with the sound at `audio_path`, else its own.
fn heard(
    py: Python<'_>,
    found: &geminivideo::Analysis,
    audio_path: Option<PathBuf>,
) -> PyResult<Evidence> {
    let ffmpeg = ffmpeg::of_last_resort(py)?;
    call::run(py, None, |_| match audio_path {
        Some(path) => {
            let sound = Some(listen(path, ffmpeg.as_deref())?);
            Ok(Evidence { sound, ..found.evidence() })
        }
        None => Ok(found.evidence_with_sound(ffmpeg.as_deref())),
    })
}

fn hook_of<'py>(py: Python<'py>, evidence: &Evidence) -> PyResult<Bound<'py, PyAny>> {
    let hook = analyze_hook(evidence).map_err(|error| exception(py, error))?;
    to_python(py, &hook)
}

/// The table of templates.
#[pyfunction]
pub(crate) fn hook_table(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    to_python(py, &hook_templates().map_err(|error| exception(py, error))?)
}

fn templates_of(py: Python<'_>, json: &str) -> PyResult<Vec<HookTemplate>> {
    serde_json::from_str(json).map_err(|error| {
        let message = format!("the templates are not as HOOK_TEMPLATES has them: {error}");
        errors::of_kind(py, ErrorKind::InvalidInput, &message)
    })
}

/// Number of the template that suits an industry.
#[pyfunction]
pub(crate) fn best_hook_template(
    py: Python<'_>,
    templates_json: &str,
    industry: &str,
) -> PyResult<Option<usize>> {
    let templates = templates_of(py, templates_json)?;
    let best = best_template(&templates, industry);
    Ok(best.and_then(|best| templates.iter().position(|template| template == best)))
}

/// Writes an opening after a template, given as a list of one.
#[pyfunction]
pub(crate) fn write_hook_script<'py>(
    py: Python<'py>,
    product: &str,
    pain_point: &str,
    templates_json: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let templates = templates_of(py, templates_json)?;
    let Some(template) = templates.first() else {
        return Err(errors::of_kind(py, ErrorKind::InvalidInput, "there is no template"));
    };
    let script =
        hook_script(product, pain_point, template).map_err(|error| exception(py, error))?;
    to_python(py, &script)
}
