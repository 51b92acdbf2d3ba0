"""Hash the files of versions that were registered without a digest.

A version whose files did not come through the proxy, or that a spool registered, has no digest at
first and is pending for gates. This subscriber reads its files and fixes the digest.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from mainstay.entities.accounts import Principal
from mainstay.entities.events import Event
from mainstay.entities.pages import Search
from mainstay.errors import Conflict, NotFound, Unavailable
from mainstay.server.context import Context, Services
from mainstay.server.sources import place_of

log = logging.getLogger("mainstay.hashing")

TRIES = 4
"""How often a store that does not answer is asked; one dead bucket must not hold up the rest."""

SYSTEM = Principal(name="mainstay", role="admin", authenticated=True)


class Hashing:
    """A subscriber of ``model_version.created``."""

    name = "hashing"

    def __init__(self, services: Services) -> None:
        self._context = Context(services, SYSTEM)
        self._tries: dict[int, int] = {}

    def deliver(self, event: Event) -> None:
        """Hash one version's files. What cannot be read here stays pending, and the log says so."""
        if event.kind != "model_version.created" or event.data.get("digest"):
            return
        name, number = str(event.data["name"]), int(event.data["version"])
        try:
            hash_version(self._context, name, number)
        except NotFound as error:
            log.warning("%s v%d has no digest: %s", name, number, error.message)
        except Unavailable as error:
            tries = self._tries[event.event_id] = self._tries.get(event.event_id, 0) + 1
            if tries < TRIES:
                raise
            log.error("%s v%d has no digest, given up: %s", name, number, error.message)
        self._tries.pop(event.event_id, None)


def hash_version(context: Context, name: str, number: int) -> None:
    """Fix the digest of a version that has none.

    Raises: NotFound (the version, or files that this server can read), Unavailable.
    """
    version = context.registry.get_model_version(name, number)
    if version.digest is not None:
        return
    digest = context.files.digest_of(place_of(context, version))
    with suppress(Conflict):  # somebody else hashed it meanwhile
        context.registry.set_version_digest(name, number, digest)


def hash_pending(context: Context, name: str) -> None:
    """Fix the digests of a model's versions that have none; the rest is left for the outbox."""
    quote = '"' if "'" in name else "'"
    wanted = Search(filter=f"name = {quote}{name}{quote}", max_results=1000)
    for version in context.registry.search_model_versions(wanted).items:
        if version.digest is None:
            with suppress(NotFound, Unavailable):
                hash_version(context, name, version.version)
