"""Motion energy: how much moves, where to, where in the picture, and when.

Energies are lengths of displacements in **source pixels per frame interval at the video's nominal
rate**. The thresholds 1, 5 and 15 that divide static, smooth, fast and chaotic motion are in this
unit. Times are presentation times in seconds.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypedDict, Union

from . import _core
from ._progress import Progress, reporter

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = [
    "CutPoint",
    "EnergyStats",
    "FlowEnergy",
    "FrameDiffEnergy",
    "MotionDistribution",
    "MotionEnergyCalculator",
    "MotionFrame",
    "MotionMethod",
    "MotionRecommendation",
    "MotionSegment",
    "SegmentEntry",
    "TimelineEntry",
    "VideoMotion",
]


class MotionMethod(Enum):
    """How motion is measured."""

    #: Dense optical flow (Farneback): the displacement of every pixel.
    OPTICAL_FLOW = "optical_flow"
    #: The difference of two pictures: quick, and blind to where things go.
    FRAME_DIFF = "frame_diff"
    #: Blocks searched for in the next picture: whole pixels, large displacements included.
    BLOCK_MATCHING = "block_matching"
    #: Block matching for the coarse displacement, optical flow for the rest.
    HYBRID = "hybrid"


@dataclass
class MotionFrame:
    """The motion between two frames.

    Attributes
    ----------
    frame_idx : int
        Number of the frame that the motion leads to, from 0.
    timestamp : float
        Presentation time of that frame in seconds.
    total_energy : float
        Energies of all pixels added up.
    mean_energy : float
        Mean energy of a pixel.
    max_energy : float
        Energy of the pixel that moves most.
    horizontal_motion, vertical_motion : float
        Mean size of the displacement in each direction.
    dominant_direction : str
        ``left``, ``right``, ``up``, ``down``, or ``mixed`` where none has more than half.
    center_energy, edge_energy : float
        Mean energy inside and outside of the middle half of width and height.
    energy_distribution : str
        ``centered``, ``peripheral`` or ``uniform``.
    motion_type : str
        ``static``, ``smooth``, ``fast`` or ``chaotic``.
    diagonals_per_second : float
        Mean speed in frame diagonals per second, the same for every size and rate of one video.
    """

    frame_idx: int
    timestamp: float
    total_energy: float
    mean_energy: float
    max_energy: float
    horizontal_motion: float
    vertical_motion: float
    dominant_direction: str
    center_energy: float
    edge_energy: float
    energy_distribution: str
    motion_type: str
    diagonals_per_second: float = float("nan")


@dataclass
class MotionSegment:
    """A run of one type of motion, frames and seconds from its start to its end."""

    start_frame: int
    end_frame: int
    start_time: float
    end_time: float
    avg_energy: float
    motion_type: str


class FlowEnergy(TypedDict):
    """What :meth:`MotionEnergyCalculator.calculate_optical_flow_energy` returns.

    ``flow_field`` is float32 (H, W, 2), dx then dy in pixels, positive to the right and down;
    ``magnitude`` float32 (H, W).
    """

    total_energy: float
    mean_energy: float
    max_energy: float
    horizontal_motion: float
    vertical_motion: float
    dominant_direction: str
    center_energy: float
    edge_energy: float
    energy_distribution: str
    flow_field: npt.NDArray[np.float32]
    magnitude: npt.NDArray[np.float32]


class FrameDiffEnergy(TypedDict):
    """What :meth:`MotionEnergyCalculator.calculate_frame_diff_energy` returns.

    Energies are differences of grey values, 0 to 255; ``motion_ratio`` is the part of the pixels
    that changed; ``diff_map`` is uint8 (H, W).
    """

    total_energy: float
    mean_energy: float
    max_energy: float
    motion_ratio: float
    diff_map: npt.NDArray[np.uint8]


class EnergyStats(TypedDict):
    """Mean energies summed up over the video, each frame counting with the time it covers."""

    mean: float
    std: float
    min: float
    max: float
    median: float


class MotionDistribution(TypedDict):
    """Parts of the measured time in which motion was of each type; they add up to 1."""

    static: float
    smooth: float
    fast: float
    chaotic: float


class SegmentEntry(TypedDict):
    """A run of one type of motion; times in seconds."""

    start_frame: int
    end_frame: int
    start_time: float
    end_time: float
    duration: float
    avg_energy: float
    motion_type: str


class TimelineEntry(TypedDict):
    """The motion that leads to one frame."""

    frame: int
    timestamp: float
    energy: float
    motion_type: str
    direction: str


class SpanRecommendation(TypedDict):
    """What to change about a stretch of the video."""

    type: str
    start_time: float
    end_time: float
    reason: str


class MomentRecommendation(TypedDict):
    """What to change at one moment."""

    type: str
    timestamp: float
    reason: str


MotionRecommendation = Union[SpanRecommendation, MomentRecommendation]


class CutPoint(TypedDict):
    """A place where the video may be cut: the first frame after the cut."""

    timestamp: float
    frame: int
    energy: float
    motion_type: str
    kind: str
    score: float
    reason: str


class VideoMotion(TypedDict):
    """What :meth:`MotionEnergyCalculator.analyze_video` returns.

    ``energy_stats`` and ``motion_distribution`` are ``None`` where nothing was measured, as in a
    video of one frame.
    """

    video_path: str
    total_frames: int
    analyzed_frames: int
    fps: float
    duration: float
    energy_stats: EnergyStats | None
    motion_distribution: MotionDistribution | None
    segments: list[SegmentEntry]
    timeline: list[TimelineEntry]
    recommendations: list[MotionRecommendation]
    method: str
    decoder: str
