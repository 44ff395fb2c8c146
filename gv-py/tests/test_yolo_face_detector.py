"""Component 5: faces."""

from __future__ import annotations

import pickle

import cv2
import numpy as np
import pytest
from conforming import check, check_fields
from conftest import shared, write_clip
from yolo_model import write_brightness, write_yolov8

from geminivideo.errors import (
    InvalidInputError,
    MissingFileError,
    ModelError,
    UnavailableError,
    UnsupportedError,
)
from geminivideo.yolo_face_detector import BestFaceMoment, VideoFaces, YOLOFaceDetector


@pytest.fixture(autouse=True)
def _no_models(tmp_path, monkeypatch):
    monkeypatch.setenv("GV_MODEL_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "none"))
    monkeypatch.setenv("HOME", str(tmp_path / "none"))


@pytest.fixture
def portrait():
    picture = cv2.imread(str(shared("media/images/face_recognition/obama-480p.jpg")))
    return cv2.resize(picture, (640, 640 * picture.shape[0] // picture.shape[1] // 2 * 2))


@pytest.fixture
def people(portrait, tmp_path):
    """Four seconds: one of nothing, two of a face that moves, one of nothing."""
    nothing = np.full_like(portrait, 90)
    nothing[::20] = 120

    def frames():
        for number in range(100):
            seen = 25 <= number < 75
            yield np.roll(portrait, number, axis=1) if seen else nothing

    return write_clip(tmp_path / "people.mp4", frames())


def test_the_built_in_cascade_finds_a_face_and_says_its_name(portrait):
    detector = YOLOFaceDetector()
    assert "built in" in detector.model_used
    faces = detector.detect_faces(portrait)
    assert len(faces) == 1
    face = faces[0]
    check_fields(face)
    scale = 640 / 853
    assert face.center == pytest.approx((442 * scale, 108 * scale), abs=20)
    assert 0.5 <= face.confidence <= 1
    assert (face.landmarks, face.emotion, face.age_estimate) == (None, None, None)
    assert face.area == face.width * face.height


def test_a_network_gives_landmarks(portrait):
    model = shared("models/yunet/yunet_n_320_320.onnx")
    face = YOLOFaceDetector(model, confidence_threshold=0.7).detect_faces(portrait)[0]
    check_fields(face)
    assert face.landmarks["left_eye"][0] < face.landmarks["nose"][0] < face.landmarks["right_eye"][0]
    assert face.landmarks["nose"][1] < face.landmarks["mouth_left"][1]


def test_the_model_folder_comes_before_the_cascade(tmp_path, monkeypatch, portrait):
    folder = tmp_path / "models"
    folder.mkdir()
    write_yolov8(folder / "yolov8n-face.onnx", [(0, 0.9, 24, 24, 16, 16)], classes=16)
    monkeypatch.setenv("GV_MODEL_DIR", str(folder))
    assert YOLOFaceDetector().model_used == "yolov8n-face.onnx"
    assert YOLOFaceDetector(YOLOFaceDetector.DEFAULT_MODEL).model_used == "yolov8n-face.onnx"
    assert len(YOLOFaceDetector().detect_faces(portrait)) == 1


def test_persons_stand_for_faces_where_their_model_is_named(tmp_path, portrait):
    model = write_yolov8(tmp_path / "yolov8n.onnx", [(0, 0.9, 20, 10, 20, 40)])
    faces = YOLOFaceDetector(model).detect_faces(np.zeros((64, 64, 3), np.uint8))
    assert [(face.x, face.y, face.width, face.height) for face in faces] == [(25, 10, 10, 10)]


@pytest.mark.parametrize("sample_rate", [1, 5])
def test_a_video_is_told_in_seconds_whatever_the_sampling(people, sample_rate):
    result = YOLOFaceDetector().detect_faces_video(people, sample_rate=sample_rate)
    check(result, VideoFaces)
    assert (result["total_frames"], result["processed_frames"]) == (100, 100 // sample_rate)
    assert result["face_presence_ratio"] == pytest.approx(0.5, abs=0.03)
    assert result["average_faces_per_frame"] == pytest.approx(0.5, abs=0.03)
    assert result["first_face_time"] == pytest.approx(1.0, abs=0.05)
    assert result["longest_streak"] == pytest.approx(2.0, abs=0.1)
    assert result["timeline"][0]["faces"] == []
    assert sum(entry["face_count"] for entry in result["timeline"]) == result["total_face_detections"]


def test_the_best_moments_show_a_face(people):
    moments = YOLOFaceDetector().find_best_face_moments(people, top_n=3)
    check(moments, list[BestFaceMoment])
    assert len(moments) == 3
    assert all(1 <= moment["timestamp"] < 3 for moment in moments)
    assert [moment["score"] for moment in moments] == sorted((m["score"] for m in moments), reverse=True)
    assert sum(moments[0]["parts"].values()) == pytest.approx(moments[0]["score"])
    assert YOLOFaceDetector().find_best_face_moments(people, top_n=0) == []


def test_what_is_no_face_model_is_an_error(tmp_path):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"\x08\x01")
    for path, error in [
        (broken, ModelError),
        (tmp_path / "absent.onnx", MissingFileError),
        ("yolov8n-face.pt", UnsupportedError),
        (write_yolov8(tmp_path / "seven.onnx", [], classes=7), ModelError),
    ]:
        with pytest.raises(error):
            YOLOFaceDetector(path)
    with pytest.raises(InvalidInputError, match="tpu"):
        YOLOFaceDetector(device="tpu")
    with pytest.raises(InvalidInputError, match="torch"):
        YOLOFaceDetector(runtime="torch")
    with pytest.raises(InvalidInputError, match="confidence"):
        YOLOFaceDetector(confidence_threshold=-0.1)


@pytest.mark.parametrize("shape", [(0, 4, 3), (4, 4, 4), (4,)])
def test_arrays_that_are_no_picture_are_named(shape):
    with pytest.raises(InvalidInputError):
        YOLOFaceDetector().detect_faces(np.zeros(shape, np.uint8))


def test_a_detector_pickles(portrait):
    detector = pickle.loads(pickle.dumps(YOLOFaceDetector(confidence_threshold=0.6)))
    assert detector.confidence_threshold == 0.6
    assert len(detector.detect_faces(portrait)) == 1


@pytest.fixture
def two_faces(tmp_path):
    """A picture whose left half is dark, and a network that sees a face in either half."""
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, 32:] = 250
    found = [(0, 0.9, 8, 24, 16, 16), (0, 0.8, 40, 24, 16, 16)]
    return picture, write_yolov8(tmp_path / "face.onnx", found, classes=16)


def test_models_of_the_user_tell_emotion_and_age(tmp_path, two_faces):
    picture, model = two_faces
    emotion = write_brightness(tmp_path / "emotion.onnx", [0, 0, 0, 0.1, 0, 0, 0], [0, 0, 0, 0, 5, 0, 0])
    age = write_brightness(tmp_path / "age.onnx", [0.2], [10], channels=3)
    detector = YOLOFaceDetector(model, emotion_model=emotion, age_model=age)
    for one in (detector, pickle.loads(pickle.dumps(detector))):
        faces = one.detect_faces(picture)
        assert [(face.x, face.emotion, face.age_estimate) for face in faces] == [(8, "sad", 10), (40, "happy", 60)]
        check_fields(faces[0])
    labels = ["calm", "glad"]
    two = write_brightness(tmp_path / "two.onnx", [1, 0], [0, 100], channels=3)
    faces = YOLOFaceDetector(model, emotion_model=two, emotion_labels=labels, attribute_values=(0, 1)).detect_faces(picture)
    assert [(face.emotion, face.age_estimate) for face in faces] == [("glad", None), ("glad", None)]
    faces = YOLOFaceDetector(model, emotion_model=two, emotion_labels=labels).detect_faces(picture)
    assert [face.emotion for face in faces] == ["glad", "calm"]


def test_models_of_attributes_that_are_none_are_refused(tmp_path, two_faces):
    _, model = two_faces
    three = write_brightness(tmp_path / "three.onnx", [1, 0, 0], [0, 0, 0])
    with pytest.raises(InvalidInputError, match="emotion_labels"):
        YOLOFaceDetector(model, emotion_model=three)
    with pytest.raises(ModelError, match="scores"):
        YOLOFaceDetector(model, age_model=three)
    with pytest.raises(MissingFileError):
        YOLOFaceDetector(model, age_model=tmp_path / "absent.onnx")


def test_onnx_runtime_finds_the_same_faces(portrait):
    pytest.importorskip("onnxruntime")
    model = shared("models/yunet/yunet_n_640_640.onnx")
    here = YOLOFaceDetector(model, confidence_threshold=0.6)
    try:
        there = YOLOFaceDetector(model, confidence_threshold=0.6, device="cpu", runtime="onnxruntime")
    except UnavailableError as error:
        if "built without the feature" in str(error):
            pytest.skip(str(error))
        raise
    there = pickle.loads(pickle.dumps(there))
    assert there.runtime == "onnxruntime"
    mine, peers = here.detect_faces(portrait), there.detect_faces(portrait)
    assert len(mine) == len(peers) == 1
    assert mine[0].confidence == pytest.approx(peers[0].confidence, abs=1e-4)
    assert (mine[0].x, mine[0].y, mine[0].landmarks) == (peers[0].x, peers[0].y, peers[0].landmarks)


def test_a_card_that_is_not_there_is_said(tmp_path, two_faces):
    _, model = two_faces
    with pytest.raises(UnavailableError):
        YOLOFaceDetector(model, device="cuda:63")
    with pytest.raises(InvalidInputError, match="cascade"):
        YOLOFaceDetector(device="cuda")
