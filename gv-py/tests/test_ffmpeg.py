"""Which ffmpeg decodes, and what is said where there is none."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ANALYZE = """
import sys, geminivideo
try:
    result = geminivideo.analyze(sys.argv[1])
except geminivideo.GeminiVideoError as error:
    print(type(error).__name__, error)
else:
    print(result.frames, result.decoder["name"], result.decoder["version"])
"""
WITHOUT_IMAGEIO = "import sys; sys.modules['imageio_ffmpeg'] = None\n" + ANALYZE


def analyze(clip, source=ANALYZE, **changes):
    env = {key: value for key, value in os.environ.items() if key not in ("GV_FFMPEG", "PATH")}
    env.update(changes)
    command = [sys.executable, "-c", source, str(clip)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def bundled():
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    return imageio_ffmpeg.get_ffmpeg_exe()


def version(program):
    told = subprocess.run([program, "-version"], capture_output=True, text=True).stdout
    return told.split()[2]


def test_without_ffmpeg_on_path_that_of_imageio_ffmpeg_decodes(clip, tmp_path):
    told = analyze(clip, PATH=str(tmp_path))
    assert told.split() == ["250", "ffmpeg", version(bundled())]


def test_without_any_ffmpeg_the_error_says_what_to_do(clip, tmp_path):
    told = analyze(clip, WITHOUT_IMAGEIO, PATH=str(tmp_path))
    assert told.startswith("UnavailableError ")
    assert "ffmpeg" in told and "GV_FFMPEG" in told


def test_a_program_that_is_named_is_taken_or_refused(clip, tmp_path):
    absent = tmp_path / "absent"
    told = analyze(clip, GV_FFMPEG=str(absent), PATH=os.environ["PATH"])
    assert told.startswith("UnavailableError ") and str(absent) in told
    told = analyze(clip, GV_FFMPEG=bundled(), PATH=str(tmp_path))
    assert told.split()[2] == version(bundled())


def test_an_old_ffmpeg_on_path_is_passed_over(clip, tmp_path):
    old = tmp_path / "ffmpeg"
    old.write_text("#!/bin/sh\necho ffmpeg version 4.2.7 Copyright\n")
    old.chmod(0o755)
    told = analyze(clip, PATH=f"{tmp_path}:/bin:/usr/bin-absent")
    assert told.split() == ["250", "ffmpeg", version(bundled())]
