"""Quantiles of a histogram whose bins have fixed upper edges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def quantile(counts: Sequence[int], edges: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of the counted values lie, in the unit of ``edges``.

    ``counts`` has one bin more than there are upper edges. Values are taken to be spread evenly in
    a bin that begins at the edge before it (the first at 0). What fell beyond the last edge is
    reported as the last edge: at least that. 0.0 where nothing was counted. The same rule as
    Prometheus's ``histogram_quantile``.

    >>> quantile((0, 10, 0), (1.0, 2.0), 0.5)
    1.5
    """
    totals = np.cumsum(np.asarray(counts, dtype=np.float64))
    if totals.size == 0 or totals[-1] == 0:
        return 0.0
    wanted = share * float(totals[-1])
    bin_ = int(np.searchsorted(totals, wanted, side="left"))
    if bin_ >= len(edges):
        return float(edges[-1])
    below = float(totals[bin_ - 1]) if bin_ else 0.0
    start = float(edges[bin_ - 1]) if bin_ else 0.0
    inside = float(totals[bin_]) - below
    return start + (float(edges[bin_]) - start) * ((wanted - below) / inside if inside else 1.0)
