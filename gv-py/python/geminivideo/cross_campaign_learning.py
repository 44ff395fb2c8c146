"""What all campaigns together teach a new one.

Figures of few campaigns are drawn towards those of the wider group (industry, objective, all); hooks and calls
to action are credited with what their campaigns reached beyond their peers, not with the campaign's best.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from . import _core
from ._store import Storage, open_store
from ._time import to_datetime, to_milliseconds

__all__ = [
    "Benchmark",
    "CampaignLearning",
    "CrossCampaignLearner",
    "FailedPattern",
    "IndustryBenchmarks",
    "IndustryInsight",
    "KnowledgeBase",
    "LearningStats",
    "PostingTime",
    "RecommendedCta",
    "RecommendedHook",
    "Recommendations",
]


class Benchmark(TypedDict):
    """An expected figure: 80 % intervals of the mean and of a single campaign, and where it comes from."""

    expected: float
    interval: list[float]
    campaign_interval: list[float]
    confidence: float
    campaigns: int
    level: str


class IndustryBenchmarks(TypedDict):
    """What a new campaign can expect; ``None`` where no campaign says."""

    expected_roas: float | None
    expected_ctr: float | None
    expected_cpa: float | None
    confidence: float
    roas: Benchmark | None
    ctr: Benchmark | None
    cpa: Benchmark | None


class RecommendedHook(TypedDict):
    """A hook, the return to expect with it, and its factor on the return with a 60 % interval."""

    hook: str
    avg_roas: float
    usage_count: int
    won: int
    lost: int
    lift: float
    lift_interval: list[float]


class RecommendedCta(TypedDict):
    """A call to action; see :class:`RecommendedHook`."""

    cta: str
    avg_roas: float
    usage_count: int
    won: int
    lost: int
    lift: float
    lift_interval: list[float]


class PostingTime(TypedDict):
    """A time that did well, and the campaigns that named it."""

    time: dict[str, Any]
    campaigns: int
    share: float


class FailedPattern(TypedDict):
    """A pattern that failed in more campaigns than it won in."""

    pattern: str
    failed: int
    won: int


class Recommendations(TypedDict):
    """What :meth:`CrossCampaignLearner.get_recommendations_for_campaign` returns."""

    industry_benchmarks: IndustryBenchmarks
    recommended_hooks: list[RecommendedHook]
    recommended_ctas: list[RecommendedCta]
    recommended_duration: tuple[int, int] | None
    recommended_posting_times: list[PostingTime]
    patterns_to_avoid: list[FailedPattern]
    similar_campaigns_analyzed: int
    total_learnings_used: int
    notes: list[str]


@dataclass
class CampaignLearning:
    """What one campaign taught, as its owner sums it up.

    `best_roas` is the best of its ads, a maximum: benchmarks expect less. Money is in currency units.
    """

    campaign_id: str
    account_id: str
    industry: str
    objective: str
    winning_patterns: list[dict[str, Any]] = field(default_factory=list)
    winning_hooks: list[str] = field(default_factory=list)
    winning_ctas: list[str] = field(default_factory=list)
    best_audiences: list[dict[str, Any]] = field(default_factory=list)
    best_times: list[dict[str, Any]] = field(default_factory=list)
    failed_patterns: list[dict[str, Any]] = field(default_factory=list)
    failed_hooks: list[str] = field(default_factory=list)
    failed_audiences: list[dict[str, Any]] = field(default_factory=list)
    best_roas: float = 0.0
    best_ctr: float = 0.0
    best_cpa: float = 0.0
    total_spend: float = 0.0
    total_conversions: int = 0
    confidence_score: float = 0.0
    data_points: int = 0
    extracted_at: datetime = field(default_factory=datetime.now)
    campaign_duration_days: int = 0


@dataclass
class IndustryInsight:
    """What is known of an industry; averages are shrunk, and ``None`` where no campaign says."""

    industry: str
    sample_size: int
    avg_roas: float | None
    avg_ctr: float | None
    avg_cpa: float | None
    top_hook_types: list[tuple[str, float]]
    top_cta_types: list[tuple[str, float]]
    best_video_duration: tuple[int, int] | None
    best_posting_times: list[PostingTime]
    best_age_ranges: list[str]
    best_interests: list[str]
    confidence: float
    last_updated: datetime


class LearningStats(TypedDict):
    """What :meth:`CrossCampaignLearner.get_learning_stats` returns."""

    total_campaigns_learned: int
    total_spend_analyzed: float
    total_conversions_analyzed: float
    industries_covered: list[str]
    winning_patterns_count: int
    failed_patterns_count: int
    industry_insights: dict[str, IndustryInsight]


class KnowledgeBase(TypedDict):
    """What :meth:`CrossCampaignLearner.export_knowledge_base` returns; it goes into JSON."""

    format: int
    learnings: dict[str, dict[str, Any]]
    industry_insights: dict[str, dict[str, Any]]
    patterns: dict[str, list[dict[str, Any]]]
    exported_at: str


def _insight(plain: dict[str, Any]) -> IndustryInsight:
    duration = plain["best_video_duration"]
    return IndustryInsight(
        **{
            **plain,
            "top_hook_types": [tuple(pair) for pair in plain["top_hook_types"]],
            "top_cta_types": [tuple(pair) for pair in plain["top_cta_types"]],
            "best_video_duration": None if duration is None else tuple(duration),
            "last_updated": to_datetime(plain["last_updated"]),
        }
    )


class CrossCampaignLearner:
    """Learns from campaigns and advises new ones.

    Parameters
    ----------
    storage_path : str, path or store, optional
        Where learnings are kept: a file, ``postgresql://...``, ``:memory:``. By default what
        ``PATTERNS_DB_PATH`` or ``GV_DATA_DIR`` names, else a file in the user's data folder.
    min_accounts : int, default 1
        Accounts that an industry must have before one account's campaigns speak to another; 3 keeps
        each of them private.
    half_life_days : float, default 180
        Days after which a campaign counts half.
    prior_roas : float, default 1.5
        The return to expect where nothing is known, a prior.
    """

    def __init__(
        self,
        storage_path: Storage = None,
        *,
        min_accounts: int = 1,
        half_life_days: float = 180.0,
        prior_roas: float = 1.5,
    ) -> None:
        options = {
            "min_accounts": min_accounts,
            "half_life_days": half_life_days,
            "prior_roas": prior_roas,
        }
        self.store = open_store(storage_path)
        self._learner = _core.CampaignLearner(self.store, json.dumps(options))

    def add_campaign_learning(self, learning: CampaignLearning) -> None:
        """Add what a campaign taught, or replace what was known of it.

        Raises
        ------
        InvalidInputError
            For an empty id or industry, and for figures that cannot be.
        """
        plain = asdict(learning)
        plain["extracted_at"] = to_milliseconds(learning.extracted_at)
        self._learner.add(json.dumps(plain))

    def get_recommendations_for_campaign(
        self,
        industry: str,
        objective: str,
        target_audience: Mapping[str, Any] | None = None,
        *,
        account_id: str | None = None,
    ) -> Recommendations:
        """Advise a new campaign.

        Campaigns whose audience is like `target_audience` count up to twice; those of `account_id` may
        always be used.
        """
        audience = json.dumps(dict(target_audience or {}))
        plain = self._learner.recommendations(industry, objective, account_id, audience)
        for kind, name in (("recommended_hooks", "hook"), ("recommended_ctas", "cta")):
            plain[kind] = [{name: text.pop("text"), **text} for text in plain[kind]]
        if plain["recommended_duration"] is not None:
            plain["recommended_duration"] = tuple(plain["recommended_duration"])
        result: Recommendations = plain
        return result

    def get_industry_insight(self, industry: str) -> IndustryInsight | None:
        """Return what is known of an industry; ``None`` where there is no campaign of it."""
        plain = self._learner.insight(industry)
        return None if plain is None else _insight(plain)

    def get_learning_stats(self) -> LearningStats:
        """Return what has been learned from, in numbers."""
        plain: Any = self._learner.stats()
        insights = plain["industry_insights"]
        plain["industry_insights"] = {name: _insight(known) for name, known in insights.items()}
        result: LearningStats = plain
        return result

    def export_knowledge_base(self, *, redact: bool = False) -> KnowledgeBase:
        """Return everything that was learned, ready for ``json.dump``.

        With `redact`, ids of accounts and campaigns are replaced by hashes.
        """
        plain = self._learner.export(redact)
        plain["exported_at"] = to_datetime(plain["exported_at"]).isoformat()
        result: KnowledgeBase = plain
        return result

    def merge_knowledge_base(self, exported: Mapping[str, Any]) -> int:
        """Add the campaigns of an exported knowledge base and return how many were new.

        Of a campaign that is here as well the newer learning stays.
        """
        return self._learner.merge(json.dumps({"learnings": exported["learnings"]}))
