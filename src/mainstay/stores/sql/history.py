"""Read the points of a series, page by page, and what is kept of series without reading them."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from operator import itemgetter

from sqlalchemy import Connection

from mainstay.entities.metrics import Metric, MetricSummary
from mainstay.entities.pages import Page
from mainstay.errors import BadInput
from mainstay.stores.sql import chunks, tokens
from mainstay.stores.sql.rules import loaded
from mainstay.stores.sql.statements import Statement, among

MOST = 25_000
"""Points of a page, as in MLflow."""

Place = tuple[int, int, float, bool]
"""A point in the order of history: (timestamp, step, value or 0, is NaN)."""

BEGINNING: Place = (-1, 0, 0.0, False)
_KINDS = (int, int, float, bool)

_SERIES = Statement("SELECT id FROM series WHERE run = ? AND key = ?")
_TAIL = Statement("SELECT timestamp, step, value FROM points WHERE series = ?")
_CHUNKS = Statement(
    "SELECT id, first_timestamp FROM chunks WHERE series = ? AND last_timestamp >= ? "
    "ORDER BY first_timestamp, id"
)
_DATA = Statement("SELECT data FROM chunks WHERE id = ?")
_SUMMARIES = Statement(
    "SELECT runs.run_id, series.key, last, step, timestamp, low, high, count "
    "FROM series JOIN runs ON runs.id = series.run WHERE runs.run_id {among} "
    "AND substr(series.key, 1, ?) = ? ORDER BY runs.run_id, series.key"
)


def page(
    connection: Connection, run: int, key: str, *, max_results: int, token: str | None
) -> Page[Metric]:
    """Return points in order of (timestamp, step, value). Raises: BadInput."""
    if not 1 <= max_results <= MOST:
        raise BadInput(f"max_results must be between 1 and {MOST}, not {max_results}")
    purpose = f"history {run} {key}"
    after: Place = BEGINNING
    if token:
        timestamp, step, value, missing = tokens.unpack(purpose, token, kinds=_KINDS)
        after = (timestamp, step, float(value), missing)
    row = _SERIES.row(connection, run, key)
    if row is None:
        return Page([])
    places = read(connection, row[0], after=after, limit=max_results + 1)
    more = len(places) > max_results
    metrics = [
        Metric(key, math.nan if missing else value, timestamp, step)
        for timestamp, step, value, missing in places[:max_results]
    ]
    return Page(metrics, tokens.pack(purpose, list(places[max_results - 1])) if more else None)


def read(connection: Connection, series: int, *, after: Place, limit: int) -> list[Place]:
    """Return the first ``limit`` points that come after a place.

    Chunks may overlap in time, so a point is ready once no chunk that begins before it is left.
    """
    waiting = sorted(
        place
        for row in _TAIL.rows(connection, series)
        if (place := chunks.order((row[0], row[1], loaded(row[2])))) > after
    )
    pending = list(_CHUNKS.rows(connection, series, after[0]))
    ready: list[Place] = []
    for number, begins in pending:
        cut = bisect_left(waiting, begins, key=itemgetter(0))
        ready += waiting[:cut]
        if len(ready) >= limit:
            return ready[:limit]
        row = _DATA.row(connection, number)
        assert row is not None, "a chunk vanished inside a snapshot"
        new = chunks.places(chunks.decode(row[0]))
        if new and new[0] <= after:
            new = [place for place in new if place > after]
        waiting = sorted([*waiting[cut:], *new])
    return (ready + waiting)[:limit]


def summaries(
    connection: Connection, run_ids: Sequence[str], *, prefix: str, limit: int
) -> dict[str, list[MetricSummary]]:
    """Return what is kept of each series, by run id; at most ``limit`` keys a run."""
    found: dict[str, list[MetricSummary]] = {run_id: [] for run_id in run_ids}
    rows = _SUMMARIES.rows(connection, among(connection, found), len(prefix), prefix)
    for run_id, key, last, step, timestamp, low, high, count in rows:
        kept = found[run_id]
        if len(kept) < limit:
            kept.append(
                MetricSummary(
                    key=key,
                    last=loaded(last),
                    step=step,
                    timestamp=timestamp,
                    low=loaded(low),
                    high=loaded(high),
                    count=count,
                )
            )
    return found
