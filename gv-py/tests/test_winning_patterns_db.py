"""The winning patterns database, from Python."""

from __future__ import annotations

import dataclasses
import json
import pickle
from datetime import datetime

import pytest

import geminivideo
from conforming import check
from geminivideo.errors import InvalidInputError
from geminivideo.winning_patterns_db import (
    AdFormat,
    AdObjective,
    AdPlatform,
    AudioPattern,
    CTAPattern,
    HookPattern,
    HookStatistics,
    IndustryBenchmarks,
    VisualPattern,
    WinningAdPattern,
    WinningPatternsDB,
)


def pattern(roas=4.2, hook="transformation", **changes):
    made = WinningAdPattern(
        id="",
        source_platform=AdPlatform.META,
        ad_format=AdFormat.REELS,
        objective=AdObjective.SALES,
        industry="ecommerce",
        estimated_spend=50000,
        estimated_impressions=2_000_000,
        estimated_ctr=0.032,
        estimated_roas=roas,
        hook_pattern=HookPattern(hook, "before_state", {"before": 0.0}, "Watch this transformation", "surprise", "high"),
        visual_pattern=VisualPattern(["#FF6B6B"], ["red", "teal"], "centered", 0.4, "bold", ["swipe"], "9:16"),
        audio_pattern=AudioPattern(True, "pop", True, "female", "excited", True, ["beat_drop"]),
        cta_pattern=CTAPattern("shop_now", "Shop Now - 50% Off", 0.85, True, True, "#FF4444", "pulse"),
        duration_seconds=15.0,
        extracted_at=datetime(2026, 5, 1, 12, 30),
        confidence_score=0.92,
        tags=["transformation", "high_roas"],
    )
    return dataclasses.replace(made, **changes)


@pytest.fixture
def db():
    return WinningPatternsDB(":memory:")


def test_a_pattern_comes_back_as_it_was(db):
    given = pattern(extra={"campaign_duration_days": 30})
    found = db.get_pattern(db.add_pattern(given))
    assert found == dataclasses.replace(given, id=found.id)
    assert pickle.loads(pickle.dumps(found)) == found
    assert json.loads(json.dumps(found.to_dict()))["source_platform"] == "meta"
    assert db.get_pattern("unknown") is None


def test_patterns_survive_the_process_in_a_folder(tmp_path):
    folder = tmp_path / "patterns"
    folder.mkdir()
    WinningPatternsDB(str(folder)).add_pattern(pattern())
    assert (folder / "geminivideo.db").is_file()
    assert len(WinningPatternsDB(folder).find_patterns()) == 1


def test_queries_statistics_and_dna(db):
    for roas in (2.0, 4.0, 6.0):
        db.add_pattern(pattern(roas))
    for roas in (0.1, 0.2, 0.3):
        db.add_pattern(pattern(roas, "face", is_loser=True))
    db.seed_with_examples()
    found = db.find_patterns(industry="Ecommerce", platform=AdPlatform.META, min_roas=3.9, limit=10)
    assert [p.estimated_roas for p in found] == [6.0, 4.0]
    assert [p.estimated_roas for p in db.get_top_performers(1)] == [6.0]
    statistics = db.get_hook_statistics()
    check(statistics, dict[str, HookStatistics])
    assert statistics.keys() == {"transformation"}
    benchmarks = db.get_industry_benchmarks("ecommerce")
    check(benchmarks, IndustryBenchmarks)
    assert (benchmarks["roas"]["avg"], benchmarks["roas"]["p75"]) == (4.0, 5.0)
    assert len(db.find_patterns(limit=20, include_losers=True)) == len(db.find_patterns(limit=20)) + 3
    assert "error" in db.get_industry_benchmarks("nothing")
    dna = db.extract_creative_dna(found)
    assert (dna["dominant_hook"], dna["sample_size"], dna["contrast_size"]) == ("transformation", 2, 3)
    lifts = {(found["name"], found["value"]): found["lift"] for found in dna["traits"]}
    assert lifts["hook_type", "transformation"] > 2 * lifts["animation", "pulse"]
    assert db.extract_creative_dna([]) == {}


def test_patterns_are_found_by_words_and_by_likeness(db):
    db.add_pattern(pattern())
    db.add_pattern(pattern(1.0, "question", industry="travel", tags=["beach"]))
    assert [p.industry for p in db.search("beach")] == ["travel"]
    nearest = db.find_similar(pattern(9.0), limit=1)[0]
    assert nearest.pattern.industry == "ecommerce" and nearest.similarity == pytest.approx(1.0)
    assert nearest.parts["hook_type"] == 1.0


def test_patterns_are_carried_over(db, tmp_path):
    db.add_pattern(pattern())
    file = tmp_path / "patterns.jsonl"
    assert db.export_jsonl(file) == 1
    other = WinningPatternsDB(":memory:")
    assert other.import_patterns(file) == 1
    assert other.find_patterns() == db.find_patterns()
    file.write_text(file.read_text().replace("4.2", "9.9"))
    with pytest.raises(InvalidInputError, match="checksum"):
        other.import_patterns(file)
    older = tmp_path / "older.json"
    older.write_text(json.dumps({"p1": {**pattern().to_dict(), "id": "p1"}}))
    assert other.import_patterns(older) == 1
    assert other.get_pattern("p1").extra["extracted_at_text"] == "2026-05-01T12:30:00"


def test_an_analysis_becomes_a_pattern(clip, db):
    result = geminivideo.analyze(clip)
    made = db.extract_pattern(
        result, platform=AdPlatform.META, ad_format=AdFormat.VIDEO, objective=AdObjective.SALES,
        industry="travel", roas=2.0,
    )
    assert made.duration_seconds == pytest.approx(10.0, abs=0.1)
    assert made.visual_pattern.aspect_ratio == "16:9"
    assert "cut" in made.visual_pattern.transitions
    assert db.get_pattern(db.add_pattern(made)).industry == "travel"


def test_what_cannot_be_is_refused(db):
    for change in ({"estimated_ctr": 2.0}, {"estimated_roas": float("nan")}, {"industry": ""}):
        with pytest.raises(InvalidInputError):
            db.add_pattern(pattern(**change))
    assert db.find_patterns() == []
