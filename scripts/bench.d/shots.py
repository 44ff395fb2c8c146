"""Shot detection: against the labels of real clips and against PySceneDetect, and how fast the detectors are.

Rows of time are for scripts/bench. The table of accuracy goes to stderr, or is the only output with `--accuracy`.
Both detectors of PySceneDetect run with their defaults, in this run, on the same files.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import cv2
import numpy as np
from benchlib import RUNS, row, run, say
from scenedetect import AdaptiveDetector, ContentDetector, FrameTimecode, SceneManager, open_video

ROOT = pathlib.Path(__file__).resolve().parents[2]
MEDIA = pathlib.Path(os.environ.get("GV_TEST_MEDIA", ROOT / ".." / "shared" / "media"))
LONG_SIDE = 320

ADS = {
    "video_ads/pixel8_en/pixel8_en_rebuilt_720p.mp4": "pixel8_en",
    "video_ads/pixel9_de/pixel9_de_rebuilt_720p.mp4": "pixel9_de",
}
COMBOS = {
    "video_ads/pixel8_en/pixel8_combo_0_v.mp4": ("pixel8_en", "_0"),
    "video_ads/pixel8_en/pixel8_combo_1_h.mp4": ("pixel8_en", "_1"),
    "video_ads/pixel9_de/pixel9_combo_0_v.mp4": ("pixel9_de", "_0"),
    "video_ads/pixel9_de/pixel9_combo_1_h.mp4": ("pixel9_de", "_1"),
}

# Labels that the frames contradict: (label, what it should be, what is seen). `None` for what it should be: no boundary;
# `None` for the label: a boundary that the labels lack.
CORRECTIONS: dict[str, list[tuple[int | None, int | tuple[int, int] | None, str]]] = {
    "video_ads/pixel8_en/pixel8_en_rebuilt_720p.mp4": [
        (616, None, "the title leaves the picture; the shot behind it goes on"),
        (None, (577, 579), "the second of three shutter blinks, another photo behind it, like 569 and 586"),
    ],
}

# Seen by eye, frame by frame; a pair is the span of a gradual boundary.
BY_EYE: dict[str, list[int | tuple[int, int]]] = {
    "video_ads/chrome/chrome.mp4": [223, 280, 316, 394, 484, (559, 561), 635, (660, 675), (788, 807)],
    "video_cuts/psd_testvideo.mp4": [30, 180, (205, 245), (325, 365), (388, 428), (526, 560), (660, 697)],
    "video_formats/torchcodec_nasa_13013.mp4": [(126, 152), 202],
    "video_formats/exo_roadtrip-vp92-10bit.webm": [42, 69],
    "video_formats/mp4parse_no_timescale.mp4": [29],
}

# What the frames of the joined files show. The list of segments gives lengths that are up to a frame short each, so that
# its cumulated cuts drift, names no cut inside a segment, and splits one title in two (pixel9, 16.1 and 16.2).
JOINED = {
    "video_ads/pixel8_en/pixel8_combo_0_v.mp4": [24, 90, 143, 220, 270, 296, 320, 354, 377, 412],
    "video_ads/pixel8_en/pixel8_combo_1_h.mp4": [24, 58, 81, 116, 162],
    "video_ads/pixel9_de/pixel9_combo_0_v.mp4": [80, 125, 151, 193, 235, 268],
    "video_ads/pixel9_de/pixel9_combo_1_h.mp4": [42, 75],
}

# No boundary, seen by eye.
QUIET = [
    "video_people/decord_flipping_a_pancake.mkv",
    "video_people/facenet_street.mp4",
    "video_people/friday.mp4",
    "video_people/moviepy_chaplin.mp4",
    "video_motion/intel_bottle-detection.mp4",
    "video_motion/mdn_flower.mp4",
    "video_motion/opencv_768x576.avi",
    "video_cuts/psd_fades.mp4",
    "video_formats/opencv_bbb.mp4",
    "video_formats/mediabunny_video-h265.mp4",
    "video_formats/opencv_VID00003.3GP",
]

Span = tuple[int, int]


def span(label: int | tuple[int, int]) -> Span:
    return label if isinstance(label, tuple) else (label, label)


def labels_of(clip: str) -> list[Span]:
    """The labels as given: first frames of shots, or spans of gradual boundaries."""
    if clip in ADS:
        truth = json.loads((MEDIA / "video_ads" / ADS[clip] / "gt_condensed.json").read_text())
        return [(f, f) for f in (round(s[0] * float(truth["fps"])) for s in truth["shots"][1:])]
    if clip in COMBOS:
        ad, variant = COMBOS[clip]
        fps = 30 if ad == "pixel8_en" else 24
        combos = json.loads((MEDIA / "video_ads" / ad / "combos.json").read_text())
        segments = list(combos[variant]["av_segments"].values())
        frames = [round((s["end_s"] - s["start_s"]) * fps) for s in segments]
        return [(f, f) for f in np.cumsum(frames)[:-1].tolist()]
    return [span(label) for label in BY_EYE.get(clip, [])]


def corrected(clip: str, labels: list[Span]) -> list[Span]:
    for label, instead, _ in CORRECTIONS.get(clip, []):
        labels = [s for s in labels if label is None or s != (label, label)]
        if instead is not None:
            labels = labels + [span(instead)]
    return sorted(labels)


def score(labels: list[Span], found: list[int], slack: int = 1) -> tuple[float, float, float]:
    free, hits = list(found), 0
    for start, end in labels:
        near = [f for f in free if start - slack <= f <= end + slack]
        if near:
            hits += 1
            free.remove(min(near, key=lambda f: abs(2 * f - start - end)))
    precision = hits / len(found) if found else float(not labels)
    recall = hits / len(labels) if labels else 1.0
    total = len(found) + len(labels)
    return precision, recall, 2 * hits / total if total else 1.0


def build() -> str:
    run("cargo", "build", "--release", "--quiet", "-p", "gv-vision", "--example", "shots_eval", cwd=str(ROOT))
    return str(ROOT / "target" / "release" / "examples" / "shots_eval")


def raw(folder: pathlib.Path, clip: str) -> tuple[list[str], int, int]:
    """Frames of a clip at analysis size in a raw file; the runner's arguments, and the size."""
    path = str(MEDIA / clip)
    probe = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-of", "json", "-show_entries"]
    stream = json.loads(run(*probe, "stream=width,height,r_frame_rate", path).stdout)["streams"][0]
    width, height = stream["width"], stream["height"]
    factor = min(1.0, LONG_SIDE / max(width, height))
    width, height = round(width * factor), round(height * factor)
    over, under = map(int, stream["r_frame_rate"].split("/"))
    out = folder / (pathlib.Path(clip).name + ".yuv")
    if not out.exists():
        scale = f"scale={width}:{height}:flags=area:out_range=full,format=yuv444p"
        command = ["ffmpeg", "-v", "error", "-i", path, "-map", "0:v:0", "-vsync", "passthrough", "-vf", scale]
        run(*command, "-f", "rawvideo", "-y", str(out))
    return [str(out), str(width), str(height), str(over / under)], width, height


