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
    #: The difference of two pictures over their gradient: quick, and right for slow motion only.
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


class MotionEnergyCalculator:
    """Measures the motion of frame pairs and of videos.

    Frames are ``uint8 (H, W, 3)`` arrays in BGR order, as OpenCV reads them, or ``uint8 (H, W)`` grey.
    Contiguous arrays are read where they lie; others are copied once. Calculators pickle, and one may
    be used by many threads.

    Parameters
    ----------
    method : MotionMethod, default MotionMethod.OPTICAL_FLOW
        How motion is measured.
    num_threads : int, optional
        Threads at most; the environment variable ``GV_NUM_THREADS`` otherwise, else what the process
        may use. Results do not depend on it.

    Examples
    --------
    >>> import numpy as np
    >>> from geminivideo.motion_energy import MotionEnergyCalculator
    >>> picture = np.random.default_rng(0).integers(0, 255, (12, 16), np.uint8)
    >>> frame = np.kron(picture, np.ones((8, 8), np.uint8))
    >>> calculator = MotionEnergyCalculator()
    >>> calculator.analyze_frame_pair(frame, frame, frame_idx=1, fps=30.0).motion_type
    'static'
    """

    #: Mean energy below which a picture counts as static.
    STATIC_THRESHOLD = 1.0
    #: Mean energy below which motion counts as smooth.
    SMOOTH_THRESHOLD = 5.0
    #: Mean energy from which on motion counts as chaotic.
    FAST_THRESHOLD = 15.0

    def __init__(
        self,
        method: MotionMethod = MotionMethod.OPTICAL_FLOW,
        *,
        num_threads: int | None = None,
    ) -> None:
        self.method = MotionMethod(method)
        self.num_threads = num_threads

    def __repr__(self) -> str:
        return f"{type(self).__name__}(method={self.method})"

    def calculate_optical_flow_energy(
        self, frame1: npt.NDArray[np.uint8], frame2: npt.NDArray[np.uint8]
    ) -> FlowEnergy:
        """Measure the displacement of every pixel from one frame to the next.

        The flow agrees with OpenCV's ``calcOpticalFlowFarneback(frame1, frame2, None, 0.5, 3, 15, 3,
        5, 1.2, 0)``. Energies are in pixels of the given frames.

        Raises
        ------
        InvalidInputError
            For arrays of another type or shape, and for frames of different size.
        """
        return _core.flow_energy(frame1, frame2, num_threads=self.num_threads)

    def calculate_frame_diff_energy(
        self, frame1: npt.NDArray[np.uint8], frame2: npt.NDArray[np.uint8]
    ) -> FrameDiffEnergy:
        """Measure how much the grey values differ from one frame to the next.

        Raises
        ------
        InvalidInputError
            For arrays of another type or shape, and for frames of different size.
        """
        return _core.frame_diff_energy(frame1, frame2)

    def classify_motion(self, mean_energy: float) -> str:
        """Name a mean energy: ``static``, ``smooth``, ``fast`` or ``chaotic``.

        NaN is no evidence of motion and counts as static, as does anything below zero.
        """
        return _core.classify_motion(mean_energy)

    def analyze_frame_pair(
        self,
        frame1: npt.NDArray[np.uint8],
        frame2: npt.NDArray[np.uint8],
        frame_idx: int,
        fps: float,
    ) -> MotionFrame:
        """Measure the motion between two consecutive frames of a video of `fps` frames per second.

        `frame_idx` is the number of the second frame; its timestamp is ``frame_idx / fps``, for
        frames given as arrays bring no time stamp of their own.

        Raises
        ------
        InvalidInputError
            For arrays of another type or shape, frames of different size, a negative `frame_idx`,
            and an `fps` that is not finite and above zero.
        """
        motion = _core.frame_pair_motion(
            self.method.value, frame1, frame2, frame_idx, fps, num_threads=self.num_threads
        )
        return MotionFrame(**motion)

    def analyze_video(
        self,
        video_path: str | os.PathLike[str],
        sample_rate: int = 1,
        *,
        progress: Progress = False,
    ) -> VideoMotion:
        """Follow the motion through a video.

        Times are presentation times, and energies are per frame interval at the nominal rate, whatever
        the frame rate does and however many frames are sampled. What differs across a cut is no motion.

        Parameters
        ----------
        video_path : str or os.PathLike
            The video file.
        sample_rate : int, default 1
            Every so many frames one is looked at.
        progress : bool or callable, default False
            ``True`` shows a bar; a callable is called with ``(done, total, stage)``.

        Raises
        ------
        MissingFileError, MediaError, UnavailableError
            As for :func:`geminivideo.analyze`.
        InvalidInputError
            For a sample rate below 1.
        """
        with reporter(progress) as report:
            return _core.video_motion(
                self.method.value,
                video_path,
                sample_rate,
                progress=report,
                num_threads=self.num_threads,
            )

    def find_segments(
        self, video_path: str | os.PathLike[str], sample_rate: int = 1
    ) -> list[MotionSegment]:
        """Find the runs of one type of motion, in time order and without a gap."""
        return [
            MotionSegment(
                start_frame=segment["start_frame"],
                end_frame=segment["end_frame"],
                start_time=segment["start_time"],
                end_time=segment["end_time"],
                avg_energy=segment["avg_energy"],
                motion_type=segment["motion_type"],
            )
            for segment in self.analyze_video(video_path, sample_rate)["segments"]
        ]

    def find_cut_points(
        self,
        video_path: str | os.PathLike[str],
        num_cuts: int = 5,
        *,
        progress: Progress = False,
    ) -> list[CutPoint]:
        """Find where else the video may be cut: at most `num_cuts` points, in time order.

        A point is where motion rests between two movements (``kind == "rest"``) or where a movement
        sets in (``"action"``). It keeps off from the cuts that are there and from both ends.

        Raises
        ------
        MissingFileError, MediaError, UnavailableError
            As for :func:`geminivideo.analyze`.
        InvalidInputError
            For a negative number of cuts.
        """
        with reporter(progress) as report:
            return _core.video_cut_points(
                self.method.value,
                video_path,
                num_cuts,
                progress=report,
                num_threads=self.num_threads,
            )
