"""The learning loop: the trainer beside scikit-learn and LightGBM, benchmarks beside raw means, drift beside River."""

from __future__ import annotations

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import numpy as np
from benchlib import row, run, say

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDS = 5
WORDS = "save today new free range now best deal discover summer your skin coffee strong fast proof".split()


def program() -> str:
    run("cargo", "build", "--release", "-p", "gv-optimize", "--example", "learning_bench", "--features", "testing", cwd=ROOT)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return str(target / "release" / "examples" / "learning_bench")


def answers(*command: str, given: str = "") -> list[dict]:
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def problem(count: int, seed: int = 1) -> dict:
    """Creatives of campaigns whose return has effects that add up, two that do not, effects of words, and noise."""
    random = np.random.default_rng([seed, count])
    weight = dict(zip(WORDS, random.normal(0, 0.15, len(WORDS))))
    hooks = {"question": 0.3, "face": 0.2, "motion": 0.0, "text": -0.2, "curiosity": -0.1}
    rows, groups = [], []
    for n in range(count):
        group = n // 6
        if n % 6 == 0:
            campaign = random.normal(0, 0.25)
        face, pace, length = random.uniform(), random.uniform(0, 3), random.uniform(6, 60)
        hook = random.choice(list(hooks))
        headline = " ".join(random.choice(WORDS, 4, replace=False))
        level = 0.5 + 0.8 * face + hooks[hook] - 0.4 * abs(pace - 1.5) + campaign
        level += sum(weight[word] for word in headline.split())
        level += 0.5 if hook == "question" and length < 20 else 0.0
        events = random.integers(5, 200)
        level += random.normal(0, np.sqrt(0.06 + 1 / events))
        rows.append(
            {
                "group": f"g{group}", "value": float(np.exp(level)), "events": float(events),
                "numbers": {"face_ratio": face, "pace": pace, "length": length},
                "categories": {"hook": hook}, "texts": {"headline": headline},
            }
        )
        groups.append(group)
    return {"rows": rows, "folds": [int(group % FOLDS) for group in groups]}


def matrix(rows: list[dict]) -> np.ndarray:
    hooks = sorted({r["categories"]["hook"] for r in rows})
    return np.array(
        [
            [*r["numbers"].values()]
            + [float(r["categories"]["hook"] == hook) for hook in hooks]
            + [float(word in r["texts"]["headline"].split()) for word in WORDS]
            for r in rows
        ]
    )


def r2(truth: np.ndarray, said: np.ndarray, weight: np.ndarray) -> float:
    mean = np.average(truth, weights=weight)
    return 1 - np.average((truth - said) ** 2, weights=weight) / np.average((truth - mean) ** 2, weights=weight)


def trainer(bench: str) -> None:
    import lightgbm
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    for count in (100, 1000, 10_000):
        given = problem(count)
        (told,) = answers(bench, "trainer", given=json.dumps(given))
        rows, folds = given["rows"], np.array(given["folds"])
        truth = np.log([r["value"] for r in rows])
        weight = 1 / (0.06 + 1 / np.array([r["events"] for r in rows]))
        ours = r2(truth, np.log(told["predictions"]), weight)
        features, said, seconds = matrix(rows), {}, {}
        for name in ("ridge", "LightGBM"):
            said[name], seconds[name] = np.zeros(count), []
            for fold in range(FOLDS):
                train, test = folds != fold, folds == fold
                if name == "ridge":
                    model = make_pipeline(StandardScaler(), RidgeCV(np.logspace(-3, 4, 15)))
                    keys = {"ridgecv__sample_weight": weight[train]}
                else:
                    model = lightgbm.LGBMRegressor(
                        n_estimators=200, learning_rate=0.05, num_leaves=15, min_child_samples=20, n_jobs=1, verbose=-1
                    )
                    keys = {"sample_weight": weight[train]}
                begun = time.perf_counter()
                model.fit(features[train], truth[train], **keys)
                seconds[name].append(time.perf_counter() - begun)
                said[name][test] = model.predict(features[test])
        for name in said:
            row(f"trainer, {count:,} rows: R2 of folds by campaign", [ours], f"scikit-learn {name}" if name == "ridge" else name,
                [r2(truth, said[name], weight)], unit="")
            row(f"trainer, {count:,} rows: time to fit", told["seconds"], name, seconds[name], unit="s")


def benchmarks(bench: str) -> None:
    for campaigns in (60, 300):
        (told,) = answers(bench, "benchmarks", str(campaigns))
        ours, raw = (statistics.mean(told[name]) for name in ("ours", "raw"))
        row(f"expected return of a campaign left out of {campaigns}: mean |ln error|", [ours], "raw mean of its group", [raw], unit="")


def drift(bench: str) -> None:
    random = np.random.default_rng(5)
    steady = [(random.uniform(size=4000) < rate).astype(float) for rate in np.linspace(0.05, 0.6, 40)]
    shifting = [
        np.concatenate([(random.uniform(size=1000) < low), (random.uniform(size=1000) < low + 0.2)]).astype(float)
        for low in np.linspace(0.05, 0.5, 40)
    ]
    text = "\n".join(" ".join(str(x) for x in stream) for stream in [*steady, *shifting]) + "\n"
    ours = answers(bench, "drift", given=text)
    begun = time.perf_counter()
    peer = subprocess.run(
        [sys.executable, str(ROOT / "gv-optimize" / "tests" / "river_alarms.py")], input=text, capture_output=True, text=True, check=True
    )
    numbers = sum(map(len, [*steady, *shifting]))
    river_ns = 1e9 * (time.perf_counter() - begun) / numbers
    theirs: dict[str, list[list[int]]] = {}
    for line in peer.stdout.splitlines():
        name, *alarms = line.split()
        theirs.setdefault(name, []).append([int(place) for place in alarms])
    for name, all_ in theirs.items():
        own = [told[name]["alarms"] for told in ours]
        same = sum(a == b for a, b in zip(own, all_))
        row(f"{name}: streams with the same alarms", [same], "River", [len(all_)], unit="")

        def false(alarms: list[list[int]]) -> float:
            return 1e4 * sum(map(len, alarms[: len(steady)])) / sum(map(len, steady))

        def delay(alarms: list[list[int]]) -> float:
            late = [next((a - 1000 for a in found if a >= 1000), 1000) for found in alarms[len(steady) :]]
            return statistics.median(late)

        row(f"{name}: false alarms in 10,000 numbers", [false(own)], "River", [false(all_)], unit="")
        row(f"{name}: numbers until a rise by 0.2 is told, median", [delay(own)], "River", [delay(all_)], unit="")
    total = [sum(told[name]["ns"] for name in theirs) for told in ours]
    row("all three detectors, time for a number", [statistics.median(total)], "River, its start included", [river_ns], unit="ns")


def main() -> None:
    bench = program()
    say("drift")
    drift(bench)
    say("benchmarks")
    benchmarks(bench)
    say("trainer")
    trainer(bench)


main()
