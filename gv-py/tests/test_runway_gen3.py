"""Runway from Python, against the service on the loopback address."""

from __future__ import annotations

import asyncio
import os
import pathlib
import pickle
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from awaiting import run_awaiting
from geminivideo.errors import InvalidInputError
from geminivideo.runway_gen3 import (
    GenerationRequest,
    MockRunwayClient,
    RunwayGen3Client,
    RunwayModel,
    VideoAspectRatio,
    get_runway_client,
)


def runway(**options):
    return RunwayGen3Client(poll_interval=0.01, **options)


def test_the_specifications_example_runs_as_written(loopback, tmp_path):
    told = run_awaiting("runway_gen3", tmp_path)
    assert "Cost: 60.0000 credits" in told
    assert told.count("_jwt=") == 4
    assert len(loopback.stats()["created"]) == 6


def test_a_video_comes_with_its_file_and_its_cost(loopback):
    seen = []
    client = runway(on_progress=seen.append)
    result = asyncio.run(client.generate_video(GenerationRequest("a cup #throttled=1", seed=3)))
    assert (result.status, result.error, result.cost_credits, result.billed) == ("completed", None, 60.0, True)
    assert pathlib.Path(result.video_path).stat().st_size == 200_000
    assert any("gen4.5" in note for note in result.notes)
    assert [step["status"] for step in seen] == ["THROTTLED", "RUNNING", "SUCCEEDED"]
    again = client.generate_video_sync(GenerationRequest("a cup #throttled=1", seed=3))
    assert (again.cached, again.cost_credits, again.task_id) == (True, 0.0, result.task_id)
    assert pickle.loads(pickle.dumps(result)) == result
    assert client.ledger()["spent_usd"] == 0.6


@pytest.mark.parametrize(
    ("request_", "rule"),
    [
        (GenerationRequest(""), "prompt"),
        (GenerationRequest("x" * 1001), "1000 UTF-16"),
        (GenerationRequest("x", duration=7, model="veo3.1"), "4, 6, 8"),
        (GenerationRequest("x", duration=-1), "duration"),
        (GenerationRequest("x", seed=2**32), "seed"),
        (GenerationRequest("x", aspect_ratio=VideoAspectRatio.SQUARE), "9:16"),
        (GenerationRequest("x", aspect_ratio="2:1"), "21:9"),
        (GenerationRequest("x", model="gen9"), "gen4_turbo"),
        (GenerationRequest("x", image_url="http://example.com/a.jpg"), "https"),
        (GenerationRequest("x", image_url=b"GIF89a"), "no GIF"),
        (GenerationRequest("x", image_url="/no/such/file.png"), "No such file"),
    ],
)
def test_what_breaks_a_rule_fails_before_anything_is_sent(loopback, request_, rule):
    result = runway().generate_video_sync(request_)
    assert result.status == "failed"
    assert rule in result.error
    assert loopback.received("runway") == []


def test_failures_of_the_service_are_data(loopback):
    client = runway(max_retries=0)
    failed = client.generate_video_sync(GenerationRequest("x #fail=SAFETY.INPUT.TEXT"))
    assert (failed.status, failed.retry, failed.failure_code) == ("failed", "never", "SAFETY.INPUT.TEXT")
    unsure = client.generate_video_sync(GenerationRequest("x #create=502-page"))
    assert "may have taken" in unsure.error
    assert "never seen" in client.generate_video_sync(GenerationRequest("x #create=502-page")).error
    entry = client.ledger()["entries"][-1]
    client.release(entry["id"])
    assert client.generate_video_sync(GenerationRequest("x #create=502-page")).status == "completed"
    wrong = runway(api_key="key_wrong").generate_video_sync(GenerationRequest("y"))
    assert "check the key" in wrong.error
    assert "key_wrong" not in wrong.error


