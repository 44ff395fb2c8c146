"""Where a call to action belongs, what it says, and whether the one that is there can be seen.

Confidences and scores are sums of parts, each with the time and value that it comes from; what nobody looked at is
unknown and adds nothing. The figures of the tables are priors.
"""

from __future__ import annotations

import enum
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

from . import _core
from ._progress import Progress, reporter
from .analysis import AnalysisResult
from .hook_optimizer import LedgerPart

__all__ = [
    "BEST_CTA_CONFIGS",
    "PLACEMENTS",
    "CTAArea",
    "CTACandidate",
    "CTAConfig",
    "CTAOptimizer",
    "CTAPlacement",
    "CTAPosition",
    "CTASequence",
    "CTAType",
    "CallElement",
    "ExistingCTA",
    "LeadElement",
    "OverlayElement",
    "PlacementTable",
    "ZoneOverlap",
]


class CTAType(enum.Enum):
    """What a call asks for."""

    BUTTON = "button"
    SWIPE_UP = "swipe_up"
    LINK_BIO = "link_bio"
    SHOP_NOW = "shop_now"
    LEARN_MORE = "learn_more"
    SIGN_UP = "sign_up"
    DOWNLOAD = "download"
    CALL_NOW = "call_now"
    COUNTDOWN = "countdown"
    CUSTOM = "custom"


class CTAPosition(enum.Enum):
    """Where in a video a call stands: in the last 3 to 5 s, at 70 to 85 %, several times, at half and at the end."""

    END = "end"
    MID_END = "mid_end"
    REPEATED = "repeated"
    EARLY_END = "early_end"


@dataclass
class CTAConfig:
    """A call to action; `duration` in seconds, `button_color` as ``#RRGGBB``."""

    cta_type: CTAType
    text: str
    position: CTAPosition
    duration: float
    urgency_text: str | None = None
    countdown_seconds: int | None = None
    button_color: str = "#FF0000"
    animation: str = "pulse"


@dataclass
class CTAPlacement:
    """A call at its place, in seconds; `confidence_score`, 0 to 1, is the sum of the values of `parts`."""

    start_time: float
    end_time: float
    cta_config: CTAConfig
    confidence_score: float
    reason: str
    pre_cta_sequence: list[str]
    parts: list[LedgerPart] = field(default_factory=list)


class LeadElement(TypedDict):
    """The step that builds up to the call (``pre_cta``)."""

    type: str
    start: float
    end: float
    content: str
    motion_level: str


class CallElement(TypedDict):
    """The call (``cta``)."""

    type: str
    start: float
    end: float
    content: str
    button_color: str
    animation: str
    motion_level: str


class OverlayElement(TypedDict):
    """What lies over the call (``urgency``)."""

    type: str
    start: float
    end: float
    content: str
    overlay: bool


class CTASequence(TypedDict):
    """The closing of a video; `industry_used` is the industry whose call was taken."""

    video_duration: float
    industry: str
    industry_used: str
    sequence: list[LeadElement | CallElement | OverlayElement]
    optimization_tips: list[str]


class CTAArea(TypedDict):
    """A box in shares of the picture's width and height, from the upper left."""

    x: float
    y: float
    width: float
    height: float


class CTACandidate(TypedDict):
    """Something that is (``button``, ``words``) or may be (``unread_text``) a call."""

    kind: str
    start_time: float
    end_time: float
    area: CTAArea
    text: str | None
    contrast: float | None
    colour: str | None
    late: bool


class ZoneOverlap(TypedDict):
    """How much of a call the controls of a placement cover, in percent."""

    placement: str
    overlap_percent: float


class ExistingCTA(TypedDict):
    """What :meth:`CTAOptimizer.score_existing_cta` returns.

    ``cta_detected`` is ``None`` where what could tell is unknown. ``cta_visibility_score``, 0 to 100, is the sum of
    the values of ``parts``; times are in seconds, ``motion_during_cta`` in source pixels per frame interval.
    """

    cta_detected: bool | None
    cta_start_time: float | None
    cta_duration: float | None
    cta_visibility_score: float
    motion_during_cta: float | None
    pre_cta_urgency: bool | None
    recommendations: list[str]
    parts: list[LedgerPart]
    candidates: list[CTACandidate]
    safe_zones: list[ZoneOverlap]
    unknown: list[str]


class Margins(TypedDict):
    """What controls cover, in shares of the picture's height (top, bottom) and width (left, right)."""

    top: float
    bottom: float
    left: float
    right: float


class PlacementRow(TypedDict):
    """What a platform asks of a video in one place; lengths in seconds."""

    name: str
    aspects: list[list[int]]
    shortest: float
    longest: float
    covered: Margins
    source: str


