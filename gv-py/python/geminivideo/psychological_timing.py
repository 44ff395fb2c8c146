"""When a viewer can take which message in.

Little motion leaves room for a message, much motion draws the eye. A clip is cut into windows of one level, and
triggers are placed in them all together, in the order of an ad. Ideal levels, durations and weights are priors.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

from . import _core
from .analysis import AnalysisResult

__all__ = [
    "TRIGGER_CONFIGS",
    "Placement",
    "PlacementPlan",
    "PsychologicalTimingOptimizer",
    "PsychologicalTrigger",
    "TriggerType",
    "TriggerWindow",
]


class TriggerType(enum.Enum):
    """A kind of message."""

    PAIN_POINT = "pain_point"
    AGITATION = "agitation"
    SOLUTION = "solution"
    SOCIAL_PROOF = "social_proof"
    URGENCY = "urgency"
    SCARCITY = "scarcity"
    CTA = "cta"
    HOOK = "hook"
    TRANSFORMATION = "transformation"


@dataclass
class PsychologicalTrigger:
    """When a trigger works; durations in seconds, position ``early``, ``middle`` or ``late``."""

    trigger_type: TriggerType
    ideal_motion_level: str
    ideal_face_present: bool
    min_duration: float
    max_duration: float
    position_preference: str


@dataclass
class TriggerWindow:
    """A stretch of a clip, and what it is good for.

    Attributes
    ----------
    start_time, end_time : float
        In seconds; the end is not part of it.
    motion_level : float
        Mean energy, in the unit of the input.
    has_face : bool or None
        Whether a face shows for most of it; ``None`` where nobody looked.
    recommended_triggers : list of TriggerType
        Best first.
    absorption_score : float
        How well a viewer takes a message in, 0 to 1; the sum of `absorption`.
    level : str
        ``low``, ``medium`` or ``high``.
    absorption : dict
        The parts of the score: calm, face, time.
    """

    start_time: float
    end_time: float
    motion_level: float
    has_face: bool | None
    recommended_triggers: list[TriggerType]
    absorption_score: float
    level: str = ""
    absorption: dict[str, float] = field(default_factory=dict)


class Placement(TypedDict):
    """A trigger at its place; time and duration in seconds, fit from 0 to 1 with its parts."""

    time: float
    duration: float
    trigger: str
    motion: str
    energy: float
    fit: float
    parts: dict[str, float]
    reason: str


class PlacementPlan(TypedDict):
    """What :meth:`PsychologicalTimingOptimizer.optimize_trigger_placement` returns."""

    recommended_structure: list[Placement]
    key_insights: list[str]
    left_out: list[str]
    windows: list[TriggerWindow]


#: When each trigger works.
TRIGGER_CONFIGS: dict[TriggerType, PsychologicalTrigger] = {
    TriggerType(plain["trigger_type"]): PsychologicalTrigger(
        **{**plain, "trigger_type": TriggerType(plain["trigger_type"])}
    )
    for plain in _core.trigger_table()
}


def _window(plain: dict[str, Any]) -> TriggerWindow:
    triggers = [TriggerType(name) for name in plain.pop("recommended_triggers")]
    return TriggerWindow(recommended_triggers=triggers, **plain)


def _samples(motion_data: Iterable[Any]) -> list[tuple[float, float, bool | None]]:
    samples = []
    for time, energy, *face in motion_data:
        has_face = None if not face or face[0] is None else bool(face[0])
        samples.append((float(time), float(energy), has_face))
    return samples


class PsychologicalTimingOptimizer:
    """Finds the windows of a clip and places triggers in them."""

    def __init__(self) -> None:
        self.triggers = dict(TRIGGER_CONFIGS)

    def analyze_motion_windows(
        self, motion_data: Iterable[tuple[float, float, bool | None]]
    ) -> list[TriggerWindow]:
        """Cut samples of time (seconds), motion energy and face into windows.

        Samples may come in any order. Levels part at 5 and 15 (source pixels per frame interval); a clip that
        stays within one class but has calm and lively parts has levels of its own. A clip in which nothing
        changes is one window.

        Raises
        ------
        InvalidInputError
            For a time or energy that is not finite, or an energy below 0.
        """
        return [_window(plain) for plain in _core.trigger_windows(_samples(motion_data))]

    def optimize_trigger_placement(
        self, video_analysis: Mapping[str, Any] | AnalysisResult
    ) -> PlacementPlan:
        """Place triggers so that their fits together are largest and their order is that of an ad.

        `video_analysis` holds ``motion_data``, samples as for :meth:`analyze_motion_windows`; the
        result of :func:`geminivideo.analyze` is understood too.

        Raises
        ------
        KeyError
            Where there are no ``motion_data``.
        """
        if isinstance(video_analysis, AnalysisResult):
            measured = video_analysis.table().columns()
            samples = _samples(zip(measured["time"], measured["mean_energy"]))
        else:
            samples = _samples(video_analysis["motion_data"])
        plain: Any = _core.trigger_plan(samples)
        plain["windows"] = [_window(window) for window in plain["windows"]]
        plan: PlacementPlan = plain
        return plan
