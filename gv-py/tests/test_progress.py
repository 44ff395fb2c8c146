"""Progress, Ctrl-C, log records: what a long call does meanwhile."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import geminivideo


def test_progress_is_told_on_the_callers_thread_and_reaches_the_end(clip):
    told, threads = [], set()

    def progress(done, total, stage):
        told.append((done, total, stage))
        threads.add(threading.get_ident())

    result = geminivideo.analyze(clip, progress=progress)
    assert threads == {threading.get_ident()}
    counts = [done for done, _, _ in told]
    assert counts == sorted(counts)
    assert counts[-1] == result.frames
    assert {total for _, total, _ in told} <= {None, 250}


def test_what_progress_raises_comes_back_unchanged_and_soon(long_clip):
    class Enough(Exception):
        pass

    error = Enough()
    when = []

    def progress(done, total, stage):
        when.append(time.perf_counter())
        raise error

    with pytest.raises(Enough) as caught:
        geminivideo.analyze(long_clip, progress=progress)
    assert caught.value is error
    assert len(when) == 1
    assert time.perf_counter() - when[0] < 0.5


def test_a_bar_is_shown_on_request(clip, capsys):
    geminivideo.analyze(clip, progress=True)
    assert "frames" in capsys.readouterr().err
    geminivideo.analyze(clip)
    assert capsys.readouterr().err == ""


INTERRUPTED = """
import os, sys, time, geminivideo

def progress(done, total, stage):
    if not started:
        started.append(done)
        print("started", flush=True)

started = []
try:
    geminivideo.analyze(sys.argv[1], progress=progress)
except KeyboardInterrupt:
    stopped = time.time()
    print(repr(stopped), flush=True)
    children = open(f"/proc/self/task/{os.getpid()}/children").read().split()
    while (threads := len(os.listdir("/proc/self/task"))) > 1 and time.time() < stopped + 1:
        time.sleep(0.01)
    print(len(children), threads, flush=True)
"""


def interrupt(path):
    """Seconds until KeyboardInterrupt after SIGINT, and the children and threads that are left."""
    command = [sys.executable, "-c", INTERRUPTED, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "started\n"
        time.sleep(0.2)
        sent = time.time()
        process.send_signal(signal.SIGINT)
        seconds = float(process.stdout.readline()) - sent
        children, threads = map(int, process.stdout.readline().split())
        process.wait(10)
    return seconds, children, threads


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="looks into /proc")
def test_ctrl_c_stops_within_a_tenth_of_a_second_and_leaves_nothing(long_clip):
    runs = [interrupt(long_clip) for _ in range(5)]
    for _, children, threads in runs:
        assert (children, threads) == (0, 1)
    seconds = sorted(taken for taken, _, _ in runs)
    print("Ctrl-C:", [f"{1000 * s:.0f} ms" for s in seconds])
    assert seconds[2] < 0.1, seconds
    assert seconds[-1] < 1.0, seconds


def test_a_signal_handlers_exception_comes_back_unchanged(long_clip):
    class Stop(Exception):
        pass

    def handler(number, frame):
        raise Stop

    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(Stop):
            geminivideo.analyze(long_clip)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_log_records_go_to_the_logger_of_the_package(clip, caplog):
    caplog.set_level(logging.DEBUG, logger="geminivideo")
    geminivideo.analyze(clip)
    records = [record for record in caplog.records if record.name.startswith("geminivideo")]
    stems = ["yolo_face_detector", "motion_energy", "motion_moment_sdk", "analyze"]
    assert [record.name for record in records] == [f"geminivideo.{stem}" for stem in stems]
    assert [record.levelno for record in records] == [logging.DEBUG] * 3 + [logging.INFO]
    assert "ad.mp4: 250 frames, 5 shots" in records[-1].getMessage()


def test_log_records_below_the_level_are_not_made(clip, caplog):
    caplog.set_level(logging.WARNING, logger="geminivideo")
    geminivideo.analyze(clip)
    assert [record for record in caplog.records if record.name.startswith("geminivideo")] == []


def test_what_a_log_handler_raises_comes_back(clip):
    class Full(Exception):
        pass

    class Handler(logging.Handler):
        def emit(self, record):
            raise Full

    logger = logging.getLogger("geminivideo")
    handler = Handler()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        with pytest.raises(Full):
            geminivideo.analyze(clip)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
