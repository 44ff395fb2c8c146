"""Ad platforms: reading ads and changing them, with a journal, limits and a way back.

:class:`MetaClient` can be given to :meth:`~geminivideo.budget_optimizer.BudgetOptimizer.execute_budget_shifts` and
:meth:`~geminivideo.loser_kill_switch.LoserKillSwitch.execute_kill`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypedDict

from . import _core
from .errors import ConflictError, PlatformError

__all__ = ["AdInsight", "AdState", "Change", "MetaClient", "Run", "Step"]


@dataclass
class AdState:
    """What a platform says about an ad.

    Attributes
    ----------
    running : bool
        Whether it is switched on.
    daily_budget : float or None
        Daily budget of what owns it, in currency units; ``None`` where there is none.
    budget_owner : str
        Id of the ad set or campaign that the budget belongs to; ads may share it.
    currency : str
        The budget's currency.
    """

    running: bool
    daily_budget: float | None
    budget_owner: str
    currency: str


class AdInsight(TypedDict):
    """Figures of an ad over some days; money in currency units."""

    ad_id: str
    campaign_id: str
    spend: float
    impressions: int
    clicks: int
    conversions: int
    revenue: float
    first_day: str
    last_day: str


@dataclass
class Change:
    """A change that is wanted.

    Attributes
    ----------
    ad_id : str
        The ad.
    target : {"paused", "running", "budget"}
        What it is to be changed to.
    budget : float or None
        The daily budget, where that is the target.
    assumed_budget : float or None
        The budget that the decision assumed; where the platform has another, nothing is changed.
    """

    ad_id: str
    target: str
    budget: float | None = None
    assumed_budget: float | None = None


@dataclass
class Step:
    """What became of a change.

    ``outcome`` is ``planned``, ``done``, ``already_so``, ``refused``, ``failed`` or ``not_tried``; ``why`` says more where
    it was refused or failed.
    """

    ad_id: str
    target: str
    budget: float | None
    before: AdState
    outcome: str
    why: str | None


@dataclass
class Run:
    """Changes that were made, or would be, together; ``run`` is the name to revert them by."""

    run: str
    platform: str
    steps: list[Step]
    is_clean: bool


def _run(plain: dict[str, Any]) -> Run:
    steps = [Step(before=AdState(**step.pop("before")), **step) for step in plain.pop("steps")]
    return Run(steps=steps, **plain)


class MetaClient:
    """Meta's Marketing API.

    Each change is written into the journal before and after it is sent, read back, and held within the limits. A change
    whose answer was cut off is looked up and never repeated blindly.

    Parameters
    ----------
    access_token, app_secret, ad_account : str, optional
        Else ``META_ACCESS_TOKEN``, ``META_APP_SECRET`` and ``META_AD_ACCOUNT_ID``.
    base_url : str, optional
        Else ``META_GRAPH_URL``, else ``https://graph.facebook.com``.
    journal : path or None, default "geminivideo-changes.jsonl"
        The file that changes are written into; ``None`` keeps them in memory.
    max_change_per_run, max_change_per_day : float
        Most that daily budgets may change in one call and in 24 hours, in currency units.
    """

    def __init__(
        self,
        access_token: str | None = None,
        *,
        app_secret: str | None = None,
        ad_account: str | None = None,
        base_url: str | None = None,
        timeout: float = 60.0,
        max_retries: int = 4,
        journal: str | os.PathLike[str] | None = "geminivideo-changes.jsonl",
        max_change_per_run: float = 1000.0,
        max_change_per_day: float = 5000.0,
    ) -> None:
        self._core = _core.MetaPlatform(
            access_token,
            app_secret,
            ad_account,
            base_url,
            timeout,
            max_retries,
            journal,
            max_change_per_run,
            max_change_per_day,
        )

    def state(self, ad_id: str) -> AdState:
        """Read whether an ad runs, and the daily budget it spends from."""
        return AdState(**self._core.state(ad_id))

    def insights(self, since: str, until: str) -> list[AdInsight]:
        """Read the figures of the account's ads over days written ``YYYY-MM-DD``, both included."""
        return self._core.insights(since, until)

    def preview(self, changes: Iterable[Change]) -> Run:
        """Say what :meth:`apply` would do; reads the platform and changes nothing."""
        return self._apply(changes, preview=True)

    def apply(self, changes: Iterable[Change]) -> Run:
        """Make changes, pauses and cuts before rises; the first failure ends the run.

        Raises
        ------
        InvalidInputError
            Where the changes are larger than the limits, or two aim at one budget; nothing is changed then.
        """
        return self._apply(changes, preview=False)

    def revert(self, run: str) -> Run:
        """Undo a run; what was changed by others since is left."""
        return _run(self._core.revert(run))

    def pause_ad(self, ad_id: str) -> None:
        """Switch an ad off.

        Raises
        ------
        PlatformError
            Where the platform refuses or the change is not seen afterwards.
        """
        self._one(Change(ad_id, "paused"))

    def resume_ad(self, ad_id: str) -> None:
        """Switch an ad on; raises as :meth:`pause_ad`."""
        self._one(Change(ad_id, "running"))

    def update_ad_budget(self, ad_id: str, budget: float) -> None:
        """Set the daily budget that an ad spends from, in currency units.

        Raises
        ------
        ConflictError
            Where the ad has no daily budget, or its budget was changed too often within the hour.
        PlatformError
            As :meth:`pause_ad`.
        """
        self._one(Change(ad_id, "budget", budget))

    def _apply(self, changes: Iterable[Change], preview: bool) -> Run:
        wanted = [(c.ad_id, c.target, c.budget, c.assumed_budget) for c in changes]
        return _run(self._core.apply(wanted, preview))

    def _one(self, change: Change) -> None:
        for step in self.apply([change]).steps:
            if step.outcome == "refused":
                raise ConflictError(f"ad {step.ad_id}: {step.why}")
            if step.outcome == "failed":
                raise PlatformError(f"ad {step.ad_id}: {step.why}")
