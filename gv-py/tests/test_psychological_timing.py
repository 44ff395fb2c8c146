"""Psychological timing, from Python."""

from __future__ import annotations

import pickle

import pytest

import geminivideo
from conforming import check, check_fields
from geminivideo.errors import InvalidInputError
from geminivideo.psychological_timing import (
    TRIGGER_CONFIGS,
    Placement,
    PsychologicalTimingOptimizer,
    TriggerType,
)


def clip(*stretches):
    samples = []
    for count, energy, face in stretches:
        samples += [(0.5 * (len(samples) + i), energy, face) for i in range(count)]
    return samples


AD = clip((6, 20.0, True), (8, 2.0, True), (12, 18.0, False), (10, 2.0, True), (8, 1.0, False))


def test_windows_are_the_stretches():
    windows = PsychologicalTimingOptimizer().analyze_motion_windows(AD)
    assert [(w.start_time, w.end_time) for w in windows] == [(0, 3), (3, 7), (7, 13), (13, 18), (18, 22)]
    for window in windows:
        check_fields(window)
        assert sum(window.absorption.values()) == pytest.approx(window.absorption_score)
    assert windows[1].recommended_triggers[0] is TriggerType.PAIN_POINT
    assert pickle.loads(pickle.dumps(windows)) == windows


def test_a_static_clip_is_one_window_and_no_clip_none():
    optimizer = PsychologicalTimingOptimizer()
    assert len(optimizer.analyze_motion_windows(clip((40, 0.0, None)))) == 1
    assert optimizer.analyze_motion_windows([]) == []


def test_triggers_are_placed_in_order():
    plan = PsychologicalTimingOptimizer().optimize_trigger_placement({"motion_data": AD})
    check(plan["recommended_structure"], list[Placement])
    placed = {item["trigger"]: item for item in plan["recommended_structure"]}
    times = [item["time"] for item in plan["recommended_structure"]]
    assert times == sorted(times)
    assert placed["hook"]["time"] < 2.1 and placed["cta"]["time"] >= 15
    assert "a face shows" in placed["hook"]["reason"]
    assert plan["key_insights"]


def test_an_analysis_is_understood(clip_result):
    plan = PsychologicalTimingOptimizer().optimize_trigger_placement(clip_result)
    assert plan["windows"][0].has_face is None
    assert any("faces are unknown" in told for told in plan["key_insights"])


@pytest.fixture(scope="module")
def clip_result(request):
    return geminivideo.analyze(request.getfixturevalue("clip"))


def test_the_table_is_the_specifications():
    assert set(TRIGGER_CONFIGS) == set(TriggerType)
    pain = TRIGGER_CONFIGS[TriggerType.PAIN_POINT]
    assert (pain.min_duration, pain.max_duration, pain.ideal_motion_level) == (2.0, 5.0, "low")


def test_what_cannot_be_is_refused():
    for sample in ((float("nan"), 1.0, None), (0.0, -1.0, None), (0.0, float("inf"), True)):
        with pytest.raises(InvalidInputError, match="motion_data"):
            PsychologicalTimingOptimizer().analyze_motion_windows([sample])
