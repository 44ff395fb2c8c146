"""The budget optimiser: moves budget from ads that lose to ads that earn, as far as the evidence
carries.

The total is kept to the cent, every ad's budget within its bounds. What no ad may take is named in
:attr:`BudgetPlan.unallocated`.
"""

from __future__ import annotations

import enum
import inspect
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, TypedDict

from . import _core, config
from ._columns import columns

__all__ = [
    "AdAssessment",
    "AdPerformance",
    "AdStatus",
    "BudgetChange",
    "BudgetOptimizer",
    "BudgetPlan",
    "BudgetRecommendation",
    "BudgetShiftResult",
    "BudgetTable",
    "Categories",
    "DailyProjection",
    "Distribution",
    "Impact",
    "OptimizationReport",
    "Projection",
]

_log = logging.getLogger(__name__)


class AdStatus(enum.Enum):
    """In which state an ad is."""

    LEARNING = "learning"
    SCALING = "scaling"
    MAINTAINING = "maintaining"
    DECLINING = "declining"
    PAUSED = "paused"


@dataclass
class AdPerformance:
    """The figures of an ad and its daily budget.

    Decisions read the counts; ratios that contradict them are reported. An ad that is ``PAUSED`` or
    has no budget takes no part in the total; one that is ``LEARNING`` keeps its budget.

    Attributes
    ----------
    ad_id, campaign_id, creative_id : str
        Ids; ad ids are unique in a call.
    spend, daily_budget : float
        Money spent so far; budget of a day.
    impressions, clicks, conversions : int
        Counts.
    revenue : float
        Revenue reported.
    ctr, cvr, cpa, roas : float
        Ratios as stated elsewhere; 0 without conversions means missing.
    hours_active : int
        Hours it has run.
    last_conversion_time : datetime or None
        When the last conversion was reported.
    status : AdStatus
        Its state.
    confidence : float
        A confidence of the caller's own; not read.
    budget_24h_ago : float or None
        The budget a day ago, for the cap on a day's changes.
    budget_owner : str
        Id of the ad set or campaign that the budget belongs to; empty where it is the ad's own. Ads of one owner state its
        budget, the same for each, and get one decision.
    """

    ad_id: str
    campaign_id: str
    creative_id: str
    spend: float
    daily_budget: float
    impressions: int
    clicks: int
    conversions: int
    revenue: float
    ctr: float
    cvr: float
    cpa: float
    roas: float
    hours_active: int
    last_conversion_time: datetime | None = None
    status: AdStatus = AdStatus.MAINTAINING
    confidence: float = 0.0
    budget_24h_ago: float | None = None
    budget_owner: str = ""


class Categories(TypedDict):
    """What :meth:`BudgetOptimizer.analyze_ads` returns."""

    winners: list[AdPerformance]
    stable: list[AdPerformance]
    underperforming: list[AdPerformance]
    losers: list[AdPerformance]
    learning: list[AdPerformance]


class Impact(TypedDict):
    """What changes are expected to bring per day; the improvement is in percent."""

    estimated_roas_improvement: float
    estimated_daily_savings: float
    revenue_change: float
    revenue_change_interval: list[float]
    spend_change: float


class BudgetChange(TypedDict):
    """A change that was made."""

    ad_id: str
    old_budget: float
    new_budget: float
    change: float
    reason: str


class Distribution(TypedDict):
    """How many ads are in which group."""

    winners: int
    stable: int
    underperforming: int
    losers: int
    learning: int


class OptimizationReport(TypedDict):
    """What :meth:`BudgetOptimizer.get_optimization_report` returns; amounts are per day."""

    overall_roas: float
    total_spend: float
    total_revenue: float
    ad_count: int
    distribution: Distribution
    potential_savings: float
    potential_savings_interval: list[float]
    scaling_opportunity: float
    recommendations_count: int


class DailyProjection(TypedDict):
    """One day of a projection."""

    day: int
    projected_roas: float
    interval: list[float]
    hold_roas: float


class Projection(TypedDict):
    """What :meth:`BudgetOptimizer.simulate_optimization` returns; intervals are 10 % to 90 %."""

    current_roas: float
    projected_roas_after_optimization: float
    projected_interval: list[float]
    hold_roas: float
    improvement_percent: float
    improvement_interval: list[float]
    probability_worse: float
    daily_projections: list[DailyProjection]
    futures: int


