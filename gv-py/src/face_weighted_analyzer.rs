//! Motion weighed by faces (component 2).

use crate::numbers::Count;
use crate::yolo_face_detector::{FaceDetector, PixelFace};
use crate::{arrays, call, scan, to_python};
use geminivideo::vision::face_weighted_analyzer::{FrameAnalysis, PeakFaceMoment, weigh_motion};
use geminivideo::vision::motion_energy::PairScale;
use geminivideo::vision::{Farneback, FarnebackOptions, GrayImage, OpticalFlow};
use geminivideo::{Error, face_weighted_motion};
use pyo3::prelude::*;
use serde::Serialize;
use std::path::PathBuf;

#[derive(Serialize)]
struct Region {
    #[serde(flatten)]
    face: PixelFace,
    motion_energy: f64,
    weighted_energy: f64,
}

#[derive(Serialize)]
struct Weighed {
    frame_idx: u64,
    timestamp: f64,
    faces: Vec<Region>,
    background_motion: f64,
    face_motion: f64,
    total_weighted_motion: f64,
    face_ratio: f64,
}

impl From<&FrameAnalysis> for Weighed {
    fn from(analysis: &FrameAnalysis) -> Self {
        let region = |region: &geminivideo::vision::face_weighted_analyzer::FaceRegion| Region {
            face: PixelFace::from(&region.face),
            motion_energy: region.motion_energy,
            weighted_energy: region.weighted_energy,
        };
        Self {
            frame_idx: analysis.frame_idx,
            timestamp: analysis.timestamp,
            faces: analysis.faces.iter().map(region).collect(),
            background_motion: analysis.background_motion,
            face_motion: analysis.face_motion,
            total_weighted_motion: analysis.total_weighted_motion,
            face_ratio: analysis.face_ratio,
        }
    }
}

/// What `FaceWeightedAnalyzer.analyze_video` returns.
#[derive(Serialize)]
struct VideoFaceMotion {
    total_frames: u64,
    fps: f64,
    duration: f64,
    total_face_motion_weighted: f64,
    total_background_motion: f64,
    face_to_background_ratio: f64,
    average_face_coverage: f64,
    face_weight_applied: f64,
    peak_face_moments: Vec<PeakFaceMoment>,
    model_used: String,
}

/// Weighs the motion between two frames by the faces of the second.
#[pyfunction]
#[pyo3(signature = (detector, frame1, frame2, weight, frame_idx, fps))]
pub(crate) fn weighted_motion<'py>(
    detector: &Bound<'py, FaceDetector>,
    frame1: &Bound<'py, PyAny>,
    frame2: &Bound<'py, PyAny>,
    weight: f64,
    frame_idx: Count,
    fps: f64,
) -> PyResult<Bound<'py, PyAny>> {
    let py = detector.py();
    let previous: GrayImage = arrays::gray(frame1, "frame1")?;
    let next = arrays::gray(frame2, "frame2")?;
    let picture = arrays::frame(frame2, "frame2")?;
    let detector = &detector.get().detector;
    let weighed = call::run(py, None, |_| {
        let scale = PairScale::consecutive(fps)?;
        let flow = Farneback::new(FarnebackOptions::default())?.calculate(&previous, &next)?;
        let faces = detector.detect(&picture)?;
        let place = (frame_idx.0 as u64, frame_idx.0 as f64 / fps);
        weigh_motion(&flow, &faces, scale, weight, place).map_err(Error::from)
    })?;
    to_python(py, &Weighed::from(&weighed))
}

/// Weighs the motion of a video by its faces.
#[pyfunction]
#[pyo3(signature = (detector, path, weight, peaks, *, progress=None))]
pub(crate) fn video_face_motion<'py>(
    detector: &Bound<'py, FaceDetector>,
    path: PathBuf,
    weight: f64,
    peaks: Count,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = detector.py();
    let options = scan::options(py, Count(1))?;
    let detector = &detector.get().detector;
    let found = call::run(py, progress.as_ref(), |caller| {
        let mut observer = scan::observer(caller, "faces and motion");
        face_weighted_motion(&path, detector.as_ref(), weight, &options, &mut observer)
    })?;
    let motion = &found.motion;
    to_python(
        py,
        &VideoFaceMotion {
            total_frames: found.total_frames,
            fps: found.video.nominal_rate.map_or(0.0, |rate| rate.to_f64()),
            duration: found.duration,
            total_face_motion_weighted: motion.total_face_motion_weighted,
            total_background_motion: motion.total_background_motion,
            face_to_background_ratio: motion.face_to_background_ratio,
            average_face_coverage: motion.average_face_coverage,
            face_weight_applied: motion.face_weight_applied,
            peak_face_moments: motion.peak_face_moments(peaks.0),
            model_used: found.model_used,
        },
    )
}
