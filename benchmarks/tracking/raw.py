"""The floor of reads and files: the bare statement on ``sqlite3``, the bare file."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.tracking.floor import open_database
from benchmarks.tracking.subject import POINTS, RUNS, STARTED, values_of

FILE_SIZE = 64 << 20
PAGE = 100

_FILTERED = """
SELECT id FROM runs
WHERE EXISTS (SELECT 1 FROM metrics WHERE run = id AND key = 'metric_0' AND value > 0.5)
AND EXISTS (SELECT 1 FROM params WHERE run = id AND key = 'param_0' AND value <> '3')
ORDER BY start_time DESC LIMIT 100
"""
_BY_METRIC = """
SELECT id FROM runs JOIN metrics ON run = id AND key = 'metric_1'
ORDER BY value DESC LIMIT 100 OFFSET ?
"""
_DATA = "SELECT * FROM {} WHERE run IN (SELECT value FROM json_each(?))"


class Raw:
    """Plain tables with the same runs, and what reading them costs without any server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._database = open_database(str(folder / "raw.db"))
        run = self._database.execute
        run("BEGIN")
        for number in range(RUNS):
            run("INSERT INTO runs VALUES (?, ?, ?)", (number, f"{number:032x}", STARTED + number))
            values = values_of(number)
            for table in ("metrics", "params", "tags"):
                rows = [(number, one["key"], one["value"]) for one in values[table]]
                self._database.executemany(f"INSERT INTO {table} VALUES (?, ?, ?)", rows)
        points = [("long", "long", STARTED + n, n, n / 7) for n in range(POINTS)]
        self._database.executemany("INSERT INTO points VALUES (?, ?, ?, ?, ?)", points)
        run("COMMIT")

    def history(self, seconds: float) -> float:
        """Return points read a second."""
        query = (
            "SELECT key, value, timestamp, step FROM points WHERE run = 'long' AND key = 'long' "
            "ORDER BY timestamp, step"
        )
        return POINTS * self._rate(lambda: self._database.execute(query).fetchall(), seconds)

    def filtered(self, seconds: float) -> float:
        """Return filtered searches a second."""
        return self._rate(lambda: self._page(_FILTERED), seconds)

    def by_metric(self, seconds: float) -> float:
        """Return sorted searches a second."""
        return self._rate(lambda: self._page(_BY_METRIC, 0), seconds)

    def all_pages(self, seconds: float) -> float:
        """Return runs a second over all pages."""
        return RUNS * self._rate(
            lambda: [self._page(_BY_METRIC, start) for start in range(0, RUNS, PAGE)], seconds
        )

    def upload(self, seconds: float) -> float:
        """Return MiB a second of writing, hashing and syncing a file."""
        content = os.urandom(FILE_SIZE)

        def write() -> None:
            with (self.folder / "file.bin").open("wb") as file:
                hashlib.sha256(content)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())

        return (FILE_SIZE >> 20) * self._rate(write, 0)

    def download(self, seconds: float) -> float:
        """Return MiB a second of reading the file."""
        path = self.folder / "file.bin"
        return (FILE_SIZE >> 20) * self._rate(path.read_bytes, 0)

    def _page(self, query: str, *parameters: Any) -> list[Any]:
        found = [row[0] for row in self._database.execute(query, parameters)]
        listed = str(found)
        return [
            self._database.execute(_DATA.format(table), (listed,)).fetchall()
            for table in ("metrics", "params", "tags")
        ]

    def _rate(self, work: Callable[[], object], seconds: float) -> float:
        done = 0
        begun = time.perf_counter()
        while done == 0 or time.perf_counter() - begun < seconds:
            work()
            done += 1
        return done / (time.perf_counter() - begun)