@dataclass
class AdAssessment:
    """What the evidence says about an ad.

    Attributes
    ----------
    ad_id : str
        The ad.
    category : str
        ``winners``, ``stable``, ``underperforming``, ``losers`` or ``learning``.
    status : AdStatus
        The state that follows.
    confidence : float
        Posterior probability of what the category says.
    expected_roas : float
        Posterior mean of the true return.
    roas_interval : tuple of float
        10 % and 90 % quantiles.
    probability_below_min, probability_above_target : float
        Posterior probabilities.
    issues : list of str
        What is odd about the figures.
    """

    ad_id: str
    category: str
    status: AdStatus
    confidence: float
    expected_roas: float
    roas_interval: tuple[float, float]
    probability_below_min: float
    probability_above_target: float
    issues: list[str] = field(default_factory=list)


@dataclass
class BudgetRecommendation:
    """A change of one ad's budget.

    Attributes
    ----------
    ad_id : str
        The ad.
    current_budget, recommended_budget, change_amount : float
        Daily budgets, and their difference.
    change_percent : float
        The difference in percent.
    reason : str
        Why.
    confidence : float
        Posterior probability that the change goes in the right direction.
    priority : int
        1 for the changes that bring the first half of the gain, 2 up to 80 %, then 3.
    expected_gain, expected_revenue_change, revenue_change_sd, expected_savings, expected_revenue
        Per day: gain beyond what the money brings elsewhere, change of revenue and its standard
        deviation, loss avoided, revenue at the present budget.
    shares_with : list of str
        Other ads that spend from the same budget.
    """

    ad_id: str
    current_budget: float
    recommended_budget: float
    change_amount: float
    change_percent: float
    reason: str
    confidence: float
    priority: int
    expected_gain: float = 0.0
    expected_revenue_change: float = 0.0
    revenue_change_sd: float = 0.0
    expected_savings: float = 0.0
    expected_revenue: float = 0.0
    shares_with: list[str] = field(default_factory=list)


@dataclass
class BudgetTable:
    """A plan as columns, in the order of the table given.

    Attributes
    ----------
    columns : dict
        Arrays ``current_budget``, ``budget``, ``low``, ``high`` (NaN for ads that do not run), ``priority`` (0 without a
        change), ``confidence``, ``expected_gain`` (NaN without a change); lists ``ad_id``, ``hold``, ``reason``.
    total, unallocated, notes, expected_impact
        As in :class:`BudgetPlan`.
    """

    columns: dict[str, Any]
    total: float
    unallocated: float
    notes: list[str]
    expected_impact: Impact

    def to_frame(self) -> Any:
        """Return the columns as a pandas ``DataFrame``."""
        import pandas

        return pandas.DataFrame(self.columns)


@dataclass
class BudgetPlan:
    """Who gets what.

    Attributes
    ----------
    recommendations : list of BudgetRecommendation
        The changes, the most important first.
    budgets : dict
        Every running ad's budget.
    holds : dict
        Why an ad could not move freely.
    total, unallocated : float
        Money to share out per day, and what no ad may take.
    notes : list of str
        Why money is left, or which gates gave way.
    expected_impact : dict
        What the changes are expected to bring per day.
    """

    recommendations: list[BudgetRecommendation]
    budgets: dict[str, float]
    holds: dict[str, str]
    total: float
    unallocated: float
    notes: list[str]
    expected_impact: Impact


@dataclass
class BudgetShiftResult:
    """What became of a list of changes.

    Attributes
    ----------
    successful : bool
        Whether every change was made, or, without a client, could be listed.
    changes_made : list of dict
        ``ad_id``, ``old_budget``, ``new_budget``, ``change``, ``reason`` of each.
    total_budget_shifted : float
        Money moved per day.
    expected_impact : dict
        ``estimated_roas_improvement`` in percent, ``estimated_daily_savings`` and more.
    execution_time : datetime
        When it ended, in UTC.
    error : str or None
        What stopped it.
    dry_run : bool
        Whether nothing was sent, as no client was given.
    """

    successful: bool
    changes_made: list[BudgetChange]
    total_budget_shifted: float
    expected_impact: Impact
    execution_time: datetime
    error: str | None = None
    dry_run: bool = False


