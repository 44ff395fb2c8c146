"""The kill switch: which ads to stop, which to keep, which paused ones to start again.

A confidence is the posterior probability that the stated reason is true, under a prior learned from
the account; ``waste_prevented`` is the expected loss on the planned spend, with an interval.
"""

from __future__ import annotations

import enum
import inspect
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, TypedDict

from . import _core, config
from ._columns import columns

__all__ = [
    "AdMetrics",
    "KillDecision",
    "KillFailed",
    "KillReason",
    "KillReport",
    "Killed",
    "LoserKillSwitch",
    "NotKilled",
]

_log = logging.getLogger(__name__)


class NotKilled(TypedDict):
    """Nothing was done, and why."""

    executed: bool
    reason: str


class Killed(TypedDict):
    """The ad was paused."""

    executed: bool
    ad_id: str
    reason: str | None
    waste_prevented: float
    timestamp: str


class KillFailed(TypedDict):
    """The platform did not pause the ad, and what it said."""

    executed: bool
    error: str


class KillReport(TypedDict):
    """What :meth:`LoserKillSwitch.get_kill_report` returns."""

    total_ads_to_kill: int
    total_waste_prevented: float
    kill_reasons: dict[str, int]
    highest_waste_ad: str | None
    average_confidence: float | None
    total_ads_to_revive: int


class KillReason(enum.Enum):
    """Why an ad should stop."""

    LOW_CTR = "low_ctr"
    LOW_CVR = "low_cvr"
    HIGH_CPA = "high_cpa"
    NEGATIVE_ROAS = "negative_roas"
    NO_CONVERSIONS = "no_conversions"
    DECLINING_PERFORMANCE = "declining_performance"
    BUDGET_EXHAUSTED = "budget_exhausted"
    MANUAL = "manual"


@dataclass
class AdMetrics:
    """The figures of an ad. Decisions read the counts; ratios that contradict them are reported.

    Attributes
    ----------
    ad_id, campaign_id : str
        Ids; ad ids are unique in a call.
    spend, budget : float
        Money spent, and money it may spend in all; a budget of 0 means unknown.
    impressions, clicks, conversions : int
        Counts.
    revenue : float
        Revenue reported.
    ctr, cvr, cpa, roas : float
        Ratios as stated elsewhere; 0 without conversions means missing.
    hours_running : int
        Hours it has run.
    last_conversion : datetime or None
        When the last conversion was reported; without a zone, local time.
    """

    ad_id: str
    campaign_id: str
    spend: float
    budget: float
    impressions: int
    clicks: int
    conversions: int
    revenue: float
    ctr: float
    cvr: float
    cpa: float
    roas: float
    hours_running: int
    last_conversion: datetime | None = None


@dataclass
class KillDecision:
    """The decision about one ad.

    Attributes
    ----------
    ad_id : str
        The ad.
    should_kill : bool
        Whether to pause it.
    reason : KillReason or None
        The reason most probably true; ``None`` where the ad may go on.
    confidence : float
        Posterior probability that the reason is true; without one, that the ad earns enough.
    waste_prevented : float
        Expected loss on the planned spend that a kill avoids; 0 unless killed.
    recommendation : str
        What a person should know.
    metrics_at_kill : dict
        The figures the reason rests on.
    action : str
        ``keep``, ``kill`` or ``revive``.
    waste_interval, roas_interval : tuple of float
        10 % and 90 % quantiles.
    planned_spend : float
        Money the ad would still spend.
    expected_roas : float
        Posterior mean of the true return.
    probability_unprofitable : float
        Posterior probability that the ad loses money.
    findings : list of dict
        Every reason that holds, with its probability and figures.
    issues : list of str
        What is odd about the figures.
    """

    ad_id: str
    should_kill: bool
    reason: KillReason | None
    confidence: float
    waste_prevented: float
    recommendation: str
    metrics_at_kill: dict[str, Any]
    action: str = "keep"
    waste_interval: tuple[float, float] = (0.0, 0.0)
    planned_spend: float = 0.0
    expected_roas: float = 0.0
    roas_interval: tuple[float, float] = (0.0, 0.0)
    probability_unprofitable: float = 0.0
    findings: list[dict[str, Any]] = field(default_factory=list)
    issues: list[str] = field(default_factory=list)


