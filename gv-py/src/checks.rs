//! Checks before an ad is published.

use crate::analysis::{self, Analysis};
use crate::numbers::Count;
use crate::{call, config, errors, ffmpeg, to_python};
use geminivideo::timing::checks::{Rules, check};
use geminivideo::timing::placements::Placements;
use geminivideo::{Error, timing};
use pyo3::prelude::*;
use std::path::PathBuf;

fn plain<T>(py: Python<'_>, result: Result<T, timing::Error>) -> PyResult<T> {
    result.map_err(|error| errors::exception(py, &Error::from(error)))
}

/// The built-in rules.
#[pyfunction]
pub(crate) fn check_rules(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    to_python(py, &plain(py, Rules::built_in())?)
}

/// Checks a video file.
#[pyfunction]
#[pyo3(signature = (
    path, placement=None, *, rules_json=None, placements_json=None, progress=None, num_threads=None, ffmpeg=None
))]
#[expect(clippy::too_many_arguments, reason = "they are the keywords of the Python function")]
pub(crate) fn check_video<'py>(
    py: Python<'py>,
    path: PathBuf,
    placement: Option<&str>,
    rules_json: Option<&str>,
    placements_json: Option<&str>,
    progress: Option<Py<PyAny>>,
    num_threads: Option<Count>,
    ffmpeg: Option<PathBuf>,
) -> PyResult<Bound<'py, PyAny>> {
    let tables = Tables::of(py, placement, rules_json, placements_json)?;
    let mut options = config::analyze_options(py)?;
    options.num_threads = num_threads.map(|Count(threads)| threads);
    options.ffmpeg.clone_from(&ffmpeg);
    let found = analysis::run(py, &path, options, progress.as_ref())?;
    tables.check(py, &found, placement, ffmpeg)
}

/// Checks an analysed video.
#[pyfunction]
#[pyo3(signature = (analysis, placement=None, *, rules_json=None, placements_json=None))]
pub(crate) fn check_analysis<'py>(
    py: Python<'py>,
    analysis: PyRef<'py, Analysis>,
    placement: Option<&str>,
    rules_json: Option<&str>,
    placements_json: Option<&str>,
) -> PyResult<Bound<'py, PyAny>> {
    let tables = Tables::of(py, placement, rules_json, placements_json)?;
    tables.check(py, analysis.inner(), placement, None)
}

/// What is checked, and where the ad may be placed.
struct Tables {
    rules: Rules,
    placements: Placements,
}

impl Tables {
    /// Reads both, and refuses a placement that is in neither, before a video is looked at.
    fn of(
        py: Python<'_>,
        placement: Option<&str>,
        rules_json: Option<&str>,
        placements_json: Option<&str>,
    ) -> PyResult<Self> {
        let rules = plain(py, rules_json.map_or_else(Rules::built_in, Rules::from_json))?;
        let placements =
            plain(py, placements_json.map_or_else(Placements::built_in, Placements::from_json))?;
        if let Some(name) = placement {
            plain(py, placements.get(name).map(drop))?;
        }
        Ok(Self { rules, placements })
    }

    fn check<'py>(
        &self,
        py: Python<'py>,
        found: &geminivideo::Analysis,
        placement: Option<&str>,
        ffmpeg: Option<PathBuf>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let ffmpeg = ffmpeg::given_or_last(py, ffmpeg)?;
        let report = call::run(py, None, |_| {
            let evidence = found.evidence_with_sound(ffmpeg.as_deref());
            let picture = found.picture.as_ref();
            Ok(check(&evidence, picture, &self.rules, &self.placements, placement)?)
        })?;
        to_python(py, &report)
    }
}
