"""The cross-campaign learner, from Python."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from conforming import check, check_fields
from geminivideo.cross_campaign_learning import (
    CampaignLearning,
    CrossCampaignLearner,
    KnowledgeBase,
    LearningStats,
    Recommendations,
)
from geminivideo.errors import InvalidInputError


def campaign(number, roas=3.0, **changes):
    fields = {
        "campaign_id": f"c{number}",
        "account_id": f"a{number % 4}",
        "industry": "ecommerce",
        "objective": "sales",
        "best_roas": roas,
        "best_ctr": 0.02,
        "best_cpa": 20.0,
        "total_spend": 1000.0,
        "total_conversions": 200,
        "winning_patterns": [{"type": "demo", "duration": 15}],
        "best_times": [{"hour": 19}],
        "best_audiences": [{"age": "25-34"}],
        **changes,
    }
    return CampaignLearning(**fields)


@pytest.fixture
def learner():
    learner = CrossCampaignLearner(":memory:")
    for number in range(12):
        hooks = ["What nobody tells you"] if number < 6 else ["Hello"]
        roas = 4.0 if number < 6 else 2.0
        learner.add_campaign_learning(campaign(number, roas, winning_hooks=hooks, winning_ctas=["Shop now"]))
    return learner


def test_advice_is_shrunk_ordered_and_as_declared(learner):
    advice = learner.get_recommendations_for_campaign("ecommerce", "sales", {"age": "25-34"})
    check(advice, Recommendations)
    benchmarks = advice["industry_benchmarks"]
    assert 2.3 < benchmarks["expected_roas"] < 3.2
    low, high = benchmarks["roas"]["interval"]
    assert low < benchmarks["expected_roas"] < high
    hooks = advice["recommended_hooks"]
    assert [hook["hook"] for hook in hooks] == ["What nobody tells you", "Hello"]
    assert hooks[0]["lift"] > 1 > hooks[1]["lift"]
    assert advice["recommended_duration"] == (15, 15)
    assert advice["recommended_ctas"][0]["cta"] == "Shop now"


def test_statistics_and_insights(learner):
    stats = learner.get_learning_stats()
    check({**stats, "industry_insights": {}}, LearningStats)
    assert stats["total_campaigns_learned"] == 12
    assert stats["total_spend_analyzed"] == 12_000
    insight = stats["industry_insights"]["ecommerce"]
    check_fields(insight)
    assert insight.avg_roas == pytest.approx(learner.get_industry_insight("Ecommerce").avg_roas)
    assert insight.best_age_ranges == ["25-34"] and insight.best_video_duration == (15, 15)


def test_a_knowledge_base_goes_through_json(learner, tmp_path):
    exported = learner.export_knowledge_base()
    check(exported, KnowledgeBase)
    file = tmp_path / "knowledge.json"
    file.write_text(json.dumps(exported))
    other = CrossCampaignLearner(tmp_path / "other.db")
    assert other.merge_knowledge_base(json.loads(file.read_text())) == 12
    assert other.merge_knowledge_base(exported) == 0
    assert '"a1"' not in json.dumps(learner.export_knowledge_base(redact=True))


def test_nothing_known_is_none():
    advice = CrossCampaignLearner(":memory:").get_recommendations_for_campaign("x", "y")
    assert advice["industry_benchmarks"]["expected_roas"] is None
    assert advice["recommended_duration"] is None and advice["recommended_hooks"] == []


def test_accounts_are_kept_private():
    learner = CrossCampaignLearner(":memory:", min_accounts=3)
    learner.add_campaign_learning(campaign(1))
    advice = learner.get_recommendations_for_campaign("ecommerce", "sales")
    assert advice["total_learnings_used"] == 0 and "fewer than 3" in advice["notes"][0]
    own = learner.get_recommendations_for_campaign("ecommerce", "sales", account_id="a1")
    assert own["total_learnings_used"] == 1


def test_what_cannot_be_is_refused(learner):
    for change in ({"best_roas": -1.0}, {"best_ctr": 2.0}, {"industry": ""}, {"total_spend": float("inf")}):
        with pytest.raises(InvalidInputError):
            learner.add_campaign_learning(campaign(99, **change))
    assert learner.get_learning_stats()["total_campaigns_learned"] == 12
    old = campaign(0, extracted_at=datetime(2001, 1, 1))
    assert learner.merge_knowledge_base({"learnings": {}}) == 0 and old.extracted_at.year == 2001
