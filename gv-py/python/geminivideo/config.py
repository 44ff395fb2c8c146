"""The optional settings, as one object and as environment variables.

=========================  ==============================  =======  ==============================================
field                      environment variable            default  what it sets
=========================  ==============================  =======  ==============================================
motion_window_size         ``MOTION_WINDOW_SIZE``          30       frames of the window around a moment, counted at
                                                                    30 frames a second, 6 to 9000
face_detection_confidence  ``FACE_DETECTION_CONFIDENCE``   0.5      least confidence of a face, 0 to 1
sync_tolerance             ``SYNC_TOLERANCE``              0.1      seconds that picture and sound may be apart and
                                                                    still match, above 0 to 0.5
target_roas                ``TARGET_ROAS``                 2.0      the return aimed at, above 0
min_budget                 ``MIN_BUDGET``                  10       least daily budget of an ad that runs
retrain_threshold          ``RETRAIN_THRESHOLD``           100      outcomes before a model learns anew
patterns_db_path           ``PATTERNS_DB_PATH``            none     the address of the store; without one, a file in
                                                                    the user's data folder
=========================  ==============================  =======  ==============================================

What an argument says counts most, then what :func:`configure` was given, then the environment, then the default.
Components read the settings when they are made, analyses when they start.

>>> import geminivideo
>>> with geminivideo.config.using(target_roas=3.0):
...     geminivideo.config.current().target_roas
3.0
"""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from . import _core
from .errors import InvalidInputError

__all__ = ["Settings", "configure", "current", "using"]


class Default(float):
    """A default that gives way to the settings: equal to the number it stands for, and known by what it is."""


#: Defaults of arguments; a number that a caller gives is never one of these.
FACE_DETECTION_CONFIDENCE: Final[Default] = Default(0.5)
TARGET_ROAS: Final[Default] = Default(2.0)


@dataclass(frozen=True)
class Settings:
    """What is set; ``None`` leaves a component its own default. Frozen, compares by value and pickles.

    Parameters
    ----------
    motion_window_size : float, optional
        Frames of the window around a moment, at 30 frames a second: 6 to 9000.
    face_detection_confidence : float, optional
        Least confidence of a face, 0 to 1.
    sync_tolerance : float, optional
        Seconds that picture and sound may be apart and still match, above 0 to 0.5.
    target_roas : float, optional
        The return aimed at, above 0.
    min_budget : float, optional
        Least daily budget of an ad that runs, 0 or more.
    retrain_threshold : int, optional
        Outcomes before a model learns anew, 1 or more.
    patterns_db_path : str, optional
        The address of the store.

    Raises
    ------
    InvalidInputError
        For a value out of its range.
    """

    motion_window_size: float | None = None
    face_detection_confidence: float | None = None
    sync_tolerance: float | None = None
    target_roas: float | None = None
    min_budget: float | None = None
    retrain_threshold: int | None = None
    patterns_db_path: str | None = None

    def __post_init__(self) -> None:
        for name, value in _core.read_settings(_pairs(vars(self))).items():
            object.__setattr__(self, name, value)

    def pairs(self) -> list[tuple[str, str]]:
        """Return the settings that are set, as names and texts."""
        return _pairs(dataclasses.asdict(self))

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Settings:
        """Read settings by name, in capitals or small letters, as a configuration file has them.

        Raises
        ------
        InvalidInputError
            For a name that is none of them, and a value out of its range.
        """
        return cls(**_by_field(values))


_FIELDS = tuple(field.name for field in dataclasses.fields(Settings))


def _by_field(values: Mapping[str, Any]) -> dict[str, Any]:
    fields = {str(name).lower(): value for name, value in values.items()}
    for name in fields:
        if name not in _FIELDS:
            raise InvalidInputError(f"there is no setting {name}; known are {', '.join(_FIELDS)}")
    return fields


def _pairs(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in values.items() if value is not None]


_lock = threading.Lock()
_given = Settings()


def configure(settings: Settings | Mapping[str, Any] | None = None, **values: Any) -> Settings:
    """Set settings for this process, on top of those that were set before.

    Parameters
    ----------
    settings : Settings or mapping, optional
        All settings at once, in place of the ones before: ``configure(Settings())`` goes back to the environment.
    **values
        Single settings by name; ``None`` unsets one.

    Returns
    -------
    Settings
        What is set now, the environment left out.

    Raises
    ------
    InvalidInputError
        For a name that is no setting, and a value out of its range; nothing is changed then.
    """
    global _given
    with _lock:
        if settings is None:
            base: Mapping[str, Any] = dataclasses.asdict(_given)
        elif isinstance(settings, Settings):
            base = dataclasses.asdict(settings)
        else:
            base = settings
        given = Settings.from_mapping({**_by_field(base), **_by_field(values)})
        _core.give_settings(given.pairs())
        _given = given
        return given


def configured() -> Settings:
    """Return what :func:`configure` was given."""
    return _given


def current() -> Settings:
    """Return what counts now: what :func:`configure` was given, else the environment.

    Raises
    ------
    InvalidInputError
        Where an environment variable has a value out of its range.
    """
    return Settings(**_core.current_settings())


@contextlib.contextmanager
def using(settings: Settings | Mapping[str, Any] | None = None, **values: Any) -> Iterator[Settings]:
    """Set settings for the length of a ``with`` block, as :func:`configure` does."""
    before = _given
    try:
        yield configure(settings, **values)
    finally:
        configure(before)


def chosen(name: str, default: Any) -> Any:
    """Return the setting where there is one and nothing else was given, else `default`."""
    value = getattr(current(), name)
    return default if value is None else value


def given_or(name: str, argument: float) -> float:
    """Return `argument`, or the setting where the argument was left out."""
    if not isinstance(argument, Default):
        return argument
    return float(chosen(name, argument))
