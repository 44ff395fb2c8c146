//! Where a call to action belongs (component 9).

use crate::analysis::{self, Analysis};
use crate::numbers::Count;
use crate::{call, config, errors, ffmpeg, to_python};
use geminivideo::timing::cta_optimizer::{
    CtaConfig, analyze_cta_timing, best_for_goal, best_for_industry, generate_sequence,
    generate_variations, industries, score_existing_cta,
};
use geminivideo::timing::placements::Placements;
use geminivideo::timing::{Evidence, FaceSpan, MotionPoint, SoundEvidence, Span};
use geminivideo::{Error, timing};
use pyo3::prelude::*;
use std::path::PathBuf;

fn exception(py: Python<'_>, error: timing::Error) -> PyErr {
    errors::exception(py, &Error::from(error))
}

fn plain<'py, T: serde::Serialize>(
    py: Python<'py>,
    result: timing::Result<T>,
) -> PyResult<Bound<'py, PyAny>> {
    to_python(py, &result.map_err(|error| exception(py, error))?)
}

/// The calls that suit each industry.
#[pyfunction]
pub(crate) fn cta_table(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    plain(py, industries())
}

/// The call that suits a goal.
#[pyfunction]
pub(crate) fn cta_for_goal<'py>(py: Python<'py>, goal: &str) -> PyResult<Bound<'py, PyAny>> {
    plain(py, best_for_goal(goal))
}

/// Plans the closing of a video.
#[pyfunction]
pub(crate) fn cta_sequence<'py>(
    py: Python<'py>,
    video_duration: f64,
    industry: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let sequence = plain(py, generate_sequence(video_duration, industry))?;
    for element in sequence.get_item("sequence")?.try_iter()? {
        let element = element?;
        for key in ["motion_level", "button_color", "animation", "overlay"] {
            if element.get_item(key)?.is_none() {
                element.del_item(key)?;
            }
        }
    }
    Ok(sequence)
}

/// Other words for a call.
#[pyfunction]
pub(crate) fn cta_variations(py: Python<'_>, base: &str, count: Count) -> PyResult<Vec<String>> {
    generate_variations(base, count.0).map_err(|error| exception(py, error))
}

/// Places the call of an industry in an analysed video.
#[pyfunction]
pub(crate) fn analysis_cta_timing<'py>(
    py: Python<'py>,
    analysis: PyRef<'py, Analysis>,
    industry: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let ffmpeg = ffmpeg::of_last_resort(py)?;
    let found = analysis.inner();
    let evidence = call::run(py, None, |_| Ok(found.evidence_with_sound(ffmpeg.as_deref())))?;
    timing_of(py, &evidence, industry)
}

/// Places the call of an industry by samples of time, energy and face, cuts and beats.
#[pyfunction]
pub(crate) fn sampled_cta_timing<'py>(
    py: Python<'py>,
    duration: Option<f64>,
    motion: Option<Vec<(f64, f64, Option<bool>)>>,
    cuts: Option<Vec<f64>>,
    beats: Option<Vec<f64>>,
    industry: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let samples = motion.as_deref().unwrap_or_default();
    let times = samples.iter().map(|sample| sample.0);
    let step = match samples {
        [first, second, ..] => (second.0 - first.0).abs(),
        _ => 0.0,
    };
    let end = duration.unwrap_or_else(|| times.fold(0.0, f64::max) + step);
    let faces = samples.iter().any(|sample| sample.2.is_some()).then(|| {
        samples
            .iter()
            .filter(|sample| sample.2 == Some(true))
            .map(|sample| FaceSpan {
                span: Span { start_time: sample.0, end_time: sample.0 + step },
                size: 0.0,
            })
            .collect()
    });
    let mut evidence = Evidence { end_time: end, cuts, faces, ..Evidence::default() };
    evidence.motion = motion.map(|samples| {
        let point = |(time, energy, _)| MotionPoint { time, energy, speed: 0.0 };
        samples.into_iter().map(point).collect()
    });
    evidence.sound = beats.map(|beats| SoundEvidence { beats, ..SoundEvidence::default() });
    timing_of(py, &evidence, industry)
}

fn timing_of<'py>(
    py: Python<'py>,
    evidence: &Evidence,
    industry: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let config: CtaConfig = best_for_industry(industry).map_err(|error| exception(py, error))?.1;
    plain(py, py.detach(|| analyze_cta_timing(evidence, &config)))
}

fn table(py: Python<'_>, json: Option<&str>) -> PyResult<Placements> {
    json.map_or_else(Placements::built_in, Placements::from_json)
        .map_err(|error| exception(py, error))
}

/// Judges the call of an analysed video.
#[pyfunction]
#[pyo3(signature = (analysis, placements_json=None))]
pub(crate) fn analysis_cta<'py>(
    py: Python<'py>,
    analysis: PyRef<'py, Analysis>,
    placements_json: Option<&str>,
) -> PyResult<Bound<'py, PyAny>> {
    let placements = table(py, placements_json)?;
    plain(py, score_existing_cta(&analysis.inner().evidence(), &placements))
}

/// Judges the call of a video.
#[pyfunction]
#[pyo3(signature = (path, placements_json=None, *, progress=None, num_threads=None))]
pub(crate) fn video_cta<'py>(
    py: Python<'py>,
    path: PathBuf,
    placements_json: Option<&str>,
    progress: Option<Py<PyAny>>,
    num_threads: Option<Count>,
) -> PyResult<Bound<'py, PyAny>> {
    let placements = table(py, placements_json)?;
    let mut options = config::analyze_options(py)?;
    options.num_threads = num_threads.map(|Count(threads)| threads);
    let found = analysis::run(py, &path, options, progress.as_ref())?;
    plain(py, score_existing_cta(&found.evidence(), &placements))
}

/// The built-in table of placements.
#[pyfunction]
pub(crate) fn placements_table(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    plain(py, Placements::built_in())
}
