"""Acting on a platform, from Python: Meta's Marketing API on the loopback address."""

from __future__ import annotations

import asyncio
import pathlib
import urllib.parse

import pytest

from geminivideo.budget_optimizer import BudgetOptimizer
from geminivideo.errors import GeminiVideoError, InvalidInputError, PlatformError
from geminivideo.loser_kill_switch import KillDecision, KillReason, LoserKillSwitch
from geminivideo.platform import AdState, Change, MetaClient
from test_budget_optimizer import ad


def test_changes_are_journaled_seen_and_undone(meta):
    client = MetaClient()
    assert client.state("11") == AdState(True, 50.0, "21", "USD")
    changes = [Change("12", "budget", 30.0, assumed_budget=50.0), Change("13", "paused")]
    planned = client.preview(changes)
    assert [step.outcome for step in planned.steps] == ["planned", "planned"] and planned.run == ""
    assert meta.budgets()["22"] == 5000
    run = client.apply(changes)
    assert run.is_clean and [step.outcome for step in run.steps] == ["done", "done"]
    assert meta.budgets()["22"] == 3000 and not client.state("13").running
    assert len(pathlib.Path("geminivideo-changes.jsonl").read_text().splitlines()) == 4
    assert client.revert(run.run).is_clean
    assert meta.budgets()["22"] == 5000 and client.state("13").running


def test_it_is_a_client_for_the_optimizer_and_the_kill_switch(meta):
    client = MetaClient(journal=None)
    optimizer = BudgetOptimizer()
    ads = [ad("11", 50, 4.0, budget_owner="21"), ad("14", 40, 3.5, budget_owner="21"), ad("12", 8, 0.4)]
    recommendations = optimizer.generate_recommendations(ads)
    assert next(r for r in recommendations if r.ad_id == "11").shares_with == ["14"]
    result = asyncio.run(optimizer.execute_budget_shifts(recommendations, client))
    assert result.successful and not result.dry_run, result.error
    budgets = meta.budgets()
    assert budgets["21"] + budgets["22"] == 10_000 and budgets["21"] > 5000
    decision = KillDecision("12", True, KillReason.NEGATIVE_ROAS, 0.99, 10.0, "", {})
    killed = asyncio.run(LoserKillSwitch().execute_kill(decision, client))
    assert killed["executed"] and not client.state("12").running


def test_limits_and_refusals_are_errors_of_the_package_and_name_no_secret(meta):
    capped = MetaClient(journal=None, max_change_per_run=5.0)
    with pytest.raises(GeminiVideoError, match="5.00 is allowed"):
        capped.update_ad_budget("11", 60.0)
    assert meta.budgets()["21"] == 5000
    with pytest.raises(PlatformError, match="does not exist"):
        capped.state("99")
    with pytest.raises(InvalidInputError, match="32 digits"):
        capped.pause_ad("../11")
    with pytest.raises(GeminiVideoError) as refused:
        MetaClient("WRONG|TOKEN", journal=None).state("11")
    assert "access token" in str(refused.value) and "WRONG" not in str(refused.value)
    rows = MetaClient(journal=None).insights("2026-11-01", "2026-11-07")
    assert rows and rows[0]["spend"] > 0 and {"ad_id", "conversions", "revenue"} <= set(rows[0])


def parameters(request):
    """Query and form of a request, without what tells who calls."""
    path, _, query = request["target"].partition("?")
    pairs = dict(urllib.parse.parse_qsl(query) + urllib.parse.parse_qsl(request["body"]))
    pairs.pop("access_token", None)
    return request["method"], path.rstrip("/"), pairs


@pytest.mark.filterwarnings("ignore")
def test_our_requests_are_those_of_the_official_client(meta):
    api_module = pytest.importorskip("facebook_business.api")
    from facebook_business.adobjects.ad import Ad
    from facebook_business.adobjects.adaccount import AdAccount
    from facebook_business.adobjects.adset import AdSet

    session = api_module.FacebookSession(app_secret=meta.secret, access_token=meta.token)
    session.GRAPH = meta.url
    api = api_module.FacebookAdsApi(session, api_version="v26.0")
    account = AdAccount("act_9", api=api)
    days = {"since": "2026-11-01", "until": "2026-11-07"}
    fields = "ad_id,campaign_id,spend,impressions,clicks,actions,action_values".split(",")

    Ad("11", api=api).api_update(params={"status": "PAUSED"})
    AdSet("22", api=api).api_update(params={"daily_budget": 3000})
    list(account.get_insights(fields=fields, params={"level": "ad", "time_range": days}))
    theirs = [parameters(request) for request in meta.received()]

    before = len(theirs)
    client = MetaClient(journal=None)
    client.pause_ad("13")
    client.update_ad_budget("12", 25.0)
    client.insights("2026-11-01", "2026-11-07")
    received = meta.received()[before:]
    assert all("access_token" not in request["target"] + request["body"] for request in received)
    ours = [parameters(request) for request in received]

    for path, own_path, name in (
        ("/v26.0/11", "/v26.0/13", "status"),
        ("/v26.0/22", "/v26.0/22", "daily_budget"),
    ):
        official = next(p for method, target, p in theirs if (method, target) == ("POST", path))
        own = next(p for method, target, p in ours if (method, target) == ("POST", own_path))
        assert set(own) == set(official), (own, official)
        assert own["appsecret_proof"] == official["appsecret_proof"]
        assert name == "daily_budget" or own[name] == official[name]
    official = next(p for method, target, p in theirs if target.endswith("/insights"))
    own = next(p for method, target, p in ours if target.endswith("/insights"))
    for name in ("fields", "level", "time_range", "appsecret_proof"):
        assert own[name] == official[name], name
