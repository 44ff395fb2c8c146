"""What a notebook shows for a result: a small table and the attention curve, no script."""

from __future__ import annotations

import os
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .analysis import AnalysisResult

WIDTH, CURVE, LANE = 720, 90, 14
COLOURS = {
    "hook": "#d1495b",
    "transition": "#8d99ae",
    "cta": "#2a9d8f",
    "emotional": "#e9a23b",
}


def summary(result: AnalysisResult) -> str:
    """Return the HTML of a result: its facts, the attention curve over the shots, its moments."""
    parts = [
        '<div style="font-family: sans-serif; max-width: 760px">',
        f"<strong>{escape(os.path.basename(result.path or 'video'))}</strong>",
        _facts(result),
        _curve(result),
        _moments(result),
        "</div>",
    ]
    return "\n".join(part for part in parts if part)


def _facts(result: AnalysisResult) -> str:
    video = result.video
    stats = result.motion["energy_stats"]
    rows = [
        ("length", f"{result.duration:.2f} s, {result.frames} frames"),
        ("picture", f"{video['width']} x {video['height']}, {video['codec']}"),
        ("shots", str(len(result.shots))),
    ]
    if stats is not None:
        rows.append(("median motion", f"{stats['median']:.2f} pixels per frame"))
    if result.damage:
        rows.append(("damaged places", str(result.damage)))
    if result.not_analyzed:
        rows.append(("not looked at", ", ".join(entry["what"] for entry in result.not_analyzed)))
    cells = "".join(
        f'<tr><td style="text-align: left; opacity: 0.7">{escape(name)}</td>'
        f'<td style="text-align: left">{escape(value)}</td></tr>'
        for name, value in rows
    )
    return f"<table>{cells}</table>"


def _curve(result: AnalysisResult) -> str:
    attention = result.attention
    duration = result.duration
    if not attention["timeline"] or not duration > 0:
        return ""
    start: float = result.motion["start_time"]

    def x(time: float) -> float:
        return round((time - start) / duration * WIDTH, 2)

    points = " ".join(
        f"{x(time)},{CURVE * (1 - value):.1f}"
        for time, value in zip(attention["timeline"], attention["attention"])
    )
    end = x(attention["timeline"][-1])
    shapes = [f'<polygon points="0,{CURVE} {points} {end},{CURVE}" fill="#5b7db1" opacity="0.45"/>']
    shapes.append(f'<polyline points="{points}" fill="none" stroke="#33517e" stroke-width="1.5"/>')
    for shot in result.shots:
        colour = "#b8c0cc" if shot.index % 2 else "#8d99ae"
        width = max(x(shot.end_time) - x(shot.start_time), 0)
        shapes.append(
            f'<rect x="{x(shot.start_time)}" y="{CURVE + 4}" width="{width:.2f}" '
            f'height="{LANE}" fill="{colour}"/>'
        )
    for moment in result.moments:
        width = max(x(moment.timestamp_end) - x(moment.timestamp_start), 1)
        shapes.append(
            f'<rect x="{x(moment.timestamp_start)}" y="{CURVE + LANE + 8}" width="{width:.2f}" '
            f'height="{LANE}" fill="{COLOURS.get(moment.moment_type, "#777777")}">'
            f"<title>{escape(moment.moment_type)}</title></rect>"
        )
    height = CURVE + 2 * LANE + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img" aria-label="attention over time, shots, moments">'
        + "".join(shapes)
        + "</svg>"
    )


def _moments(result: AnalysisResult) -> str:
    rows = [
        f'<tr><td style="text-align: left"><span style="color: {COLOURS.get(kind, "#777777")}">'
        f"&#9632;</span> {escape(kind)}</td>"
        f"<td>{moment.timestamp_start:.1f} to {moment.timestamp_end:.1f} s</td>"
        f'<td style="text-align: left">{escape(moment.reason)}</td></tr>'
        for moment in result.moments
        for kind in [moment.moment_type]
    ]
    return f"<table>{''.join(rows)}</table>" if rows else ""
