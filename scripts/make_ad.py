"""Makes a twelve-second ad with a known structure: `make_ad.py FILE`.

Six shots cut on the beat of 120 beats a minute: a burst of discs as the hook, the product on a slow
turntable (two shots), a fast pan, a still picture with the claim, and a call to action that pulses.
"""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys
import tempfile
import wave

import numpy as np

WIDTH, HEIGHT, RATE = 1280, 720, 30
BEAT = 0.5
SAMPLE_RATE = 44100
SHOTS = (0.0, 2.0, 4.0, 6.0, 7.5, 9.5, 12.0)
INK, PAPER, RED, BLUE, GOLD = (
    np.array(colour, np.float32)
    for colour in ((24, 26, 34), (244, 239, 230), (222, 60, 52), (44, 92, 190), (240, 180, 60))
)

RANDOM = np.random.default_rng(7)
DISCS = [
    (RANDOM.uniform(0, 2 * np.pi), RANDOM.uniform(150, 620), RANDOM.uniform(24, 80), colour)
    for colour in (RED, BLUE, GOLD) * 6
]


def paint(picture, left, top, right, bottom, colour, cover) -> None:
    """Lays `colour` over a rectangle where `cover(columns, rows)` is 1, blending where it is less."""
    x0, x1 = max(int(left) - 1, 0), min(int(right) + 2, WIDTH)
    y0, y1 = max(int(top) - 1, 0), min(int(bottom) + 2, HEIGHT)
    if x0 < x1 and y0 < y1:
        rows, columns = np.mgrid[y0:y1, x0:x1].astype(np.float32)
        part = picture[y0:y1, x0:x1]
        part += np.clip(cover(columns, rows), 0, 1)[..., None] * (colour - part)


def disc(picture, x, y, radius, colour) -> None:
    def cover(columns, rows):
        return radius + 0.5 - np.hypot(columns - x, rows - y)

    paint(picture, x - radius, y - radius, x + radius, y + radius, colour, cover)


def box(picture, left, top, right, bottom, colour, opacity=1.0) -> None:
    def cover(columns, rows):
        across = np.clip(np.minimum(columns - left, right - columns) + 0.5, 0, 1)
        return opacity * across * np.clip(np.minimum(rows - top, bottom - rows) + 0.5, 0, 1)

    paint(picture, left, top, right, bottom, colour, cover)


def lay(picture, cover, colour) -> None:
    rows = np.flatnonzero(cover.any(axis=1))
    part = picture[rows[0] : rows[-1] + 1]
    part += cover[rows[0] : rows[-1] + 1, :, None] * (colour - part)


def letters(text: str, size: float) -> np.ndarray:
    """The text as a cover of the whole picture, in the middle of it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100, facecolor="black")
    figure.text(0.5, 0.5, text, size=size, color="white", weight="bold", ha="center", va="center")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., 0].astype(np.float32) / 255


def texture() -> np.ndarray:
    """A wide picture to pan over."""
    wide = np.repeat(RANDOM.uniform(0.35, 1.0, (18, 96)).astype(np.float32), 40, axis=0)
    return np.repeat(wide, 40, axis=1)[:HEIGHT]


PAN = (texture()[..., None] * (0.5 * RED + 0.5 * GOLD)).astype(np.float32)
CLAIM = np.roll(letters("LESS NOISE", 84), -40, axis=0)
CALL = letters("SHOP NOW", 64)
DARK = np.broadcast_to(INK, (HEIGHT, WIDTH, 3)).astype(np.float32)
LIGHT = np.broadcast_to(PAPER, (HEIGHT, WIDTH, 3)).astype(np.float32)
TABLE = LIGHT * np.linspace(1, 0.75, HEIGHT, dtype=np.float32)[:, None, None]


def hook(t: float) -> np.ndarray:
    picture = DARK.copy()
    for angle, speed, radius, colour in DISCS:
        way = 40 + speed * (1 - np.exp(-1.3 * t)) + 30 * t
        x, y = WIDTH / 2 + way * np.cos(angle), HEIGHT / 2 + 0.6 * way * np.sin(angle)
        disc(picture, x, y, radius, colour)
    return picture


def product(t: float, close: bool) -> np.ndarray:
    picture = TABLE.copy()
    size = 1.7 if close else 1.0
    turn = np.cos(0.9 * t)
    middle = WIDTH / 2 + 36 * np.sin(0.8 * t)
    half = size * 110 * (0.55 + 0.45 * abs(turn))
    box(picture, middle - half, 360 - 150 * size, middle + half, 360 + 150 * size, BLUE)
    box(picture, middle - half, 360 - 40 * size, middle + half, 360 + 50 * size, GOLD)
    shine = middle + half * turn * 0.8
    box(picture, shine - 8, 360 - 150 * size, shine + 8, 360 + 150 * size, PAPER, 0.5)
    return picture


def pan(t: float) -> np.ndarray:
    start = int(900 * t)
    return PAN[:, start : start + WIDTH]


def claim(t: float) -> np.ndarray:
    picture = DARK.copy()
    lay(picture, CLAIM, PAPER)
    box(picture, 380, 430, 900, 438, RED)
    return picture


def call_to_action(t: float) -> np.ndarray:
    picture = LIGHT.copy()
    grow = 22 * np.exp(-6 * (t % BEAT))
    box(picture, 340 - grow, 290 - grow, 940 + grow, 430 + grow, RED)
    lay(picture, CALL, PAPER)
    return picture


def frame(time: float) -> np.ndarray:
    shot = int(np.searchsorted(SHOTS, time + 1e-9, side="right")) - 1
    t = time - SHOTS[shot]
    if shot == 0:
        picture = hook(t)
    elif shot in (1, 2):
        picture = product(t, close=shot == 2)
    elif shot == 3:
        picture = pan(t)
    elif shot == 4:
        picture = claim(t)
    else:
        picture = call_to_action(t)
    return picture.astype(np.uint8)


def music() -> np.ndarray:
    """A kick on each beat and a tick between, with a chord below."""
    time = np.arange(int(SHOTS[-1] * SAMPLE_RATE)) / SAMPLE_RATE
    since = time % BEAT
    kick = np.sin(2 * np.pi * (45 * since - 8 * np.exp(-30 * since))) * np.exp(-9 * since)
    offbeat = (time + BEAT / 2) % BEAT
    tick = RANDOM.normal(0, 1, time.size) * np.exp(-90 * offbeat)
    root = np.where((time // 2).astype(int) % 2 == 0, 110.0, 98.0)
    chord = sum(np.sin(2 * np.pi * root * step * time) for step in (1, 1.25, 1.5))
    return 0.55 * kick + 0.10 * tick + 0.05 * chord


def ffmpeg_program() -> str:
    found = shutil.which("ffmpeg")
    if found:
        return found
    import imageio_ffmpeg

    return imageio_ffmpeg.get_ffmpeg_exe()


def main(path: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sound = str(pathlib.Path(folder) / "music.wav")
        with wave.open(sound, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE)
            file.writeframes((np.clip(music(), -1, 1) * 32767).astype("<i2").tobytes())
        command = [ffmpeg_program(), "-v", "error", "-y"]
        command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE)]
        command += ["-i", "-", "-i", sound, "-pix_fmt", "yuv420p", "-b:v", "3M", "-shortest", path]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
            for number in range(round(SHOTS[-1] * RATE)):
                encoder.stdin.write(frame(number / RATE).tobytes())
        if encoder.returncode:
            sys.exit(f"ffmpeg could not write {path}")


main(sys.argv[1])
