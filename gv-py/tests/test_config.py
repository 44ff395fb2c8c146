"""The optional settings: one object, the environment, and who takes them."""

from __future__ import annotations

import dataclasses
import pickle
import subprocess
import sys

import numpy as np
import pytest

import geminivideo
from geminivideo import config
from geminivideo.budget_optimizer import BudgetOptimizer
from geminivideo.capi_feedback_loop import CAPIFeedbackLoop
from geminivideo.config import Settings
from geminivideo.errors import InvalidInputError
from geminivideo.loser_kill_switch import LoserKillSwitch
from geminivideo.motion_moment_sdk import MotionMomentSDK
from geminivideo.precision_av_sync import PrecisionAVSync
from geminivideo.winning_patterns_db import WinningPatternsDB
from geminivideo.yolo_face_detector import YOLOFaceDetector

VALUES = {
    "MOTION_WINDOW_SIZE": "15",
    "FACE_DETECTION_CONFIDENCE": "0.7",
    "SYNC_TOLERANCE": "0.04",
    "TARGET_ROAS": "3",
    "MIN_BUDGET": "25",
    "RETRAIN_THRESHOLD": "50",
    "PATTERNS_DB_PATH": "patterns.db",
}


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    """No setting of the environment or of another test."""
    for name in VALUES:
        monkeypatch.delenv(name, raising=False)
    config.configure(Settings())
    yield
    config.configure(Settings())


def taken():
    """What the components take from the settings, in the order of VALUES."""
    return [
        MotionMomentSDK().WINDOW_SIZE,
        YOLOFaceDetector().confidence_threshold,
        PrecisionAVSync().TOLERANCE,
        BudgetOptimizer().target_roas,
        BudgetOptimizer().MIN_BUDGET,
        CAPIFeedbackLoop(":memory:").RETRAIN_THRESHOLD,
    ]


def test_nothing_set_leaves_the_defaults_of_the_components():
    assert config.current() == Settings()
    assert taken() == [30, 0.5, 0.1, 2.0, 10, 100]


def test_components_take_the_environment(monkeypatch):
    for name, value in VALUES.items():
        monkeypatch.setenv(name, value)
    assert taken() == [15, 0.7, 0.04, 3.0, 25, 50]
    assert LoserKillSwitch().target_roas == 3.0
    assert config.current().patterns_db_path == "patterns.db"


def test_what_is_configured_counts_more_than_the_environment_and_an_argument_counts_most(monkeypatch):
    monkeypatch.setenv("TARGET_ROAS", "3")
    monkeypatch.setenv("MIN_BUDGET", "25")
    geminivideo.configure(target_roas=4)
    assert (config.current().target_roas, config.current().min_budget) == (4.0, 25.0)
    assert BudgetOptimizer().target_roas == 4.0
    assert BudgetOptimizer(2.0).target_roas == 2.0
    assert BudgetOptimizer(target_roas=2.0).target_roas == 2.0
    geminivideo.configure(target_roas=None)
    assert BudgetOptimizer().target_roas == 3.0


def test_a_block_ends_with_what_was_set_before():
    geminivideo.configure(min_budget=5)
    with config.using({"TARGET_ROAS": 3.5}, min_budget=7) as inside:
        assert inside == config.current() == Settings(target_roas=3.5, min_budget=7)
    assert config.current() == Settings(min_budget=5)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"TARGET_RAOS": 3}, "target_raos; known are motion_window_size"),
        ({"colour": None}, "colour"),
        ({"target_roas": -1}, "TARGET_ROAS is -1, allowed is a number above 0"),
        ({"sync_tolerance": "much"}, "SYNC_TOLERANCE is much"),
        ({"retrain_threshold": 2.5}, "RETRAIN_THRESHOLD"),
        ({"face_detection_confidence": float("nan")}, "FACE_DETECTION_CONFIDENCE"),
        ({"motion_window_size": 1}, "6 to 9000 frames"),
    ],
)
def test_unknown_names_and_values_out_of_range_are_refused_and_change_nothing(values, message):
    geminivideo.configure(min_budget=5)
    for refuse in (geminivideo.configure, Settings.from_mapping):
        with pytest.raises(InvalidInputError, match=message):
            refuse(values)
    assert config.current() == Settings(min_budget=5)


def test_an_odd_environment_is_named_when_it_is_read(monkeypatch, clip):
    monkeypatch.setenv("MIN_BUDGET", "lots")
    with pytest.raises(InvalidInputError, match="MIN_BUDGET is lots"):
        BudgetOptimizer()
    with pytest.raises(InvalidInputError, match="MIN_BUDGET is lots"):
        geminivideo.analyze(clip)


def test_settings_are_frozen_compare_and_pickle():
    settings = Settings(target_roas="3", retrain_threshold=50)
    assert settings == Settings(target_roas=3.0, retrain_threshold=50)
    assert pickle.loads(pickle.dumps(settings)) == settings
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.target_roas = 5


def test_every_setting_is_documented():
    fields = [field.name for field in dataclasses.fields(Settings)]
    assert [name.upper() for name in fields] == list(VALUES)
    for name in fields:
        assert name in config.__doc__ and name.upper() in config.__doc__
        assert f"    {name} : " in Settings.__doc__


def test_the_window_changes_moments(clip):
    def spans(**settings):
        with config.using(**settings):
            result = geminivideo.analyze(clip, motion_only=True)
        return [moment.timestamp_end - moment.timestamp_start for moment in result.moments]

    assert max(spans(motion_window_size=12)) < max(spans())
    short = geminivideo.analyze(clip, motion_only=True, settings=Settings(motion_window_size=12))
    assert [m.timestamp_end - m.timestamp_start for m in short.moments] == spans(motion_window_size=12)
    with config.using(motion_window_size=12):
        sdk = MotionMomentSDK()
    found = [m.timestamp_end - m.timestamp_start for m in sdk.detect_motion_moments(clip)]
    np.testing.assert_allclose(sorted(found)[0], sorted(spans(motion_window_size=12))[0])


def test_the_store_is_where_the_settings_say(tmp_path):
    path = tmp_path / "kept" / "patterns.db"
    path.parent.mkdir()
    geminivideo.configure(patterns_db_path=path)
    WinningPatternsDB(str(path)).seed_with_examples()
    from geminivideo._store import open_store

    assert str(path) in open_store(None).describe()


def test_the_command_line_takes_the_environment(tmp_path, monkeypatch):
    ads = tmp_path / "ads.csv"
    ads.write_text(
        "ad_id,campaign_id,spend,daily_budget,impressions,clicks,conversions,revenue,hours_active\n"
        "a,c,100,50,9000,200,9,290,72\n"
    )
    command = [sys.executable, "-m", "geminivideo", "budget", str(ads)]
    monkeypatch.setenv("TARGET_ROAS", "none")
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode != 0 and "TARGET_ROAS is none" in done.stderr
    monkeypatch.setenv("TARGET_ROAS", "3")
    assert subprocess.run(command, capture_output=True).returncode == 0
