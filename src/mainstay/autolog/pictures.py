"""Pictures of plots, where a script asks for them; the UI draws the data itself."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

SIZE = (6.4, 4.8)
"""Inches."""

BARS = 20
"""Features that a picture of importance shows."""

CELLS = 30
"""Up to so many classes, the cells of a matrix have their counts written in."""


def png(plot: Mapping[str, Any]) -> bytes:
    """Draw a plot. Raises: ImportError without matplotlib, KeyError for a kind without a picture.

    Nothing of ``pyplot`` is touched: the script's own figures and backend stay as they are.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(plot["title"])
    DRAWN[plot["kind"]](axes, plot)
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def _matrix(axes: Any, plot: Mapping[str, Any]) -> None:
    labels, rows = plot["labels"], plot["matrix"]
    shares = [[count / (sum(row) or 1) for count in row] for row in rows]
    axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    axes.set_xticks(range(len(labels)), labels, rotation=90 if len(labels) > 6 else 0)
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlabel="predicted", ylabel="true")
    if len(labels) > CELLS:
        return
    for row, counts in enumerate(rows):
        for column, count in enumerate(counts):
            colour = "white" if shares[row][column] > 0.5 else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=colour)


def _curves(axes: Any, plot: Mapping[str, Any]) -> None:
    for line in plot["lines"]:
        told = f"{line['name']} ({plot['area_label']} {line['area']:.3f})"
        (drawn,) = axes.plot(line["x"], line["y"], label=told)
        ends = [line["x"][0], line["x"][-1]]
        axes.plot(ends, line["baseline"], color=drawn.get_color(), linestyle=":", linewidth=0.8)
    axes.set(xlabel=plot["x_label"], ylabel=plot["y_label"], xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(loc="lower right" if plot["area_label"] == "AUC" else "lower left")


def _bars(axes: Any, plot: Mapping[str, Any]) -> None:
    names, values = plot["names"][:BARS][::-1], plot["values"][:BARS][::-1]
    axes.barh(range(len(names)), values)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel=plot["measure"])


DRAWN: Mapping[str, Callable[[Any, Mapping[str, Any]], None]] = {
    "confusion_matrix": _matrix,
    "curve": _curves,
    "importance": _bars,
}
