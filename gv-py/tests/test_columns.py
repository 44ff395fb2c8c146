"""Tables of ads as columns: the same answers as from dataclasses, from numpy, pandas and Arrow."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from geminivideo.budget_optimizer import AdStatus, BudgetOptimizer
from geminivideo.errors import InvalidInputError
from geminivideo.loser_kill_switch import AdMetrics, LoserKillSwitch
from test_budget_optimizer import ad

RATIOS = dict(ctr=0.0, cvr=0.0, cpa=0.0, roas=0.0)
ADS = [
    dataclasses.replace(one, **RATIOS)
    for one in (
        ad("win", 50, 4.0, budget_owner="set"),
        ad("lose", 8, 0.4),
        ad("shares", 30, 1.8, budget_owner="set"),
        ad("rests", 30, 1.8, status=AdStatus.PAUSED),
    )
]
FIELDS = ("spend", "daily_budget", "impressions", "clicks", "conversions", "revenue", "hours_active")


def as_numpy():
    table = {name: np.array([getattr(one, name) for one in ADS]) for name in FIELDS}
    table["ad_id"] = np.array([one.ad_id for one in ADS])
    table["budget_owner"] = np.array([one.budget_owner for one in ADS])
    table["status"] = [one.status.value for one in ADS]
    return table


def as_pandas():
    return pytest.importorskip("pandas").DataFrame(as_numpy())


def as_arrow():
    return pytest.importorskip("pyarrow").table(as_numpy())


@pytest.mark.parametrize("make", [as_numpy, as_pandas, as_arrow])
def test_a_plan_from_columns_is_the_plan_from_dataclasses(make):
    optimizer = BudgetOptimizer()
    plan, table = optimizer.plan(ADS), optimizer.plan_table(make())
    columns = table.columns
    assert columns["ad_id"] == [one.ad_id for one in ADS]
    assert (table.total, table.unallocated, table.notes) == (plan.total, plan.unallocated, plan.notes)
    assert table.expected_impact == plan.expected_impact
    assert columns["budget"][:3].tolist() == [plan.budgets["shares"], plan.budgets["lose"], plan.budgets["shares"]]
    assert np.isnan(columns["budget"][3]) and columns["priority"][3] == 0
    change = {item.ad_id: item for item in plan.recommendations}
    assert columns["confidence"][1] == change["lose"].confidence
    assert columns["reason"][1] == change["lose"].reason
    frame = pytest.importorskip("pandas").DataFrame
    assert isinstance(table.to_frame(), frame) and len(table.to_frame()) == 4


def test_kills_from_columns_are_those_from_dataclasses():
    metrics = [
        AdMetrics(f"ad{n}", "c", spend=20.0 * n, budget=0.0, impressions=2000 * n, clicks=20 * n,
                  conversions=n % 3, revenue=60.0 * (n % 3), hours_running=10 * n, **RATIOS)
        for n in range(1, 40)
    ]
    names = ("spend", "budget", "impressions", "clicks", "conversions", "revenue", "hours_running")
    table = {name: np.array([getattr(one, name) for one in metrics]) for name in names}
    table["ad_id"] = [one.ad_id for one in metrics]
    switch = LoserKillSwitch()
    decisions, rows = switch.evaluate_all(metrics), switch.evaluate_table(table)
    assert rows["ad_id"] == [one.ad_id for one in decisions]
    assert rows["should_kill"].tolist() == [one.should_kill for one in decisions] and rows["should_kill"].any()
    assert rows["reason"] == [one.reason and one.reason.value for one in decisions]
    for name in ("confidence", "waste_prevented", "planned_spend", "expected_roas", "probability_unprofitable"):
        assert rows[name].tolist() == [getattr(one, name) for one in decisions], name
    assert list(zip(rows["roas_low"], rows["roas_high"])) == [one.roas_interval for one in decisions]
    assert rows["is_sound"].all()


def test_what_is_wrong_with_a_table_is_named():
    optimizer = BudgetOptimizer()
    for change, message in (
        ({"clicks": None}, "lacks the columns clicks"),
        ({"clicks": np.array([1.5, 1, 1, 1])}, "ad win in row 0: clicks is 1.5"),
        ({"clicks": np.array([-1, 1, 1, 1])}, "whole number"),
        ({"clicks": ["many", 1, 1, 1]}, "column clicks is not of numbers"),
        ({"clicks": np.ones((4, 2))}, "2 dimensions"),
        ({"clicks": np.ones(3)}, "column clicks has 3 rows"),
        ({"revenue": np.array([np.nan, 1, 1, 1])}, "revenue is NaN"),
        ({"status": ["running"] * 4}, "status is running"),
        ({"ad_id": ["a", "a", "b", "c"]}, "more than once"),
    ):
        table = {**as_numpy(), **change}
        table = {name: column for name, column in table.items() if column is not None}
        with pytest.raises(InvalidInputError, match=message):
            optimizer.plan_table(table)
    empty = {name: np.array([]) for name in as_numpy()}
    assert optimizer.plan_table(empty).columns["budget"].size == 0
