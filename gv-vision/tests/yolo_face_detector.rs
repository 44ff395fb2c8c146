//! Face networks on real photos, and files that are no such network.
#![cfg(feature = "onnx")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests fail where they should"
)]

use gv_media::Timestamp;
use gv_vision::inference::{BoxF, InferenceModel, ModelLimits, TractModel};
use gv_vision::yolo_face_detector::{
    Face, FaceDetector, FaceLayout, FaceOptions, ModelFaceDetector,
};
use gv_vision::{Error, Frame, Layout};
use std::path::{Path, PathBuf};
use std::process::Command;

const YUNET: &str = "models/yunet/yunet_n_640_640.onnx";
const ULTRAFACE: &str = "models/ultraface/version-RFB-320.onnx";

/// The file below the shared inputs; `None` where there is none, said by name.
fn shared(test: &str, name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{} is missing", path.display());
    eprintln!("{test} is skipped: {} is missing", path.display());
    None
}

fn photo(path: &Path) -> Frame {
    let ppm = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(path)
        .args(["-f", "image2pipe", "-c:v", "ppm", "-"])
        .output()
        .unwrap()
        .stdout;
    from_ppm(&ppm)
}

fn from_ppm(ppm: &[u8]) -> Frame {
    let mut lines = ppm.splitn(4, |&byte| byte == b'\n');
    assert_eq!(lines.next().unwrap(), b"P6");
    let size = String::from_utf8(lines.next().unwrap().to_vec()).unwrap();
    let (width, height) = size.split_once(' ').unwrap();
    let (width, height) = (width.parse().unwrap(), height.parse().unwrap());
    let pixels = lines.nth(1).unwrap().to_vec();
    Frame::new(0, Timestamp::ZERO, width, height, Layout::Rgb24, pixels).unwrap()
}

fn detector(model: &Path) -> ModelFaceDetector {
    let model = TractModel::open(model, ModelLimits::default()).unwrap();
    ModelFaceDetector::new(Box::new(model), FaceOptions::default()).unwrap()
}

fn as_box(face: &Face) -> BoxF {
    BoxF { x: face.x, y: face.y, width: face.width, height: face.height, score: face.confidence }
}

fn finds_the_portrait_and_no_face_elsewhere(
    test: &str,
    model: &str,
    layout: FaceLayout,
    without: &str,
) {
    let Some(model) = shared(test, model) else { return };
    let Some(portrait) = shared(test, "media/images/face_recognition/obama.jpg") else { return };
    let Some(other) = shared(test, without) else { return };
    let detector = detector(&model);
    assert_eq!(detector.layout(), layout);
    let faces = detector.detect(&photo(&portrait)).unwrap();
    let truth = BoxF { x: 349.0, y: 142.0, width: 268.0, height: 267.0, score: 1.0 };
    assert_eq!(faces.len(), 1, "{faces:?}");
    assert!(as_box(&faces[0]).iou(&truth) > 0.5, "{faces:?}");
    if let Some(points) = faces[0].landmarks {
        assert!(points.left_eye.0 < points.nose.0 && points.nose.0 < points.right_eye.0);
        assert!(points.left_eye.1 < points.nose.1 && points.nose.1 < points.mouth_left.1);
    }
    assert_eq!(detector.detect(&photo(&other)).unwrap(), []);
}

#[test]
fn yunet_finds_the_portrait_and_no_face_on_a_cat() {
    let test = "yunet_finds_the_portrait_and_no_face_on_a_cat";
    let without = "media/images/misc/chelsea_cat_noface.png";
    finds_the_portrait_and_no_face_elsewhere(test, YUNET, FaceLayout::YuNet, without);
}

#[test]
fn ultraface_finds_the_portrait_and_no_face_on_a_cup() {
    let test = "ultraface_finds_the_portrait_and_no_face_on_a_cup";
    let without = "media/images/misc/coffee.png";
    finds_the_portrait_and_no_face_elsewhere(test, ULTRAFACE, FaceLayout::UltraFace, without);
}

#[test]
fn yunet_with_an_open_size_takes_the_size_of_its_limits() {
    let test = "yunet_with_an_open_size_takes_the_size_of_its_limits";
    let Some(model) = shared(test, "models/yunet/yunet_n_dynamic.onnx") else { return };
    let mut limits = ModelLimits::default();
    limits.open_size = (320, 160);
    let model = TractModel::open(&model, limits).unwrap();
    assert_eq!(model.size(), (320, 160));
    let layout = FaceLayout::recognize(model.size(), model.outputs());
    assert_eq!(layout, Some(FaceLayout::YuNet), "{:?}", model.outputs());
}

