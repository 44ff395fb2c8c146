"""Component 7: motion energy."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from conforming import check, check_fields

from geminivideo.errors import InvalidInputError, MissingFileError
from geminivideo.motion_energy import (
    CutPoint,
    FlowEnergy,
    FrameDiffEnergy,
    MotionEnergyCalculator,
    MotionMethod,
    VideoMotion,
)

DISPLACING = [MotionMethod.OPTICAL_FLOW, MotionMethod.BLOCK_MATCHING, MotionMethod.HYBRID]

FARNEBACK = dict(
    pyr_scale=0.5, levels=3, winsize=15, iterations=3, poly_n=5, poly_sigma=1.2, flags=0
)


def moving(count, height=180, width=320, dx=3, dy=1):
    """Frames of a blurred random picture that moves by (dx, dy) pixels each."""
    rng = np.random.default_rng(5)
    wide = rng.integers(0, 256, (height + 2 * count * abs(dy) + 40, width + 2 * count * abs(dx) + 40, 3))
    wide = cv2.GaussianBlur(wide.astype(np.uint8), (0, 0), 3)
    wide = cv2.normalize(wide, None, 0, 255, cv2.NORM_MINMAX)
    top, left = 20 + count * abs(dy), 20 + count * abs(dx)
    return [
        wide[top - k * dy : top - k * dy + height, left - k * dx : left - k * dx + width].copy()
        for k in range(count)
    ]


def test_the_flow_is_that_of_opencv_in_the_same_run():
    first, second = moving(2)
    given = MotionEnergyCalculator().calculate_optical_flow_energy(first, second)["flow_field"]
    gray = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in (first, second)]
    expected = cv2.calcOpticalFlowFarneback(*gray, None, **FARNEBACK)
    difference = np.abs(given - expected)
    assert difference.mean() < 0.01
    assert np.quantile(difference, 0.999) < 0.1


def test_a_known_translation_is_found():
    first, second = moving(2, dx=4, dy=-2)
    result = MotionEnergyCalculator().calculate_optical_flow_energy(first, second)
    inside = result["flow_field"][30:-30, 30:-30]
    np.testing.assert_allclose(np.median(inside, axis=(0, 1)), [4, -2], atol=0.05)
    assert result["dominant_direction"] == "right"
    assert result["mean_energy"] == pytest.approx(math.hypot(4, 2), rel=0.05)


@pytest.mark.parametrize(
    ("energy", "name"),
    [
        (0.0, "static"),
        (0.999, "static"),
        (1.0, "smooth"),
        (4.999, "smooth"),
        (5.0, "fast"),
        (14.999, "fast"),
        (15.0, "chaotic"),
        (math.inf, "chaotic"),
        (math.nan, "static"),
        (-1.0, "static"),
    ],
)
def test_the_thresholds_of_the_specification_divide_the_types(energy, name):
    assert MotionEnergyCalculator().classify_motion(energy) == name


def test_a_method_may_be_given_by_its_value():
    assert MotionEnergyCalculator("hybrid").method is MotionMethod.HYBRID
    with pytest.raises(ValueError, match="no_such"):
        MotionEnergyCalculator("no_such")


def test_flow_energies_have_the_declared_keys():
    first, second = moving(2)
    check(MotionEnergyCalculator().calculate_optical_flow_energy(first, second), FlowEnergy)


def test_frame_differences_are_those_of_numpy():
    first, second = moving(2)
    result = MotionEnergyCalculator().calculate_frame_diff_energy(first, second)
    check(result, FrameDiffEnergy)
    gray = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in (first, second)]
    expected = cv2.absdiff(*gray)
    assert np.array_equal(result["diff_map"], expected)
    assert result["total_energy"] == expected.sum(dtype=float)
    assert result["mean_energy"] == pytest.approx(expected.mean(dtype=float))
    assert result["max_energy"] == expected.max()
    assert 0 < result["motion_ratio"] < 1


@pytest.mark.parametrize("method", DISPLACING)
def test_each_method_finds_a_known_translation(method):
    first, second = moving(2, dx=-6, dy=0)
    motion = MotionEnergyCalculator(method).analyze_frame_pair(first, second, 3, 25.0)
    check_fields(motion)
    assert motion.horizontal_motion == pytest.approx(6.0, rel=0.15)
    assert motion.vertical_motion < 0.5
    assert (motion.dominant_direction, motion.motion_type) == ("left", "fast")
    assert (motion.frame_idx, motion.timestamp) == (3, 3 / 25)
    assert motion.diagonals_per_second == pytest.approx(6 * 25 / math.hypot(320, 180), rel=0.15)


def test_frame_differencing_tells_slow_motion_in_pixels(clip):
    calculator = MotionEnergyCalculator(MotionMethod.FRAME_DIFF)
    still = calculator.analyze_frame_pair(*[moving(1)[0]] * 2, 1, 25.0)
    assert (still.mean_energy, still.motion_type) == (0.0, "static")
    result = calculator.analyze_video(clip)
    check(result, VideoMotion)
    assert result["energy_stats"]["max"] > 0.0


@pytest.mark.parametrize("fps", [0.0, -1.0, math.nan, math.inf])
def test_a_frame_rate_must_be_finite_and_above_zero(fps):
    with pytest.raises(InvalidInputError, match="fps"):
        MotionEnergyCalculator().analyze_frame_pair(*moving(2), 1, fps)


@pytest.mark.parametrize("method", DISPLACING)
def test_a_video_moves_as_it_was_made(method, clip, cut_times):
    result = MotionEnergyCalculator(method).analyze_video(clip)
    check(result, VideoMotion)
    assert result["video_path"] == str(clip)
    assert (result["total_frames"], result["analyzed_frames"]) == (250, 250)
    assert (result["fps"], result["duration"]) == (25.0, pytest.approx(10.0))
    spans = zip([0.0, *cut_times], [*cut_times, 10.0], (6.0, 2.0, 0.0, 9.0, 1.0))
    for start, end, speed in spans:
        inside = [p["energy"] for p in result["timeline"] if start < p["timestamp"] < end]
        assert np.median(inside) == pytest.approx(speed, rel=0.2, abs=0.1)
    assert sum(result["motion_distribution"].values()) == pytest.approx(1.0)
    assert result["segments"][0]["start_time"] == 0
    for first, second in zip(result["segments"], result["segments"][1:]):
        assert first["end_time"] == pytest.approx(second["start_time"])


def test_sampling_keeps_the_unit(clip):
    calculator = MotionEnergyCalculator()
    every, third = (calculator.analyze_video(clip, sample_rate=n) for n in (1, 3))
    assert third["analyzed_frames"] == 84
    medians = [result["energy_stats"]["median"] for result in (every, third)]
    assert medians[1] == pytest.approx(medians[0], rel=0.25)
    with pytest.raises(InvalidInputError, match="sample_rate"):
        calculator.analyze_video(clip, sample_rate=0)


def test_cut_points_are_in_time_order_and_at_most_as_many_as_asked(clip):
    for number in (0, 1, 5):
        points = MotionEnergyCalculator().find_cut_points(clip, num_cuts=number)
        check(points, list[CutPoint])
        assert len(points) <= number
        assert points == sorted(points, key=lambda point: point["timestamp"])


def test_segments_are_dataclasses_too(clip):
    calculator = MotionEnergyCalculator()
    segments = calculator.find_segments(clip)
    entries = calculator.analyze_video(clip)["segments"]
    assert [vars(s) for s in segments] == [
        {key: entry[key] for key in vars(segments[0])} for entry in entries
    ]
    for segment in segments:
        check_fields(segment)


def test_a_missing_video_is_a_missing_file(tmp_path):
    with pytest.raises(MissingFileError, match="absent"):
        MotionEnergyCalculator().analyze_video(tmp_path / "absent.mp4")
