"""Farneback's optical flow beside OpenCV's, on the same frames in turn, one thread and two."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import tempfile
import time

import cv2
import numpy
import threadpoolctl
from benchlib import RUNS, ffmpeg, row, run, say, wall

ROOT = pathlib.Path(__file__).resolve().parents[2]
MEDIA = pathlib.Path(os.environ.get("GV_TEST_MEDIA", ROOT / ".." / "shared" / "media"))
AD = MEDIA / "video_ads" / "pixel8_en" / "pixel8_en_rebuilt_720p.mp4"
SIZES = ((320, 180, 17), (640, 360, 9), (1920, 1080, 4))
PARAMETERS = (0.5, 3, 15, 3, 5, 1.2, 0)


def source(folder: pathlib.Path) -> tuple[pathlib.Path, str]:
    """A real ad where there is one, else the one that the demo makes."""
    if AD.is_file():
        return AD, "a real ad"
    made = folder / "ad.mp4"
    run(sys.executable, str(ROOT / "scripts" / "make_ad.py"), str(made))
    return made, "the demo's ad"


def program() -> str:
    say("building the example bench_flow")
    run("cargo", "build", "--release", "--package", "gv-vision", "--example", "bench_flow", cwd=str(ROOT))
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return str(target / "release" / "examples" / "bench_flow")


class Ours:
    """The example, which times what it is asked for."""

    def __init__(self, program: str, frames: str, width: int, height: int) -> None:
        command = [program, frames, str(width), str(height), "-"]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def milliseconds(self, order: str, threads: int) -> float:
        assert self.child.stdin and self.child.stdout
        self.child.stdin.write(f"{order} {threads}\n")
        self.child.stdin.flush()
        answer = self.child.stdout.readline()
        if not answer:
            raise RuntimeError("bench_flow ended early")
        return float(answer)

    def close(self) -> None:
        assert self.child.stdin
        self.child.stdin.close()
        self.child.wait()


def opencv_milliseconds(frames: numpy.ndarray) -> float:
    start = time.perf_counter()
    for previous, following in zip(frames[:-1], frames[1:], strict=True):
        cv2.calcOpticalFlowFarneback(previous, following, None, *PARAMETERS)
    return (time.perf_counter() - start) * 1000 / (len(frames) - 1)


# Operations for a pixel of one level, counted in the code with two rows of neighbours. The expansion: five correlations
# over eleven pixels. An iteration: place 10, sample 55, equations 38, sums over the window 22 down and 30 along, solution 23.
EXPANSION, ITERATION = 120, 178
# Bytes for a pixel of one level that pass the memory at least: the expansion is written, two are read, flow comes and goes.
BYTES = 20 + 40 + 16
# Pixels of all levels for one of the picture.
LEVELS = sum(0.25**level for level in range(4))


def peaks() -> tuple[float, float]:
    """What one thread of numpy reaches: operations a second of a matrix product, bytes a second of a copy."""
    a, b = (numpy.random.default_rng(0).random((1024, 1024), numpy.float32) for _ in range(2))
    source, target = (numpy.ones(1 << 26, numpy.uint8) for _ in range(2))
    with threadpoolctl.threadpool_limits(1):
        products = min(wall(lambda: a @ b) for _ in range(9))
        copies = min(wall(lambda: numpy.copyto(target, source)) for _ in range(9))
    return 2 * 1024**3 / products, 2 * source.size / copies


def limits(pixels: int, milliseconds: list[float]) -> None:
    """How near the walk along a video comes to what the processor and the memory allow."""
    iterations = PARAMETERS[3]
    work = pixels * LEVELS * (EXPANSION + iterations * ITERATION)
    operations, bandwidth = peaks()
    for name, amount, peak in (("Gflop/s", work, operations), ("GB/s of memory", pixels * LEVELS * BYTES, bandwidth)):
        reached = [amount / time * 1e-6 for time in milliseconds]
        row(f"the last, {name}", reached, "numpy's matrix product or copy", [peak * 1e-9], "")


def main() -> None:
    example = program()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        ad, what = source(folder)
        for width, height, count in SIZES:
            path = str(folder / f"{width}x{height}.gray")
            command = [ffmpeg(), "-v", "error", "-nostdin", "-ss", "5", "-i", str(ad), "-frames:v", str(count)]
            command += ["-vf", f"scale={width}:{height}:flags=area,format=gray", "-f", "rawvideo", path]
            run(*command)
            frames = numpy.fromfile(path, numpy.uint8).reshape(-1, height, width)
            ours = Ours(example, path, width, height)
            for threads in (1, 2):
                cv2.setNumThreads(threads)
                times: dict[str, list[float]] = {"pair": [], "walk": [], "peer": []}
                for turn in range(RUNS + 1):
                    measured = {
                        "pair": ours.milliseconds("pair", threads),
                        "walk": ours.milliseconds("walk", threads),
                        "peer": opencv_milliseconds(frames),
                    }
                    if turn:
                        for key, value in measured.items():
                            times[key].append(value)
                peer = f"OpenCV {cv2.__version__}"
                plural = "thread" if threads == 1 else "threads"
                for order, words in (("pair", "single pairs"), ("walk", "along a video")):
                    title = f"Farneback {width}x{height}, {words}, {threads} {plural}"
                    row(title, times[order], peer, times["peer"], "ms", note=what)
                    if (order, threads) == ("walk", 1):
                        limits(width * height, times[order])
            ours.close()


main()
