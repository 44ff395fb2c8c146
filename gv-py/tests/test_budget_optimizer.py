"""The budget optimiser, from Python."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from geminivideo.budget_optimizer import AdPerformance, AdStatus, BudgetOptimizer
from geminivideo.errors import InvalidInputError


def ad(ad_id, conversions, roas, **changes):
    performance = AdPerformance(
        ad_id=ad_id, campaign_id="camp_1", creative_id="creative_1",
        spend=500, daily_budget=50,
        impressions=100000, clicks=600, conversions=conversions, revenue=500 * roas,
        ctr=0.006, cvr=conversions / 600, cpa=500 / conversions if conversions else 0, roas=roas,
        hours_active=240, status=AdStatus.MAINTAINING, confidence=0.9,
    )
    return dataclasses.replace(performance, **changes)


ADS = [ad("win", 50, 4.0), ad("lose", 8, 0.4), ad("mid", 30, 1.8)]


def test_the_specifications_example_runs_as_written():
    optimizer = BudgetOptimizer(target_roas=2.5)
    ads = [
        AdPerformance(
            ad_id="ad_001", campaign_id="camp_1", creative_id="creative_1",
            spend=100, daily_budget=50,
            impressions=10000, clicks=200, conversions=10, revenue=500,
            ctr=0.02, cvr=0.05, cpa=10, roas=5.0,
            hours_active=48, status=AdStatus.SCALING, confidence=0.9
        ),
    ]
    categories = optimizer.analyze_ads(ads)
    assert categories["winners"] == ads and categories["winners"][0] is ads[0]
    assert not categories["losers"]
    for rec in optimizer.generate_recommendations(ads, total_daily_budget=75):
        assert f"{rec.ad_id}: {rec.current_budget} -> {rec.recommended_budget}" == "ad_001: 50.0 -> 75.0"
        assert f"{rec.change_percent:+.1f}" == "+50.0"
        assert rec.reason
    report = optimizer.get_optimization_report(ads)
    assert f"{report['overall_roas']:.2f}" == "5.00"
    assert report["potential_savings"] == 0


def test_the_total_is_kept_to_the_cent_and_order_does_not_matter():
    optimizer = BudgetOptimizer()
    plan = optimizer.plan(ADS)
    assert round(sum(plan.budgets.values()) * 100) == 15000
    assert plan.budgets["win"] > 60 and plan.budgets["lose"] < 26
    assert optimizer.plan(ADS[::-1]) == plan
    assert [r.priority for r in plan.recommendations] == sorted(r.priority for r in plan.recommendations)


def test_states_and_hourly_history():
    optimizer = BudgetOptimizer()
    statuses = {a.ad_id: a.status for a in optimizer.assess_ads(ADS)}
    assert statuses["win"] is AdStatus.SCALING and statuses["lose"] is AdStatus.DECLINING
    hours = [
        dict(age_hours=h, spend=2.0, impressions=400, clicks=2.5, conversions=0.2 if h > 72 else 0.0,
             revenue=8.0 if h > 72 else 0.0)
        for h in range(240)
    ]
    fading = optimizer.assess_ads(ADS, history={"win": hours})
    lively = {a.ad_id: a.expected_roas for a in optimizer.assess_ads(ADS)}
    assert {a.ad_id: a.expected_roas for a in fading}["win"] < lively["win"]
    pandas = pytest.importorskip("pandas")
    assert optimizer.assess_ads(ADS, history={"win": pandas.DataFrame(hours)}) == fading


def test_what_a_model_expects_counts_where_an_ad_has_shown_little():
    optimizer = BudgetOptimizer()
    young = dict(spend=60, daily_budget=50, impressions=4000, clicks=60, revenue=60, ctr=0, cvr=0, cpa=0, hours_active=30)
    ads = [ad(name, 1, 0, **young) for name in ("plain", "praised", "damned")]
    expected = [None, 6.0, 0.3]
    ads = [dataclasses.replace(a, expected_roas=roas, expected_sd=0.3) for a, roas in zip(ads, expected)]
    plain, praised, damned = (category for a in ads for category, found in optimizer.analyze_ads(ads).items() if a in found)
    assert (praised, damned) == ("winners", "losers") and plain not in ("winners", "losers")
    columns = {field: [getattr(a, field) for a in ads] for field in (
        "ad_id", "spend", "daily_budget", "impressions", "clicks", "conversions", "revenue", "hours_active", "expected_sd"
    )}
    columns["expected_roas"] = [float("nan"), 6.0, 0.3]
    assert list(optimizer.plan_table(columns).columns["budget"]) == [optimizer.plan(ads).budgets[a.ad_id] for a in ads]
    with pytest.raises(InvalidInputError, match="expected_roas"):
        optimizer.plan([dataclasses.replace(ads[0], expected_roas=-1.0)])


def test_the_report_and_the_projection_have_the_contracts_keys():
    optimizer = BudgetOptimizer()
    report = optimizer.get_optimization_report(ADS)
    assert set(report["distribution"]) == {"winners", "stable", "underperforming", "losers", "learning"}
    assert report["potential_savings"] > 0
    projection = optimizer.simulate_optimization(ADS, days=3)
    assert {"current_roas", "projected_roas_after_optimization", "improvement_percent",
            "daily_projections"} <= set(projection)
    assert [day["day"] for day in projection["daily_projections"]] == [1, 2, 3]


class Client:
    def __init__(self, fail_on=None):
        self.calls, self.fail_on = [], fail_on

    def update_ad_budget(self, ad_id, budget):
        if ad_id == self.fail_on:
            raise RuntimeError("refused")
        self.calls.append((ad_id, budget))


class AsyncClient(Client):
    async def update_ad_budget(self, ad_id, budget):
        await asyncio.sleep(0)
        super().update_ad_budget(ad_id, budget)


@pytest.mark.parametrize("client", [Client(), AsyncClient()])
def test_shifts_are_executed_cuts_first(client):
    optimizer = BudgetOptimizer()
    recommendations = optimizer.generate_recommendations(ADS)
    result = asyncio.run(optimizer.execute_budget_shifts(recommendations, client))
    assert result.successful and not result.dry_run
    assert client.calls[0][0] == "lose"
    assert {c["ad_id"] for c in result.changes_made} == {r.ad_id for r in recommendations}
    assert set(result.changes_made[0]) == {"ad_id", "old_budget", "new_budget", "change", "reason"}
    assert {"estimated_roas_improvement", "estimated_daily_savings"} <= set(result.expected_impact)
    rises = sum(r.change_amount for r in recommendations if r.change_amount > 0)
    assert result.total_budget_shifted == pytest.approx(rises)


def test_a_failure_stops_and_is_told_and_no_client_means_a_dry_run():
    optimizer = BudgetOptimizer()
    recommendations = optimizer.generate_recommendations(ADS)
    failed = asyncio.run(optimizer.execute_budget_shifts(recommendations, Client("lose")))
    assert not failed.successful and failed.error == "ad lose: refused" and failed.changes_made == []
    dry = asyncio.run(optimizer.execute_budget_shifts(recommendations))
    assert dry.successful and dry.dry_run and len(dry.changes_made) == len(recommendations)


def test_bad_figures_are_refused():
    optimizer = BudgetOptimizer()
    with pytest.raises(InvalidInputError, match="revenue is NaN"):
        optimizer.plan([ad("a", 8, 1.0, revenue=float("nan"))])
    with pytest.raises(ValueError, match="more than once"):
        optimizer.plan([ADS[0], ADS[0]])
    with pytest.raises(InvalidInputError, match="smallest allowed budgets"):
        optimizer.plan(ADS, 10)
    with pytest.raises(InvalidInputError):
        BudgetOptimizer(target_roas=-1)
    assert optimizer.generate_recommendations([]) == []
