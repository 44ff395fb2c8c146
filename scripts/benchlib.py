"""What the files of scripts/bench.d share: taking times in turn, and stating them beside a peer's.

A bench prints one row for each figure::

    ours, peer = in_turn(ours=lambda: run(...), peer=lambda: run(...))
    row("analyze, 30 s of 1080p", ours, "ffmpeg to null", peer)

Everything else it prints goes to stderr.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

RUNS = 5
#: Seconds before each run: the threads of OpenBLAS and ONNX Runtime keep a core busy for a while after their work.
PAUSE = 0.1


def ffmpeg() -> str:
    """The ffmpeg program that the benches and the package decode with."""
    found = os.environ.get("GV_FFMPEG") or shutil.which("ffmpeg")
    if found:
        return found
    import imageio_ffmpeg

    return imageio_ffmpeg.get_ffmpeg_exe()


def wall(work: Callable[[], object]) -> float:
    """Seconds that pass while `work` runs."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def cpu(work: Callable[[], object]) -> float:
    """Processor seconds, user and system, that `work` takes in this process and its children."""

    def spent() -> float:
        own, children = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime

    start = spent()
    work()
    return spent() - start


def in_turn(
    ours: Callable[[], object],
    peer: Callable[[], object],
    runs: int = RUNS,
    clock: Callable[[Callable[[], object]], float] = wall,
    warm_up: int = 1,
) -> tuple[list[float], list[float]]:
    """Times the two in turn, so that a machine whose speed drifts treats both alike."""
    for _ in range(warm_up):
        ours()
        peer()

    def rested(work: Callable[[], object]) -> float:
        time.sleep(PAUSE)
        return clock(work)

    pairs = [(rested(ours), rested(peer)) for _ in range(runs)]
    return [first for first, _ in pairs], [second for _, second in pairs]


def row(
    what: str,
    ours: Sequence[float],
    peer_name: str = "",
    peer: Sequence[float] = (),
    unit: str = "s",
    note: str = "",
) -> None:
    """Prints one row of the table; figures are in `unit`, one for each run."""
    fields = dict(what=what, ours=list(ours), peer_name=peer_name, peer=list(peer), unit=unit, note=note)
    print(json.dumps({"row": fields}), flush=True)


def say(text: str) -> None:
    """Tells the person who waits; not part of the table."""
    print(text, file=sys.stderr, flush=True)


def run(*command: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Runs a program quietly; what it says on stderr becomes the error where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, **options)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.strip()[-2000:]}")
    return done


def peak_memory(source: str, *arguments: str) -> tuple[float, float]:
    """Largest resident memory in MB of a Python process that runs `source`, and of its children."""
    told = run(sys.executable, "-c", source + MEASURE, *arguments).stdout.split()
    return float(told[-2]), float(told[-1])


# ru_maxrss of a new process starts at its parent's size, VmHWM does not.
MEASURE = """
import resource
own = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(own * 1024 / 1e6, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6)
"""
