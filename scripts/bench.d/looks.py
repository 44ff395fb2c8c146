"""Face tracks and lines of text on the real ads, beside what is annotated of them.

Face tracks by the built-in cascade and by YuNet: how much of the annotated faces is found, how often an identity changes
or breaks off, and what is found beside. Text by its times, since the annotations have no boxes for it. All of it is a
table on stderr, or the only output with `--accuracy`; the annotations are those of a machine, not of a person.
"""

from __future__ import annotations

import json
import os
import pathlib
import sys

from benchlib import say

import geminivideo

ROOT = pathlib.Path(__file__).resolve().parents[2]
MEDIA = pathlib.Path(os.environ.get("GV_TEST_MEDIA", ROOT / ".." / "shared" / "media"))
MODELS = pathlib.Path(os.environ.get("GV_TEST_MODELS", ROOT / ".." / "shared" / "models"))
ADS = {"pixel8": "pixel8_en/pixel8_en_rebuilt_720p.mp4", "pixel9": "pixel9_de/pixel9_de_rebuilt_720p.mp4"}
DETECTORS = {"built-in cascade": None, "YuNet 640": MODELS / "yunet/yunet_n_640_640.onnx"}

#: Least overlap of a face with an annotated one, and least confidence of an annotation that counts.
OVERLAP, SURE = 0.3, 0.6
#: Seconds by which a line may be seen later or earlier than annotated.
SLACK = 0.3


def iou(a, b) -> float:
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    common = max(wide, 0) * max(high, 0)
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common
    return common / both if both > 0 else 0.0


def between(points, time):
    """The box at a moment, drawn straight between two sightings; None outside of them."""
    for (start, before), (end, after) in zip(points, points[1:], strict=False):
        if start <= time <= end and end > start:
            share = (time - start) / (end - start)
            return [a + (b - a) * share for a, b in zip(before, after, strict=True)]
    return None


def tracks_of(analysis, size):
    wide, high = size

    def box(face):
        x, y = face["x"] / wide, face["y"] / high
        return [x, y, x + face["width"] / wide, y + face["height"] / high]

    return [[(s["time"], box(s["face"])) for s in track["sightings"]] for track in analysis["faces"]["tracks"]]


def follow(annotated, found, times):
    """How annotated tracks are followed: samples, samples found, changes of identity, breaks, samples found beside."""
    samples = hits = switches = breaks = beside = 0
    last: dict[int, int] = {}
    lost: set[int] = set()
    for time in times:
        truth = {at: box for at, points in enumerate(annotated) if (box := between(points, time))}
        ours = {at: box for at, points in enumerate(found) if (box := between(points, time))}
        pairs = sorted(((iou(a, b), i, j) for i, a in truth.items() for j, b in ours.items()), reverse=True)
        matched: dict[int, int] = {}
        for overlap, i, j in pairs:
            if overlap >= OVERLAP and i not in matched and j not in matched.values():
                matched[i] = j
        samples += len(truth)
        hits += len(matched)
        beside += len(ours) - len(matched)
        for i in truth:
            if i not in matched:
                lost |= {i} & last.keys()
                continue
            switches += last.get(i, matched[i]) != matched[i]
            breaks += i in lost
            lost.discard(i)
            last[i] = matched[i]
    return samples, hits, switches, breaks, beside


def texts(annotated, lines):
    """Annotated texts during which a line is seen, all; lines during which a text is annotated, all."""
    spans = [(start, end) for text in annotated for start, end, sure in text["segments"] if sure >= SURE and len(text["text"]) >= 3]
    ours = [(line["start_time"], line["end_time"]) for line in lines]

    def meets(a, b):
        return min(a[1], b[1]) - max(a[0], b[0]) >= -SLACK

    found = sum(any(meets(span, line) for line in ours) for span in spans)
    right = sum(any(meets(line, span) for span in spans) for line in ours)
    return found, len(spans), right, len(ours)


def accuracy() -> str:
    lines = ["| ad, faces by | annotated faces found, samples | identity switches | breaks | found beside |", "|---|---|---|---|---|"]
    text_lines = ["", "| ad | annotated texts seen | lines that are annotated |", "|---|---|---|"]
    for ad, file in ADS.items():
        folder = MEDIA / "video_ads" / file.split("/")[0]
        truth = json.loads((folder / "gt_condensed.json").read_text())
        annotated = [
            [(row[0], row[1:]) for row in face["boxes_t_l_t_r_b"]] for face in truth["faces"] if face["conf"] >= SURE
        ]
        for name, model in DETECTORS.items():
            result = json.loads(geminivideo.analyze(MEDIA / "video_ads" / file, face_model=model).to_json())
            size = (result["video"]["width"], result["video"]["height"])
            times = [frame["time"] for frame in result["faces"]["frames"]]
            samples, hits, switches, breaks, beside = follow(annotated, tracks_of(result, size), times)
            lines.append(f"| {ad}, {name} | {hits} of {samples} in {len(annotated)} tracks | {switches} | {breaks} | {beside} |")
        found, all_texts, right, all_lines = texts(truth["text"], result["text"]["lines"])
        text_lines.append(f"| {ad} | {found} of {all_texts} | {right} of {all_lines} |")
    return "\n".join(lines + text_lines)


if __name__ == "__main__":
    print(accuracy()) if "--accuracy" in sys.argv else say(accuracy())
