"""The kill switch, from Python."""

from __future__ import annotations

import asyncio
import dataclasses
import pickle

import pytest

from geminivideo.errors import InvalidInputError
from geminivideo.loser_kill_switch import AdMetrics, KillReason, LoserKillSwitch


def ad(ad_id="ad_bad_001", **changes):
    metrics = AdMetrics(
        ad_id=ad_id,
        campaign_id="camp_1",
        spend=120,
        budget=200,
        impressions=15000,
        clicks=30,
        conversions=0,
        revenue=0,
        ctr=0.002,
        cvr=0.0,
        cpa=0,
        roas=0,
        hours_running=72,
        last_conversion=None,
    )
    return dataclasses.replace(metrics, **changes)


GOOD = ad("good", spend=500, budget=900, impressions=50000, clicks=900, conversions=40, revenue=2500,
          ctr=0.018, cvr=0.0444, cpa=12.5, roas=5.0)


def test_the_specifications_example_runs_as_written(capsys):
    kill_switch = LoserKillSwitch(target_cpa=50.0, target_roas=2.0)
    metrics = ad()
    decision = kill_switch.evaluate_ad(metrics)
    assert decision.should_kill
    print(f"Reason: {decision.reason.value}")
    print(f"Waste prevented: ${decision.waste_prevented:.2f}")
    metrics1, metrics2, metrics3 = ad("one"), ad("two", spend=150, clicks=50, ctr=0.0033), GOOD
    decisions = kill_switch.batch_evaluate([metrics1, metrics2, metrics3])
    report = kill_switch.get_kill_report(decisions)
    assert report["total_ads_to_kill"] == 2
    assert report["highest_waste_ad"] == decisions[0].ad_id
    assert 0 < decision.waste_prevented <= 80
    assert decision.reason is KillReason.LOW_CTR
    assert decision.metrics_at_kill == {"ctr": 0.002, "threshold": 0.005, "impressions": 15000}
    assert isinstance(decision.metrics_at_kill["impressions"], int)


def test_decisions_pickle_and_kept_ads_have_no_reason():
    decision = LoserKillSwitch().evaluate_ad(GOOD)
    assert pickle.loads(pickle.dumps(decision)) == decision
    assert decision.reason is None and decision.action == "keep"


def test_every_decision_in_the_order_given():
    every = LoserKillSwitch().evaluate_all([GOOD, ad()])
    assert [d.ad_id for d in every] == ["good", "ad_bad_001"]
    assert [d.should_kill for d in every] == [False, True]


def test_constants_of_a_subclass_take_effect():
    class Lenient(LoserKillSwitch):
        MIN_CTR = 0.0001
        NO_CONVERSION_SPEND_LIMIT = 1000

    assert not Lenient(policy="spec").evaluate_ad(ad()).should_kill
    assert LoserKillSwitch(policy="spec").evaluate_ad(ad()).should_kill


def test_learned_accounts_change_the_judgement():
    switch = LoserKillSwitch()
    before = switch.evaluate_ad(ad()).probability_unprofitable
    switch.learn_account([dataclasses.replace(GOOD, ad_id=f"past{i}") for i in range(20)])
    assert switch.evaluate_ad(ad()).probability_unprofitable < before


@pytest.mark.parametrize(
    "changes",
    [{"spend": float("nan")}, {"clicks": -1}, {"impressions": 1.5}, {"revenue": "much"}],
)
def test_figures_that_cannot_be_true_are_refused(changes):
    with pytest.raises(InvalidInputError, match=next(iter(changes))):
        LoserKillSwitch().evaluate_ad(ad(**changes))


def test_unknown_options_and_repeated_ids_are_refused():
    with pytest.raises(InvalidInputError, match="kill_confidenze"):
        LoserKillSwitch(kill_confidenze=0.8)
    with pytest.raises(InvalidInputError, match="more than once"):
        LoserKillSwitch().batch_evaluate([ad(), ad()])


class Client:
    def __init__(self):
        self.paused = []

    def pause_ad(self, ad_id):
        self.paused.append(ad_id)


class AsyncClient(Client):
    async def pause_ad(self, ad_id):
        await asyncio.sleep(0)
        self.paused.append(ad_id)


class BrokenClient:
    async def pause_ad(self, ad_id):
        raise RuntimeError("rate limited")


@pytest.mark.parametrize("client", [Client(), AsyncClient()])
def test_a_kill_is_executed_by_plain_and_async_clients(client):
    switch = LoserKillSwitch()
    result = asyncio.run(switch.execute_kill(switch.evaluate_ad(ad()), client))
    assert result["executed"] and client.paused == ["ad_bad_001"]
    assert set(result) == {"executed", "ad_id", "reason", "waste_prevented", "timestamp"}


def test_nothing_is_executed_without_a_client_or_a_kill_and_failures_are_told():
    switch = LoserKillSwitch()
    kill = switch.evaluate_ad(ad())
    assert asyncio.run(switch.execute_kill(kill))["executed"] is False
    kept = asyncio.run(switch.execute_kill(switch.evaluate_ad(GOOD), Client()))
    assert set(kept) == {"executed", "reason"}
    failed = asyncio.run(switch.execute_kill(kill, BrokenClient()))
    assert failed == {"executed": False, "error": "rate limited"}


def test_late_conversions_revive():
    later = ad(spend=150, clicks=50, conversions=6, revenue=600, ctr=0, cvr=0, cpa=0, roas=0)
    assert LoserKillSwitch().review_killed([later])[0].action == "revive"
    assert LoserKillSwitch().kill_manually(GOOD).reason is KillReason.MANUAL
