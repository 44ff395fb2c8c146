"""The example that mounts the webhook in FastAPI."""

from __future__ import annotations

import hashlib
import hmac
import importlib.util
import json
import pathlib
import time

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx")

from geminivideo.capi_feedback_loop import CAPIFeedbackLoop

pytestmark = pytest.mark.filterwarnings("ignore")
SECRET = "s3cret"


@pytest.fixture
def client(monkeypatch, tmp_path):
    from fastapi.testclient import TestClient

    monkeypatch.delenv("META_APP_SECRET", raising=False)
    path = pathlib.Path(__file__).parents[2] / "examples" / "webhook_fastapi.py"
    spec = importlib.util.spec_from_file_location("webhook_fastapi", path)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    monkeypatch.setenv("META_APP_SECRET", SECRET)
    monkeypatch.setenv("META_VERIFY_TOKEN", "meatyhamhock")
    return TestClient(example.make_app(CAPIFeedbackLoop(tmp_path / "store.db")))


def post(client, events, secret=SECRET):
    body = json.dumps(events).encode()
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return client.post("/conversions", content=body, headers={"X-Hub-Signature-256": signature})


def test_the_handshake_is_answered_with_its_challenge(client):
    query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
    answer = client.get(f"/conversions?{query}meatyhamhock")
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert client.get(f"/conversions?{query}wrong").status_code == 403


def test_signed_events_are_taken_once_and_others_refused(client):
    event = {
        "event_id": "e1", "event_name": "Purchase", "event_time": int(time.time()),
        "user_data": {"em": "ann@example.com"},
        "custom_data": {"value": 20.0, "currency": "USD", "campaign_id": "c", "creative_id": "k"},
    }
    assert post(client, [event], secret="guess").status_code == 403
    first, again = post(client, [event]), post(client, [event])
    assert first.status_code == again.status_code == 200
    assert first.json()["events_received"] == 1 and first.json()["duplicates"] == 0
    assert again.json()["duplicates"] == 1
    assert post(client, [{"event_name": "Purchase", "custom_data": {"value": -1}}]).status_code == 400
    assert post(client, "x" * (11 << 20)).status_code == 413
    assert client.put("/conversions").status_code == 405
