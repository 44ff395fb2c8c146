"""Python objects in the place of the library's detectors, and as readers of writing."""

import os
import shutil

import cv2
import numpy as np
import pytest
from conftest import write_clip
from geminivideo.face_weighted_analyzer import FaceWeightedAnalyzer
from geminivideo.hook_optimizer import HookOptimizer, HookType
from geminivideo.yolo_face_detector import FaceDetection, YOLOFaceDetector

import geminivideo


class Corner:
    """Sees a face of 30 x 40 pixels in the corner of every picture, and one far outside of it."""

    def __init__(self):
        self.shapes = set()

    def detect_faces(self, frame):
        assert frame.dtype == np.uint8 and frame.flags.c_contiguous
        self.shapes.add(frame.shape)
        return [
            FaceDetection(-10, 0, 40, 40, 0.9),
            {"x": 5000, "y": 0, "width": 9, "height": 9, "confidence": 1.0},
        ]


class Cups:
    def detect_objects(self, frame):
        yield {"class_name": "cup", "x": 1, "y": 2, "width": 30, "height": 40, "confidence": 0.6}
        yield {"class_id": 0, "x": 1, "y": 2, "width": 3, "height": 4, "confidence": 0.7}


@pytest.fixture(scope="module")
def ad(tmp_path_factory):
    """Three seconds of 640x360 with a title that slides up."""

    def frames():
        for number in range(75):
            frame = np.full((360, 640, 3), 60, np.uint8)
            place, white = (60, 240 - number // 4), (240, 240, 240)
            cv2.putText(frame, "DULL MORNINGS", place, cv2.FONT_HERSHEY_DUPLEX, 2.0, white, 4)
            yield frame

    return write_clip(tmp_path_factory.mktemp("plugin") / "ad.mp4", frames())


def test_what_objects_of_ones_own_see_is_analysed(ad):
    corner = Corner()
    result = geminivideo.analyze(ad, face_detector=corner, object_detector=Cups())
    faces, objects = result.faces, result.objects
    assert faces["model_used"] == "Corner" and objects["model_used"] == "Cups"
    assert faces["presence"]["face_presence_ratio"] == 1.0 and len(corner.shapes) == 1
    height, width, channels = corner.shapes.pop()
    assert max(height, width) <= 640 and channels == 3
    scale = result.video["width"] / width
    box = faces["frames"][0]["faces"]
    assert len(box) == 1 and box[0]["x"] == 0 and box[0]["width"] == pytest.approx(30 * scale)
    assert {one["class_name"] for one in objects["summary"]} == {"cup", "person"}


def test_a_detector_of_ones_own_weighs_motion(ad):
    corner = Corner()
    found = FaceWeightedAnalyzer(face_detector=corner).analyze_video(ad)
    assert found["model_used"] == "Corner" and found["average_face_coverage"] > 0
    built_in = YOLOFaceDetector()
    analyzer = FaceWeightedAnalyzer(face_detector=built_in)
    assert analyzer.analyze_video(ad)["model_used"] == built_in.model_used


def test_a_question_that_is_read_is_the_hook(ad):
    lines = []

    def read(line):
        assert line.dtype == np.uint8 and line.ndim == 2
        lines.append(line.shape)
        return "  Tired of dull mornings? "

    result = geminivideo.analyze(ad, text_reader=read)
    assert result.text["read_by"] == "read"
    assert lines and {line["text"] for line in result.text["lines"]} >= {"Tired of dull mornings?"}
    assert HookOptimizer().analyze_hook(result).hook_type == HookType.QUESTION
    unread = geminivideo.analyze(ad, text_reader=lambda line: None)
    assert {line["text"] for line in unread.text["lines"]} == {None}
    assert geminivideo.analyze(ad).text["read_by"] is None


def test_tesseract_reads_the_title(ad):
    pytesseract = pytest.importorskip("pytesseract")
    if not shutil.which("tesseract"):
        assert os.environ.get("CI") != "true", "tesseract is needed"
        pytest.skip("tesseract is not installed")

    def read(line):
        return pytesseract.image_to_string(line, config="--psm 7")

    found = [line["text"] for line in geminivideo.analyze(ad, text_reader=read).text["lines"]]
    assert "DULL MORNINGS" in found


class Broken(Exception):
    pass


def broken(picture):
    raise Broken("the card is gone")


class BrokenFaces:
    detect_faces = staticmethod(broken)


@pytest.mark.parametrize("given", [{"face_detector": BrokenFaces()}, {"text_reader": broken}])
def test_what_they_raise_arrives_unchanged(ad, given):
    with pytest.raises(Broken, match="the card is gone"):
        geminivideo.analyze(ad, **given)
    if "face_detector" in given:
        analyzer = FaceWeightedAnalyzer(**given)
        with pytest.raises(Broken):
            analyzer.detect_faces(np.zeros((40, 40, 3), np.uint8))


def found(**changes):
    class Once:
        def detect_faces(self, frame):
            face = {"x": 0, "y": 0, "width": 5, "height": 5, "confidence": 0.5}
            return [{**face, **changes}]

    return Once()


@pytest.mark.parametrize(
    ("detector", "error", "message"),
    [
        (found(confidence=7), ValueError, "detection 0.confidence is 7, allowed is 0 to 1"),
        (found(width=float("nan")), ValueError, "detection 0 is .* allowed is a box"),
        (found(x=None), TypeError, "a detection has no x"),
        (found(x="left"), TypeError, "real number"),
        (object(), TypeError, "an object with the method detect_faces"),
    ],
)
def test_what_is_no_detection_is_refused(ad, detector, error, message):
    with pytest.raises(error, match=message):
        geminivideo.analyze(ad, face_detector=detector)


def test_classes_that_nobody_knows_are_refused(ad):
    class Unicorns:
        def detect_objects(self, frame):
            box = {"x": 0, "y": 0, "width": 5, "height": 5, "confidence": 0.5}
            return [{**box, "class_name": "unicorn"}]

    with pytest.raises(ValueError, match="COCO's 80 classes"):
        geminivideo.analyze(ad, object_detector=Unicorns())
    with pytest.raises(TypeError, match="must be a function"):
        geminivideo.analyze(ad, text_reader="tesseract")
