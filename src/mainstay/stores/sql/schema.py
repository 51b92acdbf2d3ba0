"""Is this database ours, and of our version? Create it, accept it, or say what to do.

The stamp is the table ``mainstay_schema`` with the id of the last migration. A current stamp is
accepted without importing Alembic; a new database is created whole in one transaction.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    inspect,
    select,
    text,
)

from mainstay import killpoints
from mainstay.errors import DatabaseMismatch
from mainstay.stores.sql.clock import now
from mainstay.stores.sql.tables import experiments, metadata

HEAD = "0001"
"""The id of the newest migration."""

KNOWN = ("0001",)
"""Every migration, oldest first."""

MIGRATIONS = Path(__file__).parent / "migrations"

# Alembic owns this table and defines it so; it stays out of our metadata.
stamp = Table(
    "mainstay_schema",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="mainstay_schema_pkc"),
)

# Any number, the same in every process: who creates the tables takes this lock first.
LOCK = 7_305_041


def prepare(connection: Connection, *, uri: str) -> None:
    """Accept a database with our stamp; create the tables of an empty one.

    Raises:
        DatabaseMismatch: it is newer or older than this program, or not a mainstay database.
    """
    with connection.begin():
        found = inspect(connection).get_table_names()
    if stamp.name not in found:
        with connection.begin():
            lock(connection)
            if stamp.name not in inspect(connection).get_table_names():
                create(connection, uri=uri)
                killpoints.reach("schema.changed")
    with connection.begin():
        check(current(connection), uri=uri)


def current(connection: Connection) -> str | None:
    """Return the stamp; None where there is none."""
    if not inspect(connection).has_table(stamp.name):
        return None
    return connection.execute(select(stamp.c.version_num)).scalar()


def check(version: str | None, *, uri: str) -> None:
    """Compare a stamp with this program. Raises: DatabaseMismatch."""
    if version == HEAD:
        return
    if version in KNOWN:
        raise DatabaseMismatch(
            f"the database {uri} has schema {version}, this mainstay needs {HEAD}. "
            f"Make a backup, then run: mainstay db upgrade {uri}"
        )
    raise DatabaseMismatch(
        f"the database {uri} has schema {version}, which is newer than this mainstay knows "
        f"({HEAD}). Install the mainstay that wrote it, or use another database."
    )


def create(connection: Connection, *, uri: str) -> None:
    """Create every table, the Default experiment and the stamp, in the running transaction.

    Raises:
        DatabaseMismatch: the database holds tables of somebody else.
    """
    refuse_strangers(connection, uri=uri)
    metadata.create_all(connection, checkfirst=False)
    fill(connection)
    stamp.create(connection)
    connection.execute(stamp.insert().values(version_num=HEAD))


def refuse_strangers(connection: Connection, *, uri: str) -> None:
    """Leave a database alone that is somebody else's. Raises: DatabaseMismatch."""
    strangers = inspect(connection).get_table_names()
    if strangers:
        shown = ", ".join(sorted(strangers)[:5])
        raise DatabaseMismatch(
            f"the database {uri} holds tables that are not mainstay's ({shown}…). "
            "Give another database; nothing was changed."
        )


def fill(connection: Connection) -> None:
    """Write the rows that a new database starts with: experiment 0, named Default."""
    moment = now()
    connection.execute(
        experiments.experiments.insert().values(
            id=0,
            name="Default",
            artifact_location="mlflow-artifacts:/0",
            lifecycle_stage="active",
            creation_time=moment,
            last_update_time=moment,
        )
    )


def upgrade(connection: Connection, *, uri: str) -> tuple[str | None, str]:
    """Bring a database to this program's schema and return its stamp before and after.

    One transaction: a failure, or a kill, leaves what was there. An empty database gets all tables.

    Raises:
        DatabaseMismatch: it is newer than this program, or not a mainstay database.
    """
    with connection.begin():
        lock(connection)
        before = current(connection)
        if before is None:
            refuse_strangers(connection, uri=uri)
        elif before not in KNOWN:
            check(before, uri=uri)
        if before != HEAD:
            _migrate(connection)
            killpoints.reach("schema.changed")
    return before, HEAD


def steps(before: str | None) -> list[str]:
    """Return the migrations that lead from a stamp to this program's, each with what it does."""
    if before is None:
        return [f"{HEAD}: create all tables"]
    wanted = KNOWN[KNOWN.index(before) + 1 :]
    if not wanted:
        return []
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(MIGRATIONS))
    return [f"{one}: {scripts.get_revision(one).doc.splitlines()[0]}" for one in wanted]


def _migrate(connection: Connection) -> None:
    # Alembic costs a second to import, and a server with a current schema never needs it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def lock(connection: Connection) -> None:
    """Let one process at a time change the schema; SQLite's BEGIN IMMEDIATE does it already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})
