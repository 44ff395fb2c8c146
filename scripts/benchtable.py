"""Runs the benches given as arguments and prints their rows as one Markdown table."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys

HEAD = "| what | geminivideo: min / median / max | beside | min / median / max | ratio of medians |"


def figures(values: list[float], unit: str) -> str:
    if not values:
        return ""
    low, middle, high = min(values), statistics.median(values), max(values)
    digits = 0 if middle >= 100 else 1 if middle >= 10 else 2 if middle >= 0.1 else 4
    return " / ".join(f"{value:.{digits}f}" for value in (low, middle, high)) + f" {unit}"


def line(row: dict) -> str:
    ours, peer, unit = row["ours"], row["peer"], row["unit"]
    ratio = f"{statistics.median(ours) / statistics.median(peer):.3g}" if ours and peer and statistics.median(peer) else ""
    beside = row["peer_name"]
    what = row["what"] + (f" ({row['note']})" if row["note"] else "")
    return f"| {what} | {figures(ours, unit)} | {beside} | {figures(peer, unit)} | {ratio} |"


def processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(entry.split(":", 1)[1].strip() for entry in file if entry.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def main(benches: list[str]) -> int:
    failed = []
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"{processor()}, {cores} cores, {platform.system()}, Python {platform.python_version()}\n")
    print(HEAD)
    print("|---|---|---|---|---|", flush=True)
    for bench in benches:
        with subprocess.Popen([sys.executable, bench], stdout=subprocess.PIPE, text=True) as process:
            for printed in process.stdout:
                try:
                    print(line(json.loads(printed)["row"]), flush=True)
                except (ValueError, KeyError, TypeError):
                    sys.stderr.write(printed)
        if process.returncode:
            failed.append(bench)
    for bench in failed:
        print(f"error: {bench} failed", file=sys.stderr)
    return 1 if failed else 0


sys.exit(main(sys.argv[1:]))
