"""Checks of an ad before it is published: each passes, fails or is unknown, with what decides.

The same as ``geminivideo check`` of the command line. Rules and placements are tables of data, which others replace.

>>> import geminivideo
>>> report = geminivideo.check("ad.mp4", "reels")  # doctest: +SKIP
>>> report.passed  # doctest: +SKIP
True
>>> for finding in report.failed:  # doctest: +SKIP
...     print(finding.check, finding.reason, finding.fix)
"""

from __future__ import annotations

import enum
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from . import _core
from ._progress import Progress, reporter
from .analysis import AnalysisResult

if TYPE_CHECKING:
    import pandas as _pd

__all__ = ["CheckReport", "Finding", "Outcome", "built_in_rules", "check"]


class Outcome(enum.Enum):
    """How a check went; what nobody looked at never passes."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """The outcome of one rule.

    Attributes
    ----------
    check : str
        What was checked, such as ``loudness``.
    outcome : Outcome
        How it went.
    required : bool
        Whether an ad must pass it.
    time : float or None
        Where the evidence is, in seconds.
    measured : float or None
        What was measured, in `unit`.
    at_least, at_most : float or None
        The limits, in `unit`.
    unit : str
        The unit of the three.
    reason : str
        What was found, in words.
    fix : str
        What to do about it.
    """

    check: str
    outcome: Outcome
    required: bool
    time: float | None
    measured: float | None
    at_least: float | None
    at_most: float | None
    unit: str
    reason: str
    fix: str


@dataclass(frozen=True)
class CheckReport:
    """The outcome of all rules, in their order.

    Attributes
    ----------
    placement : str or None
        The placement that the ad was checked for; ``None`` for any.
    placements_dated : str
        When the table of placements was looked up, as year and month.
    findings : tuple of Finding
        The outcomes.
    """

    placement: str | None
    placements_dated: str
    findings: tuple[Finding, ...]

    def __repr__(self) -> str:
        counts = f"{len(self._of(Outcome.PASS))} passed, {len(self.failed)} failed, {len(self.unknown)} unknown"
        return f"<CheckReport for {self.placement or 'any placement'}: {counts}>"

    def _of(self, outcome: Outcome) -> list[Finding]:
        return [finding for finding in self.findings if finding.outcome is outcome]

    @property
    def failed(self) -> list[Finding]:
        """The checks that failed, required or not."""
        return self._of(Outcome.FAIL)

    @property
    def unknown(self) -> list[Finding]:
        """The checks that could not be told."""
        return self._of(Outcome.UNKNOWN)

    @property
    def passed(self) -> bool:
        """Whether no required check failed; one that is unknown does not fail. See also :meth:`passes`."""
        return self.passes()

    def passes(self, *, strict: bool = False) -> bool:
        """Say whether no required check failed and, where `strict`, none is unknown either."""
        allowed = {Outcome.PASS} if strict else {Outcome.PASS, Outcome.UNKNOWN}
        return all(finding.outcome in allowed for finding in self.findings if finding.required)

    def __getitem__(self, name: str) -> Finding:
        """Return the finding of a check by its name."""
        for finding in self.findings:
            if finding.check == name:
                return finding
        raise KeyError(name)

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts and lists, as ``geminivideo check --json`` writes them."""
        findings = [{**asdict(finding), "outcome": finding.outcome.value} for finding in self.findings]
        return {**asdict(self), "findings": findings}

    def to_frame(self) -> _pd.DataFrame:
        """Return a pandas DataFrame with one row for each check."""
        import pandas as pd

        return pd.DataFrame(self.to_dict()["findings"])


def built_in_rules() -> dict[str, Any]:
    """Return a copy of the built-in rules, to change and hand to :func:`check`."""
    return _core.check_rules()


def check(
    video: str | os.PathLike[str] | AnalysisResult,
    placement: str | None = None,
    *,
    rules: Mapping[str, Any] | None = None,
    placements: Mapping[str, Any] | None = None,
    progress: Progress = False,
    num_threads: int | None = None,
    ffmpeg: str | os.PathLike[str] | None = None,
) -> CheckReport:
    """Check an ad before it is published.

    Parameters
    ----------
    video : str, os.PathLike or AnalysisResult
        The video file, or what :func:`geminivideo.analyze` returned.
    placement : str, optional
        ``stories``, ``reels``, ``tiktok``, ``shorts``, ``feed`` or ``instream``; any of them otherwise.
    rules, placements : mapping, optional
        Tables of your own in place of the built-in ones, of the same shape (:func:`built_in_rules`,
        :data:`geminivideo.cta_optimizer.PLACEMENTS`).
    progress, num_threads, ffmpeg
        As for :func:`geminivideo.analyze`.

    Returns
    -------
    CheckReport

    Raises
    ------
    InvalidInputError
        For a placement that the table does not hold, and for tables of another shape.
    MissingFileError, MediaError, UnavailableError
        As for :func:`geminivideo.analyze`.
    """
    tables = {
        "rules_json": None if rules is None else json.dumps(rules),
        "placements_json": None if placements is None else json.dumps(placements),
    }
    if isinstance(video, AnalysisResult):
        plain = _core.check_analysis(video._core, placement, **tables)
    else:
        with reporter(progress) as report:
            plain = _core.check_video(
                video, placement, **tables, progress=report, num_threads=num_threads, ffmpeg=ffmpeg
            )
    findings = (
        Finding(**{**finding, "outcome": Outcome(finding["outcome"])}) for finding in plain.pop("findings")
    )
    return CheckReport(findings=tuple(findings), **plain)
