"""What was measured, as one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from benchmarks.tracking.rows import Row

TITLES = (
    *("work", "mainstay", "MLflow", "FastTrackML", "x MLflow", "x FastTrackML"),
    *("bar", "", "floor", "share of floor"),
)


@dataclass(frozen=True)
class Line:
    """The samples of one row, by server."""

    row: Row
    samples: Mapping[str, list[float]]

    def middle(self, name: str) -> float | None:
        """Return the median of a server; None if it was not measured."""
        found = self.samples.get(name)
        return median(found) if found else None

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; None if its base was not measured."""
        own = self.middle("mainstay")
        assert own is not None
        if not self.row.base:
            return own <= self.row.times
        base = self.middle(self.row.base)
        return None if base is None else own >= self.row.times * base


def table(lines: list[Line]) -> str:
    """Return the lines as a Markdown table, without the columns in which nothing was measured."""
    rows = [_shown(line) for line in lines]
    kept = [at for at in range(len(TITLES)) if any(row[at] != "-" for row in rows)]
    written = [TITLES, ["---"] * len(TITLES), *rows]
    return "\n".join(_cells([cells[at] for at in kept]) for cells in written)


def _shown(line: Line) -> list[str]:
    own = line.middle("mainstay")
    floor = line.middle("floor")
    assert own is not None
    lower = not line.row.base
    return [
        f"{line.row.title}, {line.row.unit}",
        f"**{_number(own)}**",
        _number(line.middle("MLflow")),
        _number(line.middle("FastTrackML")),
        _ratio(own, line.middle("MLflow"), lower=lower),
        _ratio(own, line.middle("FastTrackML"), lower=lower),
        line.row.bar,
        {True: "met", False: "**missed**", None: "-"}[line.met],
        _number(floor),
        "-" if floor is None else f"{(floor / own if lower else own / floor):.0%}",
    ]


def _cells(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _ratio(own: float, other: float | None, *, lower: bool) -> str:
    if other is None:
        return "-"
    return f"{(other / own if lower else own / other):.1f}"


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 2 else f"{value:.2f}"
