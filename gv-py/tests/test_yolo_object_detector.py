"""Component 6: objects."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from conforming import check, check_fields
from yolo_model import write_yolov8

from geminivideo.errors import (
    InvalidInputError,
    MissingFileError,
    ModelError,
    UnavailableError,
    UnsupportedError,
)
from geminivideo.yolo_object_detector import (
    AD_RELEVANT_CATEGORIES,
    COCO_CLASSES,
    VideoObjects,
    YOLOObjectDetector,
)

PHONE, PERSON, KNIFE = (COCO_CLASSES.index(name) for name in ("cell phone", "person", "knife"))


@pytest.fixture
def model(tmp_path):
    found = [(PHONE, 0.9, 8, 24, 16, 16), (PHONE, 0.7, 9, 25, 16, 16), (PERSON, 0.6, 40, 20, 8, 24)]
    return write_yolov8(tmp_path / "planted.onnx", found)


def test_objects_are_where_the_network_says(model):
    detector = YOLOObjectDetector(model_path=model)
    found = detector.detect_objects(np.zeros((64, 128, 3), np.uint8))
    assert [(one.class_name, one.category) for one in found] == [
        ("cell phone", "technology"),
        ("person", "people"),
    ]
    phone = found[0]
    check_fields(phone)
    assert (phone.x, phone.y, phone.width, phone.height) == (16, 16, 32, 32)
    assert (phone.center, phone.area, phone.class_id) == ((32, 32), 1024, PHONE)
    assert phone.confidence == pytest.approx(0.9)


def test_the_threshold_decides_what_is_told(model):
    detector = YOLOObjectDetector(confidence_threshold=0.8, model_path=model)
    assert len(detector.detect_objects(np.zeros((64, 64), np.uint8))) == 1
    with pytest.raises(InvalidInputError, match="confidence"):
        YOLOObjectDetector(confidence_threshold=1.5, model_path=model)


def test_a_video_is_summed_up(model, clip):
    result = YOLOObjectDetector(model_path=model).analyze_video_objects(clip, sample_rate=25)
    check(result, VideoObjects)
    assert (result["total_frames"], result["processed_frames"]) == (250, 10)
    assert result["object_summary"]["cell phone"]["count"] == 10
    assert result["most_common_objects"] == [("cell phone", 10), ("person", 10)]
    assert result["category_summary"] == {"people": 10, "technology": 10}
    assert [entry["timestamp"] for entry in result["timeline"]] == pytest.approx(range(10))
    assert all(entry["has_person"] and entry["has_product"] for entry in result["timeline"])
    assert result["scene_analysis"]["primary_scene_type"] == "technology"
    assert result["scene_analysis"]["brand_safety"]["verdict"] == "pass"
    visibility = result["product_visibility"]
    assert (visibility["product_presence_ratio"], visibility["visible_seconds"]) == (1.0, 10.0)
    assert result["model_used"] == "planted.onnx"


def test_what_a_brand_would_not_want_is_told(tmp_path, clip):
    model = write_yolov8(tmp_path / "knife.onnx", [(KNIFE, 0.9, 8, 8, 16, 16)])
    safety = YOLOObjectDetector(model_path=model).analyze_video_objects(clip, 50)["scene_analysis"]
    assert safety["brand_safety"]["verdict"] == "fail"
    assert safety["brand_safety"]["sightings"][0]["class_name"] == "knife"


def test_without_a_model_objects_are_unknown(tmp_path, monkeypatch):
    monkeypatch.setenv("GV_MODEL_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    with pytest.raises(UnavailableError, match="GV_MODEL_DIR"):
        YOLOObjectDetector()
    write_yolov8(tmp_path / "yolov8s.onnx", [])
    assert YOLOObjectDetector("s").detect_objects(np.zeros((8, 8), np.uint8)) == []
    with pytest.raises(InvalidInputError, match="model_size"):
        YOLOObjectDetector("huge")


def test_what_is_no_model_is_an_error(tmp_path, model):
    text = tmp_path / "text.onnx"
    text.write_text("this is no model")
    for path, error in [
        (text, ModelError),
        (tmp_path / "absent.onnx", MissingFileError),
        (tmp_path / "yolov8n.pt", UnsupportedError),
        (write_yolov8(tmp_path / "three.onnx", [], classes=3), ModelError),
    ]:
        with pytest.raises(error):
            YOLOObjectDetector(model_path=path)
    with pytest.raises(InvalidInputError, match="tpu"):
        YOLOObjectDetector(device="tpu", model_path=model)
    with pytest.raises(InvalidInputError, match="pixel"):
        YOLOObjectDetector(model_path=model).detect_objects(np.zeros((0, 5, 3), np.uint8))
    with pytest.raises(InvalidInputError, match="uint8"):
        YOLOObjectDetector(model_path=model).detect_objects(np.zeros((4, 5, 3), np.float32))


def test_a_detector_pickles(model):
    detector = pickle.loads(pickle.dumps(YOLOObjectDetector(model_path=model)))
    assert len(detector.detect_objects(np.zeros((64, 64), np.uint8))) == 2


def test_every_class_is_in_one_category():
    named = [name for classes in AD_RELEVANT_CATEGORIES.values() for name in classes]
    assert sorted(named) == sorted(COCO_CLASSES)
    assert len(COCO_CLASSES) == 80
