//! ONNX Runtime beside tract on the same files, and libraries that are none. The library is the one of the Python
//! package `onnxruntime` that `GV_PYTHON` (else `python3`) has.
#![cfg(feature = "onnxruntime")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests fail where they should"
)]

use gv_vision::Error;
use gv_vision::inference::{
    Device, InferenceModel, ModelLimits, OnnxRuntimeModel, Tensor, TractModel,
};
use std::path::{Path, PathBuf};
use std::process::Command;

const MODELS: [&str; 4] = [
    "yunet/yunet_n_640_640.onnx",
    "yunet/yunet_n_320_320.onnx",
    "yolox/yolox_nano.onnx",
    "ultraface/version-RFB-320.onnx",
];

fn skip<T>(test: &str, what: &str) -> Option<T> {
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{what} is missing");
    eprintln!("{test} is skipped: {what} is missing");
    None
}

/// The library, where Python's package is installed.
fn library(test: &str) -> Option<PathBuf> {
    let python = std::env::var("GV_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let code = "import importlib.util, pathlib
for folder in importlib.util.find_spec('onnxruntime').submodule_search_locations:
    print(*pathlib.Path(folder, 'capi').glob('libonnxruntime.so.*'))";
    let output = Command::new(python).args(["-c", code]).output().ok()?;
    let found = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    if found.is_empty() { skip(test, "the package onnxruntime") } else { Some(found.into()) }
}

fn model(test: &str, name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("GV_TEST_MODELS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/models"),
        PathBuf::from,
    );
    let path = folder.join(name);
    if path.exists() { Some(path) } else { skip(test, name) }
}

/// A picture of smooth blobs, as a model of this size takes it.
fn picture((width, height): (usize, usize)) -> Tensor {
    let at = |i: usize| {
        let (x, y, c) = (i % width, i / width % height, i / (width * height));
        let wave = (x as f32 * 0.031 + c as f32).sin() * (y as f32 * 0.047).cos();
        (128.0 + 120.0 * wave).round()
    };
    Tensor::new(vec![1, 3, height, width], (0..3 * width * height).map(at).collect()).unwrap()
}

#[test]
fn both_runtimes_give_the_same_numbers() {
    let test = "both_runtimes_give_the_same_numbers";
    let Some(library) = library(test) else { return };
    for name in MODELS {
        let Some(path) = model(test, name) else { return };
        let limits = ModelLimits::default();
        let ours = TractModel::open(&path, limits).unwrap();
        let theirs = OnnxRuntimeModel::open(&path, limits, Device::Cpu, Some(&library)).unwrap();
        assert_eq!(ours.size(), theirs.size());
        assert_eq!(ours.outputs(), theirs.outputs(), "{name}");
        let picture = [picture(ours.size())];
        let pairs = ours.run(&picture).unwrap().into_iter().zip(theirs.run(&picture).unwrap());
        for (port, (mine, peer)) in ours.outputs().iter().zip(pairs) {
            assert_eq!(mine.shape(), peer.shape());
            let largest = peer.data().iter().fold(1.0_f32, |most, value| most.max(value.abs()));
            let apart = mine.data().iter().zip(peer.data()).map(|(a, b)| (a - b).abs());
            let apart = apart.fold(0.0, f32::max);
            assert!(apart <= 1e-4 * largest, "{name} {}: {apart} of {largest}", port.name);
        }
    }
}

#[test]
fn an_open_size_is_settled_and_another_input_refused() {
    let test = "an_open_size_is_settled_and_another_input_refused";
    let Some(library) = library(test) else { return };
    let Some(path) = model(test, "yunet/yunet_n_dynamic.onnx") else { return };
    let mut limits = ModelLimits::default();
    limits.open_size = (320, 160);
    let model = OnnxRuntimeModel::open(&path, limits, Device::Cpu, Some(&library)).unwrap();
    assert!(model.outputs().iter().all(|port| port.shape.iter().all(Option::is_some)));
    let error = model.run(&[picture((640, 640))]).unwrap_err();
    assert!(matches!(error, Error::ModelRun { .. }), "{error}");
}

#[test]
fn a_card_that_is_not_there_is_an_error_and_not_the_processor() {
    let test = "a_card_that_is_not_there_is_an_error_and_not_the_processor";
    let Some(library) = library(test) else { return };
    let Some(path) = model(test, MODELS[1]) else { return };
    let (limits, device) = (ModelLimits::default(), Device::Cuda(63));
    let error = OnnxRuntimeModel::open(&path, limits, device, Some(&library)).unwrap_err();
    assert!(matches!(error, Error::Runtime { .. }), "{error}");
}

#[test]
fn a_library_that_is_absent_or_none_says_what_to_do() {
    let test = "a_library_that_is_absent_or_none_says_what_to_do";
    let Some(path) = model(test, MODELS[1]) else { return };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let text = folder.join("libonnxruntime.so.text");
    std::fs::write(&text, "this is no library").unwrap();
    for library in [folder.join("absent.so"), text] {
        let limits = ModelLimits::default();
        let error = OnnxRuntimeModel::open(&path, limits, Device::Cpu, Some(&library)).unwrap_err();
        assert!(matches!(error, Error::Runtime { .. }), "{error}");
        assert!(error.to_string().contains(&*library.to_string_lossy()), "{error}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_library_that_is_too_old_is_refused_by_its_version() {
    let test = "a_library_that_is_too_old_is_refused_by_its_version";
    let Some(path) = model(test, MODELS[1]) else { return };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (source, library) = (folder.join("old.c"), folder.join("libonnxruntime.so.1.10.0"));
    let code = "static const void *api(unsigned v) { (void)v; return 0; }
static const char *version(void) { return \"1.10.0\"; }
static struct { const void *(*api)(unsigned); const char *(*version)(void); } base = { api, version };
const void *OrtGetApiBase(void) { return &base; }";
    std::fs::write(&source, code).unwrap();
    let mut built = Command::new("cc");
    built.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source);
    if !built.status().is_ok_and(|status| status.success()) {
        skip::<()>(test, "a C compiler");
        return;
    }
    let limits = ModelLimits::default();
    let error = OnnxRuntimeModel::open(&path, limits, Device::Cpu, Some(&library)).unwrap_err();
    let Error::Runtime { message } = error else { panic!("{error}") };
    assert!(message.contains("1.10.0") || message.contains("is in use"), "{message}");
}
