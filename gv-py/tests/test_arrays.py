"""Frames as numpy arrays: what is taken, what is refused, and in which words."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from geminivideo.errors import InvalidInputError
from geminivideo.motion_energy import MotionEnergyCalculator

calculator = MotionEnergyCalculator()


def texture(height, width, shift=0, channels=3):
    """A smooth pattern that moves to the right by `shift` pixels."""
    rows, columns = np.mgrid[0:height, 0:width].astype(float)
    columns = columns - shift
    gray = 128 + 50 * np.sin(columns * 0.31) * np.cos(rows * 0.23) + 40 * np.sin(columns * 0.07 + rows * 0.11)
    gray = np.clip(gray, 0, 255).astype(np.uint8)
    return gray if channels == 1 else np.dstack([gray // 2, gray, 255 - gray // 3])


def energy(first, second):
    return calculator.calculate_optical_flow_energy(first, second)


def same(a, b):
    assert a.keys() == b.keys()
    for key, value in a.items():
        assert np.array_equal(value, b[key]), key


def test_colour_and_its_grey_give_the_same_flow():
    import cv2

    first, second = texture(90, 120), texture(90, 120, shift=3)
    gray = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in (first, second)]
    same(energy(first, second), energy(*gray))


def test_flow_and_magnitude_have_the_shape_of_the_frame():
    result = energy(texture(48, 64), texture(48, 64, shift=2))
    assert result["flow_field"].shape == (48, 64, 2)
    assert result["flow_field"].dtype == result["magnitude"].dtype == np.float32
    lengths = np.hypot(*np.moveaxis(result["flow_field"], 2, 0))
    np.testing.assert_allclose(result["magnitude"], lengths, rtol=1e-6)
    assert result["mean_energy"] == pytest.approx(result["magnitude"].mean(dtype=float), rel=1e-6)
    assert np.median(result["flow_field"][10:-10, 10:-10, 0]) == pytest.approx(2, abs=0.1)


LAYOUTS = {
    "fortran order": np.asfortranarray,
    "a slice of columns": lambda frame: np.repeat(frame, 2, axis=1)[:, ::2],
    "negative strides": lambda frame: frame[::-1, ::-1].copy()[::-1, ::-1],
    "a slice of a wider picture": lambda frame: np.pad(frame, ((3, 4), (5, 6), (0, 0)))[3:-4, 5:-6],
    "channels reversed twice": lambda frame: frame[..., ::-1].copy()[..., ::-1],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_memory_layout_gives_the_same_result(layout):
    first, second = texture(40, 56), texture(40, 56, shift=2)
    given = [LAYOUTS[layout](frame) for frame in (first, second)]
    assert not given[0].flags.c_contiguous
    same(energy(first, second), energy(*given))


def test_read_only_and_unaligned_arrays_are_read():
    first, second = texture(40, 56), texture(40, 56, shift=2)
    locked = first.copy()
    locked.flags.writeable = False
    buffer = bytearray(1) + bytearray(first.tobytes())
    offset = np.frombuffer(buffer, np.uint8, offset=1).reshape(first.shape)
    same(energy(first, second), energy(locked, second))
    same(energy(first, second), energy(offset, second))


def test_frames_are_not_written_to():
    first, second = texture(40, 56), texture(40, 56, shift=2)
    before = first.copy(), second.copy()
    energy(first, second)
    assert np.array_equal(first, before[0]) and np.array_equal(second, before[1])


WRONG = {
    "float64": (np.zeros((4, 5, 3)), "float64 of shape (4, 5, 3)"),
    "int8": (np.zeros((4, 5), np.int8), "int8 of shape (4, 5)"),
    "bool": (np.zeros((4, 5), bool), "bool of shape (4, 5)"),
    "four channels": (np.zeros((4, 5, 4), np.uint8), "uint8 of shape (4, 5, 4)"),
    "one channel": (np.zeros((4, 5, 1), np.uint8), "uint8 of shape (4, 5, 1)"),
    "one axis": (np.zeros(5, np.uint8), "uint8 of shape (5,)"),
    "no axis": (np.array(5, np.uint8), "uint8 of shape ()"),
    "a batch": (np.zeros((2, 4, 5, 3), np.uint8), "uint8 of shape (2, 4, 5, 3)"),
    "objects": (np.array([[None]]), "object of shape (1, 1)"),
    "a list": ([[0, 1], [2, 3]], "list"),
    "bytes": (b"\0" * 12, "bytes"),
    "nothing": (None, "NoneType"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_frame_is_refused_by_name(case):
    given, words = WRONG[case]
    good = texture(4, 5)
    for arguments, name in (((given, good), "frame1"), ((good, given), "frame2")):
        with pytest.raises(InvalidInputError) as caught:
            energy(*arguments)
        message = str(caught.value)
        assert message.startswith(f"{name} must be a numpy array of uint8, shape (height, width, 3)")
        assert message.endswith(f"given is {words}")
    with pytest.raises(ValueError):
        energy(given, good)


def test_frames_of_two_sizes_are_refused_with_both_sizes():
    with pytest.raises(InvalidInputError, match=r"\(6, 4\).*\(5, 4\)"):
        energy(texture(4, 6), texture(4, 5))


@pytest.mark.parametrize("shape", [(0, 0), (0, 7), (7, 0), (0, 0, 3), (0, 7, 3), (7, 0, 3), (1, 1, 3), (1, 1)])
def test_empty_and_tiny_frames_have_no_motion(shape):
    frame = np.zeros(shape, np.uint8)
    result = energy(frame, frame)
    assert result["flow_field"].shape == (*shape[:2], 2)
    assert result["magnitude"].shape == shape[:2]
    assert result["total_energy"] == result["mean_energy"] == result["max_energy"] == 0
    assert result["dominant_direction"] == "mixed"


@pytest.mark.parametrize("shape", [(2, 4096), (4096, 2), (5, 7), (3, 1)])
def test_narrow_frames_have_finite_motion(shape):
    noise = np.random.default_rng(1).integers(0, 256, (2, *shape), np.uint8)
    result = energy(noise[0], noise[1])
    assert np.isfinite(result["flow_field"]).all()


def test_a_thread_that_writes_meanwhile_changes_numbers_at_most():
    first, second = texture(240, 320), texture(240, 320, shift=2)
    stop = threading.Event()

    def scribble():
        rng = np.random.default_rng(0)
        while not stop.is_set():
            np.copyto(second, rng.integers(0, 256, second.shape, np.uint8))

    writer = threading.Thread(target=scribble)
    writer.start()
    try:
        for _ in range(5):
            assert np.isfinite(energy(first, second)["mean_energy"])
    finally:
        stop.set()
        writer.join()


def test_other_threads_run_while_the_core_works():
    frames = [np.kron(texture(60, 80, shift, channels=1), np.ones((12, 12), np.uint8)) for shift in (0, 1)]
    ticks = 0
    stop = threading.Event()

    def tick():
        nonlocal ticks
        while not stop.wait(0.001):
            ticks += 1

    other = threading.Thread(target=tick)
    other.start()
    try:
        before = ticks
        MotionEnergyCalculator(num_threads=1).calculate_optical_flow_energy(*frames)
        assert ticks > before + 3
    finally:
        stop.set()
        other.join()


def test_results_do_not_depend_on_the_number_of_threads():
    first, second = texture(180, 320), texture(180, 320, shift=4)
    results = [
        MotionEnergyCalculator(num_threads=n).calculate_optical_flow_energy(first, second)
        for n in (1, 2, 3)
    ]
    same(results[0], results[1])
    same(results[0], results[2])


@pytest.mark.parametrize(
    ("given", "error"),
    [(0, InvalidInputError), (-1, InvalidInputError), (1 << 70, InvalidInputError), ("2", TypeError)],
)
def test_no_number_of_threads_is_refused(given, error):
    frame = texture(40, 40)
    with pytest.raises(error):
        MotionEnergyCalculator(num_threads=given).calculate_optical_flow_energy(frame, frame)