class BudgetOptimizer:
    """Judges ads and plans their budgets.

    Parameters
    ----------
    target_roas : float, default 2.0
        The return aimed at; by default that of :mod:`geminivideo.config`, as is ``MIN_BUDGET``.
    policy : {"posterior", "spec"}, default "posterior"
        ``posterior`` maximises expected revenue with a share for exploration; ``spec`` applies the
        specification's thresholds to observed returns.
    **options
        Further options of the Rust ``BudgetOptions`` by name, such as ``seed``, ``locked``,
        ``pooling="campaign"``, ``exploration``, ``value_per_conversion``.

    Raises
    ------
    InvalidInputError
        For options that are unknown or outside their range.
    """

    MIN_SPEND_FOR_DECISION = 50
    MIN_CONVERSIONS_FOR_DECISION = 5
    LEARNING_PERIOD_HOURS = 24
    MAX_BUDGET_INCREASE_PERCENT = 50
    MAX_BUDGET_DECREASE_PERCENT = 50
    MIN_BUDGET = 10
    TARGET_ROAS = 2.0
    MIN_ROAS_THRESHOLD = 1.0
    SCALE_ROAS_THRESHOLD = 3.0

    def __init__(
        self, target_roas: float = config.TARGET_ROAS, *, policy: str = "posterior", **options: Any
    ) -> None:
        self.target_roas = config.given_or("target_roas", target_roas)
        self.MIN_BUDGET = config.chosen("min_budget", self.MIN_BUDGET)
        self.policy = policy
        self.options = options
        self._optimizer()

    def _optimizer(self) -> _core.BudgetOptimizer:
        return _core.BudgetOptimizer(
            json.dumps(
                {
                    "min_spend": self.MIN_SPEND_FOR_DECISION,
                    "min_conversions": self.MIN_CONVERSIONS_FOR_DECISION,
                    "learning_hours": self.LEARNING_PERIOD_HOURS,
                    "max_increase_percent": self.MAX_BUDGET_INCREASE_PERCENT,
                    "max_decrease_percent": self.MAX_BUDGET_DECREASE_PERCENT,
                    "min_budget": self.MIN_BUDGET,
                    "min_roas": self.MIN_ROAS_THRESHOLD,
                    "scale_roas": self.SCALE_ROAS_THRESHOLD,
                    **self.options,
                    "target_roas": self.target_roas,
                    "policy": self.policy,
                },
                default=list,
            )
        )

    def assess_ads(
        self,
        ads: Iterable[AdPerformance],
        *,
        history: Mapping[str, Any] | None = None,
    ) -> list[AdAssessment]:
        """Judge each ad against the account, in the order of their ids.

        `history` maps ad ids to hourly rows, taken in place of the totals; see :meth:`plan`.
        """
        return [
            AdAssessment(
                status=AdStatus(plain.pop("status")),
                roas_interval=tuple(plain.pop("roas_interval")),
                **plain,
            )
            for plain in self._optimizer().assess(list(ads), _plain_history(history))
        ]

    def analyze_ads(self, ads: Iterable[AdPerformance]) -> Categories:
        """Put each ad into one of five groups; the ads are the objects given.

        Returns
        -------
        dict
            ``winners``, ``stable``, ``underperforming``, ``losers``, ``learning``.
        """
        ads = list(ads)
        category = {found.ad_id: found.category for found in self.assess_ads(ads)}

        def group(name: str) -> list[AdPerformance]:
            return [ad for ad in ads if category[str(ad.ad_id)] == name]

        return {
            "winners": group("winners"),
            "stable": group("stable"),
            "underperforming": group("underperforming"),
            "losers": group("losers"),
            "learning": group("learning"),
        }

    def plan(
        self,
        ads: Iterable[AdPerformance],
        total_daily_budget: float | None = None,
        *,
        history: Mapping[str, Any] | None = None,
    ) -> BudgetPlan:
        """Plan the running ads' daily budgets.

        `history` maps ad ids to hourly rows: mappings, or a pandas ``DataFrame``, with
        ``age_hours``, ``spend``, ``impressions``, ``clicks``, ``conversions``, ``revenue``.

        Raises
        ------
        InvalidInputError
            Where a figure cannot be true, an id is given twice, or the total is below what the
            ads' smallest allowed budgets add up to.
        """
        plain = self._optimizer().plan(list(ads), total_daily_budget, _plain_history(history))
        recommendations = [BudgetRecommendation(**item) for item in plain.pop("recommendations")]
        return BudgetPlan(
            recommendations=recommendations,
            budgets=dict(plain.pop("budgets")),
            holds=dict(plain.pop("holds")),
            **plain,
        )

    def plan_table(self, table: Any, total_daily_budget: float | None = None) -> BudgetTable:
        """Plan as :meth:`plan` does, from columns to columns.

        `table` is a mapping of numpy arrays, an Arrow table or a pandas ``DataFrame`` with the fields of
        :class:`AdPerformance` as columns: ``ad_id``, ``spend``, ``daily_budget``, ``impressions``, ``clicks``,
        ``conversions``, ``revenue``, ``hours_active``, and where there are any ``campaign_id``, ``creative_id``,
        ``budget_owner``, ``status`` (texts as of :class:`AdStatus`) and ``budget_24h_ago``.

        Raises
        ------
        InvalidInputError
            As :meth:`plan`, and where a column is missing or not of numbers.
        """
        numbers, texts = columns(
            table,
            ("spend", "daily_budget", "impressions", "clicks", "conversions", "revenue", "hours_active"),
            ("budget_24h_ago",),
            ("campaign_id", "creative_id", "budget_owner", "status"),
        )
        sheet, summary = self._optimizer().plan_columns(numbers, texts, total_daily_budget)
        return BudgetTable(columns={"ad_id": texts["ad_id"], **sheet}, **summary)

    def generate_recommendations(
        self, ads: Iterable[AdPerformance], total_daily_budget: float | None = None
    ) -> list[BudgetRecommendation]:
        """Recommend changes that keep the total, `total_daily_budget` or the present one.

        One entry for each ad whose budget changes: priority first, then the largest change.

        Raises
        ------
        InvalidInputError
            As :meth:`plan`.
        """
        return self.plan(ads, total_daily_budget).recommendations

    async def execute_budget_shifts(
        self, recommendations: Iterable[BudgetRecommendation], platform_client: Any = None
    ) -> BudgetShiftResult:
        """Make the changes on the platform, cuts before rises; the first failure stops.

        `platform_client` is any object with a method ``update_ad_budget(ad_id, budget)``,
        ``update_budget`` or ``set_budget``, plain or async. Without one nothing is sent and
        ``dry_run`` is true.
        """
        recommendations = list(recommendations)
        _, _, order = _core.budget_impact(recommendations)
        made: list[BudgetRecommendation] = []
        error = None
        update = None
        if platform_client is not None:
            names = ("update_ad_budget", "update_budget", "set_budget")
            update = next(
                (found for name in names if (found := getattr(platform_client, name, None))), None
            )
            if update is None:
                error = "the platform client has no update_ad_budget(ad_id, budget)"
        for place in order if error is None else ():
            item = recommendations[place]
            if update is not None:
                try:
                    outcome = update(item.ad_id, item.recommended_budget)
                    if inspect.isawaitable(outcome):
                        await outcome
                except Exception as failure:
                    _log.error("changing the budget of ad %s failed: %s", item.ad_id, failure)
                    error = f"ad {item.ad_id}: {str(failure) or type(failure).__name__}"
                    break
            made.append(item)
        impact, shifted, _ = _core.budget_impact(made)
        return BudgetShiftResult(
            successful=error is None,
            changes_made=[
                {
                    "ad_id": item.ad_id,
                    "old_budget": item.current_budget,
                    "new_budget": item.recommended_budget,
                    "change": item.change_amount,
                    "reason": item.reason,
                }
                for item in made
            ],
            total_budget_shifted=shifted,
            expected_impact=impact,
            execution_time=datetime.now(timezone.utc),
            error=error,
            dry_run=platform_client is None,
        )

    def get_optimization_report(self, ads: Iterable[AdPerformance]) -> OptimizationReport:
        """Sum up the account."""
        return self._optimizer().report(list(ads))

    def simulate_optimization(self, ads: Iterable[AdPerformance], days: int = 7) -> Projection:
        """Project the next days against leaving the budgets as they are; it may be worse.

        Futures are drawn from the posterior; the result carries intervals and the share of futures
        in which the policy does worse.
        """
        return self._optimizer().simulate(list(ads), days)


def _plain_history(history: Mapping[str, Any] | None) -> dict[str, list[Any]] | None:
    if history is None:
        return None
    return {
        str(ad): rows.to_dict("records") if hasattr(rows, "to_dict") else list(rows)
        for ad, rows in history.items()
    }
