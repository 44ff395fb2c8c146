"""Patterns of ads that won, and of those that lost.

Statistics are of real winners: invented examples are flagged and left out. What sets winners apart is a lift
against stored losers, with an interval; without losers that is said.
"""

from __future__ import annotations

import enum
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from . import _core
from ._store import Storage, open_store
from ._time import to_datetime, to_milliseconds

__all__ = [
    "AdFormat",
    "AdObjective",
    "AdPlatform",
    "AudioPattern",
    "CTAPattern",
    "CreativeDna",
    "HookBenchmark",
    "HookPattern",
    "HookStatistics",
    "IndustryBenchmarks",
    "NoBenchmarks",
    "Similar",
    "Spread",
    "Trait",
    "VisualPattern",
    "WinningAdPattern",
    "WinningPatternsDB",
]


class AdPlatform(enum.Enum):
    """Where an ad ran."""

    META = "meta"
    GOOGLE = "google"
    TIKTOK = "tiktok"
    YOUTUBE = "youtube"
    LINKEDIN = "linkedin"


class AdFormat(enum.Enum):
    """What kind of ad it is."""

    VIDEO = "video"
    IMAGE = "image"
    CAROUSEL = "carousel"
    STORIES = "stories"
    REELS = "reels"


class AdObjective(enum.Enum):
    """What an ad is to reach."""

    CONVERSIONS = "conversions"
    TRAFFIC = "traffic"
    AWARENESS = "awareness"
    LEADS = "leads"
    SALES = "sales"
    APP_INSTALLS = "app_installs"


@dataclass
class HookPattern:
    """How an ad begins; times in seconds."""

    hook_type: str
    first_element: str
    timing: dict[str, float]
    text_used: str | None
    emotion: str
    motion_level: str


@dataclass
class VisualPattern:
    """What an ad looks like; `face_ratio` is the share of the time in which a face shows, 0 to 1."""

    color_palette: list[str]
    dominant_colors: list[str]
    composition: str
    face_ratio: float
    text_overlay_style: str
    transitions: list[str]
    aspect_ratio: str


@dataclass
class AudioPattern:
    """What an ad sounds like."""

    has_music: bool
    music_genre: str | None
    has_voiceover: bool
    voice_gender: str | None
    voice_energy: str
    beat_sync: bool
    audio_hooks: list[str]


@dataclass
class CTAPattern:
    """What an ad asks for; `cta_timing` is a share of its length, 0 to 1."""

    cta_type: str
    cta_text: str
    cta_timing: float
    urgency_used: bool
    scarcity_used: bool
    button_color: str
    animation: str


@dataclass
class WinningAdPattern:
    """What an ad was like and how it did.

    An empty `id` is made of the content. `is_loser` marks the contrast that winners are compared with,
    `is_synthetic` an invented example; `extra` keeps fields of other programs.
    """

    id: str
    source_platform: AdPlatform
    ad_format: AdFormat
    objective: AdObjective
    industry: str
    estimated_spend: float
    estimated_impressions: int
    estimated_ctr: float
    estimated_roas: float
    hook_pattern: HookPattern
    visual_pattern: VisualPattern
    audio_pattern: AudioPattern
    cta_pattern: CTAPattern
    duration_seconds: float
    extracted_at: datetime
    confidence_score: float
    tags: list[str] = field(default_factory=list)
    is_loser: bool = False
    is_synthetic: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values that go into JSON."""
        plain = asdict(self)
        extra = plain.pop("extra")
        for name in ("source_platform", "ad_format", "objective"):
            plain[name] = plain[name].value
        plain["extracted_at"] = self.extracted_at.isoformat()
        return {**extra, **plain}


class HookStatistics(TypedDict):
    """How a type of hook did among real winners; ids best first."""

    count: int
    avg_roas: float
    patterns: list[str]


class Spread(TypedDict):
    """Mean and spread of a figure."""

    avg: float
    min: float
    max: float
    p25: float
    p75: float


class HookBenchmark(TypedDict):
    """How a type of hook did in an industry; the expectation draws the mean of few patterns towards the industry's."""

    hook_type: str
    avg_roas: float
    count: int
    expected_roas: float


class IndustryBenchmarks(TypedDict):
    """How the real winners of an industry did."""

    industry: str
    sample_size: int
    roas: Spread
    ctr: Spread
    top_hook_types: list[HookBenchmark]
    common_colors: list[str]
    note: str


class NoBenchmarks(TypedDict):
    """There is no winner of the industry."""

    error: str


class Trait(TypedDict):
    """A property, how often patterns have it, and its lift against losers with a 90 % interval."""

    name: str
    value: str
    count: int
    share: float
    contrast_share: float | None
    lift: float | None
    lift_interval: list[float] | None


class CreativeDna(TypedDict, total=False):
    """What patterns have in common, and whether it sets them apart; empty without patterns."""

    dominant_hook: str | None
    common_colors: list[str]
    best_cta_type: str | None
    dominant_emotion: str | None
    avg_face_ratio: float
    avg_duration: float
    sample_size: int
    contrast_size: int
    traits: list[Trait]
    note: str


@dataclass
class Similar:
    """A pattern beside another: mean likeness from 0 to 1, and that of each part."""

    pattern: WinningAdPattern
    similarity: float
    parts: dict[str, float]


def _to_json(pattern: WinningAdPattern) -> str:
    return json.dumps({**pattern.to_dict(), "extracted_at": to_milliseconds(pattern.extracted_at)})


_OWN = set(WinningAdPattern.__dataclass_fields__) - {"extra"}


