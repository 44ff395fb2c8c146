"""The conversions feedback loop, from Python."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import threading
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conforming import check, check_fields
from geminivideo.capi_feedback_loop import (
    CAPIConversionEvent,
    CAPIFeedbackLoop,
    Delivery,
    FeedbackMetrics,
    Processed,
    Refused,
    daily_retrain_job,
)
from geminivideo.errors import InvalidInputError, UnavailableError
from geminivideo.prediction_accuracy_tracker import MetricType, PredictionAccuracyTracker

NOW = int(datetime.now().timestamp())
LONG_AGO = (date.today() - timedelta(days=20)).isoformat()


def event(number, **custom):
    data = {"value": 50.0, "currency": "USD", "campaign_id": "camp", "creative_id": "cr", **custom}
    return {
        "event_id": f"evt_{number}",
        "event_name": "Purchase",
        "event_time": NOW - 60,
        "custom_data": data,
        "user_data": {"em": "mary@example.com"},
    }


@pytest.fixture
def loop():
    return CAPIFeedbackLoop(":memory:")


def test_the_specifications_example_runs_as_written(loop, capsys):
    async def example():
        # Process CAPI event
        event_data = {
            "event_id": "evt_123",
            "event_name": "Purchase",
            "event_time": 1234567890,
            "custom_data": {
                "value": 99.99,
                "currency": "USD",
                "campaign_id": "camp_001"
            }
        }

        result = await loop.process_capi_event(event_data)
        print(f"Processed: {result['processed']}")
        print(f"Campaign: {result['campaign_id']}")

        # Check if retraining needed
        if await loop.should_retrain():
            print("Triggering retraining...")
            retrain_result = await loop.trigger_retrain()
            print(f"Samples used: {retrain_result['samples_used']}")
            print(f"Avg CTR error before: {retrain_result['avg_ctr_error_before']:.4f}")

        # Get metrics
        metrics = loop.get_feedback_metrics()
        print(f"Pending events: {metrics['pending_events']}")
        return result, metrics

    result, metrics = asyncio.run(example())
    check(result, Processed)
    check(metrics, FeedbackMetrics)
    assert result["value"] == 99.99 and result["late"]
    assert "Campaign: camp_001" in capsys.readouterr().out


def test_a_bad_event_among_others_keeps_none_of_them_out(loop):
    events = [event(1), event(2, value=-3.0), event(1), CAPIConversionEvent("evt_3", "Lead", NOW - 60)]
    outcomes = asyncio.run(loop.process_capi_events(events))
    assert [outcome["processed"] for outcome in outcomes] == [True, False, True, True]
    check(outcomes[0], Processed)
    check(outcomes[1], Refused)
    assert "value" in outcomes[1]["error"] and "mary" not in outcomes[1]["error"]
    assert outcomes[2]["duplicate"] and loop.get_feedback_metrics()["pending_events"] == 2
    assert asyncio.run(loop.process_capi_events([])) == []


def test_events_and_insights_become_outcomes(loop):
    tracker = PredictionAccuracyTracker(storage=loop.store)
    tracker.record_prediction("p1", "roas", "v1", 3.0, 0.8, MetricType.ROAS, "camp", "cr")
    tracker.record_prediction("p2", "ctr", "v1", 0.02, 0.8, MetricType.CTR, "camp", "cr")
    for number in [0, 1, 2, 2]:
        asyncio.run(loop.process_capi_event(event(number)))
    row = {"campaign_id": "camp", "creative_id": "cr", "date": LONG_AGO, "impressions": 1000,
           "clicks": 20, "spend": 100.0}
    assert loop.record_insights([row]) == 1
    (pair,) = asyncio.run(loop.match_predictions_to_actuals())
    check_fields(pair)
    assert (pair.actual_conversions, pair.actual_roas, pair.actual_ctr) == (3.0, 1.5, 0.02)
    assert pair.roas_error == pytest.approx(1.0) and pair.ctr_error == 0.0
    assert asyncio.run(loop.match_predictions_to_actuals()) == []
    assert tracker.get_dashboard_metrics()["predictions_with_outcomes"] == 2


def test_enough_outcomes_retrain(monkeypatch, tmp_path):
    monkeypatch.setattr(CAPIFeedbackLoop, "RETRAIN_THRESHOLD", 40)
    loop = CAPIFeedbackLoop(tmp_path / "loop.db")
    tracker = PredictionAccuracyTracker(storage=loop.store)
    rows = []
    for number in range(40):
        tracker.record_prediction(
            f"p{number}", "roas", "v1", 2.0, 0.8, MetricType.ROAS, f"c{number}", "cr"
        )
        rows.append({"campaign_id": f"c{number}", "creative_id": "cr", "date": LONG_AGO,
                     "impressions": 1000, "clicks": 20, "spend": 100.0, "conversions": 20, "revenue": 100.0})
    loop.record_insights(rows)
    assert asyncio.run(loop.should_retrain())
    done = asyncio.run(daily_retrain_job(tmp_path / "loop.db"))
    assert done["status"] == "completed"
    assert done["result"]["avg_roas_error_before"] == pytest.approx(1.0)
    assert done["result"]["retrain_result"][0].promoted
    again = asyncio.run(loop.trigger_retrain())
    assert again["status"] == "skipped" and "0 new outcomes" in again["reason"]


def test_events_come_over_http(loop):
    body = json.dumps({"events": [event(1), {"event_name": ""}]}).encode()
    signature = "sha256=" + hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": signature}
    status, kind, answer = loop.handle_webhook("POST", "/hook", headers, body, app_secret="s3cret")
    assert (status, kind) == (200, "application/json")
    assert json.loads(answer)["events_received"] == 1
    assert loop.handle_webhook("POST", "/hook", headers, body, app_secret="other")[0] == 403
    query = "/hook?hub.mode=subscribe&hub.challenge=42&hub.verify_token=t"
    shown = loop.handle_webhook("GET", query, {}, b"", app_secret="s", verify_token="t")
    assert shown == (200, "text/plain", "42")


class Graph(BaseHTTPRequestHandler):
    """Takes events as the Conversions API does."""

    received: list[tuple[str, str, dict]] = []

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.received.append((self.path, self.headers["authorization"], body))
        answer = b'{"events_received":1,"messages":[],"fbtrace_id":"A"}'
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def test_events_are_forwarded_hashed_and_once(tmp_path):
    loop = CAPIFeedbackLoop(tmp_path / "loop.db", forward=True)
    given = CAPIConversionEvent(**event(7))
    assert (given.value, given.currency) == (50.0, "USD")
    asyncio.run(loop.process_capi_event(given))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Graph)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        send = {"pixel_id": "123", "access_token": "t0ken", "base_url": url}
        delivery = loop.flush_outbox(**send)
        check(delivery, Delivery)
        assert delivery == {"sent": 1, "refused": 0, "waiting": 0}
        asyncio.run(loop.process_capi_event(given))
        assert loop.flush_outbox(**send)["sent"] == 0
    finally:
        server.shutdown()
        server.server_close()
    ((path, authorization, body),) = Graph.received
    assert (path, authorization) == ("/v26.0/123/events", "Bearer t0ken")
    hashed = hashlib.sha256(b"mary@example.com").hexdigest()
    assert body["data"][0]["user_data"] == {"em": [hashed]}
    assert b"mary" not in (tmp_path / "loop.db").read_bytes()


def test_what_breaks_a_rule_is_refused_without_showing_a_person(loop, monkeypatch):
    for wrong in ({"currency": "XXX"}, {"value": -5}, {"value": "many"}):
        with pytest.raises(InvalidInputError) as raised:
            asyncio.run(loop.process_capi_event(event(1, **wrong)))
        assert "mary" not in str(raised.value)
    with pytest.raises(InvalidInputError, match="clicks"):
        loop.record_insights([{"campaign_id": "c", "date": LONG_AGO, "clicks": 5, "impressions": 1}])
    for name in ("META_PIXEL_ID", "META_ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UnavailableError, match="META_PIXEL_ID"):
        loop.flush_outbox()


def test_another_session_is_said_not_to_be_written_to(monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("GV_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("PATTERNS_DB_PATH", raising=False)
    CAPIFeedbackLoop(object())
    assert "not written to" in caplog.text and (tmp_path / "geminivideo.db").is_file()
