"""Component 2: motion weighed by faces."""

from __future__ import annotations

import math
import pickle

import cv2
import numpy as np
import pytest
from conforming import check, check_fields
from conftest import shared, write_clip

from geminivideo.errors import InvalidInputError, UnavailableError
from geminivideo.face_weighted_analyzer import (
    FACE_WEIGHT,
    FaceWeightedAnalyzer,
    PeakFaceMoment,
    VideoFaceMotion,
)


@pytest.fixture
def head():
    picture = cv2.imread(str(shared("media/images/face_recognition/obama-480p.jpg")))
    return cv2.resize(picture[20:220, 330:560], (184, 160))


def scene(head, head_shift, ground_shift):
    """A head on a textured ground, each moved to the right by so many pixels."""
    rng = np.random.default_rng(3)
    ground = cv2.GaussianBlur(rng.integers(0, 255, (360, 900, 3)).astype(np.uint8), (0, 0), 4)
    ground = cv2.normalize(ground, None, 0, 255, cv2.NORM_MINMAX)
    picture = np.ascontiguousarray(ground[:, 200 - ground_shift : 840 - ground_shift])
    picture[100:260, 220 + head_shift : 404 + head_shift] = head
    return picture


def pair(analyzer, head, head_shift, ground_shift):
    first, second = scene(head, 0, 0), scene(head, head_shift, ground_shift)
    return analyzer.calculate_weighted_motion(first, second, frame_idx=5, fps=25.0)


def test_a_moving_face_and_a_moving_ground_are_told_apart(head):
    analyzer = FaceWeightedAnalyzer()
    face = pair(analyzer, head, 6, 0)
    ground = pair(analyzer, head, 0, 6)
    check_fields(face)
    assert len(face.faces) == len(ground.faces) == 1
    assert face.face_motion > 2 * ground.face_motion
    assert ground.background_motion > 3 * face.background_motion
    assert (face.frame_idx, face.timestamp) == (5, 0.2)
    region = face.faces[0]
    assert region.weighted_energy == pytest.approx(FACE_WEIGHT * region.motion_energy)
    share = face.face_ratio
    assert face.total_weighted_motion == pytest.approx(
        share * face.face_motion + (1 - share) * face.background_motion
    )


def test_a_weight_of_one_is_plain_motion(head):
    plain = pair(FaceWeightedAnalyzer(face_weight=1.0), head, 6, 2)
    weighed = pair(FaceWeightedAnalyzer(), head, 6, 2)
    first, second = scene(head, 0, 0), scene(head, 6, 2)
    from geminivideo.motion_energy import MotionEnergyCalculator

    mean = MotionEnergyCalculator().calculate_optical_flow_energy(first, second)["mean_energy"]
    assert plain.total_weighted_motion == pytest.approx(mean, rel=1e-6)
    assert weighed.face_motion == pytest.approx(FACE_WEIGHT * plain.face_motion)


def test_faces_of_a_picture_have_no_motion(head):
    found = FaceWeightedAnalyzer().detect_faces(scene(head, 0, 0))
    assert len(found) == 1
    check_fields(found[0])
    assert (found[0].motion_energy, found[0].weighted_energy) == (0.0, 0.0)


def test_a_video_is_weighed(head, tmp_path):
    video = write_clip(tmp_path / "head.mp4", (scene(head, 2 * k, 0) for k in range(50)))
    result = FaceWeightedAnalyzer().analyze_video(video)
    check(result, VideoFaceMotion)
    check(result["peak_face_moments"], list[PeakFaceMoment])
    assert (result["total_frames"], result["fps"]) == (50, 25.0)
    assert 0.03 < result["average_face_coverage"] < 0.2
    assert result["face_to_background_ratio"] > 3
    assert result["face_weight_applied"] == FACE_WEIGHT
    assert 1 <= len(result["peak_face_moments"]) <= 5
    plain = FaceWeightedAnalyzer(face_weight=1.0).analyze_video(video)
    ratio = result["total_face_motion_weighted"] / plain["total_face_motion_weighted"]
    assert ratio == pytest.approx(FACE_WEIGHT)


def test_a_video_without_faces_has_no_face_motion(clip):
    result = FaceWeightedAnalyzer().analyze_video(clip)
    assert result["total_face_motion_weighted"] == 0.0
    assert result["total_background_motion"] > 0.0
    assert result["peak_face_moments"] == []


def test_the_cascade_never_runs_under_the_name_of_a_network(tmp_path, monkeypatch, head):
    for name in ("GV_MODEL_DIR", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    with pytest.raises(UnavailableError, match="use_yolo"):
        FaceWeightedAnalyzer(use_yolo=True)
    (tmp_path / "yunet.onnx").write_bytes(shared("models/yunet/yunet_n_320_320.onnx").read_bytes())
    assert len(FaceWeightedAnalyzer(use_yolo=True).detect_faces(scene(head, 0, 0))) == 1


def test_what_cannot_be_weighed_is_refused(head):
    analyzer = FaceWeightedAnalyzer()
    with pytest.raises(InvalidInputError, match="size"):
        analyzer.calculate_weighted_motion(np.zeros((8, 8), np.uint8), np.zeros((9, 8), np.uint8))
    with pytest.raises(InvalidInputError, match="weight"):
        pair(FaceWeightedAnalyzer(face_weight=math.nan), head, 1, 0)


def test_an_analyzer_pickles(head):
    analyzer = pickle.loads(pickle.dumps(FaceWeightedAnalyzer(face_weight=2.0)))
    assert (analyzer.use_yolo, analyzer.face_weight) == (False, 2.0)
