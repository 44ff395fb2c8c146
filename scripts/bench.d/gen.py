"""Runway and ElevenLabs on the loopback address: what a call costs beyond the network, and a thousand at once."""

from __future__ import annotations

import http.client
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

from benchlib import row, run, say

from geminivideo._exchange import run_blocking
from geminivideo.runway_gen3 import GenerationRequest, RunwayGen3Client

ROOT = pathlib.Path(__file__).resolve().parents[2]
CALLS = 300
MANY = 1000


def loopback() -> tuple[subprocess.Popen[str], dict[str, dict[str, str]]]:
    program = os.environ.get("GV_LOOPBACK")
    if program is None:
        say("building the loopback services")
        run("cargo", "build", "--release", "-q", "-p", "gv-gen", "--example", "loopback", "--features", "testing", cwd=ROOT)
        program = str(ROOT / "target" / "release" / "examples" / "loopback")
    process = subprocess.Popen([program], stdout=subprocess.PIPE, text=True, env={**os.environ, "GV_LOOPBACK_FORGET": "1"})
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def bare(address: str, key: str) -> float:
    """Milliseconds of one GET over a kept connection with http.client: the network and the service."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"))
    headers = {"Authorization": f"Bearer {key}", "X-Runway-Version": "2024-11-06"}
    start = time.perf_counter()
    for _ in range(CALLS):
        connection.request("GET", "/v1/organization", headers=headers)
        connection.getresponse().read()
    return 1000 * (time.perf_counter() - start) / CALLS


def ours(client: RunwayGen3Client) -> float:
    """Milliseconds of the same GET through the client."""
    start = time.perf_counter()
    for _ in range(CALLS):
        client.credit_balance()
    return 1000 * (time.perf_counter() - start) / CALLS


def generation(client: RunwayGen3Client, task: str) -> float:
    """Milliseconds of taking up a task that is over: one look through the loop's machinery."""
    start = time.perf_counter()
    for _ in range(CALLS):
        run_blocking(client._core.resume(task))
    return 1000 * (time.perf_counter() - start) / CALLS


LIMITED = """
import asyncio, time
from geminivideo.runway_gen3 import RunwayGen3Client
client = RunwayGen3Client(poll_interval=0.02, download=False, state_dir="", concurrency=5)
start = time.perf_counter()
results = asyncio.run(client.generate_variations("a cup #running=2", 100, model="gen4.5"))
print(sum(r.status == "completed" for r in results), time.perf_counter() - start)
"""

POLLS = """
import asyncio, pathlib, sys, time
from geminivideo.runway_gen3 import GenerationRequest, RunwayGen3Client
many = int(sys.argv[1])
client = RunwayGen3Client(poll_interval=0.5, download=False, state_dir="", concurrency=many)
def mb(): return int(pathlib.Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) / 1024
before, most = mb(), 0.0
async def watch():
    global most
    while True:
        most = max(most, mb())
        await asyncio.sleep(0.05)
async def main():
    watcher = asyncio.create_task(watch())
    all_ = [client.generate_video(GenerationRequest("a cup #running=3", model="gen4.5", seed=n)) for n in range(1000, 1000 + many)]
    results = await asyncio.gather(*all_)
    watcher.cancel()
    assert all(r.status == "completed" for r in results), {r.error for r in results}
start = time.perf_counter()
asyncio.run(main())
print(most, most - before, time.perf_counter() - start)
"""


def main() -> None:
    process, told = loopback()
    try:
        with tempfile.TemporaryDirectory() as folder:
            url, key = told["runway"]["url"], told["runway"]["key"]
            os.environ.update(RUNWAY_API_URL=url, RUNWAY_API_KEY=key, GV_STATE_DIR=folder, NO_PROXY="127.0.0.1")
            done, seconds = run(sys.executable, "-c", LIMITED).stdout.split()
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(told["stats"] + "/_stats") as reply:
                most = json.load(reply)["most_at_a_time"]
            row("100 generations, limit 5: done", [float(done)], "asked for", [100.0], unit="")
            row("100 generations, limit 5: most at a time", [float(most)], "allowed", [5.0], unit="")
            row("100 generations, limit 5: time", [float(seconds)], unit="s")
            client = RunwayGen3Client(poll_interval=0.01, download=False)
            task = client.generate_video_sync(GenerationRequest("a cup #running=0")).task_id
            pairs = [(ours(client), bare(url, key)) for _ in range(6)][1:]
            row(
                "one request through the client, over loopback",
                [own for own, _ in pairs],
                "http.client on a kept connection",
                [peer for _, peer in pairs],
                "ms",
            )
            pairs = [(generation(client, task), bare(url, key)) for _ in range(6)][1:]
            row(
                "one look at a task as an exchange, over loopback",
                [own for own, _ in pairs],
                "http.client on a kept connection",
                [peer for _, peer in pairs],
                "ms",
            )
            peaks = []
            for _ in range(3):
                done = run(sys.executable, "-c", POLLS, str(MANY))
                peaks.append([float(n) for n in done.stdout.split()])
            row(f"resident memory, {MANY} generations polled at once", [p[0] for p in peaks], unit="MB")
            row("of it above the idle process", [p[1] for p in peaks], unit="MB")
    finally:
        process.kill()


main()
