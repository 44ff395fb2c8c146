"""Component 1: motion moments."""

from __future__ import annotations

import math

import numpy as np
import pytest
from conforming import check, check_fields

from geminivideo.errors import InvalidInputError
from geminivideo.motion_energy import MotionEnergyCalculator
from geminivideo.motion_moment_sdk import AttentionOverTime, MotionMoment, MotionMomentSDK

sdk = MotionMomentSDK()


def frames(steps):
    """Frames of a smooth pattern that moves right by each of the steps in turn."""
    rows, columns = np.mgrid[0:96, 0:128].astype(float)
    offsets = np.concatenate([[0], np.cumsum(steps)])
    return [
        (128 + 60 * np.sin((columns - o) * 0.25) * np.cos(rows * 0.2) + 30 * np.sin(rows * 0.07)).astype(np.uint8)
        for o in offsets
    ]


def test_energy_is_the_mean_displacement_in_pixels():
    first, second = frames([2.0])
    energy = sdk.calculate_motion_energy(first, second)
    flow = MotionEnergyCalculator().calculate_optical_flow_energy(first, second)
    assert energy == flow["mean_energy"]
    assert energy == pytest.approx(2.0, rel=0.15)


def test_a_window_knows_its_energies_and_where_they_peak():
    given = frames([1.0, 1.0, 3.0, 1.0])
    window = sdk.analyze_temporal_window(given, [])
    assert len(window.motion_energies) == 4
    assert window.peak_index == 2
    assert window.face_detections == []
    assert window.weighted_energy == pytest.approx(np.mean(window.motion_energies))
    assert all(frame is original for frame, original in zip(window.frames, given))


def test_a_face_multiplies_the_motion_that_leads_to_it():
    given = frames([1.0, 1.0])
    plain = sdk.analyze_temporal_window(given, [False] * 3)
    faced = sdk.analyze_temporal_window(given, [False, True, False])
    first, second = plain.motion_energies
    assert faced.weighted_energy == pytest.approx((3.2 * first + second) / 2)
    assert faced.motion_energies == plain.motion_energies


@pytest.mark.parametrize("count", [0, 1])
def test_a_window_without_pairs_has_no_peak(count):
    window = sdk.analyze_temporal_window(frames([1.0])[:count], [])
    assert (window.motion_energies, window.weighted_energy, window.peak_index) == ([], 0.0, -1)


def test_face_detections_must_be_as_many_as_the_frames():
    with pytest.raises(InvalidInputError, match="2 values for 3 frames"):
        sdk.analyze_temporal_window(frames([1.0, 1.0]), [True, False])


def test_a_bad_frame_of_a_window_is_named_by_its_number():
    given = frames([1.0, 1.0])
    given[2] = given[2].astype(float)
    with pytest.raises(InvalidInputError, match=r"^frames\[2\] must be"):
        sdk.analyze_temporal_window(given, [])


@pytest.mark.parametrize("fps", [0.0, -1.0, math.nan, math.inf])
def test_a_frame_rate_must_be_finite_and_above_zero(fps):
    with pytest.raises(InvalidInputError, match="fps"):
        MotionMomentSDK(fps=fps)


def moment(start, end, kind, **more):
    return MotionMoment(0, 1, start, end, 2.0, 1, 3.0, kind, None, 1.0, **more)


def test_cut_points_come_from_moments_in_time_order():
    moments = [moment(8.0, 9.0, "cta"), moment(0.0, 1.0, "hook"), moment(3.0, 5.0, "emotional")]
    assert sdk.find_optimal_cut_points(moments) == [1.0, 3.0, 5.0, 8.0]
    assert sdk.find_optimal_cut_points([]) == []
    assert sdk.find_optimal_cut_points(iter(moments)) == [1.0, 3.0, 5.0, 8.0]


def test_moments_with_numpy_numbers_are_taken():
    given = moment(np.float32(8.0), np.float64(9.0), "cta", score=np.float64(0.5))
    assert sdk.find_optimal_cut_points([given]) == [8.0]


def test_a_moment_of_no_known_type_is_refused():
    with pytest.raises(InvalidInputError, match="no_such"):
        sdk.find_optimal_cut_points([moment(0.0, 1.0, "no_such")])


def test_the_moments_of_a_video_are_those_of_the_one_pass(clip):
    import geminivideo

    moments = sdk.detect_motion_moments(clip)
    assert moments and moments == geminivideo.analyze(clip).moments
    for found in moments:
        check_fields(found)
        assert (found.face_present, found.face_weight) == (False, 1.0)
        assert found.timestamp_start < found.timestamp_end
    assert "hook" in [found.moment_type for found in moments]
    points = sdk.find_optimal_cut_points(moments)
    assert points and points == sorted(points)


def test_attention_is_over_real_seconds(clip):
    curve = sdk.get_attention_curve(clip)
    check(curve, AttentionOverTime)
    assert curve["timeline"][0] == 0 and curve["timeline"][-1] == pytest.approx(10.0, abs=0.11)
    assert len(curve["timeline"]) == len(curve["attention"])
    assert curve["moments"] == [m.timestamp_start for m in sdk.detect_motion_moments(clip)]
