"""Writing as it comes and goes: captions drawn over real moving pictures."""

import cv2
import pytest
from conftest import RATE, write_clip

import geminivideo

WORDS = ("I used to hate mornings", "until I found this pan", "only today at our shop", "and it takes a minute")
#: Seconds from one caption to the next, and for which each stands; and between two looks at writing.
STEP, LENGTH, LOOK = 2.0, 1.8, 0.2
SIZE = (640, 360)
PLACE, LETTERS = (110, 320), {"fontFace": cv2.FONT_HERSHEY_DUPLEX, "fontScale": 0.9, "lineType": cv2.LINE_AA}


def captioned(source, outline, path):
    """Writes the start of a clip with captions over it: white, with a black outline of so many pixels."""
    reader, frames = cv2.VideoCapture(str(source)), []
    while len(frames) < STEP * len(WORDS) * RATE:
        read, picture = reader.read()
        if not read:
            break
        picture = cv2.resize(picture, SIZE, interpolation=cv2.INTER_AREA)
        number, time = divmod(len(frames) / RATE, STEP)
        if time < LENGTH:
            if outline:
                cv2.putText(picture, WORDS[int(number)], PLACE, color=(0, 0, 0), thickness=2 + 2 * outline, **LETTERS)
            cv2.putText(picture, WORDS[int(number)], PLACE, color=(255, 255, 255), thickness=2, **LETTERS)
        frames.append(picture)
    write_clip(path, frames, RATE)
    return len(frames) / RATE


@pytest.mark.parametrize("outline", [0, 3])
@pytest.mark.parametrize("clip", ["decord_flipping_a_pancake.mkv", "friday.mp4"])
def test_each_caption_over_a_moving_picture_is_one_line(clip, outline, media, tmp_path):
    seconds = captioned(media / "video_people" / clip, outline, tmp_path / "captioned.mp4")
    whole = [at for at in range(len(WORDS)) if STEP * (at + 1) <= seconds]
    assert len(whole) >= 3
    for at, line in zip(whole, captions_of(tmp_path / "captioned.mp4", STEP * len(whole)), strict=True):
        assert line["start_time"] == pytest.approx(STEP * at, abs=LOOK + 0.01)
        assert line["end_time"] == pytest.approx(STEP * at + LENGTH, abs=LOOK + 0.01)
        (width, _), _ = cv2.getTextSize(WORDS[at], cv2.FONT_HERSHEY_DUPLEX, 0.9, 2)
        assert SIZE[0] * line["region"]["width"] == pytest.approx(width, rel=0.1)


def captions_of(path, end):
    """The lines where captions stand, which come before `end`."""
    lines = geminivideo.analyze(path).text["lines"]
    middles = [line["region"]["y"] + line["region"]["height"] / 2 for line in lines]
    return [line for line, middle in zip(lines, middles, strict=True) if middle > 0.8 and line["start_time"] < end]
