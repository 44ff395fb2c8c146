//! The one-pass analysis.

use crate::call::{self, Caller};
use crate::numbers::Count;
use crate::plugin::PythonTextReader;
use crate::yolo_face_detector::FaceDetector;
use crate::yolo_object_detector::ObjectDetector;
use crate::{config, errors, ffmpeg, runtime, scan, to_python, voice};
use geminivideo::timing::timelines::Timeline;
use geminivideo::vision::yolo_face_detector::FaceModel;
use geminivideo::vision::yolo_object_detector::ObjectModel;
use geminivideo::{
    AnalyzeOptions, Error, ErrorKind, ObjectLook, TextLook, VoiceModel, analyze_observed,
};
use pyo3::prelude::*;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The result of an analysis; `geminivideo.AnalysisResult` is its Python face.
#[pyclass(frozen, eq, module = "geminivideo._core")]
#[derive(PartialEq)]
pub(crate) struct Analysis(geminivideo::Analysis);

impl Analysis {
    /// The library's own result.
    pub(crate) const fn inner(&self) -> &geminivideo::Analysis {
        &self.0
    }
}

#[pymethods]
impl Analysis {
    /// Reads one JSON document.
    #[staticmethod]
    fn from_json(py: Python<'_>, text: &str) -> PyResult<Self> {
        serde_json::from_str(text).map(Self).map_err(|error| {
            let message = format!("the text is no analysis as to_json writes it: {error}");
            errors::of_kind(py, ErrorKind::InvalidInput, &message)
        })
    }

    /// Length in seconds.
    #[getter]
    fn duration(&self) -> f64 {
        self.0.duration()
    }

    /// Writes one JSON document.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        text(py, |out| self.0.write_json(out))
    }

    /// Writes the timeline as comma-separated values.
    fn to_csv(&self, py: Python<'_>) -> PyResult<String> {
        text(py, |out| self.0.write_csv(out))
    }

    /// Shots and markers as OpenTimelineIO.
    fn to_otio(&self, py: Python<'_>) -> PyResult<String> {
        Ok(timeline(py, &self.0)?.to_otio())
    }

    /// Shots and markers as Final Cut Pro XML.
    fn to_fcpxml(&self, py: Python<'_>) -> PyResult<String> {
        Ok(timeline(py, &self.0)?.to_fcpxml())
    }

    /// Shots and markers as an edit decision list.
    fn to_edl(&self, py: Python<'_>) -> PyResult<String> {
        let list = timeline(py, &self.0)?.to_edl();
        list.map_err(|error| errors::exception(py, &Error::from(error)))
    }

    /// Writes the report, with pictures of the video where `film` says so, or where it says nothing and the video is
    /// there.
    #[pyo3(signature = (path, *, film=None, progress=None, ffmpeg=None))]
    fn report(
        &self,
        py: Python<'_>,
        path: PathBuf,
        film: Option<bool>,
        progress: Option<Py<PyAny>>,
        ffmpeg: Option<PathBuf>,
    ) -> PyResult<()> {
        let ffmpeg = ffmpeg::given_or_last(py, ffmpeg)?;
        let video = self.0.path.as_deref().unwrap_or_default();
        let film = film.unwrap_or_else(|| Path::new(video).is_file());
        call::run(py, progress.as_ref(), |caller: &Caller| {
            let mut report = self.0.report()?;
            if film {
                let mut observer = scan::observer(caller, "film");
                report.add_film(video, ffmpeg.as_deref(), &mut observer)?;
            }
            report.write(path)
        })
    }

    /// What a notebook shows.
    fn fragment(&self, py: Python<'_>) -> PyResult<String> {
        let fragment = py.detach(|| self.0.report().and_then(|report| report.fragment()));
        fragment.map_err(|error| errors::exception(py, &error))
    }

    /// The lanes of the timeline.
    fn lanes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let report = py.detach(|| self.0.report());
        to_python(py, &report.map_err(|error| errors::exception(py, &error))?.lanes)
    }

    /// Everything as plain dicts and lists.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0)
    }
}

fn timeline(py: Python<'_>, analysis: &geminivideo::Analysis) -> PyResult<Timeline> {
    analysis.timeline().map_err(|error| errors::exception(py, &error))
}

