"""Whether a server can do its work now: its databases take writes, its disks have room."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from threading import Lock

from mainstay.errors import Unavailable
from mainstay.server.space import Space
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.statements import Statement

log = logging.getLogger("mainstay.server")

SECONDS = 1.0
"""How long an answer is believed, so that asking costs nothing."""

_PROBE = Statement("UPDATE experiments SET name = name WHERE id = ?")
NOBODY = -1
"""No experiment has this number: the probe takes the way of a write and changes nothing."""


class Readiness:
    """Looks at what a server stands on."""

    def __init__(self, databases: Sequence[Database] = (), space: Space | None = None) -> None:
        self._databases = tuple(dict.fromkeys(databases))
        self._space = space or Space()
        self._lock = Lock()
        self._looked_at = float("-inf")
        self._trouble: str | None = None

    def check(self) -> None:
        """Return if requests can be served. Raises: Unavailable, without details of the inside."""
        with self._lock:
            now = time.monotonic()
            if now - self._looked_at >= SECONDS:
                self._trouble = self._look()
                self._looked_at = time.monotonic()
            if self._trouble is not None:
                raise Unavailable(self._trouble)

    def _look(self) -> str | None:
        short = self._space.short()
        if short is not None:
            log.warning("not ready: %s", short)
            return "the disk has less room than the reserve; writes are refused until there is more"
        for database in self._databases:
            try:
                database.write(lambda connection: _PROBE.run(connection, NOBODY))
            except Exception as error:  # noqa: BLE001  whatever it says, it takes no writes
                log.warning("not ready: %s", error)
                return "a database does not take writes; the server's log says why"
        return None
