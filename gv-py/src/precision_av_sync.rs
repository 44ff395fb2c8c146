//! Sync of picture and sound (component 3), and what is heard.

use crate::call::{self, Caller, Step};
use crate::numbers::Count;
use crate::voice::given;
use crate::{analysis, config, errors, ffmpeg, to_python};
use geminivideo::audio::{
    self, AudioAnalysis, AudioOptions, AudioPeak, Listener, PeakType, Samples,
};
use geminivideo::media::{Cancel, MediaOptions};
use geminivideo::timing::precision_av_sync as core;
use geminivideo::timing::precision_av_sync::{RecutOptions, SyncPoint, VisualPeak, VisualPeakType};
use geminivideo::{Error, ErrorKind, timing};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use std::path::{Path, PathBuf};

/// A peak as Python passes it: when, how strong, what.
type Peak = (f64, f64, String);

/// Listens to a file.
#[pyfunction]
#[pyo3(signature = (path, rate, *, progress=None, voice_detector=None))]
pub(crate) fn listen<'py>(
    py: Python<'py>,
    path: PathBuf,
    rate: Count,
    progress: Option<Py<PyAny>>,
    voice_detector: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    to_python(py, &hear(py, &path, rate, progress.as_ref(), voice_detector)?)
}

/// Listens to mono samples.
#[pyfunction]
#[pyo3(signature = (samples, given_rate, rate, *, voice_detector=None))]
pub(crate) fn listen_samples<'py>(
    py: Python<'py>,
    samples: PyReadonlyArray1<'py, f32>,
    given_rate: Count,
    rate: Count,
    voice_detector: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let values = samples.as_array().to_vec();
    let options = options(py, rate, voice_detector)?;
    let heard = call::run(py, None, move |_: &Caller| {
        let samples = Samples::mono(values, hertz(given_rate))?;
        Ok(audio::analyze(&samples, &options)?)
    })?;
    to_python(py, &heard)
}

/// Computes librosa's onset strength of mono samples.
#[pyfunction]
pub(crate) fn onset_strength<'py>(
    py: Python<'py>,
    samples: PyReadonlyArray1<'py, f32>,
    rate: Count,
) -> PyResult<Bound<'py, PyArray1<f32>>> {
    let values = samples.as_array().to_vec();
    let strength = py.detach(|| audio::spectrum::onset_strength(&values, hertz(rate)));
    let strength = strength.map_err(|error| errors::exception(py, &Error::from(error)))?;
    Ok(strength.into_pyarray(py))
}

/// Finds the visual peaks of a video.
#[pyfunction]
#[pyo3(signature = (video_path, *, progress=None, num_threads=None))]
pub(crate) fn visual_peaks<'py>(
    py: Python<'py>,
    video_path: PathBuf,
    progress: Option<Py<PyAny>>,
    num_threads: Option<Count>,
) -> PyResult<Bound<'py, PyAny>> {
    let seen = see(py, &video_path, progress.as_ref(), num_threads)?;
    to_python(py, &seen.visual_peaks())
}

/// Matches audio and visual peaks.
#[pyfunction]
pub(crate) fn sync_points<'py>(
    py: Python<'py>,
    audio: Vec<Peak>,
    visual: Vec<Peak>,
    tolerance: f64,
) -> PyResult<Bound<'py, PyAny>> {
    let audio = audio_peaks(py, audio)?;
    let visual = visual_peaks_of(py, visual)?;
    let points = py.detach(|| core::find_sync_points(&audio, &visual, tolerance));
    to_python(py, &points.map_err(|error| exception(py, error))?)
}

/// Plans shifts of points, of which the audio and the visual peak are given.
#[pyfunction]
#[pyo3(signature = (points, tolerance, frame_rate=None, speech=None))]
pub(crate) fn cut_adjustments<'py>(
    py: Python<'py>,
    points: Vec<(Peak, Peak)>,
    tolerance: f64,
    frame_rate: Option<f64>,
    speech: Option<Vec<(f64, f64)>>,
) -> PyResult<Bound<'py, PyAny>> {
    let (heard, seen) = points.into_iter().unzip();
    let (heard, seen) = (audio_peaks(py, heard)?, visual_peaks_of(py, seen)?);
    let points: Vec<SyncPoint> = heard
        .into_iter()
        .zip(seen)
        .map(|(audio, visual)| SyncPoint::new(audio, visual, tolerance))
        .collect();
    let speech = speech.unwrap_or_default();
    let speech = speech.into_iter().map(|(start, end)| audio::Stretch { start, end }).collect();
    let options =
        RecutOptions::default().frame_rate(frame_rate).speech(speech).tolerance(tolerance);
    let plan = py.detach(|| core::suggest_cut_adjustments(&points, &options));
    to_python(py, &plan.map_err(|error| exception(py, error))?)
}