class PlacementTable(TypedDict):
    """A dated table of placements."""

    dated: str
    placements: list[PlacementRow]


def _config(plain: dict[str, Any]) -> CTAConfig:
    kind, position = CTAType(plain["cta_type"]), CTAPosition(plain["position"])
    return CTAConfig(**{**plain, "cta_type": kind, "position": position})


#: The calls that suit each industry; priors of the specification.
BEST_CTA_CONFIGS: dict[str, CTAConfig] = {
    name: _config(plain) for name, plain in _core.cta_table().items()
}

#: The built-in placements; hand a changed copy to :class:`CTAOptimizer`.
PLACEMENTS: PlacementTable = _core.placements_table()


def _floats(values: Iterable[Any] | None) -> list[float] | None:
    return None if values is None else [float(value) for value in values]


class CTAOptimizer:
    """Places calls to action, and judges those that are there.

    Parameters
    ----------
    placements : PlacementTable, optional
        Safe zones of your own, of the shape of :data:`PLACEMENTS`.
    num_threads : int, optional
        Threads that look at motion, at most; the environment variable ``GV_NUM_THREADS`` otherwise, else half of
        what the process may use, since decoding wants the others.
    """

    def __init__(
        self, *, placements: PlacementTable | None = None, num_threads: int | None = None
    ) -> None:
        self.configs = dict(BEST_CTA_CONFIGS)
        self.placements = placements
        self.num_threads = num_threads

    def analyze_cta_timing(
        self, video_analysis: Mapping[str, Any] | AnalysisResult
    ) -> CTAPlacement:
        """Find the stretch in which a call stands best.

        `video_analysis` is what :func:`geminivideo.analyze` returned, or a dict with any of ``duration`` (seconds),
        ``motion_data`` (samples of time, energy and face), ``cuts``, ``beats`` (seconds) and ``industry``; what is
        missing is unknown and lowers the confidence.

        Raises
        ------
        InvalidInputError
            Where the video has no length.
        """
        if isinstance(video_analysis, AnalysisResult):
            plain = _core.analysis_cta_timing(video_analysis._core, "ecommerce")
        else:
            motion = video_analysis.get("motion_data")
            samples = None
            if motion is not None:
                samples = [
                    (float(time), float(energy), bool(face[0]) if face and face[0] is not None else None)
                    for time, energy, *face in motion
                ]
            duration = video_analysis.get("duration")
            plain = _core.sampled_cta_timing(
                None if duration is None else float(duration),
                samples,
                _floats(video_analysis.get("cuts")),
                _floats(video_analysis.get("beats")),
                str(video_analysis.get("industry", "ecommerce")),
            )
        return CTAPlacement(**{**plain, "cta_config": _config(plain["cta_config"])})

    def generate_cta_sequence(
        self, video_duration: float, industry: str = "ecommerce"
    ) -> CTASequence:
        """Plan the closing of a video; an industry without a call of its own gets that of ``ecommerce``.

        Raises
        ------
        InvalidInputError
            For a duration that is not finite and above 0.
        """
        sequence: CTASequence = _core.cta_sequence(video_duration, industry)
        return sequence

    def score_existing_cta(
        self, video_path: str | os.PathLike[str] | AnalysisResult, *, progress: Progress = False
    ) -> ExistingCTA:
        """Look for a call to action and say how well it can be seen.

        A button, a box of strong colour with writing in it that stands still for a second or more, is one; so is
        writing whose words ask for something, where somebody reads it.

        Raises
        ------
        MissingFileError, MediaError, UnavailableError
            As for :func:`geminivideo.analyze`.
        """
        table = None if self.placements is None else json.dumps(self.placements)
        found: ExistingCTA
        if isinstance(video_path, AnalysisResult):
            found = _core.analysis_cta(video_path._core, table)
        else:
            with reporter(progress) as report:
                found = _core.video_cta(
                    video_path, table, progress=report, num_threads=self.num_threads
                )
        return found

    def get_best_cta_for_goal(self, goal: str) -> CTAConfig:
        """Return the call that suits a goal: ``sales``, ``leads``, ``traffic``, ``app_installs``, ...

        Raises
        ------
        InvalidInputError
            For an unknown goal; its text lists those there are.
        """
        return _config(_core.cta_for_goal(goal))

    def generate_cta_variations(self, base_cta: str, count: int = 5) -> list[str]:
        """Return at most `count` other wordings, no two alike, to be tried against each other.

        Raises
        ------
        InvalidInputError
            Where `base_cta` is empty.
        """
        return _core.cta_variations(base_cta, count)
