"""The usage examples of the specification run as written, import lines aside."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

import cv2
import pytest
from yolo_model import write_yolov8

from geminivideo._core import Store

#: Examples that speak to a service; their own tests run them against one on the loopback address.
REMOTE = {"elevenlabs_voice", "runway_gen3"}
DECISIONS = {"variation_generator", "budget_optimizer", "loser_kill_switch"}
#: Those that keep something in the store.
STORED = {
    "cross_campaign_learning", "capi_feedback_loop", "prediction_accuracy_tracker", "auto_retrain_pipeline",
    "winning_patterns_db",
}
#: What an example takes from its surroundings.
GIVEN = {
    "capi_feedback_loop": "db_session = None",
    "auto_retrain_pipeline": """
from geminivideo.auto_retrain_pipeline import RetrainStatus
from geminivideo.prediction_accuracy_tracker import PredictionAccuracyTracker
accuracy_tracker = PredictionAccuracyTracker()
""",
}
#: Runs a program whose outermost level awaits, as a notebook does.
RUNNER = """
import ast, asyncio, inspect, sys
code = compile(sys.argv[1], "example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
async def run():
    done = eval(code, {"__name__": "__main__"})
    if inspect.isawaitable(done):
        await done
asyncio.run(run())
"""
EXAMPLES = sorted(
    path for path in pathlib.Path(__file__).with_name("examples").glob("*.py") if path.stem not in REMOTE
)


def with_imports_changed(text, stem):
    changed, count = re.subn(rf"^from {stem} import ", f"from geminivideo.{stem} import ", text, flags=re.M)
    assert count >= 1
    return changed


def run(example, folder, **variables):
    source = with_imports_changed(example.read_text("utf-8"), example.stem)
    source = GIVEN.get(example.stem, "") + "\n" + source
    command = [sys.executable, "-W", "error", "-c", RUNNER, source]
    environment = {**os.environ, "GV_DATA_DIR": str(folder / "data"), **variables}
    environment["GV_MODEL_DIR"] = str(folder / "models")
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, timeout=120, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def files(tmp_path, clip, music_ad):
    """A folder with the files that the examples name."""
    given = {"video.mp4": clip, "ad.mp4": clip, "ad_video.mp4": music_ad[0], "audio.wav": music_ad[1]}
    for name, path in given.items():
        (tmp_path / name).write_bytes(path.read_bytes())
    video = cv2.VideoCapture(str(clip))
    cv2.imwrite(str(tmp_path / "frame.jpg"), video.read()[1])
    video.release()
    (tmp_path / "models").mkdir()
    planted = [(39, 0.8, 8, 8, 24, 40), (0, 0.7, 40, 8, 16, 40)]
    write_yolov8(tmp_path / "models" / "yolov8n.onnx", planted)
    return tmp_path


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_example_runs_as_written(example, files):
    # Without outcomes there is nothing to learn from, and that example says nothing.
    assert run(example, files) or example.stem == "auto_retrain_pipeline"


def test_the_examples_say_what_the_clip_shows(files):
    told = {path.stem: run(path, files) for path in EXAMPLES}
    assert "Type: hook" in told["motion_moment_sdk"]
    assert "Face present: False" in told["motion_moment_sdk"]
    still = re.search(r"'static': ([0-9.]+)", told["motion_energy"])
    assert 0.2 < float(still[1]) < 0.5
    assert int(re.search(r"Segments: (\d+)", told["motion_energy"])[1]) >= 3
    assert "px per frame" in told["motion_energy"]
    presence = re.search(r"Face presence ratio: ([0-9.]+)%", told["yolo_face_detector"])
    assert float(presence[1]) < 5
    assert "Average face coverage: 0." in told["face_weighted_analyzer"]
    assert "Scene type: product" in told["yolo_object_detector"]
    assert "bottle: 50 detections" in told["yolo_object_detector"]


def test_the_examples_decide_on_their_figures(clip, tmp_path):
    told = {path.stem: run(path, tmp_path) for path in EXAMPLES if path.stem in DECISIONS}
    assert "Generated 50 variations" in told["variation_generator"]
    assert "Winners: 1" in told["budget_optimizer"]
    assert "Overall ROAS: 5.00" in told["budget_optimizer"]
    assert "KILL AD ad_bad_001" in told["loser_kill_switch"]
    assert "Total to kill: 3" in told["loser_kill_switch"]


@pytest.mark.parametrize("stem", sorted(STORED))
def test_the_examples_that_keep_something_say_the_same_on_both_engines(stem, postgres, tmp_path):
    example = next(path for path in EXAMPLES if path.stem == stem)
    address = postgres(stem)

    def told(**variables):
        # Runs are named by when they were made.
        return re.sub(r"\d{8,}\S*", "", run(example, tmp_path, **variables))

    assert told(PATTERNS_DB_PATH=str(tmp_path / "examples.db")) == told(PATTERNS_DB_PATH=address)
    assert not (tmp_path / "data").exists(), "the default store is not touched"
    count = Store(address).describe()
    assert "postgres" in count and not count.endswith("s3cret")
