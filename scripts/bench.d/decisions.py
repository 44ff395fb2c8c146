"""Budget and kill decisions on simulated campaigns, beside MABWiser and scipy, with 95 % intervals.

Revenue and regret are paired: every policy meets the same random numbers and the same bounds (50 %
a shift, a factor of 4 a day, decisions every six hours). MABWiser sees each 2 units of spend as a
pull; Thompson sampling is rewarded by conversions, UCB1 by revenue; its choices become weights that
are brought into the bounds. `GV_BENCH_SEEDS` sets the number of seeds, 100 by default.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
from collections import defaultdict

import numpy as np
from benchlib import row, run, say, wall

SEEDS = int(os.environ.get("GV_BENCH_SEEDS", "100"))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORLDS = 8
PULL = 2.0


def program() -> str:
    run("cargo", "build", "--release", "-p", "gv-optimize", "--example", "decisions", "--features", "simulate", cwd=ROOT)
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
    return os.path.join(target, "release", "examples", "decisions")


def lines(*command: str) -> list[dict]:
    return [json.loads(line) for line in run(*command).stdout.splitlines()]


def interval(values: list[float]) -> str:
    mean = statistics.mean(values)
    half = 1.96 * statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return f"{mean:.1f} ± {half:.1f}"


class Bandit:
    """MABWiser as a budget policy."""

    def __init__(self, kind: str, ads: int, seed: int):
        from mabwiser.mab import MAB, LearningPolicy

        policy = LearningPolicy.ThompsonSampling() if kind == "TS" else LearningPolicy.UCB1(alpha=1.0)
        self.kind, self.ads = kind, ads
        self.mab = MAB(arms=list(range(ads)), learning_policy=policy, seed=seed)
        self.seen = np.zeros((ads, 3))
        self.fitted = False

    def learn(self, totals: list[list[float]]) -> None:
        now = np.asarray(totals)
        spend, conversions, revenue = (now - self.seen).T
        self.seen = now
        arms, rewards = [], []
        for ad in range(self.ads):
            pulls = max(1, round(spend[ad] / PULL))
            hits = min(pulls, int(conversions[ad]))
            arms += [ad] * pulls
            if self.kind == "TS":
                rewards += [1] * hits + [0] * (pulls - hits)
            else:
                rewards += [revenue[ad] / pulls / PULL] * pulls
        (self.mab.partial_fit if self.fitted else self.mab.fit)(arms, rewards)
        self.fitted = True

    def weights(self) -> list[float]:
        share = np.full(self.ads, 1e-6)
        for _ in range(16 if self.kind == "TS" else 1):
            expected = self.mab.predict_expectations()
            share[max(expected, key=expected.get)] += 1.0
        return share.tolist()


def bandit_revenue(server: subprocess.Popen, kind: str, world: int, seed: int) -> float:
    def ask(request: dict) -> dict:
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
        return json.loads(server.stdout.readline())

    reply = ask({"world": world, "seed": seed})
    bandit = Bandit(kind, len(reply["ads"]), seed)
    weights = [1.0] * len(reply["ads"])
    while not reply["over"]:
        reply = ask({"weights": weights})
        bandit.learn(reply["ads"])
        weights = bandit.weights()
    return reply["revenue"]


def budgets(decisions: str) -> None:
    revenue: dict[str, dict[str, list[float]]] = defaultdict(dict)
    for result in lines(decisions, "budget", str(SEEDS)):
        revenue[result["world"]][result["policy"]] = result["revenue"]
    names = list(revenue)
    assert len(names) == WORLDS
    with subprocess.Popen([decisions, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        for index, world in enumerate(names):
            say(f"MABWiser in {world}")
            for kind in ("TS", "UCB1"):
                revenue[world][f"MABWiser {kind}"] = [
                    bandit_revenue(server, kind, index, seed) for seed in range(SEEDS)
                ]
        server.stdin.close()
    for world, policies in revenue.items():
        oracle = policies["oracle"]
        for policy, earned in policies.items():
            regret = [100 * (1 - mine / best) for mine, best in zip(earned, oracle)]
            uplift = [100 * (ours / mine - 1) for ours, mine in zip(policies["ours"], earned)]
            wins = sum(ours > mine for ours, mine in zip(policies["ours"], earned))
            say(
                f"{world:22} {policy:14} revenue {interval(earned):>18}  regret {interval(regret):>12} %"
                f"  ours earns {interval(uplift):>12} % more, in {wins} of {len(earned)} seeds"
            )
        rivals = [p for p in policies if p not in ("ours", "oracle")]
        best = max(rivals, key=lambda p: statistics.mean(policies[p]))
        row(
            f"budget regret, {world}",
            [100 * (1 - a / b) for a, b in zip(policies["ours"], oracle)],
            f"best of the others: {best}",
            [100 * (1 - a / b) for a, b in zip(policies[best], oracle)],
            unit="%",
        )


def kills(decisions: str) -> None:
    outcomes: dict[tuple, list[dict]] = defaultdict(list)
    for result in lines(decisions, "kill", str(max(3, SEEDS // 10))):
        outcomes[result["median"], result["policy"]].append(result["outcome"])
    beliefs: list[tuple[float, bool]] = []
    for (median, policy), runs in outcomes.items():

        def share(part: str, whole: str, runs: list[dict] = runs) -> str:
            hit, of = sum(r[part] for r in runs), sum(r[whole] for r in runs)
            p = hit / of if of else math.nan
            return f"{100 * p:.1f} ± {196 * math.sqrt(p * (1 - p) / of):.1f}" if of else "none"

        profit = [r["net_profit"] / r["ads"] for r in runs]
        caught = sum(r["bad_killed"] for r in runs)
        waste = sum(r["bad_waste"] for r in runs) / caught if caught else 0.0
        say(
            f"median return {median}: {policy:14} false kills of return >= 1: {share('good_killed', 'good')} %, "
            f">= 2: {share('very_good_killed', 'very_good')} %; bad ads caught {share('bad_killed', 'bad')} %, "
            f"spent before {waste:.0f}; net profit per ad {interval(profit)}"
        )
        if policy == "economic":
            beliefs += [tuple(belief) for run_ in runs for belief in run_["beliefs"]]
    for median in sorted({key[0] for key in outcomes}):
        profit = {
            policy: [r["net_profit"] / r["ads"] for r in runs]
            for (m, policy), runs in outcomes.items()
            if m == median
        }
        row(
            f"kill switch, net profit per ad, median return {median}",
            profit["economic"],
            "the specification's rules",
            profit["specification"],
            unit="",
        )
    for decile in range(10):
        inside = [b for b in beliefs if decile / 10 <= b[0] < (decile + 1) / 10 + (decile == 9)]
        if inside:
            stated = statistics.mean(b[0] for b in inside)
            true = statistics.mean(b[1] for b in inside)
            half = 1.96 * math.sqrt(max(true * (1 - true), 1e-9) / len(inside))
            say(f"confidence {100 * stated:5.1f} %: true in {100 * true:5.1f} ± {100 * half:.1f} % of {len(inside)} ads")
            row(f"reliability, decile {decile + 1}", [100 * stated], "realised", [100 * true], unit="%")
    edge = lines(decisions, "edge", "2000")[0]["share"]
    row("anytime-valid, ads at the edge ever killed, hourly looks", [100 * edge], "allowed", [5.0], unit="%")


def allocator(decisions: str) -> None:
    from scipy.optimize import minimize

    generator = np.random.default_rng(0)
    problems, worst = [], 0.0
    for _ in range(1000):
        n = int(generator.integers(2, 12))
        low = generator.uniform(5, 50, n)
        high = low + generator.uniform(0, 150, n)
        problems.append(
            {
                "returns": generator.lognormal(0.5, 0.8, n).tolist(),
                "elasticity": float(generator.uniform(0.6, 0.95)),
                "low": low.tolist(),
                "high": high.tolist(),
                "total": float(low.sum() + generator.uniform(0.05, 0.95) * (high - low).sum()),
            }
        )
    text = "\n".join(json.dumps(problem) for problem in problems)
    done = subprocess.run([decisions, "allocate"], input=text, capture_output=True, text=True, check=True)
    solved = 0
    for problem, answer in zip(problems, done.stdout.splitlines()):
        k, g, total = np.array(problem["returns"]), problem["elasticity"], problem["total"]
        ours = np.array(json.loads(answer))
        low, high = np.array(problem["low"]), np.array(problem["high"])
        assert abs(ours.sum() - total) < 1e-6 * total and (ours >= low - 1e-9).all() and (ours <= high + 1e-9).all()
        start = low + (high - low) * (total - low.sum()) / (high - low).sum()
        theirs = minimize(
            lambda b: -(k * b**g).sum(),
            start,
            jac=lambda b: -g * k * b ** (g - 1),
            bounds=list(zip(low, high)),
            constraints={"type": "eq", "fun": lambda b: b.sum() - total, "jac": lambda b: np.ones_like(b)},
            method="SLSQP",
            options={"maxiter": 500, "ftol": 1e-12},
        )
        if theirs.success:
            solved += 1
            best = -theirs.fun
            worst = max(worst, (best - (k * ours**g).sum()) / best)
    say(f"allocator: {solved} of 1000 solved by SLSQP, largest shortfall {worst:.2e}")
    if solved < 900 or worst > 1e-6:
        sys.exit(f"error: the allocator falls short of SLSQP by {worst}")
    row("allocation, largest objective gap to SLSQP on 1,000 problems", [max(worst, 0.0) * 1e6], "allowed", [1.0], unit="1e-6")


def variations() -> None:
    from geminivideo.variation_generator import CreativeConcept, VariationGenerator

    words = {name: name for name in CreativeConcept.__dataclass_fields__}
    concept = CreativeConcept(**{**words, "brand_colors": ["#ff6b6b"], "tone": "calm"})
    generator = VariationGenerator()
    seconds = [wall(lambda: generator.generate_variations(concept, 50)) for _ in range(7)]
    row("50 variations, from Python", [1e3 * s for s in seconds], "allowed", [50.0], unit="ms")
    row("pairs of levels that they cover", [100 * generator.pair_coverage], "at least", [75.0], unit="%")


def python(rust: dict[str, list[float]]) -> None:
    """What Python adds: the ads of the Rust program, as dataclasses and as columns."""
    from geminivideo.budget_optimizer import AdPerformance, BudgetOptimizer
    from geminivideo.loser_kill_switch import AdMetrics, LoserKillSwitch

    def table(count: int) -> dict:
        number = np.arange(count)
        conversions = number * 7 % 31
        fixed = {"spend": 500.0, "daily_budget": 50.0, "impressions": 50_000, "clicks": 500, "hours_active": 240.0}
        columns = {name: np.full(count, value) for name, value in fixed.items()}
        columns |= {"conversions": conversions, "revenue": conversions * 45.0, "hours_running": columns["hours_active"]}
        return {"ad_id": [f"ad{n}" for n in number], **columns}

    def rows(columns: dict) -> list[dict]:
        plain = {name: np.asarray(column).tolist() for name, column in columns.items()}
        return [dict(zip(plain, values)) for values in zip(*plain.values())]

    def stated(one: dict) -> dict:
        """The ratios that follow from the counts."""
        conversions, spend = one["conversions"], one["spend"]
        return dict(
            campaign_id="", ctr=one["clicks"] / one["impressions"], cvr=conversions / one["clicks"],
            cpa=spend / conversions if conversions else 0.0, roas=one["revenue"] / spend,
        )

    optimizer, switch = BudgetOptimizer(), LoserKillSwitch()
    ads, metrics = table(10_000), table(100_000)
    performances = [
        AdPerformance(**{k: v for k, v in one.items() if k != "hours_running"}, creative_id="", **stated(one))
        for one in rows(ads)
    ]
    figures = [
        AdMetrics(**{k: v for k, v in one.items() if k not in ("daily_budget", "hours_active")}, budget=0.0, **stated(one))
        for one in rows(metrics)
    ]
    for what, work, peer in (
        ("plan of 10,000 ads, dataclasses", lambda: optimizer.plan(performances), "plan of 10000 ads"),
        ("plan of 10,000 ads, columns", lambda: optimizer.plan_table(ads), "plan of 10000 ads"),
        ("kills among 100,000 ads, dataclasses", lambda: switch.batch_evaluate(figures), "kills among 100,000 ads"),
        ("100,000 kill decisions, columns", lambda: switch.evaluate_table(metrics), "every decision of 100,000 ads"),
    ):
        work()
        row(what, [1e3 * wall(work) for _ in range(5)], "the same in Rust", [1e3 * s for s in rust[peer]], unit="ms")


def main() -> None:
    decisions = program()
    rust = {result["what"]: result["seconds"] for result in lines(decisions, "timing")}
    for what, seconds in rust.items():
        row(what, [1e3 * s for s in seconds], unit="ms")
    python(rust)
    variations()
    allocator(decisions)
    kills(decisions)
    budgets(decisions)


main()
