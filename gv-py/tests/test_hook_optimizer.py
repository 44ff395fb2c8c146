"""Component 8: whether the opening holds."""

from __future__ import annotations

import pickle
import wave

import numpy as np
import pytest
from conftest import RATE, SIZE, write_clip
from conforming import check, check_fields

import geminivideo
from geminivideo.errors import InvalidInputError, MissingFileError
from geminivideo.hook_optimizer import (
    HOOK_TEMPLATES,
    HookAnalysis,
    HookOptimizer,
    HookScript,
    HookTemplate,
    HookType,
)

optimizer = HookOptimizer()


def plain(level):
    return np.full((*SIZE, 3), level, np.uint8)


def made(tmp_path, level_at):
    frames = (plain(level_at(number / RATE)) for number in range(5 * RATE))
    return optimizer.analyze_hook(write_clip(tmp_path / "made.mp4", frames))


def check_hook(hook):
    assert isinstance(hook, HookAnalysis)
    check_fields(hook)
    assert sum(part["value"] for part in hook.parts) == pytest.approx(hook.effectiveness_score)
    assert {strength["hook_type"] for strength in hook.strengths} == {t.value for t in HookType}
    assert len(hook.attention_curve) == len(hook.attention_times)
    for detail, text in zip(hook.improvement_details, hook.improvements):
        assert detail["text"] == text and 0 <= detail["time"] <= 3.0


def test_a_black_silent_clip_is_no_hook_and_scores_nothing(tmp_path):
    hook = made(tmp_path, lambda time: 0)
    check_hook(hook)
    assert hook.hook_type is None
    assert hook.effectiveness_score == pytest.approx(0.0, abs=0.5)
    assert any("dark" in text for text in hook.improvements)


def test_a_flash_is_a_pattern_interrupt_and_two_states_a_transformation(tmp_path):
    flash = made(tmp_path, lambda time: 230 if 0.8 <= time < 0.96 else 50)
    assert flash.hook_type is HookType.PATTERN_INTERRUPT
    assert flash.pattern_interrupt_score > 0.9
    states = made(tmp_path, lambda time: 40 if time < 1.4 else 220)
    assert states.hook_type is HookType.TRANSFORMATION
    found = next(s for s in states.strengths if s["hook_type"] == "transformation")
    assert found["time"] == pytest.approx(1.4, abs=0.2)


def test_the_hook_of_a_clip_is_told_with_its_times(clip):
    hook = optimizer.analyze_hook(clip)
    check_hook(hook)
    assert hook.effectiveness_score > 10
    assert 0 <= hook.first_motion_peak < 1.6
    assert hook.attention_times[0] == 0.0 and len(hook.attention_curve) == 3 * RATE
    assert pickle.loads(pickle.dumps(hook)) == hook


def test_a_bang_in_the_sound_is_heard_where_it_is(tmp_path):
    rate = 22050
    sound = np.zeros(5 * rate, np.float32)
    at = int(0.6 * rate)
    sound[at : at + rate // 4] = 0.8 * np.sin(np.arange(rate // 4) * 0.3) * np.exp(-np.arange(rate // 4) / 1500)
    with wave.open(str(tmp_path / "bang.wav"), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    video = write_clip(tmp_path / "black.mp4", (plain(0) for _ in range(5 * RATE)))
    hook = optimizer.analyze_hook(video, tmp_path / "bang.wav")
    assert hook.first_audio_peak == pytest.approx(0.6, abs=0.02)
    assert hook.hook_type is HookType.AUDIO_HOOK
    assert "sound" not in hook.unknown
    assert optimizer.analyze_hook(geminivideo.analyze(video), tmp_path / "bang.wav") == hook


def test_an_analysis_that_is_there_is_not_made_again(clip):
    assert optimizer.analyze_hook(geminivideo.analyze(clip)) == optimizer.analyze_hook(clip)


def test_the_templates_are_the_specifications():
    assert [t.avg_performance for t in HOOK_TEMPLATES] == [85.0, 78.0, 82.0, 91.0, 87.0]
    for template in HOOK_TEMPLATES:
        assert isinstance(template, HookTemplate)
        check_fields(template)
    assert optimizer.get_best_template("fitness").hook_type is HookType.TRANSFORMATION
    assert optimizer.get_best_template("no such trade").name == "Transformation"


def test_a_script_is_written_for_the_product():
    script = optimizer.generate_hook_script("Protein {x}", "sore muscles", HOOK_TEMPLATES[0])
    check(script, HookScript)
    assert script["duration"] == 3.0
    assert any("Protein {x}" in step["suggestion"] for step in script["structure"])
    assert all("{product}" not in step["suggestion"] for step in script["structure"])
    assert optimizer.generate_hook_script("a", "b")["template"] == "Transformation"


def test_what_cannot_be_is_refused(tmp_path, clip):
    with pytest.raises(MissingFileError):
        optimizer.analyze_hook(tmp_path / "none.mp4")
    with pytest.raises(InvalidInputError, match="product"):
        optimizer.generate_hook_script(" ", "b")
    with pytest.raises(MissingFileError):
        optimizer.analyze_hook(clip, tmp_path / "none.wav")
    empty = HookOptimizer()
    empty.templates = []
    with pytest.raises(LookupError):
        empty.get_best_template("x")
