"""Draw time against size: lines on two logarithmic axes, as an SVG file.

The file is written from the numbers of the run that made it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

Lines = Mapping[str, Mapping[int, float]]
"""Milliseconds by size, by title."""

COLOURS = (
    *("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf"),
    *("#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#003f5c", "#006400"),
    *("#ffbf00", "#4b0082", "#000000"),
)
WIDTH, PLOT, LEFT, TOP = 920, 300, 60, 40
ACROSS = 430
LINE = 17


@dataclass(frozen=True)
class Panel:
    """One plot. ``bar`` is drawn as a dashed line, in ms."""

    title: str
    across: str
    lines: Lines
    bar: float


def svg(panels: Sequence[Panel], *, note: str) -> str:
    """Return the drawing: one panel below the other."""
    parts: list[str] = []
    top = 0
    for panel in panels:
        height = TOP + max(PLOT, LINE * len(panel.lines)) + 60
        parts.append(f'<g transform="translate(0 {top})">{_panel(panel)}</g>')
        top += height
    parts.append(_text(LEFT, top + 4, note, size=11, colour="#666"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top + 20}" '
        f'font-family="sans-serif" role="img"><title>Time against size</title>'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>\n'
    )


def _panel(panel: Panel) -> str:
    sizes = sorted({size for line in panel.lines.values() for size in line})
    times = [time for line in panel.lines.values() for time in line.values()] + [panel.bar]
    low = math.floor(math.log10(max(min(times), 0.01)))
    high = math.ceil(math.log10(max(times)))
    begin, end = math.log10(sizes[0]), math.log10(sizes[-1])

    def x(size: float) -> float:
        return LEFT + ACROSS * (math.log10(size) - begin) / ((end - begin) or 1)

    def y(time: float) -> float:
        share = (math.log10(max(time, 10**low)) - low) / ((high - low) or 1)
        return TOP + PLOT * (1 - share)

    parts = [_text(LEFT, 22, panel.title, size=15)]
    for power in range(low, high + 1):
        parts.append(_rule(LEFT, y(10**power), LEFT + ACROSS, y(10**power), "#ddd"))
        parts.append(_text(LEFT - 6, y(10**power) + 4, f"{10.0**power:g} ms", anchor="end"))
    for size in sizes:
        parts.append(_rule(x(size), TOP, x(size), TOP + PLOT, "#eee"))
        parts.append(_text(x(size), TOP + PLOT + 16, f"{size:,}", anchor="middle"))
    parts.append(_text(LEFT + ACROSS / 2, TOP + PLOT + 34, panel.across, anchor="middle"))
    parts.append(_rule(LEFT, y(panel.bar), LEFT + ACROSS, y(panel.bar), "#000", dashed=True))
    parts.append(_text(LEFT + 4, y(panel.bar) - 4, f"bar: {panel.bar:g} ms", size=11))
    for number, (title, line) in enumerate(panel.lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = [(x(size), y(time)) for size, time in sorted(line.items())]
        path = " ".join(f"{across:.1f},{down:.1f}" for across, down in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3" fill="{colour}"/>'
            for across, down in points
        ]
        parts += _legend(number, title, colour)
    return "".join(parts)


def _legend(number: int, title: str, colour: str) -> list[str]:
    across, down = LEFT + ACROSS + 24, TOP + 10 + LINE * number
    return [
        f'<rect x="{across}" y="{down - 8}" width="10" height="10" fill="{colour}"/>',
        _text(across + 16, down + 1, title),
    ]


def _rule(x1: float, y1: float, x2: float, y2: float, colour: str, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    places = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {places} stroke="{colour}"{dash}/>'


def _text(
    x: float, y: float, text: str, *, size: int = 12, anchor: str = "start", colour: str = "#222"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
        f'fill="{colour}">{escape(text)}</text>'
    )