/// Judges the sync of a video with the sound of a file, which may be its own.
#[pyfunction]
#[pyo3(signature = (
    video_path, audio_path, rate, tolerance, *, progress=None, num_threads=None, voice_detector=None
))]
#[expect(clippy::too_many_arguments, reason = "they are the keywords of the Python function")]
pub(crate) fn sync_quality<'py>(
    py: Python<'py>,
    video_path: PathBuf,
    audio_path: PathBuf,
    rate: Count,
    tolerance: f64,
    progress: Option<Py<PyAny>>,
    num_threads: Option<Count>,
    voice_detector: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let heard = hear(py, &audio_path, rate, progress.as_ref(), voice_detector)?;
    let seen = see(py, &video_path, progress.as_ref(), num_threads)?;
    let quality = py.detach(|| seen.sync_with(&heard, tolerance));
    to_python(py, &quality.map_err(|error| errors::exception(py, &error))?)
}

fn see(
    py: Python<'_>,
    path: &Path,
    progress: Option<&Py<PyAny>>,
    num_threads: Option<Count>,
) -> PyResult<geminivideo::Analysis> {
    let mut options = config::analyze_options(py)?.objects(None).text(None).sound(false);
    options.num_threads = num_threads.map(|Count(threads)| threads);
    analysis::run(py, path, options, progress)
}

fn hear(
    py: Python<'_>,
    path: &Path,
    rate: Count,
    progress: Option<&Py<PyAny>>,
    voice_detector: Option<Py<PyAny>>,
) -> PyResult<AudioAnalysis> {
    let cancel = Cancel::new();
    let mut media = MediaOptions::default().cancel(cancel.clone());
    if let Some(program) = ffmpeg::of_last_resort(py)? {
        media = media.program(program);
    }
    let hear = |caller: &Caller, options: &AudioOptions| {
        let mut source = audio::source::open(path, &media)?;
        let info = source.info();
        let channels = info.channels.unwrap_or(0) as usize;
        let total = info.duration.map(|seconds| seconds.ceil() as u64);
        let mut listener = Listener::new(channels, info.sample_rate, options)?;
        let mut block = Vec::new();
        while let Some(pts) = source.read(&mut block)? {
            if caller.is_cancelled() {
                cancel.cancel();
            }
            caller.report(Step { done: pts.seconds().max(0.0) as u64, total, stage: "listen" });
            listener.push(pts.seconds(), &block)?;
        }
        let mut heard = listener.finish()?;
        heard.damage += source.damage();
        heard.decoder = Some(source.decoder().clone());
        Ok(heard)
    };
    let options = options(py, rate, voice_detector)?.cancel(cancel.clone());
    call::run(py, progress, |caller: &Caller| hear(caller, &options))
}

fn options(
    py: Python<'_>,
    rate: Count,
    voice_detector: Option<Py<PyAny>>,
) -> PyResult<AudioOptions> {
    let detector = given(py, voice_detector)?;
    Ok(AudioOptions::default().rate(hertz(rate)).voice_detector(detector))
}

fn hertz(Count(rate): Count) -> u32 {
    u32::try_from(rate).unwrap_or(u32::MAX)
}

fn exception(py: Python<'_>, error: timing::Error) -> PyErr {
    errors::exception(py, &Error::from(error))
}

fn unknown(py: Python<'_>, what: &str, given: &str, allowed: &[&str]) -> PyErr {
    let message = format!("{what} is {given:?}, allowed is {}", allowed.join(", "));
    errors::of_kind(py, ErrorKind::InvalidInput, &message)
}

fn audio_peaks(py: Python<'_>, given: Vec<Peak>) -> PyResult<Vec<AudioPeak>> {
    let peak = |(timestamp, energy, name): Peak| match PeakType::from_name(&name) {
        Some(peak_type) => Ok(AudioPeak { timestamp, energy, peak_type }),
        None => {
            Err(unknown(py, "the type of an audio peak", &name, &PeakType::ALL.map(PeakType::name)))
        }
    };
    given.into_iter().map(peak).collect()
}

fn visual_peaks_of(py: Python<'_>, given: Vec<Peak>) -> PyResult<Vec<VisualPeak>> {
    let peak = |(timestamp, motion_energy, name): Peak| match VisualPeakType::from_name(&name) {
        Some(peak_type) => Ok(VisualPeak { timestamp, motion_energy, peak_type }),
        None => {
            let allowed = VisualPeakType::ALL.map(VisualPeakType::name);
            Err(unknown(py, "the type of a visual peak", &name, &allowed))
        }
    };
    given.into_iter().map(peak).collect()
}
