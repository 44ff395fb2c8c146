//! Objects (component 6).

use crate::numbers::Count;
use crate::plugin::PythonObjectDetector;
use crate::{arrays, call, errors, runtime, scan, to_python};
use geminivideo::scan_objects;
use geminivideo::vision::yolo_object_detector::{
    AD_RELEVANT_CATEGORIES, BRAND_UNSAFE_CLASSES, BrandSafety, COCO_CLASSES, Object,
    ObjectDetector as Detector, ObjectModel, ObjectSummary, ProductVisibility, SceneAnalysis,
    analyze_scene, brand_safety, find_object_detector, is_product, summarize,
};
use pyo3::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Classes that are named as most common.
const MOST_COMMON: usize = 10;

#[derive(Serialize)]
struct PixelObject {
    class_name: &'static str,
    class_id: usize,
    confidence: f64,
    x: i64,
    y: i64,
    width: i64,
    height: i64,
    category: &'static str,
}

impl From<&Object> for PixelObject {
    fn from(object: &Object) -> Self {
        let [x, y, width, height] = scan::pixels(object.x, object.y, object.width, object.height);
        Self {
            class_name: object.class_name(),
            class_id: object.class_id,
            confidence: f64::from(object.confidence),
            x,
            y,
            width,
            height,
            category: object.category(),
        }
    }
}

#[derive(Serialize)]
struct ClassEntry {
    count: u64,
    max_confidence: f64,
    total_area: f64,
}

impl From<&ObjectSummary> for ClassEntry {
    fn from(summary: &ObjectSummary) -> Self {
        Self {
            count: summary.count,
            max_confidence: f64::from(summary.max_confidence),
            total_area: summary.total_area,
        }
    }
}

fn by_name(summaries: &[ObjectSummary]) -> BTreeMap<String, ClassEntry> {
    summaries.iter().map(|one| (one.class_name.clone(), ClassEntry::from(one))).collect()
}

#[derive(Serialize)]
struct FrameEntry {
    frame: u64,
    timestamp: f64,
    objects: BTreeMap<String, ClassEntry>,
    total_objects: usize,
    has_person: bool,
    has_product: bool,
}

#[derive(Serialize)]
struct Scene<'a> {
    #[serde(flatten)]
    scene: &'a SceneAnalysis,
    brand_safety: BrandSafety,
}

/// What `YOLOObjectDetector.analyze_video_objects` returns.
#[derive(Serialize)]
struct VideoObjects<'a> {
    video_path: String,
    total_frames: u64,
    processed_frames: usize,
    fps: f64,
    duration: f64,
    object_summary: BTreeMap<String, ClassEntry>,
    category_summary: BTreeMap<String, u64>,
    most_common_objects: Vec<(String, u64)>,
    timeline: Vec<FrameEntry>,
    scene_analysis: Scene<'a>,
    product_visibility: &'a ProductVisibility,
    model_used: &'a str,
}

/// An object detector.
#[pyclass(frozen, module = "geminivideo._core")]
pub(crate) struct ObjectDetector {
    pub(crate) detector: Arc<dyn Detector>,
}

#[pymethods]
impl ObjectDetector {
    /// Finds the detector: the best of a size, or the path of an ONNX file.
    #[new]
    #[pyo3(signature = (size, confidence, path=None, *, device=None, runtime=None))]
    fn new(
        py: Python<'_>,
        size: String,
        confidence: f64,
        path: Option<PathBuf>,
        device: Option<&str>,
        runtime: Option<&str>,
    ) -> PyResult<Self> {
        let runtime = runtime::named(py, runtime, device)?;
        let model = match path {
            Some(path) => ObjectModel::File(path),
            None => ObjectModel::Best { size },
        };
        let detector = py
            .detach(|| find_object_detector(&model, confidence as f32, &runtime))
            .map_err(|error| errors::exception(py, &error.into()))?;
        Ok(Self { detector: detector.into() })
    }

    /// A Python object with `detect_objects(frame)` as a detector.
    #[staticmethod]
    fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { detector: Arc::new(PythonObjectDetector::new(object)?) })
    }

    /// What runs.
    #[getter]
    fn name(&self) -> &str {
        self.detector.name()
    }

    /// The objects of a picture.
    fn detect<'py>(&self, frame: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let picture = arrays::frame(frame, "frame")?;
        let objects = call::run(frame.py(), None, |_| Ok(self.detector.detect(&picture)?))?;
        let objects: Vec<PixelObject> = objects.iter().map(PixelObject::from).collect();
        to_python(frame.py(), &objects)
    }

    /// The objects of a video.
    #[pyo3(signature = (path, sample_rate, *, progress=None))]
    fn video<'py>(
        &self,
        py: Python<'py>,
        path: PathBuf,
        sample_rate: Count,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = scan::options(py, sample_rate)?;
        let found = call::run(py, progress.as_ref(), |caller| {
            let mut observer = scan::observer(caller, "objects");
            scan_objects(&path, self.detector.as_ref(), &options, &mut observer)
        })?;
        let summaries = summarize(found.frames.iter().flat_map(|frame| &frame.objects));
        let mut category_summary = BTreeMap::new();
        for summary in &summaries {
            *category_summary.entry(summary.category.clone()).or_default() += summary.count;
        }
        let common = summaries.iter().take(MOST_COMMON);
        let timeline = found.frames.iter().map(|frame| FrameEntry {
            frame: frame.frame,
            timestamp: frame.time,
            objects: by_name(&summarize(&frame.objects)),
            total_objects: frame.objects.len(),
            has_person: frame.shows(|class| class == 0),
            has_product: frame.shows(is_product),
        });
        to_python(
            py,
            &VideoObjects {
                video_path: path.to_string_lossy().into_owned(),
                total_frames: found.total_frames,
                processed_frames: found.frames.len(),
                fps: found.video.nominal_rate.map_or(0.0, |rate| rate.to_f64()),
                duration: found.duration,
                most_common_objects: common
                    .map(|one| (one.class_name.clone(), one.count))
                    .collect(),
                object_summary: by_name(&summaries),
                category_summary,
                timeline: timeline.collect(),
                scene_analysis: Scene {
                    scene: &analyze_scene(&found.frames),
                    brand_safety: brand_safety(&found.frames, &BRAND_UNSAFE_CLASSES),
                },
                product_visibility: &found.product_visibility,
                model_used: &found.model_used,
            },
        )
    }
}

/// The classes, the categories with their classes, and the classes that speak against a brand-safe picture.
#[pyfunction]
pub(crate) fn object_tables(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let categories: Vec<(&str, &[&str])> = AD_RELEVANT_CATEGORIES.to_vec();
    to_python(py, &(COCO_CLASSES.as_slice(), categories, BRAND_UNSAFE_CLASSES))
}
