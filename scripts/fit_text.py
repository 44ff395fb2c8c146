"""Fits what `gv-vision/src/text/likelihood.rs` holds: how much each measure of a row of marks speaks for writing.

    python scripts/fit_text.py [PICTURES]

Draws texts over photos and frames of ads that show no writing of their own, has `gv-vision/examples/text_rows.rs` say which
rows of marks it judges there, and separates rows of the texts from others by logistic regression. Prints the weights, and how
well they part rows on backgrounds that they have not seen.
"""

from __future__ import annotations

import pathlib
import random
import subprocess
import sys

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from sklearn.metrics import average_precision_score

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "scripts/bench.d")]

from titles import FONTS, MEDIA, SIZE, TITLES, letter, photos  # noqa: E402

SMALL = (640, 360)
#: Seconds of the ads at which no title stands, and the corner of the first in which a badge always does.
ADS = {
    "pixel8_en/pixel8_en_rebuilt_720p.mp4": [3, 3.5, 6, 9.5, 10, 11, 17, 18, 18.5, 21, 21.5, 22, 22.5],
    "pixel9_de/pixel9_de_rebuilt_720p.mp4": [3.5, 4, 5, 7, 8, 9, 10, 14, 16, 17, 18, 19, 20, 21, 22],
}
BADGE = (0.22, 0.11)
FOLDS = 5


def frames() -> list[np.ndarray]:
    found = []
    for ad, times in ADS.items():
        video = cv2.VideoCapture(str(MEDIA / "video_ads" / ad))
        for time in times:
            video.set(cv2.CAP_PROP_POS_MSEC, 1000 * time)
            found.append(video.read()[1])
    return found


def drawn(picture: np.ndarray, chance: random.Random, faces: list[pathlib.Path]):
    """A grey picture with a text, and the text's box in shares of the picture."""
    image = Image.fromarray(picture[:, :, ::-1])
    draw = ImageDraw.Draw(image, "RGBA")
    text, face, size = chance.choice(TITLES), chance.choice(faces), int(18 * (130 / 18) ** chance.random())
    while draw.textlength(text, font=(font := ImageFont.truetype(face, size))) > 1200:
        size = int(0.9 * size)
    left, top, right, bottom = draw.textbbox((0, 0), text, font=font)
    wide, high = right - left, bottom - top
    x, y = chance.randint(10, SIZE[0] - 10 - wide), chance.randint(10, SIZE[1] - 20 - high)
    style = chance.choice(["plain", "plain", "plain", "shadow", "outline", "box"])
    ink = chance.choice([(255, 255, 255)] * 4 + [(255, 230, 60), (20, 20, 20)])
    ground = picture[y : y + high, x : x + wide].mean()
    dark = ink == (20, 20, 20) and (ground >= 150 or style == "box")
    ink = (20, 20, 20) if dark else (255, 255, 255) if ink == (20, 20, 20) else ink
    if not dark and ground > 185 and style == "plain":
        style = "shadow"
    plate = (240, 240, 240) if dark else (20, 60, 160, 230)
    letter(draw, (x - left, y - top), text, font, style, ink, (255, 255, 255) if dark else (0, 0, 0), plate)
    small = cv2.resize(np.asarray(image)[:, :, ::-1], SMALL, interpolation=cv2.INTER_AREA)
    packed = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, chance.choice([50, 70, 90])])[1]
    box = (x / SIZE[0], y / SIZE[1], wide / SIZE[0], high / SIZE[1])
    return cv2.cvtColor(cv2.imdecode(packed, cv2.IMREAD_COLOR), cv2.COLOR_BGR2GRAY), box


def rows(pictures: list[np.ndarray]) -> np.ndarray:
    """Number of the picture, box, probability and measures of each row that is judged."""
    command = ["cargo", "run", "--release", "--quiet", "-p", "gv-vision", "--no-default-features", "--features", "testing"]
    command += ["--example", "text_rows", *map(str, SMALL)]
    given = b"".join(picture.tobytes() for picture in pictures)
    told = subprocess.run(command, input=given, capture_output=True, check=True, cwd=ROOT).stdout
    return np.array([line.split() for line in told.decode().splitlines()], float)


def labels(found: np.ndarray, boxes: np.ndarray, backgrounds: np.ndarray) -> np.ndarray:
    """1 for rows of the text or of a part of it, 0 for rows beside it, -1 for what is neither."""
    x, y, wide, high = found[:, 1:5].T
    left, top, text_wide, text_high = boxes.T
    across = np.clip(np.minimum(x + wide, left + text_wide) - np.maximum(x, left), 0, None)
    common = across * np.clip(np.minimum(y + high, top + text_high) - np.maximum(y, top), 0, None)
    inside = common / (wide * high)
    overlap = common / (wide * high + text_wide * text_high - common)
    told = np.where((overlap >= 0.5) | ((inside > 0.85) & (high > 0.55 * text_high)), 1, np.where(inside < 0.1, 0, -1))
    badge = (backgrounds < 0) & (x < BADGE[0]) & (y < BADGE[1])
    return np.where((told == 0) & badge, -1, told)


def fitted(measures: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Weights by Newton's method, with a little of a ridge; the last is the bias."""
    weights = np.zeros(measures.shape[1])
    for _ in range(20):
        likely = 1 / (1 + np.exp(-np.clip(measures @ weights, -30, 30)))
        bend = (measures * (likely * (1 - likely) + 1e-9)[:, None]).T @ measures + np.eye(len(weights))
        weights += np.linalg.solve(bend, measures.T @ (truth - likely) - weights)
    return weights


def main(count: int = 3000) -> None:
    chance = random.Random(11)
    faces = sorted(path for path in FONTS.glob("DejaVu*.ttf") if "Display" not in path.name)
    still, moving = photos(), frames()
    pictures, boxes, backgrounds = [], [], []
    for number in range(count):
        at = chance.randrange(len(still if number % 2 else moving))
        picture, box = drawn((still if number % 2 else moving)[at], chance, faces)
        pictures.append(picture)
        boxes.append(box)
        backgrounds.append(at if number % 2 else -1 - at)
    found = rows(pictures)
    which = found[:, 0].astype(int)
    backgrounds = np.array(backgrounds)[which]
    truth = labels(found, np.array(boxes)[which], backgrounds)
    told = truth >= 0
    measures, truth, fold = found[told, 6:], truth[told], backgrounds[told] % FOLDS
    mean, spread = measures.mean(0), measures.std(0)
    scaled = np.column_stack([(measures - mean) / spread, np.ones(len(measures))])
    odds = np.zeros(len(truth))
    for held in range(FOLDS):
        odds[fold == held] = scaled[fold == held] @ fitted(scaled[fold != held], truth[fold != held])
    weights = fitted(scaled, truth)
    plain = weights[:-1] / spread
    print(f"{len(truth)} rows, {truth.sum()} of writing; average precision {average_precision_score(truth, odds):.4f}")
    print(f"const BIAS: f32 = {weights[-1] - mean @ plain:.2f};")
    print(f"const WEIGHTS: [f32; MEASURES] = [{', '.join(f'{weight:.2f}' for weight in plain)}];")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
