"""Component 7: motion energy."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from geminivideo.motion_energy import MotionEnergyCalculator, MotionMethod

FARNEBACK = dict(
    pyr_scale=0.5, levels=3, winsize=15, iterations=3, poly_n=5, poly_sigma=1.2, flags=0
)


def moving(count, height=180, width=320, dx=3, dy=1):
    """Frames of a blurred random picture that moves by (dx, dy) pixels each."""
    rng = np.random.default_rng(5)
    wide = rng.integers(0, 256, (height + 2 * count * abs(dy) + 40, width + 2 * count * abs(dx) + 40, 3))
    wide = cv2.GaussianBlur(wide.astype(np.uint8), (0, 0), 3)
    wide = cv2.normalize(wide, None, 0, 255, cv2.NORM_MINMAX)
    top, left = 20 + count * abs(dy), 20 + count * abs(dx)
    return [
        wide[top - k * dy : top - k * dy + height, left - k * dx : left - k * dx + width].copy()
        for k in range(count)
    ]


def test_the_flow_is_that_of_opencv_in_the_same_run():
    first, second = moving(2)
    given = MotionEnergyCalculator().calculate_optical_flow_energy(first, second)["flow_field"]
    gray = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in (first, second)]
    expected = cv2.calcOpticalFlowFarneback(*gray, None, **FARNEBACK)
    difference = np.abs(given - expected)
    assert difference.mean() < 0.01
    assert np.quantile(difference, 0.999) < 0.1


def test_a_known_translation_is_found():
    first, second = moving(2, dx=4, dy=-2)
    result = MotionEnergyCalculator().calculate_optical_flow_energy(first, second)
    inside = result["flow_field"][30:-30, 30:-30]
    np.testing.assert_allclose(np.median(inside, axis=(0, 1)), [4, -2], atol=0.05)
    assert result["dominant_direction"] == "right"
    assert result["mean_energy"] == pytest.approx(math.hypot(4, 2), rel=0.05)


@pytest.mark.parametrize(
    ("energy", "name"),
    [
        (0.0, "static"),
        (0.999, "static"),
        (1.0, "smooth"),
        (4.999, "smooth"),
        (5.0, "fast"),
        (14.999, "fast"),
        (15.0, "chaotic"),
        (math.inf, "chaotic"),
        (math.nan, "static"),
        (-1.0, "static"),
    ],
)
def test_the_thresholds_of_the_specification_divide_the_types(energy, name):
    assert MotionEnergyCalculator().classify_motion(energy) == name


def test_a_method_may_be_given_by_its_value():
    assert MotionEnergyCalculator("hybrid").method is MotionMethod.HYBRID
    with pytest.raises(ValueError, match="no_such"):
        MotionEnergyCalculator("no_such")
