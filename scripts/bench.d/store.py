"""The store: what finding and keeping cost as it grows, on SQLite and on PostgreSQL where its programs are installed.

`GV_BENCH_ROWS` sets the largest number of patterns and of events (1,000,000). Figures of one engine's growth are costs at each
size beside the aim; every plan that reads no index is an error.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from benchlib import row, run, say

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROWS = int(os.environ.get("GV_BENCH_ROWS", "1000000"))
TURNS = 400


def program(crate: str, name: str, features: str) -> str:
    run("cargo", "build", "--release", "-p", crate, "--example", name, "--features", features, cwd=ROOT)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return str(target / "release" / "examples" / name)


def lines(*command: str) -> list[dict]:
    return [json.loads(line) for line in run(*command).stdout.splitlines()]


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def sizes() -> list[int]:
    return [size for size in (10_000, 100_000, 1_000_000) if size < ROWS] + [ROWS]


def finding(bench: str, engine: str, address: str) -> None:
    done = 0
    for size in sizes():
        # The last many are added without indexes, which are made at the end: minutes less.
        how, said = ("fill", "added a second") if size <= 100_000 else ("load", "loaded a second, indexes made at the end")
        (added,) = lines(bench, how, address, str(done), str(size))
        done = size
        row(f"{engine}, {size:,} patterns: {said}", [added["per_second"]], unit="")
        for told in lines(bench, "find", address, str(TURNS)):
            p99 = percentile(told["ms"], 0.99)
            note = f"median {percentile(told['ms'], 0.5):.2f} ms"
            row(f"{engine}, {size:,} patterns: find by {told['what']}, p99", [p99], "allowed", [10.0], unit="ms", note=note)
            if size == ROWS:
                say(f"{engine}, {told['what']}: {told['plan']}")
                if "index" not in told["plan"].lower() or "Seq Scan" in told["plan"]:
                    raise SystemExit(f"error: {engine} finds by {told['what']} without an index")
        for told in lines(bench, "whole", address):
            note = f"largest memory so far {told['peak_mb']:.0f} MB"
            row(f"{engine}, {size:,} patterns: {told['what']}", [told["seconds"]], unit="s", note=note)


def keeping(bench: str, folder: str) -> None:
    path = os.path.join(folder, "events.db")
    done = 0
    for size in sizes():
        lines(bench, "fill", path, str(done), str(size))
        done = size
        for way, what, allowed in (
            ("batched", "in batches of 1,000", 20_000.0),
            ("single", "one at a time, one caller", 2_000.0),
            ("threads", "one at a time, 16 callers", 2_000.0),
        ):
            told = [lines(bench, "events", path, way, "1")[0]["per_second"] for _ in range(3)]
            row(f"after {size:,} events: durable events a second, {what}", told, "at least", [allowed], unit="")
        (told,) = lines(bench, "paced", path, "2000", "5")
        p99 = percentile(told["ms"], 0.99)
        row(f"after {size:,} events: p99 until one is durable, 2,000 a second", [p99], "allowed", [50.0], unit="ms")


@contextlib.contextmanager
def postgres():
    """The address of a server of its own; `None` where PostgreSQL is not installed."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        yield None
        return
    programs = found[-1].parent
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = tempfile.mkdtemp(prefix="gv-bench-postgres-")
    if user:
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    data = os.path.join(folder, "data")
    run(*user, str(programs / "initdb"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "-D", data, cwd="/")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder}"
    log = os.path.join(folder, "log")
    control = [*user, str(programs / "pg_ctl"), "-D", data]
    subprocess.run([*control, "-w", "-l", log, "-o", options, "start"], check=True, stdout=subprocess.DEVNULL, cwd="/")
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], stdout=subprocess.DEVNULL, cwd="/")
        time.sleep(0.2)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    learning = program("gv-optimize", "learning_bench", "testing")
    with tempfile.TemporaryDirectory() as folder:
        keeping(learning, folder)
        with postgres() as address:
            bench = program("gv-patterns", "store_bench", "postgres" if address else "testing")
            finding(bench, "SQLite", os.path.join(folder, "patterns.db"))
            if address:
                finding(bench, "PostgreSQL", address)
            else:
                say("PostgreSQL is not installed: left out")


main()
