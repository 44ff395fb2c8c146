//! Faces (component 5).

use crate::numbers::Count;
use crate::plugin::PythonFaceDetector;
use crate::{arrays, call, errors, runtime, scan, to_python};
use geminivideo::scan_faces;
use geminivideo::vision::yolo_face_detector::{
    AttributeOptions, Attributes, Face, FaceAttributes, FaceDetector as Detector, FaceModel,
    FaceMoment, FacePresence, Landmarks, ModelFaceAttributes, find_face_detector,
};
use pyo3::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// A face as Python gets it: whole pixels.
#[derive(Serialize)]
pub(crate) struct PixelFace {
    x: i64,
    y: i64,
    width: i64,
    height: i64,
    confidence: f64,
    landmarks: Option<BTreeMap<&'static str, (i64, i64)>>,
}

impl From<&Face> for PixelFace {
    fn from(face: &Face) -> Self {
        let point = |(x, y): (f32, f32)| (x.round() as i64, y.round() as i64);
        let named = |places: Landmarks| {
            BTreeMap::from([
                ("left_eye", point(places.left_eye)),
                ("right_eye", point(places.right_eye)),
                ("nose", point(places.nose)),
                ("mouth_left", point(places.mouth_left)),
                ("mouth_right", point(places.mouth_right)),
            ])
        };
        let [x, y, width, height] = scan::pixels(face.x, face.y, face.width, face.height);
        Self {
            x,
            y,
            width,
            height,
            confidence: f64::from(face.confidence),
            landmarks: face.landmarks.map(named),
        }
    }
}

#[derive(Serialize)]
struct FaceEntry {
    bbox: [i64; 4],
    confidence: f64,
    area: i64,
}

#[derive(Serialize)]
struct FrameEntry {
    frame: u64,
    timestamp: f64,
    face_count: usize,
    faces: Vec<FaceEntry>,
    has_face: bool,
}

/// What `YOLOFaceDetector.detect_faces_video` returns.
#[derive(Serialize)]
struct VideoFaces<'a> {
    video_path: String,
    total_frames: u64,
    fps: f64,
    duration: f64,
    sample_rate: usize,
    timeline: Vec<FrameEntry>,
    model_used: &'a str,
    longest_streak: Option<f64>,
    #[serde(flatten)]
    presence: &'a FacePresence,
}

/// A face detector.
#[pyclass(frozen, module = "geminivideo._core")]
pub(crate) struct FaceDetector {
    pub(crate) detector: Arc<dyn Detector>,
    attributes: ModelFaceAttributes,
}

/// A face of a picture with what it shows.
#[derive(Serialize)]
struct ToldFace {
    #[serde(flatten)]
    face: PixelFace,
    emotion: Option<String>,
    age_estimate: Option<i64>,
}

