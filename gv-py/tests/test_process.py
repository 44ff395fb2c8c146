"""The package as part of a process: import, fork, pools, log records."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import subprocess
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from geminivideo.motion_energy import MotionEnergyCalculator, MotionMethod
from geminivideo.motion_moment_sdk import MotionMomentSDK

RNG = np.random.default_rng(3)
FRAMES = [np.kron(RNG.integers(0, 256, (30, 40), np.uint8), np.ones((8, 8), np.uint8)) for _ in range(2)]


def mean_energy(calculator):
    return calculator.calculate_optical_flow_energy(*FRAMES)["mean_energy"]


def run(source):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", source], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_import_takes_less_than_150_ms():
    source = "import time; start = time.process_time(); import geminivideo; print(time.process_time() - start)"
    run(source)
    seconds = sorted(float(run(source)) for _ in range(5))
    print("import, processor time:", [f"{1000 * s:.0f} ms" for s in seconds])
    assert seconds[2] < 0.150, seconds


def test_import_starts_nothing_and_loads_nothing_heavy():
    source = """
import os, sys, threading
import geminivideo
threads = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else threading.active_count()
heavy = {"matplotlib", "pandas", "tqdm", "imageio_ffmpeg", "scipy", "cv2", "asyncio"} & sys.modules.keys()
print(threads, sorted(heavy))
"""
    assert run(source).strip() == "1 []"


def test_help_names_the_modules():
    import geminivideo

    for stem in ("motion_energy", "motion_moment_sdk", "errors"):
        assert f"geminivideo.{stem}" in geminivideo.__doc__


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_works_after_its_parent_has():
    expected = mean_energy(MotionEnergyCalculator(num_threads=2))
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            got = mean_energy(MotionEnergyCalculator(num_threads=2))
            os.write(write, b"same" if got == expected else b"other")
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as answer:
        assert answer.read() == b"same"
    os.waitpid(child, 0)
    assert mean_energy(MotionEnergyCalculator(num_threads=2)) == expected


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_pools_of_processes_work(method):
    calculator = MotionEnergyCalculator(num_threads=2)
    expected = mean_energy(calculator)
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(mean_energy, [calculator] * 3)) == [expected] * 3


def test_calculators_pickle_as_their_settings():
    calculator = pickle.loads(pickle.dumps(MotionEnergyCalculator(MotionMethod.HYBRID, num_threads=3)))
    assert (calculator.method, calculator.num_threads) == (MotionMethod.HYBRID, 3)
    assert pickle.loads(pickle.dumps(MotionMomentSDK(fps=25.0))).fps == 25.0
