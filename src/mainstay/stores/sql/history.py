"""Read the points of a series, page by page, and what is kept of series without reading them.

Points travel as columns, the form in which chunks hold them, since a history may be long and a
record a point costs more than all the rest.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection

from mainstay.entities.metrics import Metric, MetricSummary
from mainstay.entities.pages import Page
from mainstay.errors import BadInput
from mainstay.stores.sql import chunks, runs, tails, tokens
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.rules import loaded
from mainstay.stores.sql.sealing import SEAL
from mainstay.stores.sql.statements import Statement, among

MOST = 25_000
"""Points of a page, as in MLflow."""

AT_ONCE = 64
"""Chunks that are fetched together at most."""

Place = tuple[int, int, float, bool]
"""A point in the order of history: (timestamp, step, value or 0, is NaN)."""

BEGINNING: Place = (-1, 0, 0.0, False)
_KINDS = (int, int, float, bool)

_SERIES = Statement("SELECT id FROM series WHERE run = ? AND key = ?")
_CHUNKS = Statement(
    "SELECT number, first_timestamp, last_timestamp, data FROM chunks WHERE series = ? "
    "AND last_timestamp >= ? AND (first_timestamp, number) > (?, ?) "
    "ORDER BY first_timestamp, number LIMIT ?"
)
_SUMMARIES = Statement(
    "SELECT runs.run_id, series.key, last, step, timestamp, low, high, count "
    "FROM series JOIN runs ON runs.id = series.run WHERE runs.run_id {among} "
    "AND substr(series.key, 1, ?) = ? ORDER BY runs.run_id, series.key"
)


class Columns(NamedTuple):
    """Points in order of (timestamp, step, value); NaN is NaN."""

    timestamps: list[int]
    steps: list[int]
    values: list[float]

    def take(self, places: Sequence[Place]) -> None:
        """Add points that are not in columns."""
        for timestamp, step, value, missing in places:
            self.timestamps.append(timestamp)
            self.steps.append(step)
            self.values.append(math.nan if missing else value)

    def cut(self, size: int) -> None:
        """Drop what is behind the first ``size`` points."""
        for column in self:
            del column[size:]

    def place(self, index: int) -> Place:
        """Return the place of one point."""
        return chunks.order((self.timestamps[index], self.steps[index], self.values[index]))


class Histories:
    """Reads histories as columns, for who writes them on at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, run_id: str, key: str, *, max_results: int, token: str | None
    ) -> tuple[Columns, str | None]:
        """Return a page and the token of the next. Raises: NotFound, BadInput."""
        with self._database.read() as connection:
            run = runs.find(connection, run_id).id
            return columns(connection, run, key, max_results=max_results, token=token)


def page(
    connection: Connection, run: int, key: str, *, max_results: int, token: str | None
) -> Page[Metric]:
    """Return points in order of (timestamp, step, value). Raises: BadInput."""
    found, following = columns(connection, run, key, max_results=max_results, token=token)
    points = zip(found.values, found.timestamps, found.steps, strict=True)
    return Page([Metric(key, *point) for point in points], following)


def columns(
    connection: Connection, run: int, key: str, *, max_results: int, token: str | None
) -> tuple[Columns, str | None]:
    """Return the points of a page, and the token of the next page. Raises: BadInput."""
    if not 1 <= max_results <= MOST:
        raise BadInput(
            f"Invalid value {max_results} for parameter 'max_results' supplied. "
            f"It must be a positive integer, at most {MOST}"
        )
    purpose = f"history {run} {key}"
    after: Place = BEGINNING
    if token:
        timestamp, step, value, missing = tokens.unpack(purpose, token, kinds=_KINDS)
        after = (timestamp, step, float(value), missing)
    row = _SERIES.row(connection, run, key)
    if row is None:
        return Columns([], [], []), None
    found = _read(connection, row[0], after=after, limit=max_results + 1)
    if len(found.steps) <= max_results:
        return found, None
    found.cut(max_results)
    return found, tokens.pack(purpose, list(found.place(max_results - 1)))


def read(connection: Connection, series: int, *, after: Place, limit: int) -> list[Place]:
    """Return the first ``limit`` points that come after a place."""
    return chunks.places(zip(*_read(connection, series, after=after, limit=limit), strict=True))


def _read(connection: Connection, series: int, *, after: Place, limit: int) -> Columns:
    """Return the first ``limit`` points that come after a place.

    Chunks may overlap in time, so a point is ready once no chunk that begins before it is left. A
    chunk that overlaps nothing is taken as it is.
    """
    waiting = sorted(
        place for place in chunks.places(tails.read(connection, series)) if place > after
    )
    ready = Columns([], [], [])
    pending = _chunks(connection, series, after[0], limit)
    for chunk, follower in pairwise(chain(pending, [None])):
        assert chunk is not None
        begins, ends = chunk[1], chunk[2]
        cut = bisect_left(waiting, begins, key=itemgetter(0))
        ready.take(waiting[:cut])
        del waiting[:cut]
        if len(ready.steps) >= limit:
            break
        new = _beyond(Columns(*chunks.columns(chunk[3])), after)
        if (follower is None or follower[1] > ends) and (not waiting or waiting[0][0] > ends):
            ready.timestamps.extend(new.timestamps)
            ready.steps.extend(new.steps)
            ready.values.extend(new.values)
        else:
            waiting = sorted([*waiting, *chunks.places(zip(*new, strict=True))])
    if len(ready.steps) < limit:
        ready.take(waiting[: limit - len(ready.steps)])
    ready.cut(limit)
    return ready


def _beyond(found: Columns, after: Place) -> Columns:
    """Return the points of a chunk, which are in order, that come after a place."""
    if found.timestamps[0] > after[0]:
        return found
    start = bisect_right(range(len(found.steps)), after, key=found.place)
    return Columns(found.timestamps[start:], found.steps[start:], found.values[start:])


def _chunks(connection: Connection, series: int, since: int, limit: int) -> Iterator[Any]:
    """Yield the chunks that reach a moment, by when they begin; few more than make ``limit``."""
    some = min(AT_ONCE, limit // SEAL + 3)
    begins, number = -1, 0
    while True:
        found = _CHUNKS.rows(connection, series, since, begins, number, some)
        yield from found
        if len(found) < some:
            return
        number, begins = found[-1][:2]


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