def ours(program: str, arguments: list[str]) -> list[int]:
    lines = [json.loads(line) for line in run(program, *arguments).stdout.splitlines()]
    return [line["frame"] for line in lines if "kind" in line]


def theirs(clip: str, detector: type) -> list[int]:
    video = open_video(str(MEDIA / clip))
    manager = SceneManager()
    manager.add_detector(detector())
    manager.detect_scenes(video)
    return [scene[0].frame_num for scene in manager.get_scene_list()[1:]]


def accuracy(program: str, folder: pathlib.Path) -> list[str]:
    lines = [
        "| clip | labels | ours P R F1 | Content P R F1 | Adaptive P R F1 |",
        "|---|---|---|---|---|",
    ]
    for clip in [*ADS, *COMBOS, *BY_EYE, *QUIET]:
        if not (MEDIA / clip).is_file():
            say(f"{clip} is not there, left out")
            continue
        arguments, _, _ = raw(folder, clip)
        found = [ours(program, arguments), theirs(clip, ContentDetector), theirs(clip, AdaptiveDetector)]
        given = labels_of(clip)
        whole = [(f, f) for f in JOINED[clip]] if clip in JOINED else corrected(clip, given)
        ways = [("", given)] if whole == given else [(" (as given)", given), (" (corrected)", whole)]
        for name, labels in ways:
            if labels:
                cells = [" ".join(f"{v:.3f}" for v in score(labels, frames)) for frames in found]
            else:
                cells = [f"{len(frames)} found" for frames in found]
            lines.append(f"| {pathlib.Path(clip).name}{name} | {len(labels)} | " + " | ".join(cells) + " |")
        say(f"{clip}: ours {found[0]}")
    return lines