#[test]
fn a_model_of_another_kind_is_refused_by_its_outputs() {
    let test = "a_model_of_another_kind_is_refused_by_its_outputs";
    let Some(model) = shared(test, "models/yolox/yolox_nano.onnx") else { return };
    let model = TractModel::open(&model, ModelLimits::default()).unwrap();
    let error = ModelFaceDetector::new(Box::new(model), FaceOptions::default()).unwrap_err();
    assert!(error.to_string().contains("output [1, 3549, 85]"), "{error}");
}

#[test]
fn files_that_are_no_model_are_errors() {
    let test = "files_that_are_no_model_are_errors";
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let open = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        TractModel::open(&path, ModelLimits::default()).unwrap_err()
    };
    assert!(matches!(open("text.onnx", b"this is no model\n"), Error::Model { .. }));
    assert!(matches!(open("empty.onnx", b""), Error::Model { .. }));
    let missing = TractModel::open(&folder.join("absent.onnx"), ModelLimits::default());
    assert!(matches!(missing, Err(Error::ModelFile { .. })));
    let Some(model) = shared(test, YUNET) else { return };
    let whole = std::fs::read(&model).unwrap();
    assert!(matches!(open("half.onnx", &whole[..whole.len() / 2]), Error::Model { .. }));
    let mut limits = ModelLimits::default();
    limits.file_bytes = 1000;
    let error = TractModel::open(&model, limits).unwrap_err().to_string();
    assert!(error.contains("larger than 1000 bytes"), "{error}");
    let mut limits = ModelLimits::default();
    limits.input_side = 320;
    let error = TractModel::open(&model, limits).unwrap_err().to_string();
    assert!(error.contains("640") && error.contains("up to 320"), "{error}");
}

/// The faces that `rustface` finds, as our own cascade is asked to: the picture at 640 pixels.
#[cfg(feature = "cascade")]
fn peer(picture: &Frame) -> Vec<(BoxF, f64)> {
    let model: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/cascade.bin"));
    let model = rustface::read_model(model).unwrap();
    let mut cascade = rustface::create_detector_with_model(model);
    cascade.set_score_thresh(2.8);
    cascade.set_pyramid_scale_factor(0.8);
    let luma = gv_vision::gray_from_rgb(picture.data(), picture.width(), picture.height()).unwrap();
    let (width, height) = (picture.width() as u32, picture.height() as u32);
    let found = cascade.detect(&rustface::ImageData::new(luma.data(), width, height));
    found
        .iter()
        .map(|face| {
            let place = face.bbox();
            let placed = BoxF {
                x: place.x() as f32,
                y: place.y() as f32,
                width: place.width() as f32,
                height: place.height() as f32,
                score: 1.0,
            };
            (placed, face.score())
        })
        .collect()
}

#[test]
#[cfg(feature = "cascade")]
fn our_cascade_finds_what_rustface_finds() {
    let test = "our_cascade_finds_what_rustface_finds";
    let ours = gv_vision::yolo_face_detector::CascadeFaceDetector::new(Default::default()).unwrap();
    let (mut theirs_all, mut ours_all, mut common) = (0, 0, 0);
    for name in ["2007_007763", "2008_001009", "2008_001322", "2008_002079"] {
        let Some(path) = shared(test, &format!("media/images/dlib_faces/{name}.jpg")) else {
            return;
        };
        let output = Command::new("ffmpeg")
            .args(["-v", "error", "-i"])
            .arg(&path)
            .args(["-vf", "scale=640:640:force_original_aspect_ratio=increase"])
            .args(["-f", "image2pipe", "-c:v", "ppm", "-"])
            .output();
        let picture = from_ppm(&output.unwrap().stdout);
        let theirs = peer(&picture);
        let faces: Vec<BoxF> = ours.detect(&picture).unwrap().iter().map(as_box).collect();
        theirs_all += theirs.len();
        ours_all += faces.len();
        common += theirs.iter().filter(|(face, _)| faces.iter().any(|f| f.iou(face) > 0.7)).count();
    }
    assert!(theirs_all >= 15, "rustface finds {theirs_all}");
    assert!(common + 2 >= theirs_all.max(ours_all), "{common} of {theirs_all} and {ours_all}");
}
