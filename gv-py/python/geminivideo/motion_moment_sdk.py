"""Motion moments: when does a video ask for attention, and what for.

Faces come from a detector. Until one is asked they are unknown: ``face_present`` is ``None``, and
nothing is weighted by them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, TypedDict

from . import _core, config
from ._progress import Progress, reporter

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["AttentionOverTime", "MotionMoment", "MotionMomentSDK", "ScorePart", "TemporalWindow"]


class ScorePart(TypedDict):
    """One of the parts that add up to a score: what was measured, where, and what it adds."""

    name: str
    value: float
    measured: float
    time: float


@dataclass
class MotionMoment:
    """A stretch of the video that does something.

    Attributes
    ----------
    frame_start, frame_end : int
        Numbers of the first and the last frame.
    timestamp_start, timestamp_end : float
        When the first frame is shown and when the last one stops being shown, in seconds.
    motion_energy : float
        Mean energy in source pixels per frame interval at the nominal rate, cuts left out.
    peak_frame : int
        Number of the frame that the strongest motion leads to.
    peak_energy : float
        Its energy.
    moment_type : str
        ``hook``, ``transition``, ``cta`` or ``emotional``.
    face_present : bool or None
        Whether a face is seen for at least half of it; ``None`` where faces are unknown.
    face_weight : float
        What faces multiply its energy by: 3.2 with a face, 1 without one and where faces are unknown.
    score : float
        How clear the case is, 0 to 1: the sum of the values of ``score_parts``.
    score_parts : list of ScorePart
        The parts that add up to the score.
    reason : str
        What was measured, in words.
    """

    frame_start: int
    frame_end: int
    timestamp_start: float
    timestamp_end: float
    motion_energy: float
    peak_frame: int
    peak_energy: float
    moment_type: str
    face_present: bool | None
    face_weight: float
    score: float = 0.0
    score_parts: list[ScorePart] = field(default_factory=list)
    reason: str = ""


@dataclass
class TemporalWindow:
    """A window of consecutive frames and the motion inside of it.

    Attributes
    ----------
    frames : list of numpy.ndarray
        The frames as given.
    motion_energies : list of float
        Mean displacement in pixels from each frame to the next: one less than there are frames.
    face_detections : list of bool
        Whether each frame shows a face; empty where that is unknown.
    weighted_energy : float
        Mean of the energies, those that lead to a frame with a face times 3.2.
    peak_index : int
        Number of the highest weighted energy in ``motion_energies``; -1 where there is none.
    """

    frames: list[npt.NDArray[np.uint8]]
    motion_energies: list[float]
    face_detections: list[bool]
    weighted_energy: float
    peak_index: int


class AttentionOverTime(TypedDict):
    """What :meth:`MotionMomentSDK.get_attention_curve` returns.

    ``timeline`` is in seconds, ``attention`` 0 to 1, ``moments`` the start of each motion moment in
    seconds.
    """

    timeline: list[float]
    attention: list[float]
    moments: list[float]


class MotionMomentSDK:
    """Finds motion moments, cut points and the attention curve of a video.

    Frames are ``uint8 (H, W, 3)`` arrays in BGR order or ``uint8 (H, W)`` grey.

    Parameters
    ----------
    fps : float, default 30.0
        Frames per second of frames that are given as arrays. Videos bring their own time stamps.
    num_threads : int, optional
        Threads at most; the environment variable ``GV_NUM_THREADS`` otherwise, else what the process
        may use. Results do not depend on it.

    Raises
    ------
    InvalidInputError
        Where `fps` is not finite and above zero.
    """

    #: Frames of a window at 30 frames per second; a window is a second long at every rate. That of
    #: :mod:`geminivideo.config` where it is set.
    WINDOW_SIZE = 30
    #: What a face multiplies motion by: a prior that the specification states.
    FACE_WEIGHT = 3.2

    def __init__(self, fps: float = 30.0, *, num_threads: int | None = None) -> None:
        _core.check_fps(fps)
        self.fps = fps
        self.num_threads = num_threads
        self._settings = config.current()
        self.WINDOW_SIZE = config.chosen("motion_window_size", self.WINDOW_SIZE)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(fps={self.fps})"

    def calculate_motion_energy(
        self, frame1: npt.NDArray[np.uint8], frame2: npt.NDArray[np.uint8]
    ) -> float:
        """Measure how much moves from one frame to the next: the mean displacement in pixels.

        Raises
        ------
        InvalidInputError
            For arrays of another type or shape, and for frames of different size.
        """
        return _core.motion_energy(frame1, frame2, num_threads=self.num_threads)

    def analyze_temporal_window(
        self,
        frames: Sequence[npt.NDArray[np.uint8]],
        face_detections: Sequence[bool],
    ) -> TemporalWindow:
        """Measure the motion inside of a window of consecutive frames.

        `face_detections` says for each frame whether it shows a face; an empty list means unknown,
        and then nothing is weighted.

        Raises
        ------
        InvalidInputError
            For arrays of another type or shape, frames of different size, and face detections that
            are neither empty nor as many as the frames.
        """
        frames = list(frames)
        window = _core.temporal_window(frames, list(face_detections), num_threads=self.num_threads)
        return TemporalWindow(frames=frames, **window)

    def detect_motion_moments(
        self, video_path: str | os.PathLike[str], *, progress: Progress = False
    ) -> list[MotionMoment]:
        """Find the moments of a video, in time order and without overlap.

        Raises
        ------
        MissingFileError, MediaError, UnavailableError
            As for :func:`geminivideo.analyze`.
        """
        with reporter(progress) as report:
            found = _core.video_moments(
                video_path,
                progress=report,
                num_threads=self.num_threads,
                settings=self._settings.pairs(),
            )
        return [MotionMoment(**moment) for moment in found]

    def find_optimal_cut_points(self, moments: Iterable[MotionMoment]) -> list[float]:
        """Say where moments let one cut, in seconds and in time order."""
        plain = [asdict(moment) for moment in moments]
        return _core.optimal_cut_points(json.dumps(plain, default=lambda value: value.item()))

    def get_attention_curve(
        self, video_path: str | os.PathLike[str], *, progress: Progress = False
    ) -> AttentionOverTime:
        """Predict attention over the video.

        Raises
        ------
        MissingFileError, MediaError, UnavailableError
            As for :func:`geminivideo.analyze`.
        """
        with reporter(progress) as report:
            return _core.video_attention(
                video_path,
                progress=report,
                num_threads=self.num_threads,
                settings=self._settings.pairs(),
            )
