"""Component 9: calls to action."""

from __future__ import annotations

import copy
import pickle

import cv2
import numpy as np
import pytest
from conftest import RATE, write_clip
from conforming import check, check_fields

import geminivideo
from geminivideo.cta_optimizer import (
    BEST_CTA_CONFIGS,
    PLACEMENTS,
    CTAOptimizer,
    CTASequence,
    CTAType,
    ExistingCTA,
    PlacementTable,
)
from geminivideo.errors import InvalidInputError, MissingFileError

optimizer = CTAOptimizer()
WIDTH, HEIGHT, SECONDS = 360, 640, 9


def scene(number):
    """A soft pattern that moves, faster from 3 s on, and stands from 6 s on."""
    shift = min(number, 3 * RATE) + 6 * min(max(number - 3 * RATE, 0), 3 * RATE)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    value = 120 + 50 * np.sin((columns + shift) / 40) + 40 * np.cos(rows / 60)
    return np.repeat(value[..., None], 3, axis=2).astype(np.uint8)


def frames(top):
    for number in range(SECONDS * RATE):
        picture = scene(number)
        if top is not None and number >= 6 * RATE:
            cv2.rectangle(picture, (80, top), (280, top + 56), (0, 0, 220), -1)
            cv2.putText(
                picture, "SHOP NOW", (96, top + 38), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (255, 255, 255), 3, cv2.LINE_AA
            )
        yield picture


@pytest.fixture(scope="module")
def with_button(tmp_path_factory):
    return write_clip(tmp_path_factory.mktemp("cta") / "button.mp4", frames(320))


@pytest.fixture(scope="module")
def found(with_button):
    return optimizer.score_existing_cta(with_button)


def test_a_planted_button_is_found_where_it_stands(found):
    check(found, ExistingCTA)
    assert found["cta_detected"] is True
    assert found["cta_start_time"] == pytest.approx(6.0, abs=0.25)
    assert found["cta_duration"] == pytest.approx(3.0, abs=0.25)
    (call,) = found["candidates"]
    assert call["kind"] == "button" and call["late"]
    area = call["area"]
    assert area["x"] == pytest.approx(80 / WIDTH, abs=0.02)
    assert area["y"] == pytest.approx(320 / HEIGHT, abs=0.02)
    assert area["width"] == pytest.approx(200 / WIDTH, abs=0.03)
    red = tuple(int(call["colour"][i : i + 2], 16) for i in (1, 3, 5))
    assert red[0] > 200 and max(red[1:]) < 40
    assert sum(part["value"] for part in found["parts"]) == pytest.approx(found["cta_visibility_score"])
    assert found["cta_visibility_score"] > 70
    assert found["pre_cta_urgency"] is True
    assert all(zone["overlap_percent"] < 1 for zone in found["safe_zones"])


def test_a_clip_without_a_call_has_none(tmp_path):
    path = write_clip(tmp_path / "plain.mp4", frames(None))
    found = optimizer.score_existing_cta(path)
    check(found, ExistingCTA)
    assert found["cta_detected"] is not True
    assert (found["cta_visibility_score"], found["cta_start_time"]) == (0.0, None)
    assert found["recommendations"]


def test_the_safe_zones_are_data_of_the_users(with_button, found):
    check(PLACEMENTS, PlacementTable)
    table = copy.deepcopy(PLACEMENTS)
    for row in table["placements"]:
        row["covered"]["bottom"] = 0.6
    strict = CTAOptimizer(placements=table).score_existing_cta(with_button)
    assert strict["cta_start_time"] == found["cta_start_time"]
    assert all(zone["overlap_percent"] > 90 for zone in strict["safe_zones"])
    table["placements"][0]["covered"]["top"] = 2
    with pytest.raises(InvalidInputError, match="from 0 to 1"):
        CTAOptimizer(placements=table).score_existing_cta(with_button)


def test_an_analysis_that_is_there_is_not_made_again(with_button, found):
    result = geminivideo.analyze(with_button)
    assert optimizer.score_existing_cta(result) == found
    placed = optimizer.analyze_cta_timing(result)
    check_fields(placed)
    check_fields(placed.cta_config)
    assert 4.5 <= placed.start_time <= 6.1
    assert pickle.loads(pickle.dumps(placed)) == placed


def test_a_call_is_placed_in_the_calm_after_the_storm():
    motion = [(0.5 * i, 20.0 if i < 52 else 1.0, None) for i in range(60)]
    placed = optimizer.analyze_cta_timing({"motion_data": motion, "duration": 30.0})
    assert placed.start_time == pytest.approx(26.0, abs=0.5)
    assert sum(part["value"] for part in placed.parts) == pytest.approx(placed.confidence_score)
    less = optimizer.analyze_cta_timing({"duration": 30.0})
    assert less.confidence_score < placed.confidence_score
    on_beat = optimizer.analyze_cta_timing({"duration": 30.0, "beats": [25.7], "industry": "app"})
    assert on_beat.start_time == 25.7 and on_beat.cta_config.cta_type is CTAType.DOWNLOAD
    with pytest.raises(InvalidInputError, match="duration"):
        optimizer.analyze_cta_timing({})


def test_a_closing_is_planned():
    sequence = optimizer.generate_cta_sequence(30.0)
    check(sequence, CTASequence)
    assert [element["type"] for element in sequence["sequence"]] == ["pre_cta", "cta", "urgency"]
    assert optimizer.generate_cta_sequence(30.0, "bakery")["industry_used"] == "ecommerce"
    with pytest.raises(InvalidInputError, match="video_duration"):
        optimizer.generate_cta_sequence(float("nan"))


def test_the_tables_are_the_specifications():
    assert set(BEST_CTA_CONFIGS) == {"ecommerce", "saas", "leadgen", "app"}
    assert BEST_CTA_CONFIGS["saas"].duration == 5.0
    for config in BEST_CTA_CONFIGS.values():
        check_fields(config)
    assert optimizer.get_best_cta_for_goal("sales").cta_type is CTAType.SHOP_NOW
    with pytest.raises(InvalidInputError, match="app_installs"):
        optimizer.get_best_cta_for_goal("fame")


def test_variations_are_other_words():
    words = optimizer.generate_cta_variations("Shop Now", 8)
    assert len({word.lower() for word in [*words, "Shop Now"]}) == 9
    assert optimizer.generate_cta_variations("Shop Now", 0) == []
    with pytest.raises(InvalidInputError):
        optimizer.generate_cta_variations("Shop Now", -1)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(MissingFileError):
        optimizer.score_existing_cta(tmp_path / "none.mp4")
