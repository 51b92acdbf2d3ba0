"""Put together what a server works with, from its options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mainstay import settings, uris
from mainstay.artifact_store.base import ArtifactStore
from mainstay.artifact_store.object import open_store
from mainstay.entities.accounts import Role
from mainstay.errors import BadInput, MainstayError
from mainstay.promotion.guard import GuardedRegistry, GuardedRelease
from mainstay.promotion.standards import StandardRegistry, Standards, StandardTracking
from mainstay.server.auth.identity import Identity
from mainstay.server.context import Services
from mainstay.server.files import Files
from mainstay.server.gauges import Gauges
from mainstay.server.ledger import SqlLedger
from mainstay.server.readiness import Readiness
from mainstay.server.space import Space
from mainstay.stores.base import AccountStore
from mainstay.stores.sql.accounts import SqlAccounts
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.history import Histories
from mainstay.stores.sql.kept import KeptRuns
from mainstay.stores.sql.monitoring import SqlMonitoring
from mainstay.stores.sql.registry import SqlRegistry
from mainstay.stores.sql.release import SqlRelease
from mainstay.stores.sql.retention import SqlRetention
from mainstay.stores.sql.standards import SqlStandards
from mainstay.stores.sql.tracking import DEFAULT_ROOT, SqlTracking
from mainstay.stores.sql.webhooks import SqlWebhooks
from mainstay.webhooks.sending import Sender
from mainstay.wire.runs import write_rest

if TYPE_CHECKING:
    from mainstay.server.run import Options

ARTIFACTS = "mainstay-artifacts"


@dataclass(frozen=True)
class Opened:
    """Services, and what must be closed after them. ``database`` is the registry's."""

    services: Services
    database: Database
    others: tuple[Database, ...] = ()

    @property
    def broken(self) -> MainstayError | None:
        """Why a database takes no more writes until a restart; None while all do."""
        errors = [database.broken for database in (*self.others, self.database)]
        return next((error for error in errors if error is not None), None)

    def close(self) -> None:
        """Finish queued writes and close the databases."""
        for database in (*self.others, self.database):
            database.close()


def open_services(options: Options) -> Opened:
    """Open databases and artifacts.

    Raises: BadInput (an address that cannot be used; nobody could log in), DatabaseMismatch,
    Unavailable.
    """
    tracking_db = _database(options.backend_store_uri, "--backend-store-uri")
    try:
        registry_db = tracking_db
        if options.registry_store_uri not in (None, options.backend_store_uri):
            registry_db = _database(options.registry_store_uri or "", "--registry-store-uri")
        services = _services(options, tracking_db, registry_db)
    except BaseException:
        tracking_db.close()
        raise
    others = () if registry_db is tracking_db else (tracking_db,)
    return Opened(services, registry_db, others)


def _services(options: Options, tracking_db: Database, registry_db: Database) -> Services:
    registry, release = SqlRegistry(registry_db), SqlRelease(registry_db)
    accounts = SqlAccounts(tracking_db)
    tracking = SqlTracking(tracking_db, artifact_root=_experiment_root(options))
    files = Files(_proxied_root(options, tracking_db), SqlLedger(registry_db))
    standards = Standards(
        SqlStandards(tracking_db), tracking, lambda root, folder: files.at(root).list(folder)
    )
    space = _space(options, tracking_db, registry_db)
    return Services(
        tracking=StandardTracking(tracking, standards),
        registry=GuardedRegistry(StandardRegistry(registry, standards), release),
        release=GuardedRelease(registry, release),
        monitoring=SqlMonitoring(registry_db),
        accounts=accounts,
        webhooks=SqlWebhooks(registry_db, Sender(options.webhook_allow_private)),
        standards=standards,
        retention=SqlRetention(tracking_db, registry_db),
        gauges=Gauges(tracking_db, registry_db),
        files=files,
        identity=Identity(accounts, _anonymous(options, accounts)),
        kept_runs=KeptRuns(tracking_db, write_rest),
        histories=Histories(tracking_db),
        space=space,
        readiness=Readiness([tracking_db, registry_db], space),
    )


def _database(uri: str, option: str) -> Database:
    scheme = urlsplit(uri).scheme
    if scheme in ("", "file", "http", "https"):
        raise BadInput(
            f"{option} {uri!r} is not a database; write sqlite:///mainstay.db or "
            "postgresql://user:password@host/name"
        )
    return Database(uri)


def _proxied_root(options: Options, database: Database) -> ArtifactStore | None:
    if not options.serve_artifacts:
        if options.artifacts_destination is not None:
            raise BadInput("--artifacts-destination needs --serve-artifacts")
        return None
    return open_store(_destination(options, database))


def _destination(options: Options, database: Database) -> str:
    destination = options.artifacts_destination or settings.ARTIFACTS_DESTINATION.get()
    beside = database.path.parent if database.path is not None else Path.cwd()
    return destination or str(beside / ARTIFACTS)


def _space(options: Options, *databases: Database) -> Space:
    folders = {database.path.parent for database in databases if database.path is not None}
    local = uris.local_path(_destination(options, databases[0]))
    if options.serve_artifacts and local is not None:
        folders.add(local.absolute())
    return Space(sorted(folders), reserve=settings.DISK_RESERVE.get())


def _experiment_root(options: Options) -> str:
    """Return where the files of new experiments go."""
    root = options.default_artifact_root
    if root is None:
        if not options.serve_artifacts:
            raise BadInput(
                "--no-serve-artifacts needs --default-artifact-root: the folder or bucket that "
                "clients write to themselves"
            )
        return DEFAULT_ROOT
    folder = uris.local_path(root)
    if folder is not None:
        return folder.absolute().as_uri()
    if not root.startswith("mlflow-artifacts:"):
        open_store(root)  # a scheme that nobody can write to is found now, not at the first run
    return root


def _anonymous(options: Options, accounts: AccountStore) -> Role | None:
    """Return the role of callers without credentials: all on this machine, less from elsewhere.

    Raises:
        BadInput: credentials would be needed, and nobody has any.
    """
    if options.loopback and options.allow_anonymous is not False:
        return "admin"
    if options.allow_anonymous:
        return "maintainer"
    if not accounts.list_users():
        raise BadInput(
            f"a server on {options.host} asks everybody who they are, and there are no users yet. "
            "Add one (mainstay users add NAME --role admin), or let everybody in with "
            "--allow-anonymous"
        )
    return None