#[pymethods]
impl FaceDetector {
    /// Finds the detector: `best`, `built in`, or the path of an ONNX file.
    #[new]
    #[pyo3(signature = (
        model, confidence, *, device=None, runtime=None, emotion_model=None, emotion_labels=None,
        age_model=None, attribute_values=(0.0, 255.0)
    ))]
    #[expect(clippy::too_many_arguments, reason = "they are the keywords of the Python class")]
    fn new(
        py: Python<'_>,
        model: &str,
        confidence: f64,
        device: Option<&str>,
        runtime: Option<&str>,
        emotion_model: Option<PathBuf>,
        emotion_labels: Option<Vec<String>>,
        age_model: Option<PathBuf>,
        attribute_values: (f32, f32),
    ) -> PyResult<Self> {
        let runtime = runtime::named(py, runtime, device)?;
        let mut options = AttributeOptions::default();
        options.emotion_model = emotion_model;
        options.emotion_labels = emotion_labels;
        options.age_model = age_model;
        options.values = attribute_values;
        options.runtime = runtime.clone();
        let model = match model {
            "best" => FaceModel::Best,
            "built in" => FaceModel::BuiltIn,
            path => FaceModel::File(PathBuf::from(path)),
        };
        let opened = py.detach(|| {
            let detector = find_face_detector(&model, confidence as f32, &runtime)?.into();
            Ok(Self { detector, attributes: ModelFaceAttributes::open(&options)? })
        });
        opened.map_err(|error: geminivideo::vision::Error| errors::exception(py, &error.into()))
    }

    /// A Python object with `detect_faces(frame)` as a detector.
    #[staticmethod]
    fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let detector = Arc::new(PythonFaceDetector::new(object)?);
        let attributes = ModelFaceAttributes::open(&AttributeOptions::default())
            .map_err(|error| errors::exception(object.py(), &error.into()))?;
        Ok(Self { detector, attributes })
    }

    /// What runs.
    #[getter]
    fn name(&self) -> &str {
        self.detector.name()
    }

    /// The faces of a picture.
    fn detect<'py>(&self, frame: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let picture = arrays::frame(frame, "frame")?;
        let faces: Vec<ToldFace> = call::run(frame.py(), None, |_| {
            let found = self.detector.detect(&picture)?.into_iter();
            found
                .map(|face| Ok(told(&face, self.attributes.attributes(&picture, &face)?)))
                .collect()
        })?;
        to_python(frame.py(), &faces)
    }

    /// The faces of a video.
    #[pyo3(signature = (path, sample_rate, *, progress=None))]
    fn video<'py>(
        &self,
        py: Python<'py>,
        path: PathBuf,
        sample_rate: Count,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let found = self.scan(py, &path, sample_rate, progress.as_ref())?;
        let entry = |face: &Face| {
            let face = PixelFace::from(face);
            FaceEntry {
                bbox: [face.x, face.y, face.width, face.height],
                confidence: face.confidence,
                area: face.width * face.height,
            }
        };
        let timeline = found.frames.iter().map(|frame| FrameEntry {
            frame: frame.frame,
            timestamp: frame.time,
            face_count: frame.faces.len(),
            faces: frame.faces.iter().map(entry).collect(),
            has_face: !frame.faces.is_empty(),
        });
        to_python(
            py,
            &VideoFaces {
                video_path: path.to_string_lossy().into_owned(),
                total_frames: found.total_frames,
                fps: found.video.nominal_rate.map_or(0.0, |rate| rate.to_f64()),
                duration: found.duration,
                sample_rate: sample_rate.0,
                timeline: timeline.collect(),
                model_used: &found.model_used,
                longest_streak: found.presence.longest_streak().map(|streak| streak.duration()),
                presence: &found.presence,
            },
        )
    }

    /// The moments of a video at which a face is seen best.
    #[pyo3(signature = (path, count, *, progress=None))]
    fn best_moments<'py>(
        &self,
        py: Python<'py>,
        path: PathBuf,
        count: Count,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        #[derive(Serialize)]
        struct Moment<'a> {
            #[serde(flatten)]
            moment: &'a FaceMoment,
            parts: BTreeMap<&'a str, f64>,
        }
        let found = self.scan(py, &path, Count(1), progress.as_ref())?;
        let moments = found.best_moments(count.0);
        let moments: Vec<Moment<'_>> = moments
            .iter()
            .map(|moment| Moment {
                moment,
                parts: moment.parts.iter().map(|(name, part)| (name.as_str(), *part)).collect(),
            })
            .collect();
        to_python(py, &moments)
    }
}

fn told(face: &Face, attributes: Attributes) -> ToldFace {
    ToldFace {
        face: PixelFace::from(face),
        emotion: attributes.emotion.map(|emotion| emotion.label),
        age_estimate: attributes.age.map(|age| age.round() as i64),
    }
}

impl FaceDetector {
    fn scan(
        &self,
        py: Python<'_>,
        path: &std::path::Path,
        sample_rate: Count,
        progress: Option<&Py<PyAny>>,
    ) -> PyResult<geminivideo::FaceScan> {
        let options = scan::options(py, sample_rate)?;
        call::run(py, progress, |caller| {
            let mut observer = scan::observer(caller, "faces");
            scan_faces(path, self.detector.as_ref(), &options, &mut observer)
        })
    }
}