def speed(program: str, folder: pathlib.Path) -> None:
    clip = next((c for c in ADS if (MEDIA / c).is_file()), None)
    if clip is None:
        say("no real ad, no rows of speed")
        return
    arguments, width, height = raw(folder, clip)
    planes = np.fromfile(arguments[0], np.uint8).reshape(-1, 3, height, width)[:300]
    small = [cv2.cvtColor(p[[0, 2, 1]].transpose(1, 2, 0).copy(), cv2.COLOR_YCrCb2BGR) for p in planes]
    capture, native = cv2.VideoCapture(str(MEDIA / clip)), []
    while len(native) < 100 and (read := capture.read())[0]:
        native.append(read[1])

    def per_frame(detector: type, frames: list[np.ndarray], reduced: bool) -> float:
        peer, start = detector(), time.perf_counter()
        for number, frame in enumerate(frames):
            if reduced:
                factor = frame.shape[1] / 256
                size = (round(frame.shape[1] / factor), round(frame.shape[0] / factor))
                frame = cv2.resize(frame, size, interpolation=cv2.INTER_LINEAR)
            peer.process_frame(FrameTimecode(number, 30.0), frame)
        return (time.perf_counter() - start) / len(frames) * 1e6

    def own() -> float:
        told = json.loads(run(program, *arguments).stdout.splitlines()[-1])
        return told["detector_seconds"] / told["frames"] * 1e6

    cases = [
        (ContentDetector, small, False, f"ContentDetector on the same {width}x{height} frames"),
        (AdaptiveDetector, small, False, f"AdaptiveDetector on the same {width}x{height} frames"),
        (ContentDetector, native, True, "ContentDetector on 720p frames, reduced to 256 as it does by default"),
        (AdaptiveDetector, native, True, "AdaptiveDetector on 720p frames, reduced to 256 as it does by default"),
    ]
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    for detector, frames, reduced, name in cases:
        pairs = [(own(), per_frame(detector, frames, reduced)) for _ in range(RUNS)]
        mine, peer = [p[0] for p in pairs], [p[1] for p in pairs]
        what = f"shots, a frame in memory at {width}x{height}, one core"
        row(what, mine, f"PySceneDetect {name}", peer, unit="us")
    cv2.setNumThreads(threads)


def main() -> None:
    if not MEDIA.is_dir():
        say(f"no media at {MEDIA}: the shot bench is left out")
        return
    program = build()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        only = "--accuracy" in sys.argv
        for line in accuracy(program, folder):
            print(line, file=sys.stdout if only else sys.stderr, flush=True)
        for clip, list_of in CORRECTIONS.items():
            for label, instead, why in list_of:
                say(f"{pathlib.Path(clip).name}: label {label} -> {instead}: {why}")
        if not only:
            speed(program, folder)


if __name__ == "__main__":
    try:
        main()
    except subprocess.SubprocessError as error:
        sys.exit(f"error: {error}")