def _decision(plain: dict[str, Any]) -> KillDecision:
    reason = plain.pop("reason")
    plain["waste_interval"] = tuple(plain["waste_interval"])
    plain["roas_interval"] = tuple(plain["roas_interval"])
    return KillDecision(reason=None if reason is None else KillReason(reason), **plain)


class LoserKillSwitch:
    """Decides which ads to stop.

    Parameters
    ----------
    target_cpa : float, default 50.0
        What a conversion may cost.
    target_roas : float, default 2.0
        The return aimed at; with the target cost it gives the expected order value.
    policy : {"economic", "anytime_valid", "spec"}, default "economic"
        ``economic`` stops what probably loses money; ``anytime_valid`` keeps the chance of ever
        stopping a good ad below ``alpha`` however often one looks; ``spec`` applies the
        specification's five rules literally.
    **options
        Further options of the Rust ``KillOptions`` by name, such as ``kill_confidence``,
        ``keep_roas``, ``alpha``, ``planned_spend={"days": 7}``.

    Raises
    ------
    InvalidInputError
        For options that are unknown or outside their range.
    """

    MIN_CTR = 0.005
    MIN_CTR_IMPRESSIONS = 1000
    MIN_CVR = 0.005
    MIN_CVR_CLICKS = 100
    MAX_CPA_MULTIPLIER = 3.0
    MIN_CPA_CONVERSIONS = 3
    MIN_ROAS = 0.5
    MIN_ROAS_SPEND = 100
    NO_CONVERSION_SPEND_LIMIT = 100
    DECLINE_THRESHOLD = 0.5
    DECLINE_HOURS = 24

    def __init__(
        self,
        target_cpa: float = 50.0,
        target_roas: float = config.TARGET_ROAS,
        *,
        policy: str = "economic",
        **options: Any,
    ) -> None:
        self.target_cpa = target_cpa
        self.target_roas = config.given_or("target_roas", target_roas)
        self.policy = policy
        self.options = options
        self._account: list[AdMetrics] = []
        self._built: tuple[str, _core.KillSwitch] | None = None
        self._switch()

    def _switch(self) -> _core.KillSwitch:
        options = json.dumps(
            {
                "min_ctr": self.MIN_CTR,
                "min_ctr_impressions": self.MIN_CTR_IMPRESSIONS,
                "min_cvr": self.MIN_CVR,
                "min_cvr_clicks": self.MIN_CVR_CLICKS,
                "max_cpa_multiplier": self.MAX_CPA_MULTIPLIER,
                "min_cpa_conversions": self.MIN_CPA_CONVERSIONS,
                "min_roas": self.MIN_ROAS,
                "min_roas_spend": self.MIN_ROAS_SPEND,
                "no_conversion_spend_limit": self.NO_CONVERSION_SPEND_LIMIT,
                "decline_threshold": self.DECLINE_THRESHOLD,
                "decline_hours": self.DECLINE_HOURS,
                **self.options,
                "target_cpa": self.target_cpa,
                "target_roas": self.target_roas,
                "policy": self.policy,
            }
        )
        if self._built is None or self._built[0] != options:
            self._built = (options, _core.KillSwitch(options, self._account))
        return self._built[1]

    def learn_account(self, ads: Iterable[AdMetrics]) -> None:
        """Judge ads against what `ads` have shown, past ones included.

        Without it, each call's ads are the account; a single ad is then judged against the
        benchmark alone.
        """
        self._account = list(ads)
        self._built = None
        self._switch()

    def evaluate_ad(self, metrics: AdMetrics) -> KillDecision:
        """Judge one running ad.

        Raises
        ------
        InvalidInputError
            Where a figure cannot be true: negative, not finite, not a whole count.
        """
        return _decision(self._switch().evaluate(metrics))

    def kill_manually(self, metrics: AdMetrics) -> KillDecision:
        """Return the decision to stop an ad because someone asked for it."""
        return _decision(self._switch().kill_manually(metrics))

    def batch_evaluate(self, ads: Iterable[AdMetrics]) -> list[KillDecision]:
        """Judge running ads together and return those to kill, most waste first.

        Raises
        ------
        InvalidInputError
            As :meth:`evaluate_ad`, and for an id given twice.
        """
        return [_decision(plain) for plain in self._switch().batch_evaluate(list(ads))]

    def evaluate_all(self, ads: Iterable[AdMetrics]) -> list[KillDecision]:
        """Judge running ads together and return every decision, in the order of `ads`."""
        return [_decision(plain) for plain in self._switch().evaluate_all(list(ads))]

    def evaluate_table(self, table: Any) -> dict[str, Any]:
        """Judge running ads together, from columns to columns, in the order of `table`.

        `table` is a mapping of numpy arrays, an Arrow table or a pandas ``DataFrame`` with the fields of
        :class:`AdMetrics` as columns: ``ad_id``, ``spend``, ``impressions``, ``clicks``, ``conversions``, ``revenue``,
        ``hours_running``, and where there are any ``campaign_id`` and ``budget``. A million ads take about as long
        as in Rust; ``pandas.DataFrame`` takes the result.

        Returns
        -------
        dict
            Arrays ``should_kill``, ``confidence``, ``waste_prevented``, ``planned_spend``, ``expected_roas``, ``roas_low``,
            ``roas_high``, ``probability_unprofitable``, ``is_sound`` (false where counts contradict each other and nothing
            was decided); lists ``ad_id`` and ``reason``.

        Raises
        ------
        InvalidInputError
            As :meth:`batch_evaluate`, and where a column is missing or not of numbers.
        """
        numbers, texts = columns(
            table,
            ("spend", "impressions", "clicks", "conversions", "revenue", "hours_running"),
            ("budget",),
            ("campaign_id",),
        )
        return {"ad_id": texts["ad_id"], **self._switch().evaluate_columns(numbers, texts)}

    def review_killed(
        self, ads: Iterable[AdMetrics], hours_since_kill: float = 48.0
    ) -> list[KillDecision]:
        """Judge paused ads again; late conversions may give the action ``revive``."""
        return [
            _decision(plain)
            for plain in self._switch().review_killed(list(ads), hours_since_kill)
        ]

    async def execute_kill(
        self, decision: KillDecision, platform_client: Any = None
    ) -> NotKilled | Killed | KillFailed:
        """Pause the ad on its platform.

        `platform_client` is any object with a method ``pause_ad(ad_id)``, or ``pause(ad_id)``,
        plain or async. Without one nothing is done, and the result says so.

        Returns
        -------
        dict
            ``executed`` with ``ad_id``, ``reason``, ``waste_prevented``, ``timestamp`` where paused;
            with ``reason`` where there was nothing to do; with ``error`` where the platform failed.
        """
        if not decision.should_kill:
            return {"executed": False, "reason": "the decision is not to kill"}
        if platform_client is None:
            return {"executed": False, "reason": "dry run: no platform client was given"}
        pause = getattr(platform_client, "pause_ad", None) or getattr(
            platform_client, "pause", None
        )
        if pause is None:
            return {"executed": False, "error": "the platform client has no pause_ad(ad_id)"}
        try:
            outcome = pause(decision.ad_id)
            if inspect.isawaitable(outcome):
                await outcome
        except Exception as error:
            _log.error("pausing ad %s failed: %s", decision.ad_id, error)
            return {"executed": False, "error": str(error) or type(error).__name__}
        return {
            "executed": True,
            "ad_id": decision.ad_id,
            "reason": decision.reason.value if decision.reason else None,
            "waste_prevented": decision.waste_prevented,
            "timestamp": datetime.now(timezone.utc).isoformat(),
        }

    def get_kill_report(self, decisions: Iterable[KillDecision]) -> KillReport:
        """Sum up decisions: how many kills, for which reasons, how much waste."""
        return _core.kill_report(list(decisions))
