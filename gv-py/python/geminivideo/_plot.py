"""The picture of a result: attention, moments, motion and shots over one time axis."""

from __future__ import annotations

import os
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from .motion_energy import MotionEnergyCalculator

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .analysis import AnalysisResult

INK, MUTED, GRID = "#22252b", "#7a8190", "#e4e6ea"
PARTS = {"motion": "#5b7db1", "cuts": "#a9bcd9", "faces": "#e9a23b"}
MOMENTS = {"hook": "#d1495b", "transition": "#8d99ae", "cta": "#2a9d8f", "emotional": "#e9a23b"}
CURVE = "#33517e"


def timeline(result: AnalysisResult, figure: Figure | None = None) -> Figure:
    """Draw the result into `figure`, a new one where none is given, and return it."""
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError("plot needs matplotlib: pip install geminivideo[plot]") from error

    if figure is None:
        figure = pyplot.figure(figsize=(11, 5.6), layout="constrained")
    figure.set_facecolor("white")
    attention, moments, motion, shots = figure.subplots(
        4, 1, sharex=True, gridspec_kw={"height_ratios": [5, 1.1, 3.2, 0.9]}
    )
    for axes in (attention, moments, motion, shots):
        _quiet(axes)
    _attention(attention, result)
    _moments(moments, result)
    _motion(motion, result)
    _shots(shots, result)

    for axes in (attention, motion):
        for boundary in result.boundaries:
            axes.axvline(boundary.time, color=GRID, linewidth=1, zorder=0)
    start = result.motion["start_time"]
    shots.set_xlim(start, max(result.motion["end_time"], start + 1e-3))
    shots.set_xlabel("seconds", color=MUTED, fontsize=9)
    shots.tick_params(axis="x", length=3, labelbottom=True)
    name = os.path.basename(result.path) if result.path else "video"
    video = result.video
    facts = f"{result.duration:.1f} s, {video['width']} x {video['height']}"
    attention.set_title(name, loc="left", color=INK, fontsize=13, weight="bold", pad=16)
    attention.set_title(facts, loc="right", color=MUTED, fontsize=9, pad=18)
    figure.align_ylabels()
    return figure


def _quiet(axes: Axes) -> None:
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(colors=MUTED, labelsize=8, length=0, labelbottom=False)
    axes.set_axisbelow(True)


def _label(axes: Axes, text: str) -> None:
    axes.set_ylabel(text, rotation=0, ha="right", va="center", color=INK, fontsize=10, labelpad=12)


def _attention(axes: Axes, result: AnalysisResult) -> None:
    curve = result.attention
    named: list[tuple[str, list[float] | None]] = [
        ("motion", curve["motion"]),
        ("cuts", curve["cuts"]),
        ("faces", curve["faces"]),
    ]
    parts = [(name, values) for name, values in named if values is not None]
    if curve["timeline"]:
        axes.stackplot(
            curve["timeline"],
            *[values for _, values in parts],
            labels=[f"from {name}" for name, _ in parts],
            colors=[PARTS[name] for name, _ in parts],
            alpha=0.75,
            linewidth=0,
        )
        axes.plot(curve["timeline"], curve["attention"], color=INK, linewidth=1.4)
        axes.legend(
            loc="lower right",
            bbox_to_anchor=(1, 0.99),
            ncols=3,
            frameon=False,
            fontsize=8,
            labelcolor=MUTED,
            handlelength=1.0,
            borderaxespad=0,
        )
    told = -result.duration
    for peak in curve["peaks"]:
        place = min(bisect_left(curve["timeline"], peak), len(curve["timeline"]) - 1)
        height = curve["attention"][place]
        axes.plot([peak], [height], "o", color=INK, markersize=3.5)
        if peak - told < 0.035 * result.duration:
            continue
        told = peak
        axes.annotate(
            f"{peak:.1f}",
            (peak, height),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            color=INK,
        )
    axes.set_ylim(0, 1.08)
    axes.set_yticks([0, 0.5, 1])
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    _label(axes, "attention")


def _moments(axes: Axes, result: AnalysisResult) -> None:
    for moment in result.moments:
        start, length = moment.timestamp_start, moment.timestamp_end - moment.timestamp_start
        colour = MOMENTS.get(moment.moment_type, MUTED)
        axes.barh(0, length, left=start, height=0.72, color=colour, edgecolor="white", linewidth=1)
        fits = length > 0.012 * len(moment.moment_type) * result.duration
        if fits or length > 0.02 * result.duration:
            axes.text(
                start + length / 2,
                0,
                moment.moment_type if fits else moment.moment_type[:1].upper(),
                ha="center",
                va="center",
                color="white",
                fontsize=8,
                weight="bold",
                clip_on=True,
            )
    axes.set_ylim(-0.6, 0.6)
    axes.set_yticks([])
    _label(axes, "moments")


def _motion(axes: Axes, result: AnalysisResult) -> None:
    frames: list[dict[str, Any]] = result.motion["frames"]
    for shot in result.shots:
        inside = [f for f in frames if shot.start_time < f["timestamp"] < shot.end_time]
        times = [frame["timestamp"] for frame in inside]
        energy = [frame["mean_energy"] for frame in inside]
        axes.fill_between(times, energy, color=CURVE, alpha=0.18, linewidth=0)
        axes.plot(times, energy, color=CURVE, linewidth=1.1)
    top = max((frame["mean_energy"] for frame in frames), default=1.0)
    limits = {
        "smooth": MotionEnergyCalculator.STATIC_THRESHOLD,
        "fast": MotionEnergyCalculator.SMOOTH_THRESHOLD,
        "chaotic": MotionEnergyCalculator.FAST_THRESHOLD,
    }
    axes.set_yscale("symlog", linthresh=1.0)
    axes.set_ylim(0, max(top, 6.0) * 1.15)
    shown = {name: limit for name, limit in limits.items() if limit < max(top, 6.0)}
    for limit in shown.values():
        axes.axhline(limit, color=GRID, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
    axes.set_yticks(list(shown.values()), [f"{name} {limit:g}" for name, limit in shown.items()])
    axes.minorticks_off()
    _label(axes, "motion\n(px/frame)")


def _shots(axes: Axes, result: AnalysisResult) -> None:
    for shot in result.shots:
        length = shot.end_time - shot.start_time
        colour = "#23262e" if shot.blank else ("#b8c0cc" if shot.index % 2 else "#8d99ae")
        axes.barh(0, length, left=shot.start_time, height=0.8, color=colour, linewidth=0)
        if length > 0.025 * result.duration:
            axes.text(
                shot.start_time + length / 2,
                0,
                str(shot.index + 1),
                ha="center",
                va="center",
                color="white",
                fontsize=8,
            )
    axes.set_ylim(-0.6, 0.6)
    axes.set_yticks([])
    _label(axes, "shots")
