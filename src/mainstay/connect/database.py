"""The stores of a database that is used directly, with all that a server would see to."""

from __future__ import annotations

from urllib.parse import quote

from mainstay.artifact_store import paths
from mainstay.artifact_store.base import ArtifactStore
from mainstay.artifact_store.object import open_store
from mainstay.connect.freezing import (
    FreezingRegistry,
    HashingTracking,
    RecordedFolder,
    hash_pending,
)
from mainstay.connect.roots import Roots
from mainstay.connect.speaker import SpokenRelease, local_user, spoken_for
from mainstay.connect.stores import Stores
from mainstay.errors import BadInput
from mainstay.promotion.guard import GuardedRegistry, GuardedRelease
from mainstay.promotion.standards import StandardRegistry, Standards, StandardTracking
from mainstay.stores.sql.accounts import SqlAccounts
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.ledger import SqlLedger
from mainstay.stores.sql.monitoring import SqlMonitoring
from mainstay.stores.sql.registry import SqlRegistry
from mainstay.stores.sql.release import SqlRelease
from mainstay.stores.sql.retention import SqlRetention
from mainstay.stores.sql.standards import SqlStandards
from mainstay.stores.sql.webhooks import SqlWebhooks

FOLDER = "mainstay-artifacts"
"""The folder of artifacts beside a SQLite file; the server uses the same."""


def at_database(uri: str, artifacts_destination: str | None = None) -> Stores:
    """Return the stores of a database, created if it is new.

    Raises:
        BadInput, Unavailable, DatabaseMismatch: as ``Database``.
    """
    database = Database(uri)
    destination = artifacts_destination or default_destination(database)
    ledger = SqlLedger(database)

    def proxied(path: str, host: str) -> ArtifactStore:
        if host:
            raise BadInput(
                f"mlflow-artifacts://{host}/{path} is behind the server {host}; set the tracking "
                "address to that server to reach it"
            )
        if destination is None:
            raise BadInput(
                f"the files of mlflow-artifacts:/{path} are kept by a server in front of "
                f"{database.shown}; use the server's http:// address, or say where it keeps them "
                "with MAINSTAY_ARTIFACTS_DESTINATION"
            )
        folder = paths.clean(path)
        return RecordedFolder(open_store(below(destination, folder)), folder, ledger)

    who = local_user()
    registry, release = SqlRegistry(database), SqlRelease(database)
    tracking = HashingTracking(database, lambda name: hash_pending(registry, roots, name))
    roots = Roots(tracking=tracking, registry=registry, proxied=proxied, registered=proxied)
    standards = Standards(
        SqlStandards(database), tracking, lambda root, folder: roots.open(root).list(folder)
    )
    return Stores(
        uri=database.shown,
        registry_uri=database.shown,
        tracking=spoken_for(StandardTracking(tracking, standards), who),
        registry=spoken_for(
            GuardedRegistry(
                StandardRegistry(FreezingRegistry(registry, roots), standards), release
            ),
            who,
        ),
        release=spoken_for(SpokenRelease(GuardedRelease(registry, release), who), who),
        monitoring=SqlMonitoring(database),
        accounts=SqlAccounts(database),
        webhooks=spoken_for(SqlWebhooks(database), who),
        standards=spoken_for(standards, who),
        retention=spoken_for(SqlRetention(database), who),
        roots=roots,
        _closing=[database.close],
    )


def default_destination(database: Database) -> str | None:
    """Return the folder beside a SQLite file; None for a database on a server."""
    return None if database.path is None else str(database.path.parent / FOLDER)


def below(destination: str, folder: str) -> str:
    """Return the address of a folder below a path or URL."""
    if not folder:
        return destination
    url = "://" in destination or destination.startswith("file:")
    return f"{destination.rstrip('/')}/{quote(folder) if url else folder}"
