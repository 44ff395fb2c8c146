"""Titles drawn over photos, shown for a second each: how many are found, and what is found beside them, with Tesseract's
sparse text mode (`--psm 11`) as the peer on the same pictures.

A title is found where a line covers it with an intersection over union of at least 0.5; in part where more than half of a
line lies in it. The table is the only output with `--accuracy`, else it goes to stderr.
"""

from __future__ import annotations

import csv
import io
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import cv2
import matplotlib
import numpy as np
from benchlib import ffmpeg, say
from PIL import Image, ImageDraw, ImageFont

import geminivideo

ROOT = pathlib.Path(__file__).resolve().parents[2]
MEDIA = pathlib.Path(os.environ.get("GV_TEST_MEDIA", ROOT / ".." / "shared" / "media"))
FONTS = pathlib.Path(matplotlib.get_data_path()) / "fonts/ttf"
FACES = ["DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSansMono-Bold"]
#: Photos that show writing of their own.
WRITTEN = ["baseball", "000544", "000540", "scientists", "dogs", "churchill"]
TITLES = ["Yep.", "make it clear", "SHOP NOW", "50% OFF TODAY", "Free shipping on all orders", "Learn more", "Made for you"]
TITLES += ["Terms and conditions apply. See website for details.", "only in", "Download the app", "Jetzt kaufen", "Why wait?"]
SIZE, FPS = (1280, 720), 5


def photos() -> list[np.ndarray]:
    """The photos without writing, cut to 1280 x 720."""
    found = []
    for path in sorted((MEDIA / "images").rglob("*")):
        photo = cv2.imread(str(path)) if path.suffix in {".jpg", ".png", ".jpeg"} else None
        if photo is None or min(photo.shape[:2]) < 250 or any(name in path.name for name in WRITTEN):
            continue
        scale = max(SIZE[0] / photo.shape[1], SIZE[1] / photo.shape[0])
        photo = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        top = (photo.shape[0] - SIZE[1]) // 2
        found.append(photo[top : top + SIZE[1], : SIZE[0]])
    return found


def letter(draw, at, text, font, style, ink=(255, 255, 255), edge=(0, 0, 0), plate=(20, 60, 160, 230)) -> None:
    """Draws a text plain, or with a shadow, an outline, or a plate behind it."""
    left, top, right, bottom = draw.textbbox(at, text, font=font)
    if style == "shadow":
        away = max(2, int(font.size) // 25)
        draw.text((at[0] + away, at[1] + away), text, font=font, fill=(0, 0, 0, 160))
    elif style == "outline":
        draw.text(at, text, font=font, stroke_width=max(1, int(font.size) // 20), stroke_fill=edge)
    elif style == "box":
        draw.rectangle((left - 12, top - 10, right + 12, bottom + 10), fill=plate)
    draw.text(at, text, font=font, fill=ink)


def titled(photo: np.ndarray, chance: random.Random):
    """The photo with a title, and the title's box in shares of the picture."""
    picture = Image.fromarray(photo[:, :, ::-1])
    draw = ImageDraw.Draw(picture, "RGBA")
    text, size = chance.choice(TITLES), int(2 ** chance.uniform(4.5, 7))
    face = FONTS / f"{chance.choice(FACES)}.ttf"
    while draw.textlength(text, font=(font := ImageFont.truetype(face, size))) > 1200:
        size = int(0.9 * size)
    left, top, right, bottom = draw.textbbox((0, 0), text, font=font)
    wide, high = right - left, bottom - top
    x, y = chance.randint(10, SIZE[0] - 10 - wide), chance.randint(10, SIZE[1] - 20 - high)
    at = (x - left, y - top)
    style = chance.choice(["plain", "shadow", "outline", "box"])
    letter(draw, at, text, font, style)
    return np.asarray(picture)[:, :, ::-1], (x / SIZE[0], y / SIZE[1], wide / SIZE[0], high / SIZE[1])


def write(pictures: list[np.ndarray], path: str) -> None:
    command = [ffmpeg(), "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", "1280x720", "-r", "1", "-i", "-"]
    command += ["-vf", f"fps={FPS}", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", path]
    subprocess.run(command, input=b"".join(picture.tobytes() for picture in pictures), check=True)


def ours(pictures: list[np.ndarray]):
    """The boxes of lines for each picture."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/titles.mp4"
        write(pictures, path)
        lines = json.loads(geminivideo.analyze(path).to_json())["text"]["lines"]
    found = [[] for _ in pictures]
    for line in lines:
        for number in range(len(pictures)):
            if min(line["end_time"], number + 1) - max(line["start_time"], number) > 0.3:
                found[number].append(tuple(line["region"][key] for key in ("x", "y", "width", "height")))
    return found


def tesseract(picture: np.ndarray):
    """The boxes of lines that Tesseract reads in a picture."""
    image = cv2.imencode(".png", picture)[1].tobytes()
    command = ["tesseract", "-", "-", "--psm", "11", "tsv"]
    table = subprocess.run(command, input=image, capture_output=True, check=True).stdout.decode()
    lines: dict[tuple, list] = {}
    for word in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        if word["level"] == "5" and float(word["conf"]) >= 50 and len(word["text"].strip()) >= 2:
            left, top, wide, high = (int(word[key]) for key in ("left", "top", "width", "height"))
            lines.setdefault(tuple(word[key] for key in ("block_num", "par_num", "line_num")), []).append(
                (left, top, left + wide, top + high)
            )
    edges = [
        (min(word[0] for word in line), min(word[1] for word in line), max(word[2] for word in line), max(word[3] for word in line))
        for line in lines.values()
    ]
    return [
        (left / SIZE[0], top / SIZE[1], (right - left) / SIZE[0], (bottom - top) / SIZE[1]) for left, top, right, bottom in edges
    ]


def common(a, b) -> float:
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    return max(wide, 0) * max(min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1]), 0)


def score(truth, found):
    """Titles found, titles touched, lines beside them."""
    hits = touched = beside = 0
    for title, lines in zip(truth, found, strict=True):
        shares = [common(title, line) / (title[2] * title[3] + line[2] * line[3] - common(title, line)) for line in lines]
        hits += max(shares, default=0) >= 0.5
        touched += any(common(title, line) > 0.5 * line[2] * line[3] for line in lines)
        beside += sum(common(title, line) < 0.1 * line[2] * line[3] for line in lines)
    return hits, touched, beside


def accuracy() -> str:
    chance = random.Random(5)
    backgrounds = photos()
    pairs = [titled(photo, chance) for photo in backgrounds for _ in range(2)]
    pictures, truth = [picture for picture, _ in pairs], [box for _, box in pairs]
    bare = ours(backgrounds)
    rows = [("geminivideo", ours(pictures), bare)]
    if shutil.which("tesseract"):
        rows.append(("Tesseract", [tesseract(picture) for picture in pictures], [tesseract(photo) for photo in backgrounds]))
    table = [f"| lines by | {len(truth)} titles found | at least in part | lines beside | on {len(bare)} photos without writing |"]
    table.append("|---|---|---|---|---|")
    for name, found, on_bare in rows:
        hits, touched, beside = score(truth, found)
        table.append(f"| {name} | {hits} | {touched} | {beside} | {sum(map(len, on_bare))} |")
    return "\n".join(table)


if __name__ == "__main__":
    print(accuracy()) if "--accuracy" in sys.argv else say(accuracy())
