"""The log of slow statements, for whoever sets ``MAINSTAY_SLOW_QUERY_SECONDS``.

Statements are written without their parameters, which may be anybody's data. Without the setting
nothing is measured.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from sqlalchemy import Engine, event

from mainstay import settings

log = logging.getLogger("mainstay.slow")

SHOWN = 1000
"""Characters of a statement that are written."""


def watch(engine: Engine) -> None:
    """Time the statements that go through SQLAlchemy."""
    limit = settings.SLOW_QUERY_SECONDS.get()
    if limit is None:
        return

    def begin(connection: Any, *_: Any) -> None:
        connection.info["mainstay_began"] = time.perf_counter()

    def end(connection: Any, _: Any, statement: str, *__: Any) -> None:
        note(statement, time.perf_counter() - connection.info["mainstay_began"], limit)

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)


def timed(kind: type[Any]) -> type[Any]:
    """Return a kind of SQLite connection that times what is run on it directly."""
    found = settings.SLOW_QUERY_SECONDS.get()
    if found is None:
        return kind
    limit: float = found

    class Timed(kind):  # type: ignore[misc]
        """Times each statement."""

        def execute(self, statement: str, *parameters: Any) -> Any:
            began = time.perf_counter()
            cursor = super().execute(statement, *parameters)
            note(statement, time.perf_counter() - began, limit)
            return cursor

        def executemany(self, statement: str, *parameters: Any) -> Any:
            began = time.perf_counter()
            cursor = super().executemany(statement, *parameters)
            note(statement, time.perf_counter() - began, limit)
            return cursor

    return Timed


def note(statement: str, taken: float, limit: float) -> None:
    """Write a statement down if it took longer than ``limit`` seconds."""
    if taken > limit:
        shown = " ".join(statement.split())[:SHOWN]
        log.warning("%.3f s (more than %g s): %s", taken, limit, shown)