fn text(
    py: Python<'_>,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> PyResult<String> {
    let mut bytes = Vec::new();
    write(&mut bytes)?;
    String::from_utf8(bytes).map_err(|error| {
        errors::of_kind(py, ErrorKind::Internal, &format!("the text is no UTF-8: {error}"))
    })
}

/// Looks at a video once.
#[pyfunction]
#[pyo3(signature = (
    path, *, progress=None, num_threads=None, motion_long_side=None, face_model=None,
    object_model=None, voice_model=None, device=None, runtime=None, face_detector=None,
    object_detector=None, text_reader=None, voice_detector=None, motion_only=false, ffmpeg=None,
    settings=None
))]
#[expect(clippy::too_many_arguments, reason = "they are the keywords of the Python function")]
pub(crate) fn analyze(
    py: Python<'_>,
    path: PathBuf,
    progress: Option<Py<PyAny>>,
    num_threads: Option<Count>,
    motion_long_side: Option<Count>,
    face_model: Option<PathBuf>,
    object_model: Option<PathBuf>,
    voice_model: Option<PathBuf>,
    device: Option<&str>,
    runtime: Option<&str>,
    face_detector: Option<PyRef<'_, FaceDetector>>,
    object_detector: Option<PyRef<'_, ObjectDetector>>,
    text_reader: Option<Bound<'_, PyAny>>,
    voice_detector: Option<Py<PyAny>>,
    motion_only: bool,
    ffmpeg: Option<PathBuf>,
    settings: Option<Vec<(String, String)>>,
) -> PyResult<Analysis> {
    let mut options = config::analyze_options_of(py, settings)?;
    if let Some(Count(threads)) = num_threads {
        options = options.num_threads(threads);
    }
    if let Some(Count(pixels)) = motion_long_side {
        options = options.motion_long_side(pixels);
    }
    let runtime = runtime::named(py, runtime, device)?;
    if let Some(path) = face_model {
        let look = options.faces.take().unwrap_or_default();
        options = options.faces(Some(look.model(FaceModel::File(path))));
    }
    if let Some(path) = object_model {
        options = options.objects(Some(ObjectLook::default().model(ObjectModel::File(path))));
    }
    if let Some(own) = face_detector {
        let look = options.faces.take().unwrap_or_default();
        options = options.faces(Some(look.model(FaceModel::Own(Arc::clone(&own.detector)))));
    }
    if let Some(own) = object_detector {
        let model = ObjectModel::Own(Arc::clone(&own.detector));
        options = options.objects(Some(ObjectLook::default().model(model)));
    }
    if let Some(reader) = text_reader {
        let reader = Arc::new(PythonTextReader::new(&reader)?);
        options = options.text(Some(TextLook::default().reader(reader)));
    }
    if let Some(path) = voice_model {
        let silero = voice::open(py, &path, &runtime)?;
        options = options.voices(VoiceModel::Own(Arc::new(silero)));
    }
    if let Some(detector) = voice::given(py, voice_detector)? {
        options = options.voices(VoiceModel::Own(detector));
    }
    options.faces = options.faces.take().map(|look| look.runtime(runtime.clone()));
    options.objects = options.objects.take().map(|look| look.runtime(runtime));
    if motion_only {
        options = options.motion_only();
    }
    if let Some(program) = ffmpeg {
        options = options.ffmpeg(program);
    }
    run(py, &path, options, progress.as_ref()).map(Analysis)
}

/// Runs an analysis for Python, with the ffmpeg of `imageio-ffmpeg` where there is no other.
pub(crate) fn run(
    py: Python<'_>,
    path: &Path,
    options: AnalyzeOptions,
    progress: Option<&Py<PyAny>>,
) -> PyResult<geminivideo::Analysis> {
    let options = match (&options.ffmpeg, ffmpeg::of_last_resort(py)?) {
        (None, Some(program)) => options.ffmpeg(program),
        _ => options,
    };
    call::run(py, progress, |caller: &Caller| {
        let mut observer = scan::observer(caller, "analyze");
        analyze_observed(path, &options, &mut observer)
    })
}