def test_a_cancelled_wait_keeps_the_task(loopback):
    client = runway()

    async def impatient():
        task = asyncio.create_task(client.generate_video(GenerationRequest("a cup #running=30")))
        while not client.open_tasks():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(impatient())
    assert client.open_tasks() == loopback.stats()["created"]
    result = client.resume_sync(client.open_tasks()[0])
    assert result.status == "completed"
    assert client.generate_video_sync(GenerationRequest("a cup #running=30")).cached
    assert len(loopback.stats()["created"]) == 1


def test_a_cancelled_creation_is_still_written_down(loopback):
    client = runway()

    async def impatient():
        task = asyncio.create_task(client.generate_video(GenerationRequest("a cup #create=slow")))
        while not loopback.stats()["created"]:
            await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(impatient())
    deadline = time.monotonic() + 20
    while not client.open_tasks():
        assert time.monotonic() < deadline, "the task's name was lost"
        time.sleep(0.05)
    assert client.open_tasks() == loopback.stats()["created"]


def test_a_hundred_generations_keep_the_limit_of_five(loopback):
    client = runway(concurrency=5, download=False)
    results = asyncio.run(client.generate_variations("a cup", 100))
    assert [result.status for result in results] == ["completed"] * 100
    stats = loopback.stats()
    assert (len(stats["created"]), stats["most_at_a_time"]) == (100, 5)


def test_a_killed_process_leaves_one_task_and_one_charge(loopback):
    source = """
        from geminivideo.runway_gen3 import GenerationRequest, RunwayGen3Client
        RunwayGen3Client(poll_interval=0.02).generate_video_sync(GenerationRequest("a cup #running=100"))
    """
    for _ in range(2):
        before = len(loopback.received("runway"))
        child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(source)])
        deadline = time.monotonic() + 60
        while len(loopback.received("runway")) < before + 3:
            assert child.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    client = runway()
    (task,) = client.open_tasks()
    assert client.resume_sync(task).status == "completed"
    assert loopback.stats()["created"] == [task]
    assert client.ledger()["spent_usd"] == 0.6


def test_the_same_client_works_in_loop_after_loop_and_without_one(loopback):
    client = runway()
    for number in range(2):
        result = asyncio.run(client.generate_video(GenerationRequest(f"cup {number}")))
        assert result.status == "completed"

    async def within_a_loop():
        return client.generate_variations_sync("cup", 4), client.generate_lifestyle_scene_sync("a runner", "calm")

    variations, scene = asyncio.run(within_a_loop())
    assert {result.status for result in [*variations, scene]} == {"completed"}
    assert len({result.prompt_used for result in variations}) == 4
    assert "100" in client.generate_variations_sync("cup", 0)[0].error
    assert "count" in client.generate_variations_sync("cup", -1)[0].error
    assert "playful" in client.generate_lifestyle_scene_sync("a runner", "angry").error


def test_a_cap_and_a_missing_key_fail_and_say_so(loopback, monkeypatch):
    capped = runway(spending_cap_usd=0.5)
    assert "cap of $0.50" in capped.generate_video_sync(GenerationRequest("x")).error
    monkeypatch.delenv("RUNWAY_API_KEY")
    assert "RUNWAY_API_KEY" in get_runway_client().generate_video_sync(GenerationRequest("x")).error
    with pytest.raises(InvalidInputError, match="line break"):
        RunwayGen3Client("key\nX: y")
    with pytest.raises(InvalidInputError, match=r"api\.dev\.runwayml\.com"):
        RunwayGen3Client(base_url="https://api.runwayml.com/v1")
    with pytest.raises(InvalidInputError, match="spending_cap_usd"):
        RunwayGen3Client(spending_cap_usd=float("nan"))

def test_the_mock_client_answers_and_fails_as_told():
    client = MockRunwayClient(failures=[("SAFETY.INPUT.TEXT", "moderated")])
    assert asyncio.run(client.generate_video(GenerationRequest("x"))).retry == "never"
    done = client.generate_video_sync(GenerationRequest("x", RunwayModel.GEN2))
    assert (done.status, done.video_url[:7]) == ("completed", "mock://")
    assert client.generate_video_sync(GenerationRequest("")).status == "failed"
