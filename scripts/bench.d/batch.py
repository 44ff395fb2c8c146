"""Many videos: `analyze_many` with one and with two processes, beside a loop that calls `analyze`, with one thread for each video.

The ads are copies of a made one, so that every process has the same work. Both rows are the time for all of them.
"""

from __future__ import annotations

import pathlib
import shutil
import sys
import tempfile

import geminivideo
from benchlib import in_turn, row, run, say
from geminivideo.batch import analyze_many

ROOT = pathlib.Path(__file__).resolve().parents[2]
VIDEOS = 8
OPTIONS = {"num_threads": 1}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        first = pathlib.Path(folder, "0.mp4")
        run(sys.executable, str(ROOT / "scripts" / "make_ad.py"), str(first))
        videos = [first, *(pathlib.Path(folder, f"{number}.mp4") for number in range(1, VIDEOS))]
        for video in videos[1:]:
            shutil.copy(first, video)
        say(f"{VIDEOS} ads of 12 s")

        def loop() -> None:
            for video in videos:
                geminivideo.analyze(video, **OPTIONS).to_json()

        one, calls = in_turn(lambda: analyze_many(videos, workers=1, **OPTIONS), loop, runs=3)
        what = f"{VIDEOS} ads of 12 s in 720p"
        row(f"{what}, one process", one, "a loop over analyze", calls)
        two, one = in_turn(
            lambda: analyze_many(videos, workers=2, **OPTIONS),
            lambda: analyze_many(videos, workers=1, **OPTIONS),
            runs=3,
            warm_up=0,
        )
        row(f"{what}, two processes", two, "one process", one)


main()
