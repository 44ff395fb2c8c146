//! The winning patterns database (component 17).

use crate::ads::options;
use crate::store::Store;
use crate::{errors, to_python};
use geminivideo::patterns::Result;
use geminivideo::patterns::winning_patterns_db::{
    PatternQuery, WinningAdPattern, WinningPatternsDB, extract_pattern,
};
use geminivideo::{Error, patterns};
use pyo3::prelude::*;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;

/// Patterns in a store; patterns and options are JSON documents.
#[pyclass(frozen, module = "geminivideo._core")]
pub(crate) struct PatternsDB(WinningPatternsDB);

fn exception(py: Python<'_>, error: patterns::Error) -> PyErr {
    errors::exception(py, &Error::from(error))
}

#[pymethods]
impl PatternsDB {
    #[new]
    fn new(py: Python<'_>, store: &Store) -> PyResult<Self> {
        let store = Arc::clone(&store.0);
        py.detach(|| WinningPatternsDB::new(store)).map(Self).map_err(|error| exception(py, error))
    }

    fn add(&self, py: Python<'_>, pattern_json: &str) -> PyResult<String> {
        let pattern: WinningAdPattern = options(py, pattern_json)?;
        py.detach(|| self.0.add_pattern(pattern)).map_err(|error| exception(py, error))
    }

    fn get<'py>(&self, py: Python<'py>, pattern_id: &str) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, |db| db.get_pattern(pattern_id))
    }

    #[pyo3(signature = (industry, platform, objective, hook_type, min_roas, limit, include_losers))]
    #[expect(clippy::too_many_arguments, reason = "the fields of a query")]
    fn find<'py>(
        &self,
        py: Python<'py>,
        industry: Option<String>,
        platform: Option<String>,
        objective: Option<String>,
        hook_type: Option<String>,
        min_roas: Option<f64>,
        limit: usize,
        include_losers: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let query = PatternQuery {
            industry,
            platform,
            objective,
            hook_type,
            min_roas,
            limit,
            include_losers,
        };
        self.tell(py, |db| db.find_patterns(&query))
    }

    fn top<'py>(&self, py: Python<'py>, limit: usize) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, |db| db.top_performers(limit))
    }

    fn hook_statistics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, WinningPatternsDB::hook_statistics)
    }

    fn benchmarks<'py>(&self, py: Python<'py>, industry: &str) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, |db| db.industry_benchmarks(industry))
    }

    fn creative_dna<'py>(
        &self,
        py: Python<'py>,
        patterns_json: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let patterns: Vec<WinningAdPattern> = options(py, patterns_json)?;
        self.tell(py, |db| db.extract_creative_dna(&patterns))
    }

    fn search<'py>(
        &self,
        py: Python<'py>,
        words: &str,
        limit: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.tell(py, |db| db.search(words, limit))
    }

    fn similar<'py>(
        &self,
        py: Python<'py>,
        pattern_json: &str,
        limit: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let pattern: WinningAdPattern = options(py, pattern_json)?;
        self.tell(py, |db| db.find_similar(&pattern, limit))
    }

    fn seed(&self, py: Python<'_>) -> PyResult<usize> {
        py.detach(|| self.0.seed_with_examples()).map_err(|error| exception(py, error))
    }

    fn export_to(&self, py: Python<'_>, path: PathBuf) -> PyResult<usize> {
        py.detach(|| {
            let mut text = Vec::new();
            let count = self.0.export_jsonl(&mut text)?;
            write(&path, &text)?;
            Ok(count)
        })
        .map_err(|error: patterns::Error| exception(py, error))
    }

    fn import_from(&self, py: Python<'_>, path: PathBuf) -> PyResult<usize> {
        py.detach(|| {
            let text = std::fs::read(&path).map_err(|error| unreadable(&path, &error))?;
            match serde_json::from_slice(&text) {
                Ok(whole) => self.0.import_json(whole),
                Err(_) => self.0.import_jsonl(&mut text.as_slice()),
            }
        })
        .map_err(|error| exception(py, error))
    }
}

impl PatternsDB {
    fn tell<'py, T: Serialize + Send>(
        &self,
        py: Python<'py>,
        ask: impl FnOnce(&WinningPatternsDB) -> Result<T> + Send,
    ) -> PyResult<Bound<'py, PyAny>> {
        let answer = py.detach(|| ask(&self.0)).map_err(|error| exception(py, error))?;
        to_python(py, &answer)
    }
}

fn unreadable(path: &std::path::Path, error: &std::io::Error) -> patterns::Error {
    patterns::Error::BadData { place: path.display().to_string(), problem: error.to_string() }
}

/// Writes beside the place and renames, so that no half of a file is ever there.
fn write(path: &std::path::Path, text: &[u8]) -> Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    std::fs::write(&beside, text)
        .and_then(|()| std::fs::rename(&beside, path))
        .map_err(|error| unreadable(path, &error))
}

/// Takes an analysis, as JSON, to a pattern.
#[pyfunction]
pub(crate) fn pattern_of_analysis<'py>(
    py: Python<'py>,
    analysis_json: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let analysis = options(py, analysis_json)?;
    to_python(py, &py.detach(|| extract_pattern(&analysis)))
}
