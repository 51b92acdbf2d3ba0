"""Hash the files of versions that were registered without a digest.

A version whose files did not come through the proxy, or that a spool registered, has no digest at
first and is pending for gates. A thread reads its files and fixes the digest. What cannot be read
yet, since the files are still to come or a bucket does not answer, is tried again, later each time,
and given up after most of a day: the version's status message says so, and an event does. The
versions that are due are rows, so a restart forgets none and several servers share them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from mainstay.entities.accounts import Principal
from mainstay.entities.pages import Search
from mainstay.errors import Conflict, MainstayError, NotFound, Unavailable
from mainstay.server.context import Context, Services
from mainstay.server.sources import place_of
from mainstay.stores.sql import pending
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.pending import Pending

log = logging.getLogger("mainstay.hashing")

POLL_SECONDS = 0.5
LONGEST_PAUSE = 3600.0
TRIES = 30
"""With pauses of 1, 2, 4 … seconds, an hour at the most: about nineteen hours."""

LEASE_SECONDS = 30.0
"""How long a server that died keeps others from the version that it was hashing.

Files that take longer may be read by a second server at the same time, which does no harm.
"""

SYSTEM = Principal(name="mainstay", role="admin", authenticated=True)


class Hashing:
    """A thread that hashes what is due. ``database`` is the registry's."""

    def __init__(
        self,
        services: Services,
        database: Database,
        *,
        tries: int = TRIES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._context = Context(services, SYSTEM)
        self._database = database
        self._tries = tries
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mainstay-hashing", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Let the version at hand go; it is due again when its lease ends."""
        self._stopping.set()
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            try:
                while self.hash_next() and not self._stopping.is_set():
                    pass
            except MainstayError as error:
                log.warning("versions wait to be hashed: %s", error)
            except Exception:  # the border of the loop: hashing goes on later
                log.exception("versions wait to be hashed")

    def hash_next(self) -> bool:
        """Try the version that is due the longest; tell whether there was one."""
        item, at = self.due(), self._now()
        if item is None:
            return False
        until = at + int(LEASE_SECONDS * 1000)
        if self._database.write(
            lambda connection: pending.claim(connection, item, at=at, until=until)
        ):
            self._try(item)
        return True

    def due(self) -> Pending | None:
        """Return the version that is due the longest, if one is."""
        with self._database.read() as connection:  # looking costs no write
            found = pending.due(connection, at=self._now(), limit=1)
        return found[0] if found else None

    def _try(self, item: Pending) -> None:
        try:
            hash_version(self._context, item.name, item.version)
        except Conflict as error:
            self._again(item, error.message, tell=True)
        except MainstayError as error:
            self._again(item, error.message)
        except OSError as error:
            self._again(item, str(error))

    def _again(self, item: Pending, why: str, *, tell: bool = False) -> None:
        if item.tries + 1 >= self._tries:
            log.error("%s v%d has no digest, given up: %s", item.name, item.version, why)
            self._database.write(
                lambda connection: pending.given_up(connection, item, why, by=SYSTEM)
            )
            return
        pause = min(2.0**item.tries, LONGEST_PAUSE)
        log.warning(
            "%s v%d has no digest yet, again in %.0f s: %s", item.name, item.version, pause, why
        )
        again_at = self._now() + int(pause * 1000)
        self._database.write(
            lambda connection: pending.failed(connection, item, why, again_at=again_at, tell=tell)
        )

    def _now(self) -> int:
        return int(self._clock() * 1000)


def hash_version(context: Context, name: str, number: int) -> None:
    """Fix the digest of a version that has none.

    Raises: NotFound (the version, or files that this server can read), Unavailable, Conflict (its
    files are not what was claimed when it was registered).
    """
    version = context.registry.get_model_version(name, number)
    if version.digest is not None:
        return
    digest = context.files.digest_of(place_of(context, version))
    try:
        context.registry.set_version_digest(name, number, digest)
    except Conflict:
        if context.registry.get_model_version(name, number).digest is None:
            raise  # else somebody else hashed it meanwhile


def hash_pending(context: Context, name: str) -> None:
    """Fix the digests of a model's versions that have none; the rest is left for the thread."""
    quote = '"' if "'" in name else "'"
    wanted = Search(filter=f"name = {quote}{name}{quote}", max_results=1000)
    for version in context.registry.search_model_versions(wanted).items:
        if version.digest is None:
            with suppress(NotFound, Unavailable, Conflict):
                hash_version(context, name, version.version)
