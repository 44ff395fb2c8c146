"""The timeline of a result, drawn by matplotlib: the lanes of the report over one time axis."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .analysis import AnalysisResult

INK, MUTED, LANE, LINE, CURVE = "#1d2330", "#626b7c", "#f4f6f9", "#dfe3ea", "#3a62a8"
COLOURS = {
    "shot": "#7d8aa3",
    "blank": "#22262e",
    "hook": "#c0384c",
    "transition": "#7d8aa3",
    "cta": "#14796b",
    "emotional": "#b07206",
    "face": "#b07206",
    "text": "#5a55b8",
    "product": "#14796b",
    "voice": "#2f7fb0",
    "beat": "#8d99b0",
    "downbeat": CURVE,
    "drop": "#c0384c",
}
SECOND_SHOT = "#a3aec1"
#: Heights in inches: of a row of spans, of a curve, of the curve that matters most.
ROW, CURVE_HEIGHT, TALL = 0.24, 0.7, 1.3


def timeline(result: AnalysisResult, figure: Figure | None = None) -> Figure:
    """Draw the result into `figure`, a new one where none is given, and return it."""
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError("plot needs matplotlib: pip install geminivideo[plot]") from error

    lanes = result._core.lanes()
    heights = [_height(lane["name"], lane["shape"]) for lane in lanes]
    if figure is None:
        figure = pyplot.figure(figsize=(11, sum(heights) + 1.1), layout="constrained")
    figure.set_facecolor("white")
    all_axes = figure.subplots(
        len(lanes),
        1,
        sharex=True,
        squeeze=False,
        gridspec_kw={"height_ratios": heights, "hspace": 0},
    )[:, 0]
    start: float = result.motion["start_time"]
    end = max(start + result.duration, start + 1e-3)
    for axes, lane in zip(all_axes, lanes):
        _quiet(axes, lane["name"])
        _draw(axes, lane, end - start)
    bottom = all_axes[-1]
    bottom.set_xlim(start, end)
    bottom.set_xlabel("seconds", color=MUTED, fontsize=9)
    bottom.tick_params(axis="x", length=3, labelbottom=True, colors=MUTED, labelsize=8)
    name = os.path.basename(result.path) if result.path else "video"
    facts = f"{result.duration:.1f} s, {result.video['width']} x {result.video['height']}"
    all_axes[0].set_title(name, loc="left", color=INK, fontsize=13, weight="bold", pad=8)
    all_axes[0].set_title(facts, loc="right", color=MUTED, fontsize=9, pad=8)
    return figure


def _height(name: str, shape: dict[str, Any]) -> float:
    if "curve" in shape:
        return TALL if name == "attention" else CURVE_HEIGHT
    return ROW * max(len(shape.get("spans", [])), 1)


def _quiet(axes: Axes, name: str) -> None:
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_facecolor(LANE)
    axes.tick_params(length=0, labelbottom=False)
    axes.set_yticks([])
    axes.set_ylabel(name, rotation=0, ha="right", va="center", color=INK, fontsize=9, labelpad=8)


def _draw(axes: Axes, lane: dict[str, Any], duration: float) -> None:
    shape = lane["shape"]
    if lane["unknown"] is not None:
        axes.set_facecolor("white")
        axes.set_ylim(0, 1)
        axes.text(
            0.005,
            0.5,
            f"unknown: {lane['unknown']}",
            transform=axes.transAxes,
            va="center",
            color=MUTED,
            fontsize=8,
            clip_on=True,
        )
    elif "curve" in shape:
        _curve(axes, shape["curve"])
    elif "marks" in shape:
        axes.set_ylim(0, 1)
        for mark in shape["marks"]:
            tall = mark["kind"] != "beat"
            axes.axvline(
                mark["time"],
                0.05 if tall else 0.25,
                0.95 if tall else 0.75,
                color=COLOURS[mark["kind"]],
                linewidth=2.2 if tall else 1.2,
            )
    else:
        _spans(axes, shape["spans"], duration)


def _curve(axes: Axes, curve: dict[str, Any]) -> None:
    for run in curve["runs"]:
        axes.fill_between(run["times"], run["heights"], color=CURVE, alpha=0.2, linewidth=0)
        axes.plot(run["times"], run["heights"], color=CURVE, linewidth=1.2)
    axes.set_ylim(0, 1.04)
    for level in curve["levels"]:
        axes.axhline(level["height"], color=LINE, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
    axes.yaxis.tick_right()
    axes.set_yticks(
        [level["height"] for level in curve["levels"]], [level["label"] for level in curve["levels"]]
    )
    axes.tick_params(axis="y", length=0, colors=MUTED, labelsize=7)
    for peak in curve["peaks"]:
        axes.axvline(peak, color=INK, linewidth=0.8, linestyle=(0, (1, 2)))


def _spans(axes: Axes, rows: list[list[dict[str, Any]]], duration: float) -> None:
    axes.set_ylim(max(len(rows), 1), 0)
    for number, row in enumerate(rows):
        for place, span in enumerate(row):
            start, length = span["start_time"], span["end_time"] - span["start_time"]
            planned = span["kind"] == "planned"
            colour = COLOURS["cta"] if planned else COLOURS[span["kind"]]
            if span["kind"] == "shot" and place % 2:
                colour = SECOND_SHOT
            axes.barh(
                number + 0.5,
                length,
                left=start,
                height=0.86,
                color="none" if planned else colour,
                edgecolor=colour if planned else "white",
                linestyle="--" if planned else "-",
                linewidth=1,
            )
            if length > 0.011 * len(span["label"]) * duration:
                axes.text(
                    start + length / 2,
                    number + 0.52,
                    span["label"],
                    ha="center",
                    va="center",
                    color=INK if planned else "white",
                    fontsize=7.5,
                    clip_on=True,
                )
