"""The command line: `geminivideo` and `python -m geminivideo`."""

from __future__ import annotations

import http.server
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import pytest
from conftest import shared

import geminivideo

PROGRAM = pathlib.Path(sys.executable).with_name("geminivideo")
MODULE = [sys.executable, "-W", "error", "-m", "geminivideo"]


def run(*arguments, program=MODULE, env=None):
    command = [*program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=env)


def test_the_summary_is_for_people(clip):
    done = run("analyze", clip)
    assert done.returncode == 0, done.stderr
    for word in ("ad.mp4", "Attention", "Shots", "Motion", "Moments"):
        assert word in done.stdout


@pytest.mark.skipif(not PROGRAM.exists(), reason="the package is not installed as a program")
def test_the_program_and_the_module_are_the_same(clip):
    assert run("analyze", clip, program=[PROGRAM]).stdout == run("analyze", clip).stdout
    assert run("--version").stdout.split()[-1] == geminivideo.__version__


def test_json_and_csv_are_those_of_the_package(clip, tmp_path):
    done = run("analyze", clip, "--json", tmp_path / "a.json", "--csv", tmp_path / "a.csv", "--quiet")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    result = geminivideo.analyze(clip)
    text = (tmp_path / "a.json").read_text("utf-8")
    assert geminivideo.AnalysisResult.from_json(text) == result
    assert (tmp_path / "a.csv").read_text("utf-8") == result.to_csv()
    piped = run("analyze", clip, "--json", "-")
    assert json.loads(piped.stdout) == json.loads(text)


def test_errors_are_one_line_without_a_traceback(tmp_path):
    done = run("analyze", tmp_path / "absent.mp4")
    assert (done.returncode, done.stdout) == (1, "")
    assert "absent.mp4" in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_command_line_that_is_not_understood_is_status_2(clip):
    assert run("analyse", clip).returncode == 2
    assert run("analyze").returncode == 2


def test_an_output_that_cannot_be_written_is_named_and_nothing_is_left(clip, tmp_path):
    target = tmp_path / "absent" / "a.json"
    done = run("analyze", clip, "--json", target)
    assert done.returncode == 1 and str(target) in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="looks into /proc")
def test_ctrl_c_ends_the_command_with_status_130(long_clip, tmp_path):
    command = [*MODULE, "analyze", str(long_clip), "--json", str(tmp_path / "a.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
        deadline = time.monotonic() + 20
        while not any(b"ffmpeg" in name for name in map(program_of, descendants(process.pid))):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.02)
        running = descendants(process.pid)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert not any(pathlib.Path(f"/proc/{child}").exists() for child in running)
    assert list(tmp_path.iterdir()) == []
    assert not children.exists()


def descendants(pid):
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def program_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
    except OSError:
        return b""


@pytest.fixture
def mirror(tmp_path):
    """A server of model files on the loopback address: its folder, its address, and the paths it was asked for."""
    folder, asked = tmp_path / "mirror", []
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *arguments):
            asked.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def models(*arguments, **environment):
    return run("models", *arguments, env={**os.environ, **environment})


def test_a_model_is_fetched_once_and_only_if_it_is_the_right_one(mirror, tmp_path):
    folder, address, asked = mirror
    right = shared("models/yunet/yunet_n_320_320.onnx").read_bytes()
    into, name = tmp_path / "cache" / "geminivideo" / "models", "yunet_n_320_320.onnx"
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "GV_MODELS_URL": address}

    missing = models("fetch", "yunet", **environment)
    assert missing.returncode == 1 and "404" in missing.stderr
    (folder / name).write_bytes(right[:-1] + bytes([right[-1] ^ 1]))
    wrong = models("fetch", "yunet", **environment)
    assert wrong.returncode == 1 and "another one" in wrong.stderr
    assert list(into.iterdir()) == []

    (folder / name).write_bytes(right)
    fetched = models("fetch", "yunet", **environment)
    assert fetched.returncode == 0, fetched.stderr
    assert fetched.stdout.strip() == str(into / name)
    assert (into / name).read_bytes() == right
    before = len(asked)
    assert models("fetch", "yunet", **environment).returncode == 0
    assert len(asked) == before

    listed = models("list", **environment)
    line = next(line for line in listed.stdout.splitlines() if line.startswith("yunet "))
    assert "fetched" in line and "Apache-2.0" in line
    unknown = models("fetch", "nothing", **environment)
    assert unknown.returncode == 1 and "yolox-nano" in unknown.stderr
