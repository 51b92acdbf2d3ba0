"""Gather the points of several runs for one transaction, since each commit waits for the disk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from mainstay.entities.metrics import Metric
from mainstay.stores.sql import bulk
from mainstay.stores.sql.database import Database

PIECE = 8192
"""Points of a transaction, about."""


class Gathering:
    """Points on their way into a database; ``flush`` writes what waits."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[int, list[Metric], bool]] = []
        self._size = 0

    def add(self, run: int, points: Iterable[Sequence[Metric]]) -> None:
        """Take the points of a run, which come in pieces; after the last its tails are sealed."""
        some: list[Metric] = []
        wrote = False
        for piece in points:
            some += piece
            if len(some) + self._size >= PIECE:
                self._put(run, some, last=False)
                self.flush()
                some, wrote = [], True
        if some or wrote:
            self._put(run, some, last=True)

    def flush(self) -> None:
        """Write what waits, all of it or nothing."""
        if self._waiting:
            self._database.write(self._work)
            self._waiting, self._size = [], 0

    def _put(self, run: int, points: list[Metric], *, last: bool) -> None:
        self._waiting.append((run, points, last))
        self._size += len(points)

    def _work(self, connection: Connection) -> None:
        for run, points, last in self._waiting:
            bulk.points(connection, run, points)
            if last:
                bulk.settle(connection, run)
