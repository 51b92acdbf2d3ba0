"""Runs as bytes, kept in memory for as long as they do not change.

A page of a search is mostly runs that were not written to since somebody last looked. Each row of
``runs`` counts its changes; bytes are used only if they were made at the count that this snapshot
of the database shows, so nothing here can be out of date, whoever writes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

from mainstay.entities.pages import Page, Search
from mainstay.entities.runs import Run, RunInfo
from mainstay.stores.sql import runs, searches
from mainstay.stores.sql.database import Database

ROOM = 32 << 20
"""Bytes that are kept at most."""

EACH = 300
"""What an entry costs beside its bytes, about."""


class KeptRuns:
    """Searches runs; ``write`` turns what is not the head of a run into bytes."""

    def __init__(
        self, database: Database, write: Callable[[Run], bytes], *, room: int = ROOM
    ) -> None:
        self._database = database
        self._write = write
        self._room = room
        self._kept: OrderedDict[str, tuple[int, bytes]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def search(self, experiment_ids: Sequence[str], search: Search) -> Page[tuple[RunInfo, bytes]]:
        """Return the page that ``TrackingStore.search_runs`` returns, each run as head and bytes.

        Raises: BadInput.
        """
        with self._database.read() as connection:
            numbers, token = searches.find_runs(connection, experiment_ids, search)
            rows = runs.rows_of(connection, numbers)
            found = {row.id: data for row in rows if (data := self._recall(row)) is not None}
            missing = [row for row in rows if row.id not in found]
            if missing:
                for row, run in zip(missing, runs.load(connection, missing), strict=True):
                    found[row.id] = self._write(run)
        for row in missing:
            self._keep(row.run_id, row.changes, found[row.id])
        return Page([(runs.info(row), found[row.id]) for row in rows], token)

    def _recall(self, row: Any) -> bytes | None:
        with self._lock:
            changes, data = self._kept.get(row.run_id, (None, None))
            if changes != row.changes:
                return None
            self._kept.move_to_end(row.run_id)
            return data

    def _keep(self, run_id: str, changes: int, data: bytes) -> None:
        with self._lock:
            _, old = self._kept.pop(run_id, (0, None))
            if old is not None:
                self._size -= len(old) + EACH
            self._kept[run_id] = (changes, data)
            self._size += len(data) + EACH
            while self._size > self._room:
                _, (_, dropped) = self._kept.popitem(last=False)
                self._size -= len(dropped) + EACH
