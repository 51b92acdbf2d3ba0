"""How long a prediction of one row takes, model and champion by turns on one machine."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from mainstay.evaluation.subject import Subject
from mainstay.statistics.samples import nearest_rank

WARM_UP = 20
CALLS = 200
"""Calls of each model, at least."""


class Latency:
    """The measure ``latency``: p50, p95, p99 in seconds by nearest rank, and the calls."""

    kind = "latency"

    def measure(self, subject: Subject) -> dict[str, Any]:
        """Call ``predict`` with single rows, the rows in turn, after a warm-up."""
        subjects = [subject] if subject.baseline is None else [subject, subject.baseline]
        seconds = _by_turns(subjects, max(CALLS, subject.calls))
        values = [_values(found) for found in seconds]
        return values[0] if len(values) == 1 else {**values[0], "baseline": values[1]}


MEASURE = Latency()


def _by_turns(subjects: list[Subject], calls: int) -> list[np.ndarray[Any, Any]]:
    """Return the seconds of every call of every subject. What slows the machine slows all."""
    rows = subjects[0].data.rows
    singles = [rows.iloc[place : place + 1] for place in range(min(len(rows), calls))]
    seconds = np.zeros((len(subjects), calls))
    for call in range(-WARM_UP, calls):
        row = singles[call % len(singles)]
        for place, subject in enumerate(subjects):
            start = time.perf_counter()
            subject.predict(row)
            if call >= 0:
                seconds[place, call] = time.perf_counter() - start
    return list(seconds)


def _values(seconds: np.ndarray[Any, Any]) -> dict[str, Any]:
    return {
        "p50": nearest_rank(seconds, 0.50),
        "p95": nearest_rank(seconds, 0.95),
        "p99": nearest_rank(seconds, 0.99),
        "mean": float(seconds.mean()),
        "calls": int(seconds.size),
    }
