"""Looks at a video ad and says where attention peaks, whether cuts follow the beat and what to change.

Everything runs offline on a plain CPU, and every number can be traced to the frame it came from.

Each component is a module of its own:

- :mod:`geminivideo.motion_energy`: how much moves, where to, and when.
- :mod:`geminivideo.motion_moment_sdk`: when a video asks for attention, and what for.
- :mod:`geminivideo.variation_generator`: variations of one concept that teach the most.
- :mod:`geminivideo.budget_optimizer`: which ads deserve money.
- :mod:`geminivideo.loser_kill_switch`: which ads must stop.
- :mod:`geminivideo.errors`: the exceptions, all below ``GeminiVideoError``.
"""

from __future__ import annotations

from . import errors
from ._core import __version__
from .errors import GeminiVideoError

__all__ = ["GeminiVideoError", "__version__", "errors"]
