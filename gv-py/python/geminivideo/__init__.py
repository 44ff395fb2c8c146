"""Looks at a video ad and says where attention peaks, whether cuts follow the beat and what to change.

Everything runs offline on a plain CPU, and every number can be traced to the frame it came from.

>>> import geminivideo
>>> result = geminivideo.analyze("ad.mp4", progress=True)  # doctest: +SKIP
>>> result.plot()  # doctest: +SKIP

Each component is a module of its own:

- :mod:`geminivideo.analysis`: one pass over a video; ``analyze`` and its result, ``find_shots`` for shots alone.
- :mod:`geminivideo.motion_energy`: how much moves, where to, and when.
- :mod:`geminivideo.motion_moment_sdk`: when a video asks for attention, and what for.
- :mod:`geminivideo.yolo_face_detector`: faces, for how long, and at which moments best.
- :mod:`geminivideo.yolo_object_detector`: objects, scenes, and for how long the product shows.
- :mod:`geminivideo.face_weighted_analyzer`: motion, with that of faces weighed.
- :mod:`geminivideo.precision_av_sync`: whether what is seen comes with what is heard.
- :mod:`geminivideo.psychological_timing`: when a viewer can take which message in.
- :mod:`geminivideo.hook_optimizer`: whether the opening holds.
- :mod:`geminivideo.cta_optimizer`: where a call to action belongs, and whether the one that is there can be seen.
- :mod:`geminivideo.variation_generator`: variations of one concept that teach the most.
- :mod:`geminivideo.budget_optimizer`: which ads deserve money.
- :mod:`geminivideo.loser_kill_switch`: which ads must stop.
- :mod:`geminivideo.auto_retrain_pipeline`: models that learn again from what came of their predictions.
- :mod:`geminivideo.prediction_accuracy_tracker`: how well predictions come true.
- :mod:`geminivideo.cross_campaign_learning`: what all campaigns together teach a new one.
- :mod:`geminivideo.capi_feedback_loop`: real conversions, and what models learn from them.
- :mod:`geminivideo.winning_patterns_db`: patterns of ads that won, and of those that lost.
- :mod:`geminivideo.runway_gen3`: video from text and images, by Runway.
- :mod:`geminivideo.elevenlabs_voice`: voice-overs, by ElevenLabs.
- :mod:`geminivideo.platform`: acting on Meta, journaled, capped and reversible.
- :mod:`geminivideo.batch`: many videos, over processes of this machine or a cluster's.
- :mod:`geminivideo.checks`: checks of an ad before it is published.
- :mod:`geminivideo.config`: the optional settings, as one object and from the environment.
- :mod:`geminivideo.errors`: the exceptions, all below ``GeminiVideoError``.

The same from a shell: ``geminivideo analyze ad.mp4`` or ``python -m geminivideo analyze ad.mp4``.
"""

from __future__ import annotations

from . import analysis, checks, config, errors, motion_energy, motion_moment_sdk
from ._core import __version__
from .analysis import AnalysisResult, analyze, find_shots
from .checks import check
from .config import Settings, configure
from .errors import GeminiVideoError

__all__ = [
    "AnalysisResult",
    "GeminiVideoError",
    "Settings",
    "__version__",
    "analysis",
    "analyze",
    "check",
    "checks",
    "config",
    "configure",
    "errors",
    "find_shots",
    "motion_energy",
    "motion_moment_sdk",
]