def _pattern(plain: dict[str, Any]) -> WinningAdPattern:
    own = {name: plain[name] for name in _OWN}
    own["source_platform"] = AdPlatform(own["source_platform"])
    own["ad_format"] = AdFormat(own["ad_format"])
    own["objective"] = AdObjective(own["objective"])
    own["hook_pattern"] = HookPattern(**own["hook_pattern"])
    own["visual_pattern"] = VisualPattern(**own["visual_pattern"])
    own["audio_pattern"] = AudioPattern(**own["audio_pattern"])
    own["cta_pattern"] = CTAPattern(**own["cta_pattern"])
    own["estimated_impressions"] = int(own["estimated_impressions"])
    own["extracted_at"] = to_datetime(own["extracted_at"])
    return WinningAdPattern(
        **own, extra={name: value for name, value in plain.items() if name not in _OWN}
    )


class WinningPatternsDB:
    """Patterns of ads in a store.

    Parameters
    ----------
    storage_path : str, path or store, optional
        Where patterns are kept: a file or folder, ``postgresql://...``, ``:memory:``. By default what
        ``PATTERNS_DB_PATH`` or ``GV_DATA_DIR`` names, else a file in the user's data folder.
    """

    def __init__(self, storage_path: Storage = None) -> None:
        self.store = open_store(storage_path)
        self._db = _core.PatternsDB(self.store)

    def add_pattern(self, pattern: WinningAdPattern) -> str:
        """Add a pattern, or replace the one of its id, and return the id.

        Raises
        ------
        InvalidInputError
            For a field that breaks a rule.
        """
        return self._db.add(_to_json(pattern))

    def get_pattern(self, pattern_id: str) -> WinningAdPattern | None:
        """Look a pattern up; ``None`` where there is none."""
        plain = self._db.get(pattern_id)
        return None if plain is None else _pattern(plain)

    def find_patterns(
        self,
        industry: str | None = None,
        platform: AdPlatform | None = None,
        objective: AdObjective | None = None,
        hook_type: str | None = None,
        min_roas: float | None = None,
        limit: int = 10,
        *,
        include_losers: bool = False,
    ) -> list[WinningAdPattern]:
        """Find patterns, best return first; what is ``None`` does not matter."""
        found = self._db.find(
            industry,
            None if platform is None else AdPlatform(platform).value,
            None if objective is None else AdObjective(objective).value,
            hook_type,
            min_roas,
            limit,
            include_losers,
        )
        return [_pattern(plain) for plain in found]

    def get_top_performers(self, limit: int = 10) -> list[WinningAdPattern]:
        """Return the winners with the best returns."""
        return [_pattern(plain) for plain in self._db.top(limit)]

    def get_hook_statistics(self) -> dict[str, HookStatistics]:
        """Return how each type of hook did among real winners."""
        return self._db.hook_statistics()

    def get_industry_benchmarks(self, industry: str) -> IndustryBenchmarks | NoBenchmarks:
        """Return how the real winners of an industry did; ``error`` where there is none."""
        found = self._db.benchmarks(industry)
        if found is None:
            return {"error": f"no patterns of the industry {industry}"}
        return found

    def extract_creative_dna(self, patterns: Iterable[WinningAdPattern]) -> CreativeDna:
        """Return what patterns have in common, beside the stored losers of their industries."""
        texts = ",".join(_to_json(pattern) for pattern in patterns)
        found = self._db.creative_dna(f"[{texts}]")
        return {} if found is None else found

    def search(self, words: str, limit: int = 10) -> list[WinningAdPattern]:
        """Find patterns by words of hook, call to action and tags, best match first."""
        return [_pattern(plain) for plain in self._db.search(words, limit)]

    def find_similar(self, pattern: WinningAdPattern, limit: int = 10) -> list[Similar]:
        """Find the patterns that are most like one, and say in what.

        Among up to 20,000 patterns all are looked at. Among more, those that differ from it in at most one of industry,
        platform, objective and type of hook; what is more alike than ``1 - 2 / parts`` is then still what looking at all
        would find.
        """
        return [
            Similar(_pattern(plain["pattern"]), plain["similarity"], dict(plain["parts"]))
            for plain in self._db.similar(_to_json(pattern), limit)
        ]

    def export_jsonl(self, path: str | os.PathLike[str]) -> int:
        """Write every pattern as a line of JSON, with a checksum, and return how many."""
        return self._db.export_to(path)

    def import_patterns(self, path: str | os.PathLike[str]) -> int:
        """Read what :meth:`export_jsonl` wrote, or the JSON of older programs; return how many.

        Nothing is added where the file is damaged.
        """
        return self._db.import_from(path)

    def seed_with_examples(self) -> None:
        """Add a few invented patterns to try things with; they are left out of statistics."""
        self._db.seed()

    @staticmethod
    def extract_pattern(
        analysis: Any,
        *,
        platform: AdPlatform,
        ad_format: AdFormat,
        objective: AdObjective,
        industry: str,
        roas: float,
        ctr: float = 0.0,
        spend: float = 0.0,
        impressions: int = 0,
        is_loser: bool = False,
    ) -> WinningAdPattern:
        """Take an :class:`.AnalysisResult` to a pattern; what it did not look at stays ``unknown``."""
        plain = _core.pattern_of_analysis(analysis.to_json())
        plain.update(
            source_platform=AdPlatform(platform).value,
            ad_format=AdFormat(ad_format).value,
            objective=AdObjective(objective).value,
            industry=industry,
            estimated_roas=roas,
            estimated_ctr=ctr,
            estimated_spend=spend,
            estimated_impressions=impressions,
            is_loser=is_loser,
            extracted_at=to_milliseconds(datetime.now()),
        )
        return _pattern(plain)
