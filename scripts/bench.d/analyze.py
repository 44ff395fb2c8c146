"""The one pass over a video: against bare decoding, against the obvious Python, over length and size."""

from __future__ import annotations

import os
import pathlib
import sys
import tempfile
import time

import cv2
from benchlib import cpu, ffmpeg, in_turn, peak_memory, row, run, say

import geminivideo

ROOT = pathlib.Path(__file__).resolve().parents[2]
MEDIA = pathlib.Path(os.environ.get("GV_TEST_MEDIA", ROOT / ".." / "shared" / "media"))
AD = MEDIA / "video_ads" / "pixel9_de" / "pixel9_de_rebuilt_720p.mp4"
OBVIOUS_FRAMES = 5
# OpenCV 5 has no cascades any more.
HAS_HAAR = hasattr(cv2, "CascadeClassifier")


def source(folder: pathlib.Path) -> tuple[pathlib.Path, str]:
    """A real ad where there is one, else the one that the demo makes."""
    if AD.is_file():
        return AD, "a real ad"
    made = folder / "ad.mp4"
    run(sys.executable, str(ROOT / "scripts" / "make_ad.py"), str(made))
    return made, "the demo's ad"


def clip(folder: pathlib.Path, ad: pathlib.Path, width: int, height: int, seconds: int) -> str:
    """The ad at a size and length, 30 frames a second, H.264."""
    path = folder / f"{width}x{height}_{seconds}s.mp4"
    if not path.exists():
        say(f"making {path.name}")
        command = [ffmpeg(), "-v", "error", "-stream_loop", "-1", "-i", str(ad), "-t", str(seconds)]
        command += ["-vf", f"scale={width}:{height},fps=30", "-pix_fmt", "yuv420p"]
        run(*command, "-preset", "veryfast", "-b:v", f"{width * height // 260}k", "-y", str(path))
    return str(path)


def decode(path: str) -> None:
    run(ffmpeg(), "-v", "error", "-nostdin", "-i", path, "-f", "null", "-")


def obvious(path: str, frames: int) -> float:
    """Seconds a frame of cv2.VideoCapture, cv2's Farneback flow and, where cv2 has them, Haar faces at full size."""
    cascade = None
    if HAS_HAAR:
        cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
    capture = cv2.VideoCapture(path)
    _, picture = capture.read()
    previous = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    start = time.perf_counter()
    for _ in range(frames):
        _, picture = capture.read()
        gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        cv2.calcOpticalFlowFarneback(previous, gray, None, 0.5, 3, 15, 3, 5, 1.2, 0)
        if cascade is not None:
            cascade.detectMultiScale(gray, 1.1, 5)
        previous = gray
    return (time.perf_counter() - start) / frames


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        ad, what = source(folder)

        path = clip(folder, ad, 1920, 1080, 30)
        ours, peer = in_turn(lambda: geminivideo.analyze(path), lambda: decode(path))
        row("analyze, 30 s of 1080p, wall time", ours, "ffmpeg decoding it to null", peer, note=what)
        spent, decoding = in_turn(lambda: geminivideo.analyze(path), lambda: decode(path), clock=cpu)
        row("the same, processor time", spent, "ffmpeg decoding it to null", decoding)
        alone, beside = in_turn(lambda: geminivideo.analyze(path, motion_only=True), lambda: decode(path))
        row("motion and shots alone, 30 s of 1080p, wall time", alone, "ffmpeg decoding it to null", beside)

        cuts, beside = in_turn(lambda: geminivideo.find_shots(path), lambda: decode(path))
        row("shots alone, 30 s of 1080p, wall time", cuts, "ffmpeg decoding it to null", beside)

        frames = geminivideo.analyze(path).frames
        slow = [frames * obvious(path, OBVIOUS_FRAMES) for _ in range(5)]
        faces = " and Haar" if HAS_HAAR else ", no faces,"
        peer_name = f"cv2 {cv2.__version__} VideoCapture and Farneback{faces} on every full-size frame"
        note = f"the peer extrapolated from {OBVIOUS_FRAMES} frames a run"
        row("motion and shots alone, wall time", alone, peer_name, slow, note=note)
        row("all of it, wall time", ours, peer_name, slow, note=note)

        for seconds in (10, 20, 40):
            path = clip(folder, ad, 1280, 720, seconds)
            ours, peer = in_turn(lambda: geminivideo.analyze(path), lambda: decode(path))
            scaled = [[1000 * t / seconds for t in times] for times in (ours, peer)]
            row(f"analyze, {seconds} s of 720p, wall time a second of video", scaled[0], "decoding", scaled[1], "ms")

        for width, height in ((640, 360), (1280, 720), (1920, 1080), (3840, 2160)):
            path = clip(folder, ad, width, height, 10)
            ours, peer = in_turn(lambda: geminivideo.analyze(path), lambda: decode(path))
            row(f"analyze, 10 s of {width}x{height}, wall time", ours, "decoding", peer)

        source_text = "import sys, geminivideo; geminivideo.analyze(sys.argv[1])"
        for (width, height), lengths in (((1920, 1080), (10, 60)), ((3840, 2160), (10, 30))):
            for seconds in lengths:
                path = clip(folder, ad, width, height, seconds)
                peaks = [peak_memory(source_text, path) for _ in range(3)]
                row(
                    f"peak memory, {seconds} s of {width}x{height}",
                    [own for own, _ in peaks],
                    "its ffmpeg child",
                    [child for _, child in peaks],
                    "MB",
                )


main()
