"""Whether the first three seconds hold a viewer.

The score is the sum of parts, each with the time and value that it comes from; what nobody looked at is unknown and
adds nothing. Weights, and the figures of the templates, are priors.
"""

from __future__ import annotations

import enum
import json
import os
from dataclasses import asdict, dataclass, field
from typing import Any, TypedDict

from . import _core
from ._progress import Progress, reporter
from .analysis import AnalysisResult

__all__ = [
    "HOOK_TEMPLATES",
    "HookAnalysis",
    "HookElement",
    "HookImprovement",
    "HookOptimizer",
    "HookScript",
    "HookStrength",
    "HookTemplate",
    "HookType",
    "LedgerPart",
]


class HookType(enum.Enum):
    """What an opening works by."""

    FACE_HOOK = "face_hook"
    MOTION_HOOK = "motion_hook"
    TEXT_HOOK = "text_hook"
    AUDIO_HOOK = "audio_hook"
    PATTERN_INTERRUPT = "pattern_interrupt"
    TRANSFORMATION = "transformation"
    QUESTION = "question"


class LedgerPart(TypedDict):
    """A part of a score.

    What it adds (`value` of at most `possible`), what was measured, when (seconds) and whether anybody looked.
    """

    name: str
    value: float
    possible: float
    measured: float | None
    time: float | None
    known: bool
    reason: str


class HookStrength(TypedDict):
    """How much speaks for a type, 0 to 1; ``None`` where nobody looked."""

    hook_type: str
    strength: float | None
    time: float | None
    measured: float | None
    reason: str


class HookImprovement(TypedDict):
    """Something to do: which part of the score it raises, when (seconds), what was measured and what is wanted."""

    part: str
    time: float
    measured: float | None
    wanted: float
    text: str


class HookElement(TypedDict):
    """A step of an opening, from `time` to `end` in seconds."""

    time: float
    end: float
    element: str
    action: str
    suggestion: str


class HookScript(TypedDict):
    """An opening written for a product; duration in seconds."""

    template: str
    duration: float
    structure: list[HookElement]


@dataclass
class HookAnalysis:
    """What an opening is, and how well it works.

    Attributes
    ----------
    hook_type : HookType or None
        What it works by most; ``None`` where nothing of what is known is strong enough to be called a hook.
    effectiveness_score : float
        0 to 100: the sum of the values of `parts`.
    first_face_time, first_motion_peak, first_text_time, first_audio_peak : float or None
        In seconds; ``None`` where there is none in the opening, or where it is `unknown`.
    attention_curve : list of float
        Predicted attention at each measured frame (`attention_times`), 0 to 1.
    pattern_interrupt_score : float or None
        How unexpected the strongest change is, 0 to 1.
    emotional_intensity : float
        Mean of what is known of closeness of faces, attention and strength of sound, 0 to 1.
    improvements : list of str
        What to do, the largest gain first; `improvement_details` has the numbers.
    optimal_cut_time : float
        Where the first cut belongs, in seconds.
    parts, strengths : list of dict
        The parts of the score; how much speaks for each type.
    possible_score : float
        The score at most, if all that is unknown were perfect.
    unknown : list of str
        What nobody looked for.
    """

    hook_type: HookType | None
    effectiveness_score: float
    first_face_time: float | None
    first_motion_peak: float | None
    first_text_time: float | None
    first_audio_peak: float | None
    attention_curve: list[float]
    pattern_interrupt_score: float | None
    emotional_intensity: float
    improvements: list[str]
    optimal_cut_time: float
    parts: list[LedgerPart] = field(default_factory=list)
    strengths: list[HookStrength] = field(default_factory=list)
    attention_times: list[float] = field(default_factory=list)
    improvement_details: list[HookImprovement] = field(default_factory=list)
    possible_score: float = 100.0
    unknown: list[str] = field(default_factory=list)


@dataclass
class HookTemplate:
    """An opening to take as a model; `avg_performance` is 0 to 100, a prior."""

    name: str
    hook_type: HookType
    structure: list[HookElement]
    avg_performance: float
    best_for: list[str]


def _template(plain: dict[str, Any]) -> HookTemplate:
    return HookTemplate(**{**plain, "hook_type": HookType(plain["hook_type"])})


#: The built-in templates, best known openings; their figures are priors of the specification.
HOOK_TEMPLATES: list[HookTemplate] = [_template(plain) for plain in _core.hook_table()]


def _as_json(templates: list[HookTemplate]) -> str:
    return json.dumps([{**asdict(t), "hook_type": t.hook_type.value} for t in templates])


def _hook(plain: dict[str, Any]) -> HookAnalysis:
    details = plain.pop("improvements")
    name = plain.pop("hook_type")
    return HookAnalysis(
        hook_type=None if name is None else HookType(name),
        improvements=[detail["text"] for detail in details],
        improvement_details=details,
        **plain,
    )


class HookOptimizer:
    """Looks at openings, and proposes some.

    Parameters
    ----------
    num_threads : int, optional
        Threads that look at motion, at most; the environment variable ``GV_NUM_THREADS`` otherwise, else half of
        what the process may use, since decoding wants the others.
    """

    #: Seconds of an opening.
    HOOK_DURATION = 3.0

    def __init__(self, *, num_threads: int | None = None) -> None:
        self.templates = list(HOOK_TEMPLATES)
        self.num_threads = num_threads

    def analyze_hook(
        self,
        video_path: str | os.PathLike[str] | AnalysisResult,
        audio_path: str | os.PathLike[str] | None = None,
        *,
        progress: Progress = False,
    ) -> HookAnalysis:
        """Look at the first three seconds of a video, or of what :func:`geminivideo.analyze` returned.

        The sound is that of `audio_path` where it is given, else the video's own.

        Raises
        ------
        MissingFileError, MediaError, UnavailableError
            As for :func:`geminivideo.analyze`, and where `audio_path` has no sound.
        """
        if isinstance(video_path, AnalysisResult):
            return _hook(_core.analysis_hook(video_path._core, audio_path))
        with reporter(progress) as report:
            plain = _core.video_hook(
                video_path, audio_path, progress=report, num_threads=self.num_threads
            )
        return _hook(plain)

    def get_best_template(self, industry: str) -> HookTemplate:
        """Return the best template made for `industry`; for an unknown industry the best of all.

        Raises
        ------
        LookupError
            Where `templates` is empty.
        """
        number = _core.best_hook_template(_as_json(self.templates), industry)
        if number is None:
            raise LookupError("there are no templates")
        return self.templates[number]

    def generate_hook_script(
        self, product: str, pain_point: str, template: HookTemplate | None = None
    ) -> HookScript:
        """Write an opening for a product; after the template that does best where none is given.

        Raises
        ------
        InvalidInputError
            Where `product` or `pain_point` is empty.
        """
        chosen = self.get_best_template("") if template is None else template
        script: HookScript = _core.write_hook_script(product, pain_point, _as_json([chosen]))
        return script
